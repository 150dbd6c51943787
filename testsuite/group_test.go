package testsuite

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/sandbox"
)

// groupRows use "in_group COMMAND...", which starts a command in the cgroup $G. Each ends
// by printing the shell's own cgroup, which must not have changed.
var groupRows = []string{
	"in_group cat /proc/self/cgroup",
	"in_group sh -c 'exit 3'; echo $?",
	"in_group sh -c 'kill -TERM $$'; echo $?",
	"in_group sh -c 'cat /proc/$$/cgroup; sleep 0.1 & cat /proc/$!/cgroup; wait'",
	"in_group env A=1 sh -c 'echo $A; cat /proc/self/cgroup'",
	"in_group nice -n 3 cat /proc/self/cgroup",
	"in_group unshare -fp --mount-proc grep -c . /proc/self/cgroup",
	"in_group setsid -w cat /proc/self/cgroup",
	"in_group cat /proc/self/cgroup | cat",
	"echo x | in_group cat",
	"x=$(in_group cat /proc/self/cgroup); echo \"$x\"",
	"(in_group cat /proc/self/cgroup)",
	"in_group cat /proc/self/cgroup >f; cat f; rm f",
	"in_group sleep 0.4 & sleep 0.1; cat /proc/$!/cgroup; wait $!; echo $?",
	"cd /; in_group cat proc/self/cgroup",
	"in_group true; echo $?; cat $G/cgroup.procs",
}

// TestGroup checks that overlay-group starts a command in a cgroup as a shell does that
// moves there and then executes the command.
func TestGroup(t *testing.T) {
	onHost(t, func(h *host) {
		group := filepath.Join(sandbox.CgroupRoot, "tested")
		must(h.t, os.Mkdir(group, 0o755))
		shell := filepath.Join(h.engine.Dir, "overlay-sh")
		for _, row := range groupRows {
			h.t.Run(row, func(t *testing.T) {
				want := grouped(t, "dash", group, `sh -c 'echo $$ >"$G/cgroup.procs"; exec "$@"' sh "$@"`, row)
				got := grouped(t, shell, group, `overlay-group "$G" "$@"`, row)
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("-a shell that goes there +overlay-group:\n%s", d)
				}
			})
		}
		h.groupRefused(shell, group)
		if !sandbox.Until(func() bool { return os.Remove(group) == nil }) {
			text, _ := os.ReadFile(group + "/cgroup.procs")
			h.t.Errorf("still in the group: %q", text)
		}
	})
}

// grouped runs a row with a shell; inGroup is the body of in_group.
func grouped(t *testing.T, shell, group, inGroup, row string) sandbox.Result {
	t.Helper()
	cmd := exec.Command(shell, "-c",
		"in_group() { "+inGroup+"; }\ncd /tmp\n"+row+"\ncat /proc/$$/cgroup")
	cmd.Env = append(os.Environ(), "G="+group, "PATH="+sandbox.Path)
	r, err := sandbox.Exec(cmd)
	must(t, err)
	return r
}

// groupRefused checks the messages about a directory that is no cgroup and about a command
// that cannot be executed.
func (h *host) groupRefused(shell, group string) {
	h.t.Helper()
	for _, r := range []struct {
		args, stderr string
		status       int
	}{
		{"", "usage: overlay-group [--inside] DIR COMMAND [ARG...]", 2},
		{"G", "usage: overlay-group [--inside] DIR COMMAND [ARG...]", 2},
		{"--inside G", "usage: overlay-group [--inside] DIR COMMAND [ARG...]", 2},
		{"--inside /no/such true",
			"Cannot enter the control group /no/such: its limits do not hold\n", 0},
		{"/no/such true", "overlay-group: cannot use /no/such: No such file or directory", 1},
		{"/tmp true", "overlay-group: cannot use /tmp: No such file or directory", 1},
		{"/etc/passwd true", "overlay-group: cannot use /etc/passwd: Not a directory", 1},
		{"G no-such-command",
			"overlay-group: cannot execute no-such-command: No such file or directory", 127},
		{"G /tmp", "overlay-group: cannot execute /tmp: Permission denied", 126},
	} {
		args := strings.Replace(r.args, "G", group, 1)
		cmd := exec.Command(shell, "-c", "overlay-group "+args)
		cmd.Env = append(os.Environ(), "PATH="+sandbox.Path)
		got, err := sandbox.Exec(cmd)
		must(h.t, err)
		if got.Status != r.status || !strings.Contains(got.Stderr, r.stderr) {
			h.t.Errorf("overlay-group %s: %v, not %d %q", args, got, r.status, r.stderr)
		}
	}
}

// TestGoGroup checks that what overlay-go, READY and overlay-stop run inside is in the control
// group of the subhost, also in one that was there before the boot; that a command does not keep
// the group; and that a group that cannot be entered is told of, once.
func TestGoGroup(t *testing.T) {
	onEngines(t, func(h *host) {
		const config = "CABLES=\nSTART= /svc\nREADY= /svc ready\n"
		script := "echo $1 $(grep ^0: /proc/self/cgroup) >> /told"
		for _, existing := range []bool{false, true} {
			s := h.subhost("grouped", config)
			s.Script("root/svc", script)
			group := filepath.Join(sandbox.CgroupRoot, s.Name)
			if existing {
				must(h.t, os.Mkdir(group, 0o755))
			}
			s.boot()
			for _, option := range []string{"", "-u 5:5", "-C /etc"} {
				r := h.exec(s.goes(option, "grep ^0: /proc/self/cgroup"))
				h.status("overlay-go "+option, r, 0, "")
				if r.Stdout != "0::/\n" {
					h.t.Errorf("overlay-go %s: the group is %q", option, r.Stdout)
				}
			}
			cmd := s.engine.Command("overlay-go", s.Name)
			cmd.Stdin = strings.NewReader("grep ^0: /proc/self/cgroup\n")
			if r := h.exec(cmd); !strings.HasPrefix(r.Stdout, "0::/\n") {
				h.t.Errorf("a shell: %v", r)
			}
			c := s.begin("overlay-go", s.Name, "--", "sleep", "1000")
			h.awaitProcess("sleep")
			s.stop()
			_, _ = c.end()
			if got := s.Read("root/told"); got != "start 0::/\nready 0::/\nstop 0::/\n" {
				h.t.Errorf("the services were in %q", got)
			}
			must(h.t, os.Remove(filepath.Join(s.Dir, "root/told")))
			if existing {
				must(h.t, os.Remove(group))
			}
		}
		h.closedGroup()
	})
}

// closedGroup makes the group of a subhost one that nothing can enter.
func (h *host) closedGroup() {
	h.t.Helper()
	s := h.subhost("closed", minimal)
	s.boot()
	h.sh("mount -o remount,bind,ro " + sandbox.CgroupRoot)
	r := h.exec(s.goes("-u root", "echo here"))
	h.sh("mount -o remount,bind,rw " + sandbox.CgroupRoot)
	if r.Status != 0 || r.Stdout != "here\n" || strings.Count(r.Stderr, "\n") != 1 ||
		!strings.HasPrefix(r.Stderr, "Cannot enter the control group /sys/fs/cgroup/closed") {
		h.t.Errorf("a group that cannot be entered: %v", r)
	}
	s.stop()
}
