package awk

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"overlayboot/builtins/base/ascii"
)

// A conversion is one conversion specification of a format.
type conversion struct {
	minus, plus, space, zero, alt bool
	width, precision              int // precision is -1 if it is not given
	verb                          byte
}

// sprintf appends a format with its arguments. problem is mawk's text for an error; the output
// before the error is appended.
func sprintf(out []byte, format string, args []value, convfmt string) (b []byte, problem string) {
	next, count := 0, 0
	take := func() (v value, ok bool) {
		if next >= len(args) {
			return value{}, false
		}
		next++
		return args[next-1], true
	}
	for i := 0; i < len(format); {
		j := strings.IndexByte(format[i:], '%')
		if j < 0 {
			return append(out, format[i:]...), ""
		}
		out = append(out, format[i:i+j]...)
		i += j + 1
		if i < len(format) && format[i] == '%' {
			out = append(out, '%')
			i++
			continue
		}
		count++
		v := conversion{precision: -1}
		used, ok := v.read(format[i:], take)
		arg, has := value{}, false
		if ok {
			arg, has = take()
		}
		if !has {
			return out, `not enough arguments passed to ` + "NAME" + `("` + format + `")`
		}
		i += used
		if v.verb == 0 {
			return out, fmt.Sprintf(`improper conversion(number %d) in NAME("%s")`, count, format)
		}
		out = v.append(out, arg, convfmt)
	}
	return out, ""
}

// read reads flags, width, precision and letter. ok is false if an argument is missing.
func (v *conversion) read(s string, take func() (value, bool)) (used int, ok bool) {
	i := 0
flags:
	for ; i < len(s); i++ {
		switch s[i] {
		case '-':
			v.minus = true
		case '+':
			v.plus = true
		case ' ':
			v.space = true
		case '0':
			v.zero = true
		case '#':
			v.alt = true
		default:
			break flags
		}
	}
	if v.width, i, ok = readInt(s, i, take); !ok {
		return i, false
	}
	if v.width < 0 {
		v.minus, v.width = true, -v.width
	}
	if i < len(s) && s[i] == '.' {
		if v.precision, i, ok = readInt(s, i+1, take); !ok {
			return i, false
		}
		v.precision = max(v.precision, -1)
	}
	long := i < len(s) && (s[i] == 'l' || s[i] == 'h')
	if long {
		i++
	}
	if i < len(s) && strings.IndexByte("csdioxXueEfFgGaA", s[i]) >= 0 {
		v.verb = s[i]
		i++
	}
	return i, true
}

func readInt(s string, i int, take func() (value, bool)) (n, end int, ok bool) {
	if i < len(s) && s[i] == '*' {
		v, ok := take()
		return toInt(v.num()), i + 1, ok
	}
	for ; i < len(s) && ascii.IsDigit(s[i]); i++ {
		n = min(n*10+int(s[i]-'0'), maxInt)
	}
	return n, i, true
}

// append appends a value, formatted by the conversion.
func (v conversion) append(out []byte, arg value, convfmt string) []byte {
	switch v.verb {
	case 's':
		s := arg.str(convfmt)
		if v.precision >= 0 && v.precision < len(s) {
			s = s[:v.precision]
		}
		return v.pad(out, s)
	case 'c':
		return v.pad(out, oneChar(arg.settle()))
	case 'd', 'i':
		n := toInt(arg.num())
		return v.integer(out, strconv.Itoa(max(n, -n)), v.sign(n < 0))
	case 'o', 'x', 'X', 'u':
		return v.unsigned(out, toUint(arg.num()))
	}
	n := arg.num()
	s := string(cFloat{v.verb, v.precision, v.alt}.append(nil, math.Abs(n)))
	if math.IsNaN(n) || math.IsInf(n, 0) {
		v.zero = false
	}
	v.precision = -1
	return v.integer(out, s, v.sign(math.Signbit(n)))
}

func oneChar(arg value) string {
	if arg.k == number || arg.k == strnum {
		return string([]byte{byte(toInt(arg.n))})
	}
	if arg.s == "" {
		return "\x00"
	}
	return arg.s[:1]
}

