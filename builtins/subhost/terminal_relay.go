package subhost

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
)

// A relay is the process between the caller's terminal and a command on another one. The first
// thread, which takes the signals, does everything except to show the output of the command: a
// terminal may block its writer.
//
// The relay reads typed text only where standard input is a terminal. Any other input may be
// meant for a program beside this one, as in "cat | overlay-go NAME".
type relay struct {
	c         *native.Call
	terminals [3]bool         // which of the files 0, 1 and 2 are terminals
	pty       *pseudoTerminal // nil if none of them is a terminal
	keyboard  *keyboard       // nil if standard input is not a terminal
	subhost   string          // the name of the subhost, "" for another use
	screen    int             // the terminal that shows the output of the command, or -1
	output    *output

	events  int    // an epoll descriptor
	timer   int    // a timerfd
	parent  int    // a pidfd
	watched uint64 // a set of signals
	buffer  [4096]byte
	typed   []byte // the part of buffer that the pseudo-terminal has not taken yet

	pid    int
	status unix.WaitStatus
	ended  bool        // the command has ended
	ending unix.Signal // the signal by which this process is to end, or 0
	hungUp bool        // the command has got SIGHUP
	over   bool        // the time that the command had after that is over
}

// newRelay takes over the terminals of the caller.
func newRelay(c *native.Call, target string, owner int) (r *relay, err error) {
	r = &relay{c: c, screen: -1, timer: -1, parent: -1}
	for n, f := range [...]any{c.Stdin, c.Stdout, c.Stderr} {
		fd := native.FD(f)
		if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
			continue
		}
		if fd, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3); err != nil {
			return nil, os.NewSyscallError("fcntl", err)
		}
		r.terminals[n] = true
		if n == 0 {
			r.keyboard = &keyboard{fd: fd}
		}
		if n < 2 || !r.terminals[1] {
			r.screen = fd
		}
	}
	if r.screen >= 0 {
		if r.pty, err = openPseudoTerminal(target); err != nil {
			return nil, err
		}
		if err = r.pty.prepare(r.screen, r.keyboard != nil); err != nil {
			return nil, err
		}
		if owner >= 0 {
			_ = unix.Fchown(r.pty.slave, owner, -1) // it is of use without
		}
	}
	return r, r.watch()
}

// watch sets up the events of the relay: typed text, the timer, and the end of the shell that
// runs overlay-go. Somebody may kill that shell alone; its caller then needs the terminal back.
func (r *relay) watch() (err error) {
	if r.events, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return os.NewSyscallError("epoll_create", err)
	}
	if r.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC); err != nil {
		return os.NewSyscallError("timerfd_create", err)
	}
	r.await(r.timer, unix.EPOLLIN)
	if r.pty == nil {
		return nil
	}
	if r.output, err = newOutput(r.pty.master, r.screen); err != nil {
		return err
	}
	r.await(r.output.news, unix.EPOLLIN)
	if r.keyboard != nil {
		r.await(r.keyboard.fd, unix.EPOLLIN)
	}
	if ppid := unix.Getppid(); ppid > 1 {
		if r.parent, err = unix.PidfdOpen(ppid, 0); err == nil {
			r.await(r.parent, unix.EPOLLIN)
		}
	}
	return nil
}

// await sets the events to wait for on a descriptor; 0 removes the descriptor.
func (r *relay) await(fd int, events uint32) {
	e := unix.EpollEvent{Fd: int32(fd), Events: events}
	switch err := unix.EpollCtl(r.events, unix.EPOLL_CTL_MOD, fd, &e); {
	case events == 0:
		_ = unix.EpollCtl(r.events, unix.EPOLL_CTL_DEL, fd, nil)
	case err == unix.ENOENT:
		_ = unix.EpollCtl(r.events, unix.EPOLL_CTL_ADD, fd, &e)
	}
}

