package tiny

const (
	sigBlock    = 0 // how of rt_sigprocmask
	sigUnblock  = 1
	sigsetSize  = 8
	pAll        = 0 // idtype of waitid
	wexited     = 4
	wall        = 1 << 30 // option of wait4: children of clone(2), too
	eintr       = -4
	prSetName   = 15
	atFDCWD     = -100
	atEmptyPath = 0x1000
)

// allSignals leaves out 32 and 33, which the C library reserves: the original reaper, written
// in C, has this mask in /proc.
const allSignals = uint64(1<<64 - 1 - 1<<31 - 1<<32)

// Programs start with s0 at the kernel's argument block, and use the stack below it. Only the
// kernel also writes there, for a handled signal: the contents do not survive that.
const (
	buffer  = -64 // 32 bytes: a struct sigaction, or one character
	status  = -72 // 4 bytes: a wait status
	sigmask = -80 // 8 bytes: a signal set
)

// Reaper returns the first process of a subhost. It blocks every signal and waits for any child,
// orphans included. When none is left it exits as the last one did: with its status, or with 128
// and the number of the signal that killed it. Its arguments have no effect: they hold the
// subhost's name for ps. Reaper returns false for an unknown arch.
func Reaper(arch string) ([]byte, bool) {
	p, ok := newProgram(arch)
	if !ok {
		return nil, false
	}
	p.move(s0, sp) // the stack
	p.blockSignals(allSignals)
	p.set(s1, 0) // the status if there was no child
	p.label("wait")
	p.set(a0, -1)                       // for any child:
	p.add(a1, s0, status)               // its status goes to the stack
	p.set(a2, wall)                     // only its end, however it was started
	p.set(a3, 0)                        // no resource usage is wanted
	p.call(sysWait4)                    // wait4(-1, &status, __WALL, NULL)
	p.branch(ret, equal, eintr, "wait") // repeat after an interruption
	p.branch(ret, less, 0, "alone")     // ECHILD: no child is left
	p.load32(s1, s0, status)            // keep the status
	p.jump("wait")                      // and wait for the next
	p.label("alone")
	p.exitLikeChild()
	p.add(a0, s2, 128)   // killed:
	p.call(sysExitGroup) // exit_group(128 + sig)
	return p.finish(), true
}

// blockSignals adds set to the blocked signals; s0 is the stack.
func (p *program) blockSignals(set uint64) { p.signals(sigBlock, set) }

// signals changes the blocked signals; s0 is the stack.
func (p *program) signals(how int64, set uint64) {
	p.set(a4, int64(set))      // the signals
	p.store64(a4, s0, sigmask) // in memory
	p.set(a0, how)             // added, taken away, or instead
	p.add(a1, s0, sigmask)     // from there
	p.set(a2, 0)               // the old set is not wanted
	p.set(a3, sigsetSize)      // as large as the kernel's
	p.call(sysRtSigprocmask)   // rt_sigprocmask(how, &set, NULL, 8)
}

// setName sets the name of the process that ps and /proc/PID/comm show.
func (p *program) setName(label string) {
	p.set(a0, prSetName) // the name
	p.address(a1, label) // is this string
	p.call(sysPrctl)     // prctl(PR_SET_NAME, name)
}

// WaiterParams are the parameters of a waiter. They are constants in its code, since its
// arguments and environment stay those of the program that it replaces.
type WaiterParams struct {
	// Pid is the child to wait for.
	Pid int
	// Comm, if not empty, is the name that ps shows: at most 15 bytes.
	Comm string
	// Exits makes it exit where its child was killed by a signal, with Base and the number of
	// the signal as its status.
	Exits bool
	Base  int
	// Tells, if not nil, makes it report such an end, or a missing child. Its status is then
	// that of wait(2), and 1 without a child or if the report cannot be written.
	Tells *Report
}

// A Report has the texts of a waiter about a child that did not exit: those before and behind
// its pid. None is about a missing child.
type Report struct{ Before, Behind, None string }