// toUint converts a number to a 32-bit unsigned int, limited to the range of that type.
func toUint(n float64) uint32 {
	switch {
	case n >= math.MaxUint32:
		return math.MaxUint32
	case n > 0:
		return uint32(n)
	}
	return 0
}

func (v conversion) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case v.plus:
		return "+"
	case v.space:
		return " "
	}
	return ""
}

func (v conversion) unsigned(out []byte, n uint32) []byte {
	base, prefix := 10, ""
	switch v.verb {
	case 'o':
		base = 8
	case 'x', 'X':
		base = 16
		if v.alt && n != 0 {
			prefix = "0" + string(v.verb)
		}
	}
	s := strconv.FormatUint(uint64(n), base)
	if v.verb == 'X' {
		s = strings.ToUpper(s)
	}
	if v.verb == 'o' && v.alt && s[0] != '0' && v.precision <= len(s) {
		v.precision = len(s) + 1
	}
	return v.integer(out, s, prefix)
}

// integer appends digits after a sign or prefix.
func (v conversion) integer(out []byte, digits, prefix string) []byte {
	if v.precision == 0 && digits == "0" {
		digits = ""
	}
	if n := v.precision - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	if n := v.width - len(digits) - len(prefix); n > 0 && v.zero && !v.minus && v.precision < 0 {
		digits = strings.Repeat("0", n) + digits
	}
	return v.pad(out, prefix+digits)
}

func (v conversion) pad(out []byte, s string) []byte {
	n := max(v.width-len(s), 0)
	if !v.minus {
		out = append(out, bytes.Repeat([]byte{' '}, n)...)
		n = 0
	}
	out = append(out, s...)
	return append(out, bytes.Repeat([]byte{' '}, n)...)
}

// A cFloat formats numbers as printf(3) does.
type cFloat struct {
	verb      byte
	precision int
	alt       bool
}

func (f cFloat) append(out []byte, n float64) []byte {
	start := len(out)
	switch {
	case math.IsNaN(n):
		if math.Signbit(n) {
			out = append(out, '-')
		}
		out = append(out, "nan"...)
	case math.IsInf(n, 0):
		if n < 0 {
			out = append(out, '-')
		}
		out = append(out, "inf"...)
	default:
		out = f.finite(out, n)
	}
	if f.verb < 'a' {
		copy(out[start:], bytes.ToUpper(out[start:]))
	}
	return out
}

func (f cFloat) finite(out []byte, n float64) []byte {
	precision := f.precision
	if precision < 0 && f.verb|0x20 != 'a' {
		precision = 6
	}
	switch verb := f.verb | 0x20; verb {
	case 'e', 'f':
		out = strconv.AppendFloat(out, n, verb, precision, 64)
		if f.alt && precision == 0 {
			out = append(out, '.')
		}
		return out
	case 'a':
		return cHex(out, n, precision)
	}
	return f.general(out, n, max(precision, 1))
}

// general is %g: it uses %e or %f, depending on the exponent, without trailing zeros.
func (f cFloat) general(out []byte, n float64, precision int) []byte {
	var room [400]byte
	e := strconv.AppendFloat(room[:0], n, 'e', precision-1, 64)
	i := bytes.LastIndexByte(e, 'e')
	exp, _ := strconv.Atoi(string(e[i+1:]))
	if exp < -4 || exp >= precision {
		out = append(out, f.trim(e[:i])...)
		return append(out, e[i:]...)
	}
	fixed := strconv.AppendFloat(room[:0], n, 'f', precision-1-exp, 64)
	return append(out, f.trim(fixed)...)
}

func (f cFloat) trim(b []byte) []byte {
	if f.alt {
		if bytes.IndexByte(b, '.') < 0 {
			b = append(b, '.')
		}
		return b
	}
	if bytes.IndexByte(b, '.') < 0 {
		return b
	}
	return bytes.TrimSuffix(bytes.TrimRight(b, "0"), []byte("."))
}

// cHex is %a. In C, the exponent has no leading zero.
func cHex(out []byte, n float64, precision int) []byte {
	b := strconv.AppendFloat(nil, n, 'x', precision, 64)
	i := bytes.IndexByte(b, 'p')
	out = append(append(out, b[:i+2]...), bytes.TrimLeft(b[i+2:len(b)-1], "0")...)
	return append(out, b[len(b)-1])
}
