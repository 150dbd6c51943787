package builtins

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

func pidofOptions() []option {
	return []option{
		{'s', "", noArg}, {'x', "", noArg}, {'q', "", noArg}, {'n', "", noArg}, {'o', "", needArg},
		{'d', "", needArg},
	}
}

// A pidofProcess is what pidof looks at of a process.
type pidofProcess struct {
	pid        int
	args       []string // the first two
	comm       string
	exe        unix.Stat_t
	hasExe     bool
	mayNotTell bool // it has ended, or waits for a device
}

// runPidof is pidof(8) of sysvinit: the ids of processes by the name of their program.
func runPidof(c *Call) int {
	opts, names, problem := c.options(pidofOptions(), permute)
	single, scripts, quiet, separator := false, false, false, " "
	omit := map[int]bool{unix.Getpid(): c.Own}
	for _, o := range opts {
		switch o.key {
		case 's':
			single = true
		case 'x':
			scripts = true
		case 'q':
			quiet = true
		case 'd':
			separator = (o.value + "\x00")[:1]
		case 'o':
			if bad := c.omitPids(omit, o.value); bad != "" {
				problem = bad
			}
		}
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	list := pidofProcesses()
	var found []string
	for _, name := range names {
		for _, p := range pidofMatches(list, name, scripts) {
			if omit[p.pid] {
				continue
			}
			found = append(found, strconv.Itoa(p.pid))
			if single { // of each name
				break
			}
		}
	}
	if len(found) == 0 {
		return 1
	}
	if !quiet {
		_, _ = fmt.Fprintln(c.Stdout, strings.Join(found, separator)) // as pidof does
	}
	return 0
}

// omitPids adds a list of ids to those that are left out.
func (c *Call) omitPids(omit map[int]bool, list string) (bad string) {
	for text := range strings.SplitSeq(list, ",") {
		if text == "%PPID" {
			if c.Own {
				omit[unix.Getppid()] = true
			} else {
				omit[unix.Getpid()] = true // the shell that runs it
			}
			continue
		}
		pid, err := strconv.Atoi(text)
		if err != nil {
			return "option '-o " + list + "'"
		}
		omit[pid] = true
	}
	return ""
}

// pidofProcesses lists processes, the last one first.
func pidofProcesses() (list []pidofProcess) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, ok := pidofRead(pid); ok {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b pidofProcess) int { return b.pid - a.pid })
	return list
}

func pidofRead(pid int) (p pidofProcess, ok bool) {
	dir := "/proc/" + strconv.Itoa(pid) + "/"
	stat, err := os.ReadFile(dir + "stat")
	open, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if err != nil || open < 0 || end < open || end+2 >= len(stat) {
		return p, false
	}
	p.pid, p.comm = pid, string(stat[open+1:end])
	state := stat[end+2]
	p.mayNotTell = state == 'Z' || state == 'D'
	text, _ := os.ReadFile(dir + "cmdline")
	if len(text) > 0 {
		p.args = strings.SplitN(string(text), "\x00", 3)
		p.args[0] = strings.TrimPrefix(p.args[0], "-") // of a login shell
	}
	p.hasExe = unix.Stat(dir+"exe", &p.exe) == nil
	return p, true
}

// pidofMatches are the processes of a program: by its file where the name leads to one that
// runs, otherwise by name.
func pidofMatches(list []pidofProcess, name string, scripts bool) (found []pidofProcess) {
	var st unix.Stat_t
	if path.IsAbs(name) && unix.Stat(name, &st) == nil {
		for _, p := range list {
			if p.hasExe && sameFile(p.exe, st) && !p.mayNotTell {
				found = append(found, p)
			}
		}
	}
	for _, p := range list {
		if !p.mayNotTell && p.isNamed(name, scripts) &&
			!slices.ContainsFunc(found, func(q pidofProcess) bool { return q.pid == p.pid }) {
			found = append(found, p)
		}
	}
	return found
}

// isScript tells a script that was executed from one that a shell was asked to read.
func (p *pidofProcess) isScript() bool {
	const longest = 15 // of what the kernel knows
	base := path.Base(p.args[1])
	return p.comm == base[:min(len(base), longest)]
}

func (p *pidofProcess) isNamed(name string, scripts bool) bool {
	if len(p.args) == 0 {
		return p.comm == name
	}
	same := func(arg string) bool {
		return arg == name || arg != "" && (!strings.Contains(arg, "/") || !strings.Contains(name, "/")) &&
			path.Base(arg) == path.Base(name)
	}
	switch {
	case same(p.args[0]):
		return true
	case scripts && len(p.args) > 1 && p.isScript() && same(p.args[1]):
		return true
	}
	return strings.Contains(p.args[0], " ") && p.comm == path.Base(name)
}
