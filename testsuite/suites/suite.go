// Package suites runs the test suites that the tools of Debian come with, from their
// source packages, on the system's tools and on the native commands in their place.
// Nothing of them is part of this project: they are fetched when they are needed.
package suites

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"overlayboot/builtins"
)

// An Outcome is how a test ended.
type Outcome int

// The outcomes. A test that says itself that it cannot be run here, and one that says
// that its own preparation failed, is not applicable.
const (
	Passed Outcome = iota
	Failed
	NotApplicable
)

// String is the word for reports.
func (o Outcome) String() string { return [...]string{"passed", "failed", "not applicable"}[o] }

// A Suite is the test suite of one source package.
type Suite struct {
	Name    string // of the package, of the list of failures, of the Go test
	Sources []string
	// Limit is how long one test may take with our tools, beside ten times as long as with
	// the system's.
	Limit time.Duration
	// Tests prepares a side and returns the tests to run on it.
	Tests func(s *Side) ([]Test, error)
	// Slow are patterns (path.Match) of the tests that a plain test run leaves out.
	Slow []string
}

// A Test is a program to run, which may report several results.
type Test struct {
	Name    string
	Command string // that it tests, "": what the side has in place
	Argv    []string
	Dir     string
	Env     []string
	Root    bool // it wants to be root; all others are run as nobody
	// Results reads the output; without it the exit status is the result.
	Results func(output string, status int) map[string]Outcome
}

// A Side is one of the two runs: the system's tools, or the native commands.
type Side struct {
	Name   string
	Source string // the unpacked sources
	Dir    string // of its own; everybody may write there
	Ours   string // the program; "" on the system's side
	Shared string // helpers and locales
}

// Native reports whether a command is one whose tests count.
func Native(name string) bool {
	_, ok := builtins.Lookup(name)
	return ok
}

// Tools makes the folder dir below the side's with one link for each name: to the
// system's tool, or to the program.
func (s *Side) Tools(dir string, names ...string) (string, error) {
	dir = filepath.Join(s.Dir, dir)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	for _, name := range names {
		target, err := systemTool(name)
		if err != nil {
			continue // a test that wants it will say so
		}
		if s.Ours != "" && Native(name) {
			target = s.Ours
		}
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil && !os.IsExist(err) {
			return "", err
		}
	}
	return dir, os.Chmod(dir, 0o777)
}

func systemTool(name string) (string, error) {
	for _, dir := range [...]string{"/usr/sbin", "/usr/bin", "/sbin", "/bin"} {
		file := filepath.Join(dir, name)
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
	}
	return "", fmt.Errorf("no %s on this system", name)
}

// byStatus is the result of a test that follows automake's statuses.
func byStatus(status int) Outcome {
	switch status {
	case 0:
		return Passed
	case 77, 99:
		return NotApplicable
	}
	return Failed
}
