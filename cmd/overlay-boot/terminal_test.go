package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// An administrator holds the master side of a terminal on which the program runs.
type administrator struct {
	t      *testing.T
	master int
	slave  *os.File
	cmd    *exec.Cmd
	ended  chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
}

// sitDown opens a terminal and runs a script on it. The names overlay-terminal and sh in
// the script mean the program under test.
func sitDown(t *testing.T, script string) *administrator {
	t.Helper()
	return sitDownAt(t, programAs(t, "sh"), "-c", script)
}

func sitDownAt(t *testing.T, program string, args ...string) *administrator {
	t.Helper()
	a := &administrator{t: t, ended: make(chan struct{})}
	a.openTerminal()
	a.cmd = exec.Command(program, args...)
	a.cmd.Dir = t.TempDir()
	a.cmd.Stdin, a.cmd.Stdout, a.cmd.Stderr = a.slave, a.slave, a.slave
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	a.cmd.Env = []string{"PATH=" + filepath.Dir(programAs(t, "overlay-terminal")) +
		":/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "PS1=<ps1> ", "HELPER=" + helper(t)}
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = a.cmd.Wait()
		close(a.ended)
	}()
	go a.look()
	t.Cleanup(a.leave)
	return a
}

func (a *administrator) openTerminal() {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		kit.Missing(a.t, "a pseudo-terminal: %v", err)
	}
	a.master = fd
	name := ""
	if err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err == nil {
		var n int
		n, err = unix.IoctlGetInt(fd, unix.TIOCGPTN)
		name = fmt.Sprintf("/dev/pts/%d", n)
	}
	if err == nil {
		a.slave, err = os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *administrator) look() {
	buf := make([]byte, 1<<16)
	for {
		n, err := unix.Read(a.master, buf)
		if err == unix.EINTR {
			continue
		}
		if n <= 0 {
			return
		}
		a.mu.Lock()
		a.text.Write(buf[:n])
		a.mu.Unlock()
	}
}

// leave kills the session that still runs and closes the terminal.
func (a *administrator) leave() {
	_ = syscall.Kill(-a.cmd.Process.Pid, syscall.SIGKILL)
	<-a.ended
	a.slave.Close()
	unix.Close(a.master)
}

func (a *administrator) shown() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.ReplaceAll(a.text.String(), "\r\n", "\n")
}

// until waits until a condition holds.
func (a *administrator) until(what string, ok func() bool) {
	a.t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			a.t.Fatalf("%s: not in time; shown: %q", what, a.shown())
		}
	}
}

func (a *administrator) sees(text string) {
	a.t.Helper()
	a.until("seeing "+text, func() bool { return strings.Contains(a.shown(), text) })
}

func (a *administrator) types(text string) {
	a.t.Helper()
	if _, err := unix.Write(a.master, []byte(text)); err != nil {
		a.t.Fatal(err)
	}
}

func (a *administrator) end() int {
	a.t.Helper()
	a.until("the end", func() bool {
		select {
		case <-a.ended:
			return true
		default:
			return false
		}
	})
	// The last output may still be on its way: wait until no more of it comes.
	for before := -1; before != len(a.shown()); time.Sleep(100 * time.Millisecond) {
		before = len(a.shown())
	}
	return a.cmd.ProcessState.ExitCode()
}

func (a *administrator) settings() unix.Termios {
	a.t.Helper()
	mode, err := unix.IoctlGetTermios(int(a.slave.Fd()), unix.TCGETS)
	if err != nil {
		a.t.Fatal(err)
	}
	return *mode
}

func (a *administrator) resize(rows, columns uint16) {
	a.t.Helper()
	size := unix.Winsize{Row: rows, Col: columns}
	if err := unix.IoctlSetWinsize(a.master, unix.TIOCSWINSZ, &size); err != nil {
		a.t.Fatal(err)
	}
}

// helper returns the path of a copy of this program that types a text into all the
// terminals that it has.
func helper(t *testing.T) string { return programAs(t, "typist.test") }

const typistVar = "TYPIST"

