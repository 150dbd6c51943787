package layer_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// TestResetByChance resets paths of upper directories made by chance. What the kernel then shows
// at the path is what LOWER has; all else is as before. The backup brings back what was.
func TestResetByChance(t *testing.T) {
	rounds := uint64(200)
	if testing.Short() {
		rounds = 60
	}
	sandboxtest.TestBare(t, 3*time.Minute, func(t *testing.T) {
		done := map[int]int{}
		for seed := range rounds {
			w := newWorld(t, fmt.Sprintf("/mnt/%d", seed), mountOptions[seed%3], seed)
			w.fill(w.path("lower"), 3)
			w.mount()
			for range 1 + w.chance.IntN(30) {
				w.step()
			}
			before, lower := w.tree(w.path("live")), w.tree(w.path("lower"))
			w.unmount()
			done[w.resetSome(before, lower)]++
			if t.Failed() {
				t.Fatalf("seed %d, mounted with %q:\n%s", seed, w.options, strings.Join(w.log, "\n"))
			}
		}
		if done[0] < int(rounds)/2 || done[1] == 0 {
			t.Errorf("statuses of the resets: %v", done)
		}
	})
}

// mounted returns the tree that the kernel shows.
func (w *world) mounted() map[string]string {
	w.t.Helper()
	w.mount()
	defer w.unmount()
	return w.tree(w.path("live"))
}

// resetSome resets a path, or all, and returns the status.
func (w *world) resetSome(before, lower map[string]string) int {
	w.t.Helper()
	args := []string{"overlay-reset", "--yes", "--backup", w.path("kept"), w.path("w.conf")}
	name := w.someName(before, lower)
	if name != "." {
		args = append(args, name)
	}
	o := w.run(args...)
	w.log = append(w.log, fmt.Sprintf("%q: %v", args, o))
	after := w.mounted()
	want := before
	if o.Status == 0 {
		want = wantReset(before, lower, name)
	}
	if diff := cmp.Diff(want, after); diff != "" {
		w.t.Errorf("-want +after the reset of %q:\n%s", name, diff)
	}
	if work, err := os.ReadDir(w.path("work")); err == nil && len(work) > 1 {
		w.t.Errorf("left in WORK: %v", work)
	}
	if _, err := os.Stat(w.path("kept")); err != nil {
		return o.Status
	}
	o = w.run("overlay-reset", "-y", "--restore", w.path("kept"), w.path("w.conf"))
	w.log = append(w.log, fmt.Sprintf("restore: %v", o))
	if diff := cmp.Diff(before, w.mounted()); diff != "" || o.Status != 0 {
		w.t.Errorf("%v; -before +after the restore of %q:\n%s", o, name, diff)
	}
	return 0
}

// wantReset returns what is seen after a reset of a path: below it the lower directory's files,
// with the directories above them.
func wantReset(before, lower map[string]string, name string) map[string]string {
	isIn := func(p string) bool { return name == "." || p == name || strings.HasPrefix(p, name+"/") }
	want := map[string]string{}
	for p, description := range before {
		if !isIn(p) {
			want[p] = description
		}
	}
	for p, description := range lower {
		if isIn(p) {
			want[p] = description
		}
	}
	if _, ok := lower[name]; ok {
		for up := path.Dir(name); up != "."; up = path.Dir(up) {
			if _, ok := want[up]; !ok {
				want[up] = lower[up]
			}
		}
	}
	return want
}

// TestBackupForTar has GNU tar list and extract a backup, and compares what it extracts.
func TestBackupForTar(t *testing.T) {
	kit.Tools(t, "tar", "zstd")
	sandboxtest.TestBare(t, time.Minute, func(t *testing.T) {
		w := newWorld(t, "/mnt/w", "", 1)
		root := w.path("root")
		script := `cd "$1"; mkdir -p d/e; echo x >d/f; ln d/f d/hard; ln d/f third; ln -s f d/soft
mkfifo d/pipe; mknod d/null c 1 3; mknod gone c 0 0
chmod 4751 d/f; chown 3:4 d/f; touch -d @77.123456789 d/f
truncate -s 3M sparse; printf 'in the middle' | dd of=sparse bs=1k seek=1500 conv=notrunc 2>&1
truncate -s 300M end; n=$(printf %0100d 0); mkdir -p d/$n/$n/$n; echo deep >d/$n/$n/$n/$n
echo 1 >"d/new
line"`
		out, err := exec.Command("sh", "-ec", script, "sh", root).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		want := w.tree(root)
		o := w.run("overlay-reset", "--yes", "--backup", "/mnt/kept.tar.zst", w.path("w.conf"))
		if o.Status != 0 {
			t.Fatal(o)
		}
		if left := w.tree(root); len(left) != 1 {
			t.Errorf("left: %v", left)
		}
		out, err = exec.Command("sh", "-ec", `mkdir /mnt/x; cd /mnt/x
tar --zstd --xattrs --xattrs-include='*' -xpf /mnt/kept.tar.zst
[ d/f -ef d/hard ]; [ third -ef d/f ]; [ $(stat -c %y d/f | cut -c 21-29) = 123456789 ]
[ $(du -k sparse end | awk '{ n += $1 } END { print n }') -lt 100 ]`).CombinedOutput()
		if err != nil || len(out) != 0 {
			t.Errorf("tar: %v: %s", err, out)
		}
		if diff := cmp.Diff(want, w.tree("/mnt/x")); diff != "" {
			t.Errorf("-was +extracted:\n%s", diff)
		}
		o = w.run("overlay-reset", "-y", "--restore", "/mnt/kept.tar.zst", w.path("w.conf"))
		if o.Status != 0 {
			t.Error(o)
		}
		if diff := cmp.Diff(want, w.tree(root)); diff != "" {
			t.Errorf("-was +restored:\n%s", diff)
		}
	})
}
