package hostile

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

func (h *host) pause(milliseconds int) {
	time.Sleep(time.Duration(milliseconds) * time.Millisecond)
}

// busy starts processes that only use processor time; the returned function ends them.
func (h *host) busy(count int) (end func()) {
	h.t.Helper()
	var list []*exec.Cmd
	for range count {
		cmd := exec.Command("/bin/sh", "-c", "while : ; do : ; done")
		must(h.t, cmd.Start())
		list = append(list, cmd)
	}
	return func() {
		for _, cmd := range list {
			cmd.Process.Kill()
			cmd.Wait()
		}
	}
}

// slow makes a subhost whose boot leaves time for events: PREMOUNT creates a file and
// waits.
func (h *host) slow(name string) *subhost {
	h.t.Helper()
	s := h.subhost(name, minimal+"PREMOUNT="+bases+"/"+name+"/slow\n")
	s.Script("slow", "[ -e "+s.Dir+"/quick ] && exit\n: > "+s.Dir+"/waits\nexec sleep 30")
	return s
}

// A booting is a boot that is under way.
type booting struct {
	*subhost
	cmd  *exec.Cmd
	ends chan sandbox.Result
}

// begin starts a boot and returns when PREMOUNT waits.
func (s *subhost) begin() *booting {
	s.t.Helper()
	// The user who runs the tests may ignore signals.
	cmd := s.engine.Command("overlay-boot", s.Conf)
	cmd.Args = append([]string{"env", "--default-signal=INT,TERM,HUP,QUIT", cmd.Path},
		cmd.Args[1:]...)
	path, err := exec.LookPath("env")
	must(s.t, err)
	cmd.Path = path
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	b := &booting{s, cmd, make(chan sandbox.Result, 1)}
	go func() {
		r, _ := runLimited(cmd)
		if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			r.Status = 128 + int(ws.Signal()) // as in the caller's shell
		}
		b.ends <- r
	}()
	s.exists(s.Dir + "/waits")
	must(s.t, os.Remove(s.Dir+"/waits"))
	return b
}

// end waits for the end of the boot, which must come within soon, and judges it.
func (b *booting) end(soon time.Duration) sandbox.Result {
	b.t.Helper()
	start := time.Now()
	r := <-b.ends
	if took := time.Since(start); took > soon {
		b.t.Errorf("it took %v", took)
	}
	if b.judge(r) {
		b.t.Errorf("it was booted: %v", r)
	}
	return r
}

// quickly makes the following boots quick.
func (s *subhost) quickly() {
	s.t.Helper()
	must(s.t, os.WriteFile(s.Dir+"/quick", nil, 0o644))
}

// TestSignals checks that a signal ends a boot that is under way, and that nothing is left.
func TestSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT,
		unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM, unix.SIGXCPU, unix.SIGXFSZ} {
		t.Run(unix.SignalName(signal), func(t *testing.T) {
			onHost(t, func(h *host) {
				s := h.slow("signal")
				b := s.begin()
				must(h.t, unix.Kill(b.cmd.Process.Pid, signal))
				if r := b.end(30 * time.Second); r.Status != 128+int(signal) {
					h.t.Errorf("%v, want status %d", r, 128+int(signal))
				}
				b = s.begin()
				must(h.t, unix.Kill(-b.cmd.Process.Pid, signal)) // as a terminal does
				if r := b.end(30 * time.Second); r.Status != 128+int(signal) {
					h.t.Errorf("to the group: %v, want status %d", r, 128+int(signal))
				}
				s.quickly()
				s.afterwards()
			})
		})
	}
}

// supervisor returns the process of a boot that runs in the background.
func (b *booting) supervisor() sandbox.Process {
	b.t.Helper()
	pid := b.find("PREMOUNT", func(p sandbox.Process) bool {
		return slices.Equal(p.Argv, []string{"sleep", "30"})
	}).PPid
	list := sandbox.Processes()
	var found sandbox.Process
	for found.PPid != b.cmd.Process.Pid {
		i := slices.IndexFunc(list, func(p sandbox.Process) bool { return p.Pid == pid })
		if i < 0 {
			b.t.Fatalf("PREMOUNT is not below %d: %v", b.cmd.Process.Pid, list)
		}
		found = list[i]
		pid = found.PPid
	}
	return found
}

