package files

import (
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var readlinkOptions = []native.Option{
	{Key: 'f', Long: "canonicalize"}, {Key: 'e', Long: "canonicalize-existing"},
	{Key: 'm', Long: "canonicalize-missing"}, {Key: 'n', Long: "no-newline"},
	{Key: 'q', Long: "quiet"}, {Key: 's', Long: "silent"}, {Key: 'v', Long: "verbose"},
	{Key: 'z', Long: "zero"},
}

// Readlink is readlink(1).
func Readlink(c *native.Call) int {
	opts, names, problem := c.Options(readlinkOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	resolve := func(name string) (string, error) { return fsys.ReadlinkAt(c.Dir, name) }
	noEnd, verbose, end := false, false, "\n"
	for _, o := range opts {
		switch o.Key {
		case 'f':
			resolve = canonicalBy(c, fsys.LastMissing)
		case 'e':
			resolve = canonicalBy(c, fsys.NoneMissing)
		case 'm':
			resolve = canonicalBy(c, fsys.AnyMissing)
		case 'n':
			noEnd = true
		case 'v':
			verbose = true
		case 'q', 's':
			verbose = false
		case 'z':
			end = "\x00"
		}
	}
	if len(names) == 0 {
		return c.UsageError(1, "missing operand")
	}
	if noEnd && len(names) > 1 {
		c.Errorf("ignoring --no-newline with multiple arguments")
	} else if noEnd {
		end = ""
	}
	w, status := c.Buffered(), 0
	for _, name := range names {
		target, err := resolve(name)
		if err == nil {
			w.WriteString(target + end)
			continue
		}
		status = 1
		if verbose {
			c.Errorf("%s: %s", native.QuoteName(name), clib.Strerror(err))
		}
	}
	return c.Flush(w, status)
}

// canonicalBy returns Call.Canonical for one choice of missing parts.
func canonicalBy(c *native.Call, missing fsys.MissingParts) func(string) (string, error) {
	return func(name string) (string, error) {
		if canonical, ok := c.InBinary(name); ok {
			return canonical, nil
		}
		return c.Canonical(name, missing, false)
	}
}
