package builtins

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A belowRoot is what a command that runs below a hostile root needs of the world outside,
// opened before it goes there. The thread has the root for its own, so that absolute links
// and ".." end there. Three more ways lead out, and are closed:
//
//   - The links of a proc file system that is mounted below the root, such as
//     /proc/1/root, and files of the kernel's file systems, such as /proc/sysrq-trigger.
//     Commands for files see none of them: where there are some, the thread has a mount
//     namespace of its own without them.
//   - A directory that is moved out of the root while a name is followed through it: ".."
//     then passes the root by. Commands for files go to a bind mount of the root, unless it
//     is the top of a mount: the kernel does not leave a mount that way.
//   - Commands for mounts have to act in the caller's namespace. They find each name by
//     openat2(2), which follows no such link and notices such a move, and give mount(2) what
//     was found.
type belowRoot struct {
	mask uint32
	proc int               // the caller's /proc, -1 if it has none
	ids  map[string][]byte // the caller's passwd and group files, for chown
	// netns is the network namespace that mounts are made in, since /sys shows the one of who
	// mounts it; -1 for the process's own.
	netns int
	apart bool // the thread has mounts of its own
	host  int  // the root of the caller
	tree  int  // the bind mount
	root  int  // the root as the thread sees it
}

// newBelowRoot takes from the caller's view what commands need: withNames those who look for
// users and groups.
func newBelowRoot(c *Call, withNames bool) *belowRoot {
	b := &belowRoot{mask: c.umask(), netns: c.NetNS, host: -1, tree: -1, root: -1}
	var err error
	if b.proc, err = unix.Open("/proc", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		b.proc = -1
	}
	if withNames {
		b.ids = map[string][]byte{}
		for _, file := range [...]string{passwdFile, groupFile} {
			b.ids[file], _ = os.ReadFile(file)
		}
	}
	return b
}

func (b *belowRoot) close() { closeAll(&b.proc, &b.host, &b.tree, &b.root) }

// closeAll closes the descriptors that there are; then there is none.
func closeAll(fds ...*int) {
	for _, fd := range fds {
		if *fd >= 0 {
			unix.Close(*fd)
			*fd = -1
		}
	}
}

// enter makes the directory the root and the current directory of the calling thread, which
// may have had it already.
func (b *belowRoot) enter(dir int, onMounts bool) error {
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
	b.root, err = unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	return err
}

// comeBack gives the thread the caller's root again, which it notes the first time.
func (b *belowRoot) comeBack() (err error) {
	if b.host < 0 {
		b.host, err = unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		return err
	}
	if err = unix.Fchdir(b.host); err != nil {
		return err
	}
	err = unix.Chroot(".")
	closeAll(&b.tree, &b.root)
	return err
}

// leave lets go of the root before the thread has ended, which it does a moment later than
// its caller goes on: the root must not be busy then.
func (b *belowRoot) leave() {
	if b.proc >= 0 && unix.Fchdir(b.proc) == nil {
		unix.Chroot(".")
	}
}

