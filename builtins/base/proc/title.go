package proc

import (
	"errors"
	"os"
	"path"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Title is the memory where the kernel finds the arguments that ps shows for this process:
// os.Args, and the environment that follows it.
type Title struct{ args, env []byte }

// NewTitle finds that memory. From then on each Set may change os.Args and os.Environ, so the
// caller has to use copies.
func NewTitle() *Title {
	return &Title{span(os.Args), span(os.Environ())}
}

// span returns the memory of strings that are adjacent, each followed by a zero byte. It
// returns nil if they are not.
func span(list []string) []byte {
	if len(list) == 0 || list[0] == "" {
		return nil
	}
	start, size := address(list[0]), uintptr(0)
	for _, s := range list {
		// An empty string has no address to compare.
		if s != "" && address(s) != start+size {
			return nil
		}
		size += uintptr(len(s)) + 1
	}
	return unsafe.Slice(unsafe.StringData(list[0]), size)
}

func address(s string) uintptr { return uintptr(unsafe.Pointer(unsafe.StringData(s))) }

// Set changes the arguments that ps shows for this process: other tools find a subhost by them.
// With CAP_SYS_RESOURCE any text works. Otherwise Set overwrites the old text. A longer text
// takes memory of the environment, too, and the kernel then shows the whole text as one
// argument.
func (t *Title) Set(argv []string) {
	text := strings.Join(argv, "\x00") + "\x00"
	switch {
	case setMM(text) == nil || t.args == nil:
	case len(text) <= len(t.args):
		clear(t.args[copy(t.args, text):])
	case t.env != nil && uintptr(unsafe.Pointer(&t.env[0])) ==
		uintptr(unsafe.Pointer(&t.args[0]))+uintptr(len(t.args)):
		one := strings.Join(argv, " ") + "\x00"
		n := copy(t.args, one)
		copy(t.env[:len(t.env)-1], one[n:])
	}
}

// setMM makes the kernel use other memory for the arguments (PR_SET_MM of prctl(2)).
func setMM(text string) error {
	// The kernel may read this memory at any time, so it is outside Go's heap.
	mem, err := unix.Mmap(-1, 0, len(text), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	copy(mem, text)
	start := uintptr(unsafe.Pointer(&mem[0]))
	end := start + uintptr(len(text))
	// The kernel requires the start below the end after each call. Mapped memory is below the
	// stack, where the arguments are at first, but may be above an earlier mapping of this
	// function.
	set := func(what int, addr uintptr) error {
		return unix.Prctl(unix.PR_SET_MM, uintptr(what), addr, 0, 0)
	}
	if err := set(unix.PR_SET_MM_ARG_START, start); err == unix.EPERM {
		_ = unix.Munmap(mem)
		return err
	} else if err != nil {
		return errors.Join(set(unix.PR_SET_MM_ARG_END, end), set(unix.PR_SET_MM_ARG_START, start))
	}
	return set(unix.PR_SET_MM_ARG_END, end)
}

// Comm returns the name of this process.
func Comm() string {
	var name [16]byte
	_ = unix.Prctl(unix.PR_GET_NAME, uintptr(unsafe.Pointer(&name)), 0, 0, 0)
	return unix.ByteSliceToString(name[:])
}

// SetComm changes the name of this process, which pgrep -x matches. Of a path it uses the last
// part.
func SetComm(name string) error {
	name = path.Base(name)
	if unix.Gettid() == unix.Getpid() {
		p, err := unix.BytePtrFromString(name)
		if err != nil {
			return err
		}
		return unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(p)), 0, 0, 0)
	}
	// The name of the first thread is the name of the process.
	fd, err := unix.Open("/proc/self/comm", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, []byte(name))
	return err
}
