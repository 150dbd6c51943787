package proc

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc/limits"
	"overlayboot/builtins/base/signals"
)

// Start starts the program. It returns the process id as soon as the program executes, or the
// Error of the failed step.
func (s *Spec) Start() (pid int, err error) {
	if !s.apart && !s.leads() {
		pid, err := s.startShared()
		if !errors.Is(err, errNotShared) {
			return pid, err
		}
	}
	return s.startApart()
}

// startApart is Start for a child with memory of its own, which needs a pipe to report a
// failure.
func (s *Spec) startApart() (pid int, err error) {
	s.apart = true
	r, w, err := errorPipe()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	if n := int(w.Fd()); n < minFile && n < len(s.filesWith(s.instead)) { // the program has it
		w.Close()
		return 0, os.NewSyscallError("fcntl", unix.EMFILE)
	}
	pid, err = s.fork(func(ops []op) (int, unix.Errno) {
		if s.cgroup != nil {
			return s.forkIntoCgroup(ops, int(w.Fd()))
		}
		return forkPerform(ops, int(w.Fd()), s.tid, nil)
	})
	w.Close()
	if err != nil {
		return 0, err
	}
	if err := s.settle(pid, r); err != nil {
		return 0, err
	}
	return pid, nil
}

// settle returns when the child executes its program, or after it has reaped the child. The
// error is the Error of the failed step. If nobody can read the child's report, settle kills
// the child: it would otherwise wait for the end of a child that did execute its program.
func (s *Spec) settle(pid int, said io.Reader) error {
	err := s.outcome(said)
	if err == nil {
		return nil
	}
	var step *Error
	if !errors.As(err, &step) {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	Wait(pid)
	return err
}

// Exec replaces the calling process. It returns only if that fails; apart from the steps
// already made, the process is then unchanged.
func (s *Spec) Exec() error {
	ops, cleanup, err := s.assemble()
	defer cleanup()
	if err != nil {
		return err
	}
	s.enterCgroup(ops)
	// Steps such as setns act on a thread, and execve keeps only the thread that calls it.
	runtime.LockOSThread()
	if s.changed != 0 {
		_ = unix.Unshare(unix.CLONE_FS) // setns into a mount namespace needs a root of its own
	}
	if sig := limits.ParentDeath(); sig != 0 {
		_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(sig), 0, 0, 0)
	}
	// execve moves a process into the time namespace of its children (time_namespaces(7)), so
	// that needs no step.
	var old unix.Sigset_t
	blockSignals(&old)
	at, errno := perform(ops)
	unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	runtime.KeepAlive(s)
	return s.explain(at, errno)
}

// Apply makes the steps in this process instead of starting one. It accepts only steps that act
// on a whole process, such as a change of its root.
func (s *Spec) Apply() error {
	at, errno := perform(s.ops)
	runtime.KeepAlive(s)
	if errno != 0 && at >= 0 {
		return s.explain(at, errno)
	}
	return nil
}

// outcome reads the child's report, which is empty after a success. It repeats a failed read:
// the child may already run, and the report stays in the pipe.
func (s *Spec) outcome(r io.Reader) error {
	const tries = 3
	var msg [8]byte
	var err error
	for range tries {
		switch _, err = io.ReadFull(r, msg[:]); err {
		case io.EOF:
			return nil
		case nil:
			at := int(int32(binary.NativeEndian.Uint32(msg[:])))
			return s.explain(at, unix.Errno(binary.NativeEndian.Uint32(msg[4:])))
		}
	}
	return err
}

func (s *Spec) explain(at int, errno unix.Errno) error {
	if at < 0 || at >= len(s.fails) {
		return &Error{Exec: true, Tried: -1 - at, Left: s.leftBefore(len(s.ops)), Errno: errno}
	}
	return &Error{Failure: s.fails[at], Left: s.leftBefore(at), Errno: errno}
}

// leftBefore reports whether a process that does not wait has forked before the step.
func (s *Spec) leftBefore(step int) bool {
	for i, made := range s.made {
		if made && s.levels[i].forkOp < step && s.levels[i].Argv == nil {
			return true
		}
	}
	return false
}

// errorPipe makes the pipe for the child's error, above the numbers that the child gives to its
// own files.
func errorPipe() (r, w *os.File, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	for i := range p {
		if p[i], err = raise(p[i]); err != nil {
			return nil, nil, err
		}
	}
	return os.NewFile(uintptr(p[0]), "|0"), os.NewFile(uintptr(p[1]), "|1"), nil
}

