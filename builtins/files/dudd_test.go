package files_test

import (
	"testing"

	"overlayboot/compat/judge"
)

// TestDuDd compares sizes and the copies of dd. It leaves out the times that dd prints.
func TestDuDd(t *testing.T) {
	const setup = `mkdir -p a/s b; head -c 1500 /dev/zero >a/f; head -c 9000 /dev/zero >a/s/g
		ln a/f hard; ln -s a l; truncate -s 1M b/sp; seq 400 >f; mkdir d; echo old content here >g`
	var rows []judge.Row
	for _, argv := range []string{
		"du", "du -s", "du -sh", "du -h .", "du -k a", "du -a", "du -ah", "du -c a b",
		"du -sc a b nope", "du -b", "du -sb a", "du -ab", "du -d 1", "du -d 0 a",
		"du --max-depth=1 -h", "du --apparent-size -h", "du --apparent-size -a", "du a/f",
		"du a/f hard", "du -l", "du a a", "du a a/s", "du nope", "du -x -s", "du -S", "du -S -c",
		"du -m", "du -0 a", "du l", "du -D l", "du --si -s", "du -sh a b", "dd if=f of=o status=none",
		"dd if=f of=o status=noxfer", "dd if=f of=o bs=100 count=3 status=noxfer",
		"dd if=f of=o bs=100 count=3 skip=2 status=noxfer",
		"dd -- if=f bs=7 count=2 conv=ucase status=noxfer",
		"dd if=f bs=3 ibs=10 obs=10 conv=sync count=4 status=noxfer",
		"dd if=f skip=900 status=none",
		"dd if=f of=o iflag=nofollow oflag=sync,dsync status=noxfer",
		"dd if=. bs=8 status=noxfer", "dd if=. bs=8 count=1 conv=sync status=noxfer",
		"dd if=f seek=2 of=o bs=3 conv=lcase status=noxfer",
		"dd if=f of=o bs=100 count=1 seek=2 status=noxfer",
		"dd if=f of=o bs=100 count=1 seek=2 conv=notrunc status=noxfer",
		"dd if=f of=g bs=1 count=3 conv=notrunc status=noxfer",
		"dd if=f of=g bs=1 seek=2 count=3 status=noxfer", "dd if=nope of=o", "dd if=f of=nope/x",
		"dd if=f of=o ibs=100 obs=64 status=noxfer", "dd if=f of=o bs=7 conv=sync status=noxfer",
		"dd if=f of=o ibs=700 conv=sync status=noxfer",
		"dd if=/dev/zero of=o bs=1M count=2 status=noxfer",
		"dd if=/dev/zero of=o bs=64 count=2 conv=fsync,sparse status=noxfer",
		"dd if=f of=o bs=1kB status=noxfer", "dd if=f of=o count=300 iflag=count_bytes status=noxfer",
		"dd if=f of=o skip=300 iflag=skip_bytes status=noxfer",
		"dd if=f of=o seek=300 oflag=seek_bytes status=noxfer",
		"dd if=f of=o count=300B status=noxfer",
		"dd if=f of=g oflag=append conv=notrunc status=noxfer", "dd if=f of=f2 conv=nocreat",
		"dd if=f of=g conv=excl", "dd if=f of=o bs=100 skip=100 status=noxfer",
		"dd if=d of=o status=noxfer", "dd if=f of=d", "dd if=f of=/dev/full status=noxfer",
	} {
		rows = append(rows, judge.Row{Setup: setup, Argv: argv})
	}
	for _, argv := range []string{"du -L", "du -t 1", "du -sa", "dd foo", "dd bs=0",
		"dd conv=swab", "dd iflag=direct"} {
		rows = append(rows, judge.Row{Argv: argv, Lacks: true})
	}
	ours.Rows(t, rows)
}
