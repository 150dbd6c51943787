package testsuite

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/sandbox"
)

// memory returns the memory of a process in kB: its proportional share, and its private
// part.
func memory(t *testing.T, p sandbox.Process) (pss, private int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var key string
		var kB int
		if n, _ := fmt.Sscan(line, &key, &kB); n < 2 {
			continue
		}
		switch {
		case key == "Pss:":
			pss = kB
		case strings.HasPrefix(key, "Private_"):
			private += kB
		}
	}
	return pss, private
}

// isDormant reports whether a tiny program has replaced a shell and has the shell's name.
// Setting that name is the first thing it does.
func isDormant(p sandbox.Process) bool {
	exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", p.Pid))
	comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", p.Pid))
	return strings.HasPrefix(exe, "/memfd:") && string(comm) == p.Comm+"\n"
}

// waitDormant waits until the supervisor of a subhost is dormant.
func (s *subhost) waitDormant(tree sandbox.Tree) {
	s.t.Helper()
	if !sandbox.Until(func() bool { return isDormant(tree.Supervisor) }) {
		s.t.Fatalf("the supervisor stays awake\n%s", s.Story())
	}
}

// TestMemoryAtRest checks that all processes of a subhost together take next to no memory,
// and that the dormant supervisor looks as before.
func TestMemoryAtRest(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("rest", minimal)
		tree := s.boot()
		s.dummy(tree)
		before := tree.Supervisor
		s.waitDormant(tree)
		tree, ok := sandbox.Find("rest")
		if !ok || tree.Supervisor.Pid != before.Pid || tree.Supervisor.Comm != before.Comm ||
			fmt.Sprint(tree.Supervisor.Argv) != fmt.Sprint(before.Argv) ||
			tree.Supervisor.SigIgn != before.SigIgn || tree.Supervisor.SigBlk != before.SigBlk {
			h.t.Errorf("it was %v, and is %v", before, tree.Supervisor)
		}
		pss, private := 0, 0
		for _, p := range sandbox.Processes() {
			more, own := memory(h.t, p)
			pss, private = pss+more, private+own
		}
		if pss > 100 || private > 100 {
			h.t.Errorf("%d kB, %d of them of its own\n%v", pss, private, sandbox.Processes())
		}
		s.stop()
	})
}

// TestSupervisorWakes checks that a dormant supervisor cleans up whatever ends the subhost,
// and becomes dormant again after a signal that it ignores.
func TestSupervisorWakes(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		for _, signal := range []string{"TERM", "USR1", "CHLD"} {
			s := h.subhost("wakes", minimal)
			tree := s.boot()
			s.dummy(tree)
			s.waitDormant(tree)
			h.kill(signal, tree.Supervisor.Pid)
			time.Sleep(50 * time.Millisecond)
			s.waitDormant(tree)
			h.kill("KILL", tree.Reaper.Pid)
			s.gone()
		}
	})
}
