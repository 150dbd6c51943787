// Package faults makes single system calls of a whole tree of processes fail, or kills
// whoever makes them, and judges what a boot, a stop, a share and an enter make of it.
//
// The kernel asks before each call (seccomp's user notification) and is told to go on,
// but for one: the n-th of a name. Which call that is may change from one run to the
// next, where processes run side by side: a point is "the n-th this time", and what
// was hit is told.
package faults

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Point says what is to happen when.
type Point struct {
	// Op is what is run: boot, stop, share or go.
	Op string
	// Call is the name of a system call, and N says which of them, from 1.
	Call string
	N    int
	// Kill is set where the caller is to be killed; otherwise the call fails.
	Kill bool
}

// String is the point as OVERLAY_FAULTS has it.
func (p Point) String() string {
	mode := "error"
	if p.Kill {
		mode = "kill"
	}
	return fmt.Sprintf("%s:%s:%d:%s", p.Op, p.Call, p.N, mode)
}

// ParsePoint reads what String writes.
func ParsePoint(s string) (Point, error) {
	f := strings.Split(s, ":")
	if len(f) != 4 || f[3] != "error" && f[3] != "kill" {
		return Point{}, fmt.Errorf("%q is not OPERATION:CALL:NUMBER:error or :kill", s)
	}
	n, err := strconv.Atoi(f[2])
	if _, ok := callNamed(f[1]); !ok || err != nil || n < 1 {
		return Point{}, fmt.Errorf("%q: no such call or number", s)
	}
	return Point{f[0], f[1], n, f[3] == "kill"}, nil
}

// A Hit is the call that a fault was put into.
type Hit struct {
	Pid int
	// Main is set where it was the command itself; Late, where that had ended, or told
	// of its success.
	Main, Late bool
	// What shows the process and the call's arguments.
	What string
}

// An Injector counts calls and does what its point says.
type Injector struct {
	// Told reports whether the command has told of its success, though it may not have
	// ended yet; nil where that is the same.
	Told  func() bool
	names []string
	point *Point

	mu     sync.Mutex
	armed  bool
	ended  bool
	main   int
	counts map[string]int
	hit    *Hit
	errs   []error
}

// NewInjector is for one point, or for counting every call.
func NewInjector(point *Point) *Injector {
	in := &Injector{point: point, counts: map[string]int{}}
	if point != nil {
		in.names = []string{point.Call}
		return in
	}
	for _, c := range calls {
		in.names = append(in.names, c.name)
	}
	return in
}

// Start starts a command whose calls, and those of all that comes from it, are
// watched for as long as this process lives.
func (in *Injector) Start(cmd *exec.Cmd) error {
	listener, err := start(cmd, in.names)
	if err != nil {
		return err
	}
	in.mu.Lock()
	if in.armed && in.main == 0 {
		in.main = cmd.Process.Pid
	}
	in.mu.Unlock()
	w := &watcher{Injector: in, fd: listener, launcher: cmd.Process.Pid}
	go w.serve()
	return nil
}

// Arm lets the counting begin: the command started next is the one that the point is
// about.
func (in *Injector) Arm() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.armed = true
}

// Disarm ends the counting.
func (in *Injector) Disarm() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.armed = false
}

// Ended says that the command has ended; what it started may go on.
func (in *Injector) Ended() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ended = true
}

// Hit is what was hit, if anything.
func (in *Injector) Hit() *Hit {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.hit
}

// Counts has the number of each call.
func (in *Injector) Counts() map[string]int {
	in.mu.Lock()
	defer in.mu.Unlock()
	counts := map[string]int{}
	for name, n := range in.counts {
		counts[name] = n
	}
	return counts
}

// Err is what went wrong in the watching itself.
func (in *Injector) Err() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	return errors.Join(in.errs...)
}

// A watcher answers for one command.
type watcher struct {
	*Injector
	fd, launcher int
	launched     bool
}

// notification is struct seccomp_notif, answer is struct seccomp_notif_resp.
type notification struct {
	id    uint64
	pid   uint32
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

type answer struct {
	id    uint64
	val   int64
	errno int32
	flags uint32
}

func (w *watcher) serve() {
	defer unix.Close(w.fd)
	// Without it an answer is only slower.
	_ = unix.IoctlSetInt(w.fd, unix.SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
	for {
		poll := []unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); errors.Is(err, unix.EINTR) {
			continue
		}
		if poll[0].Revents&unix.POLLIN == 0 {
			return // nobody is left
		}
		var n notification
		if err := control(w.fd, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n)); err != nil {
			continue // it is gone before it was received
		}
		a := answer{id: n.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
		errno, killed := w.decide(&n)
		if killed {
			continue // with an answer it would make the call before it dies
		}
		if errno != 0 {
			a.flags, a.errno = 0, -int32(errno)
		}
		// The caller may have been killed by another.
		_ = control(w.fd, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&a))
	}
}

