package layer_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// sh runs a script in the directory of the world, and returns what it prints.
func (w *world) sh(script string) string {
	w.t.Helper()
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = w.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%s: %v: %s", script, err, out)
	}
	return string(out)
}

// reset runs overlay-reset, which must end with a status.
func (w *world) reset(status int, args ...string) string {
	w.t.Helper()
	o := w.run(append(append([]string{"overlay-reset", "-y"}, args[:len(args)-1]...),
		w.path("w.conf"), args[len(args)-1])...)
	if o.Status != status {
		w.t.Errorf("overlay-reset %q: %v", args, o)
	}
	return o.Stderr
}

// restore restores /mnt/kept.
func (w *world) restore(status int) string {
	w.t.Helper()
	o := w.run("overlay-reset", "-y", "--restore", "/mnt/kept", w.path("w.conf"))
	if o.Status != status {
		w.t.Errorf("restore: %v", o)
	}
	return o.Stderr
}

// TestRestoreDots has names that begin like those that mean other things.
func TestRestoreDots(t *testing.T) {
	sandboxtest.TestBare(t, time.Minute, func(t *testing.T) {
		w := newWorld(t, "/mnt/w", "", 1)
		for _, name := range []string{".config/a/sub", ".x/sub", "..x/sub", ".wh.x/.wh.y", "..../...",
			"-n/-", "a/.x", "PaxHeaders/sparse", "GNUSparseFile.0/sparse", "work/index"} {
			path := w.path("root", name)
			w.check(os.MkdirAll(path, 0o750))
			w.check(os.WriteFile(path+"/.f", []byte("1"), 0o640))
			before := w.tree(w.path("root"))
			w.reset(0, "--backup", "/mnt/kept", "/"+name)
			if _, err := os.Lstat(path); err == nil {
				t.Errorf("%s is there", name)
			}
			w.restore(0)
			if diff := cmp.Diff(before, w.tree(w.path("root"))); diff != "" {
				t.Errorf("%s: -was +restored:\n%s", name, diff)
			}
			w.sh("rm /mnt/kept; rm -r root; mkdir root")
		}
	})
}

// TestRestoreSparse brings holes back as holes, however large, and zeros as zeros.
func TestRestoreSparse(t *testing.T) {
	sandboxtest.TestBare(t, time.Minute, func(t *testing.T) {
		w := newWorld(t, "/mnt/w", "", 1)
		w.sh(`cd root; head -c 8388608 /dev/zero >zeros; truncate -s 7E vast; truncate -s 1M hole
printf begin >ends; truncate -s 3T ends; printf end >>ends; : >empty; head -c 777 /dev/zero >odd
n=0; while [ $n -lt 300 ]; do printf "$n" | dd of=many bs=4k seek=$((2 * n)) conv=notrunc 2>&1
n=$((n + 1)); done`)
		// not the times of the directory
		const list = `cd root; stat -c '%n %s %b %y' *; md5sum zeros many odd empty; tail -c 3 ends`
		want := w.sh(list)
		w.reset(0, "--backup", "/mnt/kept", "/")
		if got := w.sh("ls root"); got != "" {
			t.Fatal(got)
		}
		if o := w.run("overlay-reset", "-n", "--restore", "/mnt/kept", w.path("w.conf")); o.Status != 0 ||
			strings.Count(o.Stdout, "\n") != 7 {
			t.Error(o)
		}
		w.restore(0)
		if diff := cmp.Diff(want, w.sh(list)); diff != "" {
			t.Errorf("-was +restored:\n%s", diff)
		}
	})
}

// TestRestoreBroken has backups that are cut off, or that have more than one archive. Each is
// refused, and nothing is changed.
func TestRestoreBroken(t *testing.T) {
	kit.Tools(t, "zstd")
	sandboxtest.TestBare(t, time.Minute, func(t *testing.T) {
		w := newWorld(t, "/mnt/w", "", 1)
		w.sh(`cd root; mkdir d; echo 1 >d/f; head -c 5000 /dev/zero >zeros; truncate -s 9000 hole
printf x >>hole; ln -s x link; cd ..; mkdir later`)
		w.reset(0, "--backup", "/mnt/kept", "/")
		kept, err := os.ReadFile("/mnt/kept")
		w.check(err)
		archive := []byte(w.sh("zstd -dc </mnt/kept"))
		broken := map[string][]byte{"two archives": slices.Concat(archive, archive), "no archive": nil,
			"not ours": make([]byte, 10240)}
		for at := 0; at < len(archive)-512; at += 256 {
			broken[fmt.Sprint("archive at ", at)] = archive[:at]
		}
		w.sh("echo new >root/new; echo other >root/link")
		now := w.tree(w.path("root"))
		check := func(name string) {
			said := w.restore(1)
			if !strings.HasSuffix(said, "; nothing has been changed\n") ||
				strings.Count(said, "\n") != 1 || !strings.Contains(said, "cannot read the backup") {
				t.Errorf("%s: %q", name, said)
			}
			if o := w.run("overlay-reset", "-n", "--restore", "/mnt/kept", w.path("w.conf")); o.Status != 1 {
				t.Errorf("%s: -n: %v", name, o)
			}
		}
		for name, text := range broken {
			cmd := exec.Command("zstd", "-qc")
			cmd.Stdin = bytes.NewReader(text)
			packed, err := cmd.Output()
			w.check(err)
			w.check(os.WriteFile("/mnt/kept", packed, 0o600))
			check(name)
		}
		for at := 0; at < len(kept); at += 1 + at/9 {
			w.check(os.WriteFile("/mnt/kept", kept[:at], 0o600))
			check(fmt.Sprint("cut at ", at))
		}
		if diff := cmp.Diff(now, w.tree(w.path("root"))); diff != "" {
			t.Errorf("-was +is:\n%s", diff)
		}
		w.check(os.WriteFile("/mnt/kept", kept, 0o600))
		w.restore(0)
	})
}