// assemble builds the complete list of the child's system calls: directory, steps, descriptors,
// signals, execve. For each level of Fork the calls of the process that stays follow. The steps
// come before the descriptors, since a step may use a descriptor whose number the program gets
// for another file.
func (s *Spec) assemble() (ops []op, cleanup func(), err error) {
	var opened []int
	cleanup = func() {
		for _, fd := range opened {
			unix.Close(fd)
		}
	}
	s.addLate()
	list := s.filesWith(s.instead)
	files, err := s.place(list, &opened)
	if err != nil {
		return nil, cleanup, err
	}
	if s.cgroup != nil {
		ops = append(ops, soft(unix.SYS_GETPID)) // a place for enterCgroup
	}
	if s.Dir != unix.AT_FDCWD {
		ops = append(ops, call(unix.SYS_FCHDIR, uintptr(s.Dir)))
	}
	base := len(ops)
	ops = slices.Concat(ops, s.steps(list), files, s.beforeExec(), s.exec())
	s.made = s.forks()
	for i, l := range s.levels {
		if !s.made[i] {
			ops[base+l.forkOp] = soft(unix.SYS_GETPID)
			continue
		}
		its, err := s.place(s.filesWith(l.instead), &opened)
		if err != nil {
			return nil, cleanup, err
		}
		stays, fd, err := s.stay(l, its)
		if err != nil {
			return nil, cleanup, err
		}
		if fd >= 0 {
			opened = append(opened, fd)
		}
		ops[base+l.forkOp].a[5] = uintptr(len(ops))
		ops = append(ops, stays...)
	}
	return ops, cleanup, nil
}

// filesWith returns the descriptors of the files with those that Instead has set.
func (s *Spec) filesWith(instead map[int]int) []int {
	list := slices.Clone(s.Files)
	for n, fd := range instead {
		for len(list) <= n {
			list = append(list, -1)
		}
		list[n] = fd
	}
	return list
}

// steps returns the steps with the present descriptors of the program's files.
func (s *Spec) steps(files []int) []op {
	ops := slices.Clone(s.ops)
	for i := range ops {
		if o := &ops[i]; o.file {
			fd := -1
			if n := int(o.a[0]); n < len(files) {
				fd = files[n]
			}
			o.a[0] = uintptr(fd)
		}
	}
	return ops
}

// call returns a system call whose failure is reported without a text.
func call(nr uintptr, args ...uintptr) op {
	o := op{kind: opCall, fail: -1, nr: nr}
	copy(o.a[:], args)
	return o
}

func soft(nr uintptr, args ...uintptr) op {
	o := call(nr, args...)
	o.kind = opSoft
	return o
}

// place returns the calls that give a process of the child these files. It first duplicates to
// a higher number each source whose number the child uses. All descriptors of this process but
// 0, 1 and 2 are close-on-exec.
func (s *Spec) place(files []int, opened *[]int) (ops []op, err error) {
	used := max(3, len(files))
	for n := range used {
		if n >= len(files) || files[n] < 0 {
			ops = append(ops, soft(unix.SYS_CLOSE, uintptr(n)))
			continue
		}
		src := files[n]
		if src == n && n <= 2 {
			ops = append(ops, soft(unix.SYS_FCNTL, uintptr(n), unix.F_SETFD, 0))
			continue
		}
		if src, err = aside(src, used, opened); err != nil {
			return nil, err
		}
		ops = append(ops, call(unix.SYS_DUP3, uintptr(src), uintptr(n), 0))
	}
	if s.Exe >= 0 {
		if s.Exe, err = aside(s.Exe, used, opened); err != nil {
			return nil, err
		}
	}
	for _, fd := range s.Pass {
		if fd < used { // opened when a limit left no room above
			return nil, os.NewSyscallError("fcntl", unix.EMFILE)
		}
	}
	return ops, nil
}

// pass clears close-on-exec for the descriptors of Pass.
func (s *Spec) pass() (ops []op) {
	for _, fd := range s.Pass {
		ops = append(ops, soft(unix.SYS_FCNTL, uintptr(fd), unix.F_SETFD, 0))
	}
	return ops
}

// aside duplicates a descriptor below used to a number that no child uses.
func aside(fd, used int, opened *[]int) (int, error) {
	if fd >= used {
		return fd, nil
	}
	dup, err := above(fd, used)
	if err != nil {
		return -1, err
	}
	*opened = append(*opened, dup)
	return dup, nil
}

// beforeExec reverts the Go library's changes to this process, and sets the ignored signals.
func (s *Spec) beforeExec() []op {
	return append(slices.Concat(s.group(), s.pass(), s.actions(s.decided), s.limit()),
		s.mask(signals.Mask()|s.block))
}

// limit sets the resource limits that are kept for a program. This binary learns of them in
// another way.
func (s *Spec) limit() (ops []op) {
	if len(s.Pass) > 0 {
		return nil
	}
	for _, k := range limits.All() {
		ops = append(ops, soft(unix.SYS_PRLIMIT64, 0, uintptr(k.Resource),
			Pointer(s, &unix.Rlimit{Cur: k.Cur, Max: k.Max}), 0))
	}
	return ops
}

