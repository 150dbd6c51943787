package process_test

import (
	"testing"

	"overlayboot/compat/judge"
)

// show makes xargs show its words.
const show = ` printf '<%s>\n'`

// xargsRows are inputs, each with the commands that read it.
var xargsRows = []struct {
	stdin string
	argvs []string
}{
	{"a '' b", []string{"xargs" + show, "xargs -n1" + show, "xargs -t", "xargs -I{} -t echo [{}]"}},
	{"''", []string{"xargs" + show, "xargs -I{}" + show + " {}"}},
	{"''\n''", []string{"xargs -n1" + show, "xargs -L1" + show, "xargs -r -t"}},
	{"'' ", []string{"xargs" + show}}, {"\\", []string{"xargs" + show, "xargs -r" + show}},
	{"a\\", []string{"xargs" + show}},
	{"a\\\nb c\\ d \\'e", []string{"xargs" + show, "xargs -I{}" + show + " {}"}},
	{"a \"b c\" \\d\n e'f g'h\n", []string{"xargs" + show, "xargs -t", "xargs -0" + show}},
	{"a \nb\nc\n", []string{"xargs -L1", "xargs -L2", "xargs -l", "xargs -l2 -t", "xargs -L3 -t"}},
	{"a\t\nb\n\n\nc", []string{"xargs -l2", "xargs -L1"}},
	{"\n\n a\n\n b\nc", []string{"xargs -L2", "xargs -L1"}},
	{"'a' \n b\n", []string{"xargs -L1"}}, {"a\n \nb", []string{"xargs -L1", "xargs -I{} echo {}"}},
	{"a\tb  c d\n\n \n\tx \n",
		[]string{"xargs -t -I{} echo '[{}]' {}x", "xargs -i echo {} {}", "xargs -iX echo X{}"}},
	{"x\n",
		[]string{"xargs -I{} {} x", "xargs nosuch", "xargs /etc", "xargs -I{} nosuch x",
			"xargs /etc/passwd",
			"xargs -t true 'a b' a:b '' '*' é '#' '~' '{' '{}' 'a\nb'", "xargs env nosuch",
			"xargs -a nosuch",
			"xargs ''", "xargs -a nosuch -I{} x", "xargs -a /etc echo", "xargs -a - echo y"}},
	{"x\ny",
		[]string{"xargs -n1 sh -c 'exit 255'", "xargs -n1 sh -c 'kill -9 $$'",
			"xargs -n1 sh -c 'kill $$'",
			"xargs -n1 sh -c 'echo $0; exit 3'", "xargs -n1 sh -c 'exit 127'", "xargs -n1 sh -c 'exit 143'",
			"xargs -n1 sh -c 'exit 126'", "xargs -n1 sh -c 'cat; echo $0'"}},
	{"",
		[]string{"xargs echo x", "xargs -r echo x", "xargs -I{} echo x", "xargs -0 echo x",
			"xargs -n1 echo x",
			"xargs -L1 echo x", "xargs --no-run-if-empty false", "xargs false", "xargs -d , echo"}},
	{" \n", []string{"xargs echo x", "xargs -r echo x", "xargs -d , echo"}},
	{"a\x00b\x00\x00c d\n",
		[]string{"xargs -0" + show, "xargs -0 -n1", "xargs -0 -I{} echo [{}]", "xargs -0 -L1",
			"xargs -0 -L2 -t", "xargs", "xargs -n1", "xargs -I{} echo [{}]", "xargs -d '\\n'",
			"xargs --null -t"}},
	{"a,b,,c\n",
		[]string{"xargs -d,", "xargs -d, -n1", "xargs -d , -I{} echo [{}]", "xargs -d '\\x2c'",
			"xargs -d '\\54'", "xargs -d '\\0'", "xargs -d '\\n'", "xargs -d '\\q'",
			"xargs -d ''", "xargs -d ab", "xargs -d '\\400'", "xargs -d '\\'", "xargs -d '\\x'",
			"xargs -d '\\x2cz'", "xargs -d '\\549'", "xargs -d '\\x123'", "xargs -d é",
			"xargs -d '\\ab'", "xargs -d, -E b", "xargs -E b -0", "xargs -e -d,",
			"xargs -d 2 -d,"}},
	{"aaaa bbbb cccc",
		[]string{"xargs -s 15 echo", "xargs -s 5", "xargs -s 4", "xargs -s 0", "xargs -s -1",
			"xargs -s x", "xargs -s 10", "xargs -s 11 -x", "xargs -L1 -s 15",
			"xargs -x -n3 -s 15", "xargs -n2 -s 15"}},
	{"aaaa bbbb cccccccccc d",
		[]string{"xargs -s 15", "xargs -s 15 -n1", "xargs -s 15 -x", "xargs -s 15 -I{} echo {}"}},
	{"aaaa bbbb ccccccccc d",
		[]string{"xargs -s 15", "xargs -s15 -n1", "xargs -s 14 -0", "xargs -s 40 -0"}},
	{"aaaa\nbbbb\n", []string{"xargs -I{} -s 15 echo {}{}{}{}{}", "xargs -I{} -s 20 echo {} {} {}",
		"xargs -I{} -s 19 echo {} {} {}", "xargs -I{} -s 8 echo {}{}", "xargs -I{} -s 9 echo {}{}"}},
	{"a _ b\n_\nc _x",
		[]string{"xargs -E _", "xargs -E _ -n1", "xargs -E _ -I{} echo {}", "xargs -E ''", "xargs -e_",
			"xargs -e", "xargs --eof=b", "xargs -E a", "xargs -E c -L1", "xargs -E _x -L 3"}},
	{"'_' b", []string{"xargs -E _"}},
	{"a\vb\fc\rd e", []string{"xargs -t", "xargs -I{} -t echo {}"}},
	{"a b\n c 'd",
		[]string{"xargs", "xargs -n1", "xargs -n2", "xargs -L1", "xargs -x", "xargs -I{} echo {}"}},
	{"a b\n c \"d\n e", []string{"xargs", "xargs -n1 false", "xargs -n2 nosuch"}},
	{"a b c d e\nf g\n",
		[]string{"xargs -n 2", "xargs --max-args=3 -t", "xargs -n 0", "xargs -n x", "xargs -n 1x",
			"xargs -L 0", "xargs -l0", "xargs -lx", "xargs -n -1", "xargs -n ''",
			"xargs -n ' 2'", "xargs -n +2", "xargs -n 99999999999999999999", "xargs -L1 -n1",
			"xargs -n1 -L1", "xargs -n1 -l1", "xargs -I{} -n1", "xargs -I{} -n2",
			"xargs -n2 -I{} echo {}", "xargs -L2 -I{} echo {}", "xargs -I{} -L2", "xargs -I ''",
			"xargs -i -l2", "xargs -n1 -n2 -I{} -L1", "xargs -P 1 -n 4", "xargs -r -- echo -n",
			"xargs -x -n 2", "xargs --max-lines=1", "xargs --max-lines",
			"xargs --replace=e echo ye", "xargs --verbose --exit -n5",
			"xargs --max-chars=11", "xargs --arg-file=/dev/null echo x", "xargs --delimiter=' '"}},
	{"é ü\n", []string{"xargs -t", "xargs -I{} -t echo {}ß", "xargs -s 8", "xargs -s 9 -n1"}},
}

// TestXargs compares xargs with that of findutils.
func TestXargs(t *testing.T) {
	var rows []judge.Row
	for _, in := range xargsRows {
		for _, argv := range in.argvs {
			rows = append(rows, judge.Row{Argv: argv, Stdin: in.stdin})
		}
	}
	for _, argv := range []string{"xargs -P 2", "xargs -P 0", "xargs -p", "xargs -o",
		"xargs --show-limits", "xargs -Z",
		"xargs -s 999999", "xargs --process-slot-var=x", "xargs -I", "xargs --max", "xargs -P x"} {
		rows = append(rows, judge.Row{Argv: argv, Stdin: "a", Lacks: true})
	}
	ours.Rows(t, rows)
}
