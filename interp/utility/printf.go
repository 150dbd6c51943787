package utility

import (
	"bufio"
	"io"
	"math"
	"strings"

	"overlayboot/builtins/base/number"
)

// Printf writes the output of printf, with the format in args[0], and returns its exit status.
// It reports problems through complain, without the name of the script and the line. A failing
// w ends it with status 1; the caller gets the error from its own writer.
//
// C leaves a * inside the digits of a width undefined; here it is an invalid directive.
func Printf(w io.Writer, args []string, complain func(format string, args ...any)) int {
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		if args[0] != "--" {
			complain("printf: Illegal option -%s", args[0][1:2])
			return 2
		}
		args = args[1:]
	}
	if len(args) == 0 {
		complain("printf: usage: printf format [arg ...]")
		return 2
	}
	p := printer{out: bufio.NewWriterSize(w, 512), args: args[1:], complain: complain}
	for more := true; more; {
		before := len(p.args)
		more = p.pass(args[0]) && len(p.args) > 0 && len(p.args) < before
	}
	if p.out.Flush() != nil && p.status == 0 {
		return 1
	}
	return p.status
}

type printer struct {
	out      *bufio.Writer
	args     []string
	complain func(format string, args ...any)
	status   int
}

// A directive is a conversion with its flags.
type directive struct {
	minus, plus, blank, sharp, zero bool
	// width is the smallest number of bytes. precision is -1 if it is not given.
	width, precision int
	verb             byte
}

// pass applies the format once and reports whether it may be applied again.
func (p *printer) pass(format string) bool {
	for {
		at := strings.IndexAny(format, `%\`)
		if at < 0 {
			p.out.WriteString(format)
			return true
		}
		p.out.WriteString(format[:at])
		special := format[at]
		format = format[at+1:]
		switch {
		case special == '\\':
			c, length := escape(format)
			p.out.WriteByte(c)
			format = format[length:]
		case strings.HasPrefix(format, "%"):
			p.out.WriteByte('%')
			format = format[1:]
		default:
			d, rest, ok := p.directive(format)
			if !ok || !p.convert(&d) {
				return false
			}
			format = rest
		}
	}
}

// fail ends the command with an error of the shell.
func (p *printer) fail(format string, args ...any) {
	p.complain("printf: "+format, args...)
	p.status = 2
}

// directive reads a conversion, behind the %, and the arguments of its stars.
func (p *printer) directive(format string) (d directive, rest string, ok bool) {
	i := 0
	for ; i < len(format) && d.flag(format[i]); i++ {
	}
	width, precision := 0, -1
	width, i = p.size(format, i)
	if i < len(format) && format[i] == '.' {
		precision, i = p.size(format, i+1)
	}
	if i == len(format) {
		p.fail("missing format character")
		return d, "", false
	}
	if d.verb = format[i]; d.verb == '*' || !strings.Contains("bcsdiouxXaAeEfFgG", format[i:i+1]) {
		p.fail("%%%s: invalid directive", format[:i+1])
		return d, "", false
	}
	if width < 0 {
		d.minus, width = true, -width
	}
	d.width, d.precision = width, max(precision, -1)
	if d.width > math.MaxInt32 || d.precision > math.MaxInt32 {
		p.fail("xvsnprintf failed")
		return d, "", false
	}
	return d, format[i+1:], true
}

func (d *directive) flag(c byte) bool {
	switch c {
	case '-':
		d.minus = true
	case '+':
		d.plus = true
	case ' ':
		d.blank = true
	case '#':
		d.sharp = true
	case '0':
		d.zero = true
	default:
		return false
	}
	return true
}

// size reads a number or a star at format[i:]. Without digits the number is 0.
func (p *printer) size(format string, i int) (n, end int) {
	if i < len(format) && format[i] == '*' {
		value := p.signed()
		return int(int32(value)), i + 1
	}
	for ; i < len(format) && '0' <= format[i] && format[i] <= '9'; i++ {
		n = min(n*10+int(format[i]-'0'), math.MaxInt32+1)
	}
	return n, i
}

// convert writes an argument and reports whether the format continues.
func (p *printer) convert(d *directive) bool {
	switch d.verb {
	case 'b':
		text, stop := appendEscaped(nil, p.text())
		p.pad(d, "", string(d.cut(text)), false)
		return !stop
	case 's':
		p.pad(d, "", d.cutString(p.text()), false)
	case 'c':
		text := p.text()
		if text == "" {
			text = "\x00"
		}
		p.pad(d, "", text[:1], false)
	case 'd', 'i':
		value := p.signed()
		magnitude := uint64(value)
		if value < 0 {
			magnitude = -magnitude
		}
		p.integer(d, d.sign(value < 0), magnitude, 10)
	case 'o':
		p.integer(d, "", p.unsigned(), 8)
	case 'u':
		p.integer(d, "", p.unsigned(), 10)
	case 'x', 'X':
		p.integer(d, "", p.unsigned(), 16)
	default:
		p.float(d, p.floatOperand())
	}
	return true
}

func (d *directive) cut(text []byte) []byte {
	if d.precision >= 0 && d.precision < len(text) {
		return text[:d.precision]
	}
	return text
}

func (d *directive) cutString(text string) string {
	if d.precision >= 0 && d.precision < len(text) {
		return text[:d.precision]
	}
	return text
}

func (d *directive) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case d.plus:
		return "+"
	case d.blank:
		return " "
	}
	return ""
}

// pad writes a sign or prefix and a text, padded to the width. zero permits the flag 0.
func (p *printer) pad(d *directive, prefix, text string, zero bool) {
	fill := d.width - len(prefix) - len(text)
	zero = zero && d.zero && !d.minus
	if !d.minus && !zero {
		p.repeat(' ', fill)
	}
	p.out.WriteString(prefix)
	if zero {
		p.repeat('0', fill)
	}
	p.out.WriteString(text)
	if d.minus {
		p.repeat(' ', fill)
	}
}

func (p *printer) repeat(c byte, n int) {
	for ; n > 0; n-- {
		if p.out.WriteByte(c) != nil {
			return
		}
	}
}

// text takes the next argument, or "" if there is none.
func (p *printer) text() string {
	if len(p.args) == 0 {
		return ""
	}
	arg := p.args[0]
	p.args = p.args[1:]
	return arg
}

// quoted returns the value of an argument that starts with a quote: the byte behind the quote.
func quoted(arg string) (value byte, ok bool) {
	if arg == "" || arg[0] != '\'' && arg[0] != '"' {
		return 0, false
	}
	if len(arg) == 1 {
		return 0, true
	}
	return arg[1], true
}

func (p *printer) signed() int64 {
	arg := p.text()
	if c, ok := quoted(arg); ok {
		return int64(c)
	}
	value, length, fits := number.Int(arg, 0)
	p.check(arg, length, fits)
	return value
}

func (p *printer) unsigned() uint64 {
	arg := p.text()
	if c, ok := quoted(arg); ok {
		return uint64(c)
	}
	value, length, fits := number.Uint(arg, 0)
	p.check(arg, length, fits)
	return value
}

// check reports an argument that is no number, is more than a number, or is out of range. The
// command goes on.
func (p *printer) check(arg string, length int, fits bool) {
	problem := ""
	switch {
	case length == 0 && arg != "":
		problem = "expected numeric value"
	case length < len(arg):
		problem = "not completely converted"
	case !fits:
		problem = "Numerical result out of range"
	default:
		return
	}
	p.complain("printf: %s: %s", arg, problem)
	p.status = 1
}
