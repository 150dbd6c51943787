package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// memoryPause is how long a subhost is left alone before its memory is counted.
const memoryPause = 2 * time.Second

// benchMemory adds up the memory of all processes of a subhost at rest, for one alone and
// for several that share memory.
func benchMemory(o options, r *report) error {
	list, _, err := contenders(o)
	if err != nil {
		return err
	}
	r.printf("## Memory at rest\n\nkB of all processes of a subhost together, %v after the boot: of "+
		"one that runs alone, and of one among %d.\n\n", memoryPause, o.settled)
	several := fmt.Sprintf("of %d", o.settled)
	t := table{{"", "PSS", "private", "processes", "PSS, " + several, "private, " + several}}
	for _, c := range list {
		one, err := c.atRest(o, 1)
		if err != nil {
			return err
		}
		many := one
		if o.settled > 1 {
			if many, err = c.atRest(o, o.settled); err != nil {
				return err
			}
		}
		r.value("pss."+c.key, one.pss)
		r.value("private."+c.key, one.private)
		t.row(c.name, fmt.Sprintf("%.0f", one.pss), fmt.Sprintf("%.0f", one.private),
			fmt.Sprint(one.processes), fmt.Sprintf("%.0f", many.pss), fmt.Sprintf("%.0f", many.private))
	}
	r.printf("%v\n", t)
	return nil
}

// A usage is in kB.
type usage struct {
	pss, private float64
	processes    int
}

// atRest returns the memory of one of n subhosts.
func (c contender) atRest(o options, n int) (usage, error) {
	before := countProcesses()
	hosts, boots := make([]*subhost, n), make([]boot, n)
	for i := range n {
		var err error
		if hosts[i], boots[i], err = c.startResting(o, fmt.Sprintf("rest%d", i)); err != nil {
			return usage{}, err
		}
	}
	if !o.quick {
		time.Sleep(memoryPause)
	}
	sum, err := usageOfAll()
	if err != nil {
		return usage{}, err
	}
	for i, s := range hosts {
		if _, err := c.end(s, boots[i]); err != nil {
			return usage{}, err
		}
	}
	for _, s := range hosts {
		if err := s.waitGone(before); err != nil {
			return usage{}, err
		}
		if err := s.remove(); err != nil {
			return usage{}, err
		}
	}
	count := float64(n)
	return usage{sum.pss / count, sum.private / count, sum.processes / n}, nil
}

// startResting boots a subhost with its usual reaper.
func (c contender) startResting(o options, name string) (*subhost, boot, error) {
	if !c.own {
		s, err := c.measured(o, name)
		if err != nil {
			return nil, boot{}, err
		}
		b, err := c.start(s)
		return s, b, err
	}
	s, err := newSubhost(name, "")
	if err != nil {
		return nil, boot{}, err
	}
	if _, err := c.call(c.boot(s)); err != nil {
		return nil, boot{}, err
	}
	_, err = sandbox.WaitRunning(name)
	return s, boot{}, err
}

// usageOfAll adds up the memory of all processes in the sandbox, except the sandbox's own
// two.
func usageOfAll() (usage, error) {
	var sum usage
	for _, p := range sandbox.Processes() {
		m, err := memoryOf(p.Pid)
		if err != nil {
			return sum, err
		}
		if len(m) == 0 {
			continue // a zombie, or gone
		}
		sum.pss += float64(m["Pss"])
		sum.private += float64(m["Private_Clean"] + m["Private_Dirty"])
		sum.processes++
	}
	return sum, nil
}

// memoryOf returns the totals in /proc for the memory of a process, in kB.
func memoryOf(pid int) (map[string]int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if errors.Is(err, unix.ESRCH) || errors.Is(err, os.ErrNotExist) {
		return nil, nil // it has ended since
	}
	if err != nil {
		return nil, err
	}
	sizes := map[string]int{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		var kB int
		if _, err := fmt.Sscanf(value, "%d kB", &kB); err == nil {
			sizes[name] = kB
		}
	}
	return sizes, nil
}
