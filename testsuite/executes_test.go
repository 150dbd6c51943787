package testsuite

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

// TestExecutesNothingElse boots and stops on a normal host, which has all tools, under
// strace: every program that is executed is ours. A hook that runs a program shows that
// strace would tell.
func TestExecutesNothingElse(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		sandboxtest.Missing(t, "strace: %v", err)
	}
	onHost(t, func(h *host) {
		h.onlyOurs()
		for _, hook := range []string{"", "#!/bin/sh\n/usr/bin/true\n"} {
			s := h.subhost("traced", minimal+"LOWER="+bases+"/traced/tree\n")
			for _, dir := range []string{"proc", "sys", "dev", "run", "tmp", "etc"} {
				must(h.t, os.MkdirAll(s.base+"/tree/"+dir, 0o755))
			}
			if hook != "" {
				s.write("premount", hook)
				must(h.t, os.Chmod(s.base+"/premount", 0o755))
			}
			h.snap()
			log := s.base + "/../executed"
			s.running(s.traced(log, "overlay-boot"))
			sandbox.Until(func() bool { return !isTraced(log + ".x") })
			if r := s.traced(log, "overlay-stop"); r.Status != 0 {
				h.t.Errorf("overlay-stop: %v", r)
			}
			s.gone()
			ours, others := executed(h.t, log)
			h.t.Logf("%d, others: %q", ours, others)
			if hook == "" && len(others) > 0 || hook != "" && len(others) == 0 {
				h.t.Errorf("hook %q: executed: %q", hook, others)
			}
			must(h.t, os.Remove(log))
			must(h.t, os.RemoveAll(s.base))
		}
	})
}

func isTraced(string) bool { return false }

// traced runs one of our tools under a strace that is no parent of it, and follows all that
// it starts, also after it has ended.
func (s *subhost) traced(log, tool string) sandbox.Result {
	s.t.Helper()
	cmd := s.engine.Command(tool, s.conf)
	name := cmd.Path
	strace := exec.Command("strace", append([]string{"-DDD", "-f", "-A", "-y", "-qq", "-s", "200",
		"-e", "trace=execve,execveat", "-o", log, name}, cmd.Args[1:]...)...)
	strace.Env, strace.Dir = cmd.Env, cmd.Dir
	return s.exec(strace)
}

// executed counts what succeeded of ours, and lists the rest.
func executed(t *testing.T, log string) (ours int, others []string) {
	t.Helper()
	text, err := os.ReadFile(log)
	must(t, err)
	own := regexp.MustCompile(`execve\("[^"]*/overlay-[a-z]+"|execve\("/proc/self/exe"|execveat\(\d+<[^>]*/overlay-boot>, ""`)
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.Contains(line, " = -1 E"), !strings.Contains(line, "exec"):
		case own.MatchString(line):
			ours++
		default:
			others = append(others, line)
		}
	}
	return ours, others
}
