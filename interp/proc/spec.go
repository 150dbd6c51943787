// Package proc starts programs. Everything in the shell that runs one goes
// through a Spec: what to execute, with which descriptors, and in which place
// (namespaces, root, session). Prefix commands such as env, nsenter, unshare
// or chroot only edit the Spec and pass it on, so that a chain of them costs
// what its system calls cost.
//
// The place is a list of system calls that the child makes in order between
// fork and execve. A Go program cannot fork in general, since only one thread
// survives and the Go runtime needs its others; the child here therefore runs
// one small function that does nothing but raw system calls on memory that
// was prepared before.
package proc

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"overlayboot/interp/signals"
)

// A Spec says what to start and where.
type Spec struct {
	// Argv are the arguments that the program sees; Argv[0] need not be its file.
	Argv []string
	// Env is its environment, as NAME=value.
	Env []string
	// Paths are the files to execute; the first that can be is.
	Paths []string
	// Unseen says that nobody has looked what the name stands for, in another root or with
	// other mounts: the process is to do it.
	Unseen bool
	// Exe, when not negative, is a descriptor of the program; Paths is not used.
	Exe int
	// Dir is a descriptor of its working directory, AT_FDCWD for the caller's.
	Dir int
	// Files are its descriptors: the index is the number in the child, the
	// value ours, negative for one that is closed there.
	Files []int
	// Pass are descriptors for our own binary started anew, which has them under the
	// same numbers: those of ours, that no file of a caller can have. They are above
	// those of Files.
	Pass []int
	// Blame is what the prefix command before the program says when that cannot
	// be executed: a format for its name and the error. Empty: the shell says it.
	Blame string
	// BlameStatus, when not 0, is the exit status then, instead of 126 or 127.
	BlameStatus int
	// BlameLost, when not 0, is the exit status where that could not be written.
	BlameLost int
	// Ignore are signals that the program starts with ignored, as signals.Bit gives
	// them, Default those that
	// the caller ignores and the program is not to; all others are as they are for
	// a program that the caller executes.
	Ignore, Default uint64

	// Group makes the program a process group of its own, or where there is a
	// Leader one of the group of that process. Terminal is then a descriptor of the
	// terminal that the group gets, negative for none.
	Group            bool
	Leader, Terminal int

	tid     *int32 // where the child finds its process id
	ops     []op
	fails   []Failure
	levels  []level
	keep    []any // memory that ops point to
	changed Change
	apart   bool // the child needs memory of its own
	orphans bool // its children are in another pid namespace than it is
	netns   int
	cgroup  *cgroupPlace
	opened  []int
	late    []func(*Spec)
	instead map[int]int // what takes the place of Files
	// decided are signals that a step has set, decidedIgnore those of them to ignore.
	decided, decidedIgnore uint64
	block                  uint64 // signals to block
}

// Change says what the steps of a Spec change, for those who can do without
// a process if it is only that.
type Change uint

// The kinds of change.
const (
	ChangesNet    Change = 1 << iota // the network namespace
	ChangesRoot                      // the root directory
	ChangesMounts                    // what files there are: another mount namespace
	ChangesOther                     // anything else, such as new namespaces
)

// A Failure is what is said when a step fails: "Text: strerror", and the exit
// status of the command that the step stands for.
type Failure struct {
	Text   string
	Status int
}

// opKind tells the child how to treat a system call.
type opKind uint8

const (
	opCall opKind = iota // failure ends the child
	opSoft               // failure does not matter
	opExec               // success does not return; failure goes to the next op
	opFork               // the child goes on, the parent jumps to op.a[0]
	opFail               // report the errno of the last opExec
	opWait               // wait for the child and exit as it did
)

// op is one step in the child.
type op struct {
	kind opKind
	file bool // a[0] is a number among Spec.Files, until they are known
	fail int  // index into Spec.fails
	nr   uintptr
	a    [6]uintptr
}

