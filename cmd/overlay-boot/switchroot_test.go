package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/sandbox/sandboxtest"
)

// inMemory makes the root a tmpfs with a few files, as after a boot from memory, and mounts
// a second root on /new. STEPS stands for the steps that follow. Descriptor 8 shows what is
// left of the first root.
const inMemory = `cat >s <<'S'
mount --make-rprivate /; mount -t tmpfs live /mnt; cd /mnt
mkdir usr proc dev sys run new d put; mkdir -p d/e; : >d/e/f; mount --bind /usr usr
ln -s usr/bin usr/sbin usr/lib usr/lib64 .; ln -s /usr dang; : >top; mknod p p
mount -t devtmpfs dev dev; mount -t tmpfs run run
pivot_root . put; cd /; mount -t proc proc /proc; umount -l /put; rmdir /put
mount -t tmpfs new /new; mkdir /new/usr /new/other; mount --bind /usr /new/usr
ln -s usr/bin usr/sbin usr/lib usr/lib64 /new; : >/new/here; exec 8</
STEPS
S
unshare -fpmC --kill-child "$SHELL" ./s 2>&1; echo $?`

// seen prints what a program in the new root sees after the child of switch_root has
// deleted the old files.
const seen = `/bin/dash -c 'sleep 0.2; echo "$0" "$@"; pwd; ls -a / /dev | head -n 40; ` +
	`cut -d" " -f4,5 /proc/self/mountinfo;` +
	` ls -R /proc/self/fd/8/ | head -n 30; exit 3' name one two`

// TestSwitchRoot judges switch_root in a pid namespace, a mount namespace and a root of its
// own.
func TestSwitchRoot(t *testing.T) {
	sandboxtest.Test(t, limit, func(t *testing.T) {
		ours := programAs(t, "sh")
		for _, steps := range []string{
			"mkdir /new/proc; exec switch_root /new " + seen,
			"mkdir /new/proc /new/dev /new/sys /new/run; exec switch_root /new " + seen,
			"mkdir /new/proc /new/dev; mount -t tmpfs own /new/dev; switch_root /new " + seen + "; echo $?",
			"mkdir /new/proc; mount -t tmpfs sub /d/e; exec 2>/dev/null; exec switch_root /new " + seen,
			"mkdir /new/proc; mount -t tmpfs sub /d/e; exec switch_root /new /bin/sleep 0.2",
			"mkdir /new/proc; cd /new; exec switch_root . " + seen,
			"mkdir /new/proc; exec switch_root /new/ /bin/nosuch",
			"exec switch_root /new /here; echo $?",
			"exec switch_root /new /other a b",
			"switch_root /new /nosuch/x; echo $?",
			"switch_root /nosuch /bin/true; echo $?; ls -d /proc/1 /dev/null",
			"switch_root; echo $?; switch_root /new; echo $?; switch_root --; echo $?; " +
				"switch_root -- /bin/true; echo $?",
			"switch_root -V; echo $?; switch_root -h; echo $?; switch_root -x a b; echo $?",
			"(mkdir /new/proc; exec switch_root /new /bin/ls -d /here); echo $?",
			"env A=b switch_root /new /bin/sh -c 'echo $A'; echo $?",
		} {
			text := strings.Replace(inMemory, "STEPS", steps, 1)
			run := func(shell string) result { return runShell(t, shell, "SHELL="+shell+"\n"+text) }
			want, got := run("/usr/bin/dash"), run(ours)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s\n(-dash and the system's tool, +ours)\n%s", steps, d)
			}
		}
	})
}

// TestSwitchRootRefused checks that our switch_root rejects an unsuitable root before it
// moves any mount. The system's tool prints the same message, but only after it has
// unmounted /proc.
func TestSwitchRootRefused(t *testing.T) {
	sandboxtest.Test(t, limit, func(t *testing.T) {
		ours := programAs(t, "sh")
		for root, text := range map[string]string{
			"/new/other": "failed to mount moving /new/other to /: Invalid argument",
			"new":        "failed to mount moving new to /: No such file or directory",
			"/top":       "failed to change directory to /top: Not a directory",
		} {
			steps := "switch_root " + root + " /bin/true; echo $?; ls -d /proc/1 /dev/null /top"
			script := strings.Replace(inMemory, "STEPS", steps, 1)
			run := func(shell string) result { return runShell(t, shell, "SHELL="+shell+"\n"+script) }
			want := run("/usr/bin/dash").Stdout
			if !strings.Contains(want, "switch_root: "+text+"\nswitch_root: failed. Sorry.\n1\n") {
				t.Errorf("%s: the tool says %s", root, want)
			}
			got := run(ours).Stdout
			expect := "switch_root: " + text + "\nswitch_root: failed. Sorry.\n1\n/dev/null\n" +
				"/proc/1\n/top\n0\n"
			if d := cmp.Diff(expect, got); d != "" {
				t.Errorf("%s: %s", root, d)
			}
		}
	})
}
