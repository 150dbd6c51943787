package testsuite

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

// ifupdown are the programs that a boot runs for the host's configuration of a cable.
var ifupdown = []string{"/ifquery", "/ifup", "/ifdown"}

// TestExecutesNothingElse boots and stops under strace on a normal host, which has all
// tools. Every executed program must be ours, except ifupdown if it is installed. A second
// round with a hook that runs a program shows that strace would notice one.
func TestExecutesNothingElse(t *testing.T) {
	kit.Tool(t, "strace")
	onHost(t, func(h *host) {
		h.onlyOurs()
		for _, hook := range []string{"", "#!/bin/sh\n/usr/bin/getconf PAGE_SIZE\n"} {
			s := h.subhost("traced", "")
			s.Configure(minimal + "LOWER=" + s.Dir + "/tree\n")
			for _, dir := range []string{"proc", "sys", "dev", "run", "tmp", "etc"} {
				must(h.t, os.MkdirAll(s.Dir+"/tree/"+dir, 0o755))
			}
			if hook != "" {
				s.Configure(minimal + "LOWER=" + s.Dir + "/tree\nPREMOUNT=" + s.Write("hook", hook) + "\n")
			}
			h.snap()
			log := s.Dir + "/executed"
			s.running(s.traced(log, "overlay-boot"))
			if r := s.traced(log, "overlay-stop"); r.Status != 0 {
				h.t.Errorf("overlay-stop: %v", r)
			}
			sandbox.Until(func() bool { return !straceRuns() })
			ours, others := executed(h.t, log)
			if ours < 8 { // both tools, supervisor, copier, unshare, shell, reaper and dummy
				h.t.Errorf("%d programs of ours; strace has seen no boot", ours)
			}
			found := strings.Join(others, "")
			if hook == "" && found != "" || hook != "" && !strings.Contains(found, `"/usr/bin/getconf"`) {
				h.t.Errorf("hook %q: executed:\n%s", hook, found)
			}
			must(h.t, os.Remove(log))
			s.gone()
		}
	})
}

// straceRuns reports whether a strace still runs, and so may write to the log.
func straceRuns() bool {
	files, _ := filepath.Glob("/proc/[0-9]*/comm")
	return slices.ContainsFunc(files, func(file string) bool {
		name, _ := os.ReadFile(file)
		return string(name) == "strace\n"
	})
}

// traced runs one of our tools under a strace that is not its parent. strace follows all
// processes that the tool starts, even after the tool has ended.
func (s *subhost) traced(log, tool string) sandbox.Result {
	s.t.Helper()
	cmd := s.engine.Command(tool, s.Conf)
	name := cmd.Path
	strace := exec.Command("strace", append([]string{"-DDD", "-f", "-A", "-y", "-qq", "-s", "200",
		"-e", "trace=execve,execveat", "-o", log, name}, cmd.Args[1:]...)...)
	strace.Env, strace.Dir = cmd.Env, cmd.Dir
	return s.exec(strace)
}

// executed counts the successful executions of our program, and lists the others. The
// program re-executes itself from a mount of its file that is attached nowhere, whose path
// is "/", or from a file in memory. Every other program has a path.
func executed(t *testing.T, log string) (ours int, others []string) {
	t.Helper()
	text, err := os.ReadFile(log)
	must(t, err)
	own := regexp.MustCompile(`execve\("[^"]*/overlay-[a-z]+"|execve\("/\.reaper"|` +
		`execveat\(\d+<(/|/memfd:(overlay-boot|overlay-copy|unshare|dummy_service))>(\(deleted\))?, ""`)
	path := regexp.MustCompile(`execve\("([^"]*)"`)
	for line := range strings.Lines(string(text)) {
		name := path.FindStringSubmatch(line)
		switch {
		case strings.Contains(line, " = -1 E"), strings.Contains(line, " resumed>"),
			!strings.Contains(line, "exec"):
		case own.MatchString(line):
			ours++
		case name != nil && slices.ContainsFunc(ifupdown, func(tool string) bool {
			return strings.HasSuffix(name[1], tool)
		}):
		default:
			others = append(others, line)
		}
	}
	return ours, others
}
