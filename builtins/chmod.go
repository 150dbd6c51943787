package builtins

import "golang.org/x/sys/unix"

var chmodOptions = []option{
	{'R', "recursive", noArg}, {'f', "silent", noArg}, {'f', "quiet", noArg},
	{'!', "reference", needArg},
}

// runChmod is chmod(1). A mode that starts with a dash, such as -x, is left to
// the system's tool.
func runChmod(c *Call) int {
	opts, args, problem := c.options(chmodOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	t := treeWalk{Call: c}
	for _, o := range opts {
		switch o.key {
		case 'R':
			t.recurse = true
		case 'f':
			t.quiet = true
		}
	}
	switch len(args) {
	case 0:
		return c.usageError(1, "missing operand")
	case 1:
		return c.usageError(1, "missing operand after %s", quoteText(args[0]))
	}
	changes, ok := parseMode(args[0])
	if !ok {
		return c.usageError(1, "invalid mode: %s", quoteText(args[0]))
	}
	mask := c.umask()
	t.visit = func(dir int, name, shown string, st unix.Stat_t, depth int) bool {
		if fileType(st) == unix.S_IFLNK {
			return true
		}
		mode := adjustMode(st.Mode, fileType(st) == unix.S_IFDIR, mask, changes)
		if err := unix.Fchmodat(dir, name, mode, 0); err != nil {
			t.fail("changing permissions of %s: %s", quoteAlways(shown), Strerror(err))
			return false
		}
		return true
	}
	t.follow = true
	t.dangling = func(name string) string {
		return "cannot operate on dangling symlink " + c.quoted(quoteAlways(name))
	}
	for _, name := range args[1:] {
		t.operand(name)
	}
	return t.status()
}
