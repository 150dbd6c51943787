package builtins

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// netnsDir is where names of network namespaces are kept.
const netnsDir = "/run/netns"

// NetnsPath returns the file that stands for the network namespace called
// name; a name with a slash is such a file itself.
func NetnsPath(name string) string {
	for i := range len(name) {
		if name[i] == '/' {
			return name
		}
	}
	return netnsDir + "/" + name
}

// NetnsAdd makes a network namespace and keeps it by a name, as "ip netns add"
// does: an empty file in /run/netns with the namespace mounted on it. /run/netns
// is made a shared mount first, so that the name goes away in every mount
// namespace when it is deleted in one. The error's text is iproute2's.
func NetnsAdd(name string) error {
	path := netnsDir + "/" + name
	if err := unix.Mkdir(netnsDir, 0o755); err != nil && err != unix.EEXIST {
		return toolErrorf("mkdir %s failed: %s", netnsDir, Strerror(err))
	}
	if err := shareNetnsDir(); err != nil {
		return err
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0)
	if err != nil {
		return toolErrorf("Cannot create namespace file \"%s\": %s", path, Strerror(err))
	}
	unix.Close(fd)
	onThread(func() {
		if e := unix.Unshare(unix.CLONE_NEWNET); e != nil {
			err = toolErrorf("Failed to create a new network namespace \"%s\": %s", name,
				Strerror(e))
			return
		}
		// The thread's, for that is all that has changed.
		own := "/proc/self/task/" + strconv.Itoa(unix.Gettid()) + "/ns/net"
		if e := unix.Mount(own, path, "none", unix.MS_BIND, ""); e != nil {
			err = toolErrorf("Bind %s -> %s failed: %s", "/proc/self/ns/net", path, Strerror(e))
		}
	})
	if err != nil {
		unix.Unlink(path)
	}
	return err
}

// shareNetnsDir makes /run/netns a shared mount, of itself if it is none yet.
// The lock is the one by which several iproute2 at once keep out of each
// other's way.
func shareNetnsDir() error {
	fd, err := unix.Open(netnsDir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return toolErrorf("Cannot open netns runtime directory \"%s\": %s", netnsDir, Strerror(err))
	}
	defer unix.Close(fd)
	if err := unix.Flock(fd, unix.LOCK_EX); err != nil {
		return toolErrorf("Cannot flock netns runtime directory \"%s\": %s", netnsDir,
			Strerror(err))
	}
	defer unix.Flock(fd, unix.LOCK_UN)
	for tried := false; ; tried = true {
		err := unix.Mount("", netnsDir, "none", unix.MS_SHARED|unix.MS_REC, "")
		if err == nil {
			return nil
		}
		if err != unix.EINVAL || tried {
			return toolErrorf("mount --make-shared %s failed: %s", netnsDir, Strerror(err))
		}
		err = unix.Mount(netnsDir, netnsDir, "none", unix.MS_BIND|unix.MS_REC, "")
		if err != nil {
			return toolErrorf("mount --bind %s %s failed: %s", netnsDir, netnsDir, Strerror(err))
		}
	}
}

// NetnsDelete takes the name from a network namespace; the namespace ends with
// its last user. The error's text is iproute2's.
func NetnsDelete(name string) error {
	path := netnsDir + "/" + name
	unix.Unmount(path, unix.MNT_DETACH)
	if err := unix.Unlink(path); err != nil {
		return toolErrorf("Cannot remove namespace file \"%s\": %s", path, Strerror(err))
	}
	return nil
}

// netnsNames lists the names in the directory's own order.
func netnsNames() (names []string) {
	dir, err := os.Open(netnsDir)
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ = dir.Readdirnames(-1)
	return names
}

// netnsID asks for the number by which this namespace knows another, -1 for
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
