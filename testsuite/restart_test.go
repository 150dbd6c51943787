package testsuite

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"overlayboot/compat/sandbox"
)

// ending is a service that ends in the way that /how says, at the first boot when /go is there,
// and later at once. It leaves a process for each boot until it ends.
const ending = `#!/bin/sh
[ "$1" = start ] || exit 0
echo began >> /began
( until [ -e /go ]; do sleep 0.02; done
  rm -f /go
  . /how ) >/dev/null 2>&1 &
`

// restartRows say how a subhost ends, and whether it is booted again.
var restartRows = []struct {
	name, restart, how string
	again              bool
}{
	{"failure", "on-failure", "exit 3", true},
	{"killed", "on-failure", "kill -SEGV $(sh -c 'echo $PPID')", true},
	{"pid_1", "on-failure", "", true},
	{"success", "on-failure", "exit 0", false},
	{"always", "always 2", "exit 0", true},
	{"unset", "", "exit 3", false},
}

// restarting makes a subhost with a service that ends.
func (h *host) restarting(config, how string) *subhost {
	h.t.Helper()
	s := h.subhost("again", "CABLES= =\nSTART= /svc\n"+config)
	s.Write("root/svc", ending)
	s.Write("root/how", how+"\n")
	return s
}

// ends has the subhost end.
func (s *subhost) ends(tree sandbox.Tree, how string) {
	s.t.Helper()
	if how == "" {
		s.kill("KILL", tree.Reaper.Pid)
		return
	}
	s.says("> /go")
}

// TestRestartPolicy checks which ends of a subhost have it booted again, that it is then as it was,
// and that the log goes on.
func TestRestartPolicy(t *testing.T) {
	for _, r := range restartRows {
		t.Run(r.name, func(t *testing.T) {
			onEngines(t, func(h *host) {
				config := "RESTART=" + r.restart + "\n"
				s := h.restarting(config, r.how)
				tree := s.boot()
				s.ends(tree, r.how)
				if !r.again {
					s.gone()
					if got := s.Read("root/began"); got != "began\n" {
						h.t.Errorf("booted again: %q\n%s", got, s.Story())
					}
					return
				}
				s.awaits("STATE", "restarting")
				s.awaits("STATE", "running")
				after := s.running(sandbox.Result{})
				checkTree(h.t, s, after)
				if after.Reaper.Pid == tree.Reaper.Pid || recorded("again", "RESTARTS") != "1" {
					h.t.Errorf("RESTARTS=%s, %v", recorded("again", "RESTARTS"), after)
				}
				if got := s.says("cat /began"); got != "began\nbegan" {
					h.t.Errorf("began: %q", got)
				}
				if got := s.links(); got != "eth0 lo" {
					h.t.Errorf("links inside: %q", got)
				}
				if !sandbox.Until(func() bool {
					now, _ := sandbox.Find("again")
					return parent(now.Supervisor.Pid) == 1
				}) {
					h.t.Error("the booting process is still there")
				}
				log := s.Read("log")
				if strings.Count(log, "\nStarting again (") != 2 ||
					!strings.Contains(log, "\nagain is booted again in 1 s, try 1 of ") {
					h.t.Errorf("log: %s", log)
				}
				s.stop()
				s.gone()
			})
		})
	}
}

// parent returns the parent of a process.
func parent(pid int) int {
	for _, p := range sandbox.Processes() {
		if p.Pid == pid {
			return p.PPid
		}
	}
	return 0
}

// TestRestartGivesUp checks that the tries are counted, and that nothing is left after the last.
// Each boot after the first one fails.
func TestRestartGivesUp(t *testing.T) {
	for name, breaks := range map[string]string{
		"flaps":      "",
		"not ready":  "echo READY=/bin/false >> again.conf; echo READY_TIMEOUT=1 >> again.conf",
		"no folder":  "mv work elsewhere",
		"bad values": "echo DROP=sys_admin >> again.conf",
		"no file":    "mv again.conf elsewhere",
		"a pipe":     "rm again.conf; mkfifo again.conf",
		"other name": "echo NAME=other >> again.conf",
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			onHost(t, func(h *host) {
				h.onlyOurs()
				s := h.restarting("RESTART=on-failure 2\n", "exit 3")
				if name == "flaps" {
					s.Write("root/svc", strings.Replace(ending, "rm -f /go", "sleep 0.2", 1))
				}
				s.boot()
				h.sh("cd " + s.Dir + "\n" + breaks)
				s.ends(sandbox.Tree{}, "exit 3")
				s.gone()
				log := s.Read("log")
				why := map[string]string{"no file": "cannot be read", "other name": "has another NAME",
					"a pipe": "is not a regular file"}[name]
				if why != "" {
					must(h.t, os.RemoveAll(s.Conf))
					if !strings.HasSuffix(log, "again is not booted again: "+s.Conf+" "+why+"\n") {
						h.t.Errorf("log: %s", log)
					}
					return
				}
				if !strings.HasSuffix(log, "again is not booted again: try 2 of 2 was the last\n") {
					h.t.Errorf("log: %s", log)
				}
				for try, pause := range map[int]int{1: 1, 2: 2} {
					line := "again is booted again in " + strconv.Itoa(pause) + " s, try " +
						strconv.Itoa(try) + " of 2\n"
					if strings.Count(log, line) != 1 {
						h.t.Errorf("no %q in the log: %s", line, log)
					}
				}
			})
		})
	}
}

