package process

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

func pidofOptions() []native.Option {
	return []native.Option{
		{Key: 's'}, {Key: 'x'}, {Key: 'q'}, {Key: 'n'}, {Key: 'o', Arg: native.NeedArg},
		{Key: 'd', Arg: native.NeedArg},
	}
}

// A pidofProcess holds the properties of a process that pidof looks at.
type pidofProcess struct {
	pid        int
	args       []string // the first two arguments
	comm       string
	exe        unix.Stat_t
	hasExe     bool
	mayNotTell bool // it is a zombie or waits for a device
}

// Pidof is pidof(8) of sysvinit: it prints the process IDs of programs by name.
func Pidof(c *native.Call) int {
	opts, names, problem := c.Options(pidofOptions(), native.Permute)
	single, scripts, quiet, separator := false, false, false, " "
	omit := map[int]bool{unix.Getpid(): c.Own}
	for _, o := range opts {
		switch o.Key {
		case 's':
			single = true
		case 'x':
			scripts = true
		case 'q':
			quiet = true
		case 'd':
			separator = (o.Value + "\x00")[:1]
		case 'o':
			if bad := omitPids(c, omit, o.Value); bad != "" {
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
			if single { // one process for each name
				break
			}
		}
	}
	if len(found) == 0 {
		return 1
	}
	if !quiet {
		// pidof(8) ignores the error too
		_, _ = fmt.Fprintln(c.Stdout, strings.Join(found, separator))
	}
	return 0
}

// omitPids adds a list of process IDs to the set of those left out.
func omitPids(c *native.Call, omit map[int]bool, list string) (bad string) {
	for text := range strings.SplitSeq(list, ",") {
		if text == "%PPID" {
			if c.Own {
				omit[unix.Getppid()] = true
			} else {
				omit[unix.Getpid()] = true // the shell that runs pidof
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

// pidofProcesses lists the processes, highest process ID first.
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
		p.args[0] = strings.TrimPrefix(p.args[0], "-") // a login shell has a leading dash
	}
	p.hasExe = unix.Stat(dir+"exe", &p.exe) == nil
	return p, true
}

// pidofMatches returns the processes of a program. An absolute name that exists matches by its
// file first; then processes match by name.
func pidofMatches(list []pidofProcess, name string, scripts bool) (found []pidofProcess) {
	var st unix.Stat_t
	if path.IsAbs(name) && unix.Stat(name, &st) == nil {
		for _, p := range list {
			if p.hasExe && fsys.SameFile(p.exe, st) && !p.mayNotTell {
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

// isScript reports whether the second argument is a script that was executed. If a shell was
// merely asked to read the script, the process has the name of the shell.
func (p *pidofProcess) isScript() bool {
	const longest = 15 // length to which the kernel cuts the name
	base := path.Base(p.args[1])
	return p.comm == base[:min(len(base), longest)]
}

func (p *pidofProcess) isNamed(name string, scripts bool) bool {
	if len(p.args) == 0 {
		return p.comm == name
	}
	same := func(arg string) bool {
		return arg == name || arg != "" &&
			(!strings.Contains(arg, "/") || !strings.Contains(name, "/")) &&
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
