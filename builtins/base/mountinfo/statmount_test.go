package mountinfo

import (
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/judge"
	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// TestMountsHere checks that the kernel's answers about the mounts at and below a directory
// agree with the list of all mounts.
func TestMountsHere(t *testing.T) {
	if _, _, err := unix.Syscall(unix.SYS_LISTMOUNT, 0, 0, 0); err == unix.ENOSYS {
		kit.Missing(t, "listmount(2), since Linux 6.8: before, the list of all mounts is read")
	}
	sandboxtest.TestBare(t, 2*time.Minute, insideMountsHere)
}

// insideMountsHere is the part of TestMountsHere that runs in the sandbox.
func insideMountsHere(t *testing.T) {
	shell(t, "mkdir /mnt/top; mount -t tmpfs x /mnt/top; mkdir /mnt/top/plain")
	for _, row := range []struct {
		setup      string
		sure, none bool
	}{
		{"mkdir /mnt/top/a", true, true},
		{"mount -t tmpfs x /mnt/top/a; mkdir /mnt/top/a/b; mount --bind /mnt/top/a /mnt/top/a/b",
			true, true},
		{"mkdir /mnt/top/p; mount -t proc proc /mnt/top/p", true, false},
		{"mount -t tmpfs over /mnt/top/p", true, false}, // hidden, but still to be found
		{"umount /mnt/top/p; umount /mnt/top/p; mount -t sysfs s /mnt/top/a/b", true, false},
		{"umount /mnt/top/a/b; touch /mnt/top/f; mount --bind /proc/self/ns/net /mnt/top/f", true, false},
		{"umount /mnt/top/f; for i in $(seq 80); do mkdir /mnt/top/n$i; " +
			"mount -t tmpfs x /mnt/top/n$i; done",
			false, false},
	} {
		shell(t, row.setup)
		if err := os.Chdir("/mnt/top"); err != nil {
			t.Fatal(err)
		}
		mounts, sure := mountsHere()
		if sure != row.sure || ShowsNoKernelFiles() != row.none {
			t.Errorf("after %s: sure is %v, none of the kernel's %v", row.setup, sure, !row.none)
		}
		if sure {
			checkTypes(t, row.setup, mounts)
		}
	}
	for dir, sure := range map[string]bool{"/mnt/top/plain": false, "/mnt/top/n1": true} {
		if err := unix.Chdir(dir); err != nil {
			t.Fatal(err)
		}
		if _, ok := mountsHere(); ok != sure {
			t.Errorf("in %s sure is %v", dir, ok)
		}
	}
}

// checkTypes compares the types of the mounts with those in the list below /mnt.
func checkTypes(t *testing.T, setup string, mounts []uint64) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, e := range Parse(text) {
		if Holds("/mnt/top", e.Target) {
			want = append(want, e.FSType)
		}
	}
	for _, m := range mounts {
		fstype, ok := mountType(m)
		if !ok {
			t.Errorf("after %s: mount %#x has no type", setup, m)
		}
		got = append(got, fstype)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("after %s: %q, want %q", setup, got, want)
	}
}

func shell(t *testing.T, script string) {
	t.Helper()
	if _, err := judge.Shell(script); err != nil {
		t.Fatal(err)
	}
}

func TestMain(m *testing.M) { sandboxtest.Main(m) }
