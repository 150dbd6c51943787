package files

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/filemode"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var chmodOptions = []native.Option{
	{Key: 'R', Long: "recursive"}, {Key: 'f', Long: "silent"}, {Key: 'f', Long: "quiet"},
	{Key: '!', Long: "reference", Arg: native.NeedArg},
}

// Chmod is chmod(1). A mode that starts with a dash, such as -x, is left to the system's tool.
func Chmod(c *native.Call) int {
	opts, args, problem := c.Options(chmodOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	t := treeWalk{Call: c}
	for _, o := range opts {
		switch o.Key {
		case 'R':
			t.recurse = true
		case 'f':
			t.quiet = true
		}
	}
	switch len(args) {
	case 0:
		return c.UsageError(1, "missing operand")
	case 1:
		return c.UsageError(1, "missing operand after %s", native.QuoteText(args[0]))
	}
	changes, ok := filemode.Parse(args[0])
	if !ok {
		return c.UsageError(1, "invalid mode: %s", native.QuoteText(args[0]))
	}
	mask := c.Umask()
	t.visit = func(dir int, name, shown string, st unix.Stat_t, depth int) bool {
		if fsys.Type(st) == unix.S_IFLNK {
			return true
		}
		mode := filemode.Adjust(st.Mode, fsys.Type(st) == unix.S_IFDIR, mask, changes)
		if err := unix.Fchmodat(dir, name, mode, 0); err != nil {
			t.fail("changing permissions of %s: %s", native.QuoteAlways(shown), clib.Strerror(err))
			return false
		}
		return true
	}
	t.follow = true
	t.dangling = func(name string) string {
		return "cannot operate on dangling symlink " + c.Quoted(native.QuoteAlways(name))
	}
	for _, name := range args[1:] {
		t.operand(name)
	}
	return t.status()
}
