package utility

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/judge"
)

var echoes = []string{
	"", "-n", "-n¦-n¦a", "-nn¦a", "-e¦a", `a\tb\c¦d`, `a\0101\101\0\01\18`, `\e\z\\`, `a\¦b`,
	`\a\b\f\n\r\t\v`, `\0777\0400\777`, `\x41`, `-n¦a\c¦b`, "a¦¦b", "é\xff", `\`, `\\\`, `\08`,
	`\00101`, `\c`, "-n¦", "a¦-n", "--¦a",
}

func TestEcho(t *testing.T) {
	for _, row := range echoes {
		var out bytes.Buffer
		if err := Echo(&out, judge.Words(row)); err != nil {
			t.Error(err)
		}
		if want := judge.Dash(t, "",
			judge.Command("echo", judge.Words(row))).Stdout; out.String() != want {
			t.Errorf("echo %q = %q, want %q", row, out.String(), want)
		}
	}
}

var printfs = []string{
	"", "--", "--¦a", "-x", "-", "--x", "-x¦a", "--¦--¦a", "--¦%s\\n¦a",
	`%s\n¦a¦b¦c`, `%s %s\n¦a¦b¦c`, `%d\n¦1¦0x1f¦010¦'a¦"b¦abc¦12abc¦¦ 5¦5 `,
	`%d\n¦99999999999999999999`, `%u\n¦-1`, `%x %X %o\n¦255¦255¦8`, `%#x %#o\n¦255¦8`,
	`%5d|%-5d|%05d|%+d|% d\n¦1¦2¦3¦4¦5`, `%.3d|%5.3d\n¦1¦2`, `%*d|%-*d|%.*d\n¦5¦1¦5¦2¦3¦3`,
	`%*d|\n¦-5¦1`, `%.*s|\n¦-1¦abc`, `%s|%5s|%-5s|%.2s|%5.1s|\n¦abc¦abc¦abc¦abc¦abc`,
	`%c%c%c\n¦abc¦¦d`, `%b|%5b|%.2b|\n¦a\tb¦x¦abc`, `%b¦a\cb¦x`, `a\cb`, `a%b%s¦x\cb¦y`,
	`%f %e %g %G %E\n¦1.5¦1.5¦1.5¦1e10¦2.5`,
	`%.2f|%8.3f|%-8.1f|%+f|%08.2f\n¦1.005¦2.5¦2.5¦1¦-1`,
	`%a\n¦1.5¦0¦-1¦1e-310¦3.14159¦1e300¦0.1¦4`,
	`%A %.0a %.1a %.2a %.20a %#.0a|\n¦1.5¦1.5¦1.97¦1.999¦0.1¦2`,
	`%.0a\n¦1.5¦2.5¦3.5¦1.49`, `%20a|%-20a|%020a|%+a|% a\n¦1.5¦1.5¦1.5¦1¦1`,
	`%F\n¦1.5`, `%f\n¦abc`, `%f\n¦1x`, `%f\n¦'a`, `%f\n¦`, `%f %f %f\n¦inf¦nan¦-inf`,
	`%F %G %e %A\n¦inf¦nan¦-inf¦inf`, `%8f|%08f|%-8f|%+f\n¦inf¦inf¦nan¦inf`,
	`%g\n¦0x1p4¦0x.8¦0x1.8p-1`,
	`%f\n¦nan(abc)¦nan(¦infinity¦infinit¦-nan¦INF¦NaN`,
	`%g\n¦0x¦0xg¦.¦.5¦5.¦1e¦1e+¦1e5¦1e400¦1e-400`,
	`%g\n¦-0¦-0.0¦1e-310¦ 5¦5 ¦0x1p¦0x1p-2000¦0x1p5000¦1_000¦1e5x`,
	`%g\n¦100000¦1000000¦0.0001¦0.00001¦123456789¦0`,
	`%.3g|%.0g|%#.3g|%#g|%.10g\n¦1234¦1.5¦1¦1e10¦0.1`,
	`%G %E %#x\n¦1e-10¦1e100¦0`, `%#.3g %#.8e %#g\n¦1e10¦1¦100000`, `%#g %#g\n¦0¦1e6`,
	`%i\n¦5`, `%%\n`, `%`, `%z\n¦1`, `%5%\n`, `%ld\n¦5`, `%s\n`, `%d %s|\n`, `abc\n¦x¦y`,
	`\101\x41\0101\e\"\n`, `\'\n`, `\8\n`, `%b\n¦\101¦\0101¦\x41¦\e¦\0777`, `%s¦\n`, `%d\n¦'`,
	`%d\n¦'é`, `%d\n¦-9223372036854775808¦-9223372036854775809`,
	`%u\n¦18446744073709551615¦18446744073709551616¦-18446744073709551616`, `%x\n¦-1`,
	`%d %d\n¦1`,
	`%s %d %c|%f|%b|\n`, `%-d|\n¦3`, `%+5d|%+-5d|% 05d|\n¦3¦4¦5`, `%0-5d|\n¦3`, `%q\n¦x`,
	`%n\n¦x`,
	`%s%¦a`, `%5¦a`, `%.s|\n¦abc`, `%.d|\n¦0`, `%5.d|\n¦0`, `%5c|%-5c|\n¦a¦b`, `%lld¦1`, `%C¦a`,
	`a\`, `\`, `a\nb\n`, `\0\n`, `\n%s¦a`, `%b\n¦\¦a\`, `%s\n¦--¦-x`, `%x\n¦0x`, `%d\n¦+5`,
	`%d\n¦+ 5`, `%d\n¦1.5`, `%d\n¦08`, `%*d|\n¦x¦1`, `%.*d|\n¦2147483648¦1`, `%d\n¦''`,
	`%d\n¦'ab`,
	`%s\n¦a\0b`, `%b¦\0`, `%10b|%-10b|\n¦a\0b¦a\tb`, `%.3b|\n¦a\0bcd`, `%b%s\n¦\c`,
	`%s%b%s¦a¦b\cc¦d¦e¦f`, `%#X %#x %#o %#5x|\n¦10¦0¦0¦10`, `%#f %#g %#e\n¦1¦1¦1`,
	`%.0f %.0e %#.0f %#.0e\n¦2.5¦2.5¦2.5¦2.5`, `%20.10g|\n¦3.14159265358979`, "%d\\n¦\t5",
	`%999999999999d¦1`, `%2147483648d¦1`, `%.2147483648s|¦a`, `%.2147483647s|¦a`,
	`%+s|% s|%#s|%05s|%-05s|\n¦a¦b¦c¦d¦e`,
	`%+u|% u|%+x|\n¦1¦2¦3`, `%05s|%05c|%05b|\n¦a¦b¦c`, `%08.3d|%-08d|%+08d|% d\n¦5¦6¦7¦-8`,
	`%#05x|%#-8x|%#8x|%#08o|%#.3o|%#.0o|%#.0x|\n¦255¦255¦255¦8¦8¦0¦0`,
	`%.5x|%#.5x|%8.5X\n¦255¦255¦255`,
	`%.50f\n¦0.1`, `%.1200f\n¦0.1`, `%.1200e\n¦1e-300`, `%.1200g|%#.1200g\n¦0.1¦0.5`,
	`%.400f\n¦1e-320`,
	`%s %%%d\n¦a¦1`, `%d%%\n¦50`, `\\n\n`, `%c\n¦é`, `\x`, `%b\n¦\\n¦\'¦\"`,
	`%*s|%-*s|\n¦5¦a¦-5¦b`,
	`%*.*f|\n¦10¦2¦3.14159`, `%-+8.2e|\n¦12345.678`, `%b|%s|\n¦a¦b¦c`,
	`%5.3s|%-5.3b|\n¦abcdef¦ab\tcd`,
	`%d %x\n¦-0x10¦-0x10`, `%o\n¦-1`, `%d\n¦"¦""`, `%u\n¦0777¦0x`, `%e\n¦0¦-1e-5¦1e5`,
	`%g %s\n¦1e3x¦y`,
	`%a\n¦-0¦0x1.fffffffffffffp1023¦5e-324`, `%.3a\n¦1e-310¦0¦1.99999`, `%llu¦1`, `%-¦1`,
	`%.¦1`, `%*¦1`,
}

