package arith

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/judge"
)

// rows are assignments and an expression. dash says the result and the variables.
var rows = []struct{ vars, expr string }{
	{"", "1+"}, {"", "1/0"}, {"", "1%0"}, {"", "1 2"}, {"", "++x"}, {"", "x++"}, {"", "--x"},
	{"", "1++"}, {"", "1+++2"}, {"", "- -1"}, {"", "1?2"}, {"", "1?2:"}, {"", "1=2"}, {"", "x="},
	{"", "a.b"}, {"", "08"}, {"", "0x"}, {"", "0xg"}, {"", "1a"}, {"", "9223372036854775808"},
	{"", "99999999999999999999"}, {"", "0xffffffffffffffff"}, {"", "-9223372036854775807-1"},
	{"", "1<<64"}, {"", "1<<-1"}, {"", "1>>65"}, {"", "-8>>1"}, {"", "@"}, {"", "1,2"}, {"", ""},
	{"", "1||1/0"}, {"", "0&&1/0"}, {"", "1?2:1/0"}, {"", "0?1/0:3"}, {"", "1||(x=5)"},
	{"", "()"}, {"", "2**3"}, {"", "!0"}, {"", "~0"}, {"", "x"}, {"", "1 ? 2 : 3 ? 4 : 5"},
	{"", "0 ? 2 : 0 ? 4 : 5"}, {"", "1==1==1"}, {"", "3-2-1"}, {"", "x=y=3"}, {"", "x+=3"},
	{"", "1<2<3"}, {"", "8%3"}, {"", "-8%3"}, {"", "a b"}, {"", "1&&"}, {"", "0777"},
	{"", "0x1F"}, {"", "0X1f"}, {"", "1;2"}, {"", "x=1,2"}, {"", "!"}, {"", "1 !"}, {"", "1!=2"},
	{"", "1~2"}, {"", "2#101"}, {"", "1 +\n2"}, {"", " "}, {"", "\t1\n"}, {"", "0b11"},
	{"x=", "x"}, {"x=abc", "x"}, {"x='1+2'", "x"}, {"x=-5", "x"}, {"x=' 5 '", "x"}, {"x=0x10", "x"},
	{"x=010", "x"}, {"x=+5", "x"}, {"x=' '", "x"}, {"x=99999999999999999999", "x"},
	{"x=-99999999999999999999", "x"}, {"x=0x", "x"}, {"x=08", "x"}, {"x=abc", "0&&x"},
	{"x=abc", "1||x"}, {"x=abc", "x=5"}, {"x=abc", "x+=5"}, {"x=abc", "x+"}, {"x=abc", "1+ +"},
	{"x=1", "x/=0"}, {"x=5", "x<<=2"}, {"x=5", "x>>=1"}, {"x=5", "x*=2"}, {"x=5", "x/=2"},
	{"x=5", "x%=3"}, {"x=5", "x-=7"}, {"x=5", "x&=4"}, {"x=5", "x^=1"}, {"x=5", "x|=8"},
	{"x=5", "x+=x=2"}, {"x=5", "x+=(x=2)*3"}, {"readonly x=3", "x=2"}, {"readonly x=3", "0&&(x=2)"},
	{"x=1", "x?y=5:(y=6)"}, {"", "1?y=5:6"}, {"", "0?1:y=6"}, {"", "y=5,3"}, {"", "1+y=5"},
	{"", "-y=5"}, {"", "y=1?2:3"}, {"", "y=1||0"}, {"", "x=(1/0)"}, {"", "0&&(x=1/0)"},
	{"", "0 && (x)=1"}, {"x=12abc", "x"}, {"x=--5", "x"}, {"", "1||(y=2)"}, {"", "0||(y=2)"},
	{"x=9223372036854775807", "x+1"}, {"x=9223372036854775807", "x*2"},
	{"x=-9223372036854775808", "-x"}, {"x=-9223372036854775808", "x-1"}, {"", "5&3|8^1"},
	{"", "1<<62<<1"}, {"x=1", "!x++"}, {"x=1", "x-- - 1"}, {"x=1", "x --1"}, {"", "1*"}, {"", "&1"},
	{"", "x= =1"}, {"", "3=x"}, {"", "(1)(2)"}, {"", "x y"}, {"", "1x"}, {"", "1:2"},
	{"", "0?1:2:3"}, {"", "(1?2)"}, {"", "x=1 2"}, {"", "(x=1)+(y=1/0)"}, {"", "(x=1)+"},
	{"", "1/0 1"}, {"", "1/0+"}, {"", "0&&1+"}, {"", "1?2:3+"}, {"", "1?2:1/0+"}, {"", "(x=7)&&(y=8"},
	{"", "0||(x=3)&&(y=0)"}, {"", "1&&2||3/0"}, {"", "2+3*4-5%3<<1<6==1&1^1|0"},
	{"", "1|2^3&4==5<6<<7+8*9"}, {"", "9*8+7<<6<5==4&3^2|1"}, {"", "1-2-3*4/5%6"},
	{"", "~-!1"}, {"", "-~+!0"}, {"", "!(1>2)"}, {"", "1 >= 1"}, {"", "1<=0"}, {"", "2>1>0"},
	{"", "x=y=z=1+1"}, {"", "x=1?2?3:4:5"}, {"", "_a1=2"}, {"", "1&&0||1"}, {"", "0||0"},
	{"", "5&&7"}, {"", "0&&0||(x=1)"}, {"x=3 y=4", "x*x+y*y"}, {"x=3", "(x+1)*(x-1)"},
	{"", "x&&=1"}, {"", "x=>1"}, {"", "x<=>1"}, {"", "1===1"}, {"", "!=1"}, {"", "1<>2"},
	{"", "((((1))))"}, {"", "1\\2"}, {"", "1\v"}, {"x=$(printf '\\v1\\f')", "x"},
	{"", "10000000000000000000000%7"}, {"x=1", "x==1?10:20"}, {"x=2", "x==1?10:20"},
}

