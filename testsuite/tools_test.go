package testsuite

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// TestLog shows the log of a subhost, by its name and by its file, also when it does not run.
func TestLog(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("log", minimal)
		h.configure("", s.Conf)
		h.status("before the boot", h.run("overlay-log", "log"), 1, "There is no log "+s.Log())
		s.boot()
		h.shows(s, "running")
		s.stop()
		h.shows(s, "stopped")
		for _, r := range []struct{ args, want string }{
			{"-n 1", "Exited log\n"}, {"--lines=1", "Exited log\n"}, {"-n 0", ""},
		} {
			got := h.run("overlay-log", append(strings.Fields(r.args), "log")...)
			if !strings.HasSuffix(got.Stdout, r.want) || strings.Count(got.Stdout, "\n") >
				strings.Count(r.want, "\n") || got.Status != 0 {
				h.t.Errorf("%s: %v", r.args, got)
			}
		}
	})
}

// shows fails the test unless overlay-log shows the whole log.
func (h *host) shows(s *subhost, what string) {
	h.t.Helper()
	want, err := os.ReadFile(s.Log())
	must(h.t, err)
	for _, args := range []string{s.Name, s.Conf, "-n all " + s.Name, s.Name + " -n 1000"} {
		if r := h.run("overlay-log", strings.Fields(args)...); r.Status != 0 ||
			r.Stdout != string(want) || r.Stderr != "" {
			h.t.Errorf("%s: overlay-log %s: %v\nwant %s", what, args, r, want)
		}
	}
}

// TestLogRefuses checks that overlay-log reads nothing that overlay-boot would not write to.
func TestLogRefuses(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("log", minimal)
		for _, r := range []struct{ prepare, says string }{
			{"ln -s /etc/shadow log", "is a symbolic link; not read"},
			{"ln -s /no/such log", "is a symbolic link; not read"},
			{"mkdir log", "is not a regular file; not read"},
			{"mkfifo log", "is not a regular file; not read"},
			{"echo secret > log; chown 1000 log", "belongs to another user; not read"},
		} {
			h.sh("cd " + s.Dir + "; rm -rf log; " + r.prepare)
			for _, option := range []string{"--lines=all", "-f"} {
				got := h.run("overlay-log", option, s.Conf)
				if got.Status != 1 || got.Stdout != "" || !strings.Contains(got.Stderr, r.says) {
					h.t.Errorf("%s %s: %v, want %q", option, r.prepare, got, r.says)
				}
			}
		}
	})
}

// A following is a run of overlay-log -f.
type following struct {
	*host
	cmd   *exec.Cmd
	lines chan string
}

func (h *host) follow(args ...string) *following {
	h.t.Helper()
	f := &following{h, h.engine.Command("overlay-log", args...), make(chan string, 10000)}
	out, err := f.cmd.StdoutPipe()
	must(h.t, err)
	must(h.t, f.cmd.Start())
	go func() {
		defer close(f.lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			f.lines <- in.Text()
		}
	}()
	return f
}

// until returns what is shown up to a line.
func (f *following) until(last string) (text string) {
	f.t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case line, ok := <-f.lines:
			text += line + "\n"
			if line == last {
				return text
			}
			if !ok {
				f.t.Fatalf("it ended before %q: %s", last, text)
			}
		case <-limit:
			f.t.Fatalf("no %q in %s", last, text)
		}
	}
}

// end sends a signal and checks the status; nothing more is shown, and no process is left.
func (f *following) end(sig syscall.Signal) {
	f.t.Helper()
	must(f.t, f.cmd.Process.Signal(sig))
	rest := ""
	for line := range f.lines {
		rest += line
	}
	_ = f.cmd.Wait()
	if got := statusOf(f.cmd); got != 128+int(sig) || rest != "" {
		f.t.Errorf("%v: status %d, %q", sig, got, rest)
	}
}

// TestLogFollows follows a log from before the first boot through a second one. In a sticky
// folder each boot makes a new file, elsewhere it empties the old one.
func TestLogFollows(t *testing.T) {
	for name, log := range map[string]string{"emptied": "", "replaced": "LOG=/tmp/sticky.log\n"} {
		t.Run(name, func(t *testing.T) {
			onHost(t, func(h *host) {
				h.notOriginal()
				h.subhost("follow", minimal+log).isFollowed()
				h.sh("rm -f /tmp/sticky.log")
			})
		})
	}
}

