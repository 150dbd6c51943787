package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Hostname is the hostname of the sandbox. It is fixed, so that tests can recognise it.
const Hostname = "outer"

// kept is a folder that returns to its path after cover has hidden it.
type kept struct {
	path string
	fd   int
}

// A folder is one in memory, with the options of its tmpfs.
type folder struct{ path, data string }

// covered are the folders that empty tmpfs mounts hide.
var covered = [...]folder{
	{"/run", "mode=755"},
	{"/tmp", "mode=1777"},
	{"/var/lib/overlay-boot", "mode=755"},
}

// build turns the namespaces of this process into a separate host.
func build(keep []string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make / private: %w", err)
	}
	folders, err := openFolders(keep)
	if err != nil {
		return err
	}
	cwd, err := os.Getwd()
	if err != nil {
		return err
	}
	for _, step := range []func() error{freshProc, freshSys, cover} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := putBack(folders); err != nil {
		return err
	}
	if err := forgetfulEtc(); err != nil {
		return err
	}
	if err := unix.Sethostname([]byte(Hostname)); err != nil {
		return err
	}
	if err := linkUp("lo"); err != nil {
		return err
	}
	return os.Chdir(cwd)
}

func mount(source, target, fstype string, flags uintptr, data string) error {
	if err := unix.Mount(source, target, fstype, flags, data); err != nil {
		return fmt.Errorf("mount %s on %s: %w", fstype, target, err)
	}
	return nil
}

func openFolders(keep []string) ([]kept, error) {
	var folders []kept
	for _, path := range keep {
		for _, c := range covered {
			if !strings.HasPrefix(path, c.path+"/") {
				continue
			}
			fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
			if err != nil {
				return nil, fmt.Errorf("open %s: %w", path, err)
			}
			folders = append(folders, kept{path, fd})
			break
		}
	}
	return folders, nil
}

// freshProc mounts a /proc of this pid namespace. It first unmounts the old one with all
// mounts below it: a mount that is only covered still appears in the mount table, which the
// programs under test read.
func freshProc() error {
	if err := unix.Unmount("/proc", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount /proc: %w", err)
	}
	return mount("proc", "/proc", "proc", 0, "")
}

func freshSys() error {
	for unix.Unmount("/sys", unix.MNT_DETACH) == nil {
	}
	if err := mount("sysfs", "/sys", "sysfs", 0, ""); err != nil {
		return err
	}
	// Without cgroups there is nothing to account. Tests that need cgroups report that.
	_ = unix.Mount("cgroup2", CgroupRoot, "cgroup2", 0, "")
	return nil
}

func cover() error {
	for _, c := range covered {
		if _, err := os.Stat(c.path); err != nil {
			continue
		}
		for unix.Unmount(c.path, unix.MNT_DETACH) == nil {
		}
		if err := mount("tmpfs", c.path, "tmpfs", 0, c.data); err != nil {
			return err
		}
	}
	return runLock()
}

func runLock() error {
	if err := os.Mkdir("/run/lock", 0o1777); err != nil {
		return err
	}
	return os.Chmod("/run/lock", 0o1777)
}

func putBack(folders []kept) error {
	for _, f := range folders {
		if err := os.MkdirAll(f.path, 0o755); err != nil {
			return err
		}
		source := fmt.Sprintf("/proc/self/fd/%d", f.fd)
		if err := mount(source, f.path, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return err
		}
		unix.Close(f.fd)
	}
	return nil
}

// forgetfulEtc covers /etc with an overlay that keeps its changes in memory, and removes
// the configuration of an installed overlay-boot from it.
func forgetfulEtc() error {
	const top = "/run/sandbox"
	for _, dir := range []string{"upper", "work"} {
		if err := os.MkdirAll(filepath.Join(top, dir), 0o755); err != nil {
			return err
		}
	}
	err := mount("etc", "/etc", "overlay", 0,
		"lowerdir=/etc,upperdir="+top+"/upper,workdir="+top+"/work")
	if err != nil {
		return err
	}
	for _, name := range installed {
		if err := os.RemoveAll(name); err != nil {
			return err
		}
	}
	return nil
}

// installed are the files that the administrator of the machine may have written for
// subhosts. A separate host has none of them.
var installed = [...]string{"/etc/overlay-boot", "/etc/subhosts.conf", "/etc/subhosts.d"}

// linkUp sets a link up by ioctl, since the sandbox must not need the machine's tools.
func linkUp(name string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	req.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req); err != nil {
		return fmt.Errorf("set %s up: %w", name, err)
	}
	return nil
}
