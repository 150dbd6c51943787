package files

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

var chownOptions = []native.Option{
	{Key: 'R', Long: "recursive"}, {Key: 'h', Long: "no-dereference"},
	{Key: 'f', Long: "silent"}, {Key: 'f', Long: "quiet"},
	{Key: native.LongOnly, Long: "dereference"},
	{Key: '!', Long: "reference", Arg: native.NeedArg}, {Key: '!', Long: "no-preserve-root"},
}

// Chown is chown(1).
func Chown(c *native.Call) int {
	opts, args, problem := c.Options(chownOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	t := treeWalk{Call: c, follow: true}
	for _, o := range opts {
		switch o.Key {
		case 'R':
			t.recurse = true
		case 'h':
			t.follow = false
		case 'f':
			t.quiet = true
		default:
			t.follow = true
		}
	}
	if t.recurse {
		t.follow = false
	}
	switch len(args) {
	case 0:
		return c.UsageError(1, "missing operand")
	case 1:
		return c.UsageError(1, "missing operand after %s", native.QuoteText(args[0]))
	}
	uid, gid, problem := parseOwner(c, args[0])
	if user, group, dotted := strings.Cut(args[0], "."); problem != "" && dotted &&
		!strings.Contains(args[0], ":") {
		if u, g, wrong := parseOwner(c, user+":"+group); wrong == "" {
			c.Errorf("warning: '.' should be ':': %s", native.QuoteText(args[0]))
			uid, gid, problem = u, g, ""
		}
	}
	if problem != "" {
		c.Errorf("%s: %s", problem, native.QuoteText(args[0]))
		return 1
	}
	t.dangling = func(name string) string {
		return "cannot dereference " + c.Quoted(native.QuoteAlways(name)) + ": " +
			clib.Strerror(unix.ENOENT)
	}
	t.visit = t.chown(uid, gid)
	for _, name := range args[1:] {
		t.operand(name)
	}
	return t.status()
}

// chown returns a visitor that changes the owner of files. An ID of -1 keeps the old one.
func (t *treeWalk) chown(uid, gid int) func(int, string, string, unix.Stat_t, int) bool {
	return func(dir int, name, shown string, _ unix.Stat_t, _ int) bool {
		flags := unix.AT_SYMLINK_NOFOLLOW
		if t.follow {
			flags = 0
		}
		err := unix.Fchownat(dir, name, uid, gid, flags)
		if err == nil {
			return true
		}
		what := "ownership"
		if uid < 0 && gid >= 0 {
			what = "group"
		}
		t.fail("changing %s of %s: %s", what, native.QuoteAlways(shown), clib.Strerror(err))
		return false
	}
}

// parseOwner reads user, user:group, user: (which adds the login group) and :group.
func parseOwner(c *native.Call, text string) (uid, gid int, problem string) {
	uid, gid = -1, -1
	user, group, both := strings.Cut(text, ":")
	ok := true
	if user != "" {
		if uid, ok = c.NumberOfID(native.PasswdFile, user); !ok && both && group == "" {
			return -1, -1, "invalid spec"
		} else if !ok {
			return -1, -1, "invalid user"
		}
	}
	switch {
	case group != "":
		if gid, ok = c.NumberOfID(native.GroupFile, group); !ok {
			return -1, -1, "invalid group"
		}
	case both && user != "":
		e, found := c.EntryOfID(native.PasswdFile, user)
		if !found || len(e) < 4 {
			return -1, -1, "invalid spec"
		}
		gid, _ = strconv.Atoi(e[3])
	}
	return uid, gid, ""
}