// anACL is an ACL of which a part is for a user of its own.
func anACL() []byte {
	acl := binary.LittleEndian.AppendUint32(nil, 2)
	for _, e := range [][3]uint32{{1, 7, ^uint32(0)}, {2, 7, 1000}, {4, 7, ^uint32(0)},
		{16, 7, ^uint32(0)}, {32, 5, ^uint32(0)}} {
		acl = binary.LittleEndian.AppendUint16(acl, uint16(e[0]))
		acl = binary.LittleEndian.AppendUint16(acl, uint16(e[1]))
		acl = binary.LittleEndian.AppendUint32(acl, e[2])
	}
	return acl
}

// TestResetACLs has directories whose ACLs are inherited by what is made in them: overlay-reset
// leaves none that was not there.
func TestResetACLs(t *testing.T) {
	sandboxtest.TestBare(t, time.Minute, func(t *testing.T) {
		w := newWorld(t, "/mnt/w", "", 1)
		w.sh(`cd root; mkdir -p d/e own/in; echo 1 >d/f; ln -s f d/l; mknod d/p p; mkdir ../lower/gone
echo 1 >../lower/gone/f; echo 2 >../lower/gone/g; mknod gone c 0 0; echo 1 >own/in/f`)
		const name = "system.posix_acl_default"
		w.check(unix.Setxattr(w.path("work"), name, anACL(), 0))
		w.check(unix.Setxattr(w.path("root/own"), name, anACL(), 0))
		w.check(unix.Setxattr(w.path("root/own"), "system.posix_acl_access", anACL(), 0))
		mounted := w.mounted()
		before := w.tree(w.path("root"))
		w.reset(0, "--backup", "/mnt/kept", "/")
		w.restore(0)
		if diff := cmp.Diff(before, w.tree(w.path("root"))); diff != "" {
			t.Errorf("-was +restored:\n%s", diff)
		}
		if diff := cmp.Diff(mounted, w.mounted()); diff != "" {
			t.Errorf("-was +restored:\n%s", diff)
		}
		w.reset(0, "/gone/f")
		if diff := cmp.Diff(w.describe(w.path("lower/gone")), w.mounted()["gone"]); diff != "" {
			t.Errorf("-lower +reset:\n%s", diff)
		}
		w.sh("rm /mnt/kept")
		w.reset(0, "--backup", "/mnt/kept", "/own/in/f")
		w.sh("rm -r root/own; mkdir root/own")
		w.check(unix.Setxattr(w.path("root/own"), name, anACL(), 0))
		w.restore(0)
		for _, p := range []string{"own/in", "own/in/f"} {
			if diff := cmp.Diff(before[p], w.describe(w.path("root", p))); diff != "" {
				t.Errorf("-was +restored: %s:\n%s", p, diff)
			}
		}
	})
}

// TestResetFull has file systems without room: the message is a line that names what could not
// be written, and tells whether something has been changed.
func TestResetFull(t *testing.T) {
	sandboxtest.TestBare(t, time.Minute, func(t *testing.T) {
		w := newWorld(t, "/mnt/w", "", 1)
		w.sh(`head -c 3000000 /dev/urandom >root/big; mkdir /mnt/small; cp root/big /mnt/copy
mount -t tmpfs -o size=1m small /mnt/small`)
		said := w.reset(1, "--backup", "/mnt/small/b", "/")
		if want := "overlay-reset: cannot make the backup /mnt/small/b: no space left on device; " +
			"nothing has been changed\n"; said != want {
			t.Errorf("%q", said)
		}
		w.sh("cmp root/big /mnt/copy; [ -z \"$(ls /mnt/small)\" ]")
		w.reset(0, "--backup", "/mnt/kept", "/")
		w.sh("mkdir /mnt/small/root /mnt/small/work")
		w.sh("printf 'UPPER=/mnt/small/root\nWORK=/mnt/small/work\n' >>w.conf")
		said = w.restore(1)
		if want := "overlay-reset: cannot write to WORK=/mnt/small/work: /big: no space left on " +
			"device; nothing has been changed\n"; said != want {
			t.Errorf("%q", said)
		}
		if got := w.sh("cd /mnt/small; find ."); got != ".\n./work\n./root\n" {
			t.Error(got)
		}
	})
}
