package files

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/filemode"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var cpOptions = []native.Option{
	{Key: 'p'}, {Key: native.LongOnly, Long: "preserve", Arg: native.OptArg},
	{Key: 'a', Long: "archive"},
	{Key: 'r', Long: "recursive"}, {Key: 'R'}, {Key: 'f', Long: "force"},
	{Key: 'n', Long: "no-clobber"}, {Key: 'T', Long: "no-target-directory"},
	{Key: 't', Long: "target-directory", Arg: native.NeedArg}, {Key: 'L', Long: "dereference"},
	{Key: 'P', Long: "no-dereference"}, {Key: 'H'}, {Key: 'd'},
	{Key: 'v', Long: "verbose"}, {Key: native.LongOnly + 1, Long: "reflink", Arg: native.OptArg},
	{Key: 'u', Long: "update"},
	{Key: 'x', Long: "one-file-system"}, {Key: 'l', Long: "link"}, {Key: 's', Long: "symbolic-link"},
	{Key: native.LongOnly + 2, Long: "no-preserve", Arg: native.NeedArg},
	{Key: native.LongOnly + 3, Long: "sparse", Arg: native.NeedArg},
	{Key: native.LongOnly + 4, Long: "remove-destination"},
	{Key: native.LongOnly + 5, Long: "strip-trailing-slashes"},
	{Key: '!', Long: "parents"}, {Key: '!', Long: "attributes-only"},
}

// followLinks says which symbolic links in the source are followed.
type followLinks byte

const (
	followByDefault followLinks = iota
	followNone
	followOperands
	followAll
)

// A copier copies files and trees. mv uses it across file systems.
type copier struct {
	*native.Call
	recursive, force, noClobber, verbose bool
	update, removeFirst, stripSlashes    bool
	oneSystem, hard, symbolic            bool
	follow                               followLinks
	mode, owner, times, xattrs, links    bool
	// plainMode gives new files the default mode.
	plainMode bool
	// reflink and sparse are the arguments of these options.
	reflink, sparse string
	// made maps the inode of a file with several links to its first copy.
	made map[fsys.Inode]string
	// dirs are the directories that this run made. It must not copy them.
	dirs map[fsys.Inode]bool
	// sources are the operands so far, nil for a single operand. placed are the files made from
	// the operands.
	sources    map[native.NamedFile]bool
	placed     native.PlacedFiles
	placedDirs map[fsys.Inode]string
	wrote      bool // the operand was copied, at least in part
	// moves is set by mv. device is the device of the operand, for oneSystem.
	moves  bool
	device uint64
	// top is the operand and its new name. intoSelf ends the copying of the operand.
	top      [2]string
	intoSelf bool
	mask     uint32
	failed   bool
}

