package utility

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/signals"
	"overlayboot/compat/judge"
)

var getopts = []string{
	"ab:c¦-a¦-b¦x¦-c¦y", "ab:c¦-abx¦-cz¦--¦y", ":ab:c¦-z¦-b", "ab:c¦-a¦-b", "ab:c¦-:¦-?¦-¦x",
	"a",
	"¦-a", ":¦-a", "a:¦-a¦¦-a", "a:b¦-ba¦-b", "a:¦-a", ":a:¦-a", "ab¦-a-b", "ab¦--a", "a¦x¦-a",
	"ab¦-abab¦-b", ":ab:¦-abx¦-b¦--¦-a", "a:¦-a--¦-a¦--¦--", "::a¦-a¦-:", "a::b¦-a¦x¦-b",
	"é¦-é",
	"a?¦-?¦-a", ":a?¦-?b", "ab¦-xab¦-yb", ":ab¦-xab", "a:b:¦-axb¦-b¦-a¦-bx",
}

func TestGetopts(t *testing.T) {
	const script = `while s=$1; shift; :; do break; done; opts=$s
while getopts "$opts" o; do printf '%s|%s|%s\n' "$o" "$OPTARG" "$OPTIND"; done 2>&1
printf '%s|%s\n' "$o" "$OPTIND"`
	for _, row := range getopts {
		args := strings.Split(row, "¦")
		var state GetoptsState
		got := ""
		for {
			name, value, status, message := Getopts(args[0], args[1:], &state)
			if status != 0 {
				got += fmt.Sprintf("%s|%d\n", name, state.Index)
				break
			}
			if message != "" {
				got += message + "\n"
			}
			if value == nil { // which dash makes an empty one in part: see testsuite/shell
				value = new(string)
			}
			got += fmt.Sprintf("%s|%s|%d\n", name, *value, state.Index)
		}
		if want := judge.Dash(t, "", script, args...); got != want.Stdout {
			t.Errorf("%q: %q, want %v", row, got, want)
		}
	}
}

// TestGetoptsState checks that a state that does not fit the arguments starts again.
func TestGetoptsState(t *testing.T) {
	for _, state := range []GetoptsState{{9, 1}, {-1, 3}, {0, 0}, {1, 5}, {2, 50}} {
		name, _, status, _ := Getopts("ab", []string{"-a", "-b"}, &state)
		if status != 0 || name != "a" && name != "b" {
			t.Errorf("%s %d", name, status)
		}
	}
}

var lines = [][2]string{
	{"a b c", DefaultIFS}, {" a  b c  ", DefaultIFS}, {`a \b`, DefaultIFS},
	{`a \ `, DefaultIFS},
	{`a\ b c`, DefaultIFS}, {`a \ b`, DefaultIFS}, {"a:b:", ":"}, {"a:b:c:", ":"},
	{"a:b::", ":"},
	{":a", ":"}, {"a:", ":"}, {" a : b : ", ": "}, {" a : b : c : ", ": "}, {" a b ", ""},
	{`a\:b:c`, ":"}, {`a:\ `, ": "}, {`\ a b\ `, DefaultIFS}, {"", DefaultIFS},
	{" ", DefaultIFS},
	{":", ":"}, {"::", ":"}, {":::", ":"}, {"a  :  b", ": "}, {"a\tb c", "\t"}, {"a,b;c", ",;"},
	{`\a\b`, DefaultIFS}, {`\\ \\`, DefaultIFS}, {"é à", DefaultIFS}, {"axbxc", "x"},
}

// unescape does to a line what read does before it splits the line.
func unescape(line string) (text string, quoted []int) {
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' && i+1 < len(line) {
			i++
			quoted = append(quoted, len(text))
		}
		text += line[i : i+1]
	}
	return text, quoted
}

