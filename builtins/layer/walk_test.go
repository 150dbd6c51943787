package layer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"overlayboot/builtins/layer"
	"overlayboot/compat/sandbox/sandboxtest"
)

// mountOptions are ways in which an upper directory may be written.
var mountOptions = []string{"", ",redirect_dir=on", ",redirect_dir=on,metacopy=on", ",xino=on"}

// TestWalkByChance changes mounted overlays by chance. A walk of the two directories must find
// what a comparison of all files finds, while the overlay is mounted and afterwards.
func TestWalkByChance(t *testing.T) {
	rounds := uint64(200)
	if testing.Short() {
		rounds = 60
	}
	sandboxtest.TestBare(t, 3*time.Minute, func(t *testing.T) {
		kinds := map[string]int{}
		for seed := range rounds {
			w := newWorld(t, fmt.Sprintf("/mnt/%d", seed), mountOptions[seed%4], seed)
			w.fill(w.path("lower"), 3)
			w.mount()
			for range 1 + w.chance.IntN(30) {
				w.step()
			}
			want := changes(w.tree(w.path("live")), w.tree(w.path("lower")))
			w.compare(want, layer.Options{})
			w.unmount()
			w.compare(want, layer.Options{})
			w.compareSome(want)
			for _, line := range want {
				kinds[line[:1]]++
			}
			if t.Failed() {
				t.Fatalf("seed %d, mounted with %q:\n%s", seed, w.options, strings.Join(w.log, "\n"))
			}
		}
		for _, kind := range []string{"A", "C", "D"} {
			if kinds[kind] < int(rounds) {
				t.Errorf("only %d changes %s", kinds[kind], kind)
			}
		}
	})
}

func (w *world) compare(want []string, o layer.Options) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.walk(o)); diff != "" {
		w.t.Errorf("-all files +walk of %q:\n%s", o.Only, diff)
	}
}

// compareSome walks below some path only. What is removed with a directory above that path is
// in the lower directory.
func (w *world) compareSome(all []string) {
	w.t.Helper()
	was := w.tree(w.path("lower"))
	names := []string{"a/a", "b", "c/a/b", "a/b/c", "d e"}
	only := names[w.chance.IntN(len(names)):][:1]
	var want []string
	for _, line := range all {
		kind, name := line[:1], line[2:]
		switch {
		case name == only[0] || strings.HasPrefix(name, only[0]+"/"):
			want = append(want, line)
		case strings.HasPrefix(only[0], name+"/") && was[only[0]] != "" &&
			(kind == "D" || !isDir(w.mergedType(name))):
			want = append(want, "D "+only[0])
		}
	}
	slices.Sort(want)
	w.compare(slices.Compact(want), layer.Options{Only: only})
}

// mergedType describes a path of the subhost that is not mounted.
func (w *world) mergedType(name string) string {
	w.mount()
	defer w.unmount()
	return w.tree(w.path("live"))[name]
}
