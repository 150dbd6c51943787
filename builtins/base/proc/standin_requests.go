package proc

import (
	"runtime"
	"slices"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// StartUnder is Start for a program whose parent is the stand-in. It returns ErrNoStandIn,
// before it does anything, for steps that need a process with memory of its own. It returns
// ErrStandInEnded if another process had already ended the stand-in.
//
// While the stand-in is stopped, StartUnder waits until it continues or ends.
func (s *Spec) StartUnder(p *StandIn) (pid int, err error) {
	s.tid = new(int32)
	ops, cleanup, err := s.assemble()
	defer cleanup()
	switch {
	case err != nil:
		return 0, err
	case s.apart:
		return 0, ErrNoStandIn
	}
	pid, said, err := p.start(slices.Concat(p.before(s), ops), s.tid)
	runtime.KeepAlive(s)
	if err == nil && said.failed {
		return 0, s.explain(said.at, said.errno)
	}
	return pid, err
}

// before returns the first calls of a program: it blocks all signals until the program has its
// own signal actions, as in Start.
func (p *StandIn) before(s *Spec) []op {
	ops := []op{s.mask(^uint64(0))}
	if p.ignoresChild {
		ignore := Pointer(s, &[4]uintptr{1})
		ops = append(ops, soft(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD), ignore, 0, 8))
	}
	return ops
}

// start has the stand-in start the program of ops. The kernel stores the process id of the
// child in tid before the child runs.
//
// start does not take ForkLock. All descriptors here are close-on-exec from the beginning, and
// a stopped stand-in would block every other start.
func (p *StandIn) start(ops []op, tid *int32) (pid int, said verdict, err error) {
	p.life.RLock()
	defer p.life.RUnlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.x == nil {
		return 0, said, ErrStandInEnded
	}
	p.x.args = cloneArgs{
		flags: unix.CLONE_VM | unix.CLONE_VFORK | clearHandlers |
			unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_CLEARTID,
		childTID:   uint64(uintptr(unsafe.Pointer(&p.x.child))),
		parentTID:  uint64(uintptr(unsafe.Pointer(tid))),
		exitSignal: uint64(unix.SIGCHLD),
	}
	p.x.ops, p.x.said, p.x.child = ops, verdict{}, 1
	if !p.ask(askStart) {
		pid, err = p.leftBehind(tid)
		runtime.KeepAlive(ops)
		return pid, p.x.said, err
	}
	runtime.KeepAlive(ops)
	switch {
	case p.x.errno != 0:
		return 0, said, &Error{Failure: Failure{"fork", 2}, Errno: p.x.errno}
	case p.x.said.failed:
		return 0, p.x.said, nil
	}
	pid = p.x.pid
	p.programs[pid], _ = Pidfd(pid) // -1 if no descriptor is left
	return pid, said, nil
}

// leftBehind returns the child of a stand-in that ended before it answered; perhaps that very
// child ended it. Until the child executes a program, it uses the memory of this process, on
// the stack of the stand-in.
func (p *StandIn) leftBehind(tid *int32) (pid int, err error) {
	pid = int(atomic.LoadInt32(tid))
	if pid == 0 {
		return 0, ErrStandInEnded
	}
	for atomic.LoadInt32(&p.x.child) != 0 {
		nap(childNap)
	}
	return pid, nil
}

// ask makes a request and waits for the answer. It returns false if the stand-in has ended. The
// caller holds mu.
func (p *StandIn) ask(what request) bool {
	p.x.what = what
	one := [8]byte{0: 1, 7: 1} // not 0 in either byte order, and not the highest value
	if _, err := unix.Write(p.request, one[:]); err != nil {
		return false
	}
	fds := [2]unix.PollFd{{Fd: int32(p.answer), Events: unix.POLLIN},
		{Fd: int32(p.pidfd), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds[:], -1)
		switch {
		case err == unix.EINTR:
		case err != nil: // no memory, or a descriptor limit below two
			if atomic.LoadInt32(&p.x.alive) == 0 {
				return false
			}
			nap(childNap)
		case fds[0].Revents != 0:
			_, err := unix.Read(p.answer, one[:])
			return err == nil
		case fds[1].Revents != 0:
			return false
		}
	}
}

// Settle returns when the stand-in has acted on the signals sent to it so far. It returns false
// if the stand-in has ended.
func (p *StandIn) Settle() bool {
	p.life.RLock()
	defer p.life.RUnlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.x != nil && p.ask(askNothing)
}

// Wait waits until a program under the stand-in ends, and returns its wait status. ok is false
// if there is no such program, or if the stand-in has ended: nobody here can then wait for the
// program.
func (p *StandIn) Wait(pid int) (status unix.WaitStatus, ok bool) {
	p.life.RLock()
	defer p.life.RUnlock()
	p.mu.Lock()
	fd, known := p.programs[pid]
	p.mu.Unlock()
	for known {
		if !p.ended(fd) {
			return 0, false
		}
		status, done, ok := p.reap(pid)
		if done || !ok {
			return status, ok
		}
	}
	return 0, false
}

// ended waits until a program has ended, or for a moment if the program has no pidfd. It
// returns false if the stand-in has ended.
func (p *StandIn) ended(program int) bool {
	timeout := -1
	if program < 0 {
		timeout = 1
	}
	fds := [2]unix.PollFd{{Fd: int32(program), Events: unix.POLLIN},
		{Fd: int32(p.pidfd), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds[:], timeout)
		switch {
		case err == nil:
			return fds[1].Revents == 0
		case err != unix.EINTR:
			nap(childNap)
			return true
		}
	}
}

// reap has the stand-in collect a program. done is false if the program still runs, and ok is
// false if the stand-in has ended.
func (p *StandIn) reap(pid int) (status unix.WaitStatus, done, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fd, known := p.programs[pid]
	if !known || p.x == nil {
		return 0, false, false
	}
	p.x.pid = pid
	if !p.ask(askReap) {
		return 0, false, false
	}
	if p.x.pid == 0 && p.x.errno == 0 {
		return 0, false, true
	}
	delete(p.programs, pid)
	if fd >= 0 {
		unix.Close(fd)
	}
	return unix.WaitStatus(p.x.status), true, p.x.errno == 0
}

// nap sleeps on this thread alone: time.Sleep would wake another thread.
func nap(d time.Duration) {
	ts := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&ts, nil)
}
