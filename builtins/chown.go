package builtins

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

var chownOptions = []option{
	{'R', "recursive", noArg}, {'h', "no-dereference", noArg},
	{'f', "silent", noArg}, {'f', "quiet", noArg},
	{longOnly, "dereference", noArg},
	{'!', "reference", needArg}, {'!', "no-preserve-root", noArg},
}

// runChown is chown(1).
func runChown(c *Call) int {
	opts, args, problem := c.options(chownOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	t := treeWalk{Call: c, follow: true}
	for _, o := range opts {
		switch o.key {
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
		return c.usageError(1, "missing operand")
	case 1:
		return c.usageError(1, "missing operand after %s", quoteText(args[0]))
	}
	uid, gid, problem := c.parseOwner(args[0])
	if user, group, dotted := strings.Cut(args[0], "."); problem != "" && dotted &&
		!strings.Contains(args[0], ":") {
		if u, g, wrong := c.parseOwner(user + ":" + group); wrong == "" {
			c.Errorf("warning: '.' should be ':': %s", quoteText(args[0]))
			uid, gid, problem = u, g, ""
		}
	}
	if problem != "" {
		c.Errorf("%s: %s", problem, quoteText(args[0]))
		return 1
	}
	t.dangling = func(name string) string {
		return "cannot dereference " + c.quoted(quoteAlways(name)) + ": " + Strerror(unix.ENOENT)
	}
	t.visit = t.chown(uid, gid)
	for _, name := range args[1:] {
		t.operand(name)
	}
	return t.status()
}

// chown returns the visitor that gives files to an owner; -1 keeps one.
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
		t.fail("changing %s of %s: %s", what, quoteAlways(shown), Strerror(err))
		return false
	}
}

// parseOwner reads user, user:group, user: (and its login group) and :group.
func (c *Call) parseOwner(text string) (uid, gid int, problem string) {
	uid, gid = -1, -1
	user, group, both := strings.Cut(text, ":")
	ok := true
	if user != "" {
		if uid, ok = c.idNumber(passwdFile, user); !ok && both && group == "" {
			return -1, -1, "invalid spec"
		} else if !ok {
			return -1, -1, "invalid user"
		}
	}
	switch {
	case group != "":
		if gid, ok = c.idNumber(groupFile, group); !ok {
			return -1, -1, "invalid group"
		}
	case both && user != "":
		e, found := c.idOf(passwdFile, user)
		if !found || len(e) < 4 {
			return -1, -1, "invalid spec"
		}
		gid, _ = strconv.Atoi(e[3])
	}
	return uid, gid, ""
}
