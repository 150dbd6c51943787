package testsuite

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"overlayboot/compat/sandbox"
)

// A goRow is a command that overlay-go runs in the subhost "go", with the words of options in
// front of the name. A ~ in a word stands for a blank.
type goRow struct {
	options, command string
	status           int
	stdout, stderr   string // patterns for the whole of each
}

// users are files of the subhost: the accounts differ from those of the host.
const users = `cat > root/etc/passwd <<'END'
root:x:0:0:root:/root:/bin/sh
app:x:4000:4001::/srv/app:/bin/app
bare:x:4005:4006
bad:x:1;id:4006::/:
wraps:x:4294967296:4006::/:
minus:x:4006:-1::/:
far:x:4006:4006::/:
END
printf '%s\n' root:x:0: mine:x:4001: more:x:4100:root,app less:x:4200:apps,ap \
    wrap:x:4294967296:far > root/etc/group
mkdir -p root/srv/app; ln -s /etc root/srv/link
`

var goRows = [...]goRow{
	{"", "echo a~~b *", 0, `a  b \*\n`, ``},
	{"", "sh -c echo~out;echo~err~>&2;exit~7", 7, `out\n`, `err\n`},
	{"", "sh -c kill~-9~$$", 137, ``, `(Killed\n)?`},
	{"", "no-such-command", 127, ``, `overlay-go: .*no-such-command: No such file.*\n`},
	{"", "/etc", 126, ``, `overlay-go: .*/etc: Permission denied\n`},
	{"", "-x", 127, ``, `overlay-go: .*-x: No such file.*\n`},
	{"", "A=b", 127, ``, `overlay-go: .*A=b.*: No such file.*\n`},
	{"-C /etc", "A=b", 127, ``, `.*A=b.*: No such file.*\n`},
	{"", "pwd", 0, `/\n`, ``},
	{"", "sh -c echo~$HOME~$USER~$SHELL~$container", 0, `/root overlay-boot\n`, ``},
	{"-C /srv/link", "/bin/pwd", 0, `/etc\n`, ``},
	{"-C srv/app", "/bin/pwd", 0, `/srv/app\n`, ``},
	{"--chdir=/no/such", "pwd", 125, ``, `overlay-go: cannot change directory to .*/no/such.*\n`},
	{"-C /etc/passwd", "pwd", 125, ``, `overlay-go: cannot change directory to .*\n`},
	{"-u app", "id", 0, `uid=4000\(app\) gid=4001\(mine\) groups=4001\(mine\),4100\(more\)\n`, ``},
	{"-u app -C /srv/app", "sh -c echo~$HOME~$USER~$LOGNAME~$SHELL~$PWD", 0,
		`/srv/app app app /bin/app /srv/app\n`, ``},
	{"--user 4000", "id -G", 0, `4001 4100\n`, ``},
	{"-u 4000:7", "sh -c id~-u;id~-G", 0, `4000\n7\n`, ``},
	{"-u 77", "sh -c id~-u;id~-G;echo~$HOME~${USER-unset}", 0, `77\n77\n/ unset\n`, ``},
	{"-u bare", "sh -c id~-u;id~-G;echo~$HOME~$SHELL", 0, `4005\n4006\n/ /bin/sh\n`, ``},
	{"-u root", "sh -c id~-G;echo~$USER~$HOME", 0, `0 4100\nroot /root\n`, ``},
	{"-u app", "grep CapEff /proc/self/status", 0, `CapEff:\t0+\n`, ``},
	{"-u daemon", "id", 1, ``, `go has no user daemon in its /etc/passwd\n`},
	{"-u bad", "id", 1, ``, `-u bad: 1;id and 4006 are not both numbers below 4294967295\n`},
	{"-u 4294967296", "id", 1, ``, `-u 4294967296: .* not both numbers below 4294967295\n`},
	{"-u 4294967295", "id", 1, ``, `-u 4294967295: .* not both numbers below 4294967295\n`},
	{"-u 18446744073709551616:0", "id", 1, ``, `-u 18446744073709551616:0: .* not both .*\n`},
	{"-u 5:4294967296", "id", 1, ``, `-u 5:4294967296: .* not both .*\n`},
	{"-u 0000000000077:00", "id -u", 0, `77\n`, ``},
	{"-u 4294967294", "id -u", 0, `4294967294\n`, ``},
	{"-u wraps", "id", 1, ``, `-u wraps: 4294967296 and 4006 are not both .*\n`},
	{"-u minus", "id", 1, ``, `-u minus: 4006 and -1 are not both .*\n`},
	{"-u far", "id -G", 0, `4006\n`, ``},
	{"-u app:users", "id", 1, ``, `-u app:users: .* are not both numbers below 4294967295\n`},
	{"-e A=1~~2 -e B -e NO_SUCH -e HOME=/h", `sh -c echo~"$A$B${NO_SUCH-unset}$HOME"`, 0,
		`1  2from outsideunset/h\n`, ``},
	{"-u app -e USER=other", "sh -c echo~$USER", 0, `other\n`, ``},
}

