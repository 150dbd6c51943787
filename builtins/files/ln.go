package files

import (
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var lnOptions = []native.Option{
	{Key: 's', Long: "symbolic"}, {Key: 'f', Long: "force"}, {Key: 'n', Long: "no-dereference"},
	{Key: 'T', Long: "no-target-directory"}, {Key: 't', Long: "target-directory", Arg: native.NeedArg},
	{Key: 'v', Long: "verbose"}, {Key: 'r', Long: "relative"}, {Key: 'P', Long: "physical"},
	{Key: '!', Long: "suffix", Arg: native.NeedArg},
}

type linker struct {
	*native.Call
	symbolic, force, noDeref, verbose, relative bool
	placed                                      native.PlacedFiles
}

// Ln is ln(1).
func Ln(c *native.Call) int {
	opts, args, problem := c.Options(lnOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	l := linker{Call: c}
	to := destination{forLinks: true}
	for _, o := range opts {
		switch o.Key {
		case 's':
			l.symbolic = true
		case 'f':
			l.force = true
		case 'n':
			l.noDeref, to.noFollow = true, true
		case 'T':
			to.noDir = true
		case 't':
			to.dir, to.hasDir = o.Value, true
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
		return c.UsageError(1, "missing file operand")
	}
	if !to.noDir && !to.hasDir && len(args) == 1 {
		to.dir, to.hasDir = ".", true
	}
	names, status := resolveDestination(c, &to, args)
	if status != 0 {
		return status
	}
	if l.force && !l.symbolic { // replacing a symbolic link loses no data
		l.placed = native.NewPlacedFiles(len(names))
	}
	for _, name := range names {
		at := to.of(name)
		if !l.link(name, at) {
			status = 1
			continue
		}
		l.placed.Place(c, at)
	}
	return status
}

func (l *linker) link(target, name string) bool {
	st, err := l.targetStat(target)
	if err != nil {
		l.Errorf("failed to access %s: %s", native.QuoteAlways(target), clib.Strerror(err))
		return false
	}
	if !l.symbolic && fsys.Type(st) == unix.S_IFDIR {
		l.Errorf("%s: hard link not allowed for directory", native.QuoteName(target))
		return false
	}
	text := target
	if l.relative {
		text = l.relativeTo(target, name)
	}
	err = l.make(text, name)
	if err == unix.EEXIST && l.force {
		old, statErr := l.Lstat(name)
		if statErr == nil && fsys.Type(old) == unix.S_IFDIR {
			l.Errorf("%s: cannot overwrite directory", native.QuoteName(name))
			return false
		}
		if statErr == nil && l.placed.Has(old, name) {
			l.Errorf("will not overwrite just-created %s with %s", native.QuoteAlways(name),
				native.QuoteAlways(target))
			return false
		}
		if l.symbolic {
			st, err = l.Stat(target)
		} else {
			err = nil
		}
		if statErr == nil && err == nil && fsys.SameFile(st, old) &&
			(l.symbolic && old.Nlink == 1 || sameEntry(l.Call, target, name)) {
			l.Errorf("%s and %s are the same file", native.QuoteAlways(target), native.QuoteAlways(name))
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

// targetStat returns the status of the target of a hard link. Symbolic links need none.
func (l *linker) targetStat(target string) (unix.Stat_t, error) {
	if l.symbolic {
		return unix.Stat_t{}, nil
	}
	return l.Lstat(target)
}

// sameEntry reports whether two names are the same directory entry.
func sameEntry(c *native.Call, a, b string) bool {
	if fsys.LastPart(a) != fsys.LastPart(b) {
		return false
	}
	x, err := c.Stat(fsys.DirPart(a))
	y, err2 := c.Stat(fsys.DirPart(b))
	return err == nil && err2 == nil && fsys.SameFile(x, y)
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
			rest = " -> " + l.Quoted(native.QuoteAlways(target))
		}
	}
	if !l.symbolic && err != unix.EEXIST && err != unix.EDQUOT && err != unix.ENOSPC &&
		err != unix.EROFS {
		rest = " => " + l.Quoted(native.QuoteAlways(target))
	}
	l.Errorf("failed to create %s link %s%s: %s", kind, native.QuoteAlways(name), rest,
		clib.Strerror(err))
}

func (l *linker) tell(target, name string) {
	if !l.verbose {
		return
	}
	arrow := "=>"
	if l.symbolic {
		arrow = "->"
	}
	l.Say("%s %s %s\n", native.QuoteAlways(name), arrow, native.QuoteAlways(target))
}

// relativeTo returns the target relative to the directory of the link.
func (l *linker) relativeTo(target, name string) string {
	dir, err := l.Canonical(fsys.DirPart(name), fsys.AnyMissing, false)
	canonical, err2 := l.Canonical(target, fsys.AnyMissing, false)
	if err != nil || err2 != nil {
		return target
	}
	from, to := splitPath(dir), splitPath(canonical)
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
