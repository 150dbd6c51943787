package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// A shell is one of those that are compared.
type shell struct {
	name string
	path string
	argv []string
}

// shells lists ours, dash, and what else is here of Debian's.
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

// A cost is what one run took.
type cost struct{ cpu, wall time.Duration }

// costs are those of one shell in one case.
type costs struct {
	cpu, wall []time.Duration
	wrong     bool // it prints something else than dash
}

// benchShell runs each case in each shell, in turns.
func benchShell(rounds int) error {
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
	fmt.Printf("CPU time (user + system) of a run in ms, median of %d; × is the ratio to dash of\n"+
		"the medians, of the least times, and of the medians of wall time.\n", rounds)
	fmt.Printf("%-22s %9s %9s %7s %7s %7s ", "", "dash", "ours", "×", "× least", "× wall")
	for _, sh := range list[2:] {
		fmt.Printf(" %8s", sh.name)
	}
	fmt.Println()
	for _, c := range cases {
		results, err := c.measure(dir, list, rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		c.report(results)
	}
	return reportMemory(dir, list[:2])
}

// measure runs a case in all shells, rounds times. What ours prints must be what
// dash prints.
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

// run runs a case once in one shell: as often as it says, and the mean counts.
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

func (c *benchmark) report(results []costs) {
	ours, dash := results[0], results[1]
	fmt.Printf("%-22s %9.2f %9.2f %7.2f %7.2f %7.2f ", c.name,
		ms(median(dash.cpu)), ms(median(ours.cpu)), ratio(median(ours.cpu), median(dash.cpu)),
		ratio(slices.Min(ours.cpu), slices.Min(dash.cpu)),
		ratio(median(ours.wall), median(dash.wall)))
	for _, r := range results[2:] {
		if r.wrong {
			fmt.Printf(" %8s", "-")
			continue
		}
		fmt.Printf(" %8.2f", ratio(median(r.cpu), median(dash.cpu)))
	}
	fmt.Println()
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }

func write(dir, name, text string) (string, error) {
	file := filepath.Join(dir, name)
	return file, os.WriteFile(file, []byte(text), 0o644)
}
