package hostile

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/sandbox"
)

// TestEntersSealed checks that a process that creates another one inside runs from a sealed
// mount, so that the host's program cannot be reached through it. Inside, the new process
// is seen with the same program, but for a moment too short for a test. So the test
// inspects the creating processes outside while the new one waits.
func TestEntersSealed(t *testing.T) {
	const waits = "touch /waits; until [ -e /go ]; do sleep 0.05; done"
	onHost(t, func(h *host) {
		s := h.subhost("sealed", "CABLES=\nSTART= /service\n")
		s.Script("root/service", "case $1 in\nstart) sleep 99999 <&- >&- 2>&- & ;;\nstop) "+
			waits+" ;;\nesac")
		for _, run := range []string{"exec %s", "%s; exit $?"} {
			for _, tool := range []string{"overlay-go " + s.Name,
				"overlay-restart " + s.Conf, "overlay-stop " + s.Conf} {
				tree, up := sandbox.Find(s.Name)
				if !up {
					tree = s.boot()
				}
				s.entersSealed(tree, fmt.Sprintf(run, tool), waits)
			}
		}
	})
}

// entersSealed runs a script on the host, inspects the processes that it creates inside,
// and lets it end.
func (s *subhost) entersSealed(tree sandbox.Tree, script, stdin string) {
	s.t.Helper()
	root := fmt.Sprintf("/proc/%d/root", tree.Reaper.Pid)
	s.sh(fmt.Sprintf("rm -f %[1]s/waits %[1]s/go", root))
	cmd := s.engine.Command("overlay-sh", "-c", script)
	cmd.Stdin = strings.NewReader(stdin + "\n")
	done := make(chan sandbox.Result, 1)
	go func() {
		r, err := runLimited(cmd)
		if err != nil {
			r.Stderr += err.Error()
		}
		done <- r
	}()
	for end := time.Now().Add(patience); ; s.pause(1) {
		if _, err := os.Stat(root + "/waits"); err == nil {
			break
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s: nothing is inside\n%s", script, s.Story())
		}
	}
	makers := makersOf(tree)
	if len(makers) < 2 {
		s.t.Errorf("%s: inside is nothing that a tool made: %v", script, makers)
	}
	for _, p := range makers {
		exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", p.Pid))
		if err != nil || exe == tools+"/overlay-boot" {
			s.t.Errorf("%s: %v is %q, %v", script, p, exe, err)
		}
	}
	must(s.t, os.WriteFile(root+"/go", nil, 0o644))
	if r := <-done; r.Status != 0 {
		s.t.Errorf("%s: %v", script, r)
	}
}

// makersOf returns the chains of processes from the parents of those inside up to the
// tools. Any of these may have created the process inside, and executed its present program
// later.
func makersOf(tree sandbox.Tree) (list []sandbox.Process) {
	processes := map[int]sandbox.Process{}
	for _, p := range sandbox.Processes() {
		processes[p.Pid] = p
	}
	inside := tree.Reaper.NS("pid")
	for _, p := range processes {
		maker := processes[p.PPid]
		if p.NS("pid") != inside || maker.NS("pid") == inside || p.Pid == tree.Reaper.Pid {
			continue
		}
		for ; maker.Pid > 1; maker = processes[maker.PPid] {
			list = append(list, maker)
			if maker.Comm == "overlay-go" || maker.Comm == "overlay-stop" {
				break
			}
		}
	}
	return list
}
