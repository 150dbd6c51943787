package mount_test

import (
	"testing"
	"time"

	"overlayboot/builtins/native/nativetest"
	"overlayboot/compat/judge"
	"overlayboot/compat/sandbox/sandboxtest"
)

// TestFindmnt compares findmnt with that of util-linux.
func TestFindmnt(t *testing.T) {
	const setup = `cd /mnt; mkdir a b c 'd e' x; mount -t tmpfs -o size=1m,noexec src a
		mount --bind a b; mount -t tmpfs 's r' 'd e'; mkdir c/y a/z; ln -s a l
		mount -t tmpfs one x; mount -t tmpfs two x; : >f`
	var rows []judge.BareRow
	for _, argv := range []string{
		"findmnt /mnt/a", "findmnt -n /mnt/a", "findmnt -n -o TARGET /mnt/a", "findmnt -no SOURCE /mnt/a",
		"findmnt -no FSTYPE,OPTIONS /mnt/a", "findmnt -no FSTYPE -T /mnt/a/x",
		"findmnt -no FSTYPE -T /mnt/a/z", "findmnt -no TARGET -T /mnt/c/y",
		"findmnt -no TARGET -T /mnt/f", "findmnt -T /mnt/a", "findmnt /nosuch",
		"findmnt /mnt/c", "findmnt -M /mnt/a", "findmnt -M /mnt/c",
		"findmnt -rn -o TARGET,SOURCE /mnt/a", "findmnt -r /mnt/a",
		"findmnt -no target,source /mnt/b", "findmnt -fno SOURCE /mnt/b", "findmnt /mnt/l",
		"findmnt -no TARGET /mnt/l", "findmnt -no TARGET -T /mnt/l/z",
		"findmnt -kno TARGET /mnt/a/", "findmnt '/mnt/d e'", "findmnt -no SOURCE '/mnt/d e'",
		"findmnt --noheadings --output=FSTYPE --target /mnt", "findmnt -n --mountpoint /mnt",
		"findmnt -rno OPTIONS,TARGET /mnt/a", "findmnt -no FSTYPE,TARGET,FSTYPE /mnt/a",
		"findmnt -M /mnt/f", "findmnt -M /nosuch/x",
	} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Setup: setup, Argv: argv}, NoMounts: true})
	}
	for _, argv := range []string{"findmnt -J /mnt", "findmnt -no UUID /mnt", "findmnt LABEL=x",
		"findmnt -S 0:5", "findmnt -l -r",
		"findmnt -i", "findmnt --tree /mnt", "findmnt -S src /mnt/a", "findmnt -M /mnt -T /mnt",
		"findmnt a b c", "findmnt -Z",
		"findmnt -s", "findmnt -D", "findmnt -O ro", "findmnt -o SIZE", "findmnt --json"} {
		rows = append(rows,
			judge.BareRow{Row: judge.Row{Setup: setup, Argv: argv, Lacks: true}, NoMounts: true})
	}
	ours.BareRows(t, rows)
}

// TestFindmntLists compares the output of more than one mount.
func TestFindmntLists(t *testing.T) {
	sandboxtest.TestBare(t, 2*time.Minute, insideFindmnt)
}

// insideFindmnt judges all rows in one sandbox. The order of a tree follows the mount ids, and
// the kernel gives out the lowest id that is free on the whole machine.
func insideFindmnt(t *testing.T) {
	const setup = `cd /mnt; mkdir a b c 'd e' x é; mount -t tmpfs -o size=1m,noexec src a
		mkdir a/s a/r; mount --bind a/s b
		mount -t tmpfs 's r' 'd e'; mkdir c/y c2 'a/\x'; ln -s a l
		mount -t tmpfs one x; mount -t tmpfs two x; : >f
		mount -t tmpfs sub a/s; mkdir a/s/q; mount -t tmpfs q a/s/q
		mount --bind c c2; mount -t tmpfs '' a/r
		mount -t tmpfs 'a	b"$c' é
		mount --make-shared a; mount --make-slave a/s; mount --make-unbindable b
		mount -t tmpfs -o x-foo,ro u 'a/\x'; mount -t ramfs none c; : >c2/z
		mount -t tmpfs one c2/y; mkdir /mnt/c2/y/w`
	nativetest.Shell(t, setup)
	for _, argv := range findmntRows {
		for _, env := range [][]string{{"LC_ALL=C"}, {"LC_ALL=C.UTF-8"}} {
			ours.Here(t, judge.BareRow{Row: judge.Row{Env: env}}, judge.Split(t, argv), 1)
		}
	}
}

