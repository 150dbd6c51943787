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

// OpenSelf opens the file of this program, for starting it anew. Without /proc it is
// looked for by the name that the kernel was given (getauxval(3), AT_EXECFN), which of a
// script is the script's, and by argv[0], in the directories of path where that has no
// slash. A file found by its name is taken only if it begins as the memory of this
// process does, build ID included.
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

// setAside moves a descriptor to minFile or above, where there may be that many.
func setAside(fd int) int {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, minFile)
	if err != nil {
		return fd
	}
	unix.Close(fd)
	return n
}

// Sealed returns another descriptor of this program through which nobody can write to its
// file: a mount of that file alone, read-only, that is nowhere in the tree of files. What is
// executed by it is what /proc/PID/exe leads to, for root inside a subhost too, who could
// else keep that open until the program may be written to. It needs CAP_SYS_ADMIN, Linux
// 5.12, and a program of the mount namespace that this process is in.
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

// The entries of the auxiliary vector (getauxval(3)) and the start of an ELF file of 64
// bits (elf(5)): its program headers follow the header at once.
const (
	atPhdr     = 3
	atExecfn   = 31
	elfHeader  = 64
	headLength = 4096 // one page: the headers and the build ID, which is behind them
)

// auxiliary returns the name by which the kernel was told to execute this program, and
// how its file begins. Both are in memory that the kernel has made.
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

// openAs opens a program that begins as it is to.
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

// Getcwd is the name of the directory of a descriptor, found without /proc: a thread
// that shares no directory with the others goes there.
func Getcwd(dir int) (name string, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with this function
		if unix.Gettid() == unix.Getpid() {
			// The first thread cannot end. While it waits here another one is taken.
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
