package files

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// This file holds the part of cp and mv that deals with existing files.

// mayReplace reports whether the existing file may be replaced.
func (p *copier) mayReplace(from, to string, st, old unix.Stat_t) bool {
	target, err := p.Stat(to)
	if err != nil && p.followsTarget(st, old) && err != unix.ENOENT &&
		!(err == unix.ELOOP && p.force) {
		p.fail("cannot stat %s: %s", native.QuoteAlways(to), clib.Strerror(err))
		return false
	}
	if err != nil || !p.followsTarget(st, old) {
		target = old
	}
	if p.noClobber {
		return false
	}
	done, same := p.same(from, to, st, old)
	switch {
	case same:
		p.fail("%s and %s are the same file", native.QuoteAlways(from), native.QuoteAlways(to))
	case p.update && !newer(st.Mtim, target.Mtim):
		return p.staysLink(to, st)
	case done:
	case fsys.Type(old) == unix.S_IFLNK && p.placed.Has(old, to) &&
		fsys.Type(st) == unix.S_IFREG && !p.symbolic:
		p.fail("will not copy %s through just-created symlink %s", native.QuoteAlways(from),
			native.QuoteAlways(to))
	case fsys.Type(target) == unix.S_IFDIR:
		p.fail("cannot overwrite directory %s with non-directory", native.QuoteAlways(to))
	case p.placed.Has(target, to), p.symbolic && p.placed.Has(old, to):
		p.fail("will not overwrite just-created %s with %s", native.QuoteAlways(to),
			native.QuoteAlways(from))
	default:
		return true
	}
	return false
}

// staysLink reports whether a file that is new enough must become a link all the same, because
// its source was copied already under another name.
func (p *copier) staysLink(to string, st unix.Stat_t) bool {
	if !p.links || st.Nlink < 2 {
		return false
	}
	_, known := p.made[fsys.InodeOf(st)]
	if !known {
		p.made[fsys.InodeOf(st)] = to
	}
	return known
}

// followsTarget reports whether a symbolic link at the new name is followed.
func (p *copier) followsTarget(st, old unix.Stat_t) bool {
	return fsys.Type(st) == unix.S_IFREG && fsys.Type(old) == unix.S_IFLNK && !p.moves &&
		!p.removeFirst && !p.hard && !p.symbolic
}

// same reports whether source and destination are the same file, so that opening the
// destination would destroy the source. done reports that nothing is left to do.
func (p *copier) same(from, to string, st, old unix.Stat_t) (done, same bool) {
	if p.hard {
		followed, err := p.Stat(from)
		return fsys.SameFile(st, old) || err == nil && fsys.SameFile(followed, old), false
	}
	mine, err := p.Lstat(from)
	if err != nil {
		mine = st
	}
	bothLinks := fsys.Type(mine) == unix.S_IFLNK && fsys.Type(old) == unix.S_IFLNK
	if bothLinks && p.follow == followNone && !p.symbolic {
		same = fsys.SameFile(mine, old) && sameEntry(p.Call, from, to)
		return fsys.SameFile(mine, old) && !same, same
	}
	source, err := p.Stat(from)
	target, targetErr := p.Stat(to)
	if err != nil || targetErr != nil || !fsys.SameFile(source, target) {
		return false, false
	}
	switch {
	case p.symbolic:
		return false, !(fsys.Type(old) == unix.S_IFLNK)
	case p.removeFirst:
		replaceable := fsys.Type(old) == unix.S_IFLNK ||
			fsys.SameFile(mine, old) && !sameEntry(p.Call, from, to)
		return false, !replaceable
	}
	return false, true
}

// newer reports whether time a is later than time b.
func newer(a, b unix.Timespec) bool {
	return a.Sec > b.Sec || a.Sec == b.Sec && a.Nsec > b.Nsec
}