// ourPrintf returns the output of Printf as dash would show it.
func ourPrintf(args []string) judge.Verdict {
	var out, errs bytes.Buffer
	status := Printf(&out, args, func(format string, args ...any) {
		fmt.Fprintf(&errs, format+"\n", args...)
	})
	return judge.Verdict{Status: status, Stdout: out.String(), Stderr: errs.String()}
}

func TestPrintf(t *testing.T) {
	for _, row := range printfs {
		want := judge.Dash(t, "", judge.Command("printf", judge.Words(row)))
		if got := ourPrintf(judge.Words(row)); got != want {
			t.Errorf("printf %q =\n %v, want\n %v", row, got, want)
		}
	}
}

// TestPrintfRandom compares random directives with dash.
func TestPrintfRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	values := []string{"0", "1", "-1", "7", "255", "-12345", "1.5", "0.1", "-2.5e10", "1e-7",
		"99999.5",
		"9.9999999", "123456789", "inf", "x", "", "'a", "0x1f", "1e300", "0x1p-1070"}
	pick := func(from string) string {
		if n := r.IntN(len(from) + 3); n < len(from) {
			return from[n : n+1]
		}
		return ""
	}
	for range 60 {
		var args [13]string
		for i := 1; i < len(args); i++ {
			verb := "sdiouxXeEfFgGaAcb"[r.IntN(17)]
			args[0] += "[%" + pick("-+ 0#") + pick("-+ 0#") + pick("#0") + pick("1358")
			args[0] += pick("....")
			if strings.HasSuffix(args[0], ".") {
				args[0] += pick("012345")
			}
			args[0] += string(verb) + "]"
			args[i] = values[r.IntN(len(values))]
		}
		args[0] += "\n"
		want := judge.Dash(t, "", judge.Command("printf", args[:]))
		if got := ourPrintf(args[:]); got != want {
			t.Errorf("printf %q =\n %v, want\n %v", args, got, want)
		}
	}
}

