package tools

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
	"overlayboot/testsuite/program"
)

const (
	// usual is the number of cases of each tool in a plain test run, always the same ones.
	usual = 150
	// maxFailures is the number of differences of a tool that a plain run examines.
	maxFailures = 12
	// limit bounds a call of the system's tool. oursLimit bounds ours in a case that the
	// system's tool ends; only a call that hangs reaches it, even on a slow machine.
	limit, oursLimit = 3 * time.Second, 60 * time.Second
	// tooLong is the status of a call that exceeds its limit.
	tooLong = -2
)

// judges run a case with the system's tool and with ours.
type judges struct{ dir, ours string }

func TestMain(m *testing.M) { sandboxtest.Main(m) }

// TestTools compares each tool. OVERLAY_FUZZ=DURATION continues for that time, from a
// different seed in each run unless OVERLAY_SEED gives one. OVERLAY_SEED alone runs one
// case. OVERLAY_TOOL names the only tool to try.
func TestTools(t *testing.T) {
	if os.Getenv(builtVar) == "" && !sandbox.Inside() {
		dir := t.TempDir()
		if err := program.Build(filepath.Join(dir, "overlay-boot")); err != nil {
			t.Fatal(err)
		}
		t.Setenv(builtVar, dir)
	}
	sandboxtest.Test(t, 24*time.Hour, tryAll)
}

// builtVar names the variable with the folder of the program to try, instead of a new
// build.
const builtVar = "OVERLAY_BIN"

func tryAll(t *testing.T) {
	j := newJudges(t)
	for _, tool := range Names() {
		if only := os.Getenv("OVERLAY_TOOL"); only != "" && only != tool {
			continue
		}
		t.Run(tool, func(t *testing.T) { j.fuzz(t, tool) })
	}
}

func newJudges(t *testing.T) *judges {
	t.Helper()
	dir := t.TempDir()
	j := &judges{dir: dir, ours: filepath.Join(dir, "overlay-boot")}
	text, err := os.ReadFile(filepath.Join(os.Getenv(builtVar), "overlay-boot"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(j.ours, text, 0o755); err != nil {
		t.Fatal(err)
	}
	// The user who runs the tools needs access to the folder.
	for d := dir; d != "/" && d != os.TempDir(); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(j.dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(Names(), "sh") {
		if err := os.Symlink(j.ours, filepath.Join(j.dir, "bin", name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range append(Names(), "dash") {
		if name != "printf" {
			kit.Tool(t, name)
		}
	}
	return j
}

// fuzz tries the cases of one tool.
func (j *judges) fuzz(t *testing.T, tool string) {
	first, goOn := seeds(t)
	found := map[string]bool{}
	n, budget := 0, 0
	for ; goOn(n); n++ {
		c := New(tool, first+uint64(n))
		kind := j.differ(c)
		if kind == "" {
			continue
		}
		if budget++; budget > maxFailures && os.Getenv("OVERLAY_FUZZ") == "" {
			t.Errorf("seed %d, and maybe more: %s differs: %s", first+uint64(n), kind, c)
			break
		}
		small := Minimise(c, 250, func(d Case) bool { return j.differ(d) == kind })
		if text := small.String(); !found[text] {
			found[text] = true
			t.Errorf("seed %d: %s differs:\n%s\n%s", first+uint64(n), kind, text, j.show(small))
		}
	}
	t.Logf("%d cases of %s from seed %d", n, tool, first)
}

// seeds returns the first seed, and whether to continue after n cases.
func seeds(t *testing.T) (first uint64, goOn func(n int) bool) {
	t.Helper()
	first, goOn = 1, func(n int) bool { return n < usual }
	if text := os.Getenv("OVERLAY_FUZZ"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatalf("OVERLAY_FUZZ: %v", err)
		}
		end := time.Now().Add(d / time.Duration(len(Names())))
		first, goOn = uint64(time.Now().UnixNano()), func(int) bool { return time.Now().Before(end) }
	}
	if text := os.Getenv("OVERLAY_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("OVERLAY_SEED: %v", err)
		}
		first = seed
		if os.Getenv("OVERLAY_FUZZ") == "" {
			goOn = func(n int) bool { return n < 1 }
		}
	}
	return first, goOn
}

// An answer is the result of a call.
type answer struct {
	out, err string
	status   int
}

// differ returns the kind of difference between the two answers, or "".
func (j *judges) differ(c Case) string {
	if strings.ContainsRune(strings.Join(c.Args, ""), 0) || c.Known() != "" {
		return ""
	}
	theirs := j.call(c, false)
	// An endless script proves nothing, nor does a failure of mawk itself.
	if theirs.status == tooLong || c.Tool == "awk" && theirs.status == 100 {
		return ""
	}
	ours := j.call(c, true)
	switch {
	case theirs.status != ours.status:
		return fmt.Sprintf("status (%d, %d)", theirs.status, ours.status)
	case theirs.out != ours.out:
		return "output"
	case theirs.err != ours.err:
		return "message"
	}
	return ""
}

func (j *judges) show(c Case) string {
	a, b := j.call(c, false), j.call(c, true)
	return fmt.Sprintf("theirs: %d %q %q\nours:   %d %q %q", a.status, a.out, a.err, b.status,
		b.out, b.err)
}

// nobody is the user who runs the tools, since a random script may well write to a file.
const nobody = 65534

// call runs a case.
func (j *judges) call(c Case, ours bool) answer {
	patience := limit
	if ours {
		patience = oursLimit
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	argv := append([]string{c.Tool}, c.Args...)
	if c.Tool == "printf" { // printf is a built-in utility of the shells
		shell := "dash"
		if ours {
			shell = "sh"
		}
		argv = append([]string{shell, "-c", `printf "$@"`, "sh"}, c.Args...)
	}
	bin := "/usr/bin:/bin"
	file, _ := systemFile(argv[0])
	if ours {
		file = filepath.Join(j.dir, "bin", argv[0])
	}
	cmd := exec.CommandContext(ctx, file)
	cmd.Args = argv
	cmd.Env = []string{"PATH=" + bin, "LC_ALL=" + c.Locale, "TZ=UTC"}
	cmd.Dir = j.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	cmd.Stdin = strings.NewReader(c.Input)
	var out, errs bounded
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = time.Second
	_ = cmd.Run() // the exit status is used below
	if ctx.Err() != nil {
		return answer{status: tooLong}
	}
	return answer{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

func systemFile(name string) (string, error) {
	for _, dir := range [...]string{"/usr/bin/", "/bin/"} {
		if _, err := os.Stat(dir + name); err == nil {
			return dir + name, nil
		}
	}
	return name, os.ErrNotExist
}

// bounded keeps the first part of a call's output. The time limit ends a call that writes
// forever.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len() < 1<<20 {
		b.Buffer.Write(p)
	}
	return len(p), nil
}
