package testsuite

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// A timedLine is a line of the table of --timing.
type timedLine struct {
	level            int
	start, took, own float64 // start is -1 if there is none
	what             string
}

var (
	timedHead = regexp.MustCompile(`^ +start +time +own  step`)
	timedRow  = regexp.MustCompile(`^([ \d.]{8}) ([ \d.]{8}) ([ \d.]{8})  ((?:  )*)(\S.*)$`)
)

// timing extracts the table from a tool's output, and checks its form.
func (h *host) timing(said string) (lines []timedLine) {
	h.t.Helper()
	within := false
	for line := range strings.Lines(said) {
		line = strings.TrimSuffix(line, "\n")
		if !within {
			within = timedHead.MatchString(line)
			continue
		}
		part := timedRow.FindStringSubmatch(line)
		if part == nil || utf8.RuneCountInString(line) > 80 {
			h.t.Errorf("no line of the table: %q", line)
			continue
		}
		number := func(n int) float64 {
			text := strings.TrimSpace(part[n])
			if text == "" && n == 1 {
				return -1
			}
			v, err := strconv.ParseFloat(text, 64)
			must(h.t, err)
			return v
		}
		lines = append(lines, timedLine{len(part[4]) / 2, number(1), number(2), number(3), part[5]})
	}
	if len(lines) == 0 {
		h.t.Fatalf("there is no table in %s", said)
	}
	return lines
}

// sums checks that the parts of a step lie within it, and that own time and parts add up to
// the whole. Steps that run at the same time, or that nobody waits for, may add up to more.
func (h *host) sums(lines []timedLine) {
	h.t.Helper()
	const rounding = 0.02
	for i, l := range lines {
		if l.own > l.took+rounding {
			h.t.Errorf("%+v: its own time is more than all", l)
		}
		parts := l.own
		for _, part := range lines[i+1:] {
			if part.level <= l.level {
				break
			}
			if part.level != l.level+1 || strings.HasSuffix(part.what, " &") ||
				strings.HasSuffix(part.what, " & +") {
				continue
			}
			parts += part.took
			if !strings.HasPrefix(part.what, "(") && part.start < l.start-rounding {
				h.t.Errorf("%+v began before %+v", part, l)
			}
		}
		if slack := 1 + 0.01*l.took; parts < l.took-slack {
			h.t.Errorf("%+v: the parts make %.2f", l, parts)
		}
	}
}

// has checks that there is a line for each text, and returns that of the first text.
func has(t *testing.T, lines []timedLine, texts ...string) (first timedLine) {
	t.Helper()
	for i, text := range texts {
		found := false
		for _, l := range lines {
			if strings.Contains(l.what, text) && !found {
				found = true
				if i == 0 {
					first = l
				}
			}
		}
		if !found {
			t.Errorf("there is no %q in the table", text)
		}
	}
	return first
}

// noSockets checks that no process of a subhost has an open socket.
func (s *subhost) noSockets(tree sandbox.Tree) {
	s.t.Helper()
	for _, p := range []sandbox.Process{tree.Supervisor, tree.Unshare, tree.Reaper} {
		var list []string
		if !sandbox.Until(func() bool {
			list, _ = filepath.Glob("/proc/" + strconv.Itoa(p.Pid) + "/fd/*")
			for _, file := range list {
				if to, _ := os.Readlink(file); strings.HasPrefix(to, "socket:") {
					return false
				}
			}
			return len(list) > 0
		}) {
			s.t.Errorf("%v has a socket among %q", p, list)
		}
	}
}

