package proc

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A StandIn is a process that stands for a subshell that runs inside the shell's own process.
// Programs under it have it as their parent. A signal that they send to their parent ends or
// stops the stand-in, not the shell.
//
// The stand-in is a child that shares the memory and the descriptor table of this process, and
// has a small stack. It makes only raw system calls (standin_server.go). So somebody may kill
// it at any moment: it holds nothing that this process needs. It gets requests through memory
// and one eventfd, and answers through memory and another eventfd. This process polls the
// answer together with the end of the stand-in.
//
// Several goroutines may use one StandIn at the same time. Its umask and current directory are
// those of the thread that made it.
type StandIn struct {
	pid     int
	pidfd   int // readable after it has ended
	request int // eventfd that wakes the stand-in
	answer  int // eventfd that wakes this process
	process int // pidfd of this process, for the stand-in to poll
	memory  []byte
	setup   *Spec // memory that its first calls point to
	// ignoresChild says that this process ignores SIGCHLD, so the programs have to ignore it,
	// too. The stand-in must not: the kernel would not keep the wait statuses for it.
	ignoresChild bool

	// life is held for reading by everything that uses what End frees.
	life sync.RWMutex
	end  sync.Once
	// mu is held from a request to its answer.
	mu       sync.Mutex
	x        *exchange   // in memory; nil after End
	programs map[int]int // a pidfd, or -1, for each program that is still to be waited for

	collect sync.Once
	status  unix.WaitStatus // of the stand-in
	killed  bool            // by another process; valid after End
}

// StandInSignals are the signal actions that a forked subshell would have.
type StandInSignals struct {
	// Ignore and Default are as in a Spec. All other signals are as in this process, but
	// without its handlers.
	Ignore, Default uint64
	// Mask is the set of blocked signals; bit 0 is signal 1.
	Mask uint64
}

// ErrNoStandIn says that a stand-in is impossible here, or for this Spec. The caller then uses
// Start instead.
var ErrNoStandIn = errors.New("no stand-in process")

// ErrStandInEnded says that another process has ended the stand-in.
var ErrStandInEnded = errors.New("the stand-in process has ended")

// standInMemory is the size of a stand-in's memory: the exchange at the start, the stack in the
// rest. The server and a child of it need less than 1 KB of stack. Their functions never grow
// the stack, and the linker enforces that limit.
const standInMemory = 8192

// NewStandIn makes a stand-in. The error is ErrNoStandIn if the processor or the kernel cannot.
//
// The process must not execute another program (Spec.Exec) before End: the stand-in would keep
// all descriptors of this process open.
func NewStandIn(signals StandInSignals) (*StandIn, error) {
	var u unix.Utsname
	if unix.Uname(&u) != nil || !coresApart(unix.ByteSliceToString(u.Release[:])) {
		return nil, ErrNoStandIn
	}
	p := &StandIn{pidfd: -1, request: -1, answer: -1, process: -1, programs: map[int]int{}}
	if err := p.open(); err != nil {
		p.free()
		return nil, err
	}
	if err := p.clone(signals); err != nil {
		p.free()
		return nil, err
	}
	var err error
	if p.pidfd, err = Pidfd(p.pid); err != nil {
		_ = unix.Kill(p.pid, unix.SIGKILL)
		Wait(p.pid)
		p.free()
		return nil, err
	}
	return p, nil
}

// coresApart reports whether a Linux of that release dumps core for one process without ending
// others that share its memory. Before 5.16 it ended them all: kill -QUIT of a stand-in would
// end this process.
func coresApart(release string) bool {
	major, rest, _ := strings.Cut(release, ".")
	end := strings.IndexFunc(rest, func(c rune) bool { return c < '0' || c > '9' })
	if end < 0 {
		end = len(rest)
	}
	x, err := strconv.Atoi(major)
	y, err2 := strconv.Atoi(rest[:end])
	return err == nil && err2 == nil && (x > 5 || x == 5 && y >= 16)
}

// Pidfd returns a descriptor that is readable after the process has ended (pidfd_open(2)). Its
// number is above those that a script names.
func Pidfd(pid int) (int, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return -1, os.NewSyscallError("pidfd_open", err)
	}
	return raise(fd)
}

