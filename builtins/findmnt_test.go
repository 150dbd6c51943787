package builtins

import "testing"

// TestFindmnt holds findmnt to util-linux'.
func TestFindmnt(t *testing.T) {
	const setup = `cd /mnt; mkdir a b c 'd e' x; mount -t tmpfs -o size=1m,noexec src a; mount --bind a b
		mount -t tmpfs 's r' 'd e'; mkdir c/y a/z; ln -s a l; mount -t tmpfs one x; mount -t tmpfs two x; : >f`
	var rows []sandboxRow
	for _, argv := range []string{
		"findmnt /mnt/a", "findmnt -n /mnt/a", "findmnt -n -o TARGET /mnt/a", "findmnt -no SOURCE /mnt/a",
		"findmnt -no FSTYPE,OPTIONS /mnt/a", "findmnt -no FSTYPE -T /mnt/a/x", "findmnt -no FSTYPE -T /mnt/a/z",
		"findmnt -no TARGET -T /mnt/c/y", "findmnt -no TARGET -T /mnt/f", "findmnt -T /mnt/a", "findmnt /nosuch",
		"findmnt /mnt/c", "findmnt -M /mnt/a", "findmnt -M /mnt/c", "findmnt -rn -o TARGET,SOURCE /mnt/a", "findmnt -r /mnt/a",
		"findmnt -no target,source /mnt/b", "findmnt -fno SOURCE /mnt/b", "findmnt /mnt/l", "findmnt -no TARGET /mnt/l",
		"findmnt -no TARGET -T /mnt/l/z", "findmnt -kno TARGET /mnt/a/", "findmnt '/mnt/d e'", "findmnt -no SOURCE '/mnt/d e'",
		"findmnt --noheadings --output=FSTYPE --target /mnt", "findmnt -n --mountpoint /mnt", "findmnt -rno OPTIONS,TARGET /mnt/a",
		"findmnt -no FSTYPE,TARGET,FSTYPE /mnt/a", "findmnt -M /mnt/f", "findmnt -M /nosuch/x",
	} {
		rows = append(rows, sandboxRow{row: row{setup: setup, argv: argv}, noMounts: true})
	}
	for _, argv := range []string{"findmnt", "findmnt -J /mnt", "findmnt -no UUID /mnt", "findmnt -S x", "findmnt a", "findmnt -t tmpfs",
		"findmnt /mnt/x", "findmnt /proc", "findmnt /dev/nosuch", "findmnt LABEL=x", "findmnt -rn '/mnt/d e'", "findmnt /mnt/a /mnt/b"} {
		rows = append(rows, sandboxRow{row: row{setup: setup, argv: argv, lacks: true}, noMounts: true})
	}
	judgeSandbox(t, rows)
}
