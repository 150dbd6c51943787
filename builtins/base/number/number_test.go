package number

import (
	"fmt"
	"strings"
	"testing"

	"overlayboot/compat/judge"
)

var numbers = []string{
	"", "0", "1", "-1", "+1", " 5 ", "\t\n5\v", "5x", "x", "-", "- 5", "--5", "0x", "0x1f",
	"0X1F", "0xg",
	"010", "08", "-0x10", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
	"-9223372036854775809", "0x7fffffffffffffff", "0x8000000000000000", "0777777777777777777777",
	"01000000000000000000000", "99999999999999999999999", "18446744073709551616", "0b1", " ",
	"1 2",
	"00", "-0", "1.5", "1e3", "0x1 ",
}

// TestParse compares Parse with dash: base 0 with a variable in an arithmetic expansion, base
// 10 with an operand of test.
func TestParse(t *testing.T) {
	for _, s := range numbers {
		for base, script := range map[int]string{
			0:  `x=$1; echo $((x))`,
			10: `n=9223372036854775807; if [ "$1" -le $n ]; then echo good; fi`,
		} {
			want := judge.Dash(t, "", script, s)
			n, err := Parse(s, base)
			got := judge.Verdict{Stdout: "good\n"}
			if base == 0 {
				got.Stdout = fmt.Sprintln(n)
			}
			if err != nil {
				got = judge.Verdict{Stderr: err.Error() + "\n", Status: want.Status}
			}
			want.Stderr = strings.TrimPrefix(want.Stderr, "[: ")
			if got != want {
				t.Errorf("Parse(%q, %d) = %v, want %v", s, base, got, want)
			}
		}
	}
}

// TestSpan compares Int and Uint with the conversions of printf.
func TestSpan(t *testing.T) {
	for _, s := range numbers {
		want := judge.Dash(t, "", `printf '%d %u\n' "$1" "$1" 2>/dev/null`, s)
		i, length, fits := Int(s, 0)
		u, length2, fits2 := Uint(s, 0)
		got := judge.Verdict{Stdout: fmt.Sprintln(i, u)}
		if !fits || !fits2 || length != len(s) {
			got.Status = 1
		}
		if got != want || length != length2 {
			t.Errorf("%q = %v (%d, %d), want %v", s, got, length, length2, want)
		}
	}
}
