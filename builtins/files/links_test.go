package files_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"overlayboot/builtins/files"
	"overlayboot/builtins/native"
	"overlayboot/compat/judge"
	"overlayboot/compat/kit"
)

const treeSetup = `umask 022; echo a >a; echo b >b; chmod 4751 b; mkdir -p d/e t; echo f >d/f;
	ln -s f d/l; ln d/f d/h; ln -s no dang; ln -s a la; ln -s d ld; mkfifo d/p; chown 1:2 d/f;
	chmod 1770 d/e; touch -d @1000 b d/e d; mkdir t/a`

func TestLn(t *testing.T) {
	rows := []judge.Row{{Argv: "ln"}, {Argv: "ln -b x", Lacks: true}}
	for _, args := range []string{"a", "-s", "-s x y", "-s x a", "-sf x a", "-sT x ld", "-sTf x ld",
		"-sfn x ld", "-sf x ld", "a n", "a b", "-f a b", "-f a a", "d n", "nope n", "-s a b t",
		"-s a b a", "-s a b no", "-st t a b", "-sTf x d", "-sf x t", "-T a b c", "-v a n",
		"-sv x n", "-svf x a", "-sr d/f t/n", "-sr a t", "-r a n", "-s x no/y", "a no/y",
		"-sTf /proc/self/fd/0 stdin", "-s d/f", "-s ../x", "-st no a", "-s '' n", "-sr d n",
		"-f la n", "-P la n", "-tt -T a"} {
		rows = append(rows, judge.Row{Setup: treeSetup, Argv: "ln " + args})
	}
	ours.Rows(t, rows)
}

func TestTouch(t *testing.T) {
	rows := []judge.Row{{Argv: "touch"}, {Argv: "touch -d 'TZ=\"UTC\" now' x", Lacks: true}}
	for _, args := range []string{"n", "-c n", "a", "-d @5000 a n", "-r b n", "-r nope n",
		"-t 198001020304.05 n", "-t 8001020304 a", "-m -d @7 a", "-a -d @7 b", "no/x", "a/x",
		"-c no/x", "d", "dang", "-h -d @9 dang", "-d 1990-01-02 a", "-d '1990-01-02 03:04:05' b",
		"-r b -c n a", "''", "n/", "-d '1 Jan 1999' n", "-d '1999-03-04T05:06:07.25Z' n",
		"-d '1997-01-01 12:00 +0100 3 days ago' n", "-d '@77.5' n", "-d '' a",
		"-t 7001010000 a", "-d @5 t/a d", "--date=@6 -- -x"} {
		rows = append(rows, judge.Row{Setup: treeSetup, Argv: "touch " + args})
	}
	ours.Rows(t, rows)
}

func TestTr(t *testing.T) {
	rows := []judge.Row{{Argv: "tr"}, {Argv: "tr 'a-c' '[x*2]'", Lacks: true}}
	for _, args := range []string{`-d '\012'`, "a-c A-C", "abc x", "-s a", "-s 'a-z' '\\n'",
		"-d a-m", "-cd '[:alnum:]\\n'", "-c 'a-z' '\\n'", "-cs 'a-z' '\\n'", "'[:lower:]' '[:upper:]'",
		"'[:upper:]' '[:lower:]'", "-ds a b", "-t abc xy", "'\\141\\0' Zz", "-d '[:space:]'",
		"'[a-c]' '[A-C]'", "- _", "a- xy", "'\\\\' /", "-d -- -", "' ' '\\t'", "--delete a",
		"-d '[:punct:][:digit:]'", "-s '[:blank:]'"} {
		rows = append(rows,
			judge.Row{Argv: "tr " + args, Stdin: "aabbcc ABC  xyz-[a]\n\tq\\w\n\n1,2\x00z\xff"})
	}
	ours.Rows(t, rows)
}

func TestId(t *testing.T) {
	var rows []judge.Row
	for _, args := range []string{"", "-u", "-g", "-G", "-un", "-gn", "-Gn", "-ur", "-nru", "-n",
		"-r", "-ug", "--user --name"} {
		rows = append(rows, judge.Row{Argv: "id " + args})
	}
	ours.Rows(t, append(rows, judge.Row{Argv: "id -Z", Lacks: true}))
}

func TestTrue(t *testing.T) {
	ours.Rows(t, []judge.Row{{Argv: "true"}, {Argv: "true x -y"}, {Argv: "false"}, {Argv: "false x"}})
}

func TestCp(t *testing.T) {
	rows := []judge.Row{{Argv: "cp"}, {Argv: "cp -i a b", Lacks: true}}
	for _, args := range []string{"a", "a n", "b n", "b a", "-p b n", "-a b n", "a b t", "a b no",
		"a b n", "-t t b", "-T a t", "-T a b c", "a a", "a la", "la n", "-P la n", "-d la n",
		"d n", "-r d n", "-r d t", "-a d n", "-a d t", "-R d/. t", "-rT d t", "-r d a", "a no/x",
		"a n/", "nope n", "a dang", "-f a dang", "-n b a", "-v a n", "-rL d/e n", "-a d/f d/h t",
		// Copying a directory into itself: how much is copied depends on inode numbers.
		"-r d/e d/e", "-r t t/a", "-a dang n", "dang n", "-a d/p n", "-a ld n", "-r ld n", "-rH ld n",
		"-t no a", "-p d/f n", "--preserve=mode b n", "--preserve=timestamps b n", "-av d/e n",
		"-rp d n", "-r d/f d/l d/e t", "-p b a", "-Rf a la", "-n nope n", "-aT d t", "b la"} {
		rows = append(rows, judge.Row{Setup: treeSetup, Argv: "cp " + args})
	}
	ours.Rows(t, rows)
}

// TestMvAcross moves files between two file systems, which no row can do.
func TestMvAcross(t *testing.T) {
	if os.Geteuid() != 0 {
		kit.Missing(t, "the tree has files of other owners: needs root")
	}
	var trees [2]string
	for i, system := range []bool{true, false} {
		from := judge.Row{Setup: treeSetup}.Fixture(t)
		to, err := os.MkdirTemp("/dev/shm", "mv")
		if err != nil {
			kit.Missing(t, "no second file system: %v", err)
		}
		defer os.RemoveAll(to)
		var a, b unix.Stat_t
		if unix.Stat(from, &a) != nil || unix.Stat(to, &b) != nil || a.Dev == b.Dev {
			kit.Missing(t, "/dev/shm is the same file system")
		}
		argv := []string{"mv", "-v", from + "/d", from + "/dang", from + "/b", to}
		var out bytes.Buffer
		status := 0
		if system {
			c := exec.Command(argv[0], argv[1:]...)
			c.Stdout, c.Stderr = &out, &out
			c.Run()
			status = c.ProcessState.ExitCode()
		} else {
			status = files.Mv(&native.Call{Args: argv, Dir: unix.AT_FDCWD, Stdin: &bytes.Buffer{},
				Stdout: &out, Stderr: &out})
		}
		// The order of the output differs, so only its presence is checked.
		if status != 0 || out.Len() == 0 {
			t.Fatalf("system %v: status %d, output %q", system, status, out.String())
		}
		left := judge.Tree(t, from)
		trees[i] = left + judge.Tree(t, to)
	}
	if d := cmp.Diff(trees[0], trees[1]); d != "" {
		t.Errorf("(-system +ours):\n%s", d)
	}
}
