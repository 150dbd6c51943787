package scripts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"overlayboot/builtins/tiny"
)

// enterSandbox runs in fresh namespaces: it sets up their mounts and becomes
// a shell that runs the commands in the first argument.
func enterSandbox() {
	if err := setUp(os.Getenv("OVERLAY_TEST_SANDBOX"), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(125)
	}
	env := []string{"PATH=/mnt/scripts:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/root"}
	err := syscall.Exec("/bin/sh", []string{"sh", "/mnt/scenario"}, env)
	fmt.Fprintln(os.Stderr, "sandbox:", err)
	os.Exit(125)
}

// setUp makes the mounts of a sandbox. On /mnt are scripts, with a reaper, and
// the original's if there are any; /tmp and /run are empty.
func setUp(original, scenario string) error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", "/mnt", "tmpfs", 0, ""); err != nil {
		return err
	}
	// in a file: what finds subhosts by their arguments must not find this shell
	if err := os.WriteFile("/mnt/scenario", []byte(scenario), 0o644); err != nil {
		return err
	}
	if err := os.Mkdir("/mnt/scripts", 0o755); err != nil {
		return err
	}
	for _, name := range Names() {
		text, _ := Text(name)
		if err := os.WriteFile("/mnt/scripts/"+name, []byte(text), 0o755); err != nil {
			return err
		}
	}
	if err := writeReaper("/mnt/scripts/reaper"); err != nil {
		return err
	}
	subhosts, err := os.ReadFile("init.d/subhosts")
	if err != nil {
		return err
	}
	if err := os.WriteFile("/mnt/subhosts", subhosts, 0o755); err != nil {
		return err
	}
	if original != "none" {
		if err := os.CopyFS("/mnt/original", os.DirFS(original)); err != nil {
			return err
		}
	}
	for _, dir := range []string{"/tmp", "/run"} {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, ""); err != nil {
			return err
		}
	}
	return nil
}

// writeReaper writes the tiny reaper, or, on an architecture that has none,
// this program, which is one when it is called /.reaper.
func writeReaper(name string) error {
	code, ok := tiny.Reaper(runtime.GOARCH)
	if !ok {
		var err error
		if code, err = os.ReadFile("/proc/self/exe"); err != nil {
			return err
		}
	}
	return os.WriteFile(name, code, 0o755)
}

// prelude is read before each scenario. B holds the bases; every name starts
// with ovt, since cgroups are not in the sandbox.
const prelude = `
B=/mnt/b
umask 022
ip link set lo up
fail() {
    echo "FAIL: $*"
    tail -n 30 /mnt/b/*.log /mnt/b/*.err
    ps -eo pid,ppid,comm,args
    exit 1
}
has() { grep -q -e "$2" "$1" || fail "no '$2' in $1: $(cat "$1")" ; }
# subhost NAME: with the configuration from stdin
subhost() {
    mkdir -p $B/$1/root $B/$1/work $B/$1/live
    { echo "LOG=$B/$1.log" ; cat ; } > $B/$1/$1.conf
}
reaper() { pgrep -f "^/.reaper $1\$" ; }
until_() { # until_ COMMAND: wait for it, at most 10 s
    local N=500
    until eval "$1" ; do
	[ $N -gt 0 ] || fail "timed out: $1"
	N=$((N-1)) ; sleep 0.02
    done
}
boot() {
    overlay-boot $B/$1/$1.conf 2> $B/$1.err || fail "overlay-boot $1: $?"
    until_ "reaper $1 >/dev/null"
}
inside() { printf '%s\n' "$2" | overlay-go "$1" | sed '$d' ; }
stop() {
    overlay-stop $B/$1/$1.conf 2> $B/$1.err || fail "overlay-stop $1: $?"
    nothing $1
}
# nothing NAME: nothing of it is left
nothing() {
    for C in overlay-boot unshare .reaper dummy_service ; do
	! pgrep -x $C || fail "a process is left: $C"
    done
    [ -z "$(ls /run/netns 2>/dev/null)" ] || fail "a network namespace is left"
    [ -z "$(ls /run/overlay-boot/*/$1 2>/dev/null)" ] || fail "a record is left"
    ! ip -o link | grep -q " $1" || fail "a link is left: $(ip -o link)"
    ! grep -q " $B/$1" /proc/mounts || fail "a mount is left: $(grep $B /proc/mounts)"
    for D in /sys/fs/cgroup/$1 /sys/fs/cgroup/*/$1 ; do
	[ ! -e $D ] || fail "a cgroup is left: $D"
    done
}
# refused NAME MESSAGE: the foreground says so, and leaves nothing
refused() {
    ! overlay-boot $B/$1/$1.conf > $B/$1.out 2> $B/$1.err || fail "$1 was not refused"
    has $B/$1.err "$2"
    nothing $1
    [ ! -e $B/$1.log ] || fail "a log was made"
}
# fails NAME MESSAGE: the background says so in the log, and leaves nothing
fails() {
    overlay-boot $B/$1/$1.conf 2> $B/$1.err && fail "$1 was booted"
    has $B/$1.err "$1 could not be started"
    has $B/$1.log "^Exited $1"
    has $B/$1.log "$2"
    ! pgrep -x overlay-boot >/dev/null || fail "a supervisor is left"
    nothing $1
}
# small DIR: a root of its own, with a shell and a few tools
small() {
    local T L
    mkdir -p "$1/bin" "$1/etc"
    for T in sh umount chroot mkfifo cat ls sleep ; do
	cp "$(command -v $T)" "$1/bin/"
	for L in $(ldd "$(command -v $T)" | grep -o '/[^ ]*') ; do
	    mkdir -p "$1${L%/*}" ; [ -e "$1$L" ] || cp "$L" "$1$L"
	done
    done
}
mkdir -p $B
`

// sandbox runs a scenario.
func sandbox(t *testing.T, needOriginal bool, script string) {
	t.Helper()
	if os.Getuid() != 0 {
		missing(t, "subhosts want root")
	}
	for _, tool := range []string{"unshare", "nsenter", "ip", "pgrep", "setpriv", "perl",
		"sfdisk", "partx", "mkfs.ext4", "losetup"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing(t, "%v", err)
		}
	}
	from := "none"
	if needOriginal {
		from = absolute(t, original(t))
	}
	c := exec.Command("/proc/self/exe", prelude+script)
	c.Env = append(os.Environ(), "OVERLAY_TEST_SANDBOX="+from)
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: syscall.SIGKILL}
	status, out, errs := run(t, c)
	if status != 0 {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	for _, dir := range cgroupsLeft() {
		t.Errorf("left behind: %s", dir)
		os.Remove(dir)
	}
}

func cgroupsLeft() []string {
	a, _ := filepath.Glob("/sys/fs/cgroup/ovt*")
	b, _ := filepath.Glob("/sys/fs/cgroup/*/ovt*")
	return append(a, b...)
}

// A scenario is a shell script after the prelude.
type scenario struct {
	name, script string
	original     bool
}

func TestSubhost(t *testing.T) {
	for _, s := range scenarios {
		t.Run(strings.ReplaceAll(s.name, " ", "_"), func(t *testing.T) {
			sandbox(t, s.original, s.script)
		})
	}
}
