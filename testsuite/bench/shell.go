package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A shell is one of the shells that are compared.
type shell struct {
	name string
	path string
	argv []string
}

// shells lists ours, dash, and the other installed shells of Debian.
func shells() ([]shell, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	list := []shell{{"ours", bin + "/overlay-boot", []string{"overlay-sh"}}}
	for _, argv := range [...][]string{
		{"dash"}, {"bash"}, {"mksh"}, {"yash"}, {"busybox", "ash"}, {"ksh93"},
	} {
		path, err := exec.LookPath(argv[0])
		switch {
		case err == nil:
			list = append(list, shell{argv[0], path, argv})
		case argv[0] == "dash":
			return nil, fmt.Errorf("there is nothing to compare with: %w", err)
		}
	}
	return list, nil
}

// A cost is the time of one run.
type cost struct{ cpu, wall time.Duration }

// costs are the times of one shell in one case.
type costs struct {
	cpu, wall []time.Duration
	wrong     bool // its output differs from that of dash
}

// benchShell runs each case in each shell, in turns.
func benchShell(o options, r *report) error {
	list, err := shells()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cases, err := prepare(dir)
	if err != nil {
		return err
	}
	if o.quick {
		list, cases = list[:2], cases[:3]
	}
	r.printf("## Shell\n\nCPU time (user + system) of a run in ms, medians of %d; × is the ratio to "+
		"dash of the medians, of the least times, and of the medians of wall time. The other "+
		"columns are ratios to dash.\n\n", o.shellRounds)
	t := table{{"", "dash", "ours", "×", "× least", "× wall"}}
	for _, sh := range list[2:] {
		t[0] = append(t[0], sh.name)
	}
	for _, c := range cases {
		results, err := c.measure(dir, list, o.shellRounds)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		t.row(c.report(r, results)...)
	}
	r.printf("%v\n", t)
	return reportMemory(r, dir, list[:2])
}

// measure runs a case in all shells, rounds times. The output of ours must equal that of
// dash.
func (c *benchmark) measure(dir string, list []shell, rounds int) ([]costs, error) {
	results := make([]costs, len(list))
	outputs := make([][]byte, len(list))
	for i, sh := range list {
		var err error
		if _, outputs[i], err = c.run(dir, sh, true); err != nil && i < 2 {
			return nil, fmt.Errorf("%s: %w", sh.name, err)
		}
		results[i].wrong = err != nil
	}
	for i := range list {
		if !bytes.Equal(outputs[i], outputs[1]) {
			results[i].wrong = true
		}
	}
	if results[0].wrong {
		return nil, fmt.Errorf("dash prints %q, ours %q", outputs[1], outputs[0])
	}
	for range rounds {
		for i, sh := range list {
			if results[i].wrong {
				continue
			}
			took, _, err := c.run(dir, sh, false)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", sh.name, err)
			}
			results[i].cpu = append(results[i].cpu, took.cpu)
			results[i].wall = append(results[i].wall, took.wall)
		}
	}
	return results, nil
}

// run measures a case once in one shell: it runs the case as often as the case says, and
// returns the mean.
func (c *benchmark) run(dir string, sh shell, capture bool) (cost, []byte, error) {
	times := max(c.times, 1)
	var took cost
	var out bytes.Buffer
	for range times {
		cmd := exec.Command(sh.path)
		cmd.Args = slices.Concat(sh.argv, c.args)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/"}
		if capture {
			cmd.Stdout = &out
		}
		start := time.Now()
		if err := cmd.Run(); err != nil {
			return cost{}, nil, err
		}
		took.wall += time.Since(start)
		took.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	n := time.Duration(times)
	return cost{took.cpu / n, took.wall / n}, out.Bytes(), nil
}

// report returns a row of the table. The slowest case counts among the aims, except for the
// starts, which have an aim of their own.
func (c *benchmark) report(r *report, results []costs) []string {
	ours, dash := results[0], results[1]
	factor := ratio(median(ours.cpu), median(dash.cpu))
	if c.times == 0 {
		r.value("shell.worst", max(r.Values["shell.worst"], factor))
	}
	row := []string{c.name, short(ms(median(dash.cpu))), short(ms(median(ours.cpu))), short(factor),
		short(ratio(slices.Min(ours.cpu), slices.Min(dash.cpu))),
		short(ratio(median(ours.wall), median(dash.wall)))}
	for _, other := range results[2:] {
		cell := "–"
		if !other.wrong {
			cell = short(ratio(median(other.cpu), median(dash.cpu)))
		}
		row = append(row, cell)
	}
	return row
}
