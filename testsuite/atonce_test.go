package testsuite

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"overlayboot/compat/sandbox"
)

// atOnce runs tools at once and returns their results.
func (h *host) atOnce(calls ...string) []sandbox.Result {
	results := make([]sandbox.Result, len(calls))
	var group sync.WaitGroup
	for i, call := range calls {
		words := strings.Fields(call)
		cmd := h.engine.Command(words[0], words[1:]...)
		group.Go(func() { results[i], _ = sandbox.Exec(cmd) })
	}
	group.Wait()
	return results
}

// TestRestartAtOnce restarts a subhost several times at once. Each is content, and the subhost
// runs in the end.
func TestRestartAtOnce(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("once", minimal)
		s.boot()
		for round := range 8 {
			calls := []string{"overlay-restart once", "overlay-restart once", "overlay-restart once"}
			for _, r := range h.atOnce(calls...) {
				if r.Status != 0 {
					h.t.Errorf("round %d: %v", round, r)
				}
			}
			if _, runs := sandbox.Find("once"); !runs {
				h.t.Fatalf("round %d: it does not run\n%s", round, s.Story())
			}
		}
		s.stop()
	})
}

// TestStopBesideRestart stops a subhost that is being restarted. A stop that waited for that of
// the restart does not stop what was booted since.
func TestStopBesideRestart(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("beside", minimal)
		s.boot()
		for round := range 8 {
			got := h.atOnce("overlay-restart "+s.Conf, "overlay-stop "+s.Conf)
			_, runs := sandbox.Find("beside")
			if strings.Contains(got[1].Stderr, "waiting for it") && (!runs || got[0].Status != 0) ||
				got[1].Status != 0 && !strings.HasSuffix(got[1].Stderr, "beside is not running\n") ||
				runs != (got[0].Status == 0) && !strings.Contains(got[0].Stderr, "Logging") {
				h.t.Errorf("round %d: runs %v\n%v\n%v", round, runs, got[0], got[1])
			}
			if !runs {
				s.boot()
			}
		}
		s.stop()
	})
}

// TestStopLost stops subhosts whose configuration is gone, by what the record has.
func TestStopLost(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s, other := h.subhost("lost", minimal), h.subhost("kept", minimal)
		for _, r := range []struct{ call, says string }{
			{"lost", "lost is ended without stopping its services\n"},
			{s.Conf, "Cannot use " + s.Conf + "\n"},
			{s.Conf + " " + other.Conf, "could not be stopped in an orderly way"},
			{"--all", "could not be stopped in an orderly way"},
		} {
			s.boot()
			other.boot()
			must(h.t, os.Rename(s.Conf, s.Conf+".away"))
			h.status(r.call, h.run("overlay-stop", strings.Fields(r.call)...), 1, r.says)
			h.status("again", h.run("overlay-stop", s.Conf), 1, "Cannot use "+s.Conf+"\n")
			if _, runs := sandbox.Find("lost"); runs {
				h.t.Errorf("%s: it runs", r.call)
			}
			must(h.t, os.Rename(s.Conf+".away", s.Conf))
			if _, runs := sandbox.Find("kept"); runs {
				other.stop()
			}
			s.gone()
		}
	})
}

// TestStopSuspended stops a subhost whose processes are suspended.
func TestStopSuspended(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("suspended", minimal)
		tree := s.boot()
		for _, p := range []sandbox.Process{tree.Supervisor, tree.Unshare} {
			must(h.t, syscall.Kill(p.Pid, syscall.SIGSTOP))
		}
		began := time.Now()
		h.status("stop", h.run("overlay-stop", s.Conf), 0, "")
		if took := time.Since(began); took > 50*time.Second { // the limit is 60 s
			h.t.Errorf("it took %v", took)
		}
		s.gone()
	})
}

// TestConfigurationIsNoFile checks that what is no regular file is neither read nor waited for.
func TestConfigurationIsNoFile(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		h.configure("")
		for _, made := range []string{"mkfifo", "mkdir", "ln -s /dev/zero"} {
			h.sh("rm -rf /etc/subhosts.conf; " + made + " /etc/subhosts.conf")
			for _, tool := range []string{"overlay-boot", "overlay-stop", "overlay-go", "overlay-log",
				"overlay-restart", "overlay-clean"} {
				r := h.run(tool, "no-such")
				if r.Status != 1 || !strings.Contains(r.Stderr, "/etc/subhosts.conf is no regular file\n") {
					h.t.Errorf("%s: %s: %v", made, tool, r)
				}
			}
			h.status(made, h.run("overlay-boot", "--all"), 1, "/etc/subhosts.conf is no regular file\n")
		}
		h.sh("rm -rf /etc/subhosts.conf; mkdir -p " + bases + "; mkfifo " + bases + "/fifo.conf")
		for _, file := range []string{bases + "/fifo.conf", "/dev/zero"} {
			for _, tool := range []string{"overlay-boot", "overlay-stop", "overlay-restart"} {
				h.status(tool, h.run(tool, file), 1, "Cannot use "+file+"\n")
			}
		}
		h.configure("")
	})
}