// Waiter returns a program that waits in the place of a larger one, and ends like its child:
// with its exit status, or by the signal that killed it unless Exits is set. A missing child
// counts as one that exited with 127. Waiter returns false for an unknown arch.
func Waiter(arch string, w WaiterParams) ([]byte, bool) {
	p, ok := newProgram(arch)
	if !ok {
		return nil, false
	}
	p.move(s0, sp) // the argument block
	if w.Comm != "" {
		p.setName("comm")
	}
	missing := ""
	if w.Tells != nil {
		missing = "no child"
	}
	p.waitFor(w.Pid, missing)
	p.exitLikeChild()
	switch {
	case w.Tells != nil:
		p.bits(s2, s1, 0, 8) // the signal, and whether there is a core dump
		p.tell(w.Tells, "lost")
		p.move(a0, s2)       // are the status
		p.call(sysExitGroup) // exit_group(sig)
		p.label("no child")
		p.write("none", w.Tells.None)
		p.label("lost")
		p.set(a0, 1)         // a failure
		p.call(sysExitGroup) // exit_group(1)
	case w.Exits:
		p.add(a0, s2, int32(w.Base)) // the signal and the base
		p.call(sysExitGroup)         // exit_group(base + sig)
	default:
		p.dieLikeChild()
	}
	p.str("comm", w.Comm)
	return p.finish(), true
}

// waitFor leaves the wait status of a child in s1 and on the stack, and its pid in s3. It goes
// on at a label, if one is given, where there is no such child.
func (p *program) waitFor(pid int, missing string) {
	p.label("wait")
	p.set(a0, int64(pid))               // the child
	p.add(a1, s0, status)               // its status goes to the stack
	p.set(a2, 0)                        // only its end
	p.set(a3, 0)                        // no resource usage is wanted
	p.call(sysWait4)                    // wait4(pid, &status, 0, NULL)
	p.branch(ret, equal, eintr, "wait") // repeat after an interruption
	if missing != "" {
		p.branch(ret, less, 0, missing) // there is no such child
		p.move(s3, ret)                 // keep its pid
	} else {
		p.branch(ret, greaterEqual, 0, "waited") // it has ended
		p.set(a4, 127<<8)                        // there is no such child: "exited 127"
		p.store32(a4, s0, status)                // is its status
	}
	p.label("waited")
	p.load32(s1, s0, status) // keep the status
}

// exitLikeChild exits with the exit status in s1. It goes on with the number of the signal in
// s2 if the child was killed.
func (p *program) exitLikeChild() {
	p.bits(s2, s1, 0, 7)                // the signal that killed it
	p.branch(s2, notEqual, 0, "killed") // if there was one
	p.bits(a0, s1, 8, 8)                // else its exit status
	p.call(sysExitGroup)                // exit_group(status)
	p.label("killed")
}

// dieLikeChild ends the process by the signal in s2.
func (p *program) dieLikeChild() {
	p.set(a4, 0)                 // SIG_DFL is 0, so are no flags,
	p.store64(a4, s0, buffer)    // no restorer and no mask:
	p.store64(a4, s0, buffer+8)  // a sigaction
	p.store64(a4, s0, buffer+16) // of 32 bytes,
	p.store64(a4, s0, buffer+24) // all zero
	p.move(a0, s2)               // for that signal
	p.add(a1, s0, buffer)        // to be set
	p.set(a2, 0)                 // the old one is not wanted
	p.set(a3, sigsetSize)        // its mask is of this size
	p.call(sysRtSigaction)       // rt_sigaction(sig, &action, NULL, 8)

	p.add(a5, s2, -1)          // signal n is bit n-1
	p.bit(a4, a5)              // of the set
	p.store64(a4, s0, sigmask) // in memory
	p.set(a0, sigUnblock)      // no longer blocked
	p.add(a1, s0, sigmask)     // is this set
	p.set(a2, 0)               // the old one is not wanted
	p.set(a3, sigsetSize)      // as large as the kernel's
	p.call(sysRtSigprocmask)   // rt_sigprocmask(SIG_UNBLOCK, &set, NULL, 8)

	p.call(sysGetpid)    // this process
	p.move(a0, ret)      // gets
	p.move(a1, s2)       // the signal
	p.call(sysKill)      // kill(getpid(), sig)
	p.add(a0, s2, 128)   // still here, as pid 1 may be:
	p.call(sysExitGroup) // exit_group(128 + sig)
}