// TestKilledSupervisor checks that the process that waits for a killed supervisor cleans
// up.
func TestKilledSupervisor(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.slow("killed")
		b := s.begin()
		must(h.t, unix.Kill(b.supervisor().Pid, unix.SIGKILL))
		if r := b.end(30 * time.Second); r.Status != 1 {
			h.t.Errorf("%v, want status 1", r)
		}
		s.quickly()
		s.afterwards()
	})
}

// ofBoot reports whether a process belongs to a boot, or is left over from one.
func ofBoot(p sandbox.Process) bool { return p.Comm == "overlay-boot" }

// TestKilledBoth checks that the next boot or stop cleans up if no process of a boot is
// left to do so.
func TestKilledBoth(t *testing.T) {
	for _, next := range []string{"overlay-boot", "overlay-stop"} {
		t.Run(next, func(t *testing.T) {
			onHost(t, func(h *host) {
				s := h.slow("both")
				b := s.begin()
				supervisor := b.supervisor()
				must(h.t, unix.Kill(b.cmd.Process.Pid, unix.SIGKILL))
				must(h.t, unix.Kill(supervisor.Pid, unix.SIGKILL))
				<-b.ends
				if !sandbox.Until(func() bool { return !slices.ContainsFunc(sandbox.Processes(), ofBoot) }) {
					h.t.Fatalf("there still are %v", sandbox.Processes())
				}
				s.quickly()
				if next == "overlay-boot" {
					s.alive(s.boot())
					s.stop()
				} else {
					s.run("overlay-stop", s.Conf)
				}
				s.clean()
			})
		})
	}
}

// TestKilledWhileRunning is like TestKilledBoth, for a subhost that was running.
func TestKilledWhileRunning(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("dead", minimal)
		tree := s.boot()
		for _, p := range []sandbox.Process{tree.Supervisor, tree.Unshare, tree.Reaper} {
			_ = unix.Kill(p.Pid, unix.SIGKILL)
		}
		if !sandbox.Until(func() bool { return len(sandbox.Processes()) == 0 }) {
			h.t.Fatalf("there still are %v", sandbox.Processes())
		}
		s.alive(s.boot())
		s.stop()
	})
}

// terminal opens a pseudo-terminal.
func (h *host) terminal() (master, slave *os.File) {
	h.t.Helper()
	fd, err := unix.Open("/dev/pts/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		fd, err = unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	}
	must(h.t, err)
	must(h.t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	must(h.t, err)
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	must(h.t, err)
	return os.NewFile(uintptr(fd), "terminal"), slave
}

// onTerminal makes a command a session leader with a controlling terminal.
func onTerminal(cmd *exec.Cmd, slave *os.File) *exec.Cmd {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	return cmd
}

// TestTerminalCloses checks that a subhost outlives the terminal that it was booted from.
func TestTerminalCloses(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("tty", minimal)
		master, slave := h.terminal()
		cmd := onTerminal(exec.Command("/bin/sh", "-c", tools+"/overlay-boot "+s.Conf+"; : > "+
			s.Dir+"/done; sleep 20"), slave)
		cmd.Env = append(os.Environ(), h.engine.Env...)
		must(h.t, cmd.Start())
		h.exists(s.Dir + "/done")
		must(h.t, slave.Close())
		must(h.t, master.Close())
		_ = cmd.Wait()
		h.pause(300)
		tree, runs := sandbox.Find("tty")
		if !runs {
			h.t.Fatalf("it ended with the terminal\n%s", s.Story())
		}
		s.alive(tree)
		s.stop()
		s.clean()
	})
}

