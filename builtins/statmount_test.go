package builtins

import (
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMountsHere: what the kernel tells of the mounts at and below a directory is what the
// list of all mounts says.
func TestMountsHere(t *testing.T) {
	if os.Getuid() != 0 {
		missing(t, "needs root")
	}
	if _, _, err := unix.Syscall(unix.SYS_LISTMOUNT, 0, 0, 0); err == unix.ENOSYS {
		missing(t, "listmount(2), since Linux 6.8: before, the list of all mounts is read")
	}
	runInside(t, "TestInsideMountsHere")
}

// TestInsideMountsHere is the sandbox's side of TestMountsHere.
func TestInsideMountsHere(t *testing.T) {
	if os.Getenv(sandboxEnv) != "TestInsideMountsHere" {
		return
	}
	enterSandbox(t)
	shell(t, "mkdir /mnt/top; mount -t tmpfs x /mnt/top; mkdir /mnt/top/plain")
	for _, row := range []struct {
		setup      string
		sure, none bool
	}{
		{"mkdir /mnt/top/a", true, true},
		{"mount -t tmpfs x /mnt/top/a; mkdir /mnt/top/a/b; mount --bind /mnt/top/a /mnt/top/a/b", true, true},
		{"mkdir /mnt/top/p; mount -t proc proc /mnt/top/p", true, false},
		{"mount -t tmpfs over /mnt/top/p", true, false}, // hidden, but to be found
		{"umount /mnt/top/p; umount /mnt/top/p; mount -t sysfs s /mnt/top/a/b", true, false},
		{"umount /mnt/top/a/b; touch /mnt/top/f; mount --bind /proc/self/ns/net /mnt/top/f", true, false},
		{"umount /mnt/top/f; for i in $(seq 80); do mkdir /mnt/top/n$i; mount -t tmpfs x /mnt/top/n$i; done", false, false},
	} {
		shell(t, row.setup)
		if err := os.Chdir("/mnt/top"); err != nil {
			t.Fatal(err)
		}
		mounts, sure := mountsHere()
		if sure != row.sure || showsNoKernelFiles() != row.none {
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

// checkTypes compares the types of the mounts with those that the list has below /mnt.
func checkTypes(t *testing.T, setup string, mounts []uint64) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, e := range parseMounts(text) {
		if holds("/mnt/top", e.target) {
			want = append(want, e.fstype)
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
