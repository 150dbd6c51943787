package dates

import (
	"strconv"
	"strings"
	"time"

	"overlayboot/builtins/base/ascii"
)

// A timeFormat is a directive of strftime(3) with the flags of date(1).
type timeFormat struct {
	pad   byte // '0', '_', '-', '+', or 0 for the directive's own
	upper bool
	swap  bool
	width int
}

// Format formats a time as date(1) does in the C locale.
func Format(format string, t time.Time) string { return string(Append(nil, format, t)) }

// Append appends to b what Format returns.
func Append(b []byte, format string, t time.Time) []byte {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b = append(b, format[i])
			continue
		}
		start := i
		var f timeFormat
		f, i = timeFlags(format, i+1)
		colons := i
		for i < len(format) && format[i] == ':' {
			i++
		}
		colons = i - colons
		percent := i < len(format) && format[i] == '%' && colons == 0 && i > start+1
		if i < len(format) && !percent {
			var ok bool
			if b, ok = f.directive(b, format[i], colons, t); ok {
				continue
			}
		}
		if i < len(format) && colons == 0 && !percent {
			i++
		}
		// An unknown directive is literal, padded to its width.
		b = append(b, f.filling(i-start)...)
		b = append(b, format[start:i]...)
		i--
	}
	return b
}

// filling returns the padding for a text of that length.
func (f timeFormat) filling(length int) string {
	switch f.pad {
	case '-':
		return ""
	case '0', '+':
		return strings.Repeat("0", max(f.width-length, 0))
	}
	return strings.Repeat(" ", max(f.width-length, 0))
}

// timeFlags parses flags, a width, and E or O, which have no effect here.
func timeFlags(format string, i int) (f timeFormat, next int) {
	for ; i < len(format); i++ {
		switch c := format[i]; c {
		case '_', '-', '0', '+':
			f.pad = c
			continue
		case '^':
			f.upper = true
			continue
		case '#':
			f.swap = true
			continue
		}
		break
	}
	f.width = -1
	for ; i < len(format) && ascii.IsDigit(format[i]); i++ {
		f.width = min(max(f.width, 0)*10+int(format[i]-'0'), 1<<16)
	}
	if i+1 < len(format) && (format[i] == 'E' || format[i] == 'O') {
		i++
	}
	return f, i
}

func (f timeFormat) directive(b []byte, c byte, colons int, t time.Time) ([]byte, bool) {
	if colons > 0 && c != 'z' {
		return b, false
	}
	if text, ok := timeText(c, t); ok {
		return f.text(b, c, text), true
	}
	if layout := timeLayout(c); layout != "" {
		if f.upper {
			return f.text(b, c, strings.ToUpper(Format(layout, t))), true
		}
		return f.text(b, c, Format(layout, t)), true
	}
	if value, digits, pad, ok := timeNumber(c, t); ok {
		return f.number(b, value, digits, pad), true
	}
	switch c {
	case 'N':
		return f.nanoseconds(b, t.Nanosecond()), true
	case 'z':
		return f.zone(b, colons, t)
	case 'Y', 'G', 'C', 'F':
		return f.year(b, c, t), true
	}
	return b, false
}

func timeText(c byte, t time.Time) (string, bool) {
	switch c {
	case '%':
		return "%", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'a':
		return t.Weekday().String()[:3], true
	case 'A':
		return t.Weekday().String(), true
	case 'b', 'h':
		return t.Month().String()[:3], true
	case 'B':
		return t.Month().String(), true
	case 'p':
		return t.Format("PM"), true
	case 'P':
		return t.Format("pm"), true
	case 'Z':
		name, _ := t.Zone()
		return name, true
	}
	return "", false
}

func timeLayout(c byte) string {
	switch c {
	case 'c':
		return "%a %b %e %H:%M:%S %Y"
	case 'D', 'x':
		return "%m/%d/%y"
	case 'r':
		return "%I:%M:%S %p"
	case 'R':
		return "%H:%M"
	case 'T', 'X':
		return "%H:%M:%S"
	}
	return ""
}

func timeNumber(c byte, t time.Time) (value int64, digits int, pad byte, ok bool) {
	number := func(n, digits int, pad byte) (int64, int, byte, bool) {
		return int64(n), digits, pad, true
	}
	hour12 := (t.Hour()+11)%12 + 1
	weekday := int(t.Weekday())
	switch c {
	case 'd':
		return number(t.Day(), 2, '0')
	case 'e':
		return number(t.Day(), 2, '_')
	case 'H':
		return number(t.Hour(), 2, '0')
	case 'k':
		return number(t.Hour(), 2, '_')
	case 'I':
		return number(hour12, 2, '0')
	case 'l':
		return number(hour12, 2, '_')
	case 'j':
		return number(t.YearDay(), 3, '0')
	case 'm':
		return number(int(t.Month()), 2, '0')
	case 'M':
		return number(t.Minute(), 2, '0')
	case 'q':
		return number(int(t.Month()+2)/3, 1, '0')
	case 's':
		return t.Unix(), 1, '0', true
	case 'S':
		return number(t.Second(), 2, '0')
	case 'u':
		return number((weekday+6)%7+1, 1, '0')
	case 'w':
		return number(weekday, 1, '0')
	case 'U':
		return number((t.YearDay()-1-weekday+7)/7, 2, '0')
	case 'W':
		return number((t.YearDay()-1-(weekday+6)%7+7)/7, 2, '0')
	case 'V':
		_, week := t.ISOWeek()
		return number(week, 2, '0')
	case 'y':
		return number(max(t.Year()%100, -t.Year()%100), 2, '0')
	case 'g':
		year, _ := t.ISOWeek()
		return number((year%100+100)%100, 2, '0')
	}
	return 0, 0, 0, false
}

