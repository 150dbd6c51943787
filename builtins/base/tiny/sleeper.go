package tiny

const (
	wnowait      = 0x01000000 // waitid(2): the child stays waitable
	sigChild     = 17
	saRestorer   = 0x04000000
	sigSetmask   = 2
	wakeInterval = 20_000_000 // nanoseconds between two attempts to run the program
)

// SleeperParams are the parameters of a sleeper. They are constants in its code, since its
// arguments and environment stay those of the program that it replaces.
type SleeperParams struct {
	// ExeFD is a descriptor of the program to run, with the sleeper's own arguments and
	// environment. It must not be close-on-exec.
	ExeFD int
	// Catch are the signals that wake the sleeper, signal n as bit n-1. Mask are the signals
	// that are blocked while it sleeps.
	Catch, Mask uint64
	// Comm is the name that ps shows: at most 15 bytes.
	Comm string
}

// Sleeper returns a program that takes the place of a larger one while nothing happens. It
// wakes when one of its children has ended, when it has no child, and when a signal of Catch
// arrives. It then runs the program ExeFD: with all signals blocked, that signal pending, and
// the child still to be waited for. If the program cannot be run, it tries again, for ever. A
// sleeper must be started with the signals of Catch blocked. Sleeper returns false for an
// unknown arch.
func Sleeper(arch string, w SleeperParams) ([]byte, bool) {
	p, ok := newProgram(arch)
	if !ok {
		return nil, false
	}
	p.move(s0, sp) // the argument block
	p.setName("comm")
	for n := int64(1); n <= 64; n++ {
		if w.Catch>>(n-1)&1 != 0 {
			p.handle(n, "signal")
		}
	}
	if w.Catch>>(sigChild-1)&1 == 0 {
		p.handle(sigChild, "nothing") // as a shell does: /proc shows that
	}
	p.signals(sigSetmask, w.Mask)

	p.label("sleep")
	p.set(a0, pAll)                      // any child
	p.set(a1, 0)                         // whatever its pid
	p.set(a2, 0)                         // its status is for the program
	p.set(a3, wexited|wnowait)           // which collects it
	p.set(a4, 0)                         // no resource usage is wanted
	p.call(sysWaitid)                    // waitid(P_ALL, 0, NULL, WEXITED|WNOWAIT, NULL)
	p.branch(ret, equal, eintr, "sleep") // repeat after an interruption
	p.signals(sigBlock, ^uint64(0))      // later signals are for the program
	p.jump("wake")

	p.label("signal") // all signals are blocked here,
	p.move(s1, a0)    // and this one has come:
	p.call(sysGetpid) // the process
	p.move(a0, ret)   // gets
	p.move(a1, s1)    // it once more,
	p.call(sysKill)   // kill(getpid(), sig), for the program to take
	p.label("wake")   // s0 is as it was before the signal
	p.runExe(w.ExeFD) // returns if that fails
	p.set(a4, 0)      // no seconds
	p.store64(a4, s0, buffer)
	p.set(a4, wakeInterval)
	p.store64(a4, s0, buffer+8)
	p.add(a0, s0, buffer) // but so many nanoseconds
	p.set(a1, 0)          // the remaining time is not wanted
	p.call(sysNanosleep)  // nanosleep(&time, NULL)
	p.jump("wake")

	p.label("nothing")
	p.back()
	p.label("restore")
	p.call(sysRtSigreturn)
	p.str("empty", "")
	p.str("comm", w.Comm)
	return p.finish(), true
}

// runExe executes a descriptor with the arguments and the environment of this program; s0 is
// the argument block.
func (p *program) runExe(fd int) {
	p.load64(s2, s0, 0)      // argc
	p.set(a0, int64(fd))     // the program is this descriptor
	p.address(a1, "empty")   // with no name
	p.add(a2, s0, 8)         // argv follows argc
	p.index8(a3, s0, s2, 16) // the environment follows argv and its NULL
	p.set(a4, atEmptyPath)   // the descriptor is the file itself
	p.call(sysExecveat)      // execveat(fd, "", argv, envp, AT_EMPTY_PATH)
}

// handle gives a signal a handler, which runs with all signals blocked.
func (p *program) handle(sig int64, label string) {
	p.address(a4, label)         // a sigaction: the handler,
	p.store64(a4, s0, buffer)    //
	p.set(a4, saRestorer)        // flags,
	p.store64(a4, s0, buffer+8)  //
	p.address(a4, "restore")     // where it returns to,
	p.store64(a4, s0, buffer+16) //
	p.set(a4, -1)                // and the mask
	p.store64(a4, s0, buffer+24) //
	p.set(a0, sig)               // for that signal
	p.add(a1, s0, buffer)        // is set
	p.set(a2, 0)                 // the old one is not wanted
	p.set(a3, sigsetSize)        // its mask is of this size
	p.call(sysRtSigaction)       // rt_sigaction(sig, &action, NULL, 8)
}
