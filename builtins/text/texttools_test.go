package text_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"overlayboot/compat/judge"
)

// textRows runs argument lists on the same few files.
func textRows(name string, args ...string) (rows []judge.Row) {
	for _, a := range args {
		rows = append(rows, judge.Row{Argv: name + " " + a, Stdin: "a b c\nd:e:f\n\nd:e:f\nlast\tl",
			Setup: `mkdir d; seq 20 >f; printf 'x:y:z\nx:y:z\nno\n\na:\t:c\nend' >g; : >e`})
	}
	return rows
}

func TestTail(t *testing.T) {
	ours.Rows(t, append(textRows("tail", "", "-n 2", "-2", "-n +3", "-c 3 f", "-c +40 f", "-n 0 f",
		"f g", "-q f g", "-v g", "nope f", "d", "-n +0 f", "-n 100 g", "-n-1 g", "e", "- g", "-n 1 g",
		"+2 f", "+2", "-2 g", "-2c g", "+2c g", "+2 f g", "+l g", "+0 g", "+ g", "+2x g",
		"+2 -- g", "+3 -n 1 g", "-2 -- g", "+99 g", "+2 -", "-0 g", "-2l g", "++2 g", "+2 nope",
		"-- +2", "-n +2 f g", "-n +9 f", "-c +3 f g", "-c +0 e"),
		judge.Row{Argv: "tail -1 f g", Lacks: true}, judge.Row{Argv: "tail --retry x", Lacks: true},
		judge.Row{Argv: "tail -f .", Lacks: true}, judge.Row{Argv: "tail --pid=1 x", Lacks: true},
		judge.Row{Argv: "tail +2 f", Setup: "seq 3 >f"}, judge.Row{Argv: "tail -1c", Stdin: "abc"},
		judge.Row{Argv: "tail +2c -", Stdin: "abc"}, judge.Row{Argv: "tail -2l -- f", Setup: "seq 3 >f"},
		judge.Row{Argv: "tail +1 f g", Setup: "seq 3 >f"}, judge.Row{Argv: "tail -b", Stdin: "abc"},
		judge.Row{Argv: "tail -1 -q", Stdin: "a\nb\n", Lacks: true},
		judge.Row{Argv: "tail -", Stdin: "a\n"},
		judge.Row{Argv: "tail -zn1", Stdin: "a\x00b\n"}, judge.Row{Argv: "tail -n0 d", Setup: "mkdir d"}))
}

