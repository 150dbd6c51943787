package builtins

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

var cpOptions = []option{
	{'p', "", noArg}, {longOnly, "preserve", optArg}, {'a', "archive", noArg},
	{'r', "recursive", noArg}, {'R', "", noArg}, {'f', "force", noArg},
	{'n', "no-clobber", noArg}, {'T', "no-target-directory", noArg},
	{'t', "target-directory", needArg}, {'L', "dereference", noArg},
	{'P', "no-dereference", noArg}, {'H', "", noArg}, {'d', "", noArg},
	{'v', "verbose", noArg}, {longOnly + 1, "reflink", optArg}, {'u', "update", noArg},
	{'x', "one-file-system", noArg}, {'l', "link", noArg}, {'s', "symbolic-link", noArg},
	{longOnly + 2, "no-preserve", needArg}, {longOnly + 3, "sparse", needArg},
	{longOnly + 4, "remove-destination", noArg}, {longOnly + 5, "strip-trailing-slashes", noArg},
	{'!', "parents", noArg}, {'!', "attributes-only", noArg},
}

// followLinks says which symbolic links of the source are followed.
type followLinks byte

const (
	followByDefault followLinks = iota
	followNone
	followOperands
	followAll
)

// A copier copies files and trees; mv uses it across file systems.
type copier struct {
	*Call
	recursive, force, noClobber, verbose bool
	update, removeFirst, stripSlashes    bool
	oneSystem, hard, symbolic            bool
	follow                               followLinks
	mode, owner, times, xattrs, links    bool
	// plainMode gives new files the mode that any new file has.
	plainMode bool
	// reflink and sparse are the words of those options.
	reflink, sparse string
	// made are the new names of files with several links, by their inode.
	made map[inode]string
	// dirs are the directories that this run made, which it must not copy.
	dirs map[inode]bool
	// sources are the operands so far, placed what was made of them, where there are several.
	sources    map[namedFile]bool
	placed     placedFiles
	placedDirs map[inode]string
	wrote      bool // the operand was copied, or a part of it
	// moves is set by mv; device is that of the operand, for oneSystem.
	moves  bool
	device uint64
	// top is the operand and its new name; intoSelf ends its copying.
	top      [2]string
	intoSelf bool
	mask     uint32
	failed   bool
}

type inode struct{ dev, ino uint64 }

func inodeOf(st unix.Stat_t) inode { return inode{st.Dev, st.Ino} }

