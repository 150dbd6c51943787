package main

import (
	"cmp"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/interp/timing"
)

// A timedStep is a command or a process that ran, with the steps that ran in it.
type timedStep struct {
	timing.Record
	ended    bool
	process  *timedStep // the process that the step belongs to; a process belongs to itself
	became   string     // the foreign program that a process has executed
	children []*timedStep
	others   []span // the times of other steps of the same name that this one stands for
}

// A timingTree is the content of the records of a run.
type timingTree struct {
	root   *timedStep // the tool's process; nil if it sent no record
	status unix.WaitStatus
	began  int64
	end    int64 // the time of the last event
	init   *timedStep
	byID   map[uint64]*timedStep
	least  int64 // the least duration of a step that has a line of its own
}

// share limits the number of lines: a step has a line of its own only if it takes at least
// one part in share of the whole time.
const share = 1000

// newTimingTree builds the tree from the records that a watch has received.
func newTimingTree(w *watch, status unix.WaitStatus) *timingTree {
	t := &timingTree{status: status, began: w.began.UnixNano(),
		byID: map[uint64]*timedStep{}}
	for i := range w.records {
		t.add(&w.records[i])
	}
	t.link(w.records)
	if t.root != nil {
		t.settle(t.root)
		t.least = max(int64(timing.Least), (t.end-t.began)/share)
		t.fold(t.root)
	}
	return t
}

// add takes in one record.
func (t *timingTree) add(r *timing.Record) {
	t.end = max(t.end, r.At)
	s := t.byID[r.ID]
	switch {
	case r.Kind == timing.Replaced:
		if s != nil {
			s.became, s.ended, s.At = r.Name, true, r.At
		}
		if r.Pid == 1 {
			t.init = s
		}
	case s == nil:
		t.byID[r.ID] = &timedStep{Record: *r, ended: r.Kind == timing.Ended}
	case r.Kind == timing.Ended:
		s.ended, s.At, s.Few, s.FewTime = true, r.At, r.Few, r.FewTime
	}
}

// link attaches each step to its parent, in the order in which the records came. The first
// step of a process is the start of its program.
func (t *timingTree) link(records []timing.Record) {
	for _, r := range records {
		s := t.byID[r.ID]
		if s == nil || s.process != nil {
			continue
		}
		s.process = s
		parent := t.byID[r.Parent]
		switch {
		case r.Kind == timing.Process && parent == nil && t.root == nil:
			t.root = s
		case parent != nil && parent != s:
			parent.children = append(parent.children, s)
		}
		if r.Kind == timing.Process {
			s.children = append(s.children, startOf(s, r))
		}
	}
}

func startOf(process *timedStep, r timing.Record) *timedStep {
	return &timedStep{Record: timing.Record{Start: r.Start, At: r.At,
		Name: "(start of the program)"}, ended: true, process: process}
}

// settle finds the end of each step that did not report it. A process that has executed
// this program again ends when its successor does. A process without a successor runs on.
func (t *timingTree) settle(s *timedStep) {
	for _, c := range s.children {
		if c.Kind != timing.Process {
			c.process = s.process
		}
		t.settle(c)
	}
	if s.Kind != timing.Process || s.process != s {
		return
	}
	if !s.ended {
		s.At = t.end
		if next := successor(s, s.Pid); next != nil {
			s.At, s.ended = next.At, next.ended
		}
	}
	closeSteps(s, s)
}

// successor returns the process that has replaced the process pid, and so has its number,
// below one of the steps of s.
func successor(s *timedStep, pid int) *timedStep {
	for _, c := range s.children {
		if c.Kind == timing.Process && c.process == c {
			if c.Pid == pid {
				return c
			}
			continue
		}
		if next := successor(c, pid); next != nil {
			return next
		}
	}
	return nil
}

// closeSteps ends the steps of a process that have no end yet, at the end of the process.
func closeSteps(process, s *timedStep) {
	for _, c := range s.children {
		if c.process != process {
			continue
		}
		if !c.ended {
			c.At, c.ended = process.At, process.ended
		}
		closeSteps(process, c)
	}
}

func (s *timedStep) isProcess() bool { return s.process == s }

// A span is the time between two moments.
type span struct{ from, to int64 }

// spans returns the times at which a step ran.
func (s *timedStep) spans() []span { return append(s.others, span{s.Start, s.At}) }

// took returns how long a step lasted in all.
func (s *timedStep) took() (sum int64) {
	for _, p := range s.spans() {
		sum += p.to - p.from
	}
	return sum
}

// fold sorts the steps, joins those of the same name in a loop, and moves those that took
// too little time to the few.
func (t *timingTree) fold(s *timedStep) {
	slices.SortStableFunc(s.children, func(a, b *timedStep) int {
		return cmp.Compare(a.Start, b.Start)
	})
	var kept []*timedStep
	for _, c := range s.children {
		from := max(0, len(kept)-loopSteps)
		if len(s.others) > 0 {
			from = 0
		}
		if !takenByOne(kept[from:], c) {
			kept = append(kept, c)
		}
	}
	s.children = slices.DeleteFunc(kept, func(c *timedStep) bool {
		short := c.took() < t.least && !c.hasProcess()
		if short {
			s.Few += 1 + len(c.others)
			s.FewTime += time.Duration(c.took())
		}
		return short
	})
	for _, c := range s.children {
		t.fold(c)
	}
	t.join(s)
}

// join makes one step of two if the outer one did next to nothing but run the inner one.
func (t *timingTree) join(s *timedStep) {
	if len(s.children) != 1 || s.isProcess() || t.own(s) >= t.least || t.fewTime(s) > 0 {
		return
	}
	c := s.children[0]
	if c.isProcess() || len(c.others) != len(s.others) {
		return
	}
	s.children = c.children
	s.Few, s.FewTime = s.Few+c.Few, s.FewTime+c.FewTime
}

// loopSteps is the greatest number of different steps in a loop for which fold recognises
// the loop.
const loopSteps = 4

func takenByOne(list []*timedStep, c *timedStep) bool {
	return slices.ContainsFunc(list, func(s *timedStep) bool { return s.takes(c) })
}

func (s *timedStep) hasProcess() bool {
	return s.isProcess() || slices.ContainsFunc(s.children, (*timedStep).hasProcess)
}

// takes makes a later step a part of this one if both are the same command and both have
// ended.
func (s *timedStep) takes(c *timedStep) bool {
	if s.Name != c.Name || s.isProcess() || c.isProcess() || !s.ended || !c.ended {
		return false
	}
	s.others = append(s.others, c.spans()...)
	s.children = append(s.children, c.children...)
	s.Few, s.FewTime = s.Few+c.Few, s.FewTime+c.FewTime
	return true
}

// own returns how long a step ran none of its parts. Parts that run at the same time count
// once. Processes that nobody waits for do not count as parts.
func (t *timingTree) own(s *timedStep) int64 {
	var parts []span
	for _, c := range s.children {
		if !c.Beside {
			parts = append(parts, c.spans()...)
		}
	}
	slices.SortFunc(parts, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	rest, until := s.took()-t.fewTime(s), s.Start
	for _, p := range parts {
		if p.to > until {
			rest -= p.to - max(p.from, until)
			until = p.to
		}
	}
	return max(rest, 0)
}

// fewTime returns the time of the few short parts, or 0 if it is too short for a line of
// its own.
func (t *timingTree) fewTime(s *timedStep) int64 {
	if int64(s.FewTime) < t.least {
		return 0
	}
	return int64(s.FewTime)
}