func control(fd int, request uintptr, arg unsafe.Pointer) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg))
	if errno != 0 {
		return errno
	}
	return nil
}

// decide counts a call, and gives the error that it is to have, or kills the caller.
func (w *watcher) decide(n *notification) (errno unix.Errno, killed bool) {
	c, ok := callNumbered(int(n.nr))
	if !ok || ofRuntime(c.name, n.args) || onEvents(int(n.pid), c, n.args) || !w.ours(n) {
		return 0, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.armed {
		return 0, false
	}
	w.counts[c.name]++
	if w.point == nil || w.hit != nil || w.point.Call != c.name || w.point.N != w.counts[c.name] {
		return 0, false
	}
	pid := threadGroup(int(n.pid))
	w.hit = &Hit{Pid: pid, Main: pid == w.main, Late: w.late(), What: describe(pid, c, n)}
	if !w.point.Kill {
		return c.errno, false
	}
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		w.errs = append(w.errs, fmt.Errorf("kill %d: %w", pid, err))
	}
	return 0, true
}

func (in *Injector) late() bool { return in.ended || in.Told != nil && in.Told() }

func callNumbered(nr int) (call, bool) {
	for _, c := range calls {
		if c.nr == nr {
			return c, true
		}
	}
	return call{}, false
}

// ours tells whether a process runs our program: what a service's own program makes
// of an error is not our concern. What the launcher does before it becomes the command
// is not either.
func (w *watcher) ours(n *notification) bool {
	if !w.launched {
		exe, _ := os.Readlink("/proc/" + strconv.Itoa(w.launcher) + "/exe")
		if self, _ := os.Readlink("/proc/self/exe"); exe == self {
			return false
		}
		w.launched = true
	}
	exe, err := os.Readlink("/proc/" + strconv.Itoa(int(n.pid)) + "/exe")
	return err != nil || ownProgram(exe)
}

// ownProgram tells our program, and the tiny ones that it makes, by their paths. One that
// runs from a mount which is nowhere in the tree has that mount's root.
func ownProgram(exe string) bool {
	if exe == "/" {
		return true
	}
	for _, part := range []string{"/overlay-", "/memfd:", "/.reaper"} {
		if strings.Contains(exe, part) {
			return true
		}
	}
	return false
}

// threadGroup is the process of a thread.
func threadGroup(tid int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", tid))
	for _, line := range strings.Split(string(text), "\n") {
		if value, ok := strings.CutPrefix(line, "Tgid:\t"); ok {
			if pid, err := strconv.Atoi(value); err == nil {
				return pid
			}
		}
	}
	return tid
}

// describe shows a call for people: who makes it, and its arguments, with the text
// that an argument points to.
func describe(pid int, c call, n *notification) string {
	cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	argv := strings.Split(string(bytes.TrimSuffix(cmdline, []byte{0})), "\x00")
	var args []string
	for _, a := range n.args {
		args = append(args, argument(pid, a))
	}
	return fmt.Sprintf("%d %s %q: %s(%s)", pid, bytes.TrimSpace(comm), argv, c.name,
		strings.Join(args, ", "))
}

// argument is a number, or the text at that address.
func argument(pid int, a uint64) string {
	const lowest, longest = 1 << 20, 60
	if a < lowest {
		return strconv.Itoa(int(a))
	}
	room := make([]byte, longest)
	local := []unix.Iovec{{Base: &room[0], Len: longest}}
	remote := []unix.RemoteIovec{{Base: uintptr(a), Len: longest}}
	got, err := unix.ProcessVMReadv(pid, local, remote, 0)
	if err != nil || got <= 0 {
		if int64(a) < 0 || uint32(a) > 1<<31 {
			return strconv.Itoa(int(int32(a)))
		}
		return fmt.Sprintf("%#x", a)
	}
	text, _, ends := bytes.Cut(room[:got], []byte{0})
	for _, b := range text {
		if b < ' ' && b != '\n' && b != '\t' || b >= 0x7f {
			return fmt.Sprintf("%#x", a)
		}
	}
	if len(text) == 0 {
		return fmt.Sprintf("%#x", a)
	}
	if !ends {
		return strconv.Quote(string(text)) + "..."
	}
	return strconv.Quote(string(text))
}
