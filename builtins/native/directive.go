package native

import (
	"strings"

	"overlayboot/builtins/base/ascii"
)

// A StatDirective is a format directive of stat: %[FLAGS][WIDTH][.PRECISION][H|L]LETTER.
type StatDirective struct {
	Flags            string
	Width, Precision int  // -1 for none
	AllDigits        bool // a precision without a number, which means nine digits for times
	Part, Letter     byte
}

// CutStatDirective parses the directive whose % is at format[i]. next is the index after it.
func CutStatDirective(format string, i int) (d StatDirective, next int) {
	d = StatDirective{Width: -1, Precision: -1}
	start := i + 1
	for i = start; i < len(format) && strings.IndexByte("'-+ #0I", format[i]) >= 0; i++ {
	}
	d.Flags = format[start:i]
	number := func() int {
		n := 0
		for ; i < len(format) && ascii.IsDigit(format[i]); i++ {
			n = min(n*10+int(format[i]-'0'), 1<<16)
		}
		return n
	}
	if i < len(format) && ascii.IsDigit(format[i]) {
		d.Width = number()
	}
	if i < len(format) && format[i] == '.' {
		i++
		start := i
		d.Precision = number()
		d.AllDigits = i == start
	}
	if i+1 < len(format) && (format[i] == 'H' || format[i] == 'L') &&
		(format[i+1] == 'd' || format[i+1] == 'r') {
		d.Part = format[i]
		i++
	}
	if i < len(format) && format[i] != '\n' {
		d.Letter = format[i]
		i++
	}
	return d, i
}
