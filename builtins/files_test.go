package builtins

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestBasename(t *testing.T) {
	judge(t, []row{
		{argv: "basename"}, {argv: "basename /a/b/ b"}, {argv: "basename /a/b.conf .conf"},
		{argv: "basename / /"}, {argv: "basename //"}, {argv: "basename ''"},
		{argv: "basename a b c"}, {argv: "basename -a a/b c/d"}, {argv: "basename -s .c a.c b.c"},
		{argv: "basename -zs .c x/a.c .c"}, {argv: "basename -- -x"}, {argv: "basename a -s"},
		{argv: "basename --multiple x/y"}, {argv: "basename -Z", lacks: true},
	})
}

func TestDirname(t *testing.T) {
	judge(t, []row{
		{argv: "dirname"}, {argv: "dirname /a/b/"}, {argv: "dirname a"}, {argv: "dirname /"},
		{argv: "dirname //a//b//c"}, {argv: "dirname //"}, {argv: "dirname ''"},
		{argv: "dirname -z a/b /c"}, {argv: "dirname a//b"}, {argv: "dirname -- -x/y"},
	})
}

const linkSetup = `mkdir -p d/e; : >d/f; ln -s d l; ln -s f d/lf; ln -s nope dang;
	ln -s loop loop; ln -s ../d/e/../f d/back; ln -s "$PWD/d" abs; ln -s d/ sl`

func TestRealpath(t *testing.T) {
	rows := []row{{argv: "realpath"}, {argv: "realpath -q nope/x"}, {argv: "realpath ''"}}
	for _, opt := range []string{"", "-e ", "-m ", "-s ", "-se ", "-sm ", "-z "} {
		for _, name := range []string{".", "l/e", "d/lf", "dang", "loop", "d/back", "abs/f", "sl",
			"nope", "nope/", "nope/x", "d/f/", "d/f/.", "d/f/x", "d/f/..", "nope/..", "d/e/../..",
			"/", "/..", "//x", "dang/", "dang/x", "d/./e/", "l d/f"} {
			rows = append(rows, row{setup: linkSetup, argv: "realpath " + opt + name})
		}
	}
	judge(t, rows)
}

func TestReadlink(t *testing.T) {
	rows := []row{{argv: "readlink"}}
	for _, opt := range []string{"", "-f ", "-e ", "-m ", "-n ", "-v ", "-vf ", "-fz "} {
		for _, name := range []string{"l", "d", "dang", "loop", "abs", "nope/x", "l dang", "nope"} {
			rows = append(rows, row{setup: linkSetup, argv: "readlink " + opt + name})
		}
	}
	judge(t, rows)
}

func TestMkdir(t *testing.T) {
	rows := []row{{argv: "mkdir"}, {argv: "mkdir -Z x", lacks: true}}
	for _, args := range []string{"a", "d", "f", "x/y", "-p x/y", "-p d", "-p f", "-p f/x",
		"-p x//y/", "-pv x/y d/z", "-v a b", "-m 700 a", "-m 1777 a", "-m u=rwx,go= a",
		"-m zz a", "-pm 711 x/y", "-m g+s a", "-m +t a", "-m a=rx,u+w a", "-pm 700 d",
		"-p ./x/../y", "-p d/. l/q", "-m 2755 -p q/r", "x/", "''", "-p ''", "-- -x",
		"--parents --mode=750 u/v", "-m 0 a", "-m g=u-w a", "-p dang/x", "dang", "-p dang"} {
		rows = append(rows, row{setup: linkSetup + `; : >f`, argv: "mkdir " + args})
	}
	judge(t, rows)
}

func TestRmdir(t *testing.T) {
	rows := []row{{argv: "rmdir"}}
	for _, args := range []string{"d", "d/e", "d/f", "nope", "-p a/b/c", "-pv a/b/c", "-v d d/e",
		"--ignore-fail-on-non-empty d", "-p d/e", "l", "-p ./a/b/c"} {
		rows = append(rows, row{setup: linkSetup + "; mkdir -p a/b/c", argv: "rmdir " + args})
	}
	judge(t, rows)
}