func (f timeFormat) text(b []byte, c byte, s string) []byte {
	switch {
	case f.swap && (c == 'p' || c == 'Z'):
		s = strings.ToLower(s)
	case f.upper && c != 'P' || f.swap && strings.IndexByte("aAbBh", c) >= 0:
		s = strings.ToUpper(s)
	}
	if f.pad != '-' {
		fill := " "
		if f.pad == '0' || f.pad == '+' {
			fill = "0"
		}
		if n := f.width - len(s); n > 0 {
			b = append(b, strings.Repeat(fill, n)...)
		}
	}
	return append(b, s...)
}

// number pads a number to digits, or to the given width.
func (f timeFormat) number(b []byte, value int64, digits int, pad byte) []byte {
	if f.pad == '+' {
		f.pad = '0'
	}
	if f.pad != 0 {
		pad = f.pad
	}
	sign, s := "", strconv.FormatInt(value, 10)
	if value < 0 {
		sign, s = "-", s[1:]
	}
	width := max(digits, f.width)
	if pad == '-' {
		return append(append(b, sign...), s...)
	}
	if n := width - len(sign) - len(s); pad == '_' {
		if n > 0 {
			b = append(b, strings.Repeat(" ", n)...)
		}
		return append(append(b, sign...), s...)
	}
	b = append(b, sign...)
	if n := width - len(sign) - len(s); n > 0 {
		b = append(b, strings.Repeat("0", n)...)
	}
	return append(b, s...)
}

// nanoseconds writes the leftmost digits, as many as the width says.
func (f timeFormat) nanoseconds(b []byte, n int) []byte {
	s := strconv.Itoa(1e9 + n)[1:]
	width := f.width
	if width <= 0 {
		width = 9
		if f.pad == '-' {
			s = strings.TrimRight(s, "0")
			if s == "" {
				s = "0"
			}
			return append(b, s...)
		}
	}
	if width < len(s) {
		s = s[:width]
	}
	switch f.pad {
	case '-', '_':
		cut := strings.TrimRight(s, "0")
		if cut == "" {
			cut = "0"
		}
		if f.pad == '_' {
			cut += strings.Repeat(" ", max(width-len(cut), 0))
		}
		return append(b, cut...)
	}
	return append(append(b, s...), strings.Repeat("0", max(width-len(s), 0))...)
}

// zone writes +hhmm. With one colon it writes +hh:mm, with two +hh:mm:ss, with three the
// shortest of these forms.
func (f timeFormat) zone(b []byte, colons int, t time.Time) ([]byte, bool) {
	_, offset := t.Zone()
	name, _ := t.Zone()
	sign := "+"
	if offset < 0 || offset == 0 && strings.HasPrefix(name, "-") {
		sign, offset = "-", -offset
	}
	h, m, s := offset/3600, offset/60%60, offset%60
	if colons == 0 {
		if sign == "-" && h == 0 && m == 0 {
			return append(b, "-0000"...), true
		}
		return f.zoneNumber(b, sign, int64(h*100+m)), true
	}
	two := func(n int) string { return strconv.Itoa(100 + n)[1:] }
	tail := ""
	switch {
	case colons > 3:
		return b, false
	case colons == 1:
		tail = ":" + two(m)
	case colons == 2:
		tail = ":" + two(m) + ":" + two(s)
	case s != 0:
		tail = ":" + two(m) + ":" + two(s)
	case m != 0:
		tail = ":" + two(m)
	}
	hours := two(h)
	if f.pad == '-' || f.pad == '_' {
		hours = strconv.Itoa(h)
	}
	n := f.width - len(sign) - len(hours) - len(tail)
	if f.pad == '_' {
		n = max(n, 2-len(hours))
		return append(b, strings.Repeat(" ", max(n, 0))+sign+hours+tail...), true
	}
	if f.pad == '-' {
		n = 0
	}
	return append(b, sign+strings.Repeat("0", max(n, 0))+hours+tail...), true
}

// zoneNumber writes a zone as one number of a sign and four digits.
func (f timeFormat) zoneNumber(b []byte, sign string, value int64) []byte {
	s := strconv.FormatInt(value, 10)
	fill := max(max(f.width, 5)-len(sign)-len(s), 0)
	switch f.pad {
	case '-':
		return append(b, sign+s...)
	case '_':
		return append(b, strings.Repeat(" ", fill)+sign+s...)
	}
	return append(b, sign+strings.Repeat("0", fill)+s...)
}

// year writes %Y, %G, %C or %F, with as many digits as the year needs.
func (f timeFormat) year(b []byte, c byte, t time.Time) []byte {
	year, digits := int64(t.Year()), 4
	switch c {
	case 'G':
		iso, _ := t.ISOWeek()
		year = int64(iso)
	case 'C':
		if digits = 2; year < 0 && year > -100 {
			return append(b, "-0"...)
		}
		year /= 100
	case 'F':
		tail := Format("-%m-%d", t)
		g := f
		switch {
		case f.width > 0:
			g.width = max(f.width-len(tail), 0)
		case f.pad == 0:
			g.pad = '+'
		}
		return append(g.year(b, 'Y', t), tail...)
	}
	if f.pad == '+' && (year > 9999 || f.width > digits) {
		b = append(b, '+')
		f.width--
	}
	return f.number(b, year, digits, '0')
}