// TestGoCommand runs commands, and the shell, by overlay-go.
func TestGoCommand(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("go", minimal)
		h.sh("cd " + s.Dir + "; mkdir -p root/etc; " + users)
		s.boot()
		for _, r := range goRows {
			got := h.exec(s.goes(r.options, r.command))
			if got.Status != r.status || !whole(r.stdout).MatchString(got.Stdout) ||
				!whole(r.stderr).MatchString(got.Stderr) {
				h.t.Errorf("%s -- %s: %v\nwant %d %q %q", r.options, r.command, got, r.status, r.stdout,
					r.stderr)
			}
		}
		ended := exec.Command("/bin/true")
		must(h.t, ended.Run())
		cmd := exec.Command(h.engine.Dir+"/overlay-sh", "-c", fmt.Sprintf("overlay-terminal -s go -t %d "+
			"nsenter -t %[1]d -p -r true", ended.Process.Pid))
		if r := h.exec(cmd); r.Status != 1 || !strings.HasSuffix(r.Stderr, "go is not running\n") {
			h.t.Errorf("a subhost that has ended: %v", r)
		}
		cmd = s.engine.Command("overlay-go", "-u", "app", "-C", "/etc", "-e", "A=x", "go")
		cmd.Stdin = strings.NewReader("id -u; pwd; echo $A $HOME; exit 3\n")
		if r := h.exec(cmd); r.Status != 3 || r.Stdout != "4000\n/etc\nx /srv/app\ndone\n" {
			h.t.Errorf("a shell with options: %v", r)
		}
		master, slave := terminal(h.t)
		got := atTerminal(h.t, s.goes("-u app", "sh -c echo~mine~>$(tty)"), master, slave, "")
		if got != "mine\r\n" {
			h.t.Errorf("the terminal of a user: %q", got)
		}
		s.stop()
	})
}

func whole(pattern string) *regexp.Regexp { return regexp.MustCompile("^(?:" + pattern + ")$") }

// goes returns overlay-go with these options and this command.
func (s *subhost) goes(options, command string) *exec.Cmd {
	words := strings.Fields(options + " " + s.Name + " -- " + command)
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, "~", " ")
	}
	cmd := s.engine.Command("overlay-go", words...)
	cmd.Env = append(cmd.Environ(), "B=from outside", "HOME=/outside")
	return cmd
}

// TestGoHostileFiles checks that overlay-go -u bounds what it reads of the subhost's files.
func TestGoHostileFiles(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("go", minimal)
		h.sh("cd " + s.Dir + "; mkdir -p root/etc; " + users)
		s.boot()
		for _, file := range []string{"passwd", "group"} {
			for _, hostile := range []string{"ln -s /dev/zero $F", "truncate -s 2G $F", "mkfifo $F",
				"yes app:x:1:2:app | head -c 2000000 > $F"} {
				s.quietly("cd /etc; F=" + file + "; mv $F kept; " + hostile)
				got := h.exec(s.goes("-u app", "id"))
				want := "/etc/" + file + " of go has more than 1 MiB, or cannot be read in 5 seconds; " +
					"-u UID:GID needs no file\n"
				if got.Status != 1 || got.Stdout != "" || !whole(want).MatchString(got.Stderr) {
					h.t.Errorf("%s: %s: %v", file, hostile, got)
				}
				if h.engine.Name != "ours" {
					continue // the subhost's setpriv reads the files itself
				}
				if got := h.exec(s.goes("-u 7:8", "true")); got.Status != 0 {
					h.t.Errorf("a number: %v", got)
				}
				s.quietly("cd /etc; F=" + file + "; rm $F; mv kept $F")
			}
		}
		s.stop()
	})
}

