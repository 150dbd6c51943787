package testsuite

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

// TestInheritedFiles checks that no process of a subhost inherits the caller's descriptors,
// and that none of their numbers disturbs a boot.
func TestInheritedFiles(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("open", minimal)
		secret := filepath.Join(s.Dir, "secret")
		must(h.t, os.Mkdir(secret, 0o755))
		dir, err := os.Open(secret)
		must(h.t, err)
		defer dir.Close()
		const last = 64
		files := make([]*os.File, last-2) // for descriptors 3 to last
		for _, one := range []int{3, 4, 5, 6, 7, 8, 9, 10, 20, 21, 30, last, 0} {
			clear(files)
			for i := range files {
				if one == 0 || one == i+3 { // 0 stands for all
					files[i] = dir
				}
			}
			s.bootsWithout(secret, one, files, s.engine.Command("overlay-boot", s.Conf))
		}
		for _, script := range []string{"overlay-boot %s", "exec overlay-boot %s",
			"overlay-boot %s &\nwait $!",
			"PATH=/nosuch\noverlay-boot %s"} {
			script = fmt.Sprintf(script, s.Conf)
			s.bootsWithout(secret, 0, files, s.engine.Command("overlay-sh", "-c", script))
		}
	})
}

// bootsWithout boots with a folder open, and looks for it in other processes afterwards.
func (s *subhost) bootsWithout(secret string, open int, files []*os.File, cmd *exec.Cmd) {
	s.t.Helper()
	cmd.ExtraFiles = files
	tree := s.running(s.exec(cmd))
	checkTree(s.t, s, tree)
	for _, p := range holders(s.t, secret) {
		s.t.Errorf("%q, open as %d: %s has it still", cmd.Args, open, p)
	}
	number := strconv.Itoa(max(open, 3))
	if got := s.says("ls /proc/[0-9]*/fd/" + number + "/. 2>/dev/null"); got != "" {
		s.t.Errorf("%q, open as %d: seen inside: %s", cmd.Args, open, got)
	}
	s.stop()
	s.gone()
}

// holders lists the descriptors of other processes that lead to a file.
func holders(t *testing.T, file string) (list []string) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	must(t, err)
	own := "/proc/" + strconv.Itoa(os.Getpid()) + "/"
	for _, link := range links {
		if to, _ := os.Readlink(link); to == file && !strings.HasPrefix(link, own) {
			list = append(list, link)
		}
	}
	return list
}

// TestFilesOfOtherScripts checks that a user's script set sees the inherited descriptors,
// as under another shell.
func TestFilesOfOtherScripts(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("keep", minimal)
		set := filepath.Dir(s.Write("set/overlay-boot", "#!/bin/sh\nreadlink /proc/self/fd/5\n"))
		for _, args := range [][]string{{"--scripts", set}, {"--scripts=" + set}} {
			cmd := h.engine.Command("overlay-boot", append(args, s.Conf)...)
			file, err := os.Open(s.Conf)
			must(h.t, err)
			cmd.ExtraFiles = []*os.File{2: file}
			if r := h.exec(cmd); r.Stdout != s.Conf+"\n" {
				h.t.Errorf("%q: %v", args, r)
			}
			must(h.t, file.Close())
		}
	})
}

// TestMemfdNoexec boots and stops with each value of vm.memfd_noexec, the kernel's setting
// for programs in memory. A sandbox has a setting of its own, which can only be raised.
func TestMemfdNoexec(t *testing.T) {
	onHost(t, func(h *host) {
		const setting = "/proc/sys/vm/memfd_noexec"
		if _, err := os.Stat(setting); err != nil {
			kit.Cannot(h.t, "%v (Linux 6.3)", err)
		}
		s := h.subhost("noexec", minimal)
		for _, value := range []string{"0", "1", "2"} {
			if err := os.WriteFile(setting, []byte(value), 0); err != nil {
				h.t.Logf("%s is higher already: %v", setting, err)
				continue
			}
			tree := s.boot()
			checkTree(h.t, s, tree)
			if got := s.says("tr '\\0' ' ' </proc/1/cmdline"); got != "/.reaper noexec" {
				h.t.Errorf("memfd_noexec=%s: pid 1 inside is %q", value, got)
			}
			if got := s.says("cat /proc/[0-9]*/comm | grep dummy"); got != "dummy_service" {
				h.t.Errorf("memfd_noexec=%s: the service is %q", value, got)
			}
			s.stop()
			s.gone()
		}
	})
}

// TestOneSetForABoot checks that a boot is refused if natives that embedded scripts need to
// find each other are turned off. The system's tools of these names must not stand in.
func TestOneSetForABoot(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("mixed", minimal)
		for _, off := range []string{"none", "ip,unshare", "realpath"} {
			for _, tool := range []string{"overlay-boot", "overlay-stop"} {
				cmd := s.engine.Command(tool, s.Conf)
				cmd.Env = append(cmd.Environ(), "OVERLAY_NATIVES="+off)
				r := s.exec(cmd)
				if r.Status != 2 || r.Stdout != "" || strings.Count(r.Stderr, "\n") != 1 ||
					!strings.Contains(r.Stderr, "--export-scripts") {
					h.t.Errorf("OVERLAY_NATIVES=%s %s: %v", off, tool, r)
				}
			}
		}
		set := filepath.Join(s.Dir, "set")
		if r := h.run("overlay-boot", "--export-scripts", set); r.Status != 0 {
			h.t.Fatalf("%v", r)
		}
		cmd := s.engine.Command("overlay-boot", "--scripts", set, s.Conf)
		cmd.Env = append(cmd.Environ(), "OVERLAY_NATIVES=none")
		s.running(s.exec(cmd))
		s.stop()
		s.gone()
	})
}

