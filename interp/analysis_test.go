package interp

import (
	"os"
	"path/filepath"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins"
	"overlayboot/builtins/native"
	"overlayboot/interp/parse"
)

// testShell returns a shell that has the native commands.
func testShell(t *testing.T) *Shell {
	t.Helper()
	process := NewProcess(-1, []string{"sh"})
	process.Lookup = builtins.Lookup
	return New(process, []string{"PATH=/usr/bin:/bin"})
}

// needRows are rows of TestNeeds.
var needRows = []struct {
	setup, body string
	want        need
}{
	{"", "echo a; x=1; cd /; read y <f; [ -n $x ] && test -e /dev/fd/3", needNothing},
	{"", "grep a f | sed s/a/b/ >g; ls; ./program a", needNothing},
	{"", "umask; umask -S; ulimit -n; trap; trap -p; kill -l; kill -0 5", needNothing},
	{"", "umask 077; echo a", needThread},
	{"", "umask $x", needThread},
	{"", "command umask 0", needThread},
	{"u=umask", "$u 077", needThread},
	{"u='command umask'", "$u 077", needThread},
	{"u=umask", "u=$1; $u 077", needProcess},
	{"u=echo", `"$u" 077`, needNothing},
	{"u=echo", `for u in a b; do "$u"; done`, needProcess},
	{"u=echo", `read u; $u`, needProcess},
	{"u=echo", `: $((u = 1)); $u`, needProcess},
	{"u=echo", `: ${u:=x}; $u`, needProcess},
	{"u=echo", `unset u; $u`, needProcess},
	{"", "ulimit -c 0", needProcess},
	{"", "ulimit $x", needProcess},
	{"l=ulimit", "$l -f 0", needProcess},
	{"", "sleep 1 &", needProcess},
	{"", "(sleep 1 & wait)", needNothing}, // decided when the inner subshell runs
	{"", "x=$(kill $$)", needProcess},     // it goes on without its parent
	{"f() { kill 1; }", "(f)", needProcess},
	{"f() { g; }; g() { kill 1; }", "x=$(f | cat)", needProcess},
	{"", "perl -e 'kill 1, shift' $$", needProcess},
	{"", `(dash -c "kill $$"; :)`, needProcess},
	{"", `cat /tmp/x.$$; ps -p $$; echo $$`, needNothing},
	{"", "kill -TERM $$", needProcess},
	{"", "kill $x", needProcess},
	{"", "trap 'echo a' EXIT; echo b", needNothing},
	{"", "trap 'umask 0' EXIT; echo b", needThread},
	{"", "trap 'kill $$' 0", needProcess},
	{"", `trap "$x" 0`, needNothing},
	{"x='kill 1'", `trap "$x" 0`, needProcess},
	{"", "trap - INT", needProcess},
	{"", "trap '' TERM", needProcess},
	{"", "trap 'echo a' $x", needProcess},
	{"", "set -m", needProcess},
	{"", "set -e; set -o noglob; set -- $x; shift", needNothing},
	{"", "set -eo monitor", needProcess},
	{"", "set -o $x", needProcess},
	{"", "set $x", needNothing},
	{"x=-m", "set $x", needProcess},
	{"", "read x; set $x", needProcess},
	{"set -- -x", "set $1", needProcess},
	{"", "eval 'echo a; x=1'", needNothing},
	{"", "eval umask 0", needThread},
	{"", `eval "$1"`, needNothing},
	{"set -- 'kill 1'", `eval "$1"`, needProcess},
	{"x=a a='umask 0'", `eval "$a"`, needThread},
	{"x=a", `eval "echo \$$x"`, needNothing},
	{"x=a", `f() { eval "$1=5"; }; f $x`, needProcess},
	{"", "eval 'if'", needProcess},
	{"", "alias a=umask", needProcess},
	{"f() { g; }; g() { umask 0; }", "f", needThread},
	{"f() { g; }; g() { (umask 0); }", "f", needNothing},
	{"f() { f; g; }; g() { f; }", "f", needNothing},
	{"f() { kill 1; }", "eval f", needProcess},
	{"f() { kill 1; }", "command -v f", needNothing},
	{"f() { kill 1; }", "x=f; $x", needProcess},
	{"x=f; f() { kill 1; }", "$x", needProcess},
	{"", "f() { kill 1; }; f", needProcess},
	{"", ". ./good.sh; g", needNothing},
	{"x=./good", `. "$x.sh"; g`, needNothing},
	{"", ". ./bad.sh", needThread},
	{"x=./good.sh", `. "$x"; x=./bad.sh`, needProcess}, // careful: the assignment is late
	{"x=self.sh", `. ./$x`, needNothing},
	{"x=self.sh", `. ./$x; eval "$x"`, needProcess},
	{"", ". ./worse.sh", needProcess},
	{"", ". ./wrong.sh", needProcess},
	{"", ". ./nosuch.sh", needProcess},
	{"", "echo a >x.sh; . ./good.sh", needProcess}, // the file may be rewritten
	{"", "cp a b; . ./good.sh", needProcess},
	{"", "for i in 1; do . ./good.sh; done", needProcess},
	{"", "cd /; . ./good.sh", needProcess},
	{"", "f() { . ./good.sh; }; f", needProcess},
	{"", "command . ./bad.sh", needThread},
	{"", "exec echo a", needNothing},
	{"", "exec >f; echo a", needNothing},
	{"", "exec $x", needNothing},
	{"x=umask", "exec $x", needNothing},
	{"", "echo 500 >/proc/self/oom_score_adj", needProcess},
	{"f=/proc/self/oom_score_adj", `echo 500 >"$f"`, needProcess},
	{"", "read x </proc/thread-self/comm", needProcess},
	{"", "read x </proc/self/mountinfo; : >/proc/self/fd/1", needNothing},
	{"", "[ -e /proc/self/comm ]", needProcess},
	{"", "cd /proc/self/task", needProcess},
	{"", "cat <<E\n$(umask 0)\nE\n", needNothing},
	{"", "if a; then umask 0; fi", needThread},
	{"", "while umask 0; do :; done", needThread},
	{"", "case $x in a) kill 1;; esac", needProcess},
	{"", "{ a || ! kill 1; } 2>/dev/null", needProcess},
}