// quietly runs a script inside by a shell that reads no accounts.
func (s *subhost) quietly(script string) {
	s.t.Helper()
	s.status(script, s.run("overlay-go", s.Name, "--", "sh", "-ec", script), 0, "")
}

// TestGoBytes passes ten million bytes of all values in and out.
func TestGoBytes(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("bytes", minimal)
		s.boot()
		data := make([]byte, 10<<20)
		for i := range data {
			data[i] = byte(i*i>>8 ^ i)
		}
		cmd := s.goes("", "cat")
		cmd.Stdin = bytes.NewReader(data)
		sum := sha256.New()
		cmd.Stdout = sum
		must(h.t, cmd.Run())
		if want := sha256.Sum256(data); !bytes.Equal(sum.Sum(nil), want[:]) {
			h.t.Error("other bytes came back")
		}
		cmd = s.goes("", "sh -c exec~<&-;exit~5")
		cmd.Stdin = bytes.NewReader(data)
		if r := h.exec(cmd); r.Status != 5 {
			h.t.Errorf("a command that closes its input: %v", r)
		}
		h.readsOne(s.goes("", "yes"), 141)
		s.stop()
	})
}

// readsOne reads one byte of the output of a command and closes it. The command must end with
// this status.
func (h *host) readsOne(cmd *exec.Cmd, want int) {
	h.t.Helper()
	r, w, err := os.Pipe()
	must(h.t, err)
	cmd.Stdout = w
	must(h.t, cmd.Start())
	w.Close()
	_, err = io.ReadFull(r, make([]byte, 1))
	must(h.t, err)
	r.Close()
	_ = cmd.Wait()
	if got := statusOf(cmd); got != want {
		h.t.Errorf("status %d when nobody reads any more, want %d", got, want)
	}
}

// statusOf returns the status of a command that has ended, as a shell shows it.
func statusOf(cmd *exec.Cmd) int {
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		return 128 + int(status.Signal())
	}
	return cmd.ProcessState.ExitCode()
}

// TestGoSignals sends signals to overlay-go: the command gets them, and its status counts.
func TestGoSignals(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("signals", minimal)
		s.boot()
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
			for command, want := range map[string]int{
				"exec~sleep~1000": 128 + int(sig),
				"trap~:~1~2~15;sleep~1000;sleep~0.1;exit~9": 9,
			} {
				cmd := s.goes("", "sh -c echo~up;"+command)
				out, err := cmd.StdoutPipe()
				must(h.t, err)
				must(h.t, cmd.Start())
				_, err = io.ReadFull(out, make([]byte, 3))
				must(h.t, err)
				h.awaitProcess("sleep")
				must(h.t, cmd.Process.Signal(sig))
				_ = cmd.Wait()
				if got := statusOf(cmd); got != want {
					h.t.Errorf("%v, %s: status %d, want %d", sig, command, got, want)
				}
			}
		}
		s.stop()
	})
}

// awaitProcess waits until a process of that name runs.
func (h *host) awaitProcess(comm string) {
	h.t.Helper()
	if !sandbox.Until(func() bool {
		return slices.ContainsFunc(sandbox.Processes(), func(p sandbox.Process) bool {
			return p.Comm == comm
		})
	}) {
		h.t.Errorf("no process %s", comm)
	}
}

// TestGoBackground checks that what a command leaves in the background lives on in the subhost,
// and that a command has a terminal exactly where the caller has one.
func TestGoBackground(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("back", minimal)
		s.boot()
		r := h.exec(s.goes("", "sh -c sleep~1000~>/dev/null~2>&1~&~echo~$!;tty"))
		if r.Status == 0 || !strings.HasSuffix(r.Stdout, "\nnot a tty\n") {
			h.t.Errorf("without a terminal: %v", r)
		}
		pid, _, _ := strings.Cut(r.Stdout, "\n")
		if got := s.says("cat /proc/" + pid + "/comm"); got != "sleep" {
			h.t.Errorf("in the background: %q", got)
		}
		master, slave := terminal(h.t)
		cmd := s.goes("", "sh -c tty;exit~4")
		if got := atTerminal(h.t, cmd, master, slave, ""); got != "/dev/pts/0\r\n" ||
			cmd.ProcessState.ExitCode() != 4 {
			h.t.Errorf("on a terminal: %q, %v", got, cmd.ProcessState)
		}
		s.stop()
	})
}
