package sandboxtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// storyLines is the number of lines of a log that Story returns.
const storyLines = 40

// A Base is the folder of a subhost, with its configuration, root and log, that a test
// writes and reads.
type Base struct {
	Name string // of the subhost
	Dir  string
	Conf string // path of the configuration
	t    testing.TB
}

// NewBase creates the folder below parent with its folders live, root and work, and the
// configuration.
func NewBase(t testing.TB, parent, name, config string) *Base {
	t.Helper()
	dir := filepath.Join(parent, name)
	b := &Base{Name: name, Dir: dir, Conf: filepath.Join(dir, name+".conf"), t: t}
	for _, sub := range []string{"live", "root", "work"} {
		b.check(os.MkdirAll(filepath.Join(dir, sub), 0o755))
	}
	b.Configure(config)
	return b
}

// Configure writes the configuration. It gets a BASE and a LOG unless it has its own.
func (b *Base) Configure(config string) {
	b.t.Helper()
	for _, line := range []string{"BASE=.\n", "LOG=" + b.Log() + "\n"} {
		key, _, _ := strings.Cut(line, "=")
		if !strings.Contains("\n"+config, "\n"+key+"=") {
			config = line + config
		}
	}
	b.check(os.WriteFile(b.Conf, []byte(config+"\n"), 0o644))
}

// Log returns the path of the log.
func (b *Base) Log() string { return filepath.Join(b.Dir, "log") }

// Write creates a file in the folder, and returns its path. A script becomes executable.
func (b *Base) Write(path, text string) string {
	b.t.Helper()
	path = filepath.Join(b.Dir, path)
	b.check(os.MkdirAll(filepath.Dir(path), 0o755))
	mode := os.FileMode(0o644)
	if strings.HasPrefix(text, "#!") {
		mode = 0o755
	}
	b.check(os.WriteFile(path, []byte(text), mode))
	return path
}

// Script creates an executable script of the system's shell in the folder, and returns its
// path.
func (b *Base) Script(path, text string) string {
	b.t.Helper()
	return b.Write(path, "#!/bin/sh\n"+text+"\n")
}

// Read returns the content of a file in the folder, or "" if there is none.
func (b *Base) Read(path string) string {
	text, _ := os.ReadFile(filepath.Join(b.Dir, path))
	return string(text)
}

// Story returns the end of the log, for the message of a failure.
func (b *Base) Story() string {
	lines := strings.Split(strings.TrimSpace(b.Read("log")), "\n")
	return fmt.Sprintf("log of %s:\n%s", b.Name,
		strings.Join(lines[max(0, len(lines)-storyLines):], "\n"))
}

func (b *Base) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}
