package interp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/judge"
)

// searchFiles are the files of the rows: mode and content, or "dir". The name of a file with
// the content "tool" is that of a program to which it is a link.
var searchFiles = map[string]struct {
	mode os.FileMode
	text string
}{
	"a/plain": {0o755, "echo a/plain\n"}, "b/plain": {0o755, "echo b/plain\n"},
	"a/second": {0o644, "echo a/second\n"}, "b/second": {0o755, "echo b/second\n"},
	"a/dir": {0, "dir"}, "b/dir": {0o755, "echo b/dir\n"}, "a/onlydir": {0, "dir"},
	"a/denied": {0o644, "echo no\n"}, "a/other": {0o001, "echo others\n"},
	"here": {0o755, "echo here\n"}, "a/empty": {0o755, ""},
	"a/shell": {0o755, "#!/bin/sh -e\necho $-\n"}, "a/bare": {0o755, "#! /bin/sh\necho bare\n"},
	"a/perl": {0o755, "#!/usr/bin/perl\nprint \"perl\\n\";\n"},
	"a/env":  {0o755, "#!/usr/bin/env sh\necho env\n"},
	"a/cat":  {0o755, "echo own cat\n"},
}

// inSearchFiles makes the files in a new directory, goes there, and returns a shell.
func inSearchFiles(t *testing.T) *Shell {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, file := range searchFiles {
		var err error
		if file.text == "dir" {
			err = os.MkdirAll(name, 0o755)
		} else if err = os.MkdirAll(filepath.Dir(name), 0o755); err == nil {
			err = os.WriteFile(name, []byte(file.text), file.mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return testShell(t)
}

// TestSearch compares the file that a search in PATH finds with that of dash.
func TestSearch(t *testing.T) {
	s := inSearchFiles(t)
	names := []string{"plain", "second", "dir", "onlydir", "denied", "other", "here", "empty",
		"shell", "nosuch", "perl"}
	for _, dirs := range []string{
		"a:b", "b:a", "a", "b", "nosuch:b", "a::b", ":a", "a:", "", ".:a", "./a:b", "a/../b:a",
		"a/plain:b", "nosuch", "/usr/bin:a", "a:/usr/bin",
	} {
		said := judge.Dash(t, ".", "PATH='"+dirs+"'; for n in "+strings.Join(names, " ")+
			"; do command -v $n || echo; done").Stdout
		found := strings.Split(said, "\n")
		for i, name := range names {
			got := s.search(seeker{}, name, searchPath{dirs, true})
			file := got.path
			if got.kind == notFound || got.kind == denied {
				file = ""
			}
			// dash names a file of the directory "" without a directory.
			if file != found[i] && file != "./"+found[i] {
				t.Errorf("PATH=%s %s: %q, in dash %q", dirs, name, file, found[i])
			}
		}
	}
}

// TestSearchFails compares whether a command is found, refused or missing with what dash says.
func TestSearchFails(t *testing.T) {
	s := inSearchFiles(t)
	for _, name := range []string{
		"plain", "second", "onlydir", "denied", "nosuch", "a/plain", "a/second", "a/dir",
		"a/nosuch", "nosuch/x", "./here", "here", "./", "a/other", "/", "/nosuch",
	} {
		var p program
		if strings.Contains(name, "/") {
			p = s.findPath(seeker{}, name)
		} else {
			p = s.search(seeker{}, name, searchPath{"a", true})
		}
		says := map[kind]string{notFound: "not found", denied: "Permission denied"}[p.kind]
		said := judge.Dash(t, ".", "PATH=a; "+name).Stderr
		if says == "" && said != "" || !strings.Contains(said, says) {
			t.Errorf("%s: kind %d, and dash says %q", name, p.kind, said)
		}
	}
}

// TestSearchKinds checks what runs a file: this shell, with the options of the first line, or
// the kernel. A native stands in for no file outside of the system's directories.
func TestSearchKinds(t *testing.T) {
	s := inSearchFiles(t)
	for name, want := range map[string]struct {
		kind    kind
		options []string
	}{
		"plain": {script, nil}, "shell": {script, []string{"-e"}}, "bare": {script, []string{}},
		"perl": {external, nil}, "env": {external, nil}, "empty": {external, nil},
		"cat": {script, nil}, "grep": {nativeCommand, nil}, "nosuch": {notFound, nil},
	} {
		p := s.search(seeker{}, name, searchPath{"a:/usr/bin", true})
		if p.kind != want.kind || !slices.Equal(p.options, want.options) {
			t.Errorf("%s: kind %d, options %q, want %v", name, p.kind, p.options, want)
		}
	}
	if p := s.search(seeker{}, "plain", searchPath{"a", false}); p.kind != notFound {
		t.Errorf("an unset PATH finds %q", p.path)
	}
	if p := s.search(seeker{}, "grep", searchPath{"a", false}); p.kind != nativeCommand {
		t.Errorf("without a file, no native stands in: %v", p.kind)
	}
}

// TestInterpreterLine gives the words that the kernel makes of a first line: it passes on all
// behind the interpreter as one word. TestFirstLine of testsuite/shell has the kernel judge.
func TestInterpreterLine(t *testing.T) {
	for line, want := range map[string]string{
		"#!/bin/sh": "/bin/sh", "#! /bin/sh -e\n": "/bin/sh|-e", "#!\t/bin/sh\t-e \n": "/bin/sh|-e",
		"#!/bin/sh -e -u": "/bin/sh|-e -u", "#!": "", "#!  ": "", "#!/bin/sh ": "/bin/sh|",
	} {
		words, ok := InterpreterLine(line)
		if got := strings.Join(words, "|"); !ok || got != want {
			t.Errorf("%q: %q, %v", line, got, ok)
		}
	}
	for _, line := range []string{"", "#", " #!/bin/sh", "# !/bin/sh", "echo #!/bin/sh"} {
		if words, ok := InterpreterLine(line); ok {
			t.Errorf("%q: %q", line, words)
		}
	}
}

// TestFirstLines compares the options that a script gets by its first line with those that the
// kernel gives it: $- of the script, started by dash.
func TestFirstLines(t *testing.T) {
	s := inSearchFiles(t)
	for _, line := range []string{
		"#!/bin/sh", "#!/bin/sh -e", "#! /bin/sh -u", "#!/bin/dash -eu", "#!/bin/sh\t-e  ",
		"#!/usr/bin/dash -f", "# no line", "",
	} {
		if err := os.WriteFile("f", []byte(line+"\necho \"$-\"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		p := s.findFile("f")
		want := judge.Dash(t, ".", "./f")
		got := judge.Dash(t, ".", "sh "+strings.Join(p.options, " ")+" ./f")
		if p.kind != script || got.Stdout != want.Stdout {
			t.Errorf("%q: kind %d, options %q give %q, want %q", line, p.kind, p.options,
				got.Stdout, want.Stdout)
		}
	}
}

// TestIsShell checks that a script for a shell with more features is not run by this one.
func TestIsShell(t *testing.T) {
	for interpreter, want := range map[string]bool{
		"/bin/sh": true, "/usr/bin/dash": true, "/usr/sbin/overlay-sh": true, "/bin/bash": false,
		"/usr/bin/ksh": false, "/bin/busybox": false, "sh": false, "/bin//sh": false, "": false,
		"/usr/local/bin/sh": false,
	} {
		if got := IsShell(interpreter); got != want {
			t.Errorf("%s: %v", interpreter, got)
		}
	}
}

// TestKindsOfFiles compares what is executable and a directory with test(1) of dash.
func TestKindsOfFiles(t *testing.T) {
	s := inSearchFiles(t)
	names := []string{"nosuch", "a", ".", "here/x", "/dev/null", "/bin", "/bin/sh"}
	for name := range searchFiles {
		names = append(names, name)
	}
	for _, name := range names {
		for expression, got := range map[string]bool{
			"-f F -a -x F": isExecutable(s.dir, name), "-d F": isDirectory(s.dir, name),
			"-f F": isRegular(s.dir, name),
		} {
			script := "[ " + strings.ReplaceAll(expression, "F", name) + " ]"
			if want := judge.Dash(t, ".", script).Status == 0; got != want {
				t.Errorf("%s: %v, in dash %v", script, got, want)
			}
		}
	}
}

// TestAbsolute compares the names of files, seen from a directory, with those of realpath -s.
func TestAbsolute(t *testing.T) {
	s := testShell(t)
	s.pwd = "/usr/bin"
	for _, name := range []string{"a", "./a", "../a", "../../../a", "/a/../b", "//a//b/", ".", ""} {
		want := judge.Dash(t, "/usr/bin", "realpath -ms -- '"+name+"'").Stdout
		if name == "" { // which realpath refuses
			want = "/usr/bin\n"
		}
		if got := s.absolute(name); got != strings.TrimSuffix(want, "\n") {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestLookupEnv checks that the first PATH of an environment counts, as in execve's callers.
func TestLookupEnv(t *testing.T) {
	for _, row := range []struct {
		env  []string
		want string
	}{
		{nil, defaultPath}, {[]string{"A=b"}, defaultPath}, {[]string{"PATH="}, ""},
		{[]string{"XPATH=/x", "PATH=/a:/b", "PATH=/c"}, "/a:/b"}, {[]string{"PATH"}, defaultPath},
	} {
		if got := lookupEnv(row.env, "PATH"); got != row.want {
			t.Errorf("%q: %q, want %q", row.env, got, row.want)
		}
	}
}