func TestRm(t *testing.T) {
	rows := []row{{argv: "rm"}, {argv: "rm -f"}, {argv: "rm -i x", lacks: true}}
	for _, args := range []string{"d", "d/f", "nope", "-f nope", "-f d/f/x", "d/f/x", "-r d", "-rf l",
		"-r l/", "-rf .", "-r ..", "-r d/.", "-d d", "-d d/e", "-v d/f dang", "-rv d/e", "-Rfv abs",
		"-rf d nope l", "-r /", "-f d", "''", "-f ''", "d/f nope", "l/", "-rf d/", "'a b' -- -x",
		"-rv d/e/", "-r // ."} {
		rows = append(rows, row{setup: linkSetup, argv: "rm " + args})
	}
	judge(t, rows)
}

func TestChmod(t *testing.T) {
	rows := []row{{argv: "chmod"}, {argv: "chmod 755"}, {argv: "chmod -x f", lacks: true}}
	for _, args := range []string{"755 f", "4755 f", "1777 e", "zz f", "u+s,g+s f", "+x f", "a+x f",
		"u=rw,go=r x", "g=u f", "o=g-w f", "+X f x e", "-R go-rwx .", "-R a+X .", "0 s", "755 s",
		"00755 s", "=r f", "=4711 f", "+s x", "a=,u+rwt e", "755 nope", "755 lnk", "755 dang",
		"-f 755 nope", "u+r+w-x x", "=644 f x", "u=g=o f", "u+t f", "+t e", "8 f", "77777 f",
		"g-s s", "g+s,u-x,, f", "u=rwX,g=rX,o= -R e", "'' f", "-- 600 f"} {
		rows = append(rows, row{argv: "chmod " + args, setup: `umask 022; : >f; : >x; chmod 711 x;
			mkdir -p e/s; : >e/y; mkdir s; chmod 6755 s; ln -s f lnk; ln -s no dang`})
	}
	judge(t, rows)
}

func TestChown(t *testing.T) {
	rows := []row{{argv: "chown"}, {argv: "chown root"}}
	for _, args := range []string{"daemon f", "daemon:tty f", ":tty f", "daemon: f", "1234:567 f",
		"12345: f", "nosuch f", "root:nosuch f", "+5:+6 f", "daemon nope", "-h daemon l", "daemon l",
		"daemon dang", "-h daemon dang", "-R bin:bin .", "-R bin l", "-f bin nope", ": f", "'' f"} {
		rows = append(rows, row{argv: "chown " + args,
			setup: `: >f; ln -s f l; ln -s no dang; mkdir d; ln -s ../f d/l; : >d/x`})
	}
	judge(t, rows)
}

func TestMknod(t *testing.T) {
	var rows []row
	for _, args := range []string{"", "x", "x y", "x c", "x c 1", "x p 1", "x p 1 2", "x c 1 2 3",
		"x p 1 2 3", "x '' 1 2", "x q 1 2", "x c a 1", "x c 1 b", "-m zz x p", "-m 4755 x p",
		"no/x p", "x p", "-m 600 x p", "f p", "x c 1 99999999999",
		"-m 666 null c 1 3", "-m 622 x c 5 1", "-m 444 x b 7 0x10", "x u 1 010"} {
		rows = append(rows, row{setup: ": >f", argv: "mknod " + args})
	}
	for _, args := range []string{"", "x", "-m 600 x y", "f", "no/x", "-m zz x", "-m u=rw,go= x",
		"f x", "-m +s x", "-m 1666 x", "-m a=rw x"} {
		rows = append(rows, row{setup: ": >f", argv: "mkfifo " + args})
	}
	judge(t, rows)
}

func TestCat(t *testing.T) {
	rows := []row{{argv: "cat -A", lacks: true}}
	for _, args := range []string{"", "-", "f", "f - g", "-u f", "-n f g -", "nope f", "d",
		"-- f", "''", "'a b'", "-nu nope", "a:b"} {
		rows = append(rows, row{setup: `mkdir d; printf 'a\nb' >f; printf '\n\nc\n' >g`,
			argv: "cat " + args, stdin: "in\nput"})
	}
	judge(t, rows)
}

