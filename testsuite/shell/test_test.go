package shell

import "testing"

// TestTestFiles judges the operators of test for files (XCU 4).
func TestTestFiles(t *testing.T) {
	setup := "> f; mkdir d; ln -s f l; ln -s no b; ln -s d ld; echo x > s; mkfifo p; " +
		"chmod 755 s; > suid; chmod 4755 suid; > sgid; chmod 2755 sgid; mkdir sticky; " +
		"chmod 1777 sticky; > n; chmod 000 n; ln s hard; " +
		"> old; touch -d @1000 old; > other; chown 12:34 other 2>/dev/null; " +
		"touch -d @1000000000 t1; touch -d @1000000000.5 t2; touch -h -d @5 l; " +
		"ln -s old lo\n"
	for _, op := range []string{"-b", "-c", "-d", "-e", "-f", "-g", "-G", "-h", "-k", "-L",
		"-O", "-p", "-r", "-s", "-S", "-u", "-w", "-x"} {
		script := setup + "for i in f d l b ld s p suid sgid sticky n nope other '' . .. / " +
			"/dev/null /dev/tty /dev/fd/1 d/. l/x f/x; do test " + op + " \"$i\"; echo \"" +
			op + " $i $?\"; done"
		judge(t, row{script: script})
	}
	for _, op := range []string{"-nt", "-ot", "-ef"} {
		for _, pair := range []string{"f f", "f old", "old f", "t1 t2", "t2 t1", "t1 t1", "l f",
			"l old", "lo old", "lo f", "f nope", "nope f", "nope nope", "b f", "s hard", "d ld",
			"d .", ". d/..", "'' f", "f ''", "/dev/null /dev/null", "/dev/fd/0 /dev/null"} {
			judge(t, row{script: setup + "[ " + pair[:len(pair)-len(second(pair))] + op + " " +
				second(pair) + " ]; echo $?"})
		}
	}
	same(t,
		`test -t 0; echo $?; test -t 1; echo $?; test -t 2; echo $?; test -t 3; echo $?; `+
			`test -t 99; echo $?`,
		`test -t x; echo $?`,
		`test -t ''; echo $?`,
		`test -t -1; echo $?`,
		`test -t ' 1'; echo $?`,
		`test -t 1x; echo $?`,
		`test -t; echo $?`,
		`[ -t ]; echo $?`,
		`[ -t 0 -a a ]; echo $?`,
		`exec 5< t.sh; test -t 5; echo $?; test -f /dev/fd/5; echo $?; test -r /dev/stdin; `+
			`echo $?; test -e /proc/self/fd/5; echo $?`,
		`cd /; test -d usr; echo $?; (cd usr; test -d bin; echo $?; test -d usr; echo $?); `+
			`x=$(cd usr; [ -d bin ]; echo $?); echo $x`,
		`umask 777; > f; test -r f; echo $?; test -w f; echo $?; test -x f; echo $?`,
		`mkdir d; chmod 000 d; test -x d; echo $?; test -r d; echo $?; test -e d/x; echo $?; `+
			`chmod 755 d`)
}

// second returns the last word of a text.
func second(text string) string {
	for i := len(text) - 1; i > 0; i-- {
		if text[i-1] == ' ' {
			return text[i:]
		}
	}
	return text
}

// TestTestOperators judges the operators of test for numbers and strings (XCU 4).
func TestTestOperators(t *testing.T) {
	for _, n := range []string{"1", "0", "-1", "+1", "01", "' 1'", "'1 '", "' 1 '", "''", "x",
		"1x", "0x1", "1.0", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
		"-9223372036854775809", "99999999999999999999", "- 1", "--1", "'\t1\n'", "'1 x'", "$((1))",
		"10#1"} {
		each(t, "", "test 1 -eq "+n+"; echo $?", "[ "+n+" -gt 0 ]; echo $?", "test "+n+" -lt "+
			n+"; echo $?", "test "+n+" -ne x; echo $?")
	}
	for _, op := range []string{"-eq", "-ne", "-lt", "-le", "-gt", "-ge"} {
		each(t, "", "for i in '1 1' '1 2' '2 1' '-1 1' '1 -1' '-2 -1' '0 -0' '010 10'; "+
			"do test ${i% *} "+op+" ${i#* }; echo \"$i $?\"; done", "test '' "+op+" 1; echo $?",
			"test 1 "+op+"; echo $?", "test "+op+" 1; echo $?", "test "+op+"; echo $?",
			"test 1 "+op+" 1 -a 1 "+op+" 2; echo $?", "test ! 1 "+op+" 2; echo $?",
			"test '(' 1 "+op+" 2 ')'; echo $?", "test a "+op+" b; echo $?; echo next")
	}
	for _, op := range []string{"=", "!=", "'<'", "'>'", "==", "=~"} {
		each(t, "", "for i in 'a a' 'a b' 'b a' 'a A' 'a aa' '* a' '- -' '! !' '( )'; "+
			"do test \"${i% *}\" "+op+" \"${i#* }\"; echo \"$i $?\"; done", "test '' "+op+
			" ''; echo $?", "test '' "+op+" a; echo $?", "test a "+op+"; echo $?", "test "+op+
			"; echo $?", "test "+op+" a; echo $?", "test ! a "+op+" b; echo $?", "test '(' a "+
			op+" a ')'; echo $?", "test -n "+op+" -n; echo $?", "test -f "+op+" -f; echo $?",
			"test '(' "+op+" ')'; echo $?", "test ! "+op+" !; echo $?", "test a "+op+
				" b -o c "+op+" c; echo $?")
	}
}

