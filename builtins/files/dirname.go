package files

import (
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var dirnameOptions = []native.Option{{Key: 'z', Long: "zero"}}

// Dirname is dirname(1).
func Dirname(c *native.Call) int {
	opts, names, problem := c.Options(dirnameOptions, native.OperandsLast)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	end := byte('\n')
	if len(opts) > 0 {
		end = 0
	}
	if len(names) == 0 {
		return c.UsageError(1, "missing operand")
	}
	w := c.Buffered()
	for _, name := range names {
		w.WriteString(fsys.DirPart(name))
		w.WriteByte(end)
	}
	return c.Flush(w, 0)
}
