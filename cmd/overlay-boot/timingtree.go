package main

import (
	"cmp"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/interp/timing"
)

// A timedStep is a command that ran, or a process, with what ran in it.
type timedStep struct {
	timing.Record
	ended    bool
	process  *timedStep // that it is a step of; itself for a process
	became   string     // the program of others that a process has executed
	children []*timedStep
	others   []span // when steps ran of the same name, for which this one stands, too
}

// A timingTree is what the records of a run tell.
type timingTree struct {
	root   *timedStep // the tool; nil where nothing has come of it
	status unix.WaitStatus
	began  int64
	end    int64 // the last that happened
	init   *timedStep
	byID   map[uint64]*timedStep
	least  int64 // how long a step lasts at least that has a line of its own
}

// share is the part of the whole that a step takes at least which has a line of its own, so
// that there are not too many of them.
const share = 1000

// newTimingTree makes the tree of the records that a watch has taken.
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

// add notes what one record tells.
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

// link gives each step its place, in the order in which the records came. The start of a
// process's program is the first step in it.
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

// settle finds the end of what has not told it: a process that has executed another
// program of ours ends with that, one that has executed none runs on.
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

// successor is the process of ours that a process has become, which has its number, from
// one of the steps of s.
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

// closeSteps ends those steps of a process that have not ended before it.
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

// A span is from a moment to another.
type span struct{ from, to int64 }

// spans are when a step ran.
func (s *timedStep) spans() []span { return append(s.others, span{s.Start, s.At}) }

// took is how long a step lasted.
func (s *timedStep) took() (sum int64) {
	for _, p := range s.spans() {
		sum += p.to - p.from
	}
	return sum
}

// fold puts the steps in order, makes one of those of the same name in a loop, and counts
// those that took too little with the few.
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

// join makes one step of two, where the first did next to nothing but the second.
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

// loopSteps is how many different steps a loop has at most that is seen as one.
const loopSteps = 4

func takenByOne(list []*timedStep, c *timedStep) bool {
	return slices.ContainsFunc(list, func(s *timedStep) bool { return s.takes(c) })
}

func (s *timedStep) hasProcess() bool {
	return s.isProcess() || slices.ContainsFunc(s.children, (*timedStep).hasProcess)
}

// takes makes a step that follows part of this one, where both are the same command.
func (s *timedStep) takes(c *timedStep) bool {
	if s.Name != c.Name || s.isProcess() || c.isProcess() || !s.ended || !c.ended {
		return false
	}
	s.others = append(s.others, c.spans()...)
	s.children = append(s.children, c.children...)
	s.Few, s.FewTime = s.Few+c.Few, s.FewTime+c.FewTime
	return true
}

// own is how long a step did what is none of its parts: of those that run at the same time
// it counts once, and processes that nobody waits for are not among them.
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

// fewTime is the time of the few parts, where that is worth a line of its own.
func (t *timingTree) fewTime(s *timedStep) int64 {
	if int64(s.FewTime) < t.least {
		return 0
	}
	return int64(s.FewTime)
}