func (s *subhost) isFollowed() {
	f := s.follow("-f", s.Conf)
	s.boot()
	first := f.until("Starting dummy service")
	if !strings.HasPrefix(first, "NAME=follow\n") {
		s.t.Errorf("the beginning is not shown: %q", first)
	}
	s.stop()
	f.until("Exited follow")
	s.boot()
	if again := f.until("Starting dummy service"); again != first {
		s.t.Errorf("the second boot shows %q, the first %q", again, first)
	}
	late := s.follow(s.Name, "-f", "-n", "1")
	if got := late.until("Starting dummy service"); strings.Count(got, "\n") != 1 {
		s.t.Errorf("-n 1 shows %q", got)
	}
	late.end(syscall.SIGTERM)
	f.end(syscall.SIGINT)
	s.stop()
}

// TestLogUnread checks that overlay-log -f ends when nobody reads its output.
func TestLogUnread(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("unread", minimal)
		s.boot()
		h.readsOne(h.engine.Command("overlay-log", "-f", "unread"), 141)
		for _, options := range []string{"-f", "-n 3"} {
			cmd := h.engine.Command("overlay-log", append(strings.Fields(options), "unread")...)
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			must(h.t, err)
			var said strings.Builder
			cmd.Stdout, cmd.Stderr = full, &said
			_ = cmd.Run() // its status is looked at
			full.Close()
			if want := "overlay-log: cannot read " + s.Log() + ", or write it to standard output\n"; said.
				String() != want || statusOf(cmd) != 1 {
				h.t.Errorf("%s on a full disk: %d, %q", options, statusOf(cmd), said.String())
			}
		}
		s.stop()
	})
}

// TestRestart restarts subhosts, and boots one that does not run.
func TestRestart(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		a, b := h.subhost("ra", minimal), h.subhost("rb", minimal)
		h.configure(a.Conf)
		before := a.boot()
		h.status("a wrong word", h.run("overlay-restart", "ra", "no-such"), 1, "no-such is neither ")
		h.status("a wrong file", h.run("overlay-restart", "ra", "/no/such"), 1, "Cannot use /no/such\n")
		if now, runs := sandbox.Find("ra"); !runs || now.Reaper.Pid != before.Reaper.Pid {
			h.t.Error("ra was stopped, though another word is wrong")
		}
		h.status("both", h.run("overlay-restart", "ra", b.Conf), 0, "Logging to "+b.Log()+"\n")
		if now := a.running(sandbox.Result{}); now.Reaper.Pid == before.Reaper.Pid {
			h.t.Error("ra was not stopped")
		}
		b.running(sandbox.Result{})
		h.sh("mv " + a.Dir + "/work " + a.Dir + "/away")
		before = a.running(sandbox.Result{})
		h.status("a fault", h.run("overlay-restart", "ra", "rb"), 1, "WORK="+a.Dir+"/work is not")
		if now, runs := sandbox.Find("ra"); !runs || now.Reaper.Pid != before.Reaper.Pid {
			h.t.Error("ra was stopped, though its configuration has a fault")
		}
		h.sh("mv " + a.Dir + "/away " + a.Dir + "/work")
		a.Configure(minimal + "INIT=./init\n")
		a.Script("init", "echo exec /.reaper ra")
		h.status("a boot fails", h.run("overlay-restart", "ra", "rb"), 1, "ra ended")
		if _, runs := sandbox.Find("ra"); runs {
			h.t.Error("ra runs")
		}
		b.running(sandbox.Result{})
		b.stop()
	})
}

