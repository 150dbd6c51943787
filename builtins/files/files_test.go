package files_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/files"
	"overlayboot/builtins/native"
	"overlayboot/builtins/native/nativetest"
	"overlayboot/compat/judge"
)

func TestBasename(t *testing.T) {
	ours.Rows(t, []judge.Row{
		{Argv: "basename"}, {Argv: "basename /a/b/ b"}, {Argv: "basename /a/b.conf .conf"},
		{Argv: "basename / /"}, {Argv: "basename //"}, {Argv: "basename ''"},
		{Argv: "basename a b c"}, {Argv: "basename -a a/b c/d"}, {Argv: "basename -s .c a.c b.c"},
		{Argv: "basename -zs .c x/a.c .c"}, {Argv: "basename -- -x"}, {Argv: "basename a -s"},
		{Argv: "basename --multiple x/y"}, {Argv: "basename -Z", Lacks: true},
	})
}

func TestDirname(t *testing.T) {
	ours.Rows(t, []judge.Row{
		{Argv: "dirname"}, {Argv: "dirname /a/b/"}, {Argv: "dirname a"}, {Argv: "dirname /"},
		{Argv: "dirname //a//b//c"}, {Argv: "dirname //"}, {Argv: "dirname ''"},
		{Argv: "dirname -z a/b /c"}, {Argv: "dirname a//b"}, {Argv: "dirname -- -x/y"},
	})
}

const linkSetup = `mkdir -p d/e; : >d/f; ln -s d l; ln -s f d/lf; ln -s nope dang;
	ln -s loop loop; ln -s ../d/e/../f d/back; ln -s "$PWD/d" abs; ln -s d/ sl`

func TestRealpath(t *testing.T) {
	rows := []judge.Row{{Argv: "realpath"}, {Argv: "realpath -q nope/x"}, {Argv: "realpath ''"}}
	for _, opt := range []string{"", "-e ", "-m ", "-s ", "-se ", "-sm ", "-z "} {
		for _, name := range []string{".", "l/e", "d/lf", "dang", "loop", "d/back", "abs/f", "sl",
			"nope", "nope/", "nope/x", "d/f/", "d/f/.", "d/f/x", "d/f/..", "nope/..", "d/e/../..",
			"/", "/..", "//x", "dang/", "dang/x", "d/./e/", "l d/f"} {
			rows = append(rows, judge.Row{Setup: linkSetup, Argv: "realpath " + opt + name})
		}
	}
	ours.Rows(t, rows)
}

func TestReadlink(t *testing.T) {
	rows := []judge.Row{{Argv: "readlink"}}
	for _, opt := range []string{"", "-f ", "-e ", "-m ", "-n ", "-v ", "-vf ", "-fz "} {
		for _, name := range []string{"l", "d", "dang", "loop", "abs", "nope/x", "l dang", "nope"} {
			rows = append(rows, judge.Row{Setup: linkSetup, Argv: "readlink " + opt + name})
		}
	}
	ours.Rows(t, rows)
}

func TestMkdir(t *testing.T) {
	rows := []judge.Row{{Argv: "mkdir"}, {Argv: "mkdir -Z x", Lacks: true}}
	for _, args := range []string{"a", "d", "f", "x/y", "-p x/y", "-p d", "-p f", "-p f/x",
		"-p x//y/", "-pv x/y d/z", "-v a b", "-m 700 a", "-m 1777 a", "-m u=rwx,go= a",
		"-m zz a", "-pm 711 x/y", "-m g+s a", "-m +t a", "-m a=rx,u+w a", "-pm 700 d",
		"-p ./x/../y", "-p d/. l/q", "-m 2755 -p q/r", "x/", "''", "-p ''", "-- -x",
		"--parents --mode=750 u/v", "-m 0 a", "-m g=u-w a", "-p dang/x", "dang", "-p dang"} {
		rows = append(rows, judge.Row{Setup: linkSetup + `; : >f`, Argv: "mkdir " + args})
	}
	ours.Rows(t, rows)
}

func TestRmdir(t *testing.T) {
	rows := []judge.Row{{Argv: "rmdir"}}
	for _, args := range []string{"d", "d/e", "d/f", "nope", "-p a/b/c", "-pv a/b/c", "-v d d/e",
		"--ignore-fail-on-non-empty d", "-p d/e", "l", "-p ./a/b/c"} {
		rows = append(rows, judge.Row{Setup: linkSetup + "; mkdir -p a/b/c", Argv: "rmdir " + args})
	}
	ours.Rows(t, rows)
}