// runCp is cp(1).
func runCp(c *Call) int {
	opts, args, problem := c.options(cpOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	p := newCopier(c)
	var to destination
	for _, o := range opts {
		switch o.key {
		case 'T':
			to.noDir = true
		case 't':
			to.dir, to.hasDir = o.value, true
		default:
			if problem := p.set(o); problem != "" {
				return c.Unsupported("%s", problem)
			}
		}
	}
	switch {
	case p.hard && p.symbolic:
		return c.usageError(1, "cannot make both hard and symbolic links")
	case p.follow == followByDefault && p.recursive && !p.hard:
		p.follow = followNone
	case p.follow == followByDefault && p.hard:
		p.follow = followAll
	}
	if len(args) == 0 {
		return c.usageError(1, "missing file operand")
	}
	names, status := c.resolveDestination(&to, args)
	if status != 0 {
		return status
	}
	if len(names) > 1 {
		p.sources, p.placedDirs = map[namedFile]bool{}, map[inode]string{}
	}
	p.placed = newPlacedFiles(len(names))
	for _, name := range names {
		if p.stripSlashes && to.hasDir {
			name = trimSlashes(name)
		}
		p.operand(name, to.of(name))
	}
	return b2i(p.failed)
}

func newCopier(c *Call) *copier {
	return &copier{Call: c, made: map[inode]string{}, dirs: map[inode]bool{}, mask: c.umask()}
}

func (p *copier) set(o parsedOption) (problem string) {
	switch o.key {
	case 'p':
		return p.preserve(parsedOption{}, true)
	case longOnly, longOnly + 2:
		return p.preserve(o, o.key == longOnly)
	case longOnly + 1:
		return p.setWord(&p.reflink, o, "always", "auto", "never")
	case longOnly + 3:
		return p.setWord(&p.sparse, o, "auto", "always", "never")
	case longOnly + 4:
		p.removeFirst = true
	case longOnly + 5:
		p.stripSlashes = true
	case 'u':
		p.update = true
	case 'x':
		p.oneSystem = true
	case 'l':
		p.hard = true
	case 's':
		p.symbolic = true
	case 'a':
		p.archive()
	case 'r', 'R':
		p.recursive = true
	case 'f':
		p.force = true
	case 'n':
		p.noClobber = true
	case 'L':
		p.follow = followAll
	case 'P':
		p.follow = followNone
	case 'H':
		p.follow = followOperands
	case 'd':
		p.follow, p.links = followNone, true
	case 'v':
		p.verbose = true
	}
	return ""
}

func (p *copier) archive() {
	p.recursive, p.follow = true, followNone
	p.mode, p.owner, p.times, p.xattrs, p.links = true, true, true, true, true
}

// preserve reads the list of --preserve, or where on is false that of --no-preserve.
func (p *copier) preserve(o parsedOption, on bool) (problem string) {
	if !o.has {
		o.value = "mode,ownership,timestamps"
	}
	for _, what := range strings.Split(o.value, ",") {
		switch what {
		case "mode":
			p.mode, p.plainMode = on, !on
		case "ownership":
			p.owner = on
		case "timestamps":
			p.times = on
		case "links":
			p.links = on
		case "xattr":
			p.xattrs = on
		case "all":
			p.mode, p.owner, p.times, p.links, p.xattrs, p.plainMode = on, on, on, on, on, !on
		default:
			return "attribute '" + what + "'"
		}
	}
	return ""
}

// setWord takes the argument of an option that knows some words, the first by default.
func (p *copier) setWord(word *string, o parsedOption, words ...string) (problem string) {
	if *word = o.value; !o.has {
		*word = words[0]
	}
	if !slices.Contains(words, *word) {
		return "argument '" + *word + "'"
	}
	return ""
}

// operand copies one name of the command line.
func (p *copier) operand(from, to string) {
	p.top, p.intoSelf = [2]string{from, to}, false
	followed := p.follow != followNone
	st, err := p.sourceStat(from, followed)
	if err != nil {
		p.fail("cannot stat %s: %s", quoteAlways(from), Strerror(err))
		return
	}
	if p.device = st.Dev; fileType(st) == unix.S_IFDIR && !p.recursive {
		p.fail("-r not specified; omitting directory %s", quoteAlways(from))
		return
	}
	if p.sources != nil && !p.firstTime(from, st) {
		return
	}
	if fileType(st) == unix.S_IFDIR && p.placedDirs != nil {
		if p.placedDirs[inodeOf(st)] == to {
			p.twice("directory", from)
			return
		}
		p.placedDirs[inodeOf(st)] = to
	}
	p.wrote = false
	if p.copy(from, to, followed); p.wrote {
		p.placed.place(p.Call, to)
	}
}

// firstTime warns of an operand that was there already.
func (p *copier) firstTime(from string, st unix.Stat_t) bool {
	known := namedFile{inodeOf(st), from}
	if !p.sources[known] {
		p.sources[known] = true
		return true
	}
	kind := "file"
	if fileType(st) == unix.S_IFDIR {
		kind = "directory"
	}
	p.twice(kind, from)
	return false
}

func (p *copier) twice(kind, from string) {
	p.Errorf("warning: source %s %s specified more than once", kind, quoteAlways(from))
}

func (p *copier) sourceStat(from string, followed bool) (unix.Stat_t, error) {
	if followed {
		return p.stat(from)
	}
	return p.lstat(from)
}

func (p *copier) fail(format string, args ...any) {
	p.failed = true
	p.Errorf(format, args...)
}

// copy copies one file or tree.
func (p *copier) copy(from, to string, followed bool) {
	st, err := p.sourceStat(from, followed)
	if err != nil {
		p.fail("cannot stat %s: %s", quoteAlways(from), Strerror(err))
		return
	}
	if fileType(st) == unix.S_IFDIR {
		p.copyDir(from, to, st)
		return
	}
	old, oldErr := p.lstat(to)
	if oldErr == nil {
		if !p.mayReplace(from, to, st, old) {
			return
		}
		if p.goesFirst(to, st, old) {
			oldErr = p.clear(to)
		}
	}
	p.wrote = true
	if p.linkAgain(from, to, st, oldErr == nil, followed) {
		return
	}
	if p.hard || p.symbolic {
		p.link(from, to, oldErr == nil, followed)
		return
	}
	if fileType(st) == unix.S_IFREG || !p.recursive && !p.moves && fileType(st) != unix.S_IFLNK {
		p.copyFile(from, to, st)
		return
	}
	if oldErr == nil && p.clear(to) != unix.ENOENT {
		return
	}
	p.verbosely(from, to)
	p.makeNode(from, to, st)
}

// goesFirst says whether an old file is removed, and not written over.
func (p *copier) goesFirst(to string, st, old unix.Stat_t) bool {
	if target, err := p.stat(to); err == nil && p.followsTarget(st, old) {
		old = target
	}
	return p.removeFirst || p.links && old.Nlink > 1 && !p.moves ||
		p.follow == followNone && fileType(st) != unix.S_IFREG && !p.moves
}

// clear removes what is at a new name; ENOENT says that there is nothing any more.
func (p *copier) clear(to string) error {
	if err := unix.Unlinkat(p.Dir, to, 0); err != nil && err != unix.ENOENT {
		p.fail("cannot remove %s: %s", quoteAlways(to), Strerror(err))
		return err
	}
	if p.verbose {
		p.say("removed %s\n", quoteAlways(to))
	}
	return unix.ENOENT
}

func (p *copier) verbosely(from, to string) {
	if p.verbose {
		p.tell(from, to)
	}
}

func (p *copier) tell(from, to string) {
	what := ""
	if p.moves {
		what = "copied "
		if st, err := p.lstat(to); err == nil && fileType(st) == unix.S_IFDIR {
			p.say("created directory %s\n", quoteAlways(to))
			return
		}
	}
	p.say("%s%s -> %s\n", what, quoteAlways(from), quoteAlways(to))
}

// linkAgain gives a file that was copied already another name.
func (p *copier) linkAgain(from, to string, st unix.Stat_t, exists, followed bool) bool {
	// A file with one name may be reached by several where links are followed, and may have
	// had more where those were moved.
	last := st.Nlink < 2 && (!followed || p.follow == followByDefault)
	if !p.links || last && !p.moves {
		return false
	}
	first, ok := p.made[inodeOf(st)]
	switch {
	case ok:
	case last:
		return false
	default:
		p.made[inodeOf(st)] = to
		return false
	}
	if exists {
		unix.Unlinkat(p.Dir, to, 0)
	}
	if err := unix.Linkat(p.Dir, first, p.Dir, to, 0); err != nil {
		p.fail("cannot create hard link %s to %s: %s", quoteAlways(to), quoteAlways(first),
			Strerror(err))
	} else {
		p.verbosely(from, to)
	}
	return true
}

// makeNode copies what is no regular file: a link, a fifo, a device.
func (p *copier) makeNode(from, to string, st unix.Stat_t) {
	if fileType(st) == unix.S_IFLNK {
		target, err := readlinkAt(p.Dir, from)
		if err != nil {
			p.fail("cannot read symbolic link %s: %s", quoteAlways(from), Strerror(err))
			return
		}
		if err := unix.Symlinkat(target, p.Dir, to); err != nil {
			p.fail("cannot create symbolic link %s: %s", quoteAlways(to), Strerror(err))
			return
		}
	} else if err := unix.Mknodat(p.Dir, to, st.Mode&unix.S_IFMT|p.newMode(st, 0o666),
		int(st.Rdev)); err != nil {
		what := "special file"
		if fileType(st) == unix.S_IFIFO {
			what = "fifo"
		}
		p.fail("cannot create %s %s: %s", what, quoteAlways(to), Strerror(err))
		return
	}
	p.attributes(-1, -1, from, to, st)
}

func (p *copier) copyDir(from, to string, st unix.Stat_t) {
	if p.dirs[inodeOf(st)] {
		p.fail("cannot copy a directory, %s, into itself, %s", quoteAlways(p.top[0]),
			quoteAlways(p.top[1]))
		p.intoSelf = true
		return
	}
	made, ok := p.makeDir(from, to, st)
	if !ok || p.oneSystem && st.Dev != p.device {
		return
	}
	f, err := openDirAt(p.Dir, from, 0)
	if err != nil {
		p.fail("cannot access %s: %s", quoteAlways(from), Strerror(err))
		return
	}
	list, err := f.Readdirnames(-1)
	f.Close()
	if err != nil {
		p.fail("error reading %s: %s", quoteAlways(from), Strerror(err))
	}
	for _, name := range list {
		p.copy(joinName(from, name), joinName(to, name), p.follow == followAll)
		if p.intoSelf {
			break
		}
	}
	if p.mode || p.owner || p.times || p.xattrs {
		p.attributes(-1, -1, from, to, st)
	}
	if made && !p.mode {
		p.chmod(-1, to, p.newMode(st, 0o777)&^p.mask)
	}
}

// newMode is what a new file's mode is before the umask.
func (p *copier) newMode(st unix.Stat_t, plain uint32) uint32 {
	if p.plainMode {
		return plain | st.Mode&unix.S_ISVTX
	}
	return st.Mode & (0o7777 &^ setIDBits)
}

func (p *copier) makeDir(from, to string, st unix.Stat_t) (made, ok bool) {
	old, err := p.stat(to)
	switch {
	case err == unix.ENOENT && p.isLink(to):
		p.fail("cannot overwrite non-directory %s with directory %s", quoteAlways(to),
			quoteAlways(from))
		return false, false
	case err != nil && err != unix.ENOENT:
		p.fail("cannot stat %s: %s", quoteAlways(to), Strerror(err))
		return false, false
	case err != nil:
		if err := unix.Mkdirat(p.Dir, to, st.Mode&0o777|0o700); err != nil {
			p.fail("cannot create directory %s: %s", quoteAlways(to), Strerror(err))
			return false, false
		}
		made = true
		if old, err = p.stat(to); err == nil {
			p.dirs[inodeOf(old)] = true
		}
		p.verbosely(from, to)
		return true, true
	}
	if fileType(old) != unix.S_IFDIR {
		p.fail("cannot overwrite non-directory %s with directory %s", quoteAlways(to),
			quoteAlways(from))
		return false, false
	}
	return false, true
}

// attributes gives the copy what is to be preserved; in and out are open
// regular files, or -1.
func (p *copier) attributes(in, out int, from, to string, st unix.Stat_t) {
	mode := st.Mode & allModeBits
	if p.owner && !p.chown(out, to, st) {
		mode &= 0o777
	}
	if p.xattrs && fileType(st) != unix.S_IFLNK {
		copyXattrs(p.procName(in, from), p.procName(out, to))
	}
	if p.mode && fileType(st) != unix.S_IFLNK {
		p.chmod(out, to, mode)
	}
	if p.times {
		times := []unix.Timespec{st.Atim, st.Mtim}
		err := unix.UtimesNanoAt(p.Dir, to, times, unix.AT_SYMLINK_NOFOLLOW)
		if out >= 0 && p.below == nil {
			err = unix.UtimesNanoAt(unix.AT_FDCWD, p.procName(out, to), times, 0)
		}
		if err != nil {
			p.fail("preserving times for %s: %s", quoteAlways(to), Strerror(err))
		}
	}
}

// chown says whether the copy has the owner of the original; who may not give files away may
// still have the group.
func (p *copier) chown(out int, to string, st unix.Stat_t) bool {
	set := func(uid int) error {
		if out >= 0 {
			return unix.Fchown(out, uid, int(st.Gid))
		}
		return unix.Fchownat(p.Dir, to, uid, int(st.Gid), unix.AT_SYMLINK_NOFOLLOW)
	}
	err := set(int(st.Uid))
	if err == unix.EPERM || err == unix.EINVAL {
		_ = set(-1)
		return false
	}
	if err != nil {
		p.fail("failed to preserve ownership for %s: %s", quoteAlways(to), Strerror(err))
	}
	return err == nil
}

func (p *copier) chmod(out int, to string, mode uint32) {
	var err error
	if out >= 0 {
		err = unix.Fchmod(out, mode)
	} else {
		err = unix.Fchmodat(p.Dir, to, mode, 0)
	}
	if err != nil {
		p.fail("preserving permissions for %s: %s", quoteAlways(to), Strerror(err))
	}
}

// procName is a name for system calls that take no descriptor of a directory. Below a root
// there is no /proc to trust.
func (p *copier) procName(fd int, name string) string {
	if fd >= 0 && p.below == nil {
		return "/proc/self/fd/" + strconv.Itoa(fd)
	}
	if p.Dir == unix.AT_FDCWD || strings.HasPrefix(name, "/") {
		return name
	}
	return "/proc/self/fd/" + strconv.Itoa(p.Dir) + "/" + name
}

// copyXattrs copies what it can: which attributes a file system takes differs.
func copyXattrs(from, to string) {
	buf := make([]byte, 64<<10)
	n, err := unix.Listxattr(from, buf)
	if err != nil || n <= 0 {
		return
	}
	for _, name := range strings.Split(strings.TrimSuffix(string(buf[:n]), "\x00"), "\x00") {
		value := make([]byte, 64<<10)
		if n, err := unix.Getxattr(from, name, value); err == nil {
			unix.Setxattr(to, name, value[:n], 0)
		}
	}
}