// TestToolIsNoSubhost stops a subhost that does not run, beside processes that have the name of
// overlay-boot and the configuration among their words. Only a shell with the script
// overlay-boot could be a subhost of the original.
func TestToolIsNoSubhost(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("beside", minimal)
		must(h.t, os.WriteFile("/tmp/tool", []byte("printf overlay-boot > /proc/$$/comm\n"+
			"echo named; read X; echo alive\n"), 0o644))
		cmd := exec.Command("/bin/sh", "/tmp/tool", s.Conf)
		in, err := cmd.StdinPipe()
		must(h.t, err)
		out, err := cmd.StdoutPipe()
		must(h.t, err)
		said := bufio.NewReader(out)
		must(h.t, cmd.Start())
		if line, err := said.ReadString('\n'); line != "named\n" {
			h.t.Fatalf("it says %q: %v", line, err)
		}
		h.status("stop", h.run("overlay-stop", s.Conf), 1, "beside is not running\n")
		must(h.t, in.Close())
		if line, err := said.ReadString('\n'); line != "alive\n" {
			h.t.Errorf("after overlay-stop it says %q: %v", line, err)
		}
		_ = cmd.Wait()
		must(h.t, os.Remove("/tmp/tool"))
	})
}

// TestStopFailingBoot stops a subhost whose boot fails while overlay-stop waits for it.
func TestStopFailingBoot(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("fails", minimal+"PREMOUNT=./pre\n")
		pre, hold := s.Dir+"/pre", s.Dir+"/hold"
		// the overlay has then no place
		text := "#!/bin/sh\nread X < " + hold + "\nrmdir " + s.Dir + "/live\n"
		must(h.t, os.WriteFile(pre, []byte(text), 0o755))
		must(h.t, syscall.Mkfifo(hold, 0o600))
		boot := h.begin("overlay-boot", s.Conf)
		in, err := os.OpenFile(hold, os.O_WRONLY, 0) // waits for PREMOUNT
		must(h.t, err)
		stop := h.engine.Command("overlay-stop", s.Conf)
		errors, err := stop.StderrPipe()
		must(h.t, err)
		must(h.t, stop.Start())
		said := bufio.NewScanner(errors)
		for said.Scan() && said.Text() != "fails is being started; waiting for it" {
		}
		must(h.t, in.Close())
		if err := stop.Wait(); err != nil {
			h.t.Errorf("overlay-stop: %v", err)
		}
		h.ends(boot, 1)
		s.gone()
		h.status("again", h.run("overlay-stop", s.Conf), 1, "fails is not running\n")
	})
}

// TestStopInRestart checks that an overlay-stop in the moment in which an overlay-restart has
// stopped a subhost, and not booted it yet, waits for that. The test has the lock of that restart.
func TestStopInRestart(t *testing.T) {
	onEngines(t, func(h *host) {
		s := h.subhost("moment", "CABLES=\nSTART= none\n")
		other := h.subhost("other", "CABLES=\nSTART= none\n")
		const file = "/run/overlay-boot/restart/moment"
		for _, words := range []string{"moment", s.Conf, "--all", "moment other",
			other.Conf + " " + s.Conf} {
			other.boot()
			h.sh("mkdir -p /run/overlay-boot/restart")
			lock, err := os.Create(file)
			must(h.t, err)
			must(h.t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
			c := s.begin("overlay-stop", strings.Fields(words)...)
			if !sandbox.Until(func() bool {
				text, _ := os.ReadFile(c.stderr.Name())
				return strings.Contains(string(text), "moment is being restarted; waiting for it\n")
			}) {
				h.t.Errorf("%s: it does not wait", words)
			}
			h.run("overlay-boot", s.Conf) // it may be stopped before this ends
			must(h.t, os.Remove(file))
			must(h.t, lock.Close())
			if status, stderr := c.end(); status != 0 {
				h.t.Errorf("%s: status %d, %s", words, status, stderr)
			}
			if _, runs := sandbox.Find("other"); runs {
				other.stop()
			}
			s.gone()
		}
		// a lock file that nobody holds, of a restart that was killed
		h.sh("> " + file)
		h.status("no restart", h.run("overlay-stop", "moment"), 1, "moment"+neither)
		h.sh("rm " + file)
	})
}