func TestTerminalClosesInBoot(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.slow("hup")
		master, slave := h.terminal()
		cmd := onTerminal(h.engine.Command("overlay-boot", s.Conf), slave)
		must(h.t, cmd.Start())
		h.exists(s.Dir + "/waits")
		must(h.t, slave.Close())
		must(h.t, master.Close())
		_ = cmd.Wait()
		if cmd.ProcessState.Success() {
			h.t.Errorf("status 0, and nobody saw it: %v", sandbox.Processes())
		}
		s.clean()
		s.quickly()
		s.afterwards()
	})
}

// TestTyping checks that no process inside can type into the administrator's terminal,
// neither a service of a subhost booted from that terminal nor a shell entered from it.
func TestTyping(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("types", "CABLES=\nSTART= /service\n")
		const typed = "touch " + watched + "/typed"
		must(h.t, os.WriteFile(s.Dir+"/typed", []byte(typed+"\n"), 0o644))
		attack := attackInside(`"` + typed + "\n" + `"`)
		attack = strings.Replace(attack, ` - `, ` - type `, 1)
		s.Script("root/service", attack+" > /said 2>&1\nsleep 1000 &")
		s.Script("root/go", attack+" > /went 2>&1")

		master, slave := h.terminal()
		// This is the administrator's shell on the terminal.
		cmd := onTerminal(exec.Command("/bin/sh", "-c", tools+"/overlay-boot "+s.Conf+
			"; : > "+s.Dir+"/up; "+tools+"/overlay-go types; : > "+s.Dir+"/back"+
			"; while read LINE ; do eval \"$LINE\" ; done"), slave)
		cmd.Env = append(os.Environ(), h.engine.Env...)
		must(h.t, cmd.Start())
		must(h.t, slave.Close())
		go func() { // read what the screen would show
			b := make([]byte, 4096)
			for {
				if _, err := master.Read(b); err != nil {
					return
				}
			}
		}()
		h.exists(s.Dir + "/up")
		_, err := master.WriteString("/go; exit\n")
		must(h.t, err)
		h.exists(s.Dir + "/back")
		h.pause(200)
		tree := s.booted(sandbox.Result{})
		if said := s.Read("root/said"); said != "" {
			h.t.Errorf("a service: %s", said)
		}
		if s.Read("root/went") == "" {
			h.t.Error("the shell that was entered has no terminal")
		}
		h.noTerminal(tree)
		h.untouched()
		_, err = master.WriteString("exit\n")
		must(h.t, err)
		_ = cmd.Wait()
		h.untouched()
		must(h.t, master.Close())
		s.stop()
	})
}

// noTerminal checks that no process of a subhost has a terminal of the host open.
func (h *host) noTerminal(tree sandbox.Tree) {
	h.t.Helper()
	for _, p := range members(tree) {
		for _, file := range openFiles(p.Pid) {
			if strings.Contains(file, "/dev/pts/") || strings.HasSuffix(file, "/dev/tty") {
				h.t.Errorf("%v has %s", p, file)
			}
		}
	}
}

// openFiles lists the descriptors of a process with their targets.
func openFiles(pid int) []string {
	dir := fmt.Sprintf("/proc/%d/fd/", pid)
	entries, _ := os.ReadDir(dir)
	var list []string
	for _, e := range entries {
		to, _ := os.Readlink(dir + e.Name())
		list = append(list, e.Name()+" -> "+to)
	}
	return list
}

// callers are descriptors that the booting user may have open.
var callers = [...]int{3, 4, 5, 6, 7, 8, 9, 10, 30, 60, 251}

// TestDescriptors checks that the caller's open descriptors do not disturb a boot, and that
// no process inside inherits them.
func TestDescriptors(t *testing.T) {
	onHost(t, func(h *host) {
		dir, err := os.Open(watched)
		must(h.t, err)
		defer dir.Close()
		s := h.subhost("fds", "CABLES= =\nSTART= /service\n")
		s.Script("root/service", "sleep 1000 & :")
		sets := [][]int{callers[:]}
		for _, fd := range callers {
			sets = append(sets, []int{fd})
		}
		for _, set := range sets {
			cmd := h.engine.Command("overlay-boot", s.Conf)
			cmd.ExtraFiles = make([]*os.File, 256)
			for _, fd := range set {
				cmd.ExtraFiles[fd-3] = dir
			}
			r := h.exec(cmd)
			if r.Status != 0 {
				h.t.Errorf("with %d open: %v\n%s", set, r, s.Story())
				s.clean()
				continue
			}
			tree := s.booted(r)
			for _, p := range append(members(tree), tree.Supervisor, tree.Unshare) {
				for _, file := range openFiles(p.Pid) {
					if strings.HasSuffix(file, watched) {
						h.t.Errorf("with %d open: %v has %s", set, p, file)
					}
				}
			}
			s.stop()
		}
	})
}