// TestTailOfLong shows the end of files that are longer than a block. Sparse ones are longer than
// the memory.
func TestTailOfLong(t *testing.T) {
	const setup = `seq 30000 >f; yes 1234567 | head -c 131072 >g; (head -c 70000 /dev/zero; seq 9000 |
		tr '\n' ' '; echo; seq 20000; printf end; head -c 70000 /dev/zero) >h`
	sparse := filepath.Join(t.TempDir(), "s") // the judge would read it in its own folder
	if err := os.WriteFile(sparse, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(sparse, 80<<30); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("sh", "-c", `printf 'a\nb\n' >>`+sparse).Run(); err != nil {
		t.Fatal(err)
	}
	var rows []judge.Row
	for _, args := range []string{"-n 1 " + sparse, "-c 3 " + sparse, "-n 0 " + sparse, "-n 1 f",
		"-n 5000 f",
		"-n 29999 f", "-n 30000 f", "-n 30001 f", "-c 1 f", "-c 100000 f", "-c 168893 f", "-c 168894 f",
		"-c 168895 f", "-n +29990 f", "-c +168000 f", "-n 8192 g", "-n 8193 g", "-n 16383 g",
		"-n 16384 g", "-c 65536 g", "-c 65537 g", "-n 1 h", "-n 2 h", "-n 20001 h", "-n 20002 h",
		"-n 20003 h", "-zn 1 h", "-zn 70000 h", "-zn 70001 h", "-zn 140001 h", "-n 3 f g h"} {
		rows = append(rows, judge.Row{Argv: "tail " + args, Setup: setup})
	}
	ours.Rows(t, append(rows,
		judge.Row{Argv: "tail -n 20000", Stdin: strings.Repeat("some words\n", 50000)},
		judge.Row{Argv: "tail -n 1", Stdin: "\n" + strings.Repeat("word ", 50000)},
		judge.Row{Argv: "tail -c 70000", Stdin: strings.Repeat("some words\n", 50000)}))
}

func TestWc(t *testing.T) {
	ours.Rows(t, append(textRows("wc", "", "-", "f", "f g e", "-l f", "-l", "-lc f g", "-w f",
		"-c f d", "nope", "nope f", "d", "-l d", "f - g", "-cwl g", "-lw"),
		judge.Row{Argv: "wc -L", Lacks: true},
		judge.Row{Argv: "wc -mw", Stdin: "é\u00a0b\n\xffx €\u2003a"},
		judge.Row{Argv: "wc -wm f", Setup: `printf 'a\314\201 \302\200b\0\n' >f`}))
}

func TestUniq(t *testing.T) {
	ours.Rows(t, append(textRows("uniq", "", "g", "-c g", "-d g", "-u g", "-cd g", "a b c", "nope",
		"d", "g out", "f no/x", "-du g", "e"),
		judge.Row{Argv: "uniq -f 1", Lacks: true}))
}

func TestCut(t *testing.T) {
	rows := textRows("cut", "", "-f1", "-d: -f2", "-d: -f 2- g", "-d : -f 1,3 g", "-c1-2 g",
		"-b 2 g", "-sd: -f1 g", "-f1 nope g", "-f1 d", "-d: -f3,1 g", "-c -2,4- g", "-d: -f9 g",
		"-f 2", "-d ' ' -f1-2",
		"-f0 g", "-c 0", "-f 3-1", "-f -", "-f 1--", "-f x1",
		"-f 1x", "-c 99999999999999999999", "-f 1,,2", "-f ''", "-d :: -f1", "-d: -c1",
		"-sc1", "-f1 -f2", "--complement -d: -f2 g", "--output-delimiter=-- -d: -f1,3 g",
		"-c 1-2,3,5- --output-delimiter=_ f g",
		"-z -c1-5 g", "-d '' -f1 g", "-f é", "-c1 -zb2 g")
	ours.Rows(t, append(rows,
		judge.Row{Argv: "cut -zf2", Stdin: "a\t"}, judge.Row{Argv: "cut -szf2", Stdin: "a\t"},
		judge.Row{Argv: "cut -z --complement -f1", Stdin: "a\tb\x00c\t"},
		judge.Row{Argv: "cut -f2", Stdin: "a\t"},
		judge.Row{Argv: "cut -szf1", Stdin: "a\t"}, judge.Row{Argv: "cut -szf1-2", Stdin: "c\x00a\t"},
		judge.Row{Argv: "cut -szf1", Stdin: "a\tb"}, judge.Row{Argv: "cut -szf1,3", Stdin: "a\t\x00b\t"},
		judge.Row{Argv: "cut -d '\n' -f 1,3 g", Setup: "printf 'a\nb\nc\n' >g"},
		judge.Row{Argv: "cut -zd '' -f 2 g", Setup: "printf 'a\\0b\\0c\\0' >g"}))
}

func TestTee(t *testing.T) {
	ours.Rows(t, append(textRows("tee", "", "o", "-a g", "g f", "d", "no/x o", "--append o p",
		"-- -x"),
		judge.Row{Argv: "tee -p x", Lacks: true}))
}

func TestUname(t *testing.T) {
	var rows []judge.Row
	for _, args := range []string{"", "-s", "-a", "-r", "-mn", "-ov", "a", "--machine"} {
		rows = append(rows, judge.Row{Argv: "uname " + args})
	}
	ours.Rows(t, append(rows, judge.Row{Argv: "uname -x", Lacks: true}, judge.Row{Argv: "hostname"},
		judge.Row{Argv: "hostname a_b"}, judge.Row{Argv: "hostname -f", Lacks: true}))
}
