package builtins

import (
	"strings"
)

var dirnameOptions = []option{{'z', "zero", noArg}}

// runDirname is dirname(1).
func runDirname(c *Call) int {
	opts, names, problem := c.options(dirnameOptions, operandsLast)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	end := byte('\n')
	if len(opts) > 0 {
		end = 0
	}
	if len(names) == 0 {
		return c.usageError(1, "missing operand")
	}
	w := c.buffered()
	for _, name := range names {
		w.WriteString(dirPart(name))
		w.WriteByte(end)
	}
	return c.flush(w, 0)
}

// dirPart is a name without its last component, "." when it has but one.
func dirPart(name string) string {
	name = trimSlashes(name)
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return "."
	}
	return trimSlashes(name[:i+1])
}
