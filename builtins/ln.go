package builtins

import (
	"strings"

	"golang.org/x/sys/unix"
)

var lnOptions = []option{
	{'s', "symbolic", noArg}, {'f', "force", noArg}, {'n', "no-dereference", noArg},
	{'T', "no-target-directory", noArg}, {'t', "target-directory", needArg},
	{'v', "verbose", noArg}, {'r', "relative", noArg}, {'P', "physical", noArg},
	{'!', "suffix", needArg},
}

type linker struct {
	*Call
	symbolic, force, noDeref, verbose, relative bool
	placed                                      placedFiles
}

// runLn is ln(1).
func runLn(c *Call) int {
	opts, args, problem := c.options(lnOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	l := linker{Call: c}
	to := destination{forLinks: true}
	for _, o := range opts {
		switch o.key {
		case 's':
			l.symbolic = true
		case 'f':
			l.force = true
		case 'n':
			l.noDeref, to.noFollow = true, true
		case 'T':
			to.noDir = true
		case 't':
			to.dir, to.hasDir = o.value, true
		case 'v':
			l.verbose = true
		case 'r':
			l.relative = true
		}
	}
	if l.relative && !l.symbolic {
		c.Errorf("cannot do --relative without --symbolic")
		return 1
	}
	if len(args) == 0 {
		return c.usageError(1, "missing file operand")
	}
	if !to.noDir && !to.hasDir && len(args) == 1 {
		to.dir, to.hasDir = ".", true
	}
	names, status := c.resolveDestination(&to, args)
	if status != 0 {
		return status
	}
	if l.force && !l.symbolic { // a symbolic link holds nothing that could be lost
		l.placed = newPlacedFiles(len(names))
	}
	for _, name := range names {
		at := to.of(name)
		if !l.link(name, at) {
			status = 1
			continue
		}
		l.placed.place(c, at)
	}
	return status
}

func (l *linker) link(target, name string) bool {
	st, err := l.targetStat(target)
	if err != nil {
		l.Errorf("failed to access %s: %s", quoteAlways(target), Strerror(err))
		return false
	}
	if !l.symbolic && fileType(st) == unix.S_IFDIR {
		l.Errorf("%s: hard link not allowed for directory", quoteName(target))
		return false
	}
	text := target
	if l.relative {
		text = l.relativeTo(target, name)
	}
	err = l.make(text, name)
	if err == unix.EEXIST && l.force {
		old, statErr := l.lstat(name)
		if statErr == nil && fileType(old) == unix.S_IFDIR {
			l.Errorf("%s: cannot overwrite directory", quoteName(name))
			return false
		}
		if statErr == nil && l.placed.has(old, name) {
			l.Errorf("will not overwrite just-created %s with %s", quoteAlways(name),
				quoteAlways(target))
			return false
		}
		if l.symbolic {
			st, err = l.stat(target)
		} else {
			err = nil
		}
		if statErr == nil && err == nil && sameFile(st, old) &&
			(l.symbolic && old.Nlink == 1 || l.sameEntry(target, name)) {
			l.Errorf("%s and %s are the same file", quoteAlways(target), quoteAlways(name))
			return false
		}
		if err = unix.Unlinkat(l.Dir, name, 0); err == nil {
			err = l.make(text, name)
		}
	}
	if err != nil {
		l.fail(text, name, err)
		return false
	}
	l.tell(text, name)
	return true
}

// targetStat looks at the target of a hard link; symbolic ones need none.
func (l *linker) targetStat(target string) (unix.Stat_t, error) {
	if l.symbolic {
		return unix.Stat_t{}, nil
	}
	return l.lstat(target)
}

// sameEntry says whether two names are one directory entry.
func (c *Call) sameEntry(a, b string) bool {
	if lastPart(a) != lastPart(b) {
		return false
	}
	x, err := c.stat(dirPart(a))
	y, err2 := c.stat(dirPart(b))
	return err == nil && err2 == nil && sameFile(x, y)
}

func (l *linker) make(target, name string) error {
	if l.symbolic {
		return unix.Symlinkat(target, l.Dir, name)
	}
	return unix.Linkat(l.Dir, target, l.Dir, name, 0)
}

func (l *linker) fail(target, name string, err error) {
	kind, rest := "hard", ""
	if l.symbolic {
		kind = "symbolic"
		if target == "" || err == unix.ENAMETOOLONG {
			rest = " -> " + l.quoted(quoteAlways(target))
		}
	}
	if !l.symbolic && err != unix.EEXIST && err != unix.EDQUOT && err != unix.ENOSPC &&
		err != unix.EROFS {
		rest = " => " + l.quoted(quoteAlways(target))
	}
	l.Errorf("failed to create %s link %s%s: %s", kind, quoteAlways(name), rest, Strerror(err))
}

func (l *linker) tell(target, name string) {
	if !l.verbose {
		return
	}
	arrow := "=>"
	if l.symbolic {
		arrow = "->"
	}
	l.say("%s %s %s\n", quoteAlways(name), arrow, quoteAlways(target))
}

// relativeTo is the target as seen from the directory of the link.
func (l *linker) relativeTo(target, name string) string {
	dir, err := l.canonical(dirPart(name), anyMissing, false)
	real, err2 := l.canonical(target, anyMissing, false)
	if err != nil || err2 != nil {
		return target
	}
	from, to := splitPath(dir), splitPath(real)
	for len(from) > 0 && len(to) > 0 && from[0] == to[0] {
		from, to = from[1:], to[1:]
	}
	parts := append(strings.Split(strings.Repeat("../", len(from)), "/")[:len(from)], to...)
	if len(parts) == 0 {
		return "."
	}
	return strings.Join(parts, "/")
}

func splitPath(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return r == '/' })
}