// TestWait waits for subhosts that are booted and stopped meanwhile.
func TestWait(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("wait", minimal)
		h.status("up, not running", h.run("overlay-wait", "--up", "-t", "0", "wait"), 3, "")
		h.status("down, not running", h.run("overlay-wait", "--down", "wait"), 0, "")
		for _, words := range []string{"wait", s.Conf} {
			up := h.begin("overlay-wait", "--up", words)
			s.boot()
			h.ends(up, 0)
			h.status("up, running", h.run("overlay-wait", "--up", words), 0, "")
			h.status("down, running", h.run("overlay-wait", words, "--down", "--timeout=0"), 3, "")
			h.status("down, running", h.run("overlay-wait", words, "--down", "--timeout=1"), 3, "")
			down := h.begin("overlay-wait", "--down", words)
			s.stop()
			h.ends(down, 0)
			s.gone()
		}
		must(h.t, syscall.Kill(s.boot().Reaper.Pid, syscall.SIGKILL))
		h.status("down by itself", h.run("overlay-wait", "--down", "wait"), 0, "")
		if _, err := os.Stat("/run/overlay-boot/subhosts/wait"); err == nil {
			h.t.Error("down, and its supervisor is still at work")
		}
		s.boot()
		for option, word := range map[string]string{"--up": "no-such", "--down": "wait"} {
			w := h.begin("overlay-wait", option, word)
			h.awaitProcess("overlay-wait")
			must(h.t, w.Process.Signal(syscall.SIGTERM))
			h.ends(w, 143)
		}
		tree := s.running(sandbox.Result{})
		must(h.t, syscall.Kill(tree.Supervisor.Pid, syscall.SIGKILL))
		h.status("without a supervisor", h.run("overlay-wait", "--up", "wait"), 0, "")
		h.status("without a supervisor", h.run("overlay-wait", "--down", "-t0", "wait"), 3, "")
		h.status("without a supervisor", h.run("overlay-wait", "--down", "-t", "0", "wait"), 3, "")
		must(h.t, syscall.Kill(tree.Unshare.Pid, syscall.SIGKILL))
		h.status("dead", h.run("overlay-wait", "--down", "wait"), 0, "")
		h.status("clean", h.run("overlay-clean", "-y", "wait"), 0, "")
	})
}

// begin starts a tool.
func (h *host) begin(tool string, args ...string) *exec.Cmd {
	h.t.Helper()
	cmd := h.engine.Command(tool, args...)
	must(h.t, cmd.Start())
	return cmd
}

// ends waits for the end of a tool.
func (h *host) ends(cmd *exec.Cmd, want int) {
	h.t.Helper()
	limit := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer limit.Stop()
	_ = cmd.Wait()
	if got := statusOf(cmd); got != want {
		h.t.Errorf("%q: status %d, want %d", cmd.Args, got, want)
	}
}

// dies boots the subhost and kills its supervisor and its processes.
func (s *subhost) dies() {
	s.t.Helper()
	tree := s.boot()
	for _, p := range []sandbox.Process{tree.Supervisor, tree.Unshare} {
		must(s.t, syscall.Kill(p.Pid, syscall.SIGKILL))
	}
	h := s.run("overlay-wait", "--down", s.Name)
	s.status("overlay-wait", h, 0, "")
}

// kinds returns the first two words of each line.
func kinds(text string) string {
	var list []string
	for line := range strings.Lines(text) {
		list = append(list, strings.Join(strings.Fields(line)[:2], " "))
	}
	return strings.Join(list, ", ")
}

// TestClean shows and removes what dead subhosts have left, and nothing of those that live.
func TestClean(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		dead, program := h.subhost("dead", minimal), h.subhost("prog", minimal+"UPPER=up.sh\n")
		program.Script("up.sh", "echo $ACTION >> "+bases+"/calls; echo root")
		live, orphan := h.subhost("live", minimal), h.subhost("orphan", minimal)
		h.status("nothing", h.run("overlay-clean"), 0, "")
		dead.dies()
		program.dies()
		tree := live.boot()
		must(h.t, syscall.Kill(orphan.boot().Supervisor.Pid, syscall.SIGKILL))
		h.sh("cd /run/overlay-boot; : > boot/stale; : > stop/stale; mkfifo pipes/stale" +
			"; echo stale > roots/1-1; mkdir other; : > other/file")
		group := ""
		if len(sandbox.Files("/sys/fs/cgroup/dead")) > 0 {
			group = "dead group, "
		}
		want := "dead record, dead namespace, dead cable, " + group + "dead claim, dead claim, " +
			"dead lock, prog record, prog namespace, prog cable, " +
			strings.ReplaceAll(group, "dead", "prog") + "prog teardown, prog claim, prog claim, " +
			"prog lock, stale claim, stale lock, stale lock, stale pipe"
		for _, args := range []string{"--dry-run", "-n --yes", "--yes -n", ""} {
			r := h.run("overlay-clean", strings.Fields(args)...)
			if r.Status != 1 || kinds(r.Stdout) != want {
				h.t.Errorf("%s: %v\nwant %s", args, r, want)
			}
		}
		r := h.run("overlay-clean", "--dry-run", dead.Conf, "live", "orphan", "no-such")
		if r.Status != 1 || !strings.HasPrefix(r.Stdout, "dead ") || strings.Contains(r.Stdout, "live") ||
			strings.Contains(r.Stdout, "prog") || strings.Contains(r.Stdout, "orphan") {
			h.t.Errorf("of some: %v", r)
		}
		h.status("one", h.run("overlay-clean", "-y", "dead"), 0, "")
		h.status("all", h.run("overlay-clean", "--yes"), 0, "")
		if r := h.run("overlay-clean"); r.Status != 0 || r.Stdout != "" {
			h.t.Errorf("again: %v", r)
		}
		if calls, _ := os.ReadFile(filepath.Join(bases, "calls")); string(calls) != "setup\nteardown\n" {
			h.t.Errorf("the program of UPPER was called for %q", calls)
		}
		if _, err := os.Stat("/run/overlay-boot/other/file"); err != nil {
			h.t.Error(err)
		}
		h.sh("rm -r /run/overlay-boot/other")
		if now := live.running(sandbox.Result{}); now.Reaper.Pid != tree.Reaper.Pid {
			h.t.Error("live has changed")
		}
		live.stop()
		orphan.stop()
	})
}