// TestNeeds checks the need of a subshell by its body, in a shell that has run the setup.
func TestNeeds(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"good.sh": "g() { echo good; }\n", "bad.sh": "umask 0\n",
		"worse.sh": ". ./worse.sh\n", "wrong.sh": "if umask", "self.sh": "x=umask\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for _, row := range needRows {
		s := testShell(t)
		s.run(textSource(row.setup))
		list, src, err := parse.All("("+row.body+"\n)", s.grammar())
		if err != nil {
			t.Fatalf("%s: %v", row.body, err)
		}
		s.src = originOf(src)
		for range 2 { // the second time, the finding comes from the cache
			if got := s.needOf(list[0].Cmd.(*syntax.Subshell)); got != row.want {
				t.Errorf("%s; (%s): %d, want %d", row.setup, row.body, got, row.want)
			}
		}
	}
}

// TestScriptsInside checks which scripts of other shells may run inside the process.
func TestScriptsInside(t *testing.T) {
	for text, want := range map[string]bool{
		"echo $$":                         false,
		"echo ${PPID}":                    false,
		"echo $((PPID+0))":                false,
		"x=$(echo $$)":                    false,
		"(umask 077; > f)":                true,
		"umask 077":                       false,
		"ulimit -n 20":                    false,
		"umask":                           true,
		"echo '$$'":                       true,
		"cat <<'E'\necho $$\nE\n":         true,
		"sh <<E\necho \\$\\$ $$\nE\n":     false,
		"# the umask of $$\necho hello":   true,
		"trap 'echo a' EXIT":              true,
		"trap 'echo $$' EXIT":             false,
		"eval 'echo $$'":                  false,
		"eval \"$x\"":                     true,
		"f() { echo $$; }":                true,
		"f() { echo $$; }; f":             false,
		"f; f() { echo $$; }":             false, // f may be called again after the definition
		"f() { g() { echo $$; }; }; g":    true,
		"f() { g() { echo $$; }; }; f":    true,
		"f() { g() { echo $$; }; }; f; g": false,
		"g; f() { g() { echo $$; }; }; f": false,
		"$x":                              false,
	} {
		s := testShell(t)
		list, src, err := parse.All(text, s.grammar())
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := s.isHarmless(list, originOf(src)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// TestReachable checks how many functions a hand-over includes.
func TestReachable(t *testing.T) {
	for body, want := range map[string]int{
		"a": 2, "(a)": 2, "x=$(b | c)": 2, "d": 0, ":": 0, "command -v a": 2, "type c": 1,
		"eval a": 4, "$x": 4, ". ./f": 4, "e": 4, "f() { a; }; f": 2, "a &": 2,
		"command -v $x": 4, "c; unset -f a": 1,
	} {
		s := testShell(t)
		s.run(textSource("a() { b; }; b() { :; }; c() { :; }; e() { eval c; }"))
		list, src, err := parse.All(body, s.grammar())
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		s.src = originOf(src)
		names := s.reachable(list)
		if got := len(names); names == nil && want != 4 || names != nil && got != want {
			t.Errorf("%s: %v, want %d", body, names, want)
		}
	}
}

// TestNativesTouch checks that the table says for each native command what it touches.
func TestNativesTouch(t *testing.T) {
	for _, c := range builtins.Commands() {
		if c.Touches == 0 {
			t.Errorf("native %s does not say what it touches", c.Name)
		}
		if c.Prefix != nil && c.Touches&native.RunsCommand == 0 {
			t.Errorf("native %s runs commands and does not say so", c.Name)
		}
	}
}
