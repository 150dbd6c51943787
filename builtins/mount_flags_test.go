package builtins

import (
	"fmt"
	"testing"
)

// flagPairs are options that are flags, and what takes them back or goes with them.
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

// Each flag is taken back by its inverse, whatever the present options come from.
func TestMountInverseFlags(t *testing.T) {
	var rows []sandboxRow
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
	judgeSandbox(t, rows)
}