// actions sets the actions for the signals of Default and Ignore, apart from those that steps
// have decided.
func (s *Spec) actions(decided uint64) (ops []op) {
	ignore := Pointer(s, &[4]uintptr{1}) // struct sigaction with SIG_IGN
	byDefault := Pointer(s, &[4]uintptr{})
	already := signals.Ignored()
	if s.apart { // the kernel has not cleared its handlers
		s.Default |= signals.Handled()
	}
	for n := 1; n <= 64; n++ {
		bit := signals.Bit(n)
		switch {
		case decided&bit != 0:
		case s.Ignore&bit != 0 && already&bit == 0:
			ops = append(ops, soft(unix.SYS_RT_SIGACTION, uintptr(n), ignore, 0, 8))
		case s.Ignore&bit == 0 && s.Default&bit != 0:
			ops = append(ops, soft(unix.SYS_RT_SIGACTION, uintptr(n), byDefault, 0, 8))
		}
	}
	return ops
}

// group makes the child a process group, which may get the terminal. All signals are still
// blocked, so SIGTTOU does not stop the child.
func (s *Spec) group() []op {
	if !s.Group {
		return nil
	}
	ops := []op{soft(unix.SYS_SETPGID, 0, uintptr(s.Leader))}
	if s.Terminal >= 0 {
		ops = append(ops, soft(unix.SYS_IOCTL, uintptr(s.Terminal), unix.TIOCSPGRP,
			uintptr(unsafe.Pointer(s.tid))))
	}
	return ops
}

// mask returns the call that sets the signal mask of the child.
func (s *Spec) mask(set uint64) op {
	return soft(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, Pointer(s, &set), 0, 8)
}

// exec returns the execve calls, and the op that reports their failure.
func (s *Spec) exec() []op {
	argv, envp := s.vector(s.Argv), s.vector(s.Env)
	var ops []op
	kind := opExec
	if s.Blame.Text != "" {
		kind = opExecvp
	}
	try := func(nr uintptr, args ...uintptr) {
		o := call(nr, args...)
		o.kind = kind
		ops = append(ops, o)
	}
	if s.Exe >= 0 {
		try(unix.SYS_EXECVEAT, uintptr(s.Exe), s.String(""), argv, envp, unix.AT_EMPTY_PATH)
	}
	for i, path := range s.Paths {
		try(unix.SYS_EXECVE, s.String(path), argv, envp)
		ops[len(ops)-1].fail = -1 - i
	}
	return append(ops, op{kind: opFail, fail: -1})
}

// vector builds a NULL-terminated array of strings.
func (s *Spec) vector(list []string) uintptr {
	v := make([]uintptr, len(list)+1)
	for i, text := range list {
		v[i] = s.String(text)
	}
	s.keep = append(s.keep, v)
	return uintptr(unsafe.Pointer(&v[0]))
}

// stay returns the calls of the process of a level. It executes a tiny program that waits, or
// waits itself if this processor has no tiny program. Without argv it exits at once.
func (s *Spec) stay(l level, files []op) (ops []op, fd int, err error) {
	if l.Argv == nil {
		return []op{soft(unix.SYS_EXIT_GROUP, 0)}, -1, nil
	}
	fd, err = WaiterProgram(l.Keeper, -1)
	if err != nil {
		return nil, -1, err
	}
	ops = append(slices.Concat(files, s.actions(l.decided)), s.mask(signals.Mask()|l.Block))
	if fd >= 0 {
		o := call(unix.SYS_EXECVEAT, uintptr(fd), s.String(""), s.vector(l.Argv),
			s.vector(s.keeperEnv()), unix.AT_EMPTY_PATH)
		o.kind = opExec
		ops = append(ops, o)
	}
	name := soft(unix.SYS_PRCTL, unix.PR_SET_NAME, s.String(path.Base(l.Argv[0])))
	return append(ops, name, op{kind: opWait}), fd, nil
}

// keeperEnv returns the environment of a process that stays: the note for a re-executed binary
// is not for that.
func (s *Spec) keeperEnv() []string {
	return slices.DeleteFunc(slices.Clone(s.Env), func(v string) bool {
		return strings.HasPrefix(v, handover.Variable+"=")
	})
}

// forkFailure returns the Failure of a start without a process.
func forkFailure() Failure { return Failure{"fork", 2} }

