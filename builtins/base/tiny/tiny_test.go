package tiny

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
)

var update = flag.Bool("update", false, "write testdata anew, with the real disassembler")

// TestMain makes the test binary the Go reaper.
func TestMain(m *testing.M) {
	switch os.Getenv("TINY_TEST_AS") {
	case "reaper":
		os.Exit(ReaperMain())
	}
	os.Exit(m.Run())
}

type emitter struct {
	name string
	emit func(arch string) ([]byte, bool)
}

var report = Report{"setsid: child ", " did not exit normally: Success\n", "setsid: wait\n"}

func emitters() []emitter {
	return []emitter{
		{"reaper", Reaper},
		{"dummy", Dummy},
		{"copier", Copier},
		{"waiter", func(arch string) ([]byte, bool) {
			return Waiter(arch, WaiterParams{Pid: 70000})
		}},
		{"waiter-comm", func(arch string) ([]byte, bool) {
			return Waiter(arch, WaiterParams{Pid: 1 << 21, Comm: "overlay-boot"})
		}},
		{"waiter-exits", func(arch string) ([]byte, bool) {
			return Waiter(arch, WaiterParams{Pid: -1, Comm: "flock", Exits: true, Base: 128})
		}},
		{"waiter-tells", func(arch string) ([]byte, bool) {
			return Waiter(arch, WaiterParams{Pid: -1, Comm: "setsid", Tells: &report})
		}},
		{"sleeper", func(arch string) ([]byte, bool) {
			return Sleeper(arch, SleeperParams{ExeFD: 24, Catch: 1<<0 | 1<<14, Mask: 1 << 1,
				Comm: "overlay-boot"})
		}},
		{"sleeper-chld", func(arch string) ([]byte, bool) {
			return Sleeper(arch, SleeperParams{ExeFD: 1 << 16, Catch: 1 << (sigChild - 1),
				Mask: 1 << 63, Comm: "sh"})
		}},
	}
}

// tool finds a program of the cross tools by the names that systems give it.
func tool(names ...string) string {
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p
		}
	}
	return ""
}

// TestDisassembly compares each program with a listing by objdump, so that nobody changes the
// code without a look at it. With -update it makes the listings anew.
func TestDisassembly(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		for _, e := range emitters() {
			t.Run(e.name+"."+arch, func(t *testing.T) {
				file, ok := e.emit(arch)
				if !ok || len(file) >= 1024 {
					t.Fatalf("ok %v, %d bytes", ok, len(file))
				}
				name := filepath.Join("testdata", e.name+"."+arch+".txt")
				if *update {
					disassemble(t, arch, file[headerSize:], name)
				}
				listing, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if got := listed(t, arch, string(listing)); !bytes.Equal(got, file[headerSize:]) {
					t.Errorf("code and listing differ:\n%x\n%x", file[headerSize:], got)
				}
			})
		}
	}
}

func disassemble(t *testing.T, arch string, code []byte, listing string) {
	t.Helper()
	dump := tool("objdump")
	flags := []string{"-D", "-z", "-b", "binary", "-m", "i386:x86-64", "-M", "intel"}
	if arch == "arm64" {
		dump = tool("aarch64-linux-gnu-objdump")
		flags = []string{"-D", "-z", "-b", "binary", "-m", "aarch64"}
	}
	raw := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(raw, code, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(dump, append(flags, raw)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	_, out, _ = bytes.Cut(out, []byte("<.data>:\n"))
	if err := os.WriteFile(listing, out, 0o644); err != nil {
		t.Fatal(err)
	}
}

// listed returns the bytes of a listing: "address:<tab>bytes<tab>instruction".
func listed(t *testing.T, arch, listing string) []byte {
	t.Helper()
	var code []byte
	for line := range strings.Lines(listing) {
		f := strings.Split(line, "\t")
		if len(f) < 2 {
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(f[1]), " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if arch == "arm64" { // printed as a number, stored little-endian
			b = binary.LittleEndian.AppendUint32(nil, binary.BigEndian.Uint32(b))
		}
		code = append(code, b...)
	}
	return code
}

func TestUnknownArch(t *testing.T) {
	if _, ok := Reaper("vax"); ok {
		t.Error("there is a reaper for vax")
	}
	if _, ok := Dummy("vax"); ok {
		t.Error("there is a dummy service for vax")
	}
	if _, ok := Waiter("vax", WaiterParams{}); ok {
		t.Error("there is a waiter for vax")
	}
}

// runners returns the ways to run a program here: directly, or for a foreign architecture by an
// emulator, if there is one.
func runners() map[string][]string {
	r := map[string][]string{runtime.GOARCH: nil}
	for arch, name := range map[string]string{"amd64": "qemu-x86_64", "arm64": "qemu-aarch64"} {
		if q := tool(name, name+"-static"); q != "" && arch != runtime.GOARCH {
			r[arch] = []string{q}
		}
	}
	return r
}

// each runs a test for every architecture that there is code for.
func each(t *testing.T, test func(t *testing.T, arch string, emulator []string)) {
	can := runners()
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			emulator, ok := can[arch]
			if !ok {
				kit.Missing(t, "an emulator of %s (make testdeps)", arch)
			}
			test(t, arch, emulator)
		})
	}
}

