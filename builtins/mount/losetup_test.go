package mount_test

import (
	"testing"

	"overlayboot/compat/judge"
)

// losetupFiles makes the files of the rows, and devices: $d is a free one, and /dev/L is its
// second name.
const losetupFiles = `truncate -s 1M f; truncate -s 1000 small; : >empty
		mkdir d; ln -s f l; : >'b  c'
		head -c 4096 /dev/urandom >'a	b'; d=$(losetup -f)
		ls /dev/loop*[0-9] | sed 's/.dev.loop//' >/run/all
		mount -t tmpfs t /dev; mknod /dev/null c 1 3; mknod /dev/urandom c 1 9
		mknod /dev/loop-control c 10 237
		while read n; do mknod /dev/loop$n b 7 $n; done </run/all
		mknod /dev/L b 7 ${d#/dev/loop}; mknod n b 6 1; `

// losetupProbe shows what is attached, and detaches it.
const losetupProbe = `cd /mnt; [ -d /sys/block ] || mount -t sysfs s /sys; umount -l /dev
		for f in f small empty 'a	b'; do
			losetup -nlj "$f" -O BACK-FILE,OFFSET,SIZELIMIT,RO,PARTSCAN,AUTOCLEAR
			losetup -nlj "$f" -O NAME | while read d; do losetup -d $d; done
		done
		losetup -a | sed -n 's/:.* .\/small (deleted).*//p' | while read d; do losetup -d $d; done`

// losetupMask matches the numbers of devices.
const losetupMask = `(( |\\x20)+|\b)0:\d+ *|\[\d+\]:\d+`

// losetupRows are setups, each with the commands that follow it.
var losetupRows = []struct {
	setup string
	argvs []string
}{
	{"", []string{
		"losetup -f f", "losetup -f --show f", "losetup --find --show --read-only f",
		"losetup -f --show -P f", "losetup -Pf --show l", "losetup -f small",
		"losetup -f --show empty", "losetup -f d", "losetup -f nosuch",
		"losetup -f --show -o 512 f", "losetup -o 1K --sizelimit 4KiB -f f",
		"losetup -o 1000 -f f", "losetup -f --sizelimit 1000 f", "losetup -f --sizelimit 100 f",
		"losetup -f -o 2M f", "losetup -o 512 --sizelimit 1024 -f f",
		"losetup -o 512 --sizelimit 600 -f f", "losetup -o 1048000 -f f", "losetup /dev/L f",
		"losetup --show /dev/L f", "losetup L f", "losetup x/L f", "losetup /dev/L f x",
		"losetup /dev/L f", "losetup /dev/L nosuch", "losetup f f",
		"losetup -rv --show /dev/L f", "losetup -f f small", "losetup f small empty",
		"losetup -n", "losetup -v", "losetup f", "losetup L", "losetup /dev/L",
		"losetup -lO NAME,OFFSET,DIO /dev/L", "losetup -l ./n", "losetup n",
		"losetup -d /dev/L", "losetup -d f", "losetup -d nosuch /dev/L", "losetup -c /dev/L",
		"losetup -c f", "losetup -c n", "losetup -j nosuch", "losetup -j f", "losetup -lj f",
		"losetup --output-all", "losetup -f 'a	b'", "losetup -vf f", "losetup /dev/nosuch f",
	}},
	{"losetup -r /dev/L f;", []string{
		"losetup -j f", "losetup -j l", "losetup -lj f", "losetup -nlj f", "losetup --raw -j f",
		"losetup -j f -o 0", "losetup -j f -o 1", "losetup /dev/L f", "losetup /dev/L small",
		"losetup -d /dev/L", "losetup -d L", "losetup -d /dev/L /dev/L", "losetup /dev/L",
		"losetup -l /dev/L", "losetup -nl /dev/L", "losetup --raw /dev/L",
		"losetup -O name,ro /dev/L", "losetup -nO RO,NAME /dev/L",
		"losetup -O BACK-INO,BACK-MAJ:MIN,NAME /dev/L",
		"losetup --raw -O BACK-MAJ:MIN,PARTSCAN /dev/L", "losetup -f --show f",
		"losetup -O OFFSET,BACK-FILE,AUTOCLEAR -j f", "losetup -c /dev/L",
		"losetup -lO NAME --output-all /dev/L", "losetup -O NAME", "losetup -d /dev/L f /dev/L",
		"losetup -O RO,NAME -j nosuch", "losetup -v /dev/L", "losetup -n /dev/L",
	}},
	{"losetup -o 512 --sizelimit 2048 /dev/L f; truncate -s 2M f;", []string{
		"losetup -j f", "losetup /dev/L", "losetup -l /dev/L", "losetup -j f -o 512",
		"losetup -c /dev/L", "losetup -f --show f",
	}},
	{"losetup /dev/L 'a	b';", []string{
		"losetup /dev/L", "losetup -l /dev/L", "losetup --raw /dev/L",
		"losetup -nO BACK-FILE /dev/L",
	}},
	{"losetup /dev/L small; rm small; echo >/run/a; ", []string{
		"losetup /dev/L", "losetup -l /dev/L", "losetup -d /dev/L", "losetup -j small",
	}},
	// Only this device has a node, so -D finds no other. For a device of another program the
	// tool can report nothing else.
	{"losetup /dev/L f; rm /dev/loop[0-9]*; mv /dev/L $d;", []string{
		"losetup -D", "losetup -D x",
	}},
	// Devices in use without a node: those of another sandbox look like this.
	{"losetup /dev/L f; losetup -f small; rm /dev/loop[0-9]*;", []string{
		"losetup -D", "losetup -a", "losetup -l", "losetup -j small", "losetup -nlO RO,NAME",
	}},
	{"umount -l /sys;", []string{
		"losetup -j f", "losetup -f f",
	}},
	{"rm /dev/loop-control /dev/loop[0-9]*;", []string{
		"losetup -f", "losetup -f f", "losetup -f nosuch",
	}},
}

// losetupLacks are left to the tool.
var losetupLacks = []string{
	"losetup -J", "losetup -b 512 -f f", "losetup -L -f f", "losetup --direct-io -f f",
	"losetup -a -f", "losetup -o x -f f", "losetup --sizelimit 1x -f f", "losetup -O nosuch",
	"losetup -d", "losetup -Z", "losetup -lf", "losetup -D -d x", "losetup -j f --sizelimit 1",
	"losetup -aP", "losetup -r", "losetup --show n", "losetup -j f --show", "losetup -d x -r",
	"losetup -c x --show",
}

// TestLosetup compares losetup with that of util-linux. Loop devices belong to the whole
// machine. So each row detaches what it attached, and a row that looks at all devices must not
// see other programs' files.
func TestLosetup(t *testing.T) {
	var rows []judge.BareRow
	for _, on := range losetupRows {
		for _, argv := range on.argvs {
			rows = append(rows, judge.BareRow{
				Row:   judge.Row{Setup: losetupFiles + on.setup, Argv: argv},
				Probe: losetupProbe, NoMounts: true, Machine: true, Mask: losetupMask,
			})
		}
	}
	for _, argv := range losetupLacks {
		rows = append(rows, judge.BareRow{
			Row:   judge.Row{Setup: losetupFiles, Argv: argv, Lacks: true},
			Probe: losetupProbe, NoMounts: true,
		})
	}
	ours.BareRows(t, rows)
}