// TestTypist is the body of the helper. It does nothing unless the helper's environment has
// the text.
func TestTypist(t *testing.T) {
	bytes := []byte(os.Getenv(typistVar))
	if len(bytes) == 0 {
		kit.NotAbout(t, "this process: TestTerminalCannotBeTypedInto starts another")
	}
	tty, err := unix.Open("/dev/tty", unix.O_RDWR, 0)
	fmt.Println("open", err)
	for _, fd := range []int{0, 1, 2, tty} {
		for i := range bytes {
			_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCSTI,
				uintptr(unsafe.Pointer(&bytes[i])))
		}
	}
}

// terminalRows show what the command of overlay-terminal is, has and returns. $T is the
// name of the caller's terminal.
var terminalRows = []struct{ script, want string }{
	{`export T; overlay-terminal dash -c 'x=$(tty); [ "$x" != "$T" ] && [ -c "$x" ] && echo another'`,
		"another\n"},
	{`overlay-terminal sh -c 'exit 3'; echo $?`, "3\n"},
	{`overlay-terminal sh -c 'kill -9 $$'; echo $?`, "137\n"},
	{`overlay-terminal sh -c 'kill -9 $$' </dev/null >f 2>&1; echo $?`, "137\n"},
	{`overlay-terminal nosuch; echo $?`,
		"overlay-terminal: cannot run nosuch: No such file or directory\n127\n"},
	{`overlay-terminal /etc; echo $?`, "overlay-terminal: cannot run /etc: Permission denied\n126\n"},
	{`overlay-terminal; echo $?; overlay-terminal -t x cat; echo $?`,
		"overlay-terminal: usage: overlay-terminal [-t PID] [-o UID] [-s SUBHOST] COMMAND [ARG]...\n2\n" +
			"overlay-terminal: 'x' is not a process id\n2\n"},
	{`overlay-terminal -o x true; overlay-terminal -o 4294967295 true; ` +
		`overlay-terminal -o 65534 setpriv --reuid 65534 --clear-groups sh -c 'echo to itself >$(tty)'`,
		"overlay-terminal: 'x' is not a user id\noverlay-terminal: '4294967295' is not a user id\n" +
			"to itself\n"},
	{`overlay-terminal -t $$ -- echo -t`, "-t\n"},
	{`overlay-terminal true; echo last`, "last\n"},
	{`trap 'echo exit $?' EXIT; trap : INT; overlay-terminal sh -c 'exit 5'`, "exit 5\n"},
	{`f() { overlay-terminal "$@"; }; f echo a b | tr ab cd`, "c d\n"},
	{`(overlay-terminal echo sub; exit 2); echo $?`, "sub\n2\n"},
	{`exec overlay-terminal echo taken over`, "taken over\n"},
	{`overlay-terminal echo behind & wait $!; echo $?`, "behind\n0\n"},
	{`overlay-terminal env A=1 sh -c 'echo $A'`, "1\n"},
	{`overlay-terminal unshare -fp sh -c 'echo $$; exit 4'; echo $?`, "1\n4\n"},
	{`overlay-terminal overlay-terminal tty | wc -l`, "1\n"},
	// Only descriptors of a terminal are replaced.
	{`echo in | overlay-terminal cat | cat`, "in\n"},
	{`echo in | overlay-terminal sh -c 'cat; tty 2>&1; [ -t 1 ] && [ -t 2 ] && echo out'`,
		"in\nnot a tty\nout\n"},
	{`overlay-terminal sh -c '[ -t 0 ] && [ ! -t 1 ] && [ -t 2 ] && echo in' >f; cat f`, "in\n"},
	{`overlay-terminal sh -c 'echo err >&2' </dev/null >f; cat f`, "err\n"},
	// The command inherits neither the caller's other files nor those of the relay.
	{`overlay-terminal ls /proc/self/fd 5</dev/null 9>f | tr '\n' ' '`, "0 1 2 3 "},
	{`overlay-terminal ls /proc/self/fd </dev/null 5</dev/null 2>f | tr '\n' ' '`, "0 1 2 3 "},
	// The command runs in a session of its own, with the new terminal or none.
	{`overlay-terminal sh -c 'set -- $(cat /proc/$$/stat); [ $1 = $5 ] && [ $1 = $6 ] && ` +
		`[ $7 != 0 ] && echo $8' | sed s/[0-9][0-9]*/N/`,
		"N\n"},
	{`overlay-terminal sh -c 'set -- $(cat /proc/$$/stat); ` +
		`[ $1 = $6 ] && echo $7' </dev/null 2>&1 | cat`,
		"0\n"},
	{`overlay-terminal dash -c 'true </dev/tty; echo $?' </dev/null 2>&1 | cat`,
		"dash: 1: cannot open /dev/tty: No such device or address\n2\n"},
	{`overlay-terminal dash -c 'true </dev/tty; echo $?'`, "0\n"},
	// All output is shown, and a process that stays behind does not delay the end.
	{`overlay-terminal seq 100000 | tail -n 1; overlay-terminal seq 1 30000 >&2`,
		"100000\n" + numbers(30000)},
	{`overlay-terminal sh -c 'sleep 60 & echo gone; exit 6'; echo $?`, "gone\n6\n"},
	{`overlay-terminal dash -c 'trap "" HUP; echo a >&2; (sleep 5; while echo >&2; do :; ` +
		`done) & exit 6' >f; echo $?`,
		"a\n6\n"},
	// The command stops where nobody can continue it.
	{`overlay-terminal dash -c 'kill -STOP $$; echo on'`, "on\n"},
}