// Cp is cp(1).
func Cp(c *native.Call) int {
	opts, args, problem := c.Options(cpOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	p := newCopier(c)
	var to destination
	for _, o := range opts {
		switch o.Key {
		case 'T':
			to.noDir = true
		case 't':
			to.dir, to.hasDir = o.Value, true
		default:
			if problem := p.set(o); problem != "" {
				return c.Unsupported("%s", problem)
			}
		}
	}
	switch {
	case p.hard && p.symbolic:
		return c.UsageError(1, "cannot make both hard and symbolic links")
	case p.follow == followByDefault && p.recursive && !p.hard:
		p.follow = followNone
	case p.follow == followByDefault && p.hard:
		p.follow = followAll
	}
	if len(args) == 0 {
		return c.UsageError(1, "missing file operand")
	}
	names, status := resolveDestination(c, &to, args)
	if status != 0 {
		return status
	}
	if len(names) > 1 {
		p.sources, p.placedDirs = map[native.NamedFile]bool{}, map[fsys.Inode]string{}
	}
	p.placed = native.NewPlacedFiles(len(names))
	for _, name := range names {
		if p.stripSlashes && to.hasDir {
			name = fsys.TrimSlashes(name)
		}
		p.operand(name, to.of(name))
	}
	return native.BoolInt(p.failed)
}

func newCopier(c *native.Call) *copier {
	return &copier{Call: c, made: map[fsys.Inode]string{}, dirs: map[fsys.Inode]bool{},
		mask: c.Umask()}
}

func (p *copier) set(o native.GivenOption) (problem string) {
	switch o.Key {
	case 'p':
		return p.preserve(native.GivenOption{}, true)
	case native.LongOnly, native.LongOnly + 2:
		return p.preserve(o, o.Key == native.LongOnly)
	case native.LongOnly + 1:
		return p.setWord(&p.reflink, o, "always", "auto", "never")
	case native.LongOnly + 3:
		return p.setWord(&p.sparse, o, "auto", "always", "never")
	case native.LongOnly + 4:
		p.removeFirst = true
	case native.LongOnly + 5:
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

// preserve reads the list of --preserve, or of --no-preserve if on is false.
func (p *copier) preserve(o native.GivenOption, on bool) (problem string) {
	if !o.Has {
		o.Value = "mode,ownership,timestamps"
	}
	for _, what := range strings.Split(o.Value, ",") {
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

// setWord sets the argument of an option with a fixed set of words. The first word is the
// default.
func (p *copier) setWord(word *string, o native.GivenOption, words ...string) (problem string) {
	if *word = o.Value; !o.Has {
		*word = words[0]
	}
	if !slices.Contains(words, *word) {
		return "argument '" + *word + "'"
	}
	return ""
}

// operand copies one operand of the command line.
func (p *copier) operand(from, to string) {
	p.top, p.intoSelf = [2]string{from, to}, false
	followed := p.follow != followNone
	st, err := p.sourceStat(from, followed)
	if err != nil {
		p.fail("cannot stat %s: %s", native.QuoteAlways(from), clib.Strerror(err))
		return
	}
	if p.device = st.Dev; fsys.Type(st) == unix.S_IFDIR && !p.recursive {
		p.fail("-r not specified; omitting directory %s", native.QuoteAlways(from))
		return
	}
	if p.sources != nil && !p.firstTime(from, st) {
		return
	}
	if fsys.Type(st) == unix.S_IFDIR && p.placedDirs != nil {
		if p.placedDirs[fsys.InodeOf(st)] == to {
			p.twice("directory", from)
			return
		}
		p.placedDirs[fsys.InodeOf(st)] = to
	}
	p.wrote = false
	if p.copy(from, to, followed); p.wrote {
		p.placed.Place(p.Call, to)
	}
}

// firstTime warns if an operand was given before.
func (p *copier) firstTime(from string, st unix.Stat_t) bool {
	known := native.NamedFile{Inode: fsys.InodeOf(st), Name: from}
	if !p.sources[known] {
		p.sources[known] = true
		return true
	}
	kind := "file"
	if fsys.Type(st) == unix.S_IFDIR {
		kind = "directory"
	}
	p.twice(kind, from)
	return false
}

func (p *copier) twice(kind, from string) {
	p.Errorf("warning: source %s %s specified more than once", kind, native.QuoteAlways(from))
}

func (p *copier) sourceStat(from string, followed bool) (unix.Stat_t, error) {
	if followed {
		return p.Stat(from)
	}
	return p.Lstat(from)
}

func (p *copier) fail(format string, args ...any) {
	p.failed = true
	p.Errorf(format, args...)
}

// copy copies one file or tree.
func (p *copier) copy(from, to string, followed bool) {
	st, err := p.sourceStat(from, followed)
	if err != nil {
		p.fail("cannot stat %s: %s", native.QuoteAlways(from), clib.Strerror(err))
		return
	}
	if fsys.Type(st) == unix.S_IFDIR {
		p.copyDir(from, to, st)
		return
	}
	old, oldErr := p.Lstat(to)
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
	if fsys.Type(st) == unix.S_IFREG || !p.recursive && !p.moves && fsys.Type(st) != unix.S_IFLNK {
		p.copyFile(from, to, st)
		return
	}
	if oldErr == nil && p.clear(to) != unix.ENOENT {
		return
	}
	p.verbosely(from, to)
	p.makeNode(from, to, st)
}

// goesFirst reports whether the old file is removed first instead of overwritten.
func (p *copier) goesFirst(to string, st, old unix.Stat_t) bool {
	if target, err := p.Stat(to); err == nil && p.followsTarget(st, old) {
		old = target
	}
	return p.removeFirst || p.links && old.Nlink > 1 && !p.moves ||
		p.follow == followNone && fsys.Type(st) != unix.S_IFREG && !p.moves
}

// clear removes the file at the new name. ENOENT means that the name is free.
func (p *copier) clear(to string) error {
	if err := unix.Unlinkat(p.Dir, to, 0); err != nil && err != unix.ENOENT {
		p.fail("cannot remove %s: %s", native.QuoteAlways(to), clib.Strerror(err))
		return err
	}
	if p.verbose {
		p.Say("removed %s\n", native.QuoteAlways(to))
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
		if st, err := p.Lstat(to); err == nil && fsys.Type(st) == unix.S_IFDIR {
			p.Say("created directory %s\n", native.QuoteAlways(to))
			return
		}
	}
	p.Say("%s%s -> %s\n", what, native.QuoteAlways(from), native.QuoteAlways(to))
}

// linkAgain makes a hard link to the first copy, if the file was copied before.
func (p *copier) linkAgain(from, to string, st unix.Stat_t, exists, followed bool) bool {
	// A file with one link may be reached by several names if symbolic links are followed. With
	// mv, its other links may have been moved already.
	last := st.Nlink < 2 && (!followed || p.follow == followByDefault)
	if !p.links || last && !p.moves {
		return false
	}
	first, ok := p.made[fsys.InodeOf(st)]
	switch {
	case ok:
	case last:
		return false
	default:
		p.made[fsys.InodeOf(st)] = to
		return false
	}
	if exists {
		unix.Unlinkat(p.Dir, to, 0)
	}
	if err := unix.Linkat(p.Dir, first, p.Dir, to, 0); err != nil {
		p.fail("cannot create hard link %s to %s: %s", native.QuoteAlways(to), native.QuoteAlways(first),
			clib.Strerror(err))
	} else {
		p.verbosely(from, to)
	}
	return true
}

// makeNode copies a file that is not regular: a symbolic link, a fifo or a device.
func (p *copier) makeNode(from, to string, st unix.Stat_t) {
	if fsys.Type(st) == unix.S_IFLNK {
		target, err := fsys.ReadlinkAt(p.Dir, from)
		if err != nil {
			p.fail("cannot read symbolic link %s: %s", native.QuoteAlways(from), clib.Strerror(err))
			return
		}
		if err := unix.Symlinkat(target, p.Dir, to); err != nil {
			p.fail("cannot create symbolic link %s: %s", native.QuoteAlways(to), clib.Strerror(err))
			return
		}
	} else if err := unix.Mknodat(p.Dir, to, st.Mode&unix.S_IFMT|p.newMode(st, 0o666),
		int(st.Rdev)); err != nil {
		what := "special file"
		if fsys.Type(st) == unix.S_IFIFO {
			what = "fifo"
		}
		p.fail("cannot create %s %s: %s", what, native.QuoteAlways(to), clib.Strerror(err))
		return
	}
	p.attributes(-1, -1, from, to, st)
}

func (p *copier) copyDir(from, to string, st unix.Stat_t) {
	if p.dirs[fsys.InodeOf(st)] {
		p.fail("cannot copy a directory, %s, into itself, %s", native.QuoteAlways(p.top[0]),
			native.QuoteAlways(p.top[1]))
		p.intoSelf = true
		return
	}
	made, ok := p.makeDir(from, to, st)
	if !ok || p.oneSystem && st.Dev != p.device {
		return
	}
	f, err := fsys.OpenDirAt(p.Dir, from, 0)
	if err != nil {
		p.fail("cannot access %s: %s", native.QuoteAlways(from), clib.Strerror(err))
		return
	}
	list, err := fsys.NamesByInode(f)
	f.Close()
	if err != nil {
		p.fail("error reading %s: %s", native.QuoteAlways(from), clib.Strerror(err))
	}
	for _, name := range list {
		p.copy(fsys.JoinName(from, name), fsys.JoinName(to, name), p.follow == followAll)
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

// newMode returns the mode of a new file before the umask.
func (p *copier) newMode(st unix.Stat_t, plain uint32) uint32 {
	if p.plainMode {
		return plain | st.Mode&unix.S_ISVTX
	}
	return st.Mode & (0o7777 &^ filemode.SetIDBits)
}

func (p *copier) makeDir(from, to string, st unix.Stat_t) (made, ok bool) {
	old, err := p.Stat(to)
	switch {
	case err == unix.ENOENT && isLink(p.Call, to):
		p.fail("cannot overwrite non-directory %s with directory %s", native.QuoteAlways(to),
			native.QuoteAlways(from))
		return false, false
	case err != nil && err != unix.ENOENT:
		p.fail("cannot stat %s: %s", native.QuoteAlways(to), clib.Strerror(err))
		return false, false
	case err != nil:
		if err := unix.Mkdirat(p.Dir, to, st.Mode&0o777|0o700); err != nil {
			p.fail("cannot create directory %s: %s", native.QuoteAlways(to), clib.Strerror(err))
			return false, false
		}
		made = true
		if old, err = p.Stat(to); err == nil {
			p.dirs[fsys.InodeOf(old)] = true
		}
		p.verbosely(from, to)
		return true, true
	}
	if fsys.Type(old) != unix.S_IFDIR {
		p.fail("cannot overwrite non-directory %s with directory %s", native.QuoteAlways(to),
			native.QuoteAlways(from))
		return false, false
	}
	return false, true
}

// attributes sets the preserved attributes of a copy. in and out are open regular files, or -1.
func (p *copier) attributes(in, out int, from, to string, st unix.Stat_t) {
	mode := st.Mode & filemode.AllModeBits
	if p.owner && !p.chown(out, to, st) {
		mode &= 0o777
	}
	if p.xattrs && fsys.Type(st) != unix.S_IFLNK {
		copyXattrs(p.procName(in, from), p.procName(out, to))
	}
	if p.mode && fsys.Type(st) != unix.S_IFLNK {
		p.chmod(out, to, mode)
	}
	if p.times {
		times := []unix.Timespec{st.Atim, st.Mtim}
		err := unix.UtimesNanoAt(p.Dir, to, times, unix.AT_SYMLINK_NOFOLLOW)
		if out >= 0 && p.Below == nil {
			err = unix.UtimesNanoAt(unix.AT_FDCWD, p.procName(out, to), times, 0)
		}
		if err != nil {
			p.fail("preserving times for %s: %s", native.QuoteAlways(to), clib.Strerror(err))
		}
	}
}

// chown reports whether the copy has the owner of the original. A caller that may not give
// files away may still set the group.
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
		p.fail("failed to preserve ownership for %s: %s", native.QuoteAlways(to), clib.Strerror(err))
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
		p.fail("preserving permissions for %s: %s", native.QuoteAlways(to), clib.Strerror(err))
	}
}

// procName returns a name for system calls that take no directory file descriptor. Below a
// root, /proc is not trusted.
func (p *copier) procName(fd int, name string) string {
	if fd >= 0 && p.Below == nil {
		return "/proc/self/fd/" + strconv.Itoa(fd)
	}
	if p.Dir == unix.AT_FDCWD || strings.HasPrefix(name, "/") {
		return name
	}
	return "/proc/self/fd/" + strconv.Itoa(p.Dir) + "/" + name
}

// copyXattrs copies the extended attributes that it can copy. File systems differ in the
// attributes they accept.
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
