package main

import (
	"fmt"
	"time"
)

// A race has the measurements of a contender.
type race struct {
	contender
	running, returned, stopped []time.Duration
	bootTasks, stopTasks       []int
}

// settle is the pause between a boot and the stop, so that neither disturbs the other.
const settle = 20 * time.Millisecond

// benchBoot measures how long a subhost takes to boot and to stop. All contenders take
// turns in one sandbox.
//
// A boot is over when pid 1 of the subhost runs, a stop when overlay-stop returns.
func benchBoot(o options, r *report) error {
	list, missing, err := contenders(o)
	if err != nil {
		return err
	}
	races := make([]race, len(list))
	for i, c := range list {
		races[i].contender = c
	}
	if err := rounds(o, races, o.rounds); err != nil {
		return err
	}
	reportBoots(o, r, races)
	r.printf("A task is a process or a thread that was made. Between boot and stop are %v. %s\n\n",
		settle, missing)
	return nil
}

// rounds makes all contenders boot and stop, in turns. The first round warms caches and
// does not count.
func rounds(o options, races []race, n int) error {
	if o.quick {
		n = 0
	}
	for round := range n + 1 {
		for i := range races {
			r := &races[i]
			if round == 1 {
				*r = race{contender: r.contender}
			}
			if err := r.once(o); err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
		}
	}
	return nil
}

// once boots and stops a subhost on a new base.
func (r *race) once(o options) error {
	before := countProcesses()
	s, err := r.measured(o, "bench")
	if err != nil {
		return err
	}
	b, err := r.start(s)
	if err != nil {
		return err
	}
	time.Sleep(settle)
	pids := lastPid()
	took, err := r.end(s, b)
	if err != nil {
		return err
	}
	r.running, r.returned = append(r.running, b.running), append(r.returned, b.returned)
	r.stopped, r.bootTasks = append(r.stopped, took), append(r.bootTasks, b.tasks)
	r.stopTasks = append(r.stopTasks, lastPid()-pids)
	if err := s.waitGone(before); err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	return s.remove()
}

func reportBoots(o options, r *report, races []race) {
	r.printf("## Boot and stop\n\nOne cable, `START=none`, medians of %d rounds in turns. A boot is "+
		"the time from the call to pid 1, which notes by itself when it begins to run; "+
		"*returns* is how much later the call ends (before that, if negative).\n\n", o.rounds)
	t := table{{"", "boot ms", "to floor", "returns ms", "tasks", "stop ms", "to floor", "tasks"}}
	var floorBoot, floorStop time.Duration
	for _, c := range races {
		if c.key == "floor" {
			floorBoot, floorStop = median(c.running), median(c.stopped)
		}
	}
	for _, c := range races {
		boot, stop, later := median(c.running), median(c.stopped), short(ms(median(c.returned)))
		if c.stays {
			later = "stays"
		}
		r.value("boot."+c.key, ms(boot))
		r.value("stop."+c.key, ms(stop))
		r.value("returns."+c.key, ms(median(c.returned)))
		t.row(c.name, short(ms(boot)), times(ratio(boot, floorBoot)), later,
			fmt.Sprint(median(c.bootTasks)), short(ms(stop)), times(ratio(stop, floorStop)),
			fmt.Sprint(median(c.stopTasks)))
	}
	r.printf("%v\n", t)
}
