package files

import (
	"strings"

	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var basenameOptions = []native.Option{
	{Key: 'a', Long: "multiple"}, {Key: 's', Long: "suffix", Arg: native.NeedArg},
	{Key: 'z', Long: "zero"},
}

// Basename is basename(1).
func Basename(c *native.Call) int {
	opts, names, problem := c.Options(basenameOptions, native.OperandsLast)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	several, suffix, end := false, "", byte('\n')
	for _, o := range opts {
		switch o.Key {
		case 'a':
			several = true
		case 's':
			several, suffix = true, o.Value
		case 'z':
			end = 0
		}
	}
	if len(names) == 0 {
		return c.UsageError(1, "missing operand")
	}
	if !several && len(names) > 2 {
		return c.ExtraOperand(names[2])
	}
	if !several && len(names) == 2 {
		suffix, names = names[1], names[:1]
	}
	w := c.Buffered()
	for _, name := range names {
		base := fsys.LastPart(name)
		if short, ok := strings.CutSuffix(base, suffix); ok && short != "" && base != "/" {
			base = short
		}
		w.WriteString(base)
		w.WriteByte(end)
	}
	return c.Flush(w, 0)
}
