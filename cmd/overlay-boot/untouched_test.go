package main

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
	"overlayboot/compat/sandbox/sandboxtest"
)

// acting are natives that are not called with random options, since they act on the
// processes, mounts or links of the test itself, or exist only in this program. lackRows
// has commands for them.
var acting = []string{"brctl", "bridge", "ip", "kill", "mount", "pivot_root", "pkill", "sh",
	"umount", "waitpid"}

// lackRows are commands that natives leave to the system's tool.
var lackRows = [][]string{
	{"mount", "--nosuch", "f"}, {"mount", "-t", "nosuch.x", "f", "d"}, {"mount", "-Z"},
	{"umount", "-Z", "d"},
	{"umount", "--nosuch"}, {"ip", "-nosuch", "link"}, {"ip", "nosuch"},
	{"ip", "xfrm", "state"}, {"ip", "-b", "-"},
	{"ip", "link", "add", "x", "type", "nosuch"}, {"brctl", "nosuch", "x"},
	{"bridge", "-nosuch", "link"}, {"bridge", "mdb"},
	{"ip", "-s", "neigh", "flush", "all"}, {"kill", "-l", "nosuch"},
	{"kill", "--nosuch"}, {"kill", "-s", "NOSUCH", "1"}, {"pkill", "--nosuch", "nosuch"},
	{"pkill", "-x", "--inverse", "nosuch"}, {"pivot_root", "--nosuch", "d", "d"},
	{"waitpid", "--nosuch"},
	{"sed", "e id", "f"}, {"sed", "-n", "F;e", "f"}, {"sed", "-e", "p", "--nosuch"},
	{"sed", "-i", "s/x/y/Q", "f"},
	{"sed", "-e", "w out", "-e", "1~~"}, {"awk", "BEGIN { print }}", "f"},
	{"awk", "@include \"f\"", "f"},
	{"awk", "-f", "f"}, {"awk", "-f", "-"}, {"awk", "-f", "f", "-f", "-"},
	{"awk", "BEGIN { print strftime() }"},
	{"awk", "{ print mktime(\"2001 1 1 0 0 0\") }"}, {"awk", "!x = y"},
	{"sort", "-t:", "-t,", "f"}, {"sort", "-o", "f", "--nosuch", "f"},
	{"tee", "out", "--nosuch"}, {"cp", "f", "out", "--nosuch"},
	{"mkdir", "out", "--nosuch"}, {"rm", "f", "-I", "--nosuch"}, {"touch", "out", "-d", "nosuch"},
	{"env", "A=b", "-S", "x"}, {"env", "-u", "A", "--nosuch", "true"}, {"nohup", "--nosuch", "true"},
	{"unshare", "-m", "--nosuch", "true"}, {"setpriv", "--reuid=1", "--nosuch", "true"},
	{"nsenter", "-m", "--nosuch", "true"}, {"chroot", "--nosuch", "d", "true"},
	{"setsid", "-w", "--nosuch", "true"},
	{"flock", "out", "--nosuch", "true"}, {"grep", "x", "-P", "f"}, {"grep", "-r", "--nosuch", "x"},
	{"chown", "-R", "--from=1", "0", "d"}, {"chmod", "-R", "--reference=f", "d"},
	{"ln", "f", "out", "--nosuch"},
	{"mv", "f", "out", "--nosuch"}, {"mknod", "out", "-Z", "p"}, {"uniq", "f", "out", "--nosuch"},
}

// TestUntouched checks that a native that leaves a command to the system's tool has read
// nothing, written nothing and changed nothing before.
func TestUntouched(t *testing.T) {
	sandboxtest.Test(t, 5*time.Minute, func(t *testing.T) {
		left := 0
		for _, c := range builtins.Commands() {
			if slices.Contains(acting, c.Name) || strings.HasPrefix(c.Name, "overlay-") {
				continue
			}
			for _, argv := range guesses(c.Name) {
				left += checkUntouched(t, argv)
			}
			for _, argv := range mixtures(c.Name) {
				left += checkUntouched(t, argv)
			}
		}
		if left < 500 {
			t.Errorf("only %d of the commands made by chance are left to the system's tools", left)
		}
		for _, argv := range lackRows {
			checkUntouched(t, argv)
		}
	})
}