func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintln(&b, i+1)
	}
	return b.String()
}

func TestTerminal(t *testing.T) {
	for _, row := range terminalRows {
		t.Run(row.script, func(t *testing.T) {
			a := sitDown(t, "T=$(tty)\n"+row.script)
			a.end()
			a.until("all output", func() bool { return len(a.shown()) >= len(row.want) })
			if got := a.shown(); got != row.want {
				t.Errorf("got %.300q, want %.300q", got, row.want)
			}
		})
	}
}

func TestTerminalCannotBeTypedInto(t *testing.T) {
	allowed, _ := os.ReadFile("/proc/sys/dev/tty/legacy_tiocsti")
	if os.Geteuid() != 0 && string(allowed) == "0\n" {
		kit.Missing(t, "root; this kernel lets nobody else type into terminals")
	}
	for prefix, want := range map[string]string{
		"":                  "got evil", // the attack works without it
		"overlay-terminal ": "got good",
	} {
		a := sitDown(t, typistVar+`="evil
"; export `+typistVar+`; `+prefix+`"$HELPER" -test.run TestTypist; echo now; read x; echo "got $x"`)
		a.sees("now")
		if prefix != "" {
			a.types("good\n")
		}
		a.end()
		a.until("what was read", func() bool { return strings.Contains(a.shown(), "got ") })
		if got := a.shown(); !strings.Contains(got, want) || !strings.Contains(got, "open <nil>") {
			t.Errorf("with %q: %q, want %q", prefix, got, want)
		}
	}
}

func TestTerminalSize(t *testing.T) {
	a := sitDown(t, `read x; overlay-terminal dash -c 'stty size; trap "stty size; exit" WINCH; `+
		`echo ready; while :; do sleep 0.1; done'`)
	a.resize(33, 77)
	a.types("\n")
	a.sees("33 77\nready\n")
	a.resize(44, 99)
	a.sees("ready\n44 99\n")
}

