package sandbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CgroupRoot is the mount point of the sandbox's own part of the cgroup tree.
const CgroupRoot = "/sys/fs/cgroup"

// cgroup is the part of the machine's cgroup tree that is the whole tree in a sandbox.
type cgroup struct {
	path string
	fd   int
}

// newCgroup creates a cgroup below that of this process, if the machine has cgroup2.
func newCgroup() (*cgroup, error) {
	root, err := cgroupMount()
	if err != nil {
		return nil, err
	}
	path, err := os.MkdirTemp(filepath.Join(root, ownCgroup()), "overlay-sandbox-")
	if err != nil {
		return nil, err
	}
	fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		os.Remove(path)
		return nil, err
	}
	return &cgroup{path, fd}, nil
}

// cgroupMount returns the first mount point of a cgroup2 file system.
func cgroupMount() (string, error) {
	text, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "", err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if f := strings.Fields(line); len(f) > 2 && f[2] == "cgroup2" {
			return f[1], nil
		}
	}
	return "", errors.New("no cgroup2 mount")
}

func ownCgroup() string {
	text, _ := os.ReadFile("/proc/self/cgroup")
	for _, line := range strings.Split(string(text), "\n") {
		if path, ok := strings.CutPrefix(line, "0::"); ok {
			return path
		}
	}
	return "/"
}

// remove removes the cgroup and all cgroups below it. A process that was just killed may
// still be in one for a moment, so it tries repeatedly.
func (g *cgroup) remove() {
	unix.Close(g.fd)
	for range 50 {
		if removeTree(g.path) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func removeTree(top string) error {
	var dirs []string
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for i := len(dirs) - 1; i >= 0; i-- {
		if err := os.Remove(dirs[i]); err != nil {
			return err
		}
	}
	return err
}