// level is a process that forks a child and waits for it.
type level struct {
	forkOp int      // index of its opFork
	argv   []string // nil: it does not wait
	leader bool     // only where it leads a process group
	block  uint64   // signals that it blocks, as a mask
}

// Changed returns what the steps added so far change.
func (s *Spec) Changed() Change { return s.changed }

// Call adds a system call. Pointers come from String or Pointer.
func (s *Spec) Call(f Failure, what Change, nr uintptr, args ...uintptr) {
	s.add(opCall, f, nr, args...)
	s.changed |= what
}

// CallOn is Call for a system call on the program's file n, which is its first argument:
// what a number is in the program it is not yet when the steps are made.
func (s *Spec) CallOn(n int, f Failure, what Change, nr uintptr, args ...uintptr) {
	s.Call(f, what, nr, append([]uintptr{uintptr(n)}, args...)...)
	s.ops[len(s.ops)-1].file = true
}

// Try adds a system call whose failure does not matter.
func (s *Spec) Try(what Change, nr uintptr, args ...uintptr) {
	s.add(opSoft, Failure{}, nr, args...)
	s.changed |= what
}

func (s *Spec) add(kind opKind, f Failure, nr uintptr, args ...uintptr) {
	o := op{kind: kind, fail: len(s.fails), nr: nr}
	copy(o.a[:], args)
	s.fails = append(s.fails, f)
	s.ops = append(s.ops, o)
}

// String returns the address of a NUL-terminated copy of text that lives as
// long as the Spec does.
func (s *Spec) String(text string) uintptr {
	p, err := unix.BytePtrFromString(text)
	if err != nil { // a NUL inside: the kernel would see a shorter name
		p = new(byte)
	}
	s.keep = append(s.keep, p)
	return uintptr(unsafe.Pointer(p))
}

// Pointer returns the address of *p and keeps it alive with the Spec.
func Pointer[T any](s *Spec, p *T) uintptr {
	s.keep = append(s.keep, p)
	return uintptr(unsafe.Pointer(p))
}

// Own hands over a descriptor that the steps use; Release closes it.
func (s *Spec) Own(fd int) { s.opened = append(s.opened, fd) }

// Instead gives the program a descriptor that the Spec owns as its file n, whatever Files
// say when it starts.
func (s *Spec) Instead(n, fd int) {
	if s.instead == nil {
		s.instead = map[int]int{}
	}
	s.instead[n] = fd
	s.changed |= ChangesOther
}

// HasInstead reports whether a file n has been put in place of that of Files.
func (s *Spec) HasInstead(n int) bool {
	_, ok := s.instead[n]
	return ok
}

// Release closes what the Spec owns. It may be called more than once.
func (s *Spec) Release() {
	for _, fd := range s.opened {
		unix.Close(fd)
	}
	s.opened = nil
}

// Late adds steps that are needed only if a process is started: fn is called
// by Start and Exec.
func (s *Spec) Late(fn func(*Spec)) { s.late = append(s.late, fn) }

// needApart are the namespaces that no process can enter or make whose memory others
// use too (time_namespaces(7), setns(2)).
const needApart = unix.CLONE_NEWTIME | unix.CLONE_NEWUSER

// Setns enters the namespace that fd refers to; flag is its CLONE_NEW kind.
// The caller keeps fd open until Start.
func (s *Spec) Setns(fd, flag int, f Failure) {
	what := ChangesOther
	switch flag {
	case unix.CLONE_NEWNET:
		what = ChangesNet
		s.netns = fd
	case unix.CLONE_NEWNS:
		what = ChangesMounts
	}
	s.apart = s.apart || flag&needApart != 0
	s.orphans = s.orphans || flag == unix.CLONE_NEWPID
	s.Call(f, what, unix.SYS_SETNS, uintptr(fd), uintptr(flag))
}

// NetNS is the descriptor of the network namespace that the steps enter; it
// means something only when Changed has ChangesNet.
func (s *Spec) NetNS() int { return s.netns }