// TestTerminalIsRestored checks that the terminal gets its settings back however the
// program ends, and that the command gets a hangup.
func TestTerminalIsRestored(t *testing.T) {
	const command = `overlay-terminal sh -c 'echo $$ raw; exec cat'`
	for _, row := range []struct {
		name, script string
		end          func(a *administrator)
	}{
		{"end of file", command, func(a *administrator) { a.types("\x04") }},
		{"interrupt", command, func(a *administrator) { a.types("\x03") }},
		{"TERM", "exec " + command, func(a *administrator) { a.kill(unix.SIGTERM) }},
		{"HUP", "exec " + command, func(a *administrator) { a.kill(unix.SIGHUP) }},
		{"INT", "exec " + command, func(a *administrator) { a.kill(unix.SIGINT) }},
		{"QUIT", "exec " + command, func(a *administrator) { a.kill(unix.SIGQUIT) }},
		{"TERM for the shell", command + "; :", func(a *administrator) { a.kill(unix.SIGTERM) }},
		{"KILL for the shell", command + "; :", func(a *administrator) { a.kill(unix.SIGKILL) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := sitDown(t, "read x; "+row.script)
			before := a.settings()
			a.types("\n")
			a.sees(" raw\n")
			if mode := a.settings(); mode.Lflag&(unix.ICANON|unix.ECHO|unix.ISIG) != 0 {
				t.Errorf("not raw: %+v", mode)
			}
			row.end(a)
			a.until("settings as before", func() bool { return a.settings() == before })
			a.end()
			pid := regexp.MustCompile(`(\d+) raw`).FindStringSubmatch(a.shown())[1]
			a.until("the end of the command", func() bool {
				return unix.Access("/proc/"+pid, unix.F_OK) != nil
			})
		})
	}
}

func (a *administrator) kill(sig unix.Signal) { _ = unix.Kill(a.cmd.Process.Pid, sig) }

