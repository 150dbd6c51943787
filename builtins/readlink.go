package builtins

var readlinkOptions = []option{
	{'f', "canonicalize", noArg}, {'e', "canonicalize-existing", noArg},
	{'m', "canonicalize-missing", noArg}, {'n', "no-newline", noArg},
	{'q', "quiet", noArg}, {'s', "silent", noArg}, {'v', "verbose", noArg},
	{'z', "zero", noArg},
}

// runReadlink is readlink(1).
func runReadlink(c *Call) int {
	opts, names, problem := c.options(readlinkOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	resolve := c.readlink
	noEnd, verbose, end := false, false, "\n"
	for _, o := range opts {
		switch o.key {
		case 'f':
			resolve = c.canonicalBy(lastMissing)
		case 'e':
			resolve = c.canonicalBy(noneMissing)
		case 'm':
			resolve = c.canonicalBy(anyMissing)
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
		return c.usageError(1, "missing operand")
	}
	if noEnd && len(names) > 1 {
		c.Errorf("ignoring --no-newline with multiple arguments")
	} else if noEnd {
		end = ""
	}
	w, status := c.buffered(), 0
	for _, name := range names {
		target, err := resolve(name)
		if err == nil {
			w.WriteString(target + end)
			continue
		}
		status = 1
		if verbose {
			c.Errorf("%s: %s", quoteName(name), Strerror(err))
		}
	}
	return c.flush(w, status)
}

func (c *Call) readlink(name string) (string, error) { return readlinkAt(c.Dir, name) }

// canonicalBy is canonical for one choice of missing.
func (c *Call) canonicalBy(missing missingParts) func(string) (string, error) {
	return func(name string) (string, error) {
		if real, ok := c.embedded(name); ok {
			return real, nil
		}
		return c.canonical(name, missing, false)
	}
}
