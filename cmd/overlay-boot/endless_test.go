package main

import (
	"strings"
	"testing"
	"time"

	"overlayboot/builtins"
	"overlayboot/compat/sandbox/sandboxtest"
)

// endless are commands that never end by themselves: each reads from "yes", or needs no
// input. The keys are names in the table of natives.
var endless = map[string][]string{
	"awk":  {"awk 1", "awk '{print $1}'", "awk 'BEGIN{while(1)print 1}'"},
	"cat":  {"cat", "cat -n -", "cat /dev/zero"},
	"cut":  {"cut -c1", "cut -d: -f1"},
	"grep": {"grep y", "grep -vn x"},
	"head": {"head -n 100000000000", "head -c 100000000000"},
	"sed":  {"sed p", "sed s/y/x/", "sed ':a;p;ba'", "sed ':w;=;bw'"},
	"tail": {"tail -n +1", "tail -c +7"},
	"tee":  {"tee"},
	"tr":   {"tr y b", "tr -dc a-z", "tr -s a z", "tr -d x </dev/urandom"},
	"uniq": {"awk '{print NR}' | uniq", "awk '{print NR}' | uniq -c"},
}

// once are commands that end by themselves and write a little. They cover the natives that
// have no row in endless, and for the others the end of a finite input.
var once = map[string][]string{
	"awk": {"awk 1 f"}, "basename": {"basename a/b"}, "cat": {"cat f", "cat -n f"},
	"chmod": {"chmod 600 f"}, "chown": {"chown 0 f"}, "cp": {"cp -v f g", "cp -v f f"},
	"cut": {"cut -c1 f"}, "dirname": {"dirname a/b"}, "expr": {"expr 1 + 1", "expr a : b"},
	"false": {"false"}, "flock": {"flock 5 5<f"}, "grep": {"grep 1 f"}, "head": {"head f"},
	"hostname": {"hostname"}, "id": {"id"}, "ip": {"ip addr", "ip -br link show lo"},
	"kill": {"/bin/kill -l", "/bin/kill -l 9"}, "ln": {"ln -sv f l; ls l"}, "mkdir": {"mkdir -v d e"},
	"mkfifo": {"mkfifo p"}, "mknod": {"mknod p p"}, "mount": {"mount", "mount -v --make-rprivate /"},
	"mountpoint": {"mountpoint /", "mountpoint f"}, "mv": {"mv -v f g; ls g"},
	"pgrep": {"pgrep ."}, "pivot_root": {"pivot_root"}, "pkill": {"pkill -0 -e nosuchname"},
	"ps": {"ps -eo pid"}, "readlink": {"readlink -f ."}, "realpath": {"realpath ."},
	"rm": {"rm -v f; ls f"}, "rmdir": {"mkdir d; rmdir -v d"},
	"sed": {"sed p f", "sed -n '' f", "sed -n q5 f",
		"sed -i s/1/x/p f", "sed -n 's/1/x/w g' f"},
	"sleep": {"sleep 0"}, "sort": {"sort f", "sort -o g f; cat g"}, "tail": {"tail f", "tail -n +2 f"},
	"tee": {"tee <f"}, "touch": {"touch g"}, "tr": {"tr 1 b <f"}, "true": {"true"},
	"umount": {"umount nosuch"}, "uname": {"uname -a"}, "uniq": {"uniq f", "uniq f g"},
	"wc": {"wc f", "wc nosuch f"}, "xargs": {"xargs <f", "xargs -n1 <f"},
	"timeout": {"true"}, "date": {"date -u -d @0"},
	"dd": {"dd if=f status=none", "dd if=/dev/null status=none",
		"dd if=/dev/zero count=3 status=none", "dd if=/dev/zero bs=1k count=3 status=none",
		"dd if=f of=g status=none", "dd if=/dev/zero count=3 2>g; head -n 3 g >&2",
		"dd if=f 2>g; head -n 3 g >&2"}, "df": {"true"},
	"du": {"du -a f"}, "find": {"find f"},
	"install": {"install -v f g", "install -vd k/l m/n", "install -Dv f q/r"}, "ls": {"ls f"},
	"mktemp": {"mktemp -u x.XXX", "mktemp x.XXX", "mktemp -d x.XXX", "mktemp -q x.XXX"},
	"paste":  {"paste f f"}, "seq": {"seq 3"}, "stat": {"stat -c %s f"},
	"sync": {"sync f"}, "tac": {"tac f"}, "truncate": {"truncate -s 1 f"},
	"pidof":  {"pidof sleep nosuch", "sleep 3 & pidof sleep; s=$?; kill $!; (exit $s)"},
	"sysctl": {"sysctl kernel.ostype"}, "findmnt": {"true"}, "losetup": {"true"},
	"logger": {"true"},
	"nproc":  {"nproc"}, "whoami": {"whoami"}, "partx": {"partx"}, "brctl": {"true"},
	"bridge": {"bridge fdb", "bridge vlan"}, "waitpid": {"true"},
	"overlay-await": {"true"}, "overlay-became": {"true"}, "overlay-connect": {"true"},
	"overlay-below": {"true"}, "overlay-bind": {"true"}, "overlay-release": {"true"},
	"overlay-lower": {"true"}, "overlay-root": {"true"}, "overlay-list": {"true"},
	"overlay-map":    {"true"},
	"overlay-reaper": {"true"}, "overlay-terminal": {"true"},
	"overlay-diff": {"true"}, "overlay-reset": {"true"},
}