// guesses returns commands with each single letter as an option, and with the long options
// in the tool's help.
func guesses(name string) (list [][]string) {
	var options []string
	for letter := byte('0'); letter <= 'z'; letter++ {
		if letter <= '9' || letter >= 'A' && letter <= 'Z' || letter >= 'a' {
			options = append(options, "-"+string(rune(letter)))
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	help, _ := exec.CommandContext(ctx, name, "--help").CombinedOutput()
	long := regexp.MustCompile(`--[a-z][-a-z]+`).FindAllString(string(help), -1)
	slices.Sort(long)
	for _, o := range append(slices.Compact(long), "--nosuch") {
		options = append(options, o, o+"=1")
	}
	for _, o := range options {
		if name == "tail" && (strings.ContainsAny(o, "fF") || strings.HasPrefix(o, "--ret")) {
			continue // it would wait forever
		}
		list = append(list, []string{name, o}, []string{name, o, "f", "g"},
			[]string{name, "f", o, "1", "d"})
	}
	return list
}

// mixtures returns commands with a few random options and operands, the same on each run.
// An option that a native lacks may follow those that it knows, or matter only together
// with them.
func mixtures(name string) (list [][]string) {
	switch name {
	case "date", "hostname", "logger", "sysctl", "sync", "timeout", "sleep":
		return nil // these change the machine, or wait
	}
	words := []string{"f", "g", "d", "d/f", "out", "-", "1", "0", "nosuch/x", "--", "a=b",
		"s/a/b/", "1d", "{ print }",
		"$d;wout", "if=f", "of=out", "bs=1", "conv=nosuch", "count=1", "+", ":", "-o", "out",
		"--nosuch", "-n", "u+x", "p"}
	const letters = "aAbBcCdDeEgGhHiIkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ0123456789"
	r := rand.New(rand.NewPCG(11, uint64(len(name))<<8|uint64(name[0])))
	for range 80 {
		argv := []string{name}
		for range 1 + r.IntN(5) {
			if r.IntN(2) == 0 {
				argv = append(argv, "-"+string(rune(letters[r.IntN(len(letters))])))
			} else {
				argv = append(argv, words[r.IntN(len(words))])
			}
		}
		list = append(list, argv)
	}
	return list
}

// checkUntouched runs a command and returns 1 if the native leaves it to the system's tool.
func checkUntouched(t *testing.T, argv []string) int {
	t.Helper()
	dir := t.TempDir()
	for _, f := range []string{"f", "g", "d/f"} {
		if err := os.MkdirAll(filepath.Join(dir, "d"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f), []byte("b\na\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := treeOf(t, dir)
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(fd) }()
	in := bytes.NewReader([]byte("{e\ny"))
	var out, errs bytes.Buffer
	env := []string{"PATH=/usr/bin:/bin", "A=b"}
	call := &native.Call{Args: argv, Env: env, Dir: fd, NetNS: -1, Own: true,
		Stdin: in, Stdout: &out, Stderr: &errs,
		// A native that has already read its program from standard input passes it on to
		// the tool through Run.
		Run: func([]string, io.Reader, io.Writer, io.Writer) int { return 0 }}
	spec := &proc.Spec{Argv: argv, Env: slices.Clone(env), Exe: -1, Dir: fd}
	defer spec.Release()
	if n, ended := answer(call, spec); !ended {
		t.Fatalf("%q does not end", argv)
	} else if n != native.Unsupported {
		return 0
	}
	switch {
	case in.Len() != 4:
		t.Errorf("%q: read %d bytes of standard input", argv, 4-in.Len())
	case out.Len() > 0 || errs.Len() > 0:
		t.Errorf("%q: wrote %q and %q", argv, out.String(), errs.String())
	case treeOf(t, dir) != before:
		t.Errorf("%q: changed files: %s", argv, treeOf(t, dir))
	case spec.Changed() != 0 || !slices.Equal(spec.Env, env):
		t.Errorf("%q: changed what the tool gets: %v", argv, spec.Env)
	case call.Lacks == "":
		t.Errorf("%q: does not say what is lacking", argv)
	}
	return 1
}

// answer calls a native, or the prefix command, and returns its status. It has ten seconds to
// end.
func answer(call *native.Call, spec *proc.Spec) (status int, ended bool) {
	c, _ := builtins.Lookup(call.Args[0])
	given := make(chan int, 1)
	go func() {
		done, n := false, native.Unsupported
		if c.Prefix != nil {
			call.Probe = true
			n, done = c.Prefix(call, spec)
		}
		if c.Run != nil && (c.Prefix == nil || done && n == native.Unsupported) {
			n, done = c.Run(call), true
		}
		if !done {
			n = 0
		}
		given <- n
	}()
	select {
	case status = <-given:
		return status, true
	case <-time.After(10 * time.Second):
		return 0, false
	}
}

// treeOf lists the files of a directory with mode, time and content.
func treeOf(t *testing.T, dir string) string {
	t.Helper()
	var list strings.Builder
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		text := []byte(nil)
		if info.Mode().IsRegular() {
			text, _ = os.ReadFile(name)
		}
		list.WriteString(name + " " + info.Mode().String() + " " + info.ModTime().String() + " " +
			string(text) + "\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list.String()
}
