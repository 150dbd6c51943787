package native

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/mountinfo"
)

// A BelowRoot holds the outside resources of a command that runs below a hostile root: they are
// opened before the thread enters the root. The thread then has the directory as its root, so
// absolute links and ".." end there. Three more ways lead out, and each is closed:
//
//   - A proc file system that is mounted below the root has links that lead out, such as
//     /proc/1/root. Other kernel file systems have files such as /proc/sysrq-trigger.
//     Commands for files see neither: where there are any, the thread gets a mount
//     namespace of its own without them.
//   - A directory may be moved out of the root while a name is followed through it. A ".."
//     then bypasses the root. Commands for files therefore enter a bind mount of the root,
//     unless the root is already the top of a mount: the kernel never follows ".." out of
//     a mount in this way.
//   - Commands for mounts have to act in the caller's mount namespace. They look up each
//     name by openat2(2), which follows no such link and detects such a move. They then
//     give mount(2) the file that was found.
type BelowRoot struct {
	mask uint32
	Proc int               // the caller's /proc, -1 if it has none
	ids  map[string][]byte // the caller's passwd and group files, for chown
	// netns is the network namespace in which to mount, -1 for the process's own. It matters to
	// sysfs, which shows the network namespace of the process that mounts it.
	netns int
	Apart bool // the thread has a mount namespace of its own
	host  int  // the caller's root
	tree  int  // the bind mount
	Root  int  // the root as the thread sees it
}

// NewBelowRoot opens from the caller's view what commands need. withNames is for commands that
// look up users and groups.
func NewBelowRoot(c *Call, withNames bool) *BelowRoot {
	b := &BelowRoot{mask: c.Umask(), netns: c.NetNS, host: -1, tree: -1, Root: -1}
	var err error
	if b.Proc, err = unix.Open("/proc", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		b.Proc = -1
	}
	if withNames {
		b.ids = map[string][]byte{}
		for _, file := range [...]string{PasswdFile, GroupFile} {
			b.ids[file], _ = os.ReadFile(file)
		}
	}
	return b
}

// Close closes the descriptors of b.
func (b *BelowRoot) Close() { closeAll(&b.Proc, &b.host, &b.tree, &b.Root) }

// closeAll closes the descriptors that are not negative, and sets each to -1.
func closeAll(fds ...*int) {
	for _, fd := range fds {
		if *fd >= 0 {
			unix.Close(*fd)
			*fd = -1
		}
	}
}

// Enter makes dir the root and the current directory of the calling thread. A thread may call
// it more than once. onMounts is for a command for mounts, which has to stay in the caller's
// mount namespace.
func (b *BelowRoot) Enter(dir int, onMounts bool) error {
	if err := b.comeBack(); err != nil {
		return err
	}
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return err
	}
	unix.Umask(int(b.mask))
	if b.netns >= 0 {
		if err := unix.Setns(b.netns, unix.CLONE_NEWNET); err != nil {
			return err
		}
	}
	if err := unix.Fchdir(dir); err != nil {
		return err
	}
	if !onMounts {
		if err := b.hideKernelFiles(); err != nil {
			return err
		}
		if err := b.bindHere(); err != nil {
			return err
		}
	}
	if err := unix.Chroot("."); err != nil {
		return err
	}
	if err := unix.Chdir("/"); err != nil {
		return err
	}
	var err error
	b.Root, err = unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	return err
}

// comeBack gives the thread the caller's root again. The first call only saves that root.
func (b *BelowRoot) comeBack() (err error) {
	if b.host < 0 {
		b.host, err = unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		return err
	}
	if err = unix.Fchdir(b.host); err != nil {
		return err
	}
	err = unix.Chroot(".")
	closeAll(&b.tree, &b.Root)
	return err
}

// Leave moves the thread out of the root. The thread ends a moment after its caller goes on,
// and the root must not be busy then.
func (b *BelowRoot) Leave() {
	if b.Proc >= 0 && unix.Fchdir(b.Proc) == nil {
		unix.Chroot(".")
	}
}

// bindHere makes the current directory the top of a bind mount that nobody else sees, unless it
// already is the top of a mount. The directory stays as it is on a kernel before 5.2, which has
// no open_tree(2), and below an unbindable mount, which cannot be cloned.
func (b *BelowRoot) bindHere() (err error) {
	var st unix.Statx_t
	err = unix.Statx(unix.AT_FDCWD, ".", 0, unix.STATX_TYPE, &st)
	if err == nil && st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return nil
	}
	const flags = unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC | unix.AT_RECURSIVE
	b.tree, err = unix.OpenTree(unix.AT_FDCWD, ".", flags)
	switch err {
	case nil:
		return unix.Fchdir(b.tree)
	case unix.ENOSYS, unix.EINVAL:
		b.tree = -1
		return nil
	}
	return err
}

// errKernelFiles explains why a root has no safe view.
const errKernelFiles = fsys.Error("a proc or sys file system below it cannot be taken away")

// hideKernelFiles unmounts the kernel's file systems below the current directory, in a mount
// namespace that only this thread has.
func (b *BelowRoot) hideKernelFiles() error {
	found, all, err := b.kernelMounts()
	if err != nil || len(found) == 0 {
		return err
	}
	b.Apart = true
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return err
	}
	if err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	for len(found) > 0 { // an unmount may uncover another one
		before := all
		for _, target := range found {
			unix.Unmount(target, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
		}
		if found, all, err = b.kernelMounts(); err != nil {
			return err
		}
		if all >= before {
			return errKernelFiles
		}
	}
	return nil
}