// TestCleanAsks checks the question on a terminal.
func TestCleanAsks(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("asks", minimal)
		s.dies()
		for _, r := range []struct {
			typed  string
			status int
		}{{"n\n", 1}, {"\n", 1}, {"nay\n", 1}, {"\x04", 1}, {"yes\n", 0}} {
			master, slave := terminal(h.t)
			cmd := h.engine.Command("overlay-clean")
			got := atTerminal(h.t, cmd, master, slave, r.typed)
			if status := cmd.ProcessState.ExitCode(); status != r.status ||
				!strings.Contains(got, "Remove this? [y/N] ") {
				h.t.Errorf("%q: status %d: %q", r.typed, status, got)
			}
		}
	})
}

// TestCleanOriginal shows what a subhost without a record has left only by its name, and only
// if that is configured and no process has the namespace.
func TestCleanOriginal(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("old", "CABLES= = =.5 =\nSTART=none\n")
		h.configure(s.Conf)
		h.sh("mv /etc/subhosts.conf /etc/away; ip netns add old; for N in 0 1 3; do " +
			"ip link add old$N type veth peer name eth$N netns old; done; ip link add old2 type bridge")
		h.status("not asked", h.run("overlay-clean"), 0, "")
		r := h.run("overlay-clean", "-n", "old")
		if r.Status != 1 || r.Stdout != "" {
			h.t.Errorf("not configured: %v", r)
		}
		h.sh("mv /etc/away /etc/subhosts.conf")
		if r = h.run("overlay-clean"); r.Status != 0 || r.Stdout != "" {
			h.t.Errorf("without its name: %v", r)
		}
		const all = "old namespace, old cable, old cable"
		if r = h.run("overlay-clean", "-n", "old"); r.Status != 1 || kinds(r.Stdout) != all {
			h.t.Errorf("by its name: %v", r)
		}
		user := exec.Command("ip", "netns", "exec", "old", "sleep", "1000")
		must(h.t, user.Start())
		h.awaitProcess("sleep")
		if r = h.run("overlay-clean", "-y", "old"); r.Status != 0 || r.Stdout != "" {
			h.t.Errorf("with a process: %v", r)
		}
		must(h.t, user.Process.Kill())
		_ = user.Wait()
		r = h.run("overlay-clean", "-y", s.Conf)
		if r.Status != 0 || kinds(r.Stdout) != all {
			h.t.Errorf("removed: %v", r)
		}
		h.sh("ip link del old2")
	})
}

// TestCleanBusy checks that overlay-clean leaves alone what another tool is at work on.
func TestCleanBusy(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("busy", minimal)
		s.dies()
		for _, kind := range []string{"boot", "stop"} {
			lock, err := os.Create("/run/overlay-boot/" + kind + "/busy")
			must(h.t, err)
			must(h.t, unix.Flock(int(lock.Fd()), unix.LOCK_EX))
			if r := h.run("overlay-clean", "-y"); r.Status != 0 || r.Stdout != "" {
				h.t.Errorf("with the lock %s: %v", kind, r)
			}
			lock.Close()
		}
		if _, err := os.Stat("/run/overlay-boot/subhosts/busy"); err != nil {
			h.t.Error(err)
		}
		h.status("free", h.run("overlay-clean", "-y"), 0, "")
	})
}
