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

	"overlayboot/compat/sandbox"
)

func (h *host) pause(milliseconds int) {
	time.Sleep(time.Duration(milliseconds) * time.Millisecond)
}

// busy starts processes that only take time; what it returns ends them.
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

// slow is a subhost whose boot takes so long that something can happen to it: PREMOUNT
// makes a file and waits.
func (h *host) slow(name string) *subhost {
	h.t.Helper()
	s := h.subhost(name, minimal+"PREMOUNT="+bases+"/"+name+"/slow\n")
	s.script("slow", "[ -e "+s.base+"/quick ] && exit\n: > "+s.base+"/waits\nexec sleep 30")
	return s
}

// A booting is a boot that is under way.
type booting struct {
	*subhost
	cmd  *exec.Cmd
	ends chan sandbox.Result
}

// begin boots and returns when PREMOUNT waits.
func (s *subhost) begin() *booting {
	s.t.Helper()
	// Whoever runs the tests may ignore signals.
	cmd := s.engine.Command("overlay-boot", s.conf)
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
			r.Status = 128 + int(ws.Signal()) // as the caller's shell has it
		}
		b.ends <- r
	}()
	s.exists(s.base + "/waits")
	must(s.t, os.Remove(s.base+"/waits"))
	return b
}

// end waits for the end of the boot, which must come soon, and judges it.
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

// quickly makes the boots from here on quick.
func (s *subhost) quickly() {
	s.t.Helper()
	must(s.t, os.WriteFile(s.base+"/quick", nil, 0o644))
}

// TestSignals: a signal ends a boot that is under way, and nothing is left.
func TestSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT,
		unix.SIGUSR1, unix.SIGUSR2, unix.SIGPIPE, unix.SIGALRM, unix.SIGXCPU, unix.SIGXFSZ} {
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

// supervisor is the part of a boot that runs in the background.
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

// TestKilledSupervisor: whoever waits for it cleans up.
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

// ofBoot tells whether a process is a part of a boot, or of what one has left.
func ofBoot(p sandbox.Process) bool { return p.Comm == "overlay-boot" }

// TestKilledBoth: where nobody is left to clean up, the next boot does, and so does the
// next stop.
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
					s.run("overlay-stop", s.conf)
				}
				s.clean()
			})
		})
	}
}

// TestKilledWhileRunning: as TestKilledBoth, for a subhost that ran.
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

// terminals opens a pseudo-terminal.
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

// onTerminal makes a command the leader of the session of a terminal.
func onTerminal(cmd *exec.Cmd, slave *os.File) *exec.Cmd {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	return cmd
}

