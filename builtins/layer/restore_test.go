package layer_test

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/sandbox/sandboxtest"
)

// TestRestoreByChance changes a subhost between the reset of a path and the restore. What the
// kernel then shows at the paths of the backup is what it had; all else is as it was.
func TestRestoreByChance(t *testing.T) {
	rounds := uint64(200)
	if testing.Short() {
		rounds = 60
	}
	sandboxtest.TestBare(t, 3*time.Minute, func(t *testing.T) {
		done := map[string]int{}
		for seed := range rounds {
			w := newWorld(t, fmt.Sprintf("/mnt/%d", seed), mountOptions[seed%3], seed)
			w.fill(w.path("lower"), 3)
			w.change(20)
			done[w.restoreSome()]++
			if t.Failed() {
				t.Fatalf("seed %d, mounted with %q:\n%s", seed, w.options, strings.Join(w.log, "\n"))
			}
		}
		if done["restored"] < int(rounds)/3 || done["blocked"] == 0 || done["renamed"] == 0 {
			t.Errorf("only %v", done)
		}
	})
}

// change changes the mounted tree in some steps, and returns the trees before and after it.
func (w *world) change(steps int) (before, after map[string]string) {
	w.t.Helper()
	w.mount()
	defer w.unmount()
	before = w.tree(w.path("live"))
	for range 1 + w.chance.IntN(steps) {
		w.step()
	}
	return before, w.tree(w.path("live"))
}

// restoreSome resets a path, changes the subhost and restores the path. It returns what became of
// that.
func (w *world) restoreSome() string {
	w.t.Helper()
	before, lower := w.mounted(), w.tree(w.path("lower"))
	args := []string{"overlay-reset", "--yes", "--backup", w.path("kept"), w.path("w.conf")}
	if name := w.someName(different(before, lower)); name != "." {
		args = append(args, name)
	}
	o := w.run(args...)
	w.log = append(w.log, fmt.Sprintf("%q: %v", args, o))
	if o.Status != 0 || strings.Contains(o.Stderr, "nothing to reset") {
		return "no backup"
	}
	_, now := w.change(12)
	if w.chance.IntN(2) == 0 { // the way of a restore is often blocked by chance only
		now = w.removeAbove(args[len(args)-1])
	}
	list := w.run("overlay-reset", "-n", "--restore", w.path("kept"), w.path("w.conf"))
	want, blocked := wantRestore(before, now, unquotedLines(list.Stdout))
	o = w.run("overlay-reset", "-y", "--restore", w.path("kept"), w.path("w.conf"))
	w.log = append(w.log, fmt.Sprintf("restore of %q: %v", list.Stdout, o))
	result := "restored"
	switch {
	case o.Status != list.Status:
		w.t.Errorf("-n: %v, but %v", list, o)
	case o.Status == 0 && blocked:
		w.t.Errorf("a file is in the way: %v", o)
	case o.Status == 0:
	case blocked:
		want, result = now, "blocked"
	case strings.Contains(o.Stderr, "renamed from") &&
		strings.Contains(o.Stderr, "nothing has been changed"):
		want, result = now, "renamed"
	default:
		w.t.Errorf("%v", o)
	}
	if diff := cmp.Diff(want, w.mounted()); diff != "" {
		w.t.Errorf("-want +after the restore of %q:\n%s", list.Stdout, diff)
	}
	return result
}

// different returns the paths at which two trees differ, and the root.
func different(a, b map[string]string) map[string]string {
	all := map[string]string{".": ""}
	for name := range a {
		if a[name] != b[name] {
			all[name] = ""
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			all[name] = ""
		}
	}
	return all
}

// someName returns a path of one of two trees.
func (w *world) someName(trees ...map[string]string) string {
	var names []string
	for _, tree := range trees {
		for name := range tree {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names[w.chance.IntN(len(names))]
}

// removeAbove removes or renames the directory that a path is in, and may put a file in its place.
func (w *world) removeAbove(name string) map[string]string {
	w.t.Helper()
	w.mount()
	defer w.unmount()
	if dir, _, ok := strings.Cut(name, "/"); ok && name[0] != '/' {
		if w.chance.IntN(2) == 0 && os.Rename(w.path("live", dir), w.path("live/moved")) == nil {
			w.log = append(w.log, "mv "+dir+" moved")
			return w.tree(w.path("live"))
		}
		w.log = append(w.log, "rm -r "+dir)
		w.check(os.RemoveAll(w.path("live", dir)))
		if w.chance.IntN(4) == 0 {
			w.log = append(w.log, "write "+dir)
			w.check(w.write(w.path("live", dir)))
		}
	}
	return w.tree(w.path("live"))
}

// wantRestore returns what is to be seen after a restore of paths, and whether a file is in the
// place of a directory that this needs.
func wantRestore(before, now map[string]string, units []string) (want map[string]string,
	blocked bool) {
	want = map[string]string{}
	isIn := func(p string) bool {
		for _, u := range units {
			if p == u || strings.HasPrefix(p, u+"/") {
				return true
			}
		}
		return false
	}
	for p, description := range now {
		if !isIn(p) {
			want[p] = description
		}
	}
	for p, description := range before {
		if isIn(p) {
			want[p] = description
		}
	}
	for _, u := range units {
		for up := path.Dir(u); up != "."; up = path.Dir(up) {
			there, ok := now[up]
			blocked = blocked || ok && !isDir(there)
			if _, ok := before[u]; ok && want[up] == "" {
				want[up] = before[up]
			}
		}
	}
	return want, blocked
}

// unquotedLines returns the paths that overlay-reset has printed, without the slash in front.
func unquotedLines(text string) (list []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if plain, err := strconv.Unquote(line); err == nil {
			line = plain
		}
		list = append(list, strings.TrimPrefix(line, "/"))
	}
	return list
}
