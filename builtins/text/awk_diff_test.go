package text_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
	"overlayboot/builtins/text"
	"overlayboot/compat/kit"
)

// TestAwkDifferential runs random programs through mawk and ours. The programs are the same in
// every run; OVERLAY_FUZZ=DURATION makes new ones.
func TestAwkDifferential(t *testing.T) {
	if _, err := exec.LookPath("mawk"); err != nil {
		kit.Missing(t, "no oracle: %v", err)
	}
	first, goOn := uint64(1), func(n uint64) bool { return n < 400 }
	if s := os.Getenv("OVERLAY_FUZZ"); s != "" {
		span, err := time.ParseDuration(s)
		if err != nil {
			t.Fatal(err)
		}
		end := time.Now().Add(span)
		first, goOn = uint64(time.Now().UnixNano()), func(uint64) bool { return time.Now().Before(end) }
	}
	for n := uint64(0); goOn(n) && !t.Failed(); n++ {
		seed := first + n
		g := &awkMaker{rand.New(rand.NewPCG(seed, 1))}
		locale := g.pick("C", "C.UTF-8")
		args := []string{"mawk", g.program()}
		if g.IntN(3) == 0 {
			args = append(args[:1], "-F", g.pick(":", ",", "o", "[0-9]", " ", "\\t", "|", "."), args[1])
		}
		sameAwk(t, seed, locale, args, g.input())
	}
}

func sameAwk(t *testing.T, seed uint64, locale string, args []string, input string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	env := []string{"PATH=/usr/bin:/bin", "LC_ALL=" + locale}
	var want, got, errs bytes.Buffer
	tool := exec.CommandContext(ctx, args[0], args[1:]...)
	tool.Env, tool.Stdin, tool.Stdout = env, strings.NewReader(input), &want
	_ = tool.Run()
	// Status 100 is a crash of mawk.
	if ctx.Err() != nil || tool.ProcessState.ExitCode() == 100 {
		return
	}
	call := &native.Call{Args: args, Env: env, Dir: unix.AT_FDCWD, NetNS: -1,
		Stdin: strings.NewReader(input), Stdout: &got, Stderr: &errs}
	status := text.Awk(call)
	if status == native.Unsupported && tool.ProcessState.ExitCode() == 2 {
		return // mawk rejects the program too
	}
	if status != tool.ProcessState.ExitCode() || !bytes.Equal(want.Bytes(), got.Bytes()) {
		t.Errorf("seed %d, %s, %q, input %q:\nmawk %d %q\nours %d %q %s %s", seed, locale, args,
			input, tool.ProcessState.ExitCode(), want.String(), status, got.String(), errs.String(),
			call.Lacks)
	}
}

// An awkMaker makes random programs.
type awkMaker struct{ *rand.Rand }

func (g *awkMaker) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g *awkMaker) input() string {
	var b strings.Builder
	for range g.IntN(6) {
		for range g.IntN(5) {
			b.WriteString(g.pick("foo", "1", "2.50", "-3", "0x10", "bar:baz", "é", "\xff", "a,b", "",
				"1e3", "+7", ".", "007", "oo", "a\tb", "|", "x\r"))
			b.WriteString(g.pick(" ", "  ", "\t", ":", ""))
		}
		b.WriteString(g.pick("\n", "\n", "\n\n", "\r\n"))
	}
	return b.String() + g.pick("", "", "end")
}

func (g *awkMaker) program() string {
	var b strings.Builder
	if g.IntN(3) == 0 {
		b.WriteString("BEGIN { " + g.pick(`OFS = "-"`, `RS = ""`, `RS = "o+"`, `FS = ":"`,
			`CONVFMT = "%.2f"`, `OFMT = "%.3e"`, `RS = ":"`, g.stmt(2)) + " }\n")
	}
	for range 1 + g.IntN(2) {
		switch g.IntN(4) {
		case 0:
			b.WriteString(g.expr(2) + " ")
		case 1:
			b.WriteString("/" + g.regex() + "/ ")
		}
		b.WriteString("{ " + g.stmt(3) + "; " + g.stmt(2) + " }\n")
	}
	if g.IntN(2) == 0 {
		b.WriteString("END { " + g.stmt(3) + " }\n")
	}
	return b.String()
}

func (g *awkMaker) stmt(depth int) string {
	if depth > 0 {
		switch g.IntN(9) {
		case 0:
			return "if (" + g.expr(depth) + ") { " + g.stmt(depth-1) + " } else " + g.stmt(depth-1)
		case 1:
			return "for (i = 0; i < 3; i++) { " + g.stmt(depth-1) + " }"
		case 2:
			return "for (k in a) print k, a[k]"
		case 3:
			return g.lvalue() + g.pick(" = ", " = ", " += ", " -= ") + g.expr(depth)
		case 4:
			return g.pick("sub", "gsub") + "(/" + g.regex() + "/, " +
				g.pick(`"[&]"`, `"x"`, `"\\&"`, `""`, `"<\\\\&>"`) + g.pick("", ", x", ", $2") + ")"
		case 5:
			return "printf " + g.pick(`"%d %s\n"`, `"%5.2f|%-6s|\n"`, `"%x %c\n"`, `"%e %g\n"`,
				`"%05d %.1s\n"`, `"%+d % i\n"`, `"%o %5c\n"`) + ", " + g.expr(1) + ", " + g.expr(1)
		}
	}
	return "print " + g.expr(depth) + g.pick("", ", "+g.expr(1))
}

func (g *awkMaker) lvalue() string {
	return g.pick("x", "y", "$1", "$2", "$4", "$0", "a[1]", `a["k"]`, "a[$1]", "a[x]", "NF")
}

func (g *awkMaker) regex() string {
	var b strings.Builder
	for range 1 + g.IntN(3) {
		b.WriteString(g.pick("o", "[a-f]", ".", "[^0-9]", "foo", "a|b", "[[:digit:]]", "(a|oo)",
			"\\.", "[ \\t]", "é", "\\377", "1"))
		b.WriteString(g.pick("", "", "*", "+", "?"))
	}
	// Anchors inside an expression make mawk fail.
	return g.pick("", "", "^") + b.String() + g.pick("", "", "$")
}

func (g *awkMaker) expr(depth int) string {
	if depth == 0 || g.IntN(4) == 0 {
		return g.pick("1", "0", "2.5", `"a"`, `"10"`, `""`, "$1", "$2", "$NF", "NF", "NR", "x", "y",
			"a[1]", "$0", "1e6", "100000 * 100000", `"0x1A"`, "length", "-1", "0.1")
	}
	l, r := g.expr(depth-1), g.expr(depth-1)
	switch g.IntN(8) {
	case 0:
		return "(" + l + g.pick(" + ", " - ", " * ", " % ", " / ") + r + ")"
	case 1:
		return "(" + l + g.pick(" < ", " == ", " != ", " >= ", " && ", " || ") + r + ")"
	case 2:
		return "(" + l + " ~ /" + g.regex() + "/)"
	case 3:
		return "(" + l + " " + r + ")"
	case 4:
		return "substr(" + l + ", " + r + g.pick("", ", "+g.expr(0)) + ")"
	case 5:
		return g.pick("length", "toupper", "tolower", "int") + "(" + "\"\" " + l + ")"
	case 6:
		return g.pick("index("+l+", "+r+")", "split("+l+", a"+g.pick("", `, ":"`, `, ""`, ", /o/")+")",
			"match("+l+", /"+g.regex()+"/) RSTART RLENGTH", `sprintf("%s-%d", `+l+", "+r+")")
	}
	return "(" + l + " ? " + r + " : " + g.expr(depth-1) + ")"
}
