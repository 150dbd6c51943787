package builtins

var realpathOptions = []option{
	{'e', "canonicalize-existing", noArg}, {'m', "canonicalize-missing", noArg},
	{'s', "strip", noArg}, {'s', "no-symlinks", noArg}, {'q', "quiet", noArg},
	{'z', "zero", noArg}, {'P', "physical", noArg},
}

// runRealpath is realpath(1). The name of a script that is only in the binary
// is taken for one that exists.
func runRealpath(c *Call) int {
	opts, names, problem := c.options(realpathOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	missing, logical, quiet, end := lastMissing, false, false, byte('\n')
	for _, o := range opts {
		switch o.key {
		case 'e':
			missing = noneMissing
		case 'm':
			missing = anyMissing
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
		return c.usageError(1, "missing operand")
	}
	w, status := c.buffered(), 0
	for _, name := range names {
		real, ok := c.embedded(name)
		if !ok {
			var err error
			if real, err = c.canonical(name, missing, logical); err != nil {
				status = 1
				if !quiet {
					c.Errorf("%s: %s", quoteName(name), Strerror(err))
				}
				continue
			}
		}
		w.WriteString(real)
		w.WriteByte(end)
	}
	return c.flush(w, status)
}
