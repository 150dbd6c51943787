package builtins

import (
	"strings"
)

var basenameOptions = []option{
	{'a', "multiple", noArg}, {'s', "suffix", needArg}, {'z', "zero", noArg},
}

// runBasename is basename(1).
func runBasename(c *Call) int {
	opts, names, problem := c.options(basenameOptions, operandsLast)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	several, suffix, end := false, "", byte('\n')
	for _, o := range opts {
		switch o.key {
		case 'a':
			several = true
		case 's':
			several, suffix = true, o.value
		case 'z':
			end = 0
		}
	}
	if len(names) == 0 {
		return c.usageError(1, "missing operand")
	}
	if !several && len(names) > 2 {
		return c.extraOperand(names[2])
	}
	if !several && len(names) == 2 {
		suffix, names = names[1], names[:1]
	}
	w := c.buffered()
	for _, name := range names {
		base := lastPart(name)
		if short, ok := strings.CutSuffix(base, suffix); ok && short != "" && base != "/" {
			base = short
		}
		w.WriteString(base)
		w.WriteByte(end)
	}
	return c.flush(w, 0)
}