// Dummy returns the service that keeps a subhost alive without any other service. It waits
// until somebody opens the FIFO /run/dummy_service for writing, reads one line or to the end,
// and exits with status 0. Any signal may end it earlier. Without the FIFO it exits with status
// 1. Dummy returns false for an unknown arch.
func Dummy(arch string) ([]byte, bool) {
	p, ok := newProgram(arch)
	if !ok {
		return nil, false
	}
	p.move(s0, sp) // the stack
	p.setName("name")
	p.set(a0, atFDCWD)               // the path is absolute
	p.address(a1, "path")            // this FIFO
	p.set(a2, 0)                     // for reading
	p.call(sysOpenat)                // openat(AT_FDCWD, path, O_RDONLY)
	p.branch(ret, less, 0, "failed") // there is none
	p.move(s1, ret)                  // keep the descriptor

	p.label("read")
	p.move(a0, s1)                       // from the FIFO
	p.add(a1, s0, buffer)                // to the stack
	p.set(a2, 1)                         // one character: the rest stays there
	p.call(sysRead)                      // read(fd, buffer, 1)
	p.branch(ret, equal, eintr, "read")  // repeat after an interruption
	p.branch(ret, notEqual, 1, "done")   // the writer is gone
	p.load32(s2, s0, buffer)             // four bytes,
	p.bits(s2, s2, 0, 8)                 // the first of which was read
	p.branch(s2, notEqual, '\n', "read") // on to the end of the line

	p.label("done")
	p.set(a0, 0)         // asked to end
	p.call(sysExitGroup) // exit_group(0)
	p.label("failed")
	p.set(a0, 1)         // nothing to wait for
	p.call(sysExitGroup) // exit_group(1)

	p.str("name", "dummy_service")
	p.str("path", "/run/dummy_service")
	return p.finish(), true
}

// copyBuffer is the place for a copier's data, below the signal set on the stack. It is as far
// away as arm64 can subtract in one instruction. copySize is the largest amount.
const (
	copyBuffer = -4080
	copySize   = 4000
)

// Copier returns a program that copies standard input to standard output, and exits with status
// 0 at the end. It drops what it cannot write, so that a writer never waits for a full disk. It
// blocks every signal. Copier returns false for an unknown arch.
func Copier(arch string) ([]byte, bool) {
	p, ok := newProgram(arch)
	if !ok {
		return nil, false
	}
	p.move(s0, sp) // the stack
	p.setName("name")
	p.blockSignals(allSignals)
	p.label("read")
	p.set(a0, 0)                        // from standard input
	p.add(a1, s0, copyBuffer)           // to the stack
	p.set(a2, copySize)                 // as much as there is
	p.call(sysRead)                     // read(0, buffer, size)
	p.branch(ret, equal, eintr, "read") // repeat after an interruption
	p.branch(ret, less, 1, "end")       // no writer is left
	p.move(s1, ret)                     // keep the length
	p.label("write")
	p.set(a0, 1)                         // to standard output
	p.add(a1, s0, copyBuffer)            // what was read
	p.move(a2, s1)                       // all of it
	p.call(sysWrite)                     // write(1, buffer, length)
	p.branch(ret, equal, eintr, "write") // repeat after an interruption
	p.jump("read")
	p.label("end")
	p.set(a0, 0)         // all is copied
	p.call(sysExitGroup) // exit_group(0)
	p.str("name", "overlay-copy")
	return p.finish(), true
}