// fork makes the child in one of the two ways. It holds ForkLock, so that no descriptor without
// close-on-exec is just being made. Its thread takes no signals: a Go signal handler must not
// run in the child, which has no Go runtime.
func (s *Spec) fork(way func(ops []op) (int, unix.Errno)) (pid int, err error) {
	s.tid = new(int32)
	ops, cleanup, err := s.assemble()
	defer cleanup()
	if err != nil {
		return 0, err
	}
	syscall.ForkLock.Lock()
	defer syscall.ForkLock.Unlock()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	follow()
	var old unix.Sigset_t
	blockSignals(&old)
	pid, errno := way(ops)
	unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	runtime.KeepAlive(s)
	if errno != 0 {
		return 0, &Error{Failure: forkFailure(), Errno: errno}
	}
	return pid, nil
}

func blockSignals(old *unix.Sigset_t) {
	var all unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	unix.PthreadSigmask(unix.SIG_SETMASK, &all, old)
}

// forkPerform forks. With CLONE_VFORK the parent's thread sleeps until the child executes, so
// that neither has to copy the other's pages.
//
// The child must not grow the stack, allocate or take a lock: perform makes only raw system
// calls.
//
//go:noinline
//go:norace
func forkPerform(ops []op, errfd int, tid *int32, into *cgroupArgs) (int, unix.Errno) {
	var msg [2]uint32
	// The kernel sets the child's copy of tid. The position of that argument depends on the
	// processor; the other position is not used.
	var r uintptr
	var e unix.Errno
	if into != nil {
		r, _, e = syscall.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(into)),
			unsafe.Sizeof(*into), 0)
	} else {
		r, _, e = syscall.RawSyscall6(unix.SYS_CLONE,
			uintptr(unix.SIGCHLD)|unix.CLONE_VFORK|unix.CLONE_CHILD_SETTID,
			0, 0, uintptr(unsafe.Pointer(tid)), uintptr(unsafe.Pointer(tid)), 0)
	}
	if e != 0 || r != 0 {
		return int(r), e
	}
	at, errno := perform(ops)
	msg[0], msg[1] = uint32(int32(at)), uint32(errno)
	syscall.RawSyscall6(unix.SYS_WRITE, uintptr(errfd), uintptr(unsafe.Pointer(&msg)), 8, 0, 0, 0)
	for {
		syscall.RawSyscall6(unix.SYS_EXIT_GROUP, 127, 0, 0, 0, 0, 0)
	}
}

// perform makes the calls one after the other. It returns only on failure, with the index of
// the Failure and the error number.
//
//go:nosplit
//go:norace
func perform(ops []op) (at int, errno syscall.Errno) {
	var last syscall.Errno = syscall.ENOENT
	at, denied := -1, false
	for i := 0; i < len(ops); i++ {
		o := &ops[i]
		switch o.kind {
		case opFail:
			if denied {
				last = syscall.EACCES
			}
			return at, last
		case opWait:
			waitAndExit()
		}
		// The sixth argument of a fork is the index at which the parent goes on, not for the
		// kernel.
		a5 := o.a[5]
		if o.kind == opFork {
			a5 = 0
		}
		r, _, e := syscall.RawSyscall6(o.nr, o.a[0], o.a[1], o.a[2], o.a[3], o.a[4], a5)
		switch {
		case o.kind == opSoft:
		case o.kind == opTell:
			if e == 0 {
				i++
			}
		case o.kind == opExec:
			if e != syscall.ENOENT && e != syscall.ENOTDIR {
				last, at = e, o.fail
			}
		case o.kind == opExecvp:
			if !GoesOn(e) {
				return o.fail, e
			}
			last, denied = e, denied || e == syscall.EACCES
		case e != 0:
			return o.fail, e
		case o.kind == opFork && r != 0:
			i = int(o.a[5]) - 1
		}
	}
	return -1, last
}

// GoesOn reports whether execvp(3) of the GNU C library tries the next directory of PATH after
// an error of execve(2).
//
//go:nosplit
//go:norace
func GoesOn(e syscall.Errno) bool {
	switch e {
	case syscall.EACCES, syscall.ENOENT, syscall.ESTALE, syscall.ENOTDIR, syscall.ENODEV,
		syscall.ETIMEDOUT:
		return true
	}
	return false
}

// waitAndExit waits for the only child and exits with its status. It is for a processor without
// a tiny program.
//
//go:nosplit
//go:norace
func waitAndExit() {
	var status uint32
	for {
		_, _, e := syscall.RawSyscall6(unix.SYS_WAIT4, ^uintptr(0),
			uintptr(unsafe.Pointer(&status)), 0, 0, 0, 0)
		if e != syscall.EINTR {
			break
		}
	}
	code := uintptr(status>>8) & 0xff
	if sig := uintptr(status & 0x7f); sig != 0 {
		code = 128 + sig
	}
	for {
		syscall.RawSyscall6(unix.SYS_EXIT_GROUP, code, 0, 0, 0, 0, 0)
	}
}