// bindHere makes the current directory the top of a mount that nobody else sees, unless it is
// the top of one. A kernel before 5.2 cannot, nor can one do it with a mount that was made
// unbindable.
func (b *belowRoot) bindHere() (err error) {
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

// errKernelFiles says why there is no safe view of a root.
const errKernelFiles = fileError("a proc or sys file system below it cannot be taken away")

// hideKernelFiles takes the kernel's own file systems that are mounted below the current
// directory away from the thread, and from nobody else.
func (b *belowRoot) hideKernelFiles() error {
	found, all, err := b.kernelMounts()
	if err != nil || len(found) == 0 {
		return err
	}
	b.apart = true
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return err
	}
	if err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	for len(found) > 0 { // below one there may be another
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

// kernelMounts lists where below the current directory the kernel's own file systems can be
// reached, and counts those that other mounts hide, too.
func (b *belowRoot) kernelMounts() (found []string, all int, err error) {
	if showsNoKernelFiles() {
		return nil, 0, nil
	}
	here, err := unix.Getwd()
	if err != nil {
		return nil, 0, err
	}
	text, err := b.mountText()
	if err != nil || !mayShowKernel(text, here) {
		return nil, 0, err
	}
	table := parseMounts(text)
	for _, e := range table {
		if !kernelFiles(e.fstype) || e.target != here && !isBelow(e.target, here) {
			continue
		}
		all++
		if covered(table, e) {
			continue
		}
		if e.target == here {
			return nil, 0, errKernelFiles
		}
		found = append(found, e.target)
	}
	return found, all, nil
}

// mayShowKernel tells whether a table of mounts has a file system of the kernel's own at or
// below a directory: there seldom is one, and to look costs less than to read all of it.
func mayShowKernel(text []byte, here string) bool {
	for line := range bytes.Lines(text) {
		_, after, _ := bytes.Cut(line, []byte(" - "))
		kind, _, _ := bytes.Cut(after, []byte(" "))
		if !kernelFiles(string(kind)) {
			continue
		}
		if e, ok := parseMount(string(line)); ok && holds(here, e.target) {
			return true
		}
	}
	return false
}

// isBelow tells whether a clean name is one of those below dir.
func isBelow(name, dir string) bool {
	return strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/") && name != dir
}

// covered tells whether no name leads to a mount: another one is on its root, or is in the
// same mount as it or one that it is in, at a directory before it.
func covered(table []mountEntry, e mountEntry) bool {
	for _, over := range table {
		if over.parent == e.id && over.target == e.target && over.id != e.id {
			return true
		}
	}
	for range table { // no longer than the way up can be
		up := -1
		for i, other := range table {
			if other.parent == e.parent && other.id != e.id && isBelow(e.target, other.target) {
				return true
			}
			if other.id == e.parent && other.id != e.id {
				up = i
			}
		}
		if up < 0 {
			return false
		}
		e = table[up]
	}
	return false
}

// kernelFiles tells the file systems whose files are the kernel's: to write there acts on
// the machine, and links there lead to processes.
func kernelFiles(fstype string) bool {
	switch fstype {
	case "proc", "sysfs", "debugfs", "tracefs", "securityfs", "configfs", "cgroup", "cgroup2",
		"bpf", "pstore", "efivarfs", "binfmt_misc", "fusectl", "selinuxfs", "smackfs",
		"nsfs", "resctrl", "xenfs":
		return true
	}
	return false
}

// mountTable is that of the calling thread, with names as it sees them, by the caller's
// /proc: what is called so below the root is anybody's.
func (b *belowRoot) mountTable() ([]mountEntry, error) {
	text, err := b.mountText()
	return parseMounts(text), err
}

// mountText is the same as the kernel writes it.
func (b *belowRoot) mountText() ([]byte, error) {
	if b.proc < 0 {
		return nil, fileError("there is no /proc to look for mounts in")
	}
	fd, err := unix.Openat(b.proc, "thread-self/mountinfo", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	text := make([]byte, 0, 32<<10) // each call takes the kernel a search: one is enough mostly
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

// errNotRegular is for files whose opening or reading may take for ever.
const errNotRegular = fileError("Not a regular file")

// openFile is open(2) for regular files and directories. Others are refused, without
// waiting: in place of a file somebody may have put a fifo that nobody reads.
func (b *belowRoot) openFile(dir int, name string, flags int, perm uint32) (*os.File, error) {
	const added = unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
	fd := -1
	err := retry(func() (err error) {
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

// settle makes what was opened carefully what open(2) would have made it.
func settle(fd, flags int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	switch kind := fileType(st); {
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

// pin opens what a name leads to below a root, without reading it. The links of a proc file
// system are not followed; what somebody moves meanwhile is looked for again.
func pin(root int, name string, flags uint64) (int, error) {
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

// mount is mount(2) with names below the root. They are given as files of the caller's
// /proc, from which they are relative: there is no other name that cannot be changed.
func (b *belowRoot) mount(source, target, fstype string, flags uintptr, data string) error {
	to, err := pin(b.root, target, 0)
	if err != nil {
		return err
	}
	defer unix.Close(to)
	if flags&(unix.MS_BIND|unix.MS_MOVE) != 0 && flags&unix.MS_REMOUNT == 0 {
		from, err := pin(b.root, source, 0)
		if err != nil {
			return err
		}
		defer unix.Close(from)
		source = pinned(from)
	}
	if err := unix.Fchdir(b.proc); err != nil {
		return err
	}
	defer unix.Chdir("/")
	return unix.Mount(source, pinned(to), fstype, flags, data)
}

// pinned is the name of an open file, from /proc.
func pinned(fd int) string { return "thread-self/fd/" + strconv.Itoa(fd) }

// unmount is umount2(2) with a name below the root. Its last part is no link, and the
// directory before it is held: holding the mount would keep it busy.
func (b *belowRoot) unmount(target string, flags int) error {
	name := trimSlashes(target)
	base := lastPart(name)
	if base == "/" || base == "." || base == ".." || base == "" {
		return unix.EINVAL // as umount2(2) for what is no mount; never the root
	}
	dir, err := pin(b.root, "/"+strings.TrimSuffix(name, base), unix.O_DIRECTORY)
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