func write(t *testing.T, code []byte, ok bool) string {
	t.Helper()
	if !ok {
		kit.Cannot(t, "run a tiny program: there is none for %s", runtime.GOARCH)
	}
	// The file system must allow execution, and the kernel shows the file name.
	name := filepath.Join(t.TempDir(), "tiny")
	if err := os.WriteFile(name, code, 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

func command(emulator []string, argv ...string) *exec.Cmd {
	argv = append(emulator[:len(emulator):len(emulator)], argv...)
	return exec.Command(argv[0], argv[1:]...)
}

func TestReaperNoChild(t *testing.T) {
	each(t, func(t *testing.T, arch string, emulator []string) {
		code, ok := Reaper(arch)
		out, err := command(emulator, write(t, code, ok), "name").CombinedOutput()
		if err != nil || len(out) != 0 {
			t.Errorf("%v %q", err, out)
		}
	})
}

// reaperScript is the first process of a pid namespace. It leaves orphans to the reaper that it
// becomes. "$1" is the directory for its reports; the other arguments are the reaper.
const reaperScript = `
dir=$1; shift
# an orphan of an orphan, that ends while the reaper is there
(sleep 0.1; sh -c 'sleep 0.1 & echo $! >'"$dir"'/orphan') &
(
	sleep 0.4
	kill -TERM 1; kill -INT 1; kill -HUP 1; kill -QUIT 1; kill -USR1 1
	sleep 0.1
	grep SigBlk /proc/1/status >"$dir/mask"
	tr '\0' ' ' </proc/1/cmdline >"$dir/argv"
	[ -e /proc/$(cat "$dir/orphan") ] && echo zombie >"$dir/zombie"
	echo end >"$dir/end"
) &
exec "$@"`

// namespaced runs reaperScript with a reaper, and returns the files that it left.
func namespaced(t *testing.T, env []string, reaper ...string) map[string]string {
	t.Helper()
	if os.Geteuid() != 0 || tool("unshare") == "" {
		kit.Missing(t, "root, or unshare")
	}
	dir := t.TempDir()
	c := exec.Command("unshare", append([]string{"-fpm", "--mount-proc", "--kill-child",
		"sh", "-c", reaperScript, "sh", dir}, reaper...)...)
	c.Env = append(os.Environ(), env...)
	if out, err := c.CombinedOutput(); err != nil || len(out) != 0 {
		t.Errorf("the reaper ended with %v %q", err, out)
	}
	files := map[string]string{}
	for _, f := range []string{"orphan", "mask", "argv", "zombie", "end"} {
		b, _ := os.ReadFile(filepath.Join(dir, f))
		files[f] = string(b)
	}
	return files
}

func TestReaperAsInit(t *testing.T) {
	each(t, func(t *testing.T, arch string, emulator []string) {
		code, ok := Reaper(arch)
		argv := command(emulator, write(t, code, ok), "subhost").Args
		got := namespaced(t, nil, argv...)
		if got["orphan"] == "" || got["zombie"] != "" || got["end"] != "end\n" {
			t.Errorf("%q", got)
		}
		if want := strings.Join(argv, " ") + " "; got["argv"] != want {
			t.Errorf("argv %q, want %q", got["argv"], want)
		}
		// KILL and STOP cannot be blocked, and the C library reserves two signals. An emulator
		// does not block signals itself; it holds them back.
		if want := "SigBlk:\tfffffffe7ffbfeff\n"; emulator == nil && got["mask"] != want {
			t.Errorf("mask %q, want %q", got["mask"], want)
		}
	})
}

func TestGoReaperAsInit(t *testing.T) {
	got := namespaced(t, []string{"TINY_TEST_AS=reaper"}, os.Args[0])
	if got["orphan"] == "" || got["zombie"] != "" || got["end"] != "end\n" {
		t.Errorf("%q", got)
	}
}

// TestReaperEndsLikeLast checks that a reaper ends with the status of the last of its children,
// an orphan, as a shell tells it.
func TestReaperEndsLikeLast(t *testing.T) {
	for _, last := range []string{"exit 0", "exit 3", "kill -KILL $$", "kill -TERM $$"} {
		want := exec.Command("sh", "-c", "sh -c '"+last+"'; exit $?")
		_ = want.Run() // its status is compared below
		check := func(t *testing.T, reaper ...string) {
			t.Helper()
			// The first child ends in the other way, and starts the last one.
			script := `(sh -c 'sleep 0.2; ` + last + `' & exec sh -c 'kill -INT $$') & exec "$@"`
			c := exec.Command("unshare", append([]string{"-fp", "--kill-child", "sh", "-c", script,
				"sh"}, reaper...)...)
			c.Env = append(os.Environ(), "TINY_TEST_AS=reaper")
			_ = c.Run()
			if got := c.ProcessState.ExitCode(); got != want.ProcessState.ExitCode() {
				t.Errorf("%s: status %d, want %d", last, got, want.ProcessState.ExitCode())
			}
		}
		if os.Geteuid() != 0 || tool("unshare") == "" {
			kit.Missing(t, "root, or unshare")
		}
		check(t, os.Args[0])
		each(t, func(t *testing.T, arch string, emulator []string) {
			code, ok := Reaper(arch)
			check(t, command(emulator, write(t, code, ok), "subhost").Args...)
		})
	}
}

// TestWaiterEndsLikeChild checks that a waiter ends with the status of its child, or by the
// same signal.
func TestWaiterEndsLikeChild(t *testing.T) {
	for _, child := range []string{"exit 0", "exit 3", "exit 255", "kill -TERM $$",
		"kill -KILL $$", "kill -USR2 $$", "kill -34 $$"} {
		t.Run(strings.ReplaceAll(child, "$$", "self"), func(t *testing.T) {
			each(t, func(t *testing.T, arch string, emulator []string) {
				want := exec.Command("sh", "-c", child)
				_ = want.Run() // its status is compared below
				got := waiter(t, arch, emulator, child, WaiterParams{})
				if got.Sys() != want.ProcessState.Sys() {
					t.Errorf("ended with %v, want %v", got, want.ProcessState)
				}
			})
		})
	}
}

// TestWaiterExits checks the status of a waiter that does not end by the signal of its child.
func TestWaiterExits(t *testing.T) {
	for _, row := range []struct {
		child      string
		base, want int
	}{{"exit 3", 128, 3}, {"kill -TERM $$", 128, 143}, {"kill -KILL $$", 128, 137}} {
		t.Run(strings.ReplaceAll(row.child, "$$", "self"), func(t *testing.T) {
			each(t, func(t *testing.T, arch string, emulator []string) {
				got := waiter(t, arch, emulator, row.child,
					WaiterParams{Exits: true, Base: row.base})
				if got.ExitCode() != row.want {
					t.Errorf("ended with %v, want status %d", got, row.want)
				}
			})
		})
	}
}

// waiter runs a shell that starts a child and becomes its waiter. The waiter's code must have
// the pid of the child, so the test writes it meanwhile.
func waiter(
	t *testing.T, arch string, emulator []string, child string, w WaiterParams,
) *os.ProcessState {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, "waiter")
	argv := strings.Join(append(emulator[:len(emulator):len(emulator)], name), " ")
	c := exec.Command("sh", "-c", `
		(sleep 0.2; trap - TERM; exec sh -c '`+child+`') 7>&- 8>&- & echo $! >`+dir+`/pid.new
		mv `+dir+`/pid.new `+dir+`/pid
		until [ -x `+name+` ]; do sleep 0.02; done
		exec `+argv+` one 'two three'`)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for w.Pid == 0 {
		time.Sleep(5 * time.Millisecond)
		b, _ := os.ReadFile(filepath.Join(dir, "pid"))
		_, _ = fmt.Sscan(string(b), &w.Pid) // not there yet: stays 0
	}
	code, _ := Waiter(arch, w)
	if err := os.WriteFile(name+".new", code, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := c.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState
}

func TestWaiterNoChild(t *testing.T) {
	each(t, func(t *testing.T, arch string, emulator []string) {
		code, ok := Waiter(arch, WaiterParams{Pid: 1})
		c := command(emulator, write(t, code, ok))
		_ = c.Run()
		if c.ProcessState.ExitCode() != 127 {
			t.Errorf("%v, want status 127", c.ProcessState)
		}
	})
}

// TestWaiterSignals checks that a waiter has the given name while it waits, and that signals
// end it.
func TestWaiterSignals(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "waiter")
	c := exec.Command("sh", "-c", `sleep 30 & echo $! >`+dir+`/pid
		until [ -x `+name+` ]; do sleep 0.02; done; exec `+name)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var w = WaiterParams{Comm: "overlay-boot"}
	for w.Pid == 0 {
		time.Sleep(5 * time.Millisecond)
		b, _ := os.ReadFile(filepath.Join(dir, "pid"))
		if strings.HasSuffix(string(b), "\n") {
			_, _ = fmt.Sscan(string(b), &w.Pid)
		}
	}
	defer func() { _ = unix.Kill(w.Pid, unix.SIGKILL) }()
	code, ok := Waiter(runtime.GOARCH, w)
	if !ok {
		kit.Cannot(t, "run a tiny program: there is none for %s", runtime.GOARCH)
	}
	if err := os.WriteFile(name+".new", code, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	until(t, c.Process.Pid, "Name:\toverlay-boot\n")
	_ = c.Process.Signal(unix.SIGTERM)
	_ = c.Wait()
	if s := c.ProcessState.Sys().(syscall.WaitStatus); s.Signal() != unix.SIGTERM {
		t.Errorf("ended with %v, want SIGTERM", c.ProcessState)
	}
}

// until waits for a line in /proc/PID/status.
func until(t *testing.T, pid int, line string) {
	t.Helper()
	var b []byte
	for range 500 {
		b, _ = os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if strings.Contains(string(b), line) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no %q in\n%s", line, b)
}

// dummyScript makes the FIFO, starts the dummy, and treats it as "$2" says.
const dummyScript = `
mount -t tmpfs tmpfs /run
if [ "$2" != none ]; then mkfifo /run/dummy_service; fi
"$1" & pid=$!
until [ "$2" = none ] || [ "$(cat /proc/$pid/comm)" = dummy_service ]; do sleep 0.02; done
case $2 in
line) { echo some line; sleep 5; } >/run/dummy_service & ;;
part) printf part >/run/dummy_service ;;
none) ;;
*) sleep 0.1; kill -$2 $pid ;;
esac
wait $pid; echo $?`

func TestDummy(t *testing.T) {
	if os.Geteuid() != 0 || tool("unshare") == "" {
		kit.Missing(t, "root, or unshare")
	}
	// A started program has the default action for signals that are caught here, even if the
	// process that runs the tests ignores them.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, unix.SIGHUP, unix.SIGTERM, unix.SIGUSR1)
	defer signal.Stop(caught)
	code, ok := Dummy(runtime.GOARCH)
	name := write(t, code, ok)
	for _, r := range []struct{ what, want string }{
		{"line", "0\n"}, {"part", "0\n"}, {"none", "1\n"},
		{"TERM", "143\n"}, {"HUP", "129\n"}, {"USR1", "138\n"},
	} {
		t.Run(r.what, func(t *testing.T) {
			c := exec.Command("unshare", "-fpm", "--mount-proc", "--kill-child",
				"sh", "-c", dummyScript, "sh", name, r.what)
			var errs bytes.Buffer
			c.Stderr = &errs
			out, err := c.Output()
			text := strings.TrimPrefix(errs.String(), "Terminated\n")
			if err != nil || string(out) != r.want {
				t.Errorf("%v %q %q, want %q", err, out, text, r.want)
			}
		})
	}
}

// TestCopier has a copier copy more than it reads at once, to a file and to a full device.
func TestCopier(t *testing.T) {
	code, ok := Copier(runtime.GOARCH)
	name := write(t, code, ok)
	text := strings.Repeat("what a service says\n", 20_000)
	for _, to := range []string{filepath.Join(t.TempDir(), "log"), "/dev/full"} {
		out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		c := exec.Command(name)
		c.Stdin, c.Stdout = strings.NewReader(text), out
		if err := c.Run(); err != nil {
			t.Errorf("to %s: %v", to, err)
		}
		out.Close()
		if to == "/dev/full" {
			continue
		}
		if got, err := os.ReadFile(to); err != nil || string(got) != text {
			t.Errorf("%v: %d bytes, want %d", err, len(got), len(text))
		}
	}
}
