package testsuite

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"overlayboot/compat/sandbox"
)

// withPidFile is a call of overlay-boot for a subhost, with OVERLAY_PIDFILE.
func (s *subhost) withPidFile(file string) *exec.Cmd {
	cmd := s.engine.Command("overlay-boot", s.Conf)
	cmd.Env = append(cmd.Environ(), "OVERLAY_PIDFILE="+file)
	cmd.Dir = s.Dir
	return cmd
}

// inPidFile returns the process number in a file, 0 if there is none.
func inPidFile(file string) (pid int) {
	text, _ := os.ReadFile(file)
	pid, _ = strconv.Atoi(strings.TrimSuffix(string(text), "\n"))
	return pid
}

// TestPidFile checks what is in the file, and that what others have put there since stays.
func TestPidFile(t *testing.T) {
	onEngines(t, func(h *host) {
		s := h.subhost("pid", "CABLES=\nSTART= none\n")
		for _, file := range []string{s.Dir + "/pid", "pid", "./root/../pid"} {
			for _, before := range []string{"", "99999", "1\n"} {
				if before != "" {
					s.Write("pid", before)
				}
				tree := s.running(s.exec(s.withPidFile(file)))
				if got := s.Read("pid"); got != fmt.Sprintln(tree.Supervisor.Pid) {
					h.t.Errorf("%s: %q, the supervisor is %d", file, got, tree.Supervisor.Pid)
				}
				s.stop()
				s.gone()
				if text, err := os.ReadFile(s.Dir + "/pid"); err == nil {
					h.t.Errorf("%s: %q is left", file, text)
				}
			}
		}
		for _, planted := range []string{"echo 1 > pid", "mkdir pid", "ln -s kept pid",
			"mknod pid c 1 7"} {
			s.running(s.exec(s.withPidFile("pid")))
			h.sh("cd " + s.Dir + "; rm pid; echo 1 > kept; " + planted)
			s.stop()
			s.gone()
			h.sh("cd " + s.Dir + "; [ -e pid ] && [ -e kept ] && rm -r pid")
		}
	})
}

// TestPidFileRefused checks what OVERLAY_PIDFILE cannot be, and that it stays as it is.
func TestPidFileRefused(t *testing.T) {
	onEngines(t, func(h *host) {
		s := h.subhost("pid", "CABLES=\nSTART= none\n")
		h.sh("cd " + s.Dir + "; mknod full c 1 7; mkfifo pipe; mkdir dir; echo some text > text; " +
			"echo 5 > number; ln -s number link; ln -s nowhere broken; echo 7 > theirs; chown 12 theirs")
		h.snap()
		before := h.sh("cd " + s.Dir + "; ls -lA; cat text number theirs")
		for file, says := range map[string]string{
			"full": "is not a regular file", "pipe": "is not a regular file", "dir": "is not a regular file",
			"text": "has no process number", "link": "is a symbolic link", "broken": "is a symbolic link",
			"theirs": "belongs to another user", "no/pid": s.Dir + "/no/ is not a directory",
			"/proc/pid": "no file can be made in /proc/",
		} {
			want := "OVERLAY_PIDFILE=" + s.Dir + "/" + file
			if strings.HasPrefix(file, "/") {
				want = "OVERLAY_PIDFILE=" + file
			}
			r := s.exec(s.withPidFile(file))
			if r.Status != 1 || !strings.Contains(r.Stderr, want) || !strings.Contains(r.Stderr, says) {
				h.t.Errorf("%s: %v", file, r)
			}
			h.clean()
		}
		if after := h.sh("cd " + s.Dir + "; ls -lA; cat text number theirs"); after != before {
			h.t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
		cmd := s.withPidFile("number")
		cmd.Args = append(cmd.Args, s.Conf)
		h.status("two", s.exec(cmd), 1, "is for one subhost")
	})
}

// TestPidFileRestart checks that the file names a process that lives until all is over, also in the
// pauses of RESTART, and that it is gone then, however it ends.
func TestPidFileRestart(t *testing.T) {
	onEngines(t, func(h *host) {
		s := h.restarting("RESTART=always 2\n", "exit 3")
		file := s.Dir + "/pid"
		lives := func(key string) {
			h.t.Helper()
			pid, _, _ := strings.Cut(recorded("again", key), " ")
			if got := inPidFile(file); strconv.Itoa(got) != pid {
				h.t.Errorf("the file has %d, %s is %q", got, key, pid)
			}
		}
		for _, end := range []string{"pause", "second pause", "fails", "no file", "killed"} {
			tree := s.running(s.exec(s.withPidFile(file)))
			lives("SUPERVISOR")
			if end == "no file" {
				h.sh("mv " + s.Conf + " " + s.Conf + ".away")
			}
			s.ends(tree, "exit 3")
			if end != "no file" {
				s.awaits("STATE", "restarting")
				sandbox.Until(func() bool { return inPidFile(file) != 0 })
				lives("BOOTER")
			}
			switch end {
			case "no file":
				s.gone()
				h.sh("mv " + s.Conf + ".away " + s.Conf)
			case "pause":
				s.stop()
			case "second pause":
				h.sh("mv " + s.Dir + "/work " + s.Dir + "/away")
				s.awaits("RESTARTS", "2")
				lives("BOOTER")
				s.stop()
				h.sh("mv " + s.Dir + "/away " + s.Dir + "/work")
			case "fails":
				h.sh("mv " + s.Dir + "/work " + s.Dir + "/away")
				s.gone()
				h.sh("mv " + s.Dir + "/away " + s.Dir + "/work")
			case "killed":
				s.awaits("STATE", "running")
				lives("SUPERVISOR")
				s.stop()
			}
			s.gone()
			if text, err := os.ReadFile(file); err == nil {
				h.t.Errorf("%s: %q is left", end, text)
			}
		}
	})
}
