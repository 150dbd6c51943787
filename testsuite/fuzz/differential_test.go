package fuzz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"overlayboot/compat/sandbox/sandboxtest"
	"overlayboot/testsuite/program"
)

// prelude gives each program a way to show its words.
const prelude = `p() { for _w; do printf '<%s>' "$_w"; done; printf '%s\n' " $#"; }
f() { p f "$@"; }
mkdir dir; echo one two >f1; : >f2; a=abc b='x y' v1=7; set -- 'p 1' p2
`

// programs is how many programs a plain test run tries, always the same ones.
const programs = 1500

// TestDifferential runs programs on both shells. OVERLAY_FUZZ=DURATION goes on for
// so long, from a seed that is different each time unless OVERLAY_SEED gives it;
// OVERLAY_SEED alone runs the one program of that seed.
func TestDifferential(t *testing.T) {
	dash, err := exec.LookPath("dash")
	if err != nil {
		sandboxtest.Missing(t, "dash, the other judge")
	}
	pair := &shells{dash: dash, ours: build(t), dir: t.TempDir()}
	first, goOn := uint64(1), func(n int) bool { return n < programs }
	if text := os.Getenv("OVERLAY_FUZZ"); text != "" {
		limit, err := time.ParseDuration(text)
		if err != nil {
			t.Fatalf("OVERLAY_FUZZ: %v", err)
		}
		end := time.Now().Add(limit)
		first, goOn = uint64(time.Now().UnixNano()), func(int) bool { return time.Now().Before(end) }
	}
	if text := os.Getenv("OVERLAY_SEED"); text != "" {
		if first, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("OVERLAY_SEED: %v", err)
		}
		if os.Getenv("OVERLAY_FUZZ") == "" {
			goOn = func(n int) bool { return n < 1 }
		}
	}
	n := 0
	for ; goOn(n) && pair.failures < maxFailures; n++ {
		pair.try(t, first+uint64(n))
	}
	t.Logf("%d programs from seed %d", n, first)
}

func build(t *testing.T) string {
	t.Helper()
	if given := os.Getenv("OVERLAY_SHELL"); given != "" {
		return given
	}
	file := filepath.Join(t.TempDir(), "sh")
	if err := program.Build(file); err != nil {
		t.Fatal(err)
	}
	return file
}

// shells are the two judges.
type shells struct {
	dash, ours, dir string
	failures        int
}

// maxFailures is how many differences are looked into.
const maxFailures = 10

// try runs the program of a seed, and when the shells differ looks for a smaller
// one in which they do.
func (s *shells) try(t *testing.T, seed uint64) {
	program := Program(seed)
	if !s.differ(program) {
		return
	}
	s.failures++
	for i := 0; i < len(program); {
		less := append(program[:i:i], program[i+1:]...)
		if s.differ(less) {
			program, i = less, 0
		} else {
			i++
		}
	}
	text := strings.Join(program, "\n")
	t.Errorf("seed %d:\n%s\n--- dash\n%s\n--- ours\n%s", seed, text,
		s.run(s.dash, text), s.run(s.ours, text))
}

// differ says whether ours does what dash never does: dash is asked again, as it may
// tell of a process that has ended, or not, by how soon it has.
func (s *shells) differ(program []string) bool {
	text := strings.Join(program, "\n")
	want, got := s.run(s.dash, text), s.run(s.ours, text)
	for n := 0; want != got && n < 3; n++ {
		want = s.run(s.dash, text)
	}
	return want != got
}

// limit is what one program may take.
const limit = 10 * time.Second

// run returns what a shell prints, its messages behind --, and how it ends.
func (s *shells) run(shell, program string) string {
	dir := filepath.Join(s.dir, "in") // a program may print the name
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err.Error()
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(s.dir, "program")
	if err := os.WriteFile(file, []byte(prelude+program+"\n"), 0o644); err != nil {
		return err.Error()
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var out, messages bytes.Buffer
	cmd := exec.CommandContext(ctx, shell)
	cmd.Args = []string{"sh", file}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &messages
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=/h", "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	err := cmd.Run()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what is left in the background
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err.Error()
	}
	// The processes of a pipeline write theirs as they come.
	lines := strings.Split(messages.String(), "\n")
	slices.Sort(lines)
	return fmt.Sprintf("%s--%s\n%v", &out, strings.Join(lines, "\n"), cmd.ProcessState)
}
