package parse

import (
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

// testConfig has some aliases and a special built-in utility.
var testConfig = Config{
	Alias: func(name string) (string, bool) {
		value, ok := map[string]string{
			"ll": "ls -l", "sudo": "sudo ", "loop": "loop again", "a": "b ", "b": "a c",
			"begin": "if true; then", "two": "echo 1\necho 2", "doc": "cat <<E\nx\nE\n", "none": "",
		}[name]
		return value, ok
	},
	Special: func(name string) bool { return name == "exit" },
}

// seeds are texts that use all of the grammar.
var seeds = [...]string{
	"echo a b; f() { x=1 y=$z; } 2>&1 >f\nf | g || ! h && (i) &\n",
	"if a; then b; elif c; then d; else e; fi; while f; do g; done; until h; do i; done\n",
	"for i in a \"$b\" 'c'; do d; done; for e do f; done; case $x in a|b) c;; (d) ;; *) e; esac\n",
	"echo \"a $b ${c-\"d}\"} `e \\`f\\`` $((1 + $(g))) \\\" \\x\" ${h%%'i'} ${#j} ${k:=l m} " +
		"${} ${!n} ${o:1:2}",
	"cat <<A; cat <<-'B' & { c; } <<\\C\na $b `c`\nA\n\t\td $e\n\tB\nf\nC\n",
	"x=$(cat <<E\n$y\nE\n) && cat <<E\nno end",
	"sudo ll; a x; loop; begin ll; fi; two; doc\nnone; `ll \"a\\\"`; \"`sudo ll`\"\n",
	"a \\\n| \\\n b &\\\n& c\n# comment \\\n\techo \\\"\xff\x80\x00\n",
	"cat <<A; { b; c\nbody\nA\nd; } & e `f <<E; g &\n$h\nE\n`",
	"$((4)*2)) $((echo a) | b) ${x:}y} ${#-} ${##} ${#:-y} $1$22 ${33}",
	"if", "case x in", "f() ", "echo ${x", "echo \"", "echo `", "$((", "(((((", "a;;", "&", "! !",
}

// FuzzParse parses texts. It parses each command again from the command's own text, as another
// process does.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range []Config{testConfig, {}} {
			list, parsed, err := All(text, c)
			if err != nil {
				continue
			}
			for _, st := range list {
				checkText(t, st, parsed)
			}
		}
	})
}

// checkText checks that a command and all commands in it can be parsed from their own texts.
func checkText(t *testing.T, st *syntax.Stmt, text *Text) {
	t.Helper()
	syntax.Walk(st, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst:
			if inner := text.Inner(n); inner != nil {
				for _, st := range n.Stmts {
					checkText(t, st, inner)
				}
				return false
			}
		case *syntax.Stmt:
			sameAgain(t, n, text)
		}
		return true
	})
}

func sameAgain(t *testing.T, st *syntax.Stmt, text *Text) {
	t.Helper()
	part, line := text.Commands([]*syntax.Stmt{st})
	again, _, err := All(part, Config{FirstLine: line})
	if err != nil {
		t.Fatalf("%q: %v", part, err)
	}
	want := *st
	if !st.Background {
		want.Semicolon = syntax.Pos{}
	}
	if _, simple := st.Cmd.(*syntax.CallExpr); !simple && st.Cmd != nil && len(again) == 1 {
		want.Position = again[0].Position // behind | and a newline it is the position of the |
	}
	// The parser has skipped a line continuation behind a command or an alias.
	behind := text.slice(int(endOf(st).Offset()), text.length())
	lines := !text.Changed() && !strings.HasPrefix(behind, "\\\n")
	if got, want := dump(lines, again...), dump(lines, &want); got != want {
		t.Fatalf("%q\nfirst %s\nagain %s", part, want, got)
	}
}

func (t *Text) length() int { return len(t.whole) + len(t.log) }

// dump writes syntax trees with the lines of their nodes. It omits the lines in here-documents,
// since lines of other commands were between them.
func dump(lines bool, list ...*syntax.Stmt) string {
	var b strings.Builder
	for _, st := range list {
		dumpValue(&b, reflect.ValueOf(st), lines)
	}
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value, lines bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			dumpValue(b, v.Elem(), lines)
		}
	case reflect.Slice:
		for i := range v.Len() {
			dumpValue(b, v.Index(i), lines)
		}
	case reflect.Struct:
		if at, ok := v.Interface().(syntax.Pos); ok {
			if lines {
				fmt.Fprintf(b, "@%d ", at.Line())
			}
			return
		}
		b.WriteString(v.Type().Name() + "(")
		for i := range v.NumField() {
			dumpValue(b, v.Field(i), lines && v.Type().Field(i).Name != "Hdoc")
		}
		b.WriteString(")")
	case reflect.String:
		fmt.Fprintf(b, "%q ", v.String())
	default:
		if !v.IsZero() {
			fmt.Fprintf(b, "%v ", v)
		}
	}
}

// TestSystemScripts parses every script of the system, if there are any. It ignores scripts
// that from some line on are for another interpreter, and that dash cannot parse either.
func TestSystemScripts(t *testing.T) {
	for _, dir := range []string{"/usr/bin/", "/usr/sbin/", "/etc/init.d/", "/var/lib/dpkg/info/"} {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			text, err := os.ReadFile(dir + e.Name())
			if err != nil || !strings.HasPrefix(string(text), "#!/bin/sh") {
				continue
			}
			list, parsed, err := All(string(text), Config{})
			if err != nil {
				if exec.Command("dash", "-n", dir+e.Name()).Run() == nil {
					t.Errorf("%s%s:%d: %v", dir, e.Name(), err.(*Error).Line, err)
				}
				continue
			}
			for _, st := range list {
				sameAgain(t, st, parsed)
			}
		}
	}
}