// run runs the command and returns its exit status.
func (r *relay) run(command []string) int {
	r.catch()
	r.keyboard.raw()
	pid, status := r.start(command)
	if r.pid = pid; pid == 0 {
		r.ended = true
	}
	if r.output != nil {
		go r.output.copy()
	}
	r.reap()
	for !r.finished() {
		signals.Await(r.events, func() bool { return signals.Pending()&r.watched != 0 })
		r.takeSignals()
		r.takeEvents()
	}
	r.keyboard.restore()
	switch {
	case r.ending != 0 && (r.over || r.status.Signaled()):
		signals.Die(int(r.ending))
		return 128 + int(r.ending)
	case pid != 0:
		return proc.ExitStatus(r.status)
	}
	return status
}

// finished reports whether the command has ended and its output is shown. It does not wait for
// processes that the command left in the background: the kernel hangs up their terminal when
// this process ends.
func (r *relay) finished() bool {
	switch {
	case r.over:
		return true
	case !r.ended:
		return false
	}
	return r.output == nil || r.output.finish()
}

// passedOn are the signals that go to a command without a pseudo-terminal.
const passedOn = 1<<(unix.SIGHUP-1) | 1<<(unix.SIGINT-1) | 1<<(unix.SIGQUIT-1) | 1<<(unix.SIGTERM-1)

// catch catches the signals that would end or stop this process, except those that were ignored
// when it started.
func (r *relay) catch() {
	list := []unix.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM}
	if r.pty != nil {
		list = append(list, unix.SIGTSTP, unix.SIGCONT, unix.SIGWINCH)
	}
	for _, sig := range list {
		if n := int(sig); signals.Inherited()&signals.Bit(n) == 0 {
			signals.Catch(n)
			r.watched |= signals.Bit(n)
		}
	}
	signals.CatchChildren()
	r.watched |= signals.Children
}

func (r *relay) takeSignals() {
	set := signals.Pending() & r.watched
	signals.Clear(set)
	came := func(sig unix.Signal) bool { return set&signals.Bit(int(sig)) != 0 }
	if set&signals.Children != 0 {
		r.reap()
	}
	for _, sig := range [...]unix.Signal{unix.SIGINT, unix.SIGQUIT} {
		if came(sig) {
			r.interrupt(sig)
		}
	}
	for _, sig := range [...]unix.Signal{unix.SIGTERM, unix.SIGHUP} {
		if came(sig) {
			r.end(sig)
		}
	}
	if came(unix.SIGTSTP) {
		r.suspend(unix.Getpid())
	}
	if came(unix.SIGCONT) {
		r.keyboard.raw()
	}
	if came(unix.SIGCONT) || came(unix.SIGWINCH) {
		r.pty.resize(r.screen)
	}
}

// reap collects the exit status of the command. If the command has stopped, the relay stops its
// whole process group, which is one job to the caller's shell, and later continues the command
// with it. If nobody is there to continue the group, it is orphaned, and the kernel does not
// stop it either.
func (r *relay) reap() {
	for !r.ended {
		var status unix.WaitStatus
		pid, err := unix.Wait4(r.pid, &status, unix.WNOHANG|unix.WUNTRACED, nil)
		switch {
		case err == unix.EINTR:
		case err != nil, pid == 0:
			return
		case status.Stopped() && r.pty != nil:
			r.suspend(0)
			r.signal(unix.SIGCONT)
		case !status.Stopped():
			r.status, r.ended = status, true
		}
	}
}

// suspend gives the terminal back and stops a process, or with 0 the process group of the
// relay.
func (r *relay) suspend(whom int) {
	r.output.settle()
	r.keyboard.restore()
	signals.Default(int(unix.SIGTSTP))
	_ = signals.Kill(whom, int(unix.SIGTSTP))
	signals.Catch(int(unix.SIGTSTP))
	signals.Clear(signals.Bit(int(unix.SIGCONT)))
	r.keyboard.raw()
	r.pty.resize(r.screen)
}

// interrupt has the same effect as typing ^C or ^\.
func (r *relay) interrupt(sig unix.Signal) {
	if r.pty == nil {
		r.signal(sig)
		return
	}
	_ = unix.IoctlSetInt(r.pty.master, unix.TIOCSIG, int(sig))
}

// respite is the time that the processes inside have to end after a signal.
const respite = time.Second

