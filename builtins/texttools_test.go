package builtins

import "testing"

func TestMv(t *testing.T) {
	rows := []row{{argv: "mv"}, {argv: "mv -i a b", lacks: true}}
	for _, args := range []string{"a", "a n", "a b", "a b t", "-v a n", "-n a b", "d t", "d a",
		"-T a t", "-t t a b", "-t no a", "a no/x", "a n/", "d n/", "nope n", "d d/e", "a a", "la n",
		"a la", "d/f d/h", "dang n", "a dang", "ld t", "-fT d t", "-f b a", "d/ n", "a b no",
		"a b b", "-T a b c", "-T d d/e", "-tt -T a", "t/a ."} {
		rows = append(rows, row{setup: treeSetup, argv: "mv " + args})
	}
	judge(t, rows)
}

// textRows runs argument lists over the same few files.
func textRows(name string, args ...string) (rows []row) {
	for _, a := range args {
		rows = append(rows, row{argv: name + " " + a, stdin: "a b c\nd:e:f\n\nd:e:f\nlast\tl",
			setup: `mkdir d; seq 20 >f; printf 'x:y:z\nx:y:z\nno\n\na:\t:c\nend' >g; : >e`})
	}
	return rows
}

func TestTail(t *testing.T) {
	judge(t, append(textRows("tail", "", "-n 2", "-2", "-n +3", "-c 3 f", "-c +40 f", "-n 0 f",
		"f g", "-q f g", "-v g", "nope f", "d", "-n +0 f", "-n 100 g", "-n-1 g", "e", "- g", "-n 1 g",
		"+2 f", "+2", "-2 g", "-2c g", "+2c g", "+2 f g", "+l g", "+0 g", "+ g", "+2x g",
		"+2 -- g", "+3 -n 1 g", "-2 -- g", "+99 g", "+2 -", "-0 g", "-2l g", "++2 g", "+2 nope",
		"-- +2", "-n +2 f g", "-n +9 f", "-c +3 f g", "-c +0 e"),
		row{argv: "tail -1 f g", lacks: true}, row{argv: "tail --retry x", lacks: true},
		row{argv: "tail -f .", lacks: true}, row{argv: "tail --pid=1 x", lacks: true},
		row{argv: "tail +2 f", setup: "seq 3 >f"}, row{argv: "tail -1c", stdin: "abc"},
		row{argv: "tail +2c -", stdin: "abc"}, row{argv: "tail -2l -- f", setup: "seq 3 >f"},
		row{argv: "tail +1 f g", setup: "seq 3 >f"}, row{argv: "tail -b", stdin: "abc"},
		row{argv: "tail -1 -q", stdin: "a\nb\n", lacks: true}, row{argv: "tail -", stdin: "a\n"},
		row{argv: "tail -zn1", stdin: "a\x00b\n"}, row{argv: "tail -n0 d", setup: "mkdir d"}))
}

func TestWc(t *testing.T) {
	judge(t, append(textRows("wc", "", "-", "f", "f g e", "-l f", "-l", "-lc f g", "-w f",
		"-c f d", "nope", "nope f", "d", "-l d", "f - g", "-cwl g", "-lw"),
		row{argv: "wc -L", lacks: true}, row{argv: "wc -mw", stdin: "é\u00a0b\n\xffx €\u2003a"},
		row{argv: "wc -wm f", setup: `printf 'a\314\201 \302\200b\0\n' >f`}))
}

func TestUniq(t *testing.T) {
	judge(t, append(textRows("uniq", "", "g", "-c g", "-d g", "-u g", "-cd g", "a b c", "nope", "d",
		"g out", "f no/x", "-du g", "e"), row{argv: "uniq -f 1", lacks: true}))
}

func TestCut(t *testing.T) {
	judge(t, append(textRows("cut", "", "-f1", "-d: -f2", "-d: -f 2- g", "-d : -f 1,3 g", "-c1-2 g",
		"-b 2 g", "-sd: -f1 g", "-f1 nope g", "-f1 d", "-d: -f3,1 g", "-c -2,4- g", "-d: -f9 g",
		"-f 2", "-d ' ' -f1-2",
		"-f0 g", "-c 0", "-f 3-1", "-f -", "-f 1--", "-f x1",
		"-f 1x", "-c 99999999999999999999", "-f 1,,2", "-f ''", "-d :: -f1", "-d: -c1", "-sc1", "-f1 -f2",
		"--complement -d: -f2 g", "--output-delimiter=-- -d: -f1,3 g", "-c 1-2,3,5- --output-delimiter=_ f g",
		"-z -c1-5 g", "-d '' -f1 g", "-f é", "-c1 -zb2 g"),
		row{argv: "cut -zf2", stdin: "a\t"}, row{argv: "cut -szf2", stdin: "a\t"},
		row{argv: "cut -z --complement -f1", stdin: "a\tb\x00c\t"}, row{argv: "cut -f2", stdin: "a\t"},
		row{argv: "cut -szf1", stdin: "a\t"}, row{argv: "cut -szf1-2", stdin: "c\x00a\t"},
		row{argv: "cut -szf1", stdin: "a\tb"}, row{argv: "cut -szf1,3", stdin: "a\t\x00b\t"},
		row{argv: "cut -d '\n' -f 1,3 g", setup: "printf 'a\nb\nc\n' >g"},
		row{argv: "cut -zd '' -f 2 g", setup: "printf 'a\\0b\\0c\\0' >g"}))
}

func TestTee(t *testing.T) {
	judge(t, append(textRows("tee", "", "o", "-a g", "g f", "d", "no/x o", "--append o p", "-- -x"),
		row{argv: "tee -p x", lacks: true}))
}

func TestUname(t *testing.T) {
	var rows []row
	for _, args := range []string{"", "-s", "-a", "-r", "-mn", "-ov", "a", "--machine"} {
		rows = append(rows, row{argv: "uname " + args})
	}
	judge(t, append(rows, row{argv: "uname -x", lacks: true}, row{argv: "hostname"},
		row{argv: "hostname a_b"}, row{argv: "hostname -f", lacks: true}))
}
