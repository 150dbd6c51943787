package testsuite

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

func (h *host) kill(signal string, pid int) {
	h.t.Helper()
	h.sh(fmt.Sprintf("kill -%s %d", signal, pid))
}

// dummy returns the process that keeps an empty subhost alive.
func (s *subhost) dummy(tree sandbox.Tree) sandbox.Process {
	s.t.Helper()
	var found sandbox.Process
	if !sandbox.Until(func() bool {
		for _, p := range sandbox.Processes() {
			if p.Comm == "dummy_service" && p.NS("pid") == tree.Reaper.NS("pid") {
				found = p
				return true
			}
		}
		return false
	}) {
		s.t.Fatalf("no dummy service\n%s", s.Story())
	}
	return found
}

// TestEnds ends a subhost in every way but overlay-stop, and checks that the supervisor
// cleans up each time.
func TestEnds(t *testing.T) {
	ways := []struct {
		name string
		end  func(s *subhost, tree sandbox.Tree)
	}{
		{"dummy service by its fifo", func(s *subhost, tree sandbox.Tree) {
			s.dummy(tree)
			s.inside("echo bye > /run/dummy_service")
		}},
		{"dummy service by a signal", func(s *subhost, tree sandbox.Tree) {
			s.kill("TERM", s.dummy(tree).Pid)
		}},
		{"reaper by kill -9", func(s *subhost, tree sandbox.Tree) {
			s.kill("KILL", tree.Reaper.Pid)
		}},
		{"unshare by kill -9", func(s *subhost, tree sandbox.Tree) {
			s.kill("KILL", tree.Unshare.Pid)
		}},
	}
	for _, way := range ways {
		t.Run(strings.ReplaceAll(way.name, " ", "_"), func(t *testing.T) {
			onHost(t, func(h *host) {
				s := h.subhost("ends", "CABLES=\nSTART= none\n")
				way.end(s, s.boot())
				s.gone()
			})
		})
	}
}

// TestReaperIsDeaf sends the reaper, from inside, signals that it must ignore.
func TestReaperIsDeaf(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("deaf", minimal)
		tree := s.boot()
		s.dummy(tree)
		for _, signal := range []string{"HUP", "INT", "TERM", "USR1", "CHLD"} {
			s.inside("kill -" + signal + " 1")
		}
		if _, ok := sandbox.Find("deaf"); !ok {
			h.t.Errorf("the subhost ended\n%s", s.Story())
		}
		s.stop()
	})
}

// TestReaperOrphans checks that the reaper adopts orphans of the subhost and leaves no
// zombie.
func TestReaperOrphans(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("orphan", minimal)
		tree := s.boot()
		s.dummy(tree)
		s.inside("(setsid sleep 0.3 > /dev/null 2>&1 &)")
		if !sandbox.Until(func() bool {
			for _, p := range sandbox.Processes() {
				if p.PPid == tree.Reaper.Pid && p.Comm != "dummy_service" {
					return false
				}
			}
			return true
		}) {
			h.t.Errorf("the reaper keeps children: %v", sandbox.Processes())
		}
		s.stop()
	})
}

func TestStopTwice(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("twice", minimal)
		s.boot()
		s.stop()
		s.gone()
		s.stopsNothing()
	})
}

// stopsNothing calls overlay-stop when there is nothing to stop.
func (s *subhost) stopsNothing() {
	s.t.Helper()
	sandbox.Until(func() bool { _, runs := sandbox.Find(s.Name); return !runs })
	r := s.run("overlay-stop", s.Conf)
	if r.Status != 1 ||
		!strings.HasSuffix(r.Stderr, s.Name+" is not running\n") {
		s.t.Errorf("overlay-stop of nothing: %v", r)
	}
}

// TestDeadSupervisor checks that a subhost outlives its supervisor, and that the tools
// still find it.
func TestDeadSupervisor(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("orphan", minimal)
		tree := s.boot()
		s.dummy(tree)
		h.kill("KILL", tree.Supervisor.Pid)
		if got := s.says("tr '\\0' ' ' < /proc/1/cmdline"); got != "/.reaper orphan" {
			h.t.Errorf("pid 1 inside is %q", got)
		}
		r := s.run("overlay-boot", s.Conf)
		if r.Status == 0 || !strings.Contains(r.Stderr, "orphan is running already") {
			h.t.Errorf("booted again: %v", r)
		}
		if err := unix.Kill(tree.Reaper.Pid, 0); err != nil {
			h.t.Errorf("the reaper: %v", err)
		}
		other := h.subhost("other", minimal+"UPPER="+s.Dir+"/root\nWORK="+s.Dir+"/work\n")
		r = other.run("overlay-boot", other.Conf)
		if r.Status == 0 || !strings.Contains(r.Stderr, "is in use by another subhost") {
			h.t.Errorf("another was booted on the same UPPER: %v", r)
		}
		s.stop()
		s.gone()
		s.stopsNothing()
	})
}

// TestBootTwice checks that a second boot fails and leaves the first subhost unharmed.
func TestBootTwice(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("again", minimal)
		before := s.boot()
		r := s.run("overlay-boot", s.Conf)
		if r.Status == 0 || r.Stderr == "" {
			h.t.Errorf("second boot: %v", r)
		}
		after, ok := sandbox.Find("again")
		if !ok || after.Reaper.Pid != before.Reaper.Pid {
			h.t.Errorf("the subhost was %v and is %v", before, after)
		}
		if got := s.links(); got != "eth0 lo" {
			h.t.Errorf("links inside: %q", got)
		}
		if got := s.says("cat /etc/hostname > /dev/null && echo fine"); got != "fine" {
			h.t.Errorf("inside: %q", got)
		}
		s.stop()
	})
}

// TestTwoSubhosts checks that stopping one subhost leaves another alone, even if the name
// of one is the end of the other's.
func TestTwoSubhosts(t *testing.T) {
	onHost(t, func(h *host) {
		a, b := h.subhost("one", minimal), h.subhost("two-one", minimal)
		a.boot()
		want := b.boot()
		list := h.run("overlay-go").Stdout
		if !strings.Contains(list, a.Conf) || !strings.Contains(list, b.Conf) {
			h.t.Errorf("overlay-go lists %q", list)
		}
		a.stop()
		if !sandbox.Until(func() bool { _, runs := sandbox.Find("one"); return !runs }) {
			h.t.Errorf("one still runs")
		}
		if got, ok := sandbox.Find("two-one"); !ok || got.Reaper.Pid != want.Reaper.Pid {
			h.t.Errorf("two-one is gone")
		}
		b.stop()
	})
}

// TestGoUnknown enters a subhost that does not run.
func TestGoUnknown(t *testing.T) {
	onHost(t, func(h *host) {
		r := h.run("overlay-go", "nobody")
		if r.Status == 0 || !strings.Contains(r.Stderr, "nobody is neither a configuration") {
			h.t.Errorf("%v", r)
		}
	})
}

// TestOwnReaper checks that an existing /.reaper is not overwritten.
func TestOwnReaper(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("keep", minimal)
		s.boot()
		s.stop()
		s.gone()
		path := s.Dir + "/root/.reaper"
		before, err := os.Stat(path)
		must(h.t, err)
		h.sh("cd " + s.Dir + "/root && cp -p .reaper r && printf x >> r && mv r .reaper")
		s.boot()
		s.stop()
		after, err := os.Stat(path)
		must(h.t, err)
		if after.Size() != before.Size()+1 {
			h.t.Errorf("/.reaper was replaced: %d bytes, were %d+1", after.Size(), before.Size())
		}
	})
}