// end passes on a signal that is to end this process. SIGHUP follows SIGTERM, since an
// interactive shell ignores SIGTERM. A command without a pseudo-terminal decides itself whether
// it ends.
func (r *relay) end(sig unix.Signal) {
	switch {
	case r.pty == nil:
		r.ending = sig
		r.signal(sig)
	case r.ending == 0:
		r.ending = sig
		fallthrough
	case sig == unix.SIGHUP && !r.hungUp:
		r.hungUp = sig == unix.SIGHUP
		r.signal(sig)
		r.signal(unix.SIGCONT)
		at := unix.ItimerSpec{Value: unix.NsecToTimespec(respite.Nanoseconds())}
		_ = unix.TimerfdSettime(r.timer, 0, &at, nil)
	}
}

// timeout handles the end of a respite.
func (r *relay) timeout() {
	var count [8]byte
	_, _ = unix.Read(r.timer, count[:])
	if r.ended || r.hungUp {
		r.over = true
	} else {
		r.end(unix.SIGHUP)
	}
}

// signal sends a signal to the command: to the process group of the session leader on its
// terminal, and to the foreground process group there. A process of nsenter may be between the
// relay and these.
func (r *relay) signal(sig unix.Signal) {
	if r.ended {
		return
	}
	if r.pty == nil {
		_ = signals.Kill(-r.pid, int(sig))
		return
	}
	leader, err := unix.IoctlGetInt(r.pty.master, unix.TIOCGSID)
	if err != nil || leader <= 1 {
		_ = signals.Kill(r.pid, int(sig))
		return
	}
	_ = signals.Kill(-leader, int(sig))
	group, err := unix.IoctlGetInt(r.pty.master, unix.TIOCGPGRP)
	if err == nil && group > 1 && group != leader {
		_ = signals.Kill(-group, int(sig))
	}
}

func (r *relay) takeEvents() {
	var list [8]unix.EpollEvent
	n, err := unix.EpollWait(r.events, list[:], 0)
	if err != nil {
		return
	}
	for _, e := range list[:n] {
		switch fd := int(e.Fd); {
		case fd == r.timer:
			r.timeout()
		case fd == r.parent:
			r.await(fd, 0)
			r.end(unix.SIGHUP)
		case r.output != nil && fd == r.output.news:
			if r.output.lost() {
				r.end(unix.SIGHUP)
			}
		case r.keyboard != nil && fd == r.keyboard.fd:
			r.readKeyboard()
		default:
			r.writeTyped()
		}
	}
}

// readKeyboard reads typed or pasted text.
func (r *relay) readKeyboard() {
	n, err := unix.Read(r.keyboard.fd, r.buffer[:])
	switch {
	case err == unix.EINTR, err == unix.EAGAIN:
	case n <= 0: // the terminal is gone, or belongs to somebody else
		r.await(r.keyboard.fd, 0)
		r.end(unix.SIGHUP)
	default:
		r.typed = r.buffer[:n]
		r.writeTyped()
		r.wake()
	}
}

// wake helps a user who types while nothing can read: the session leader has stopped, and its
// parent, a process of nsenter, has not reported that.
func (r *relay) wake() {
	leader, err := unix.IoctlGetInt(r.pty.master, unix.TIOCGSID)
	if err != nil || leader <= 1 || leader == r.pid {
		return
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(leader) + "/stat")
	if _, rest, ok := bytes.Cut(stat, []byte(") ")); err == nil && ok && rest[0] == 'T' {
		r.suspend(0)
		r.signal(unix.SIGCONT)
	}
}

// writeTyped passes typed text on. The relay reads no more before all of it is written.
func (r *relay) writeTyped() {
	n, err := unix.Write(r.pty.master, r.typed)
	if err != nil && err != unix.EAGAIN && err != unix.EINTR {
		n = len(r.typed)
	}
	r.typed = r.typed[max(n, 0):]
	if len(r.typed) > 0 {
		r.await(r.keyboard.fd, 0)
		r.await(r.pty.master, unix.EPOLLOUT)
		return
	}
	r.await(r.pty.master, 0)
	r.await(r.keyboard.fd, unix.EPOLLIN)
}
