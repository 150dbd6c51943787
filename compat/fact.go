// Package compat runs the same actions with the original's scripts on the
// system's shell and tools, and on ours, each in a sandbox of its own, and
// compares everything that can be seen of them from outside: what was printed,
// the log, processes, mounts, links, files, cgroups.
//
// Nothing is left out of the comparison but what two runs of the original differ
// in; that is measured, for each scenario, by running the original twice.
package compat

import (
	"fmt"
	"slices"
	"strings"
)

// A Fact is one thing seen: a path of MOMENT/WHERE/KEY and a value, which may
// have many lines.
type Fact struct{ Path, Value string }

// A Trace is all that was seen of one run.
type Trace struct {
	Facts []Fact
	// Failure says why the run is not one to compare: the preparation failed.
	Failure string `json:",omitempty"`
}

// add notes a fact at a moment.
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

// byPath is the trace as a map.
func (t *Trace) byPath() map[string]string {
	m := make(map[string]string, len(t.Facts))
	for _, f := range t.Facts {
		m[f.Path] = f.Value
	}
	return m
}

// paths are those of all traces, in the order in which they were seen.
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

// match tells whether a path matches one of the globs, in which * stands for any
// text, slashes too, and ? for one character.
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

// sameBut compares, with ? in the first for any byte of the second.
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
