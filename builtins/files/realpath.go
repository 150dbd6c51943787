package files

import (
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var realpathOptions = []native.Option{
	{Key: 'e', Long: "canonicalize-existing"}, {Key: 'm', Long: "canonicalize-missing"},
	{Key: 's', Long: "strip"}, {Key: 's', Long: "no-symlinks"}, {Key: 'q', Long: "quiet"},
	{Key: 'z', Long: "zero"}, {Key: 'P', Long: "physical"},
}

// Realpath is realpath(1). It treats a script that is only embedded in the binary as an
// existing file.
func Realpath(c *native.Call) int {
	opts, names, problem := c.Options(realpathOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	missing, logical, quiet, end := fsys.LastMissing, false, false, byte('\n')
	for _, o := range opts {
		switch o.Key {
		case 'e':
			missing = fsys.NoneMissing
		case 'm':
			missing = fsys.AnyMissing
		case 's':
			logical = true
		case 'P':
			logical = false
		case 'q':
			quiet = true
		case 'z':
			end = 0
		}
	}
	if len(names) == 0 {
		return c.UsageError(1, "missing operand")
	}
	w, status := c.Buffered(), 0
	for _, name := range names {
		canonical, ok := c.InBinary(name)
		if !ok {
			var err error
			if canonical, err = c.Canonical(name, missing, logical); err != nil {
				status = 1
				if !quiet {
					c.Errorf("%s: %s", native.QuoteName(name), clib.Strerror(err))
				}
				continue
			}
		}
		w.WriteString(canonical)
		w.WriteByte(end)
	}
	return c.Flush(w, status)
}