// TestTiming checks that the table has each step of a boot and of a stop, with times that
// fit.
func TestTiming(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("timed", minimal)
		r := s.run("overlay-boot", "--timing", s.Conf)
		tree := s.running(r)
		checkTree(h.t, s, tree)
		s.noSockets(tree)
		if !regexp.MustCompile(`\noverlay-boot ended with status 0 after [\d.]+ ms\n`+
			`pid 1 became /\.reaper after [\d.]+ ms\n`).MatchString(r.Stderr) || r.Stdout != "" {
			h.t.Errorf("overlay-boot --timing: %v", r)
		}
		lines := h.timing(r.Stderr)
		h.sums(lines)
		first := has(h.t, lines, "overlay-boot", "foreground", "make_netns", "(start of the program)",
			"overlay-boot "+s.Conf+" [", "supervisor", "setup_root", "hook PREMOUNT",
			"hook POSTMOUNT", "run_subhost", " [1] &")
		if first != lines[0] || first.level != 0 || first.start != 0 {
			h.t.Errorf("the first line is %+v", lines[0])
		}
		r = s.run("overlay-stop", "--timing", s.Conf)
		lines = h.timing(r.Stderr)
		h.sums(lines)
		has(h.t, lines, "overlay-stop", "settled", "wait_end")
		if r.Status != 0 || !strings.Contains(r.Stderr, "overlay-stop ended with status 0") {
			h.t.Errorf("overlay-stop --timing: %v", r)
		}
		s.gone()
	})
}

// TestTimingOriginal times the original, whose overlay-boot returns at once. The table must
// still cover the whole boot, up to the process that is pid 1. Its steps may be too short for it.
func TestTimingOriginal(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		dir := h.original()
		s := h.subhost("told", minimal)
		r := s.run("overlay-boot", "--timing", "--scripts", dir, s.Conf)
		lines := h.timing(r.Stderr)
		h.sums(lines)
		has(h.t, lines, "overlay-boot", "subhost_config", "setup_veth_cables",
			"overlay-premount", "overlay-postmount", "overlay-init", "[1]")
		tree := s.running(r)
		checkTree(h.t, s, tree)
		s.noSockets(tree)
		if r = s.run("overlay-stop", "--scripts="+dir, "--timing", s.Conf); r.Status != 0 {
			h.t.Errorf("overlay-stop: %v", r)
		}
		has(h.t, h.timing(r.Stderr), "overlay-stop", "subhost_config")
		s.dropCgroup()
		s.gone()
	})
}

// TestTimingOfFailure checks that a boot that fails gives the reason, ends with its own
// status, and shows where the time went until then.
func TestTimingOfFailure(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("fails", minimal+"PREMOUNT=./hook\n")
		s.Write("hook", "#!/bin/sh\nsleep 0.2\nkill -9 $PPID\n")
		r := s.run("overlay-boot", "--timing", s.Conf)
		lines := h.timing(r.Stderr)
		if r.Status != 1 || !strings.Contains(r.Stderr, "ended with status 1 after ") ||
			!strings.Contains(r.Stderr, "could not be started") {
			h.t.Errorf("%v", r)
		}
		if l := has(h.t, lines, "sleep 0.2", "setup_root"); math.Abs(l.took-200) > 150 {
			h.t.Errorf("%+v took not 200 ms", l)
		}
		s.gone()
	})
}

// TestTimingSignals checks that a signal to the timing process reaches the boot and ends
// it.
func TestTimingSignals(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("told", minimal+"PREMOUNT=./hook\n")
		s.Write("hook", "#!/bin/sh\necho > \"${0%/*}/there\"\nsleep 60\n")
		go func() {
			sandbox.Until(func() bool { _, err := os.Stat(s.Dir + "/there"); return err == nil })
			for _, p := range sandbox.Processes() {
				if p.Comm == "overlay-timing" {
					_ = unix.Kill(p.Pid, unix.SIGTERM)
				}
			}
		}()
		r := s.run("overlay-boot", "--timing", s.Conf)
		if r.Status != 128+15 || !strings.Contains(r.Stderr, "ended with status 143 after ") {
			h.t.Errorf("%v", r)
		}
		has(h.t, h.timing(r.Stderr), "foreground")
		s.gone()
	})
}
