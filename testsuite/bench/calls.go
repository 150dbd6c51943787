package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"overlayboot/compat/sandbox"
)

// benchCalls counts the system calls of a boot and a stop, in all processes together.
func benchCalls(o options, r *report) error {
	strace, err := exec.LookPath("strace")
	if err != nil {
		r.printf("## System calls\n\nThere is no strace here (make testdeps).\n\n")
		return nil
	}
	list, _, err := contenders(o)
	if err != nil {
		return err
	}
	r.printf("## System calls\n\nOf one boot and one stop, all processes and threads together, as " +
		"`strace -f -c` counts them; some twenty are those of a small program that starts both.\n\n")
	t := table{{"", "calls", "most often"}}
	for _, c := range o.some(list, "ours", "scripts", "original", "floor", "crun", "lxc") {
		counts, err := c.counted(o, strace)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		total := 0
		for _, n := range counts {
			total += n
		}
		r.value("calls."+c.key, float64(total))
		t.row(c.name, fmt.Sprint(total), most(counts, 5))
	}
	r.printf("%v\n", t)
	return nil
}

// counted boots and stops under strace. strace is not the parent of any process, since the
// scripts would notice it.
func (c contender) counted(o options, strace string) (map[string]int, error) {
	s, err := c.measured(o, "bench")
	if err != nil {
		return nil, err
	}
	before := countProcesses()
	traced := c
	traced.boot = func(s *subhost) *exec.Cmd {
		return o.below(strace, s.base+"/boot.calls", c.boot(s))
	}
	traced.stop = func(s *subhost) *exec.Cmd {
		return o.below(strace, s.base+"/stop.calls", c.stop(s))
	}
	b, err := traced.start(s)
	if err != nil {
		return nil, err
	}
	if _, err := traced.end(s, b); err != nil {
		return nil, err
	}
	if err := s.waitGone(before); err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, name := range []string{"/boot.calls", "/stop.calls"} {
		if err := addCounts(counts, s.base+name); err != nil {
			return nil, err
		}
	}
	return counts, s.remove()
}

// below returns a command that runs cmd under strace. The command must not be in strace's
// own arguments, or the original's scripts would take strace for a supervisor.
func (o options) below(strace, file string, cmd *exec.Cmd) *exec.Cmd {
	traced := exec.Command(strace, "-f", "-DDD", "-c", "-o", file, "--", filepath.Join(o.dir, "via"))
	if traced.Env = cmd.Env; traced.Env == nil {
		traced.Env = os.Environ()
	}
	call := strings.Join(append([]string{cmd.Path}, cmd.Args[1:]...), " ")
	traced.Env = append(traced.Env, "BENCH_CALL="+call)
	return traced
}

// addCounts reads a table of strace. The table exists once all the processes that strace
// followed have ended.
func addCounts(counts map[string]int, file string) error {
	var text []byte
	if !sandbox.Until(func() bool {
		text, _ = os.ReadFile(file)
		return strings.Contains(string(text), " total\n")
	}) {
		return fmt.Errorf("strace wrote no counts to %s: %q", file, text)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 4 && f[len(f)-1] != "total" {
			if n, err := strconv.Atoi(f[3]); err == nil {
				counts[f[len(f)-1]] += n
			}
		}
	}
	return nil
}

// most returns the n most frequent calls.
func most(counts map[string]int, n int) string {
	var list []string
	for name := range counts {
		list = append(list, name)
	}
	slices.SortFunc(list, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	for i, name := range list {
		list[i] = fmt.Sprintf("%s %d", name, counts[name])
	}
	return strings.Join(list[:min(n, len(list))], ", ")
}