// Unshare gives the program new namespaces. Those for pids and time are for
// the children of the process only: see Fork.
func (s *Spec) Unshare(flags int, f Failure) {
	s.apart = s.apart || flags&needApart != 0
	s.orphans = s.orphans || flags&unix.CLONE_NEWPID != 0
	s.Call(f, ChangesOther, unix.SYS_UNSHARE, uintptr(flags))
}

// Fork adds a process level: the process made so far stays, shown by ps with
// argv, and waits for a child that goes on with the steps added after. It ends
// as the child ends, or with status 0 at once where argv is nil. block is the mask of
// signals that it blocks.
func (s *Spec) Fork(argv []string, block uint64, f Failure) {
	s.levels = append(s.levels, level{forkOp: len(s.ops), argv: argv, block: block | s.block})
	s.add(opFork, f, unix.SYS_CLONE, uintptr(unix.SIGCHLD))
	s.changed |= ChangesOther
	s.apart = true
	s.orphans = false
}

// CannotThread reports whether the program would be unable to make threads, as this one
// does: its children are to be in another pid namespace (pid_namespaces(7)).
func (s *Spec) CannotThread() bool { return s.orphans }

// ForkLeader is Fork for a process that leads a process group:
// only then the steps after it, such as setsid(2), need another one.
func (s *Spec) ForkLeader(argv []string, f Failure) {
	apart, orphans := s.apart, s.orphans
	s.Fork(argv, 0, f)
	s.levels[len(s.levels)-1].leader = true
	s.apart, s.orphans = apart, orphans
}

// forks reports for each level whether it is made. One of ForkLeader is not, unless the
// process leads a group there: from its start, or since it has a session of its own.
func (s *Spec) forks() []bool {
	made := make([]bool, 0, len(s.levels))
	leads := s.Group
	for _, o := range s.ops {
		switch {
		case o.nr == unix.SYS_SETSID && o.kind == opCall:
			leads = true
		case o.kind == opFork:
			fork := leads || !s.levels[len(made)].leader
			made = append(made, fork)
			leads = leads && !fork
		}
	}
	return made
}

// leads reports whether there is a level because the process leads a group.
func (s *Spec) leads() bool {
	for i, made := range s.forks() {
		if made && s.levels[i].leader {
			return true
		}
	}
	return false
}

// An Error is a step that failed, or a program that could not be executed.
type Error struct {
	Failure Failure
	Exec    bool // it was execve that failed
	Errno   unix.Errno
}

// Error names the operation, what it was done with, and why it failed.
func (e *Error) Error() string {
	if e.Failure.Text == "" {
		return e.Errno.Error()
	}
	return fmt.Sprintf("%s: %v", e.Failure.Text, e.Errno)
}

// Unwrap gives the number of the error.
func (e *Error) Unwrap() error { return e.Errno }

// SetSignal makes the program start with a signal ignored, or with its default action,
// whatever the caller and Ignore and Default say. Where f is nil, failure does not matter.
func (s *Spec) SetSignal(sig unix.Signal, ignore bool, f *Failure) {
	act := new([4]uintptr) // struct sigaction with SIG_DFL
	bit := signals.Bit(int(sig))
	s.decided |= bit
	s.decidedIgnore &^= bit
	if ignore {
		act[0] = 1 // SIG_IGN
		s.decidedIgnore |= bit
	}
	kind, failure := opSoft, Failure{}
	if f != nil {
		kind, failure = opCall, *f
	}
	s.add(kind, failure, unix.SYS_RT_SIGACTION, uintptr(sig), Pointer(s, act), 0, 8)
	s.changed |= ChangesOther
}

// BlockSignals makes the program start with more signals blocked than the caller's are.
func (s *Spec) BlockSignals(set uint64) {
	s.block |= set
	s.changed |= ChangesOther
}

// IgnoredOf is what the program ignores, where the caller would have it ignore a set.
func (s *Spec) IgnoredOf(set uint64) uint64 { return set&^s.decided | s.decidedIgnore }
