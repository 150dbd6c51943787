package builtins

import (
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

const bindFiles = `mkdir -p d/e t; touch f g; echo x > d/in
ln -s nowhere l; ln -s m m; ln -s t tl; ln -s f fl
mount -t tmpfs s d/e; touch d/e/deep`

// TestBindAsMount holds that overlay-bind --root does what mount --bind does there, and says
// what that says.
func TestBindAsMount(t *testing.T) {
	inBelowSandbox(t, func(t *testing.T) {
		for _, r := range []struct{ mount, ours, operands string }{
			{"--bind", "", "d t"}, {"--bind", "", "/mnt/r/d tl"}, {"--bind", "", "f g"},
			{"--bind", "", "fl g"}, {"--bind", "", "f fl"}, {"--bind", "", "d/../d t/../t"},
			{"--rbind", "--recursive", "d t"}, {"--bind -o ro", "--read-only", "d t"},
			{"--bind -o ro", "--read-only", "f g"},
			{"--bind", "", "d f"}, {"--bind", "", "f d"}, {"--bind", "", "x t"},
			{"--bind", "", "d x"}, {"--bind", "", "x y"}, {"--bind", "", "d l"},
			{"--bind", "", "l d"}, {"--bind", "", "d m"}, {"--bind", "", "m d"},
			{"--bind", "", "f/x t"}, {"--bind", "", "f/x g"}, {"--bind", "", "d f/x"},
			{"--bind", "", "x l"}, {"--bind", "", "fl t"},
		} {
			t.Run(r.mount+" "+r.operands, func(t *testing.T) {
				want := belowOutcome(t, bindFiles, func() outcome {
					return toolIn(t, splitRow(t, "mount "+r.mount+" "+r.operands))
				})
				want.Stderr, _, _ = strings.Cut(want.Stderr, "       dmesg(1)")
				want.Stderr = strings.NewReplacer("mount: /", "overlay-bind: ", "mount: ",
					"overlay-bind: ", "device /", "device ").Replace(want.Stderr)
				got := belowOutcome(t, bindFiles, func() outcome {
					operands := strings.Fields(r.operands)
					if operands[0][0] != '/' {
						operands[0] = "r/" + operands[0]
					}
					return callIn(t, "", append(append([]string{"overlay-bind"},
						strings.Fields(r.ours+" --root r")...), operands...)...)
				})
				got.Stderr = strings.ReplaceAll(got.Stderr, "device r/", "device ")
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("-mount +ours:\n%s", d)
				}
			})
		}
	})
}

// bindRows are targets that somebody below the root, or below that of a process, has made
// links to elsewhere.
var bindRows = [...]struct {
	plant, target string
	place         string // where /mnt/src is then, "" for nowhere
}{
	{"ln -s /mnt/out/dir t", "t", ""},
	{"ln -s ../../../mnt/out/dir t", "t", ""},
	{"ln -s ../out t; mkdir -p out/dir", "t/dir", "/mnt/r/out/dir"},
	{"mkdir run var; ln -s /run var/run; mkdir run/x", "/var/run/x", "/mnt/r/run/x"},
	{plantProc + "ln -s /proc/1/root/mnt/out t", "t/dir", ""},
	{plantProc + "ln -s /proc/self/cwd t", "t", ""},
	{plantProc + "ln -s /proc/1/root t", "t", ""},
	{plantProc, "/proc/self/fd/0", ""},
	{"mkfifo t", "t", ""},
	{"mkdir -p a/b", "../../a/b", "/mnt/r/a/b"},
}

func TestBindHostile(t *testing.T) {
	inBelowSandbox(t, func(t *testing.T) {
		for _, r := range bindRows {
			t.Run("root "+r.plant, func(t *testing.T) {
				bindHostile(t, r.plant, r.place, func() (string, outcome) {
					o := callIn(t, "", "overlay-bind", "--root", "r", "src", r.target)
					return shell(t, "cat /proc/$PPID/mountinfo"), o
				})
			})
			t.Run("process "+r.plant, func(t *testing.T) {
				bindHostile(t, r.plant, r.place, func() (mounts string, o outcome) {
					beInside(t, func(tid, list int) {
						o = callIn(t, "", "overlay-bind", strconv.Itoa(tid), "src", r.target)
						text, err := io.ReadAll(os.NewFile(uintptr(list), "mountinfo"))
						if err != nil {
							t.Error(err)
						}
						mounts = string(text)
					})
					return mounts, o
				})
			})
		}
	})
}

func bindHostile(t *testing.T, plant, place string, bind func() (mounts string, o outcome)) {
	t.Helper()
	if err := unix.Mount("mnt", "/mnt", "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount("/mnt", unix.MNT_DETACH)
	shell(t, hostFiles+"; mkdir src; cd r; "+plant)
	before := hostSide(t)
	mounts, o := bind()
	if (o.Status == 0) != (place != "") || (o.Status == 0) != (o.Stderr == "") {
		t.Errorf("status %d, %q; is it to be mounted: %v", o.Status, o.Stderr, place != "")
	}
	if after := hostSide(t); after != before {
		t.Errorf("the host has changed (-before +after):\n%s", cmp.Diff(before, after))
	}
	at := ""
	for line := range strings.Lines(mounts) {
		if f := strings.Fields(line); f[3] == "/src" {
			at += f[4]
		}
	}
	if at != place {
		t.Errorf("mounted on %q, want %q", at, place)
	}
}

// beInside has a thread with a mount namespace of its own, and /mnt/r for its root there. list
// is the open list of its mounts, with the names that the namespace has for them.
func beInside(t *testing.T, use func(tid, list int)) {
	t.Helper()
	onThread(func() {
		list, err := -1, unix.Unshare(unix.CLONE_NEWNS)
		if err == nil {
			list, err = unix.Open("/proc/thread-self/mountinfo", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		}
		if err == nil {
			err = unix.Chroot("/mnt/r")
		}
		if err != nil {
			t.Error(err)
			return
		}
		done := make(chan struct{})
		tid := unix.Gettid()
		go func() { // on a thread that is not inside
			defer close(done)
			use(tid, list)
		}()
		<-done
	})
}