// shellVars holds the variables of a row. The variable readonly cannot be set.
type shellVars struct {
	values   map[string]string
	readonly string
}

func (v *shellVars) Get(name string) (string, bool) { s, ok := v.values[name]; return s, ok }

func (v *shellVars) Set(name, value string) error {
	if name == v.readonly {
		return errors.New(name + ": is read only")
	}
	v.values[name] = value
	return nil
}

// names are the variables that tests compare afterwards, in the order of show.
var names = []string{"_a1", "x", "y", "z"}

func (v *shellVars) String() string {
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%s ", v.values[name])
	}
	return b.String()
}

const show = `trap 'echo "$_a1 $x $y $z "' 0; `

// ask returns dash's answer: the value of the expansion or the message, and the variables
// afterwards.
func ask(t *testing.T, vars, expr string) string {
	v := judge.Dash(t, "", show+vars+"\nE="+judge.Quote(expr)+"\nr=$(($E\n))\necho $r")
	return v.Stdout + v.Stderr
}

// ours returns the answer of this package in the same form.
func ours(vars map[string]string, readonly, expr string) string {
	v := &shellVars{map[string]string{}, readonly}
	for name, value := range vars {
		v.values[name] = value
	}
	n, err := Compile(expr + "\n").Eval(v)
	if err != nil {
		return fmt.Sprintf("%s\n%s\n", v, err)
	}
	return fmt.Sprintf("%d\n%s\n", n, v)
}

func TestRows(t *testing.T) {
	for _, row := range rows {
		set := map[string]string{}
		readonly := ""
		vars, ro := strings.CutPrefix(row.vars, "readonly ")
		if ro {
			readonly = "x"
		}
		if vars != "" {
			out := judge.Dash(t, "", vars+`; printf '%s\1%s' "$x" "$y"`).Stdout
			set["x"], set["y"], _ = strings.Cut(out, "\x01")
		}
		want, got := ask(t, row.vars, row.expr), ours(set, readonly, row.expr)
		if got != want {
			t.Errorf("%s; $((%s)) = %q, want %q", row.vars, row.expr, got, want)
		}
	}
}

// TestRandom compares random expressions with dash.
func TestRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	words := strings.Fields(`x y z 0 1 2 7 010 0x1f + - * / % << >> < <= > >= == != & ^ |
		&& || ! ~ ? : = += -= ( ) ( ) x y 3 + - && || ? :`)
	for range 400 {
		var expr strings.Builder
		for range 1 + r.IntN(12) {
			word := words[r.IntN(len(words))]
			expr.WriteString(word + " ")
		}
		want := ask(t, "x=5 y=0 z=abc", expr.String())
		got := ours(map[string]string{"x": "5", "y": "0", "z": "abc"}, "", expr.String())
		if got != want {
			t.Errorf("$((%s)) = %q, want %q", expr.String(), got, want)
		}
	}
}

// TestOverflow checks that the smallest number divided by -1, which kills dash, wraps around.
func TestOverflow(t *testing.T) {
	vars := &shellVars{values: map[string]string{"x": "-9223372036854775808"}}
	for expr, want := range map[string]int64{"x/-1": -1 << 63, "x%-1": 0} {
		if got, err := Compile(expr).Eval(vars); err != nil || got != want {
			t.Errorf("%s = %d, %v", expr, got, err)
		}
	}
}

func TestDepth(t *testing.T) {
	for _, level := range []string{"(", "-", "!", "1?", "1+(", "x=", "1&&", "1||", "0?1:"} {
		expr := strings.Repeat(level, 1_000_000)
		if _, err := Compile(expr).Eval(&shellVars{values: map[string]string{}}); err == nil {
			t.Errorf("a million of %q: no error", level)
		}
	}
	expr := strings.Repeat("(", 2000) + "1" + strings.Repeat(")", 2000)
	want := ask(t, "", expr)
	if got := ours(nil, "", expr); got != want {
		t.Errorf("nested: %q, want %q", got, want)
	}
}

func TestAllocates(t *testing.T) {
	vars := &shellVars{values: map[string]string{"x": "5"}}
	x := Compile("(x+1)*2 > 3 && x")
	if n := testing.AllocsPerRun(100, func() { x.Eval(vars) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzEval(f *testing.F) {
	for _, row := range rows {
		f.Add(row.expr)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		start := time.Now()
		ours(map[string]string{"x": "5", "y": "abc"}, "z", expr)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%q took %v", expr, took)
		}
	})
}

func BenchmarkEval(b *testing.B) {
	vars := &shellVars{values: map[string]string{"i": "5"}}
	for b.Loop() {
		Compile("i=i+1").Eval(vars)
	}
}

func BenchmarkCompiled(b *testing.B) {
	vars := &shellVars{values: map[string]string{"i": "5"}}
	x := Compile("i<1000&&i%3==0")
	for b.Loop() {
		x.Eval(vars)
	}
}