// TestRestartPause checks what the tools do about a subhost that waits to be booted again.
func TestRestartPause(t *testing.T) {
	onEngines(t, func(h *host) {
		s := h.restarting("RESTART=always\n", "exit 0")
		s.ends(s.boot(), "exit 0")
		s.awaits("STATE", "restarting")
		r := s.run("overlay-boot", s.Conf)
		if r.Status != 1 || !strings.Contains(r.Stderr, "again has ended, and will be booted again") {
			h.t.Errorf("overlay-boot: %v", r)
		}
		if got := s.says("echo inside"); got != "inside" { // waits for it
			h.t.Errorf("overlay-go: %q", got)
		}
		s.ends(sandbox.Tree{}, "exit 0")
		s.awaits("STATE", "restarting")
		if r := s.stop(); strings.Contains(r.Stderr, "is still being started") {
			h.t.Errorf("overlay-stop: %v", r)
		}
		s.gone()
		s.ends(s.boot(), "exit 0")
		s.awaits("STATE", "restarting")
		if r := s.run("overlay-stop", "--all"); r.Status != 0 {
			h.t.Errorf("overlay-stop --all: %v", r)
		}
		s.gone()
		if got := s.Read("root/began"); got != "began\nbegan\nbegan\n" {
			h.t.Errorf("began: %q", got)
		}
	})
}

// TestRestartStopped checks that an overlay-stop, however it stops, has nothing booted again,
// and that one which was interrupted has not.
func TestRestartStopped(t *testing.T) {
	onEngines(t, func(h *host) {
		s := h.restarting("RESTART=always 3\n", "exit 3")
		s.boot()
		s.stop()
		s.gone()
		// The subhost ends by itself while a service is told to stop.
		s.Write("root/svc", strings.Replace(ending, "exit 0", "{ > /told; sleep 1000; }", 1))
		tree := s.boot()
		c := s.begin("overlay-stop", s.Conf)
		s.isTold()
		h.kill("KILL", tree.Reaper.Pid)
		if status, stderr := c.end(); status != 1 ||
			!strings.Contains(stderr, "Not all services of again") {
			h.t.Errorf("%d, %s", status, stderr)
		}
		s.gone()
		must(h.t, os.Remove(s.Dir+"/root/told"))
		tree = s.boot()
		c = s.begin("overlay-stop", s.Conf)
		s.isTold()
		h.kill("TERM", c.Process.Pid)
		c.end()
		s.ends(tree, "")
		s.awaits("RESTARTS", "1")
		s.awaits("STATE", "running")
		s.says("sed -i 's/sleep 1000/exit 0/' /svc")
		s.stop()
	})
}

// isTold waits until the service is told to stop.
func (s *subhost) isTold() {
	s.t.Helper()
	if !sandbox.Until(func() bool { _, err := os.Stat(s.Dir + "/root/told"); return err == nil }) {
		s.t.Fatal("the service was not told to stop")
	}
}

// TestRestartKilled checks that nothing is booted again, and nothing is left after overlay-stop,
// where the process that waits was killed.
func TestRestartKilled(t *testing.T) {
	onEngines(t, func(h *host) {
		s := h.restarting("RESTART=always 3\n", "exit 3")
		s.ends(s.boot(), "exit 3")
		s.awaits("STATE", "restarting")
		pid, _, _ := strings.Cut(recorded("again", "BOOTER"), " ")
		h.sh("kill -KILL " + pid)
		s.run("overlay-stop", s.Conf)
		h.sh("pkill -x sleep || true") // the pause itself is a child
		s.gone()
	})
}

// TestRestartStoppedUnready checks that a subhost which is stopped while a restart of it waits for
// READY is not booted again.
func TestRestartStoppedUnready(t *testing.T) {
	onEngines(t, func(h *host) {
		s := h.subhost("again", "CABLES=\nSTART= none\nRESTART= always 9\n"+
			"READY= /bin/sh -c \"test ! -e /gone\"\nREADY_TIMEOUT= 20\n")
		for range 5 {
			tree := s.boot()
			s.Write("root/gone", "")
			s.ends(tree, "")
			s.awaits("RESTARTS", "1")
			s.awaits("READY", "waiting")
			s.stop()
			s.gone()
			must(h.t, os.Remove(s.Dir+"/root/gone"))
		}
		if log := s.Read("log"); strings.Contains(log, "try 2 of") {
			h.t.Errorf("log: %s", log)
		}
	})
}