// findmntRows all run on the same mounts.
var findmntRows = []string{
	"findmnt", "findmnt -l", "findmnt -r", "findmnt -P", "findmnt -n", "findmnt -no TARGET",
	"findmnt -o SOURCE,TARGET", "findmnt -o SOURCE", "findmnt -a", "findmnt -t tmpfs",
	"findmnt -t tmpfs,proc", "findmnt -t notmpfs", "findmnt -lt tmpfs",
	"findmnt -t nosuch", "findmnt -R", "findmnt -lR", "findmnt -lR -t tmpfs",
	"findmnt -R -t tmpfs", "findmnt -t proc,sysfs,tmpfs", "findmnt -t noproc,sysfs",
	"findmnt -M /", "findmnt -M //", "findmnt -R /mnt", "findmnt -lR /mnt/a",
	"findmnt -rR /mnt", "findmnt -PR /mnt", "findmnt -R -o FSTYPE /mnt",
	"findmnt -R -t ramfs /mnt", "findmnt -R /mnt/x", "findmnt -R -T /mnt/a/s/q/..",
	"findmnt -R one", "findmnt /mnt/x", "findmnt -M /mnt/x", "findmnt -T /mnt/x",
	"findmnt -S q", "findmnt q", "findmnt -S one", "findmnt one", "findmnt src /mnt/a",
	"findmnt /mnt/a /mnt/b", "findmnt one /mnt/x", "findmnt two /mnt/x", "findmnt src",
	"findmnt -v src", "findmnt /mnt/b", "findmnt -v /mnt/b", "findmnt -f",
	"findmnt -f -t tmpfs", "findmnt -f one", "findmnt -fR /mnt", "findmnt -f /mnt/x",
	"findmnt a", "findmnt -M a", "findmnt -T a", "findmnt -T f", "findmnt -T nosuch",
	"findmnt -T c2/z", "findmnt -T c2/y/w", "findmnt -T .", "findmnt -T c/y", "findmnt nosuch",
	"findmnt ''", "findmnt -S ''", "findmnt -T ''", "findmnt -M ''", "findmnt l",
	"findmnt /mnt//a/", "findmnt /dev/nosuch", "findmnt /dev/null", "findmnt -S tmpfs -l",
	"findmnt -t tmpfs /mnt/a", "findmnt -t proc /mnt/a", "findmnt -uR /mnt",
	"findmnt -o TARGET,PROPAGATION,FSROOT -R /mnt",
	"findmnt -o VFS-OPTIONS,FS-OPTIONS,TARGET -R /mnt", "findmnt -kR /mnt -n",
	"findmnt -rno target,source", "findmnt -Po Target -R /mnt", "findmnt -t tmpfs -o TARGET",
	"findmnt --list --types=tmpfs --output=TARGET", "findmnt -S /mnt", "findmnt -S 'src[/s]'",
	"findmnt -T /mnt/é", "findmnt é", "findmnt -R /mnt/a -o SOURCE,FSTYPE,TARGET,TARGET",
	"findmnt -T /", "findmnt -r -o ID,PARENT,MAJ:MIN,OPT-FIELDS,TARGET",
	"findmnt -P -o MAJ:MIN,OPT-FIELDS -R /mnt", "findmnt -ro OPT-FIELDS,ID /mnt/a",
	"findmnt -no ID,MAJ:MIN,TARGET -R /mnt", "findmnt -o MAJ:MIN,PARENT /mnt/a",
}
