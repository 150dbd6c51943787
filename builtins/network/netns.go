package network

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// netnsDir is the directory of the names of network namespaces.
const netnsDir = "/run/netns"

// NetnsPath returns the file of the network namespace called name. A name with a slash is such
// a file itself.
func NetnsPath(name string) string {
	for i := range len(name) {
		if name[i] == '/' {
			return name
		}
	}
	return netnsDir + "/" + name
}

// NetnsAdd makes a network namespace and gives it a name, as "ip netns add" does: it mounts the
// namespace on an empty file in /run/netns. It makes /run/netns a shared mount first, so that
// deleting the name in one mount namespace removes it from all of them. The error has
// iproute2's text.
func NetnsAdd(name string) error {
	path := netnsDir + "/" + name
	if err := unix.Mkdir(netnsDir, 0o755); err != nil && err != unix.EEXIST {
		return native.ToolErrorf("mkdir %s failed: %s", netnsDir, clib.Strerror(err))
	}
	if err := shareNetnsDir(); err != nil {
		return err
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0)
	if err != nil {
		return native.ToolErrorf("Cannot create namespace file \"%s\": %s", path, clib.Strerror(err))
	}
	unix.Close(fd)
	native.OnThread(func() {
		if e := unix.Unshare(unix.CLONE_NEWNET); e != nil {
			err = native.ToolErrorf("Failed to create a new network namespace \"%s\": %s", name,
				clib.Strerror(e))
			return
		}
		// Only the namespace of this thread has changed.
		own := "/proc/self/task/" + strconv.Itoa(unix.Gettid()) + "/ns/net"
		if e := unix.Mount(own, path, "none", unix.MS_BIND, ""); e != nil {
			err = native.ToolErrorf("Bind %s -> %s failed: %s", "/proc/self/ns/net", path, clib.Strerror(e))
		}
	})
	if err != nil {
		unix.Unlink(path)
	}
	return err
}

// shareNetnsDir makes /run/netns a shared mount. If /run/netns is no mount yet, it is mounted
// on itself first. The lock is the one that concurrent runs of iproute2 take.
func shareNetnsDir() error {
	fd, err := unix.Open(netnsDir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return native.ToolErrorf("Cannot open netns runtime directory \"%s\": %s", netnsDir,
			clib.Strerror(err))
	}
	defer unix.Close(fd)
	if err := unix.Flock(fd, unix.LOCK_EX); err != nil {
		return native.ToolErrorf("Cannot flock netns runtime directory \"%s\": %s", netnsDir,
			clib.Strerror(err))
	}
	defer unix.Flock(fd, unix.LOCK_UN)
	for tried := false; ; tried = true {
		err := unix.Mount("", netnsDir, "none", unix.MS_SHARED|unix.MS_REC, "")
		if err == nil {
			return nil
		}
		if err != unix.EINVAL || tried {
			return native.ToolErrorf("mount --make-shared %s failed: %s", netnsDir, clib.Strerror(err))
		}
		err = unix.Mount(netnsDir, netnsDir, "none", unix.MS_BIND|unix.MS_REC, "")
		if err != nil {
			return native.ToolErrorf("mount --bind %s %s failed: %s", netnsDir, netnsDir, clib.Strerror(err))
		}
	}
}

// NetnsDelete removes the name of a network namespace. The namespace itself ends with its last
// user. The error has iproute2's text.
func NetnsDelete(name string) error {
	path := netnsDir + "/" + name
	unix.Unmount(path, unix.MNT_DETACH)
	if err := unix.Unlink(path); err != nil {
		return native.ToolErrorf("Cannot remove namespace file \"%s\": %s", path, clib.Strerror(err))
	}
	return nil
}

// netnsNames lists the names in the order of the directory.
func netnsNames() (names []string) {
	dir, err := os.Open(netnsDir)
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ = dir.Readdirnames(-1)
	return names
}

// netnsID returns the number by which this network namespace knows another, or -1 if it has
// none.
func (n *nlConn) netnsID(name string) int32 {
	const netnsaNSID, netnsaFD = 1, 3
	fd, err := unix.Open(NetnsPath(name), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	defer unix.Close(fd)
	body := attrUint32([]byte{unix.AF_UNSPEC, 0, 0, 0}, netnsaFD, uint32(fd))
	bodies, err := n.do(unix.RTM_GETNSID, 0, body)
	if err != nil || len(bodies) == 0 {
		return -1
	}
	for _, a := range attributes(bodies[0][4:]) {
		if a.kind == netnsaNSID {
			return int32(a.number())
		}
	}
	return -1
}
