// Package suites runs the test suites of Debian's tools, from their source packages, with
// the system's tools and with our natives in their place. The suites are no part of this
// project: they are fetched when needed.
package suites

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"overlayboot/builtins"
)

// An Outcome is the outcome of a test.
type Outcome int

// These are the outcomes. A test is not applicable if it reports that it cannot run here,
// or that its own preparation failed.
const (
	Passed Outcome = iota
	Failed
	NotApplicable
)

// String returns the word for reports.
func (o Outcome) String() string { return [...]string{"passed", "failed", "not applicable"}[o] }

// A Suite is the test suite of one source package.
type Suite struct {
	Name    string // of the package, the list of failures and the Go test
	Sources []string
	// Limit is the time that one test may take with our tools, plus ten times as long as
	// with the system's.
	Limit time.Duration
	// Tests prepares a side and returns the tests to run on it.
	Tests func(s *Side) ([]Test, error)
	// Slow are patterns (path.Match) of the tests that a plain test run leaves out.
	Slow []string
}

// A Test is a program to run, which may report several results.
type Test struct {
	Name    string
	Command string // the command under test; "" means any in place
	Argv    []string
	Dir     string
	Env     []string
	Root    bool // it needs root; all others run as nobody
	// Results reads the results from the output. If it is nil, the exit status is the
	// result.
	Results func(output string, status int) map[string]Outcome
}

// A Side is one of the two runs: with the system's tools, or with the natives.
type Side struct {
	Name   string
	Source string // the unpacked sources
	Dir    string // the side's own folder, writable by everybody
	Ours   string // the path of the program; "" on the system's side
	Shared string // the folder of helpers and locales
}

// Native reports whether a command is a native, so that its tests count.
func Native(name string) bool {
	_, ok := builtins.Lookup(name)
	return ok
}

// Tools creates the folder dir below the side's folder with one symbolic link for each
// name: to the system's tool, or to the program.
func (s *Side) Tools(dir string, names ...string) (string, error) {
	dir = filepath.Join(s.Dir, dir)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	for _, name := range names {
		target, err := systemTool(name)
		if err != nil {
			continue // a test that needs it will say so
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

// byStatus returns the outcome for an exit status by automake's convention.
func byStatus(status int) Outcome {
	switch status {
	case 0:
		return Passed
	case 77, 99:
		return NotApplicable
	}
	return Failed
}
