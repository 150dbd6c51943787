// Package proc starts programs. The shell starts each program by a Spec: what to execute, with
// which descriptors, and in which place (namespaces, root, session). Prefix commands such as
// env, nsenter, unshare or chroot only edit the Spec and pass it on. So a chain of them costs
// only its system calls.
//
// The place is a list of system calls that the child makes in order between fork and execve. In
// general a Go program cannot fork: only one thread survives, and the Go runtime needs its
// other threads. Here the child runs one small function, which makes only raw system calls on
// memory that was prepared before.
package proc

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/base/tiny"
)

// A Spec describes a program to start, and its place.
type Spec struct {
	// Argv are the arguments of the program; Argv[0] need not be its file name.
	Argv []string
	// Env is the environment of the program, as NAME=value.
	Env []string
	// Paths are the candidate files; the first that can be executed is used.
	Paths []string
	// Unseen says that the command was not looked up, since the program has another root or
	// other mounts: the new process has to look it up.
	Unseen bool
	// Exe, if not negative, is a descriptor of the program; Paths is then unused.
	Exe int
	// Dir is a descriptor of the program's working directory, AT_FDCWD for the caller's.
	Dir int
	// Files are the descriptors of the program: the index is the number in the child, the value
	// the number in this process. A negative value means a closed descriptor.
	Files []int
	// Pass are descriptors of this process that this binary, when it is re-executed, keeps
	// under the same numbers. They are above the numbers of Files, so no file of a caller has
	// such a number.
	Pass []int
	// Blame is how the last prefix command reports that the program cannot be executed.
	Blame Blame
	// Ignore is the set of signals that the program starts with ignored, with the bits of
	// signals.Bit. Default is the set of signals that the caller ignores and the program must
	// not. All other signals are as for a program that the caller executes.
	Ignore, Default uint64

	// Taken are the capabilities that a step takes away, a bit for each: a later step cannot set
	// them.
	Taken uint64

	// Group makes the program a process group of its own or, with a Leader, a member of the
	// group of that process. Terminal is a descriptor of the terminal that the group gets,
	// negative for none.
	Group            bool
	Leader, Terminal int
	// AsCaller says that the program takes the place of this process, which may lead a process
	// group, although it gets a process of its own.
	AsCaller bool

	tid     *int32 // where the child finds its process id
	ops     []op
	fails   []Failure
	levels  []level
	made    []bool // the levels that the assembled steps make
	keep    []any  // memory that ops point to
	changed Change
	apart   bool // the child needs memory of its own
	single  bool // a step before any Fork needs a process with one thread
	orphans bool // its children are in another pid namespace than itself
	netns   int
	cgroup  *cgroupPlace
	opened  []int
	late    []func(*Spec)
	behind  []func(*Spec)
	between []func(*Spec)
	instead map[int]int // descriptors that replace entries of Files
	// decided are the signals that a step has set; decidedIgnore are those of them that it
	// ignores.
	decided, decidedIgnore uint64
	block, keepersBlock    uint64 // signals to block
}

// A Blame is how a prefix command reports that its program cannot be executed. Each prefix
// command sets all of it, so nothing of an earlier one remains.
type Blame struct {
	// Text is the message: a format for the program's name and the error. If it is empty, the
	// shell reports the failure.
	Text string
	// Status, if not 0, is the exit status, instead of 126 or 127.
	Status int
	// Lost, if not 0, is the exit status if the message could not be written.
	Lost int
}

// Change says what the steps of a Spec change. A caller that can handle these changes needs no
// new process.
type Change uint

// The kinds of change.
const (
	ChangesNet    Change = 1 << iota // the network namespace
	ChangesRoot                      // the root directory
	ChangesMounts                    // the visible files: another mount namespace
	ChangesDir                       // what a relative name leads to: the directory
	ChangesUser                      // the files that may be opened: the user and its groups
	ChangesOther                     // anything else, such as new namespaces
)

// A Failure has the message for a failed step, "Text: strerror", and the exit status of the
// command that the step stands for.
type Failure struct {
	Text   string
	Status int
}

// opKind tells the child how to treat a system call.
type opKind uint8

const (
	opCall   opKind = iota // failure ends the child
	opSoft                 // failure does not matter
	opTell                 // success skips the next op, which tells of a failure
	opExec                 // success does not return; failure goes on to the next op
	opExecvp               // opExec by the rules of execvp(3), for a prefix command
	opFork                 // the child goes on, the parent jumps to op.a[5]
	opFail                 // report the errno of the last opExec
	opWait                 // wait for the child, and exit with its status
)

// An op is one step in the child.
type op struct {
	kind opKind
	file bool // a[0] is an index of Spec.Files, until the files are known
	fail int  // index into Spec.fails
	nr   uintptr
	a    [6]uintptr
}

// A level is a process that forks a child and waits for it.
type level struct {
	Keeper
	forkOp int // index of its opFork
	// instead are the entries of Spec.instead so far: what a later step opens for the program
	// is not for the process that stays.
	instead map[int]int
	leader  bool   // made only if the process leads a process group
	decided uint64 // the signals that the steps before it have set
}

