// Package timing records when the processes of a boot do what, for a process that has asked
// (overlay-boot --timing).
//
// The processes send records, each as one packet, through an inherited socket. A socket has
// three advantages over a pipe: no other process can open it by /proc, a write without a reader
// is an error and no signal, and the reader sees when the last sender has closed it.
package timing

import (
	"time"

	"overlayboot/builtins/base/handover"
)

// A Kind is the kind of a Record.
type Kind int

const (
	// Process is the start of a process. Start is the time of the request, At the time when its
	// program began to run.
	Process Kind = iota
	// Begun is a step that may last, and that other records will name as their parent.
	Begun
	// Ended is a finished step.
	Ended
	// Replaced is a process that is about to execute another program.
	Replaced
)

// A Record is a message of a process.
type Record struct {
	Kind Kind
	// ID identifies the step, and Parent the step of which it is a part.
	ID, Parent uint64
	// Start and At are in nanoseconds of the host's real-time clock, which no namespace
	// changes.
	Start, At int64
	// Pid is the process id that the process sees of itself.
	Pid int
	// Beside says that the parent process did not wait for the process.
	Beside bool
	// Name is the command, or the visible arguments of the process.
	Name string
	// Few counts the parts of the step that took less than Least each. FewTime is the time of
	// all of them.
	Few     int
	FewTime time.Duration
}

// Least is the shortest time of a step that gets a record of its own.
const Least = 100 * time.Microsecond

// nameSize is the length to which a name is cut.
const nameSize = 120

func (r *Record) encode() []byte {
	w := handover.NewWriter()
	for _, n := range [...]int{int(r.Kind), int(r.ID), int(r.Parent), int(r.Start), int(r.At),
		r.Pid, r.Few, int(r.FewTime)} {
		w.Number(n)
	}
	w.Flag(r.Beside)
	w.Text(r.Name[:min(len(r.Name), nameSize)])
	return w.Bytes()
}

// Decode decodes a packet. ok is false for an invalid one.
func Decode(packet []byte) (r Record, ok bool) {
	in, err := handover.NewReader(packet)
	if err != nil {
		return r, false
	}
	r.Kind, r.ID, r.Parent = Kind(in.Number()), uint64(in.Number()), uint64(in.Number())
	r.Start, r.At = int64(in.Number()), int64(in.Number())
	r.Pid, r.Few, r.FewTime = in.Number(), in.Number(), time.Duration(in.Number())
	r.Beside = in.Flag()
	r.Name = in.Text()
	return r, in.Err() == nil
}