// open makes the memory and the descriptors.
func (p *StandIn) open() (err error) {
	p.memory, err = unix.Mmap(-1, 0, standInMemory, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	for _, fd := range []*int{&p.request, &p.answer} {
		if *fd, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
			return os.NewSyscallError("eventfd", err)
		}
		if *fd, err = raise(*fd); err != nil {
			return err
		}
	}
	if p.process, err = Pidfd(os.Getpid()); err != nil {
		return err
	}
	p.x = (*exchange)(unsafe.Pointer(&p.memory[0]))
	p.x.polls[0] = unix.PollFd{Fd: int32(p.request), Events: unix.POLLIN}
	p.x.polls[1] = unix.PollFd{Fd: int32(p.process), Events: unix.POLLIN}
	p.x.answer = uintptr(p.answer)
	return nil
}

// clone makes the process. It blocks all signals until the stand-in has set its signal actions.
func (p *StandIn) clone(signals StandInSignals) error {
	p.setup = &Spec{Ignore: signals.Ignore, Default: signals.Default}
	p.x.setup = append(p.setup.actions(p.setup.decided),
		soft(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD), Pointer(p.setup, &[4]uintptr{}), 0, 8),
		p.setup.mask(signals.Mask))
	p.setup.keep = append(p.setup.keep, p.x.setup)
	p.ignoresChild = ignored(unix.SIGCHLD)
	stack := int(unsafe.Sizeof(exchange{})+15) &^ 15
	alive := uint64(uintptr(unsafe.Pointer(&p.x.alive)))
	args := &cloneArgs{
		flags: unix.CLONE_VM | unix.CLONE_FILES | unix.CLONE_FS | clearHandlers |
			unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_CLEARTID,
		childTID:   alive,
		parentTID:  alive,
		exitSignal: uint64(unix.SIGCHLD),
		stack:      uint64(uintptr(unsafe.Pointer(&p.memory[stack]))),
		stackSize:  uint64(standInMemory - stack),
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	follow()
	followName()
	var old unix.Sigset_t
	blockSignals(&old)
	pid, errno := cloneServer(args, unsafe.Sizeof(*args), serve, p.x)
	unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	switch errno {
	case 0:
		p.pid = int(pid)
		return nil
	case unix.ENOSYS, unix.EINVAL, unix.EPERM:
		return ErrNoStandIn
	}
	return os.NewSyscallError("clone3", errno)
}

// ignored reports whether this process ignores a signal.
func ignored(sig unix.Signal) bool {
	var act [4]uintptr // struct sigaction
	_, _, errno := syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), 0,
		uintptr(unsafe.Pointer(&act)), 8, 0, 0)
	return errno == 0 && act[0] == 1
}

// Pid returns the process id of the stand-in.
func (p *StandIn) Pid() int { return p.pid }

// Killed reports whether another process has ended the stand-in, and its wait status. It makes
// no system call while the stand-in lives: the kernel clears a word in memory when that ends
// (CLONE_CHILD_CLEARTID of clone(2)).
func (p *StandIn) Killed() (status unix.WaitStatus, killed bool) {
	p.life.RLock()
	defer p.life.RUnlock()
	if p.x == nil {
		return p.status, p.killed
	}
	if atomic.LoadInt32(&p.x.alive) != 0 {
		return 0, false
	}
	return p.outcome(), true
}

// outcome waits for the stand-in, which has ended or is about to.
func (p *StandIn) outcome() unix.WaitStatus {
	p.collect.Do(func() { p.status, _ = Wait(p.pid) })
	return p.status
}

// End ends the stand-in and frees its resources. Running programs go on alone, as those in the
// background of a subshell that exits; calls that wait for them return. Like Killed, it reports
// whether another process had ended the stand-in.
func (p *StandIn) End() (status unix.WaitStatus, killed bool) {
	p.end.Do(func() {
		_, gone := p.Killed()
		if !gone {
			p.kill()
		}
		status := p.outcome()
		p.life.Lock()
		defer p.life.Unlock()
		p.killed = gone || !status.Signaled() || status.Signal() != unix.SIGKILL
		p.free()
	})
	return p.Killed()
}

// kill ends the stand-in. A filter may forbid the call by pidfd. The process id is as safe,
// since nobody has waited for the process. If neither worked, outcome would wait for ever.
func (p *StandIn) kill() {
	if unix.PidfdSendSignal(p.pidfd, unix.SIGKILL, nil, 0) != nil {
		_ = unix.Kill(p.pid, unix.SIGKILL)
	}
}

// free releases the resources of open, and the descriptors of programs.
func (p *StandIn) free() {
	p.x = nil
	for _, fd := range []int{p.pidfd, p.request, p.answer, p.process} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	for _, fd := range p.programs {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	p.programs = nil
	if p.memory != nil {
		_ = unix.Munmap(p.memory)
	}
	p.memory = nil
}
