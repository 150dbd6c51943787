package testsuite

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/sandbox"
	"overlayboot/scripts"
)

// releaseRows create mounts in /tmp/m. overlay-release keeps those at d/live or below, and
// those that contain d/live or a directory in keep.
var releaseRows = []struct{ name, setup, keep string }{
	{"none", ":", ""},
	{"one", "mkdir a; mount -t tmpfs x a", ""},
	{"many", "for i in $(seq 40); do mkdir n$i; mount -t tmpfs x n$i; done", "/tmp/m/n7 /tmp/m/n9/y"},
	{"files", "echo f >f; for i in 1 2 3; do : >g$i; mount --bind f g$i; done", "/tmp/m/g2"},
	{"files first", "mkdir a; mount -t tmpfs x a; : >f; : >g; mount --bind f g", ""},
	{"nested",
		"mkdir a; mount -t tmpfs x a; mkdir a/b; mount -t tmpfs x a/b; mkdir a/b/c; mount --bind a a/b/c",
		""},
	{"nested, the upper kept",
		"mkdir a; mount -t tmpfs x a; mkdir a/b a/c; mount -t tmpfs x a/b; mount -t tmpfs x a/c",
		"/tmp/m/a"},
	{"nested, the lower kept",
		"mkdir a; mount -t tmpfs x a; mkdir a/b a/c; mount -t tmpfs x a/b; mount -t tmpfs x a/c",
		"/tmp/m/a/b/no"},
	{"stacked", "mkdir a; for i in 1 2 3; do mount -t tmpfs x a; done", ""},
	{"stacked, kept",
		"mkdir a b; for i in 1 2 3; do mount -t tmpfs x a; done; mount -t tmpfs x b",
		"/tmp/m/a"},
	{"hidden",
		"mkdir -p a/b; mount -t tmpfs x a/b; mount -t tmpfs x a; mkdir a/b; mount -t tmpfs x a/b",
		""},
	{"hidden by one that stays",
		"mkdir -p a/b d/live/e; mount -t tmpfs x d; mkdir d/live; mount -t tmpfs x d/live", ""},
	{"the root",
		"mount -t tmpfs x d/live; mkdir d/live/dev; mount -t tmpfs x d/live/dev; " +
			"mkdir d/lives; mount -t tmpfs x d/lives",
		""},
	{"names",
		"for n in 'a b' 'c\\d' \"e'f\" '*' -g; do mkdir -- \"$n\"; mount -t tmpfs x \"$PWD/$n\"; done",
		"/tmp/m/*"},
	{"in a root kept",
		"mkdir a; mount -t tmpfs x a; mkdir a/b a/c; mount -t tmpfs x a/b; " +
			"mount -t tmpfs x a/c; mkdir a/c/d; mount -t tmpfs x a/c/d; cd a",
		"/tmp/m/a /tmp/m/a/c"},
	{"a directory of one that stays", "mkdir a; mount -t tmpfs x a; mkdir -p a/b/c; cd a/b/c",
		"/tmp/m/a/b"},
	{"unbindable",
		"mkdir a; mount -t tmpfs x a; mount --make-unbindable a; mkdir a/b; mount -t tmpfs x a/b",
		"/tmp/m/a"},
	{"shared",
		"mkdir a; mount -t tmpfs x a; mount --make-shared a; mkdir a/b; mount -t tmpfs x a/b",
		"/tmp/m/a"},
	{"shared, all",
		"mkdir a; mount -t tmpfs x a; mkdir a/b; mount -t tmpfs x a/b; mount --make-rshared /",
		"/tmp/m/a"},
	{"open", "mkdir a b; mount --bind a a; : >a/f; exec 7<b; mount -t tmpfs x b", ""},
}