func TestReadFields(t *testing.T) {
	rows := lines
	r := rand.New(rand.NewPCG(7, 8))
	for range 120 {
		line := make([]byte, r.IntN(9))
		for i := range line {
			line[i] = `a: :\b `[r.IntN(7)]
		}
		ifs := []string{": ", ":", " "}[r.IntN(3)]
		rows = append(rows, [2]string{strings.TrimRight(string(line), `\`), ifs})
	}
	for _, row := range rows {
		text, quoted := unescape(row[0])
		got := ""
		for n := 1; n <= 3; n++ {
			var vars [3]string
			copy(vars[:], ReadFields(text, quoted, row[1], n))
			got += "[" + strings.Join(vars[:n], "][") + "]\n"
		}
		const script = `r() { printf '%s\n' "$1" | { IFS=$2 read $3; v=$3; IFS=' '
for n in $v; do eval "printf '[%s]' \"\$$n\""; done; echo; }; }
for v in x 'x y' 'x y z'; do r "$1" "$2" "$v"; done`
		if want := judge.Dash(t, "", script, row[0], row[1]); got != want.Stdout {
			t.Errorf("read %q IFS %q: %q, want %v", row[0], row[1], got, want)
		}
	}
}

var signalNames = []string{
	"INT", "int", "Int", "SIGINT", "2", "02", "64", "65", "0", "EXIT", "exit", "SIGEXIT",
	"RTMIN",
	"RTMIN+1", "RTMIN+16", "RTMAX-14", "rtmin+3", "STKFLT", "IO", "IOT", "CLD", "POLL", "PWR",
	"SYS",
	"32", "33", "16", "KILL", "-1", "+2", " 2", "2 ", "", "2x", "99999999999999", "ERR", "HUP",
	"URG",
}

func TestSignals(t *testing.T) {
	for _, name := range signalNames {
		want := judge.Dash(t, "", `trap : "$1" 2>/dev/null; trap`, name).Stdout
		got := ""
		if n, ok := ParseSignal(name); ok {
			got = "trap -- ':' " + signals.ShellName(int(n)) + "\n"
		}
		if got != want {
			t.Errorf("trap %q: %q, want %q", name, got, want)
		}
		v := judge.Dash(t, "", `kill -s "$1" 99999999`, name)
		if _, ok := ParseKillSignal(name); ok != (v.Status == 1) {
			t.Errorf("kill -s %q: %v, %v", name, ok, v)
		}
	}
	list := "0\n"
	for n := 1; n < signals.Count; n++ {
		list += signals.ShellName(n) + "\n"
	}
	if want := judge.Dash(t, "", "kill -l").Stdout; list != want {
		t.Errorf("%q, want %q", list, want)
	}
	if signals.ShellName(-1)+signals.ShellName(signals.Count) != "" {
		t.Error("names for what is no signal")
	}
}

func TestSignalOfStatus(t *testing.T) {
	for _, arg := range strings.Split("2,130,0,64,65,127,128,129,192,193,255,256,INT,9,32,"+
		"160,x,,02,2 ,99999999999,4294967298,0x2", ",") {
		got := judge.Verdict{}
		name, err := SignalOfStatus(arg)
		if got.Stdout = name + "\n"; err != nil {
			got = judge.Verdict{Status: 2, Stderr: "kill: " + err.Error() + "\n"}
		}
		if want := judge.Dash(t, "", `kill -l "$1"`, arg); got != want {
			t.Errorf("kill -l %q: %v, want %v", arg, got, want)
		}
	}
}

func TestParseInt(t *testing.T) {
	for _, arg := range []string{"0", "3", " 3 ", "-1", "2147483647",
		"2147483648", "x", "", "0x3", "+7"} {
		got := judge.Verdict{}
		n, err := ParseInt(arg)
		if got.Status = n & 255; err != nil {
			got = judge.Verdict{Status: 2, Stderr: "exit: " + err.Error() + "\n"}
		}
		if want := judge.Dash(t, "", `exit "$1"`, arg); got != want {
			t.Errorf("exit %q: %v, want %v", arg, got, want)
		}
	}
}

func TestSingleQuote(t *testing.T) {
	for _, s := range []string{"", "a", "it's", "''''", "'a''b'", "a'", "'",
		"a\nb", `\$"`, "'''a", "é\xff'"} {
		const script = `readonly x="$1"; readonly -p | sed -n '/^readonly x=/,$p'`
		want := judge.Dash(t, "", script, s).Stdout
		if got := "readonly x=" + SingleQuote(s) + "\n"; got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

var masks = strings.Split("022,0777,08,1777,77777,99,12345678,+022, 22,000022,22x,-w,+r,=r,"+
	"x,u,u+q,uu+w,u!w,"+
	"a-w,g+r,g=u,u+,u+x-w,go=,u=rwX,u=s,u+t,ug=o,g=rw+x,a+X,g=u-w,g=ur,g=ru,o=ugo,a=,"+
	"+,=,-,a,u=g+o,,"+
	"0,7,u=rwx;g=rx;o=,u-w;g-rw,u;g,a=rwx;,;a=rwx,u=g;o=u,g+w;o+w,u+x;a+X,u=;g=u,"+
	"u=rw;g=r w,u+w;;g+w,"+
	"a+s,ago=rx,u=wr,o=g+w,4294967296,99999999999999999999", ",")

func TestUmask(t *testing.T) {
	for _, row := range masks {
		arg := strings.ReplaceAll(row, ";", ",")
		for _, current := range []uint32{0o22, 0o77, 0, 0o777, 0o157} {
			got := judge.Verdict{}
			mask, err := Umask(arg, current)
			if got.Stdout = fmt.Sprintf("%.4o\n%s\n", mask, UmaskSymbolic(mask)); err != nil {
				got = judge.Verdict{Status: 2, Stderr: "umask: " + err.Error() + "\n"}
			}
			script := fmt.Sprintf(`umask %o; umask -- "$1" || exit; umask; umask -S`, current)
			if want := judge.Dash(t, "", script, arg); got != want {
				t.Errorf("umask %q from %o: %v, want %v", arg, current, got, want)
			}
		}
	}
}

func TestUlimit(t *testing.T) {
	all, flags := "", ""
	for i := range Limits {
		l := &Limits[i]
		var limit unix.Rlimit
		if err := unix.Prlimit(os.Getpid(), l.Resource, nil, &limit); err != nil {
			t.Fatal(err)
		}
		all += l.Line(limit.Max) + "\n"
		flags += string(l.Option)
		want := judge.Dash(t, "", "ulimit -H"+string(l.Option)).Stdout
		if got := FindLimit(l.Option).Format(limit.Max) + "\n"; got != want {
			t.Errorf("-%c: %q, want %q", l.Option, got, want)
		}
	}
	if want := judge.Dash(t, "", "ulimit -Ha").Stdout; all != want {
		t.Errorf("%q, want %q", all, want)
	}
	for c := byte('a'); c <= 'z'; c++ {
		known := judge.Dash(t, "", "ulimit -"+string(c)).Status == 0 && c != 'a'
		if known != (FindLimit(c) != nil) || known != strings.Contains(flags, string(c)) {
			t.Errorf("-%c: known to dash %v", c, known)
		}
	}
}

func TestUlimitParse(t *testing.T) {
	l := FindLimit('c')
	for _, arg := range []string{"0", "1", "unlimited", "x", "10x", "", "0x10", " 1", "hard",
		"9223372036854775808", "9999999999999999999999", "36028797018963968"} {
		got := judge.Verdict{}
		value, err := l.Parse(arg)
		if got.Stdout = l.Format(value) + "\n"; err != nil {
			got = judge.Verdict{Status: 2, Stderr: "ulimit: " + err.Error() + "\n"}
		}
		if want := judge.Dash(t, "", `ulimit -Sc -- "$1"; ulimit -Sc`, arg); err != nil {
			if want.Stderr != got.Stderr {
				t.Errorf("%q: %v, want %v", arg, got, want)
			}
		} else if got != want {
			t.Errorf("%q: %v, want %v", arg, got, want)
		}
	}
	if got := FindLimit('t').Format(12345678901234567890); got != "-6101065172474983726" {
		t.Errorf("%s, not what dash prints", got)
	}
}