// full accepts no byte, and counts the attempts.
type full struct{ writes int }

func (f *full) Write([]byte) (int, error) {
	f.writes++
	return 0, errors.New("full")
}

// TestPrintfFull checks that a failing writer ends the command at once.
func TestPrintfFull(t *testing.T) {
	var f full
	status := Printf(&f, []string{"%2000000000d %s\n", "1", "2"}, t.Errorf)
	if status != 1 || f.writes != 1 {
		t.Errorf("status %d after %d writes", status, f.writes)
	}
}

// limit accepts that many bytes.
type limit int

func (l *limit) Write(p []byte) (int, error) {
	if *l -= limit(len(p)); *l < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func FuzzPrintf(f *testing.F) {
	for _, row := range printfs {
		format, args, _ := strings.Cut(row, "¦")
		f.Add(format, args)
	}
	f.Fuzz(func(t *testing.T, format, args string) {
		room := limit(1 << 20)
		start := time.Now()
		complaints := 0
		status := Printf(&room, append([]string{format}, judge.Words(args)...),
			func(string, ...any) { complaints++ })
		if complaints == 0 && status != 0 && room >= 0 || complaints > 0 && status == 0 {
			t.Errorf("printf %q %q: status %d with %d messages", format, args, status,
				complaints)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("printf %q %q took %v", format, args, took)
		}
	})
}

func BenchmarkPrintf(b *testing.B) {
	args := []string{"%s=%d\n", "name", "42"}
	for b.Loop() {
		Printf(io.Discard, args, b.Errorf)
	}
}