func TestRm(t *testing.T) {
	rows := []judge.Row{{Argv: "rm"}, {Argv: "rm -f"}, {Argv: "rm -i x", Lacks: true}}
	for _, args := range []string{"d", "d/f", "nope", "-f nope", "-f d/f/x", "d/f/x", "-r d", "-rf l",
		"-r l/", "-rf .", "-r ..", "-r d/.", "-d d", "-d d/e", "-v d/f dang", "-rv d/e", "-Rfv abs",
		"-rf d nope l", "-r /", "-f d", "''", "-f ''", "d/f nope", "l/", "-rf d/", "'a b' -- -x",
		"-rv d/e/", "-r // ."} {
		rows = append(rows, judge.Row{Setup: linkSetup, Argv: "rm " + args})
	}
	ours.Rows(t, rows)
}

func TestChmod(t *testing.T) {
	rows := []judge.Row{{Argv: "chmod"}, {Argv: "chmod 755"}, {Argv: "chmod -x f", Lacks: true}}
	for _, args := range []string{"755 f", "4755 f", "1777 e", "zz f", "u+s,g+s f", "+x f", "a+x f",
		"u=rw,go=r x", "g=u f", "o=g-w f", "+X f x e", "-R go-rwx .", "-R a+X .", "0 s", "755 s",
		"00755 s", "=r f", "=4711 f", "+s x", "a=,u+rwt e", "755 nope", "755 lnk", "755 dang",
		"-f 755 nope", "u+r+w-x x", "=644 f x", "u=g=o f", "u+t f", "+t e", "8 f", "77777 f",
		"g-s s", "g+s,u-x,, f", "u=rwX,g=rX,o= -R e", "'' f", "-- 600 f"} {
		rows = append(rows, judge.Row{Argv: "chmod " + args, Setup: `umask 022; : >f; : >x; chmod 711 x;
			mkdir -p e/s; : >e/y; mkdir s; chmod 6755 s; ln -s f lnk; ln -s no dang`})
	}
	ours.Rows(t, rows)
}

func TestChown(t *testing.T) {
	rows := []judge.Row{{Argv: "chown"}, {Argv: "chown root"}}
	for _, args := range []string{"daemon f", "daemon:tty f", ":tty f", "daemon: f", "1234:567 f",
		"12345: f", "nosuch f", "root:nosuch f", "+5:+6 f", "daemon nope", "-h daemon l", "daemon l",
		"daemon dang", "-h daemon dang", "-R bin:bin .", "-R bin l", "-f bin nope", ": f", "'' f"} {
		rows = append(rows, judge.Row{Argv: "chown " + args,
			Setup: `: >f; ln -s f l; ln -s no dang; mkdir d; ln -s ../f d/l; : >d/x`})
	}
	ours.Rows(t, rows)
}

func TestMknod(t *testing.T) {
	var rows []judge.Row
	for _, args := range []string{"", "x", "x y", "x c", "x c 1", "x p 1", "x p 1 2", "x c 1 2 3",
		"x p 1 2 3", "x '' 1 2", "x q 1 2", "x c a 1", "x c 1 b", "-m zz x p", "-m 4755 x p",
		"no/x p", "x p", "-m 600 x p", "f p", "x c 1 99999999999",
		"-m 666 null c 1 3", "-m 622 x c 5 1", "-m 444 x b 7 0x10", "x u 1 010"} {
		rows = append(rows, judge.Row{Setup: ": >f", Argv: "mknod " + args})
	}
	for _, args := range []string{"", "x", "-m 600 x y", "f", "no/x", "-m zz x", "-m u=rw,go= x",
		"f x", "-m +s x", "-m 1666 x", "-m a=rw x"} {
		rows = append(rows, judge.Row{Setup: ": >f", Argv: "mkfifo " + args})
	}
	ours.Rows(t, rows)
}

func TestCat(t *testing.T) {
	rows := []judge.Row{{Argv: "cat -A", Lacks: true}}
	for _, args := range []string{"", "-", "f", "f - g", "-u f", "-n f g -", "nope f", "d",
		"-- f", "''", "'a b'", "-nu nope", "a:b"} {
		rows = append(rows, judge.Row{Setup: `mkdir d; printf 'a\nb' >f; printf '\n\nc\n' >g`,
			Argv: "cat " + args, Stdin: "in\nput"})
	}
	ours.Rows(t, rows)
}

func TestHead(t *testing.T) {
	rows := []judge.Row{{Argv: "head -n -1", Lacks: true}}
	for _, args := range []string{"", "-n 2", "-2", "-n2 f", "-c 3 f", "f g", "-q f g", "-v f",
		"-n 1 nope f", "d", "-n 0 f", "-c 100 g", "- f", "-z -n 1 f", "--lines=1 f g", "-n 007 f"} {
		rows = append(rows, judge.Row{Setup: `mkdir d; seq 20 >f; printf '\n\nc' >g`,
			Argv: "head " + args, Stdin: "1\n2\n3\n4"})
	}
	ours.Rows(t, rows)
}

