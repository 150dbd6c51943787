package proc

import (
	"bytes"
	"errors"
	"os"
	"path"
	"strconv"
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
// The kernel can be told to look at other memory, with CAP_SYS_RESOURCE or as setMap does it.
// Otherwise the old text is overwritten, if the new one is as long; if not, Set reports false.
func (t *Title) Set(argv []string) bool {
	text := strings.Join(argv, "\x00") + "\x00"
	if mem, err := setMM(text); err == nil {
		t.args, t.env = mem, nil
		return true
	}
	return len(text) == len(t.args) && copy(t.args, text) > 0
}

// SetNearly is Set, but shows what it cannot show exactly as well as possible. Behind a shorter
// text there are empty arguments. A longer one takes memory of the environment, and the kernel
// then shows it as one argument.
func (t *Title) SetNearly(argv []string) {
	text := strings.Join(argv, "\x00") + "\x00"
	switch {
	case t.Set(argv) || t.args == nil:
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
func setMM(text string) (mem []byte, err error) {
	// The kernel may read this memory at any time, so it is outside Go's heap.
	mem, err = unix.Mmap(-1, 0, len(text), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, err
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
	switch err = set(unix.PR_SET_MM_ARG_START, start); err {
	case nil:
		err = set(unix.PR_SET_MM_ARG_END, end)
	case unix.EPERM:
		if err = setMap(start, end); err != nil {
			_ = unix.Munmap(mem)
		}
	default:
		err = errors.Join(set(unix.PR_SET_MM_ARG_END, end), set(unix.PR_SET_MM_ARG_START, start))
	}
	return mem, err
}

// An mmMap is struct prctl_mm_map, the memory of a process as the kernel describes it.
type mmMap struct {
	StartCode, EndCode, StartData, EndData, StartBrk, Brk, StartStack uint64
	ArgStart, ArgEnd, EnvStart, EnvEnd, Auxv                          uint64
	AuxvSize, ExeFD                                                   uint32
}

// setMap does the work of setMM without CAP_SYS_RESOURCE: all of the description can be set by
// any process, if the kernel was built for checkpoints. The rest of it is in /proc.
func setMap(start, end uintptr) error {
	f, err := statFields()
	if err != nil {
		return err
	}
	brk, _, _ := unix.RawSyscall(unix.SYS_BRK, 0, 0, 0)
	m := mmMap{StartCode: f(26), EndCode: f(27), StartData: f(45), EndData: f(46),
		StartBrk: f(47), Brk: uint64(brk), StartStack: f(28), ArgStart: uint64(start),
		ArgEnd: uint64(end), EnvStart: f(50), EnvEnd: f(51), ExeFD: ^uint32(0)}
	return unix.Prctl(unix.PR_SET_MM, unix.PR_SET_MM_MAP, uintptr(unsafe.Pointer(&m)),
		unsafe.Sizeof(m), 0)
}

// statFields returns the fields of this process's line of proc(5), by their numbers there. What
// is below /proc may be a file of a subhost, so it counts only where it is the kernel's.
func statFields() (field func(n int) uint64, err error) {
	fd, err := unix.Open("/proc/self/stat", unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var st unix.Statfs_t
	if err := unix.Fstatfs(fd, &st); err != nil || st.Type != unix.PROC_SUPER_MAGIC {
		return nil, unix.ENOSYS
	}
	var text [1024]byte
	n, err := unix.Read(fd, text[:])
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text[:n], ')')+1 : n]))
	const first = 3 // behind the name, which may have spaces
	if len(fields) <= 51-first {
		return nil, unix.ENOSYS
	}
	return func(n int) uint64 {
		value, _ := strconv.ParseUint(fields[n-first], 10, 64)
		return value
	}, nil
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
		return nameThread(name)
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

// nameThread changes the name of the calling thread.
func nameThread(name string) error {
	p, err := unix.BytePtrFromString(name)
	if err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(p)), 0, 0, 0)
}