// kernelMounts lists the mount points below the current directory where a kernel file system
// can be reached. all also counts the kernel file systems that other mounts cover.
func (b *BelowRoot) kernelMounts() (found []string, all int, err error) {
	if mountinfo.ShowsNoKernelFiles() {
		return nil, 0, nil
	}
	here, err := unix.Getwd()
	if err != nil {
		return nil, 0, err
	}
	text, err := b.mountText()
	if err != nil || !mountinfo.MayShowKernel(text, here) {
		return nil, 0, err
	}
	table := mountinfo.Parse(text)
	for _, e := range table {
		if !mountinfo.KernelFiles(e.FSType) || e.Target != here && !mountinfo.IsBelow(e.Target, here) {
			continue
		}
		all++
		if mountinfo.Covered(table, e) {
			continue
		}
		if e.Target == here {
			return nil, 0, errKernelFiles
		}
		found = append(found, e.Target)
	}
	return found, all, nil
}

// mountTable returns the mounts of the calling thread, with names as the thread sees them. It
// reads the caller's /proc, since anybody may control a /proc below the root.
func (b *BelowRoot) mountTable() ([]mountinfo.Entry, error) {
	text, err := b.mountText()
	return mountinfo.Parse(text), err
}

// mountText returns the table as the kernel writes it.
func (b *BelowRoot) mountText() ([]byte, error) {
	if b.Proc < 0 {
		return nil, fsys.Error("there is no /proc to look for mounts in")
	}
	fd, err := unix.Openat(b.Proc, "thread-self/mountinfo", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	text := make([]byte, 0, 32<<10) // each read(2) costs the kernel a search; mostly one suffices
	for {
		n, err := unix.Read(fd, text[len(text):cap(text)])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		if text = text[:len(text)+n]; n == 0 {
			break
		}
		text = slices.Grow(text, 4<<10)
	}
	return text, nil
}

// errNotRegular is the error for a file whose opening or reading might never end.
const errNotRegular = fsys.Error("Not a regular file")

// openFile is open(2) for regular files and directories. It refuses any other file without
// waiting, since somebody may have put a FIFO without a reader in the place of a file.
func (b *BelowRoot) openFile(dir int, name string, flags int, perm uint32) (*os.File, error) {
	const added = unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
	fd := -1
	err := fsys.Retry(func() (err error) {
		fd, err = unix.Openat(dir, name, flags&^unix.O_TRUNC|added, perm)
		return err
	})
	if errors.Is(err, unix.ENXIO) {
		return nil, errNotRegular
	}
	if err != nil {
		return nil, err
	}
	if err := settle(fd, flags); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// settle completes a careful open: it checks the type, truncates the file if flags ask for
// that, and clears O_NONBLOCK.
func settle(fd, flags int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	switch kind := fsys.Type(st); {
	case kind != unix.S_IFREG && kind != unix.S_IFDIR:
		return errNotRegular
	case flags&unix.O_PATH != 0 || kind == unix.S_IFDIR:
		return nil
	}
	if flags&unix.O_TRUNC != 0 && flags&unix.O_ACCMODE != unix.O_RDONLY {
		if err := unix.Ftruncate(fd, 0); err != nil {
			return err
		}
	}
	return unix.SetNonblock(fd, false)
}

// Pin opens the file that a name denotes below a root, with O_PATH. It follows no magic links
// of a proc file system. If somebody moves a directory meanwhile, it looks up the name again.
func Pin(root int, name string, flags uint64) (int, error) {
	how := &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC | flags,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS}
	const tries = 1000
	for i := 0; ; i++ {
		fd, err := unix.Openat2(root, name, how)
		if err != unix.EINTR && err != unix.EAGAIN || i >= tries {
			return fd, err
		}
	}
}

// Mount is mount(2) with names below the root. It names the files as entries of the caller's
// /proc, relative to that directory: nobody can change what such a name denotes.
func (b *BelowRoot) Mount(source, target, fstype string, flags uintptr, data string) error {
	to, err := Pin(b.Root, target, 0)
	if err != nil {
		return err
	}
	defer unix.Close(to)
	if flags&(unix.MS_BIND|unix.MS_MOVE) != 0 && flags&unix.MS_REMOUNT == 0 {
		from, err := Pin(b.Root, source, 0)
		if err != nil {
			return err
		}
		defer unix.Close(from)
		source = pinned(from)
	}
	if err := unix.Fchdir(b.Proc); err != nil {
		return err
	}
	defer unix.Chdir("/")
	return unix.Mount(source, pinned(to), fstype, flags, data)
}

// pinned returns the name of an open file, relative to /proc.
func pinned(fd int) string { return "thread-self/fd/" + strconv.Itoa(fd) }

// Unmount is umount2(2) with a name below the root. It does not follow a symbolic link in the
// last part of the name. It holds the directory before that part, since a descriptor for the
// mount itself would keep the mount busy.
func (b *BelowRoot) Unmount(target string, flags int) error {
	name := fsys.TrimSlashes(target)
	base := fsys.LastPart(name)
	if base == "/" || base == "." || base == ".." || base == "" {
		return unix.EINVAL // as umount2(2) for a name that is no mount point; never the root
	}
	dir, err := Pin(b.Root, "/"+strings.TrimSuffix(name, base), unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	if err := unix.Fchdir(dir); err != nil {
		return err
	}
	defer unix.Chdir("/")
	return unix.Unmount(base, flags|unix.UMOUNT_NOFOLLOW)
}