// A Keeper is the process that stays at a Fork and waits for its child. It ends with the exit
// status of the child.
type Keeper struct {
	// Argv are its arguments in ps. If they are nil, it ends with status 0 at once.
	Argv []string
	// Block is the set of signals that it blocks.
	Block uint64
	// Exits makes it exit, where a signal has killed the child, with Base and the number of the
	// signal as its status. Without Exits it ends by the same signal.
	Exits bool
	Base  int
	// Tells, if not nil, is what it says where a signal has killed the child; it then exits
	// with the status of wait(2).
	Tells *tiny.Report
}

// Changed returns the changes by the steps so far.
func (s *Spec) Changed() Change { return s.changed }

// Call adds a system call. Pointer arguments come from String or Pointer.
func (s *Spec) Call(f Failure, what Change, nr uintptr, args ...uintptr) {
	s.add(opCall, f, nr, args...)
	s.changed |= what
}

// CallOn is Call for a system call whose first argument is the program's file n. When the steps
// run, that file does not have the number n yet.
func (s *Spec) CallOn(n int, f Failure, what Change, nr uintptr, args ...uintptr) {
	s.Call(f, what, nr, append([]uintptr{uintptr(n)}, args...)...)
	s.ops[len(s.ops)-1].file = true
}

// Try adds a system call whose failure does not matter.
func (s *Spec) Try(what Change, nr uintptr, args ...uintptr) {
	s.add(opSoft, Failure{}, nr, args...)
	s.changed |= what
}

// TryTelling adds a system call whose failure does not matter, but is told: text is then written
// to the program's file 2.
func (s *Spec) TryTelling(text string, nr uintptr, args ...uintptr) {
	s.add(opTell, Failure{}, nr, args...)
	s.add(opSoft, Failure{}, unix.SYS_WRITE, 2, s.String(text), uintptr(len(text)))
	s.ops[len(s.ops)-1].file = true
	s.changed |= ChangesOther
}

func (s *Spec) add(kind opKind, f Failure, nr uintptr, args ...uintptr) {
	o := op{kind: kind, fail: len(s.fails), nr: nr}
	copy(o.a[:], args)
	s.fails = append(s.fails, f)
	s.ops = append(s.ops, o)
}

// String returns the address of a NUL-terminated copy of text that lives as long as the Spec.
func (s *Spec) String(text string) uintptr {
	p, err := unix.BytePtrFromString(text)
	if err != nil { // a NUL inside: the kernel would see a shorter name
		p = new(byte)
	}
	s.keep = append(s.keep, p)
	return uintptr(unsafe.Pointer(p))
}

// Pointer returns the address of *p, and keeps it alive with the Spec.
func Pointer[T any](s *Spec, p *T) uintptr {
	s.keep = append(s.keep, p)
	return uintptr(unsafe.Pointer(p))
}

// Own hands over a descriptor that the steps use; Release closes it.
func (s *Spec) Own(fd int) { s.opened = append(s.opened, fd) }

// Instead gives the program, as its file n, a descriptor that the Spec owns. It overrides
// Files.
func (s *Spec) Instead(n, fd int) {
	if s.instead == nil {
		s.instead = map[int]int{}
	}
	s.instead[n] = fd
	s.changed |= ChangesOther
}

// NotInstead takes back what Instead has set for the file n, for the steps behind this one.
func (s *Spec) NotInstead(n int) { delete(s.instead, n) }

// HasInstead reports whether Instead has set the file n.
func (s *Spec) HasInstead(n int) bool {
	_, ok := s.instead[n]
	return ok
}

// Release closes the descriptors that the Spec owns. It may be called more than once.
func (s *Spec) Release() {
	for _, fd := range s.opened {
		unix.Close(fd)
	}
	s.opened = nil
}

// Late adds steps that are needed only if a process starts: Start and Exec call fn.
func (s *Spec) Late(fn func(*Spec)) { s.late = append(s.late, fn) }

// Behind adds steps for the program, not for the Keeper in front of it: fn is called at the next
// Fork, behind it, or, if there is none, when a process starts.
func (s *Spec) Behind(fn func(*Spec)) {
	s.behind = append(s.behind, fn)
	s.changed |= ChangesOther
}

func (s *Spec) addBehind() {
	list := s.behind
	s.behind = nil
	for _, fn := range list {
		fn(s)
	}
}

// addLate adds what Behind and Late have left for the start.
func (s *Spec) addLate() {
	s.addBehind()
	for _, fn := range s.late {
		fn(s)
	}
	s.late = nil
}

// Speak has a failure of the steps so far, or of the program, told in the name of a command, and
// not in that of a prefix command that its user has not called.
func (s *Spec) Speak(name string) {
	for i := range s.fails {
		s.fails[i].Text = spoken(s.fails[i].Text, name)
	}
	s.Blame.Text = spoken(s.Blame.Text, name)
}

// spoken returns a text "COMMAND: ..." with another name for the command.
func spoken(text, name string) string {
	command, rest, ok := strings.Cut(text, ": ")
	if !ok || strings.Contains(command, " ") {
		return text
	}
	return name + ": " + rest
}

