package proc

import (
	"errors"
	"path"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// SetTitle changes what ps shows as the arguments of this process: other tools
// find a subhost by them. It needs CAP_SYS_RESOURCE (PR_SET_MM of prctl(2)).
func SetTitle(argv []string) error {
	text := strings.Join(argv, "\x00") + "\x00"
	// Memory that the kernel may read at any time, outside of Go's heap. It is
	// never given back: it is in use until the process ends.
	mem, err := unix.Mmap(-1, 0, len(text), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	copy(mem, text)
	start := uintptr(unsafe.Pointer(&mem[0]))
	end := start + uintptr(len(text))
	// The kernel wants start below end after each call. Mapped memory is below
	// the stack, where the arguments are at first, but may be above an earlier
	// mapping of ours.
	set := func(what int, addr uintptr) error {
		return unix.Prctl(unix.PR_SET_MM, uintptr(what), addr, 0, 0)
	}
	if set(unix.PR_SET_MM_ARG_START, start) != nil {
		return errors.Join(set(unix.PR_SET_MM_ARG_END, end), set(unix.PR_SET_MM_ARG_START, start))
	}
	return set(unix.PR_SET_MM_ARG_END, end)
}

// SetComm changes the name of this process, the one that pgrep -x looks at; of
// a path the last part counts.
func SetComm(name string) error {
	name = path.Base(name)
	if unix.Gettid() == unix.Getpid() {
		p, err := unix.BytePtrFromString(name)
		if err != nil {
			return err
		}
		return unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(p)), 0, 0, 0)
	}
	// Only the first thread's name is the process's.
	fd, err := unix.Open("/proc/self/comm", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, []byte(name))
	return err
}
