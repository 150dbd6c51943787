package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/sandbox/sandboxtest"
)

// standInRow asks what runs under a name. FAKE in it is a program that prints its
// arguments. SCRIPT is a script that prints "script" and its arguments.
type standInRow struct {
	setup, command string
	native         bool // the native runs, instead of the file that dash runs
}

var standInRows = []standInRow{
	{"", "sed p /dev/null", true},
	{"cp FAKE /usr/bin/sed", "sed p /dev/null", true}, // the replacement leaves no trace
	{"cp SCRIPT /usr/bin/sed", "sed p /dev/null", false},
	{"cp SCRIPT /usr/bin/sed", "/bin/sed p /dev/null", false},
	{"cp SCRIPT /usr/bin/sed", "env A=b sed p /dev/null", false},
	{"cp SCRIPT /usr/bin/sed",
		"cat /dev/null | sed p; x=$(sed a); echo $x; sed b & wait; (sed c)", false},
	{"cp FAKE /usr/bin/sed; cp FAKE /usr/bin/sed.distrib", "sed p /dev/null", false},
	{"cp FAKE /usr/bin/sed; ln -s nowhere /usr/bin/sed.distrib", "/bin/sed p /dev/null", false},
	{"dpkg-divert --quiet --rename --add /usr/bin/sed; cp FAKE /usr/bin/sed", "sed p /dev/null",
		false},
	{"dpkg-divert --quiet --rename --divert /usr/bin/real --add /usr/bin/sed; cp FAKE /usr/bin/sed",
		"sed p /dev/null; /bin/sed q", false},
	{"dpkg-divert --quiet --no-rename --add /usr/bin/nosuch; cp FAKE /usr/bin/sed",
		"sed p /dev/null", true},
	{"ln -sf /usr/bin/busybox /usr/bin/sed; cp FAKE /usr/bin/busybox", "sed p /dev/null", true},
	{"ln -sf busybox /usr/bin/awk; cp FAKE /usr/bin/busybox", "awk 'BEGIN { print 1 }'", true},
	{"mkdir -p /opt/x; cp FAKE /opt/x/sed; ln -sf /opt/x/sed /usr/bin/sed", "sed p /dev/null", false},
	{"mkdir -p /opt/x; cp FAKE /opt/x/sed; ln -sf ../../opt/x/sed /usr/bin/sed",
		"sed p /dev/null", false},
	{"mkdir -p /opt/x; cp FAKE /opt/x/sed", "PATH=/opt/x:$PATH; sed p /dev/null", false},
	{"mkdir -p /opt/x; cp FAKE /opt/x/brctl; rm -f /usr/sbin/brctl",
		"PATH=$PATH:/opt/x; brctl x", false},
	// alternatives
	{"", "awk 'BEGIN { print 1 }'", true},
	{"cp FAKE /usr/bin/mawk", "awk 'BEGIN { print 1 }'; /usr/bin/awk 'BEGIN { print 2 }'", true},
	{"cp FAKE /usr/bin/original-awk; ln -sf /usr/bin/original-awk /etc/alternatives/awk",
		"awk 'BEGIN { print 1 }'", true},
	{"cp FAKE /usr/bin/gawk; ln -sf /usr/bin/gawk /etc/alternatives/awk",
		"awk 'BEGIN { print 1 }'; /bin/awk x; echo | awk y", false},
	{"cp FAKE /usr/bin/gawk; ln -sf gawk /usr/bin/awk", "awk 'BEGIN { print 1 }'", false},
	{"cp FAKE /usr/bin/busybox; ln -sf /usr/bin/busybox /etc/alternatives/awk",
		"awk 'BEGIN { print 1 }'", false},
	{"cp FAKE /usr/bin/gsed; ln -sf /usr/bin/gsed /etc/alternatives/sed; " +
		"ln -sf /etc/alternatives/sed /usr/bin/sed", "sed p /dev/null", false},
	{"mv /usr/bin/sed /etc/alternatives/sed; ln -s /etc/alternatives/sed /usr/bin/sed; " +
		"cp FAKE /etc/alternatives/sed", "sed p /dev/null", false},
	// replacements that appear later count, even if the shell already knows the name
	{"", "sed p /dev/null; cp FAKE /usr/bin/sed.distrib; cp FAKE /usr/bin/sed; sed p /dev/null",
		false},
	{"", "sed p /dev/null; rm /usr/bin/sed; cp SCRIPT /usr/bin/sed; sed p /dev/null", false},
	{"cp FAKE /usr/bin/gawk", "awk 'BEGIN { print 1 }'; ln -sf /usr/bin/gawk /etc/alternatives/awk; " +
		"awk 'BEGIN { print 1 }'", false},
	// scripts of the distribution, and shells
	{"", "ldd /usr/bin/cat | grep -c libc.so", false},
	{"cp FAKE /usr/bin/mksh; ln -sf mksh /usr/bin/sh", "sh -c 'echo x'", false},
	{"cp FAKE /usr/bin/dash; ln -sf dash /usr/bin/sh", "sh -c 'echo x'", true},
	// files that cannot run
	{"chmod 0 /usr/bin/sed", "sed p /dev/null; /bin/sed; echo $?", false},
	{"rm /usr/bin/sed; mkdir /usr/bin/sed", "sed p /dev/null; /bin/sed; echo $?", false},
	{"rm /usr/bin/sed; ln -s nowhere /usr/bin/sed", "/bin/sed; echo $?", false},
	// a host without the tool
	{"rm /usr/bin/sed", "echo a | sed p; echo a | /usr/bin/sed p; echo a | env sed p", true},
	{"rm /usr/bin/sed", "sed() { echo f; }; sed; unset -f sed; sed p /dev/null", true},
	{"", "/usr/sbin/sed p /dev/null; echo $?; /sbin/cat; echo $?", false}, // sed is elsewhere
	// PATH: a directory twice, relative, changed, and commands given by a path
	{"cp FAKE /usr/local/bin/sed",
		"PATH=/usr/local/bin:$PATH; sed p; env sed p; setsid -w sed p; unshare -m sed p; " +
			"nsenter -t $$ -m sed p; chroot / sed p; " +
			"command -v sed; type sed; echo | xargs sed; find /dev/null -exec sed {} ';'; " +
			"timeout 5 sed p; /bin/sed -n p /dev/null", false},
	{"", "PATH=/usr/bin:/usr/bin:/bin; command -v sed; type sed; echo a | sed p", false},
	{"",
		"printf 'b\\n' >f; mkdir bin d; cp FAKE bin/sed; PATH=bin:/usr/bin; sed p f; " +
			"command -v sed; cd d; sed -n p ../f; cd ..; sed p f",
		false},
	{"",
		"printf 'b\\n' >f; mkdir d; cp FAKE d/cat; PATH=./d:/usr/bin; cat f; cd d; cat ../f; " +
			"cd ..; cat f",
		false},
	{"",
		"printf 'b\\n' >f; PATH=:/usr/bin; cp FAKE sed; sed p f; mkdir d; cd d; " +
			"sed -n p ../f; cd ..; sed p f; rm sed; sed -n p f",
		false},
	{"",
		"printf 'b\\n' >f; mkdir d; cp FAKE d/grep; grep b f; PATH=$PWD/d:$PATH; grep b f; " +
			"PATH=/usr/bin:/bin; grep b f; " +
			"PATH=$PWD/d grep b f; grep b f; PATH=$PWD/d command grep b f; " +
			"PATH=$PWD/d eval 'grep b f'; /usr/bin/env PATH=$PWD/d grep b f", false},
	{"",
		"printf 'b\\n' >f; sed() { echo func; }; sed p f; command sed -n p f; " +
			"env sed -n p f; /bin/sed -n p f; type sed; unset -f sed; sed -n p f",
		false},
	{"",
		"cd /usr/bin; echo a | ./sed p; PATH=.; echo a | sed p; cd /; " +
			"echo a | usr/bin/sed p; PATH=usr/bin; echo a | sed p",
		false},
	{"",
		"ln -s /usr/bin/sed sed; echo a | ./sed p; mkdir d; printf x >d/sed; " +
			"chmod 644 d/sed; PATH=$PWD/d:/usr/bin; echo a | sed p",
		false},
	// another root, other mounts
	{otherRoot + "mount -t tmpfs t /mnt/r/usr/local; mkdir /mnt/r/usr/local/bin; " +
		"cp FAKE /mnt/r/usr/local/bin/sed",
		"sed p /dev/null; PATH=/usr/local/bin:$PATH; chroot /mnt/r sed p; " +
			"chroot /mnt/r env A=b sed p; chroot /mnt/r nohup sed p; " +
			"chroot /mnt/r sh -c 'sed p'; x=$(chroot /mnt/r sed p); echo $x; " +
			"chroot /mnt/r sed p & wait; (exec chroot /mnt/r sed p); " +
			"chroot /mnt/r nice setsid -w sed p; chroot /mnt/r cat /dev/null; " +
			"chroot /mnt/r ls -d /bin; sed p /dev/null", false},
	{otherRoot + "mount --bind SCRIPT /mnt/r/usr/bin/sed",
		"chroot /mnt/r sed p; chroot /mnt/r /bin/sed p; chroot /mnt/r /usr/bin/env sed p; " +
			"sed p /dev/null; env LD_PRELOAD= chroot /mnt/r sed -n; " +
			"chroot /mnt/r setpriv --nnp sed q; chroot /mnt/r flock /dev/null sed", false},
	{otherRoot + "cp -a /etc/alternatives /mnt/alt; cp FAKE /usr/bin/gawk; " +
		"ln -sf /usr/bin/gawk /mnt/alt/awk; " +
		"mount --bind /mnt/alt /mnt/r/etc/alternatives", "chroot /mnt/r awk x; " +
		"awk 'BEGIN { print 1 }'; chroot /mnt/r env awk y; chroot /mnt/r /usr/bin/awk z", false},
	{otherRoot,
		"echo a | chroot /mnt/r sed p; chroot /mnt/r env A=b sh -c 'echo $A'; " +
			"chroot /mnt/r cat /nosuch; chroot /mnt/r env nosuch.x; " +
			"chroot /mnt/r nosuch.x; echo a | chroot /mnt/r xargs echo; " +
			"chroot /mnt/r timeout 5 sh -c 'exit 3'; echo $?", false},
	{"unshare -m sleep 9 & sleep 0.2; cp FAKE /usr/local/bin/cat; echo $! >/mnt/pid",
		"PATH=/usr/local/bin:$PATH; cat /dev/null; nsenter -t $(head -n1 /mnt/pid) -m cat x; " +
			"nsenter -t $(head -n1 /mnt/pid) -m env cat y; kill $(head -n1 /mnt/pid)",
		false},
	// OVERLAY_NATIVES turns the native off
	{"cp FAKE /usr/bin/sed", "OVERLAY_NATIVES=sed sh -c 'sed p /dev/null'", true},
}