func TestHead(t *testing.T) {
	rows := []row{{argv: "head -n -1", lacks: true}}
	for _, args := range []string{"", "-n 2", "-2", "-n2 f", "-c 3 f", "f g", "-q f g", "-v f",
		"-n 1 nope f", "d", "-n 0 f", "-c 100 g", "- f", "-z -n 1 f", "--lines=1 f g", "-n 007 f"} {
		rows = append(rows, row{setup: `mkdir d; seq 20 >f; printf '\n\nc' >g`,
			argv: "head " + args, stdin: "1\n2\n3\n4"})
	}
	judge(t, rows)
}

func TestSleep(t *testing.T) {
	judge(t, []row{
		{argv: "sleep"}, {argv: "sleep 0"}, {argv: "sleep 0.01s 0.0001m"}, {argv: "sleep x"},
		{argv: "sleep 1 x y"}, {argv: "sleep ''"}, {argv: "sleep 1ss"}, {argv: "sleep .01"},
		{argv: "sleep 0d 0h"}, {argv: "sleep -- -1"}, {argv: "sleep 1e-3"},
	})
}

func TestSort(t *testing.T) {
	const mounts = "proc /proc proc rw 0 0\nsys /sys sysfs rw 0 0\ntmpfs /run tmpfs rw 0 0\n" +
		"a /run/lock t rw 0 0\nb / e rw 0 0\nc /proc t rw 0 0\nx\n\n  q  /b\nx\n"
	const numbers = "10 b:3\n9 a:20\n-1 B:x\n 2 A:-1\n0.5 c:1\n.25 d\n-0\n+3 e\n10 B:3\n007 f:07"
	rows := []row{{argv: "sort -V", lacks: true}, {argv: "sort -M f", lacks: true}}
	for _, args := range []string{"", "-r", "-rk2,2", "-k2", "-k2,2", "-u", "-ru", "-n", "-nr",
		"-nu", "-f", "-fu", "-b", "-s -k2,2", "-k 2b,2", "-t : -k2n", "-t: -k2,2nr -k1,1",
		"-t : -k 1.2,1.3", "-k1.2b,1.3b -s", "-k2,1", "-sk3", "-ruk2,2", "-n -k1r", "-fr -s", "-bf",
		"-z", "-o out", "-t / -k2", "-t/ -k2,2 -s", "-sn", "-k1,1n -k2.1,2.2f", "-bk2.2,2.3",
		"nope", "d", "f -", "-o no/x", "-us", "-rs"} {
		for _, text := range []string{mounts, numbers} {
			rows = append(rows, row{setup: "mkdir d; echo zz >f", argv: "sort " + args, stdin: text})
		}
	}
	judge(t, append(rows, row{argv: "sort -rk2,2 /proc/mounts"}, row{argv: "sort"},
		row{argv: "sort", stdin: "\n\n"}))
}

// TestQuoting has names that messages must quote; the rows cannot hold a ',
// which TestQuoteApostrophe has.
func TestQuoting(t *testing.T) {
	var rows []row
	for _, name := range []string{"{", "a{b", "a~b", "#a", "a#b", `a\b`, "a\nb\n", "\nx", "é", "a:b",
		"x=y", ",@", "a]b", "?", "a b", "$x", "a\tb", "*", "a;b", `"q"`, "\x7f", "a!"} {
		rows = append(rows, row{argv: "cat '" + name + "'"}, row{argv: "rm '" + name + "'"},
			row{argv: "basename a b '" + name + "'"})
	}
	judge(t, rows)
}

func TestQuoteApostrophe(t *testing.T) {
	// Asked of rm(1): the shell would have to quote these for a row.
	for _, name := range []string{"it's", "a#b'", "#'", "a@'", "a{}'", "a]'", `a\b'`} {
		c := exec.Command("rm", name)
		c.Env = judgeEnv
		text, _ := c.CombinedOutput()
		want := string(text)
		var errs bytes.Buffer
		runRm(&Call{Args: []string{"rm", name}, Dir: unix.AT_FDCWD, Stdin: strings.NewReader(""),
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
		c := &Call{Args: args, Dir: dir, Scripts: oneScript("/no/such/name"),
			Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out}
		command, _ := Lookup(args[0])
		status := command.Run(c)
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