// longTests are arguments of test, most of them more than four.
var longTests = []string{
	"! ! a = a", "! '(' a = b ')'", "'(' ! a ')' -o b",
	"a = a -a b = b -a c = d", "a = b -o b = b -a c = d", "'(' a = b -o b = b ')' -a c = d",
	"-f t.sh -a -r t.sh", "-f t.sh -a ! -d t.sh", "! -f t.sh -o -d /", "'(' '(' a ')' ')'",
	"'(' a", "a ')'", "'(' '(' a ')'", "a -a", "-a a", "a -o", "a -a b -o", "a -a -a b",
	"! a -o b", "a -o ! a", "! a = a -o b = b", "-n a -a -z ''", "-n -a -n", "-z -o -z",
	"1 -eq 1 -a 2 -gt 1 -o x", "a b c d e", "a = b c = d", "-d / /", "a -q b", "a = a = a = a",
	"'(' ')'", "'(' ')' -o a", "'(' '' -o b ')' -a '(' c -a '' ')'",
	"-e / -a -e /nope -o -e /usr", "a -a 1 -eq x", "'' -a 1 -eq x", "a -o 1 -eq x",
	"x = x -a ! x = y -a -n z", "-f -a -f", "! ! ! ! a", "! '' -a ! ''", "-a -a -a",
	"-o -o -o", "-a = -a", "! -a !", "'(' -o ')'", "-n '(' -a ')'", "a '<' b -a b '>' a",
	"-L / -o -h /", "x -nt y -o x -ef y", "\"$nope\" = ''", "$nope = ''", "-n $nope",
	"-n \"$nope\"", "$nope", "a$nope", "-e $nope", "'a b' = 'a b'", "'a' '='", "-eq -eq -eq",
	"a != -n", "!= != !=", "-d = -d", "-d / -a / = /",
}

// testArgumentsRows are rows of TestTestArguments.
var testArgumentsRows = scripts{
	`[; echo $?`,
	`[ ; echo $?`,
	`[ a; echo $?`,
	`[ a b; echo $?`,
	`[ a ] b; echo $?`,
	`[ ]; echo $?`,
	`[ ] ]; echo $?`,
	`[ ] = ] ]; echo $?`,
	`[ a = ]; echo $?`,
	`test ]; echo $?; test a ]; echo $?`,
	`test; echo $?`,
	`test --; echo $?; test --help; echo $?; test -- a; echo $?`,
	`[ -f t.sh ] && echo yes || echo no; [ -f nope ] && echo yes || echo no; ` +
		`if [ a = b ]; then :; else echo else; fi; while [ "$i" != xxx ]; do i=x$i; done; ` +
		`echo $i`,
	`"[" a ]; echo $?; x='[ a = a ]'; $x; echo $?; command [ a = b ]; echo $?; ` +
		`command test x; echo $?`,
	`test a > f; echo $?; ls; test a > /nope/x; echo $?; test a = 2> f; echo $?; cat f`,
	`x=5 test "$x"; echo $?; x='!'; [ $x a ]; echo $?; set -x; [ a = 'b c' ]`,
	`set -e; [ a = a ]; [ a = b ] || echo or; [ a = b ]; echo no`,
	`test 1 -eq x || echo or; if test 1 -eq x; then :; else echo $?; fi; ! test x -eq 1; ` +
		`echo $?`,
	`/usr/bin/test a = a; echo $?; /usr/bin/[ a = b ]; echo $?`,
}

// TestTestArguments judges test by the number of its arguments (XCU 4).
func TestTestArguments(t *testing.T) {
	words := []string{"a", "''", "!", "'('", "')'", "-n", "-z", "-f", "=", "-a", "-o", "-eq",
		"-d", "-t", "-q", "-"}
	for _, a := range words {
		judge(t, row{script: "test " + a + "; echo $?; [ " + a + " ]; echo $?"})
		script := ""
		for _, b := range words {
			script += "test " + a + " " + b + "; echo \"" + b + " $?\"\n"
		}
		judge(t, row{script: script})
	}
	small := []string{"a", "''", "!", "'('", "')'", "-n", "=", "-a", "-o", "1"}
	for _, a := range small {
		for _, b := range small {
			script := ""
			for _, c := range small {
				script += "test " + a + " " + b + " " + c + "; echo \"" + c + " $?\"\n"
			}
			judge(t, row{script: script})
		}
	}
	four := []string{"a", "''", "!", "'('", "')'", "-n", "="}
	for _, a := range four {
		for _, b := range four {
			if a == "!" && b == "!" {
				continue // see below: dash counts the first ! only
			}
			script := ""
			for _, c := range four {
				for _, d := range four {
					script += "test " + a + " " + b + " " + c + " " + d + "; echo \"" + c +
						" " + d + " $?\"\n"
				}
			}
			judge(t, row{script: script})
		}
	}
	for _, e := range []string{"! ! ! a", "! ! -n a", "! ! -d /", "! ! -z ''"} {
		judge(t, row{script: "test " + e + "; echo $?; [ " + e + " ]; echo $?",
			standard: "XCU 4, test, 4 arguments"})
	}
	for _, e := range longTests {
		each(t, "", "test "+e+"; echo $?", "[ "+e+" ]; echo $?")
	}
	same(t, testArgumentsRows...)
}
