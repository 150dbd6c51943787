package scripts

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"overlayboot/builtins/base/tiny"
	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// setUp fills the empty /mnt of a sandbox: the scripts with a reaper, the trial, and the
// original's scripts if given.
func setUp(original, trial string) error {
	if err := syscall.Mount("tmpfs", "/mnt", "tmpfs", 0, ""); err != nil {
		return err
	}
	// In a file, since a search for subhosts by their arguments must not match this shell.
	if err := os.WriteFile("/mnt/trial", []byte(trial), 0o644); err != nil {
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
	if original == "" {
		return nil
	}
	return os.CopyFS("/mnt/original", os.DirFS(original))
}

// writeReaper writes the tiny reaper. For an architecture without one it copies this
// program, which acts as the reaper when it is called /.reaper.
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

// prelude is the shell code before each trial. B is the folder of the bases.
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
# accepted NAME: overlay-check finds no error in what is about to be booted
accepted() {
    overlay-check --commands --plan $B/$1/$1.conf > $B/$1.plan 2> $B/$1.check ||
	fail "overlay-check refuses $1: $(cat $B/$1.check)"
    [ -s $B/$1.plan ] || fail "no plan for $1"
}
boot() {
    accepted $1
    overlay-boot $B/$1/$1.conf 2> $B/$1.err || fail "overlay-boot $1: $?"
    until_ "reaper $1 >/dev/null"
}
inside() { printf '%s\n' "$2" | overlay-go "$1" | sed '$d' ; }
stop() {
    overlay-stop $B/$1/$1.conf 2> $B/$1.err || fail "overlay-stop $1: $?"
    nothing $1
}
# nothing NAME: nothing of it is left, but for what pid 1 has still to reap
nothing() {
    for C in overlay-boot unshare .reaper dummy_service ; do
	! ps -o stat= -C $C | grep -v Z || fail "a process is left: $C"
    done
    [ -z "$(ls /run/netns 2>/dev/null)" ] || fail "a network namespace is left"
    [ -z "$(ls /run/overlay-boot/*/$1 2>/dev/null)" ] || fail "a record is left"
    ! ip -o link | grep -q " $1" || fail "a link is left: $(ip -o link)"
    ! grep -q " $B/$1" /proc/mounts || fail "a mount is left: $(grep $B /proc/mounts)"
    for D in /sys/fs/cgroup/$1 /sys/fs/cgroup/*/$1 ; do
	[ ! -e $D ] || fail "a cgroup is left: $D"
    done
}
# refused NAME MESSAGE: the foreground says so, and leaves nothing. So does overlay-check.
refused() {
    ! overlay-check --commands $B/$1/$1.conf > $B/$1.out 2> $B/$1.check || fail "$1 is accepted"
    sed -i -n 's/^[^ ]*: error: //p' $B/$1.check
    has $B/$1.check "$2"
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

// limit bounds one trial.
const limit = 3 * time.Minute

// play runs a trial in a sandbox with the system's shell.
func play(t *testing.T, s trial) {
	t.Helper()
	kit.Tools(t, "unshare", "nsenter", "ip", "pgrep", "setpriv", "perl", "sfdisk", "partx",
		"mkfs.ext4", "losetup")
	from := ""
	if s.original {
		from = kit.Original(t)
	}
	sandboxtest.Test(t, limit, func(t *testing.T) {
		if err := setUp(from, prelude+s.script); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("/bin/sh", "/mnt/trial")
		c.Env = []string{"PATH=/mnt/scripts:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
			"HOME=/root"}
		// The output goes to a file, since processes that a trial leaves may still
		// write.
		out, err := os.Create("/mnt/out")
		if err != nil {
			t.Fatal(err)
		}
		c.Stdout, c.Stderr = out, out
		if err := c.Run(); err != nil {
			text, _ := os.ReadFile(out.Name())
			t.Errorf("%v\n%s", err, text)
		}
	})
}

// A trial is a shell script that follows the prelude. It tries the scripts under dash.
type trial struct {
	name, script string
	original     bool
}

func TestSubhost(t *testing.T) {
	for _, s := range trials {
		t.Run(strings.ReplaceAll(s.name, " ", "_"), func(t *testing.T) {
			play(t, s)
		})
	}
}