// otherRoot makes a root directory with mounts of its own.
const otherRoot = "mkdir /mnt/r; mount --bind / /mnt/r; " +
	"mount --bind /usr/bin /mnt/r/usr/bin; mount --bind /dev /mnt/r/dev; " +
	"mount --bind /proc /mnt/r/proc; mkdir -p /mnt/lock; "

// standInWorld makes a mount namespace whose system directories can be changed.
const standInWorld = `set -e
mount -t tmpfs t /mnt; mkdir /mnt/u /mnt/w /mnt/e /mnt/f /mnt/d /mnt/g /mnt/x
over() { mount -t overlay -o "lowerdir=$1,upperdir=/mnt/$2,workdir=/mnt/$3" o "$1"; }
mkdir /mnt/opt; mount --bind /mnt/opt /opt
over /usr/bin u w; over /etc e f; over /usr/sbin d g
mkdir /mnt/p /mnt/q; over /var/lib/dpkg p q
mount -t tmpfs t /usr/local; mkdir /usr/local/bin
cp /usr/bin/echo /mnt/x/fake; printf '#!/usr/bin/dash\necho script "$@"\n' >/mnt/x/script
chmod 755 /mnt/x/*
cp -p /usr/bin/dash /mnt/x/dash
`

// TestStandIn checks that a native stands in for a tool of the distribution, and never for
// a file that somebody has put in its place.
func TestStandIn(t *testing.T) {
	sandboxtest.Test(t, 3*time.Minute, func(t *testing.T) {
		ours := programAs(t, "sh")
		files := strings.NewReplacer("FAKE", "/mnt/x/fake", "SCRIPT", "/mnt/x/script")
		for _, row := range standInRows {
			t.Run(row.setup+"|"+row.command, func(t *testing.T) {
				t.Parallel()
				run := func(shell, setup string) result {
					text := standInWorld + files.Replace(setup) + "\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin\n" +
						"exec " + shell + " -c \"$1\" sh"
					return runShell(t, "/usr/bin/dash",
						"exec unshare -m /usr/bin/dash -c \"$(cat <<'WORLD'\n"+text+
							"\nWORLD\n)\" sh \"$(cat <<'COMMAND'\n"+files.Replace(row.command)+"\nCOMMAND\n)\"")
				}
				want, got := run("/mnt/x/dash", row.setup), run(ours, row.setup)
				if strings.Contains(want.Stderr, "dpkg-divert") {
					t.Fatal(want.Stderr)
				}
				if row.native { // the native does what the genuine tool does
					want = run("/mnt/x/dash", "")
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("(-dash, +ours)\n%s", d)
				}
			})
		}
	})
}
