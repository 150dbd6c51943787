package main

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// benchAtOnce starts many subhosts at the same moment.
func benchAtOnce(o options, r *report) error {
	list, _, err := contenders(o)
	if err != nil {
		return err
	}
	r.printf("## %d subhosts at once\n\nAll are started at the same moment; until the last pid 1 "+
		"runs, and then until all have been stopped, likewise at once. Medians of %d rounds, of "+
		"the original one.\n\n", o.atOnce, o.fewRounds)
	t := table{{"", "boot s", "lost", "stop s"}}
	for _, c := range o.some(list, "ours", "scripts", "original", "floor", "crun", "lxc") {
		var boots, stops []time.Duration
		lost, n := 0, o.fewRounds
		if c.key == "original" {
			n = 1
		}
		for range n {
			boot, stop, missed, err := c.crowd(o)
			if err != nil {
				return err
			}
			boots, stops, lost = append(boots, boot), append(stops, stop), lost+missed
			if lost > 0 {
				break // what is left of the lost would have a part in the next round
			}
		}
		r.value("atonce."+c.key, ms(median(boots)))
		r.value("lost."+c.key, float64(lost))
		t.row(c.name, short(median(boots).Seconds()), fmt.Sprint(lost), short(median(stops).Seconds()))
	}
	r.printf("%v\n", t)
	return nil
}

// crowd boots and stops as many as are wanted. Lost are those that did not come up.
func (c contender) crowd(o options) (up, down time.Duration, lost int, err error) {
	before := countProcesses()
	hosts := make([]*subhost, o.atOnce)
	for i := range hosts {
		if hosts[i], err = c.measured(o, fmt.Sprintf("%.3s%d", c.key, i)); err != nil {
			return 0, 0, 0, err
		}
	}
	boots, failed := make([]boot, len(hosts)), make([]error, len(hosts))
	called := now()
	together(len(hosts), func(i int) { boots[i], failed[i] = c.start(hosts[i]) })
	var last time.Duration
	for i, s := range hosts {
		if at, ok := s.ran(); ok && failed[i] == nil {
			last = max(last, at)
		} else {
			if lost++; lost == 1 {
				fmt.Fprintln(os.Stderr, "the first that was lost:", failed[i])
			}
		}
	}
	stopCalled := now()
	together(len(hosts), func(i int) {
		if failed[i] == nil {
			_, failed[i] = c.end(hosts[i], boots[i])
		}
	})
	down = now() - stopCalled
	return last - called, down, lost, clean(hosts, before, errors.Join(failed...), lost)
}

// clean waits until nothing of the subhosts is there. What was lost is told by the table.
func clean(hosts []*subhost, before int, err error, lost int) error {
	switch {
	case lost > 0:
		return nil
	case err != nil:
		return err
	}
	for _, s := range hosts {
		if err := s.waitGone(before); err != nil {
			return err
		}
		if err := s.remove(); err != nil {
			return err
		}
	}
	return nil
}

// together calls a function n times at once, and returns when all calls have.
func together(n int, call func(int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { call(i) })
	}
	all.Wait()
}