// Between adds steps that are needed only if another prefix command follows: they do what the
// execve(2) of that would have done.
func (s *Spec) Between(fn func(*Spec)) { s.between = append(s.between, fn) }

// Next says that another prefix command follows.
func (s *Spec) Next() {
	for _, fn := range s.between {
		fn(s)
	}
	s.between = nil
}

// needApart are the namespaces that a process cannot enter or make while it shares its memory
// with others (time_namespaces(7), setns(2)). A process with several threads, as this one, can
// only make a time namespace.
const needApart = unix.CLONE_NEWTIME | unix.CLONE_NEWUSER

// Setns enters the namespace of fd; flag is its CLONE_NEW constant. The caller keeps fd open
// until Start.
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
	s.single = s.single || flag&needApart != 0 && len(s.levels) == 0
	s.orphans = s.orphans || flag == unix.CLONE_NEWPID
	s.Call(f, what, unix.SYS_SETNS, uintptr(fd), uintptr(flag))
}

// NetNS returns the descriptor of the network namespace that the steps enter. It is valid only
// if Changed has ChangesNet.
func (s *Spec) NetNS() int { return s.netns }

// Unshare gives the program new namespaces. New pid and time namespaces apply only to the
// children of the process: see Fork.
func (s *Spec) Unshare(flags int, f Failure) {
	s.apart = s.apart || flags&needApart != 0
	s.single = s.single || flags&unix.CLONE_NEWUSER != 0 && len(s.levels) == 0
	s.orphans = s.orphans || flags&unix.CLONE_NEWPID != 0
	s.Call(f, ChangesOther, unix.SYS_UNSHARE, uintptr(flags))
}

// Fork adds a process level: the process so far stays as the Keeper, and a child continues with
// the later steps.
func (s *Spec) Fork(k Keeper, f Failure) {
	k.Block |= s.block | s.keepersBlock
	s.levels = append(s.levels, level{
		Keeper: k, forkOp: len(s.ops), instead: maps.Clone(s.instead), decided: s.decided,
	})
	s.add(opFork, f, unix.SYS_CLONE, uintptr(unix.SIGCHLD))
	s.changed |= ChangesOther
	s.apart = true
	s.orphans = false
	s.addBehind()
}

// CannotThread reports whether the program could not make threads, as this program does: its
// children would be in another pid namespace (pid_namespaces(7)).
func (s *Spec) CannotThread() bool { return s.orphans }

// ForkLeader is Fork for a process that leads a process group. Only then the later steps, such
// as setsid(2), need another process.
func (s *Spec) ForkLeader(k Keeper, f Failure) {
	apart, orphans := s.apart, s.orphans
	s.Fork(k, f)
	s.levels[len(s.levels)-1].leader = true
	s.apart, s.orphans = apart, orphans
}

// InPlace reports whether Exec can make the steps: it calls them on one thread of a process
// that has several. Such a process cannot fork, nor enter or make some namespaces.
func (s *Spec) InPlace() bool {
	return !s.apart && !s.orphans && !slices.Contains(s.forksFrom(isLeader()), true)
}

func isLeader() bool { return unix.Getpgrp() == unix.Getpid() }

// forks reports for each level whether it is made. A level of ForkLeader is made only if the
// process leads a group at that point: from its start, or by a session of its own.
func (s *Spec) forks() []bool { return s.forksFrom(s.Group || s.AsCaller && isLeader()) }

// forksFrom is forks for a process that leads a group at its start or does not.
func (s *Spec) forksFrom(leads bool) []bool {
	made := make([]bool, 0, len(s.levels))
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

// leads reports whether a level is made since the process leads a group.
func (s *Spec) leads() bool {
	for i, made := range s.forks() {
		if made && s.levels[i].leader {
			return true
		}
	}
	return false
}

// An Error is a failed step, or a program that could not be executed.
type Error struct {
	Failure Failure
	Exec    bool // execve failed
	Tried   int  // index of the file in Spec.Paths with which it failed
	Left    bool // in a process for which the one before it does not wait
	Errno   unix.Errno
}

// Error names the failed operation, its operand and the reason.
func (e *Error) Error() string {
	if e.Failure.Text == "" {
		return e.Errno.Error()
	}
	return fmt.Sprintf("%s: %v", e.Failure.Text, e.Errno)
}

// Unwrap returns the error number.
func (e *Error) Unwrap() error { return e.Errno }

// SetSignal makes the program start with a signal ignored or with its default action. It
// overrides the caller, Ignore and Default. If f is nil, a failure does not matter.
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

// BlockSignals makes the program start with these signals blocked, in addition to the caller's.
func (s *Spec) BlockSignals(set uint64) {
	s.block |= set
	s.changed |= ChangesOther
}

// KeepersBlock makes each Keeper of a later Fork block these signals: its child decides what
// they do.
func (s *Spec) KeepersBlock(set uint64) { s.keepersBlock |= set }

// IgnoredOf returns the signals that the program ignores if the caller wants set ignored.
func (s *Spec) IgnoredOf(set uint64) uint64 { return set&^s.decided | s.decidedIgnore }
