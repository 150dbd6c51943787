package files_test

import (
	"testing"

	"overlayboot/compat/judge"
)

// lsSetup has times of 2001, of half a year ago and of now, names that need quotes, and all
// types of files.
const lsSetup = `mkdir d d/sub .hd "x y"; printf 'abc' >f; : >.h; ln -s f l; ln -s nope dang
	ln -s d ld; mkfifo p; ln f hard; printf 1234567 >big.txt; printf 12 >b.c; : >d/in; : >d/sub/deep
	: >"it's"; : >'t	b'; : >back~; chmod 4755 f; chmod 1777 d; mknod c c 5 1; mknod b b 8 170
	chown 12345:54321 .h; chown 1:4 b.c; : >d.x; chmod 2640 d.x; truncate -s 1500k sparse
	touch -h -d '2001-02-03 04:05:06.7 UTC' f l dang p d "x y" ld b.c .h . .hd d/sub d/in
	touch -d '2001-02-03 04:05:06.8 UTC' big.txt; touch -d '100 days ago 12:00' b
	touch -d '2100-01-01' d.x; touch -d '300 days ago 12:00' c
	touch -d '2003-01-01' sparse "it's" back~
	touch -d '2004-05-06' 't	b' d/sub/deep . d ..`

func TestLs(t *testing.T) {
	rows := []judge.Row{{Argv: "ls -Z", Lacks: true},
		{Argv: "ls", Env: []string{"BLOCK_SIZE=1"}, Lacks: true},
		{Argv: "ls --color=always", Lacks: true}, {Argv: "ls --sort=version", Lacks: true}}
	for _, args := range []string{"", "-a", "-A", "-l", "-la", "-lA d", "-d .", "-ld . d l ld",
		"-R", "-lR d",
		"-aR d", "-t", "-tr", "-S", "-lSr", "-lh", "-lh --si", "-n", "-ln", "-s", "-sh", "-1s",
		"-F", "-lF", "-p", "-lp", "-L", "-lL", "-lL ld", "ld", "-l ld", "-H ld", "-lH ld l",
		"-F ld", "-d ld", "-p ld/", "l dang f d nope", "nope nope/x f", "-l nope", "dang",
		"-L dang", "-H dang", "-lg", "-lo", "-lG", "-go", "-U d", "-C", "-C -w 30", "-C -w 1",
		"-Cs", "-CF -w 40", "-CA -w 100", "-m", "-m -w 20", "-ms", "-m d",
		"-q", "-B", "-X", "-lX", "--group-directories-first", "-l --group-dir", "-r --group-dir -S",
		"-l --time-style=long-iso", "-l --time-style=full-iso", "--full-time f",
		"-l --time-style=iso", "-l -k f", "-l --time-style=+%Y.%j.%N",
		"-l '--time-style=+old\nnew'", "-1 d f", "-lt d f", "--color=never -l f",
		"--color -d", "--file-type", "--indicator-style=classify", "--format=commas d", "--sort=size",
		"-l --author f .h", "-w x", "-- -x", "d/ d/in", "/dev/null", "-l /dev/null /dev/tty c",
		"-c -1 f", "-N", "-R d ld f", "-LR d", "-ad", "-A .hd", "-f d/sub", "-lt --time=mtime",
		"-lhs", "-r -1", "-d */", "''",
		"f/ f/x d/in/", "-1i /", "-mw0", "-x", "-xw 30", "-xsFw 25", "--format=across -w 50",
		"-x -C -w 30", "-Q", "-Fl", "-CF1 --classify=never", "-ls --si sparse",
		"-Sl --sort=time"} {
		lacks := map[string]bool{"--color -d": true, "-w x": true, "-Q": true,
			"-lt --time=mtime": true}[args]
		rows = append(rows, judge.Row{Setup: lsSetup, Argv: "ls " + args, Lacks: lacks})
	}
	for _, env := range []string{"TZ=Europe/Berlin", "TZ=EST5EDT", "TIME_STYLE=long-iso",
		"LC_ALL=C.UTF-8", "COLUMNS=20"} {
		rows = append(rows, judge.Row{Setup: lsSetup, Argv: "ls -l", Env: []string{env}})
	}
	for _, locale := range []string{"LC_ALL=C", "LC_ALL=C.UTF-8"} {
		for _, args := range []string{"-Cw 40", "-xw 40", "-mw 40", "-qCw 40", "-qw 0 -x",
			"'na''b€' '€a''b€' '''€' 'a''€'''"} {
			rows = append(rows,
				judge.Row{Setup: ": >\"a'b€\"; : >'日本'; : >é; " +
					": >\"e$(printf '\\314\\201')f\"; touch 1 2 3 4 5 6",
					Argv: "ls " + args, Env: []string{locale}})
		}
	}
	ours.Rows(t,
		append(rows, judge.Row{Setup: "mkdir d; ln -s .. d/up; ln -s . d/here", Argv: "ls -LR"},
			judge.Row{Setup: "mkdir d; ln -s loop d/loop; : >d/a", Argv: "ls -lL d"},
			judge.Row{Setup: ": >a; : >b; setfacl -m u:1:r a || :", Argv: "ls -l"}))
}
