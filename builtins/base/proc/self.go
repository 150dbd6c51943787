package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// OpenSelf opens the file of this program, to start it again. Without /proc it looks for the
// name that the kernel was given (getauxval(3), AT_EXECFN), which for a script is the script's
// name. It then looks for argv[0], in the directories of path if argv[0] has no slash. It
// accepts such a file only if the file begins like the memory of this process, build ID
// included.
func OpenSelf(argv0, path string) (int, error) {
	fd, err := unix.Open("/proc/self/exe", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err == nil {
		return setAside(fd), nil
	}
	names, head := auxiliary()
	if strings.Contains(argv0, "/") {
		names = append(names, argv0)
	} else {
		for dir := range strings.SplitSeq(path, ":") {
			names = append(names, dir+"/"+strings.TrimPrefix(argv0, "-"))
		}
	}
	for _, name := range names {
		if fd, ok := openAs(name, head); ok {
			return setAside(fd), nil
		}
	}
	return -1, fmt.Errorf("cannot find this program again, is /proc mounted? %w",
		os.NewSyscallError("open /proc/self/exe", err))
}

// setAside moves a descriptor to minFile or above, if the limit allows such numbers.
func setAside(fd int) int {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, minFile)
	if err != nil {
		return fd
	}
	unix.Close(fd)
	return n
}

// Sealed returns another descriptor of this program, through which nobody can write to the
// file: a read-only mount of that file alone, attached nowhere in the tree. For a program that
// is executed by it, /proc/PID/exe leads to that mount. So root inside a subhost cannot keep
// the file open until the program may be written to. Sealed needs CAP_SYS_ADMIN, Linux 5.12,
// and a program in the mount namespace of this process.
func Sealed(exe int) (int, error) {
	const clone = unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC | unix.AT_EMPTY_PATH
	fd, err := unix.OpenTree(exe, "", clone)
	if err != nil {
		return -1, os.NewSyscallError("open_tree", err)
	}
	readOnly := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err = unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH, &readOnly); err != nil {
		unix.Close(fd)
		return -1, os.NewSyscallError("mount_setattr", err)
	}
	return raise(fd)
}

// Entries of the auxiliary vector (getauxval(3)), and the start of a 64-bit ELF file (elf(5)).
// The program headers directly follow the ELF header.
const (
	atPhdr     = 3
	atExecfn   = 31
	elfHeader  = 64
	headLength = 4096 // one page, which has the headers and then the build ID
)

// auxiliary returns the name by which the kernel executed this program, and the start of its
// file. Both are in memory that the kernel has set up.
func auxiliary() (names []string, head []byte) {
	vector, err := unix.Auxv()
	if err != nil {
		return nil, nil
	}
	for _, entry := range vector {
		p := *(*unsafe.Pointer)(unsafe.Pointer(&entry[1])) // an address, not a number
		switch entry[0] {
		case atPhdr:
			start := (*byte)(unsafe.Add(p, -elfHeader))
			if m := unsafe.Slice(start, headLength); bytes.HasPrefix(m, []byte("\x7fELF\x02")) {
				head = m
			}
		case atExecfn:
			names = append(names, unix.BytePtrToString((*byte)(p)))
		}
	}
	return names, head
}

// openAs opens a program that begins with head.
func openAs(name string, head []byte) (fd int, ok bool) {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if errors.Is(err, unix.EINTR) {
		return openAs(name, head)
	}
	if err != nil {
		return -1, false
	}
	buf := make([]byte, headLength)
	n, err := unix.Pread(fd, buf, 0)
	if err != nil || n < headLength || !bytes.Equal(buf, head) {
		unix.Close(fd)
		return -1, false
	}
	return fd, true
}

// Getcwd returns the name of the directory of a descriptor, without /proc. A thread that shares
// its directory with no other changes to it.
func Getcwd(dir int) (name string, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked, so the thread ends with this function
		if unix.Gettid() == unix.Getpid() {
			// The first thread cannot end. While it waits here, the inner call takes another
			// thread.
			defer runtime.UnlockOSThread()
			name, err = Getcwd(dir)
			return
		}
		if err = unix.Unshare(unix.CLONE_FS); err != nil {
			return
		}
		if err = unix.Fchdir(dir); err == nil {
			name, err = unix.Getwd()
		}
	}()
	<-done
	return name, err
}