// TestTerminalCloses: a subhost outlives the terminal that it was booted from, and a boot
// during which that closes is over, or goes on.
func TestTerminalCloses(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("tty", minimal)
		master, slave := h.terminal()
		cmd := onTerminal(exec.Command("/bin/sh", "-c", tools+"/overlay-boot "+s.conf+"; : > "+
			s.base+"/done; sleep 20"), slave)
		cmd.Env = append(os.Environ(), h.engine.Env...)
		must(h.t, cmd.Start())
		h.exists(s.base + "/done")
		must(h.t, slave.Close())
		must(h.t, master.Close())
		_ = cmd.Wait()
		h.pause(300)
		tree, runs := sandbox.Find("tty")
		if !runs {
			h.t.Fatalf("it ended with the terminal\n%s", s.story())
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
		cmd := onTerminal(h.engine.Command("overlay-boot", s.conf), slave)
		must(h.t, cmd.Start())
		h.exists(s.base + "/waits")
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

// TestTyping: nobody inside types into the administrator's terminal, neither a service of
// a subhost booted from there nor a shell entered from there.
func TestTyping(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("types", "CABLES=\nSTART= /service\n")
		const typed = "touch " + watched + "/typed"
		must(h.t, os.WriteFile(s.base+"/typed", []byte(typed+"\n"), 0o644))
		attack := attackInside(`"` + typed + "\n" + `"`)
		attack = strings.Replace(attack, ` - `, ` - type `, 1)
		s.script("root/service", attack+" > /said 2>&1\nsleep 1000 &")
		s.script("root/go", attack+" > /went 2>&1")

		master, slave := h.terminal()
		// The shell that the administrator has on the terminal.
		cmd := onTerminal(exec.Command("/bin/sh", "-c", tools+"/overlay-boot "+s.conf+
			"; : > "+s.base+"/up; "+tools+"/overlay-go types; : > "+s.base+"/back"+
			"; while read LINE ; do eval \"$LINE\" ; done"), slave)
		cmd.Env = append(os.Environ(), h.engine.Env...)
		must(h.t, cmd.Start())
		must(h.t, slave.Close())
		go func() { // what is on the screen
			b := make([]byte, 4096)
			for {
				if _, err := master.Read(b); err != nil {
					return
				}
			}
		}()
		h.exists(s.base + "/up")
		_, err := master.WriteString("/go; exit\n")
		must(h.t, err)
		h.exists(s.base + "/back")
		h.pause(200)
		tree := s.booted(sandbox.Result{})
		if said := s.read("root/said"); said != "" {
			h.t.Errorf("a service: %s", said)
		}
		if s.read("root/went") == "" {
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

// noTerminal sees that no process of a subhost has one of the host's terminals.
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

// openFiles are the descriptors of a process and what they lead to.
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

// callers are descriptors that whoever boots may have open.
var callers = [...]int{3, 4, 5, 6, 7, 8, 9, 10, 30, 60, 251}

// TestDescriptors: what the caller has open is in nobody's way, and open to nobody inside.
func TestDescriptors(t *testing.T) {
	onHost(t, func(h *host) {
		dir, err := os.Open(watched)
		must(h.t, err)
		defer dir.Close()
		s := h.subhost("fds", "CABLES= =\nSTART= /service\n")
		s.script("root/service", "sleep 1000 & :")
		sets := [][]int{callers[:]}
		for _, fd := range callers {
			sets = append(sets, []int{fd})
		}
		for _, set := range sets {
			cmd := h.engine.Command("overlay-boot", s.conf)
			cmd.ExtraFiles = make([]*os.File, 256)
			for _, fd := range set {
				cmd.ExtraFiles[fd-3] = dir
			}
			r := h.exec(cmd)
			if r.Status != 0 {
				h.t.Errorf("with %d open: %v\n%s", set, r, s.story())
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

// TestDescriptorsOfWhoEnters: as TestDescriptors, for overlay-go.
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

// TestStarting: who wants into a subhost that is still starting is refused, or waits and
// learns that it was stopped; and stopped it can be.
func TestStarting(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.slow("starts")
		b := s.begin()
		if r := s.run("overlay-boot", s.conf); r.Status == 0 || !othersTurn.MatchString(r.Stderr) {
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
		if r := s.run("overlay-stop", s.conf); r.Status != 0 {
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

// TestMemfdNoexec: with each setting by which a machine is hardened a subhost boots, is
// entered and stops.
func TestMemfdNoexec(t *testing.T) {
	for _, value := range []string{"0", "1", "2"} {
		t.Run(value, func(t *testing.T) {
			onHost(t, func(h *host) {
				const setting = "/proc/sys/vm/memfd_noexec"
				if err := os.WriteFile(setting, []byte(value), 0o644); err != nil {
					h.t.Skipf("this kernel has no such setting for a pid namespace: %v", err)
				}
				s := h.subhost("memfd", minimal)
				s.alive(s.boot())
				s.stop()
			})
		})
	}
}

// TestNobodyListens: who reads only the start of what a boot says, or nothing of it, has
// the boot or has it refused; likewise who may write no files.
func TestNobodyListens(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("unheard", "CABLES= =\nSTART= none\n")
		for _, script := range []string{"overlay-boot %s 2>&1 | :", "overlay-boot %s 2>&1 | head -n 1",
			"ulimit -c 0; ulimit -f 0; overlay-boot %s"} {
			cmd := s.engine.Command("overlay-sh", "-c", "set -o pipefail\n"+fmt.Sprintf(script, s.conf))
			r := s.exec(cmd)
			_, up := sandbox.Find(s.name)
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
