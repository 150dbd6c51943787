package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// asProgram names the variable that makes the test binary act as the program. The sandboxes
// pass on variables of this prefix.
const asProgram = "OVERLAY_COMPAT_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "1" {
		main()
	}
	os.Exit(m.Run())
}

// outcome is the result of a run of the program.
type outcome struct {
	status         int
	stdout, stderr string
}

func program(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// folder creates files in a folder that the sandboxes see as well. It is not in /tmp, since
// a sandbox has an empty /tmp.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "overlay-compat-test")
	if err != nil {
		kit.Missing(t, "%v", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestUsage(t *testing.T) {
	dir := folder(t, map[string]string{
		"set/overlay-boot": "", "program": "",
		"step-less.txtar": "# nothing\n", "bare.conf": "NAME=x\n",
		"command.conf": "BASE=!echo /\n", "wide.conf": "BASE=/\nUPPER=/var/x\n",
	})
	run := []string{"run", "--program", "program", "--original", "set"}
	for _, row := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, 2, "what is to be compared?"},
		{[]string{"--help"}, 0, ""},
		{[]string{"run", "--help"}, 0, ""},
		{[]string{"play", "--program=program", "x"}, 2, "no such way to compare: play"},
		{[]string{"run", "--program=program"}, 2, "run: nothing to compare"},
		{[]string{"shell", "--program=program"}, 2, "shell: nothing to compare"},
		{[]string{"cmd", "--program=program", "--"}, 2, "cmd: nothing to compare"},
		{[]string{"run", "--wrong", "x"}, 2, "unknown option --wrong"},
		{[]string{"run", "--jobs"}, 2, "--jobs wants a value"},
		{[]string{"run", "--jobs", "0", "x"}, 2, "--jobs 0: wants a number from 1"},
		{[]string{"run", "--jobs=many", "x"}, 2, "--jobs many: wants a number from 1"},
		{[]string{"run", "--program=missing", "x"}, 2, "our program:"},
		{[]string{"run", "--program=program", "--original=missing", "x"}, 2,
			"the original's scripts:"},
		{append(run, "missing.txtar"), 2, "missing.txtar: no such file"},
		{append(run, "missing.conf"), 2, "missing.conf: no such file"},
		{append(run, "step-less.txtar"), 2, "step-less: there is no step in it"},
		{append(run, "bare.conf"), 2, "BASE is not set"},
		{append(run, "command.conf"), 2, "a command cannot be run before"},
		{append(run, "wide.conf"), 2, "have only / in common"},
		{[]string{"shell", "--program=program", "missing.sh"}, 2, "missing.sh: no such file"},
	} {
		got := program(t, dir, row.args...)
		if got.status != row.status || !strings.Contains(got.stderr, row.want) {
			t.Errorf("%q: %+v, want %d %q", row.args, got, row.status, row.want)
		}
		if helps := strings.HasPrefix(got.stdout, "Usage: overlay-compat"); helps != (row.status == 0) {
			t.Errorf("%q: on stdout %q", row.args, got.stdout)
		}
	}
}

// built returns the path of our program, for tests that need sandboxes.
func built(t *testing.T) string {
	t.Helper()
	kit.Root(t)
	return filepath.Join(kit.Bin(t), "overlay-boot")
}

func TestComparisons(t *testing.T) {
	ours := "--program=" + built(t)
	dir := folder(t, map[string]string{
		"set/overlay-boot": "",
		"same.sh":          "echo \"$1\" $#; echo more >&2; exit 3\n",
		"other.sh":         "readlink /proc/$$/exe\n",
		"same.txtar":       "action one: echo x >file; exit 4\n",
		"other.txtar":      "action one: true\nplant: touch file\n",
		"needs.txtar":      "action one: true\nneeds: no-such-tool\n",
		"failing.txtar":    "host: exit 9\naction one: true\n",
	})
	run := []string{"run", ours, "--original=set"}
	for _, row := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"shell", ours, "same.sh", "a b", "--json"}, 0, "identical          shell same.sh"},
		{[]string{"shell", ours, "other.sh"}, 1, "  run/stdout\n"},
		{[]string{"cmd", ours, "--", "basename", "/a/b"}, 0, "identical          cmd basename /a/b"},
		{[]string{"cmd", ours, "--", "sh", "-c", "readlink /proc/$$/exe"}, 1, "  run/stdout\n"},
		{append(run, "same.txtar"), 0, "identical          same"},
		{append(run, "other.txtar"), 1, "  one/files//srv/subhosts/file\n"},
		{append(run, "needs.txtar"), 2, "could not compare  needs: the machine has no no-such-tool"},
		{append(run, "failing.txtar"), 2, "could not compare  failing: the original: host code"},
		{append(run, "--jobs=2", "same.txtar", "other.txtar"), 1, "2 scenarios in 2 variants"},
		{append(run, "other.txtar", "needs.txtar"), 2, "1 could not be compared"},
	} {
		got := program(t, dir, row.args...)
		if got.status != row.status || !strings.Contains(got.stdout, row.want) {
			t.Errorf("%q: %+v, want %d %q", row.args, got, row.status, row.want)
		}
	}
}

// TestOwnFolders puts its files in /tmp, where a sandbox has a folder of its own.
func TestOwnFolders(t *testing.T) {
	ours := "--program=" + built(t)
	dir, err := os.MkdirTemp("/tmp", "overlay-compat-test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	script := filepath.Join(dir, "a.sh")
	const text = "cat a.sh || cat /tmp/*/a.sh; echo x >b\n"
	if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		dir  string
		args []string
	}{
		{dir, []string{"shell", ours, "a.sh"}},
		{"/", []string{"shell", ours, script}},
		{dir, []string{"cmd", ours, "--", "cat", "a.sh"}},
	} {
		got := program(t, row.dir, row.args...)
		if got.status != 0 || !strings.Contains(got.stdout, "identical") {
			t.Errorf("%q in %s: %+v", row.args, row.dir, got)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "b")); err == nil {
		t.Error("a script wrote to the machine's folder")
	}
	got := program(t, "/tmp", "shell", ours, script)
	if got.status != 2 || !strings.Contains(got.stderr, "put it into a folder there") {
		t.Errorf("in /tmp: %+v", got)
	}
}

func TestReports(t *testing.T) {
	ours := "--program=" + built(t)
	dir := folder(t, map[string]string{
		"set/overlay-boot": "", "other.txtar": "action one: true\nplant: touch file\n",
	})
	got := program(t, dir, "run", ours, "--original=set", "--json", "--html=page.html",
		"other.txtar")
	var list []struct {
		Name        string
		Differences []struct{ Path string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &list); err != nil || got.status != 1 {
		t.Fatalf("%v %+v", err, got)
	}
	const path = "one/files//srv/subhosts/file"
	// One difference is the file itself, the other its content.
	if len(list) != 1 || list[0].Name != "other" || len(list[0].Differences) != 2 ||
		list[0].Differences[1].Path != path {
		t.Errorf("got %+v", list)
	}
	page, err := os.ReadFile(filepath.Join(dir, "page.html"))
	if err != nil || !strings.Contains(string(page), path) ||
		!strings.Contains(string(page), "one: stdout") {
		t.Errorf("%v, the page is %s", err, page)
	}
	got = program(t, dir, "run", ours, "--original=set", "--html=no/such/page.html", "other.txtar")
	if got.status != 2 || !strings.Contains(got.stderr, "no/such/page.html") {
		t.Errorf("a page that cannot be written: %+v", got)
	}
}
