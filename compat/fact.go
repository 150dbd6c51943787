// Package compat runs the same actions with the original's scripts on the system's shell
// and tools, and on ours, each in a sandbox of its own. It compares everything that is
// visible from outside: output, the log, processes, mounts, links, files, cgroups.
//
// Each side runs several times. The comparison ignores only what differs between runs of
// the original. Four lists name the other permitted differences, fact by fact and line by
// line, each with its reason: how our engine looks as a process (standing.txt), the races
// of the original (unsteady.txt), the differences of the embedded scripts
// (differences.txt), and those of one scenario (see Scenario).
//
// The package reads mountinfo, /proc and the network itself, or with the system's tools. It
// shares no reader with the interpreter and the native commands: a judge must not have the
// faults of those it judges.
package compat

import (
	"fmt"
	"slices"
	"strings"
)

// A Fact is one observation: a path of the form MOMENT/WHERE/KEY and a value, which may
// have many lines.
type Fact struct{ Path, Value string }

// A Trace is everything that was observed in one run.
type Trace struct {
	Facts []Fact
	// Failure is the reason why the run cannot be compared: its preparation failed.
	Failure string `json:",omitempty"`
}

// add records a fact at a moment.
func (t *Trace) add(moment, where, key, value string) {
	p := moment + "/" + where
	if key != "" {
		p += "/" + key
	}
	t.Facts = append(t.Facts, Fact{p, value})
}

func (t *Trace) addf(moment, where, key, format string, args ...any) {
	t.add(moment, where, key, fmt.Sprintf(format, args...))
}

// byPath returns the trace as a map from path to value.
func (t *Trace) byPath() map[string]string {
	m := make(map[string]string, len(t.Facts))
	for _, f := range t.Facts {
		m[f.Path] = f.Value
	}
	return m
}

// paths returns the paths of all traces, in the order of observation.
func paths(traces ...*Trace) []string {
	seen := map[string]bool{}
	var list []string
	for _, t := range traces {
		for _, f := range t.Facts {
			if !seen[f.Path] {
				seen[f.Path] = true
				list = append(list, f.Path)
			}
		}
	}
	return list
}

// match reports whether a path matches one of the globs. In a glob, * stands for any text,
// slashes included, and ? for one byte.
func match(globs []string, path string) bool {
	return slices.ContainsFunc(globs, func(g string) bool { return matchOne(g, path) })
}

func matchOne(glob, s string) bool {
	head, rest, star := strings.Cut(glob, "*")
	if !star {
		return sameBut(glob, s)
	}
	if len(s) < len(head) || !sameBut(head, s[:len(head)]) {
		return false
	}
	for s = s[len(head):]; ; s = s[1:] {
		if matchOne(rest, s) {
			return true
		}
		if s == "" {
			return false
		}
	}
}

// sameBut compares two strings of the same length; a ? in glob stands for any byte.
func sameBut(glob, s string) bool {
	if len(glob) != len(s) {
		return false
	}
	for i := range len(glob) {
		if glob[i] != '?' && glob[i] != s[i] {
			return false
		}
	}
	return true
}
