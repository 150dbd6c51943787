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
	// The original comes last: it may fail to boot all subhosts, and the remains would
	// disturb the next contender.
	for _, c := range o.some(list, "floor", "ours", "scripts", "crun", "lxc", "original") {
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
				break
			}
		}
		r.value("atonce."+c.key, ms(median(boots)))
		r.value("lost."+c.key, float64(lost))
		boot, stop := short(median(boots).Seconds()), short(median(stops).Seconds())
		if lost > 0 {
			boot, stop = "more than "+boot, "–"
		}
		t.row(c.name, boot, fmt.Sprint(lost), stop)
	}
	r.printf("Lost are those that did not come up within %v.\n\n%v\n", bootLimit, t)
	return nil
}

// crowd boots and stops o.atOnce subhosts. Lost subhosts did not come up; if there are any,
// the time is that until they were given up, and none is stopped.
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
	if lost > 0 {
		return now() - called, 0, lost, nil
	}
	stopCalled := now()
	together(len(hosts), func(i int) {
		_, failed[i] = c.end(hosts[i], boots[i])
	})
	down = now() - stopCalled
	return last - called, down, lost, clean(hosts, before, errors.Join(failed...))
}

// clean waits until nothing of the subhosts is left.
func clean(hosts []*subhost, before int, err error) error {
	if err != nil {
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

// together runs n calls of a function at the same time, and returns after all of them.
func together(n int, call func(int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { call(i) })
	}
	all.Wait()
}
