package mount_test

import (
	"fmt"
	"testing"

	"overlayboot/compat/judge"
)

// flagPairs are pairs of options that set flags. The second one reverses the first, or combines
// with it.
var flagPairs = [][2]string{
	{"noexec", "exec"}, {"nosuid", "suid"}, {"nodev", "dev"}, {"ro", "rw"},
	{"noatime", "atime"}, {"nodiratime", "diratime"}, {"relatime", "norelatime"},
	{"strictatime", "nostrictatime"}, {"noatime", "relatime"}, {"noatime", "strictatime"},
	{"strictatime", "relatime"}, {"strictatime", "noatime"}, {"lazytime", "nolazytime"},
	{"sync", "async"}, {"mand", "nomand"}, {"silent", "loud"}, {"iversion", "noiversion"},
	{"nosymfollow", "symfollow"}, {"exec", "noexec"}, {"rw", "ro"}, {"async", "dirsync"},
	{"noexec,nosuid", "exec"}, {"noexec", "defaults"}, {"size=1M,nodev", "dev,size=2M"},
	{"user", "nouser"}, {"user,nouser", "suid"}, {"users", "exec"}, {"_netdev,x-a", "x-b"},
	{"dirsync", "async"}, {"ro,noatime", "defaults,nodev"},
}

// TestMountInverseFlags checks that the second option of each pair has the right effect,
// whatever source the present options have.
func TestMountInverseFlags(t *testing.T) {
	var rows []judge.BareRow
	for _, p := range flagPairs {
		tmpfs := fmt.Sprintf("mkdir a b; mount -t tmpfs -o %s x a", p[0])
		bind := fmt.Sprintf("mkdir a b; mount -t tmpfs y b; mount --bind -o %s b a", p[0])
		fstab := fmt.Sprintf("mkdir a; echo x /mnt/a tmpfs %s 0 0 >f; mount --bind f /etc/fstab", p[0])
		rows = append(rows, mountRow(tmpfs, "mount -o remount,"+p[1]+" a"),
			mountRow(tmpfs, "mount -o remount,bind,"+p[1]+" a"),
			mountRow(bind, "mount -o remount,bind,"+p[1]+" a"),
			mountRow(tmpfs, "mount --bind -o "+p[1]+" a b"),
			mountRow(fstab, "mount -o "+p[1]+" a"),
			mountRow(fstab+"; mount a", "mount -o remount,"+p[1]+" a"))
	}
	ours.BareRows(t, rows)
}
