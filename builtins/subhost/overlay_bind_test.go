package subhost_test

import (
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
	"overlayboot/builtins/native/nativetest"
	"overlayboot/compat/judge"
)

const bindFiles = `mkdir -p d/e t; touch f g; echo x > d/in
ln -s nowhere l; ln -s m m; ln -s t tl; ln -s f fl
mount -t tmpfs s d/e; touch d/e/deep`

// TestBindAsMount checks that overlay-bind --root does what mount --bind does there, with the
// same messages.
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
				want := belowOutcome(t, bindFiles, func() judge.Outcome {
					return toolIn(t, judge.Split(t, "mount "+r.mount+" "+r.operands))
				})
				want.Stderr, _, _ = strings.Cut(want.Stderr, "       dmesg(1)")
				want.Stderr = strings.NewReplacer("mount: /", "overlay-bind: ", "mount: ",
					"overlay-bind: ", "device /", "device ").Replace(want.Stderr)
				got := belowOutcome(t, bindFiles, func() judge.Outcome {
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

// bindRows are targets with planted links, below the root or below the root of a process.
var bindRows = [...]struct {
	plant, target string
	place         string // where /mnt/src is afterwards, "" for nowhere
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
				bindHostile(t, r.plant, r.place, func() (string, judge.Outcome) {
					o := callIn(t, "", "overlay-bind", "--root", "r", "src", r.target)
					return nativetest.Shell(t, "cat /proc/$PPID/mountinfo"), o
				})
			})
			t.Run("process "+r.plant, func(t *testing.T) {
				bindHostile(t, r.plant, r.place, func() (mounts string, o judge.Outcome) {
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

// TestBindPrivate checks that the new mount is in no peer group, though its source is: nothing
// that root inside mounts below it may appear on the host.
func TestBindPrivate(t *testing.T) {
	inBelowSandbox(t, func(t *testing.T) {
		nativetest.Shell(t, hostFiles+`; mkdir /mnt/r/t; mount -t tmpfs s /mnt/out
mkdir /mnt/out/below; mount -t tmpfs b /mnt/out/below; mount --make-rshared /mnt/out`)
		for _, how := range []string{"", "--recursive", "--read-only", "--recursive --read-only"} {
			args := append(strings.Fields("overlay-bind "+how+" --root r"), "/mnt/out", "t")
			if o := callIn(t, "", args...); o.Status != 0 {
				t.Fatalf("%s: %v", how, o)
			}
			table := nativetest.Shell(t, "cat /proc/$PPID/mountinfo; umount -R /mnt/r/t")
			mounts, shared := mountsBelow(table, "/mnt/out")
			if mounts != 2 || shared != mounts {
				t.Errorf("the test is wrong: %d of %d sources are shared", shared, mounts)
			}
			mounts, shared = mountsBelow(table, "/mnt/r/t")
			if mounts == 0 || shared != 0 {
				t.Errorf("%s: %d of %d mounts are in a peer group:\n%s", how, shared, mounts, table)
			}
		}
	})
}

// mountsBelow counts the mounts on a place and below it in the text of a mountinfo, and those of
// them that are in a peer group.
func mountsBelow(table, place string) (mounts, shared int) {
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(strings.Fields(line)[4], place) {
			continue
		}
		mounts++
		if strings.Contains(line, " shared:") {
			shared++
		}
	}
	return mounts, shared
}

func bindHostile(t *testing.T, plant, place string, bind func() (mounts string, o judge.Outcome)) {
	t.Helper()
	if err := unix.Mount("mnt", "/mnt", "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount("/mnt", unix.MNT_DETACH)
	nativetest.Shell(t, hostFiles+"; mkdir src; cd r; "+plant)
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

// beInside makes a thread with a mount namespace of its own, and /mnt/r as its root there. list
// is the open mount list of the thread; its names are relative to the root of that namespace.
func beInside(t *testing.T, use func(tid, list int)) {
	t.Helper()
	native.OnThread(func() {
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
		go func() { // on a thread outside
			defer close(done)
			use(tid, list)
		}()
		<-done
	})
}
