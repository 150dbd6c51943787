package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Root lists what a private root has besides the machine's own files.
type Root struct {
	// Copies are made in this order before the sandbox closes.
	Copies []Copy
	// Areas are folders that become tmpfs mounts, each with a copy of the folder's content
	// on the machine. An overlay cannot be the upper layer of another overlay, and the root
	// is one.
	Areas []string
}

// A Copy is a file or a tree of the machine that the sandbox has at a path, instead of the
// machine's content there.
type Copy struct{ From, To string }

// Changes is, on the inner side of a private root, the descriptor of the folder that holds
// the changes to the root.
const Changes = 3

// workshop is the folder in which the new root is assembled. The mount on it exists only in
// the sandbox's mount namespace, so the machine's own folder stays untouched. It hides
// nothing that a copy could be made from.
const workshop = "/sys"

// ownKinds are the file system types that do not hold stored files.
var ownKinds = [...]string{"proc", "sysfs", "devtmpfs", "devpts", "tmpfs", "cgroup", "cgroup2",
	"mqueue", "debugfs", "tracefs", "securityfs", "pstore", "bpf", "configfs", "fusectl",
	"autofs", "nsfs", "hugetlbfs", "binfmt_misc", "efivarfs", "rpc_pipefs", "ramfs"}

// buildPrivate assembles a root whose changes all stay in memory, enters it and sets up the
// rest of the sandbox there. It returns a descriptor for Changes.
func buildPrivate(order string) (int, error) {
	var r Root
	if err := json.Unmarshal([]byte(order), &r); err != nil {
		return -1, fmt.Errorf("%s: %w", rootVar, err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return -1, fmt.Errorf("make / private: %w", err)
	}
	stores := storedMounts()
	if err := mount("tmpfs", workshop, "tmpfs", 0, ""); err != nil {
		return -1, err
	}
	top := workshop + "/root"
	for i, point := range append([]string{"/"}, stores...) {
		err := shadow(point, top+point, fmt.Sprintf("%s/%d", workshop, i))
		if i == 0 && err != nil {
			return -1, fmt.Errorf("a private root (is the machine's an overlay itself?): %w", err)
		}
	}
	changes, err := unix.Open(workshop+"/0/upper", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := r.furnish(top); err != nil {
		return -1, err
	}
	if err := enterRoot(top); err != nil {
		return -1, err
	}
	return changes, finish()
}

// storedMounts returns the mount points other than / that hold files, outermost first.
func storedMounts() []string {
	list, _ := Mounts(0)
	var points []string
	for _, m := range list {
		st, err := os.Stat(m.Point)
		if m.Point != "/" && !slices.Contains(ownKinds[:], m.FSType) && err == nil && st.IsDir() {
			points = append(points, m.Point)
		}
	}
	slices.Sort(points)
	return slices.Compact(points)
}

// shadow mounts at target an overlay over point that keeps its changes in store. A file
// system that cannot be overlaid is bind-mounted read-only.
func shadow(point, target, store string) error {
	for _, dir := range []string{target, store + "/upper", store + "/work"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	err := mount("overlay", target, "overlay", 0,
		fmt.Sprintf("lowerdir=%s,upperdir=%[2]s/upper,workdir=%[2]s/work", point, store))
	if err == nil || point == "/" {
		return err
	}
	if err := mount(point, target, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	return mount("", target, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, "")
}

// ownMemory returns the folders that are a private root's own, apart from /dev.
func ownMemory() []folder { return covered[:2] }

// OwnFolders returns the folders that a sandbox with a private root does not share with the
// machine.
func OwnFolders() []string {
	list := []string{"/dev"}
	for _, c := range ownMemory() {
		list = append(list, c.path)
	}
	return list
}

// furnish creates the sandbox's own folders, areas and copies below top. Their sources are
// visible below /, the old root.
func (r Root) furnish(top string) error {
	for _, c := range ownMemory() {
		if err := mount("tmpfs", top+c.path, "tmpfs", 0, c.data); err != nil {
			return err
		}
	}
	for _, area := range r.Areas {
		if err := makeArea(top, area); err != nil {
			return err
		}
	}
	for _, c := range r.Copies {
		if err := c.make(top); err != nil {
			return err
		}
	}
	return ownDevices(top + "/dev")
}

func makeArea(top, area string) error {
	dir, err := folderIn(top, area)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := mount("area", dir.path(), "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	mounted, err := folderIn(top, area) // the mount has covered dir
	if err != nil {
		return err
	}
	defer mounted.Close()
	if err := CopyTree(area, mounted.path()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (c Copy) make(top string) error {
	dir, err := folderIn(top, filepath.Dir(c.To))
	if err != nil {
		return err
	}
	defer dir.Close()
	to := dir.path() + "/" + filepath.Base(c.To)
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return CopyTree(c.From, to)
}

// inside is an open folder of a root that is being assembled.
type inside struct{ *os.File }

// path returns a path through the folder's descriptor. By its own path, a symbolic link on
// the way could lead out of the root.
func (d inside) path() string { return fmt.Sprintf("/proc/self/fd/%d", d.Fd()) }

// folderIn opens a folder in the root at top and creates missing folders on the way.
// Symbolic links resolve inside that root.
func folderIn(top, path string) (inside, error) {
	fd, err := unix.Open(top, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return inside{}, &os.PathError{Op: "open", Path: top, Err: err}
	}
	root := inside{os.NewFile(uintptr(fd), top)}
	defer root.Close()
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_IN_ROOT}
	last, err := unix.Openat2(fd, ".", &how)
	for i := 0; err == nil && i < len(path); {
		name, _, _ := strings.Cut(path[i+1:], "/")
		i += 1 + len(name)
		var next int
		next, err = unix.Openat2(fd, path[:i], &how)
		if errors.Is(err, unix.ENOENT) {
			if err = unix.Mkdirat(last, name, 0o755); err == nil {
				next, err = unix.Openat2(fd, path[:i], &how)
			}
		}
		unix.Close(last)
		last = next
	}
	if err != nil {
		return inside{}, &os.PathError{Op: "make", Path: top + path, Err: err}
	}
	return inside{os.NewFile(uintptr(last), path)}, nil
}

// loopNodes is the number of loop devices that can be opened in the sandbox. The kernel
// creates the nodes of new ones only in the machine's folder.
const loopNodes = 64

// ownDevices makes a folder with the machine's device nodes. A file that is written there,
// as by a script that misspells /dev/null, must not stay on the machine.
func ownDevices(dir string) error {
	if err := mount("dev", dir, "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	entries, err := os.ReadDir("/dev")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := ownDevice(filepath.Join("/dev", e.Name()), filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	for i := range loopNodes {
		err := unix.Mknod(fmt.Sprintf("%s/loop%d", dir, i), unix.S_IFBLK|0o660,
			int(unix.Mkdev(7, uint32(i))))
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return err
		}
	}
	return nil
}

// ownDevice copies one entry of /dev. A folder is bind-mounted, except that of shared
// memory.
func ownDevice(from, to string) error {
	var st unix.Stat_t
	if err := unix.Lstat(from, &st); err != nil {
		return nil // the entry is gone already
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFCHR, unix.S_IFBLK:
		if err := unix.Mknod(to, st.Mode, int(st.Rdev)); err != nil {
			return err
		}
		return errors.Join(os.Chown(to, int(st.Uid), int(st.Gid)), unix.Chmod(to, st.Mode&0o7777))
	case unix.S_IFLNK:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case unix.S_IFDIR:
		if err := os.Mkdir(to, 0o755); err != nil {
			return err
		}
		if filepath.Base(to) == "shm" {
			return mount("shm", to, "tmpfs", 0, "mode=1777")
		}
		return mount(from, to, "", unix.MS_BIND|unix.MS_REC, "")
	}
	return nil
}

// enterRoot makes top the root and unmounts the old one.
func enterRoot(top string) error {
	if err := os.Chdir(top); err != nil {
		return err
	}
	// pivot_root stacks the old root on the new one, where it is unmounted.
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount the old root: %w", err)
	}
	return os.Chdir("/")
}

// finish sets up what every sandbox has.
func finish() error {
	if err := mount("proc", "/proc", "proc", 0, ""); err != nil {
		return err
	}
	if err := freshSys(); err != nil {
		return err
	}
	if err := runLock(); err != nil {
		return err
	}
	if err := unix.Sethostname([]byte(Hostname)); err != nil {
		return err
	}
	return linkUp("lo")
}

// CopyTree copies a file or a folder with modes, owners and symbolic links. It leaves out
// sockets and device nodes.
func CopyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return copyOne(path, to+strings.TrimPrefix(path, from), info)
	})
}

func copyOne(from, to string, info os.FileInfo) error {
	var err error
	switch info.Mode().Type() {
	case os.ModeDir:
		if err = os.Mkdir(to, 0o700); errors.Is(err, os.ErrExist) {
			err = nil
		}
	case os.ModeSymlink:
		var target string
		if target, err = os.Readlink(from); err == nil {
			err = os.Symlink(target, to)
		}
	case os.ModeNamedPipe:
		err = unix.Mkfifo(to, 0o600)
	case 0:
		err = copyFile(from, to)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if ok {
		err = os.Lchown(to, int(st.Uid), int(st.Gid))
	}
	if err != nil || info.Mode().Type() == os.ModeSymlink {
		return err
	}
	return os.Chmod(to, info.Mode())
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = out.ReadFrom(in)
	return errors.Join(err, out.Close())
}
