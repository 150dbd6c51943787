package timing

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A Recorder sends the records of this process. All steps of it, also those that run at
// the same time, have one.
type Recorder struct {
	mu    sync.Mutex
	fd    int // -1: nobody asks any more
	began time.Time
	ids   uint64 // the last one that was given away
	root  *Step  // the process itself
}

// A Step is a command that runs, or the process.
type Step struct {
	id      uint64
	parent  *Step
	argv    []string
	start   time.Time
	told    bool
	few     int
	fewTime time.Duration
}

// Text is what a process is told that is to send records through a descriptor: it is part
// of the step parent, was asked for now, and nobody waits for it where it is beside.
func Text(fd int, parent uint64, beside bool, now time.Time) string {
	text := strconv.Itoa(fd) + "." + strconv.FormatUint(parent, 16) + "." +
		strconv.FormatInt(now.UnixNano(), 16)
	if beside {
		text += ".&"
	}
	return text
}

// Descriptor is the descriptor that a Text names, -1 where there is none.
func Descriptor(text string) int {
	number, _, _ := strings.Cut(text, ".")
	fd, err := strconv.Atoi(number)
	if err != nil || fd < 0 {
		return -1
	}
	return fd
}

// New returns the Recorder of a process that was told text and shows argv; nil where
// nobody asks.
func New(text string, argv []string) *Recorder {
	fd := Descriptor(text)
	if fd < 0 {
		return nil
	}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_SEQPACKET { // it is something else by now
		return nil
	}
	now := time.Now()
	r := &Recorder{fd: fd, began: now, ids: rand.Uint64()}
	r.root = &Step{id: r.ids, argv: argv, start: now, told: true}
	_, text, _ = strings.Cut(text, ".")
	parent, start, _ := strings.Cut(text, ".")
	start, beside, _ := strings.Cut(start, ".")
	record := Record{Kind: Process, ID: r.root.id, At: now.UnixNano(), Pid: unix.Getpid(),
		Name: strings.Join(argv, " "), Beside: beside != ""}
	record.Parent, _ = strconv.ParseUint(parent, 16, 64)
	record.Start, _ = strconv.ParseInt(start, 16, 64)
	r.send(&record)
	time.AfterFunc(lookAgain, r.look)
	return r
}

// lookAgain is how often a process looks whether somebody still asks. One that only waits,
// as the supervisor of a subhost does, is not to keep the socket.
const lookAgain = 20 * time.Millisecond

func (r *Recorder) look() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fd < 0 {
		return
	}
	fds := []unix.PollFd{{Fd: int32(r.fd)}}
	if n, err := unix.Poll(fds, 0); err == nil && n > 0 {
		r.close()
		return
	}
	time.AfterFunc(lookAgain, r.look)
}

func (r *Recorder) close() {
	unix.Close(r.fd)
	r.fd = -1
}

// patience is how long a process waits for a reader that does not read.
const patience = 100 // milliseconds

// send sends a record. The caller holds the lock, or is the only one yet.
func (r *Recorder) send(record *Record) {
	packet := record.encode()
	for r.fd >= 0 {
		err := unix.Sendto(r.fd, packet, unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT, nil)
		switch {
		case err == nil:
			return
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLOUT}}
			if n, err := unix.Poll(fds, patience); err == nil && n == 0 {
				r.close()
			}
		default:
			r.close()
		}
	}
}

// at is a moment as records tell it.
func (r *Recorder) at(t time.Time) int64 {
	return r.began.UnixNano() + int64(t.Sub(r.began))
}

func (r *Recorder) parentOf(s *Step) *Step {
	if s.parent == nil {
		return r.root
	}
	return s.parent
}

// Begin begins a step, part of another; nil is the process.
func (r *Recorder) Begin(parent *Step, argv []string) *Step {
	return &Step{parent: parent, argv: argv, start: time.Now()}
}

// End ends a step. One that is told by itself is sent; others are counted by the one that
// they are part of.
func (r *Recorder) End(s *Step) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	took := now.Sub(s.start)
	if took < Least && !s.told {
		parent := r.parentOf(s)
		parent.few++
		parent.fewTime += took
		return
	}
	r.tell(r.parentOf(s))
	r.send(r.record(Ended, s, now))
}

// Close ends the step that the process is.
func (r *Recorder) Close() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.send(r.record(Ended, r.root, time.Now()))
}

func (r *Recorder) record(kind Kind, s *Step, now time.Time) *Record {
	if s.id == 0 {
		r.ids++
		s.id = r.ids
	}
	record := &Record{Kind: kind, ID: s.id, Start: r.at(s.start), At: r.at(now),
		Name: strings.Join(s.argv, " "), Few: s.few, FewTime: s.fewTime}
	if s != r.root {
		record.Parent = r.parentOf(s).id
	}
	return record
}

// tell sends that a step has begun, and those that it is part of.
func (r *Recorder) tell(s *Step) {
	if s.told {
		return
	}
	r.tell(r.parentOf(s))
	s.told = true
	r.send(r.record(Begun, s, s.start))
}

// Tell sends that a step has begun, before the process starts another one in it.
func (r *Recorder) Tell(s *Step) {
	if s == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell(s)
}

// Replace sends that the process is about to execute a program of others.
func (r *Recorder) Replace(argv []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.send(&Record{Kind: Replaced, ID: r.root.id, At: r.at(time.Now()), Pid: unix.Getpid(),
		Name: strings.Join(argv, " ")})
}

// Child is what a process is told that is started in a step, beside it or not, and the
// descriptor that it inherits. ok is false where nobody asks any more.
func (r *Recorder) Child(s *Step, beside bool) (text string, fd int, ok bool) {
	if r == nil {
		return "", -1, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s == nil {
		s = r.root
	}
	r.tell(s)
	return Text(r.fd, s.id, beside, time.Now()), r.fd, r.fd >= 0
}
