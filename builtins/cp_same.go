package builtins

import "golang.org/x/sys/unix"

// What cp and mv do about a file that stands in the way.

// mayReplace looks at what stands in the way of a file.
func (p *copier) mayReplace(from, to string, st, old unix.Stat_t) bool {
	target, err := p.stat(to)
	if err != nil && p.followsTarget(st, old) && err != unix.ENOENT &&
		!(err == unix.ELOOP && p.force) {
		p.fail("cannot stat %s: %s", quoteAlways(to), Strerror(err))
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
		p.fail("%s and %s are the same file", quoteAlways(from), quoteAlways(to))
	case p.update && !newer(st.Mtim, target.Mtim):
		return p.staysLink(to, st)
	case done:
	case fileType(old) == unix.S_IFLNK && p.placed.has(old, to) &&
		fileType(st) == unix.S_IFREG && !p.symbolic:
		p.fail("will not copy %s through just-created symlink %s", quoteAlways(from),
			quoteAlways(to))
	case fileType(target) == unix.S_IFDIR:
		p.fail("cannot overwrite directory %s with non-directory", quoteAlways(to))
	case p.placed.has(target, to), p.symbolic && p.placed.has(old, to):
		p.fail("will not overwrite just-created %s with %s", quoteAlways(to), quoteAlways(from))
	default:
		return true
	}
	return false
}

// staysLink says whether a file that is new enough is to become a link all the same, since
// it was copied already under another name.
func (p *copier) staysLink(to string, st unix.Stat_t) bool {
	if !p.links || st.Nlink < 2 {
		return false
	}
	_, known := p.made[inodeOf(st)]
	if !known {
		p.made[inodeOf(st)] = to
	}
	return known
}

// followsTarget says whether a link at the new name is followed.
func (p *copier) followsTarget(st, old unix.Stat_t) bool {
	return fileType(st) == unix.S_IFREG && fileType(old) == unix.S_IFLNK && !p.moves &&
		!p.removeFirst && !p.hard && !p.symbolic
}

// same says whether the old file is the new one, so that there is nothing to copy from when
// it is opened; done, that there is nothing to do.
func (p *copier) same(from, to string, st, old unix.Stat_t) (done, same bool) {
	if p.hard {
		followed, err := p.stat(from)
		return sameFile(st, old) || err == nil && sameFile(followed, old), false
	}
	mine, err := p.lstat(from)
	if err != nil {
		mine = st
	}
	bothLinks := fileType(mine) == unix.S_IFLNK && fileType(old) == unix.S_IFLNK
	if bothLinks && p.follow == followNone && !p.symbolic {
		same = sameFile(mine, old) && p.sameEntry(from, to)
		return sameFile(mine, old) && !same, same
	}
	source, err := p.stat(from)
	target, targetErr := p.stat(to)
	if err != nil || targetErr != nil || !sameFile(source, target) {
		return false, false
	}
	switch {
	case p.symbolic:
		return false, !(fileType(old) == unix.S_IFLNK)
	case p.removeFirst:
		replaceable := fileType(old) == unix.S_IFLNK ||
			sameFile(mine, old) && !p.sameEntry(from, to)
		return false, !replaceable
	}
	return false, true
}

// newer compares times.
func newer(a, b unix.Timespec) bool {
	return a.Sec > b.Sec || a.Sec == b.Sec && a.Nsec > b.Nsec
}
