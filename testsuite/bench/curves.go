package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// patience is the longest boot after which a contender takes part in the next, larger
// point.
const patience = 3 * time.Second

// A curve is a series of boot times for a growing number of things.
type curve struct {
	key, title, axis string
	points           []int
	// grow increases the number of things to n.
	grow func(int) error
}

// benchRunning boots while more and more subhosts run.
func benchRunning(o options, r *report) error {
	list, err := scripted()
	if err != nil {
		return err
	}
	ours, count := list[0], 0
	grow := func(n int) error {
		from := count
		count = n
		failed := make([]error, n)
		for ; from < n; from += 2 {
			pair := min(2, n-from)
			together(pair, func(i int) {
				s, err := ours.measured(o, fmt.Sprintf("run%d", from+i))
				if err == nil {
					_, err = ours.start(s)
				}
				failed[from+i] = err
			})
			for _, err := range failed[from : from+pair] {
				if err != nil {
					return err
				}
			}
		}
		return nil
	}
	return curve{"running", "Boot while subhosts run", "running subhosts", o.running, grow}.
		measure(o, r)
}

// benchMounts boots on a host with more and more mounts.
func benchMounts(o options, r *report) error {
	count := 0
	grow := func(n int) error {
		for ; count < n; count++ {
			dir := fmt.Sprintf("%s/mounts/%d", bases, count)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			if err := unix.Mount(dir, dir, "", unix.MS_BIND, ""); err != nil {
				return err
			}
		}
		return nil
	}
	return curve{"mounts", "Boot on a host with mounts", "more mounts of the host", o.mounts, grow}.
		measure(o, r)
}

// benchProcesses boots on a host with more and more sleeping processes.
func benchProcesses(o options, r *report) error {
	count := 0
	grow := func(n int) error {
		cmd := exec.Command(filepath.Join(o.dir, "crowd"), strconv.Itoa(n-count))
		count = n
		out, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil { // it ends with the sandbox
			return err
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if line != "all\n" {
			return fmt.Errorf("crowd: %q %v", line, err)
		}
		return nil
	}
	return curve{"processes", "Boot on a host with processes", "more processes of the host",
		o.processes, grow}.measure(o, r)
}

// measure boots and stops at each point, with all contenders in turns.
func (c curve) measure(o options, r *report) error {
	list, _, err := contenders(o)
	if err != nil {
		return err
	}
	list = o.some(list, "ours", "scripts", "original", "floor", "crun")
	lines := make([]line, len(list))
	for i := range list {
		lines[i].Name = list[i].name
	}
	left := make([]bool, len(list))
	for n, point := range c.points {
		if err := c.grow(point); err != nil {
			return err
		}
		count := o.fewRounds
		if n == 0 || n == len(c.points)-1 {
			count = o.rounds
		}
		if err := c.point(o, float64(point), count, list, lines, left); err != nil {
			return err
		}
	}
	c.report(o, r, list, lines)
	return nil
}

// point measures at one point. Contenders that take too long are left out from then on.
func (c curve) point(o options, x float64, count int, list []contender, lines []line,
	left []bool) error {
	races := make([]race, len(list))
	for i := range list {
		races[i].contender = list[i]
	}
	for range count {
		for i := range races {
			few := len(races[i].running) >= o.fewRounds && list[i].key != "ours" && list[i].key != "floor"
			if left[i] || few {
				continue
			}
			if err := races[i].once(o); err != nil {
				return fmt.Errorf("%s with %v %s: %w", list[i].name, x, c.axis, err)
			}
			left[i] = races[i].running[len(races[i].running)-1] > patience
		}
	}
	for i := range races {
		if len(races[i].running) > 0 {
			lines[i].X = append(lines[i].X, x)
			lines[i].Y = append(lines[i].Y, ms(median(races[i].running)))
		}
	}
	return nil
}

func (c curve) report(o options, r *report, list []contender, lines []line) {
	r.printf("## %s\n\nBoot in ms, medians of %d rounds; of %d for our scripts and the floor at the "+
		"first and the last point. Who takes more than %v is not asked again.\n\n", c.title,
		o.fewRounds, o.rounds, patience)
	head := []string{c.axis}
	for _, point := range c.points {
		head = append(head, strconv.Itoa(point))
	}
	t := table{append(head, "last to first")}
	for i, l := range lines {
		row := []string{l.Name}
		for j := range c.points {
			cell := "–"
			if j < len(l.Y) {
				cell = short(l.Y[j])
			}
			row = append(row, cell)
		}
		growth := quotient(l.Y[len(l.Y)-1], l.Y[0])
		cell := times(growth)
		if len(l.Y) < len(c.points) {
			cell = "–"
		} else {
			r.value(c.key+"."+list[i].key, growth)
		}
		t.row(append(row, cell)...)
	}
	r.printf("%v\n", t)
	r.Plots = append(r.Plots, plot{File: "boot-" + c.key + ".svg", Title: c.title, XLabel: c.axis,
		YLabel: "ms from the call to pid 1", Lines: lines})
}