// TestDescriptorsOfWhoEnters is like TestDescriptors, for overlay-go.
func TestDescriptorsOfWhoEnters(t *testing.T) {
	onHost(t, func(h *host) {
		dir, err := os.Open(watched)
		must(h.t, err)
		defer dir.Close()
		s := h.subhost("fds", minimal)
		s.boot()
		cmd := s.enter("ls -l /proc/self/fd /proc/$$/fd; readlink /proc/self/cwd")
		cmd.Dir = watched
		cmd.ExtraFiles = make([]*os.File, 256)
		for _, fd := range callers {
			cmd.ExtraFiles[fd-3] = dir
		}
		if r := h.exec(cmd); strings.Contains(r.Stdout, watched) || r.Status != 0 {
			h.t.Errorf("who enters has %v", r)
		}
		s.stop()
	})
}

// TestStarting checks that a tool that needs a subhost that is still starting is refused,
// or waits and reports that the subhost was stopped. Stopping the subhost must work.
func TestStarting(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.slow("starts")
		b := s.begin()
		if r := s.run("overlay-boot", s.Conf); r.Status == 0 || !othersTurn.MatchString(r.Stderr) {
			h.t.Errorf("another boot: %v", r)
		}
		others := make(chan sandbox.Result)
		for _, cmd := range []*exec.Cmd{s.enter("echo inside"),
			s.engine.Command("overlay-share", bases, "starts")} {
			go func() {
				r, err := runLimited(cmd)
				if err != nil {
					h.t.Error(err)
				}
				others <- r
			}()
		}
		h.pause(200)
		if r := s.run("overlay-stop", s.Conf); r.Status != 0 {
			h.t.Errorf("overlay-stop: %v", r)
		}
		for range 2 {
			r := <-others
			if r.Status == 0 || reason(r) == "" || strings.Contains(r.Stdout, "inside") {
				h.t.Errorf("who came too early: %v", r)
			}
		}
		b.end(patience)
		s.quickly()
		s.afterwards()
	})
}

// TestMemfdNoexec checks that a subhost boots, is entered and stops with each value of the
// hardening setting vm.memfd_noexec.
func TestMemfdNoexec(t *testing.T) {
	for _, value := range []string{"0", "1", "2"} {
		t.Run(value, func(t *testing.T) {
			onHost(t, func(h *host) {
				const setting = "/proc/sys/vm/memfd_noexec"
				if err := os.WriteFile(setting, []byte(value), 0o644); err != nil {
					kit.Cannot(h.t, "no such setting for a pid namespace: %v", err)
				}
				s := h.subhost("memfd", minimal)
				s.alive(s.boot())
				s.stop()
			})
		})
	}
}

// TestNobodyListens checks that a boot succeeds, or is refused and says so, even if its
// output is read only in part or not at all, or if it may write no files.
func TestNobodyListens(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("unheard", "CABLES= =\nSTART= none\n")
		for _, script := range []string{"overlay-boot %s 2>&1 | :", "overlay-boot %s 2>&1 | head -n 1",
			"ulimit -c 0; ulimit -f 0; overlay-boot %s"} {
			cmd := s.engine.Command("overlay-sh", "-c", "set -o pipefail\n"+fmt.Sprintf(script, s.Conf))
			r := s.exec(cmd)
			_, up := sandbox.Find(s.Name)
			if up != (r.Status == 0) {
				h.t.Errorf("%s: runs %v, %v", script, up, r)
			}
			if up {
				s.stop()
			}
			h.clean()
		}
	})
}