// holdsProgram is an INIT that gives a service, as its standard input, the program that pid
// 1 runs at first.
const holdsProgram = `#!/bin/sh
echo 'readlink /proc/1/exe > /etc/program'
echo 'sleep 1000 < /proc/1/exe &'
echo 'exec /.reaper held'
`

// TestProgramIsNotWritable plays root inside a subhost who keeps the host's program open
// until nobody executes it any more, and then opens it for writing (CVE-2019-5736). It
// tries the program of pid 1 at the start, and that of a process that enters.
func TestProgramIsNotWritable(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("held", minimal)
		s.Configure(minimal + "INIT=" + s.Write("init.sh", holdsProgram))
		bin := filepath.Join(s.Dir, "bin")
		h.sh("mkdir " + bin + "; cp -L " + filepath.Join(h.engine.Dir, "overlay-boot") + " " + bin +
			"; ln -s overlay-boot " + bin + "/overlay-go")
		s.running(s.exec(withPathOf(exec.Command(filepath.Join(bin, "overlay-boot"), s.Conf),
			h.engine)))
		held := []*os.File{openHeld(h.t), openEntering(h.t, withPathOf(
			exec.Command(filepath.Join(bin, "overlay-go"), s.Name), h.engine))}
		s.stop()
		s.gone()
		var want unix.Stat_t
		must(h.t, unix.Stat(filepath.Join(bin, "overlay-boot"), &want))
		for i, f := range held {
			var got unix.Stat_t
			must(h.t, unix.Fstat(int(f.Fd()), &got))
			if got.Ino != want.Ino {
				h.t.Errorf("%d: what is held is not the program", i)
			}
			name := "/proc/self/fd/" + strconv.Itoa(int(f.Fd()))
			again, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
			if !errors.Is(err, unix.EROFS) {
				h.t.Errorf("%d: the program can be opened for writing: %v", i, err)
			}
			again.Close()
			f.Close()
		}
	})
}

// openEntering runs overlay-go and opens its program once it has started a process inside.
func openEntering(t *testing.T, cmd *exec.Cmd) *os.File {
	t.Helper()
	stdin, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	_, err = stdin.Write([]byte("echo inside\n"))
	must(t, err)
	_, err = out.Read(make([]byte, 1)) // now it is inside
	must(t, err)
	f, err := os.Open("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/exe")
	must(t, err)
	must(t, stdin.Close())
	must(t, cmd.Wait())
	return f
}

func withPathOf(cmd *exec.Cmd, e sandbox.Engine) *exec.Cmd {
	cmd.Env = e.Command("overlay-boot").Environ()
	return cmd
}

// openHeld opens the file that the service has as its standard input.
func openHeld(t *testing.T) *os.File {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	must(t, err)
	for _, dir := range dirs {
		if args, _ := os.ReadFile(dir + "/cmdline"); string(args) == "sleep\x001000\x00" {
			f, err := os.Open(dir + "/fd/0")
			must(t, err)
			return f
		}
	}
	t.Fatal("the service does not run")
	return nil
}

// TestInitBecomesScript checks that a boot notices when pid 1 has become a script, or sh with a
// text, by arguments longer than those of the shell that read what INIT printed.
func TestInitBecomesScript(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("long", "CABLES=\nSTART= none\nDROP= sys_resource\nINIT= ./says\n")
		s.Script("root/etc/my-own-script-with-a-long-name", "while : ; do sleep 1 ; done")
		for last, want := range map[string]string{
			"exec /etc/my-own-script-with-a-long-name": "/bin/sh /etc/my-own-script-with-a-long-name",
			`exec /bin/sh -c "sleep 100d ; exit 0"`:    "/bin/sh -c sleep 100d ; exit 0",
		} {
			s.Script("says", "cat <<'E'\n"+last+"\nE")
			cmd := h.engine.Command("timeout", "-k", "1", "60", "overlay-boot", s.Conf)
			cmd.Path, _ = exec.LookPath("timeout")
			r := h.exec(cmd)
			if r.Status != 0 {
				h.t.Fatalf("%s: %v\n%s", last, r, s.Story())
			}
			pid, _, _ := strings.Cut(recorded("long", "INIT"), " ")
			text, _ := os.ReadFile("/proc/" + pid + "/cmdline")
			if got := strings.TrimSuffix(strings.ReplaceAll(string(text), "\x00", " "), " "); got != want {
				h.t.Errorf("%s: pid 1 shows %q", last, got)
			}
			s.stop()
			s.gone()
		}
	})
}