// outputs are pipelines whose reader goes away, and outputs that take no data.
var outputs = []string{
	"yes | { COMMAND; echo $? >&2; } | head -c 1 >/dev/null",
	"x=$(yes | COMMAND | head -c 1); echo $?",
	"yes | COMMAND >/dev/full; echo $?",
	"yes | COMMAND >&-; echo $?",
	"trap '' PIPE; yes 2>/dev/null | { COMMAND; echo $? >&2; } | head -c 1 >/dev/null",
	"yes | { COMMAND; echo $? >&2; } | /usr/bin/head -c 1 >/dev/null",
	"set -m; yes | { COMMAND; echo $? >&2; } | head -c 1 >/dev/null",
	"{ yes | COMMAND; echo $? >&2; } | head -c 1 >/dev/null & wait $!",
}

// endlessHere reports whether a command does not end with the system's tools: cut and uniq
// of coreutils 9.1 notice a write error only after they have read all input, and sed 4.9
// ignores write errors of "=".
func endlessHere(command, output string) bool {
	if strings.Contains(output, "PIPE") || strings.Contains(output, "/dev/full") ||
		strings.Contains(output, ">&-") {
		return strings.HasPrefix(command, "cut") || strings.Contains(command, "uniq") ||
			strings.HasPrefix(command, "sed ':w;=")
	}
	return false
}

func TestOutputNobodyReads(t *testing.T) {
	sandboxtest.Test(t, 3*time.Minute, func(t *testing.T) {
		ours := programAs(t, "sh")
		for _, command := range builtins.Commands() {
			for _, argv := range endless[command.Name] {
				for _, output := range outputs {
					row := strings.ReplaceAll(output, "COMMAND", argv)
					t.Run(row, func(t *testing.T) { judgeEnds(t, ours, row, endlessHere(argv, output)) })
				}
			}
		}
	})
}

// judgeEnds judges a command that must end. If alone is set, the system's tool does not
// end, and only ours runs.
func judgeEnds(t *testing.T, ours, row string, alone bool) {
	t.Helper()
	if !alone {
		judgeRow(t, ours, row)
		return
	}
	began := time.Now()
	got := runShell(t, ours, row)
	if took := time.Since(began); took > time.Minute {
		t.Errorf("%s: took %v: %+v", row, took, got)
	}
	if !strings.Contains(got.Stderr, "write") {
		t.Errorf("%s: %+v", row, got)
	}
}

// TestOnceIsComplete checks that each native has a row in TestOutputFull, and each row a
// native. It needs no sandbox.
func TestOnceIsComplete(t *testing.T) {
	for _, command := range builtins.Commands() {
		if command.Run != nil && once[command.Name] == nil {
			t.Errorf("no row for %s", command.Name)
		}
	}
	for name := range once {
		if _, ok := builtins.Lookup(name); !ok {
			t.Errorf("%s has rows, but is no native: TestOutputFull leaves them out", name)
		}
	}
}

func TestOutputFull(t *testing.T) {
	sandboxtest.Test(t, 3*time.Minute, func(t *testing.T) {
		ours := programAs(t, "sh")
		for _, command := range builtins.Commands() {
			for _, argv := range once[command.Name] {
				row := "seq 20 >f; { COMMAND; } >/dev/full; echo $?; find . | sort; " +
					"seq 20 >f; rm -rf g l d e p; { COMMAND; } >&-; echo $?; find . | sort"
				row = strings.ReplaceAll(row, "COMMAND", argv)
				t.Run(row, func(t *testing.T) { judgeRow(t, ours, row) })
			}
		}
	})
}

// inputClosed are commands that read standard input. The test closes it.
var inputClosed = []string{
	"head", "head -c 1 -", "head f -", "head -v", "tail", "tail -n +2", "tail -c 3 -",
	"tail f -", "tail -v", "cut -c1", "cut -f1 f -", "cut -c1 - f", "tac", "tac -", "tac f -",
	"wc", "wc -l", "wc -", "wc f -", "wc -c - f", "cat", "cat f -", "uniq", "grep a",
	"grep a f -", "sed p", "awk 1", "tr a b", "sort", "sort -", "sort -u", "sort -c",
	"paste", "paste - -", "paste -s", "paste -s f -",
}

func TestInputClosed(t *testing.T) {
	sandboxtest.Test(t, time.Minute, func(t *testing.T) {
		ours := programAs(t, "sh")
		for _, command := range inputClosed {
			row := "seq 20 >f; " + command + " <&-; echo $?"
			t.Run(row, func(t *testing.T) { judgeRow(t, ours, row) })
		}
	})
}