// TestTerminalStatusOfSignals checks that the wait status tells which signal ended the
// program, or how the command reacted to it.
func TestTerminalStatusOfSignals(t *testing.T) {
	for _, row := range []struct {
		command string
		signal  unix.Signal
		want    string
	}{
		{`echo up; exec sleep 60`, unix.SIGTERM, "signal: terminated"},
		{`echo up; exec sleep 60`, unix.SIGHUP, "signal: hangup"},
		{`echo up; exec sleep 60`, unix.SIGINT, "exit status 130"},
		{`trap 'exit 9' TERM; echo up; read x`, unix.SIGTERM, "exit status 9"},
		{`trap '' TERM; echo up; read x; exit 8`, unix.SIGTERM, "signal: terminated"},
		{`trap '' TERM HUP; echo up; exec sleep 6`, unix.SIGTERM, "signal: terminated"},
	} {
		t.Run(row.command+row.signal.String(), func(t *testing.T) {
			a := sitDown(t, `exec overlay-terminal dash -c "$(cat <<\E`+"\n"+row.command+"\nE\n"+`)"`)
			a.sees("up\n")
			a.kill(row.signal)
			a.end()
			if got := a.cmd.ProcessState.String(); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

// TestTerminalPaste checks that pasted text arrives in full, however slowly the command
// reads.
func TestTerminalPaste(t *testing.T) {
	a := sitDown(t,
		`overlay-terminal dash -c 'stty raw -echo; echo ready; sleep 0.3; head -c 1000000 | wc -c'`)
	a.sees("ready\n")
	a.types(strings.Repeat("0123456789", 100000))
	a.sees("1000000")
	a.end()
}

// TestTerminalJobControl checks that a command that stops becomes a stopped job of the
// caller's shell, that the terminal gets its settings back meanwhile, and that fg continues
// the command.
func TestTerminalJobControl(t *testing.T) {
	a := sitDownAt(t, "/usr/bin/dash", "-i")
	before := a.settings()
	a.sees("<ps1> ")
	a.types("overlay-terminal dash -c 'echo u''p; kill -STOP $$; echo ba''ck; cat'\n")
	a.sees("up\n")
	a.sees("Stopped")
	a.until("settings as before", func() bool { return a.settings() == before })
	a.types("fg\n")
	a.sees("back\n")
	a.types("\x04")
	a.until("a prompt", func() bool { return strings.Count(a.shown(), "<ps1> ") == 3 })
	a.types("echo e''nd; exit\n")
	a.sees("end\n")
	a.end()
}

// TestTerminalWakesWhoHasStopped checks that a command behind a process of nsenter or
// unshare, whose stop is not seen at once, continues when somebody types.
func TestTerminalWakesWhoHasStopped(t *testing.T) {
	sandboxtest.Test(t, limit, func(t *testing.T) {
		a := sitDown(t,
			`overlay-terminal unshare -fu dash -c 'echo stop; kill -STOP $$; echo on'; echo $?`)
		a.sees("stop\n")
		time.Sleep(300 * time.Millisecond)
		if strings.Contains(a.shown(), "on\n") {
			t.Error("it has not stopped")
		}
		a.types(" ")
		a.sees("on\n")
		if a.end(); !strings.HasSuffix(a.shown(), "0\n") {
			t.Errorf("%q", a.shown())
		}
	})
}

// TestTerminalOfSubhost checks that -t takes a terminal of the subhost, if the subhost has
// any.
func TestTerminalOfSubhost(t *testing.T) {
	sandboxtest.Test(t, limit, func(t *testing.T) {
		a := sitDown(t, insideOf("mount -t devpts -o newinstance,ptmxmode=666 d /dev/pts")+
			`overlay-terminal -t $P nsenter -t $P -m -p -r -w dash -c '`+
			`tty; echo /dev/pts/*; set -- $(cat /proc/$$/stat); echo $(($1 == $6)); exit 7'; `+
			`echo $?; kill -9 $P`)
		a.end()
		if got, want := a.shown(), "/dev/pts/0\n/dev/pts/0 /dev/pts/ptmx\n1\n7\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// insideOf starts a process that has other mounts and waits for signals. $P is its process
// ID.
func insideOf(mounts string) string {
	return "mkfifo ready; export R=$PWD/ready; " +
		"unshare -fpm --mount-proc dash -c '" + mounts + "\necho >$R; exec sleep 60' & " +
		"U=$!; read x <ready; P=$(pgrep -P $U); "
}

// TestTerminalOfHostileSubhost checks that no file in the place of /dev/pts/ptmx inside
// makes the program hang or deceives it: the terminal is then one of the host.
func TestTerminalOfHostileSubhost(t *testing.T) {
	sandboxtest.Test(t, limit, func(t *testing.T) {
		for _, mounts := range []string{
			":",
			"rm ptmx; mkfifo ptmx",
			"rm ptmx; mknod ptmx c 5 2", // the host's, by its device number
			"rm ptmx; mknod ptmx c 1 5",
			"rm ptmx; mknod ptmx c 10 229",
			"rm ptmx; mkdir ptmx",
			"rm ptmx; ln -s /proc/self/fd/0 ptmx",
			"rm ptmx; ln -s ptmx ptmx",
			"mkdir d; mount -t devpts -o newinstance d d; rm ptmx; ln -s d/ptmx ptmx",
			"mkdir d; mount -t devpts -o newinstance,max=0 d d; mount --bind d/ptmx ptmx",
			"cd /; umount /dev/pts; mount -t tmpfs t /mnt; mkdir /mnt/pts; mount --bind /mnt /dev",
		} {
			t.Run(mounts, func(t *testing.T) {
				a := sitDown(t, insideOf("mount -t tmpfs t /dev/pts; cd /dev/pts; echo >ptmx; "+mounts)+
					`overlay-terminal -t $P dash -c 'test -t 0 && tty'; echo $?; kill -9 $P`)
				start := time.Now()
				a.end()
				a.sees("\n0\n")
				if !strings.HasPrefix(a.shown(), "/dev/pts/") || time.Since(start) > 30*time.Second {
					t.Errorf("%q after %v", a.shown(), time.Since(start))
				}
			})
		}
	})
}

// TestTerminalWithout checks that nothing runs if there is no pseudo-terminal.
func TestTerminalWithout(t *testing.T) {
	sandboxtest.Test(t, limit, func(t *testing.T) {
		a := sitDown(t,
			`exec unshare -m dash -c 'mount -t tmpfs t /dev/pts; mount --bind /dev/null /dev/ptmx; `+
				`overlay-terminal echo run; echo $?; overlay-terminal echo run </dev/null 2>&1 | cat'`)
		a.end()
		a.sees("run\n")
		want := "overlay-terminal: no pseudo-terminal to be had, and the command must not get yours " +
			"(is devpts mounted on /dev/pts?): Inappropriate ioctl for device\n1\nrun\n"
		if got := a.shown(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
