package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// A starter is a program that does nothing and ends.
type starter struct {
	name, key string
	argv      []string // the file, and then argv from the name on
	took      []time.Duration
}

// benchStart measures the time to start a program, in turns.
func benchStart(o options, r *report) error {
	list, err := starters(o.dir)
	if err != nil {
		return err
	}
	for range o.rounds {
		for i := range list {
			if err := list[i].measure(o); err != nil {
				return err
			}
		}
	}
	r.printf("## Start\n\nFrom starting a program to its end, medians of %d rounds of %d "+
		"starts each.\n\n", o.rounds, o.starts)
	t := table{{"", "ms", "to an empty Go program"}}
	goes := median(list[1].took)
	for _, s := range list {
		took := median(s.took)
		r.value("start."+s.key, ms(took))
		t.row(s.name, fmt.Sprintf("%.3f", ms(took)), times(ratio(took, goes)))
	}
	r.printf("%v\n", t)
	return nil
}

func starters(dir string) ([]starter, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	list := []starter{
		{name: "empty C program, static", key: "c", argv: []string{dir + "/empty", "empty"}},
		{name: "empty Go program, static", key: "go", argv: []string{dir + "/empty-go", "empty"}},
		{name: "`overlay-sh -c :`", key: "ours",
			argv: []string{bin + "/overlay-boot", "overlay-sh", "-c", ":"}},
	}
	for _, name := range []string{"dash", "bash"} {
		path, err := exec.LookPath(name)
		if err != nil && name == "dash" {
			return nil, fmt.Errorf("there is nothing to compare with: %w", err)
		}
		if err == nil {
			list = append(list, starter{name: "`" + name + " -c :`", key: name,
				argv: []string{path, name, "-c", ":"}})
		}
	}
	return list, nil
}

// measure lets a small program start the starter several times.
func (s *starter) measure(o options) error {
	args := append([]string{strconv.Itoa(o.starts)}, s.argv...)
	out, err := exec.Command(filepath.Join(o.dir, "spawn"), args...).Output()
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	ns, err := strconv.Atoi(string(bytes.TrimSpace(out)))
	if err != nil {
		return err
	}
	s.took = append(s.took, time.Duration(ns/o.starts))
	return nil
}
