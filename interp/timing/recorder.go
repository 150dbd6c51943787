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

// A Recorder sends the records of this process. All steps of the process share it, even steps
// that run at the same time.
type Recorder struct {
	mu    sync.Mutex
	fd    int // -1: the reader has gone
	began time.Time
	ids   uint64 // the last id that was given away
	root  *Step  // the process itself
}

// A Step is a running command, or the process.
type Step struct {
	id      uint64
	parent  *Step
	argv    []string
	start   time.Time
	told    bool
	few     int
	fewTime time.Duration
}

// Text returns the text for a process that is to send records through a file descriptor. The
// process is a part of the step parent, and was requested now. With beside set, its parent
// process does not wait for it.
func Text(fd int, parent uint64, beside bool, now time.Time) string {
	text := strconv.Itoa(fd) + "." + strconv.FormatUint(parent, 16) + "." +
		strconv.FormatInt(now.UnixNano(), 16)
	if beside {
		text += ".&"
	}
	return text
}

// Descriptor returns the file descriptor in a Text, or -1.
func Descriptor(text string) int {
	number, _, _ := strings.Cut(text, ".")
	fd, err := strconv.Atoi(number)
	if err != nil || fd < 0 {
		return -1
	}
	return fd
}

// New returns the Recorder of a process that got text and shows argv. It returns nil without a
// reader.
func New(text string, argv []string) *Recorder {
	fd := Descriptor(text)
	if fd < 0 {
		return nil
	}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_SEQPACKET { // the descriptor has been reused
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

// lookAgain is the interval at which a process checks that there still is a reader. A process
// that only waits, such as the supervisor, must not keep the socket.
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

// patience is how long a process waits for a slow reader.
const patience = 100 // milliseconds

// send sends a record. The caller holds the lock, or is the only user so far.
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

// at returns a time in the form of records.
func (r *Recorder) at(t time.Time) int64 {
	return r.began.UnixNano() + int64(t.Sub(r.began))
}

func (r *Recorder) parentOf(s *Step) *Step {
	if s.parent == nil {
		return r.root
	}
	return s.parent
}

// Begin begins a step as a part of parent; nil stands for the process.
func (r *Recorder) Begin(parent *Step, argv []string) *Step {
	return &Step{parent: parent, argv: argv, start: time.Now()}
}

// End ends a step. It sends a step that was told of or lasted at least Least. Its parent counts
// a shorter step.
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

// Close ends the step of the process itself.
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

// tell sends that a step and its parents have begun.
func (r *Recorder) tell(s *Step) {
	if s.told {
		return
	}
	r.tell(r.parentOf(s))
	s.told = true
	r.send(r.record(Begun, s, s.start))
}

// Tell sends that a step has begun, before the process starts another process in it.
func (r *Recorder) Tell(s *Step) {
	if s == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell(s)
}

// Replace sends that the process is about to execute another program.
func (r *Recorder) Replace(argv []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.send(&Record{Kind: Replaced, ID: r.root.id, At: r.at(time.Now()), Pid: unix.Getpid(),
		Name: strings.Join(argv, " ")})
}

// Child returns the text for a process that is started in a step, and the file descriptor that
// the process inherits. ok is false if the reader has gone.
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