func TestSleep(t *testing.T) {
	ours.Rows(t, []judge.Row{
		{Argv: "sleep"}, {Argv: "sleep 0"}, {Argv: "sleep 0.01s 0.0001m"}, {Argv: "sleep x"},
		{Argv: "sleep 1 x y"}, {Argv: "sleep ''"}, {Argv: "sleep 1ss"}, {Argv: "sleep .01"},
		{Argv: "sleep 0d 0h"}, {Argv: "sleep -- -1"}, {Argv: "sleep 1e-3"},
	})
}

func TestSort(t *testing.T) {
	const mounts = "proc /proc proc rw 0 0\nsys /sys sysfs rw 0 0\ntmpfs /run tmpfs rw 0 0\n" +
		"a /run/lock t rw 0 0\nb / e rw 0 0\nc /proc t rw 0 0\nx\n\n  q  /b\nx\n"
	const numbers = "10 b:3\n9 a:20\n-1 B:x\n 2 A:-1\n0.5 c:1\n.25 d\n-0\n+3 e\n10 B:3\n007 f:07"
	rows := []judge.Row{{Argv: "sort -V", Lacks: true}, {Argv: "sort -M f", Lacks: true}}
	for _, args := range []string{"", "-r", "-rk2,2", "-k2", "-k2,2", "-u", "-ru", "-n", "-nr",
		"-nu", "-f", "-fu", "-b", "-s -k2,2", "-k 2b,2", "-t : -k2n", "-t: -k2,2nr -k1,1",
		"-t : -k 1.2,1.3", "-k1.2b,1.3b -s", "-k2,1", "-sk3", "-ruk2,2", "-n -k1r", "-fr -s", "-bf",
		"-z", "-o out", "-t / -k2", "-t/ -k2,2 -s", "-sn", "-k1,1n -k2.1,2.2f", "-bk2.2,2.3",
		"nope", "d", "f -", "-o no/x", "-us", "-rs"} {
		for _, text := range []string{mounts, numbers} {
			rows = append(rows, judge.Row{Setup: "mkdir d; echo zz >f", Argv: "sort " + args, Stdin: text})
		}
	}
	ours.Rows(t, append(rows, judge.Row{Argv: "sort -rk2,2 /proc/mounts"}, judge.Row{Argv: "sort"},
		judge.Row{Argv: "sort", Stdin: "\n\n"}))
}

// TestQuoting has names that messages must quote. The rows cannot hold an apostrophe, which
// TestQuoteApostrophe covers.
func TestQuoting(t *testing.T) {
	var rows []judge.Row
	for _, name := range []string{"{", "a{b", "a~b", "#a", "a#b", `a\b`, "a\nb\n", "\nx", "é", "a:b",
		"x=y", ",@", "a]b", "?", "a b", "$x", "a\tb", "*", "a;b", `"q"`, "\x7f", "a!"} {
		rows = append(rows, judge.Row{Argv: "cat '" + name + "'"}, judge.Row{Argv: "rm '" + name + "'"},
			judge.Row{Argv: "basename a b '" + name + "'"})
	}
	ours.Rows(t, rows)
}

func TestQuoteApostrophe(t *testing.T) {
	// rm(1) is run directly: in a row, the shell would have to quote these names.
	for _, name := range []string{"it's", "a#b'", "#'", "a@'", "a{}'", "a]'", `a\b'`} {
		c := exec.Command("rm", name)
		c.Env = judge.Env()
		text, _ := c.CombinedOutput()
		want := string(text)
		var errs bytes.Buffer
		files.Rm(&native.Call{Args: []string{"rm", name}, Dir: unix.AT_FDCWD,
			Stdin:  strings.NewReader(""),
			Stdout: &errs, Stderr: &errs})
		if errs.String() != want {
			t.Errorf("%q: got %q, want %q", name, errs.String(), want)
		}
	}
}

type oneScript string

func (s oneScript) IsOwn(string) bool { return false }

func (s oneScript) Script(path string) (string, bool) { return "text\n", path == string(s) }

// TestEmbeddedScript finds a script that no file system holds.
func TestEmbeddedScript(t *testing.T) {
	for _, args := range [][]string{
		{"realpath", "/no/such/../such/name"}, {"readlink", "-f", "/no//such/name"},
		{"realpath", "../no/such/name"}, {"cat", "/no/such/name"},
	} {
		dir, err := unix.Open("/proc", unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		j := &judge.Call{Argv: args, Dir: dir, Path: "/proc", Stdin: strings.NewReader(""),
			Stdout: &out, Stderr: &out}
		status, _ := nativetest.RunWith(j, func(c *native.Call) {
			c.Scripts = oneScript("/no/such/name")
		})
		unix.Close(dir)
		want := "/no/such/name\n"
		if args[0] == "cat" {
			want = "text\n"
		}
		if status != 0 || out.String() != want {
			t.Errorf("%q: status %d, %q", args, status, out.String())
		}
	}
}