// TestRelease checks that overlay-release keeps the same mounts as the loop in the script.
// The loop is for other shells; here it runs with dash and umount(8).
func TestRelease(t *testing.T) {
	onHost(t, func(h *host) {
		loop := functionOf(t, "functions", "quote") + functionOf(t, "root", "unmount_but") +
			"release() { unmount_but \"$@\"; }\n"
		for _, r := range releaseRows {
			for _, more := range []string{"", moreMounts} {
				all := h.released(h.t, "dash", loop, r.setup+more, r.keep)
				for _, option := range []string{"", "-a"} {
					native := "release() { overlay-release " + option + " \"$@\"; }\n"
					h.t.Run(r.name+more+option, func(t *testing.T) {
						want := all
						got := h.released(t, filepath.Join(h.engine.Dir, "overlay-sh"), native,
							r.setup+more, r.keep)
						if option == "-a" { // mounts hidden by others need not stay
							want.Stdout, got.Stdout = seen(want.Stdout), seen(got.Stdout)
						}
						if d := cmp.Diff(want, got); d != "" {
							t.Errorf("-the loop +overlay-release:\n%s", d)
						}
					})
				}
			}
		}
	})
}

// seen removes the list of all mounts from the output of released.
func seen(text string) string {
	before, rest, _ := strings.Cut(text, "all:\n")
	_, after, _ := strings.Cut(rest, "seen:\n")
	return before + after
}

// listMounts is a script that lists all mounts, and then those that can be reached.
const listMounts = `echo all:
awk '{print $2, $3}' /proc/mounts
echo seen:
n=0
while read id parent device root target rest; do
	n=$((n+1))
	[ "$device" = "$(stat -c %Hd:%Ld "$(printf %b "$target")" 2>/dev/null)" ] || continue
	tail -n +$((n+1)) /tmp/table | cut -d' ' -f5 | grep -qxF "$target" ||
		echo "$target $root ${rest##* - }"
done </tmp/table | sort
`

// moreMounts is appended to the setup of each row once: that many mounts are handled in
// another way.
const moreMounts = "\nfor i in $(seq 40); do mkdir -p o/$i; mount -t tmpfs x o/$i; done"

// functionOf returns the text of one function of one of our scripts.
func functionOf(t *testing.T, script, name string) string {
	text, _ := scripts.Text(script)
	_, text, ok := strings.Cut(text, "\n"+name+"() {\n")
	if !ok {
		t.Fatalf("%s has no function %s", script, name)
	}
	body, _, _ := strings.Cut(text, "\n}\n")
	return name + "() {\n" + body + "\n}\n"
}

// released makes the mounts of a row, lets a shell release them, and returns the list of
// those that are left.
func (h *host) released(t *testing.T, shell, release, setup, keep string) sandbox.Result {
	t.Helper()
	must(t, os.MkdirAll("/tmp/m", 0o755))
	defer os.RemoveAll("/tmp/m")
	defer os.Remove("/tmp/table")
	script := release + `
ended() {
	echo $?; pwd -P; touch here; rm here; ls -A . /tmp/m/d/live; cd /
	cat /proc/self/mountinfo >/tmp/table
}
cd /tmp/m; mkdir -p d/live
others=$(awk '{print $2}' /proc/mounts)
` + setup + `
set -f; release /tmp/m/d/live $others ` + keep + "; ended\n" + listMounts
	cmd := exec.Command("unshare", "-m", shell, "-c", script)
	cmd.Env = append(os.Environ(), "PATH="+sandbox.Path)
	r, err := sandbox.Exec(cmd)
	must(t, err)
	return r
}

// TestReleaseRefused checks that arguments that are not absolute paths are refused. With
// them all mounts would be released.
func TestReleaseRefused(t *testing.T) {
	onHost(t, func(h *host) {
		for _, args := range []string{"", "d", "/tmp d", "/tmp ''"} {
			cmd := exec.Command("unshare", "-m", filepath.Join(h.engine.Dir, "overlay-sh"), "-c",
				"cd /tmp; before=$(cat /proc/mounts); overlay-release "+args+
					"; echo $?; [ \"$before\" = \"$(cat /proc/mounts)\" ] && echo same")
			r, err := sandbox.Exec(cmd)
			must(h.t, err)
			if r.Stdout != "2\nsame\n" {
				h.t.Errorf("overlay-release %s: %v", args, r)
			}
		}
	})
}
