// Package faults makes single system calls in a whole tree of processes fail, or kills
// their caller, and judges how a boot, a stop, a share and an enter react.
//
// The kernel asks before each call (seccomp's user notification), and the answer is to go
// on, except for one call: the n-th of a name. Which call that is may change between runs,
// since processes run at the same time. So a point means "the n-th in this run", and the
// outcome reports the call that was hit.
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

// A Point is a fault and its moment.
type Point struct {
	// Op is the operation: boot, stop, share or go.
	Op string
	// Call is the name of a system call, and N the number of the call, from 1.
	Call string
	N    int
	// Kill is set if the caller is to be killed; otherwise the call fails.
	Kill bool
}

// String returns the point in the form of OVERLAY_FAULTS.
func (p Point) String() string {
	mode := "error"
	if p.Kill {
		mode = "kill"
	}
	return fmt.Sprintf("%s:%s:%d:%s", p.Op, p.Call, p.N, mode)
}

// ParsePoint parses the result of String.
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

// A Hit is the call that received a fault.
type Hit struct {
	Pid int
	// Main is set if the command itself made the call. Late is set if the command had ended
	// or reported its success before.
	Main, Late bool
	// What describes the process and the call's arguments.
	What string
}

// An Injector counts calls and injects the fault of its point.
type Injector struct {
	// Told reports whether the command has reported its success, which may be before it
	// ends. It is nil if both happen at once.
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

// NewInjector returns an injector for one point. With nil it counts every call.
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

// Start starts a command. Its calls and those of all its descendants are watched for as
// long as this process lives.
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

// Arm begins the counting. The next command that starts is the one that the point is about.
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

// Ended records that the command has ended. Processes that it started may continue.
func (in *Injector) Ended() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ended = true
}

// Hit returns the call that was hit, or nil.
func (in *Injector) Hit() *Hit {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.hit
}

// Counts returns the number of calls by name.
func (in *Injector) Counts() map[string]int {
	in.mu.Lock()
	defer in.mu.Unlock()
	counts := map[string]int{}
	for name, n := range in.counts {
		counts[name] = n
	}
	return counts
}

// Err returns the errors of the watching itself.
func (in *Injector) Err() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	return errors.Join(in.errs...)
}

// A watcher answers the kernel's questions about one command.
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
	// Without this flag an answer is only slower.
	_ = unix.IoctlSetInt(w.fd, unix.SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
	for {
		poll := []unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); errors.Is(err, unix.EINTR) {
			continue
		}
		if poll[0].Revents&unix.POLLIN == 0 {
			return // no watched process is left
		}
		var n notification
		if err := control(w.fd, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n)); err != nil {
			continue // the caller died before the notification was received
		}
		a := answer{id: n.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
		errno, killed := w.decide(&n)
		if killed {
			continue // an answer would let it make the call before it dies
		}
		if errno != 0 {
			a.flags, a.errno = 0, -int32(errno)
		}
		// This fails if another process has killed the caller.
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

// decide counts a call, and returns the error for it, or kills the caller.
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

// ours reports whether a process runs our program. How a service's own program handles an
// error is not our concern, nor are the calls of the launcher before it executes the
// command.
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

// ownProgram recognises our program, and the tiny ones that it creates, by their paths. A
// program on a mount that is attached nowhere in the tree has the path "/".
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

// threadGroup returns the process ID of a thread.
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

// describe describes a call for people: the caller, and the arguments with the texts that
// they point to.
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

// argument returns an argument as a number, or as the text at that address.
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
