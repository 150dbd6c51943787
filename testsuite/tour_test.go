package testsuite

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// A step of the tour is a block of commands, and the lines that README shows as their output.
type step struct {
	commands, shown string
}

// tour returns the steps of README's section "A small site": each block of indented lines is
// commands, and a block between lines ``` behind it is output of these.
func tour(t *testing.T) (steps []step) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(kit.Module(t), "README.md"))
	must(t, err)
	_, section, ok := strings.Cut(string(text), "\n## A small site\n")
	if !ok {
		t.Fatal("README has no section \"A small site\"")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	fenced, behind := false, ""
	for line := range strings.Lines(section) {
		command, indented := strings.CutPrefix(line, "    ")
		switch {
		case line == "```\n":
			fenced = !fenced
		case fenced:
			steps[len(steps)-1].shown += line
		case indented && behind != "commands":
			steps = append(steps, step{commands: command})
		case indented:
			steps[len(steps)-1].commands += command
		}
		behind = ""
		if indented && !fenced {
			behind = "commands"
		}
	}
	return steps
}

// TestTour plays README's tour in a sandbox, and compares what it shows.
func TestTour(t *testing.T) {
	steps := tour(t)
	if len(steps) < 8 {
		t.Fatalf("only %d steps", len(steps))
	}
	onHost(t, func(h *host) {
		h.onlyOurs()
		kit.Tools(h.t, "curl", "nginx", "psql", "ip")
		h.sh("mount -t tmpfs -o mode=755 tour /opt; ip link set lo up")
		defer h.sh("umount -l /opt; rm -rf /etc/subhosts.d; rm -f /tmp/overlay-*.log")
		limits := hasControllers("memory", "pids")
		dir := "/"
		for i, s := range steps {
			if !limits { // a host whose controllers are in version 1 refuses LIMITS
				s.commands = regexp.MustCompile(`(?m)^LIMITS=.*\n`).ReplaceAllString(s.commands, "")
			}
			script := "exec 2>&1; set -e; cd " + dir + "\n" + s.commands + "\npwd >/opt/.dir"
			cmd := exec.Command("/bin/sh", "-c", script)
			cmd.Env = append(append(os.Environ(), h.engine.Env...), "LC_ALL=C.UTF-8")
			r := h.exec(cmd)
			h.t.Logf("step %d:\n%s%v", i+1, s.commands, r)
			if r.Status != 0 {
				h.t.Fatalf("step %d ended with status %d", i+1, r.Status)
			}
			compareShown(h.t, s, r.Stdout)
			text, err := os.ReadFile("/opt/.dir")
			must(h.t, err)
			dir = strings.TrimSpace(string(text))
		}
		if !limits {
			h.t.Log("without LIMITS: this kernel has the controllers in control groups of version 1")
		}
		h.sh("ip link del br0")
	})
}

// hasControllers reports whether the control groups of version 2 have all these controllers.
func hasControllers(names ...string) bool {
	for _, dir := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		text, err := os.ReadFile(dir + "/cgroup.controllers")
		if err != nil {
			continue
		}
		have := " " + strings.TrimSpace(string(text)) + " "
		for _, name := range names {
			if !strings.Contains(have, " "+name+" ") {
				return false
			}
		}
		return true
	}
	return false
}

// compareShown checks that each line that README shows is in the output, in this order. Numbers
// and the width of blanks may differ, and so may what stands where README has "...".
func compareShown(t *testing.T, s step, output string) {
	t.Helper()
	lines := strings.Split(output, "\n")
	for want := range strings.Lines(s.shown) {
		want = strings.TrimRight(want, "\n ")
		if want == "" || want == "..." {
			continue
		}
		pattern := shownPattern(want)
		for len(lines) > 0 && !pattern.MatchString(strings.TrimRight(lines[0], " ")) {
			lines = lines[1:]
		}
		if len(lines) == 0 {
			t.Errorf("README shows a line %q, which is not there, or not in this place, in\n%s",
				want, output)
			return
		}
		lines = lines[1:]
	}
}

// shownPattern returns the pattern of a line that README shows.
func shownPattern(line string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(line)
	quoted = regexp.MustCompile(`[0-9]+(\\\.[0-9]+)?`).ReplaceAllString(quoted, `[0-9.]+`)
	quoted = strings.ReplaceAll(quoted, `\.\.\.`, `.*`)
	quoted = regexp.MustCompile(` +`).ReplaceAllString(quoted, ` +`)
	return regexp.MustCompile("^" + quoted + "$")
}
