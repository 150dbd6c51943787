// Package timing is how the processes of a boot tell another one, which has asked, what
// they did and when (overlay-boot --timing).
//
// They send records, each a packet of its own, through a socket that they inherit. It is
// a socket so that nobody else can open it by /proc, that a write to nobody is an error
// and no signal, and that who reads sees when the last of them has closed it.
package timing

import (
	"time"

	"overlayboot/interp/handover"
)

// A Kind is what a Record tells.
type Kind int

const (
	// Process is the start of a process: Start is when it was asked for, At when its
	// program began to run.
	Process Kind = iota
	// Begun is a step that may last, and that others will name as what they are part of.
	Begun
	// Ended is a step that is done.
	Ended
	// Replaced is a process that is about to execute a program of others.
	Replaced
)

// A Record is one thing that a process tells.
type Record struct {
	Kind Kind
	// ID is the step's, Parent that of the one which it is part of.
	ID, Parent uint64
	// Start and At are in nanoseconds of the host's clock of the day, which no namespace
	// changes.
	Start, At int64
	// Pid is the number of the process as it sees itself.
	Pid int
	// Beside says that who started the process did not wait for it.
	Beside bool
	// Name is the command, or what the process shows as its arguments.
	Name string
	// Few is how many parts of the step took less than Least each, and FewTime for how
	// long all of them did.
	Few     int
	FewTime time.Duration
}

// Least is how long a step takes at least to be told by itself.
const Least = 100 * time.Microsecond

// nameSize is how much of a command is told.
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

// Decode reads a packet. ok is false for what is none.
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
