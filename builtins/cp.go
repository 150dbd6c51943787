package builtins

import (
	"errors"
	"os"
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
	{'v', "verbose", noArg}, {longOnly + 1, "reflink", optArg},
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
	follow                               followLinks
	mode, owner, times, xattrs, links    bool
	// made are the new names of files with several links, by their inode.
	made map[inode]string
	// dirs are the directories that this run made, which it must not copy.
	dirs map[inode]bool
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
	if p.follow == followByDefault && p.recursive {
		p.follow = followNone
	}
	if len(args) == 0 {
		return c.usageError(1, "missing file operand")
	}
	names, status := c.resolveDestination(&to, args)
	if status != 0 {
		return status
	}
	for _, name := range names {
		p.operand(name, to.of(name))
	}
	if p.failed {
		return 1
	}
	return 0
}

func newCopier(c *Call) *copier {
	return &copier{Call: c, made: map[inode]string{}, dirs: map[inode]bool{}, mask: c.umask()}
}

func (p *copier) set(o parsedOption) (problem string) {
	switch o.key {
	case 'p':
		p.mode, p.owner, p.times = true, true, true
	case longOnly:
		return p.preserve(o)
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

func (p *copier) preserve(o parsedOption) (problem string) {
	if !o.has {
		o.value = "mode,ownership,timestamps"
	}
	for _, what := range strings.Split(o.value, ",") {
		switch what {
		case "mode":
			p.mode = true
		case "ownership":
			p.owner = true
		case "timestamps":
			p.times = true
		case "links":
			p.links = true
		case "xattr":
			p.xattrs = true
		case "all":
			p.mode, p.owner, p.times, p.links, p.xattrs = true, true, true, true, true
		default:
			return "attribute '" + what + "'"
		}
	}
	return ""
}

// operand copies one name of the command line.
func (p *copier) operand(from, to string) {
	followed := p.follow != followNone
	p.top, p.intoSelf = [2]string{from, to}, false
	p.copy(from, to, followed)
}

func (p *copier) fail(format string, args ...any) {
	p.failed = true
	p.Errorf(format, args...)
}

// copy copies one file or tree.
func (p *copier) copy(from, to string, followed bool) {
	stat := p.lstat
	if followed {
		stat = p.stat
	}
	st, err := stat(from)
	if err != nil {
		p.fail("cannot stat %s: %s", quoteAlways(from), Strerror(err))
		return
	}
	if fileType(st) == unix.S_IFDIR {
		p.copyDir(from, to, st)
		return
	}
	old, oldErr := p.lstat(to)
	if oldErr == nil && !p.mayReplace(from, to, st, old) {
		return
	}
	if p.linkAgain(from, to, st, oldErr == nil) {
		return
	}
	if p.verbose {
		p.tell(from, to)
	}
	if fileType(st) == unix.S_IFREG || !p.recursive && fileType(st) != unix.S_IFLNK {
		p.copyFile(from, to, st)
		return
	}
	if oldErr == nil {
		unix.Unlinkat(p.Dir, to, 0)
	}
	p.makeNode(from, to, st)
}

func (p *copier) tell(from, to string) {
	p.say("%s -> %s\n", quoteAlways(from), quoteAlways(to))
}

// mayReplace looks at what stands in the way of a file.
func (p *copier) mayReplace(from, to string, st, old unix.Stat_t) bool {
	if p.noClobber {
		return false
	}
	target := old
	if followed, err := p.stat(to); err == nil && p.writesThrough(st) {
		target = followed
	}
	switch {
	case sameFile(st, target):
		p.fail("%s and %s are the same file", quoteAlways(from), quoteAlways(to))
		return false
	case fileType(target) == unix.S_IFDIR:
		p.fail("cannot overwrite directory %s with non-directory", quoteAlways(to))
		return false
	}
	return true
}

// writesThrough says whether a link at the new name is followed.
func (p *copier) writesThrough(st unix.Stat_t) bool { return fileType(st) == unix.S_IFREG }

// linkAgain gives a file that was copied already another name.
func (p *copier) linkAgain(from, to string, st unix.Stat_t, exists bool) bool {
	if !p.links || st.Nlink < 2 {
		return false
	}
	first, ok := p.made[inodeOf(st)]
	if !ok {
		p.made[inodeOf(st)] = to
		return false
	}
	if exists {
		unix.Unlinkat(p.Dir, to, 0)
	}
	if err := unix.Linkat(p.Dir, first, p.Dir, to, 0); err != nil {
		p.fail("cannot create hard link %s to %s: %s", quoteAlways(to), quoteAlways(first),
			Strerror(err))
	} else if p.verbose {
		p.tell(from, to)
	}
	return true
}

func (p *copier) copyFile(from, to string, st unix.Stat_t) {
	in, err := p.OpenFile(from, unix.O_RDONLY, 0)
	if err != nil {
		p.fail("cannot open %s for reading: %s", quoteAlways(from), Strerror(err))
		return
	}
	defer in.Close()
	perm := st.Mode & 0o777
	if p.owner {
		perm &= 0o700
	}
	out, err := p.create(to, perm)
	if err != nil {
		p.fail("%s", err)
		return
	}
	defer out.Close()
	readErr, writeErr := copyFileData(out, in)
	if readErr != nil {
		p.fail("error reading %s: %s", quoteAlways(from), Strerror(readErr))
	}
	if writeErr != nil {
		p.fail("error writing %s: %s", quoteAlways(to), Strerror(writeErr))
	}
	p.attributes(int(in.Fd()), int(out.Fd()), from, to, st)
}

// copyFileData lets the kernel copy, and falls back to reading and writing.
func copyFileData(out, in *os.File) (readErr, writeErr error) {
	if unix.IoctlFileClone(int(out.Fd()), int(in.Fd())) == nil {
		return nil, nil
	}
	for {
		n, err := unix.CopyFileRange(int(in.Fd()), nil, int(out.Fd()), nil, 1<<30, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		// Files of /proc have no size, and this call then copies nothing.
		if err != nil || n == 0 {
			return copyStream(out, in)
		}
	}
}

// create opens the new file, an old one being written over.
func (p *copier) create(to string, perm uint32) (*os.File, error) {
	out, err := p.OpenFile(to, unix.O_WRONLY|unix.O_TRUNC, 0)
	if err != nil && err != unix.ENOENT && p.force {
		if unix.Unlinkat(p.Dir, to, 0) == nil {
			err = unix.ENOENT
		}
	}
	if err == unix.ENOENT {
		out, err = p.OpenFile(to, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, perm)
		if err == unix.EEXIST {
			return nil, fileError("not writing through dangling symlink " + p.quoted(quoteAlways(to)))
		}
		if err == unix.EISDIR && strings.HasSuffix(to, "/") {
			err = unix.ENOTDIR
		}
	}
	if err != nil {
		return nil, fileError("cannot create regular file " + p.quoted(quoteAlways(to)) + ": " +
			Strerror(err))
	}
	return out, nil
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
	} else if err := unix.Mknodat(p.Dir, to, st.Mode&(unix.S_IFMT|0o777),
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
	if !p.recursive {
		p.fail("-r not specified; omitting directory %s", quoteAlways(from))
		return
	}
	if p.dirs[inodeOf(st)] {
		p.fail("cannot copy a directory, %s, into itself, %s", quoteAlways(p.top[0]),
			quoteAlways(p.top[1]))
		p.intoSelf = true
		return
	}
	made, ok := p.makeDir(from, to, st)
	if !ok {
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
		p.chmod(-1, to, st.Mode&0o7777&^p.mask&^setIDBits)
	}
}

func (p *copier) makeDir(from, to string, st unix.Stat_t) (made, ok bool) {
	old, err := p.stat(to)
	if err != nil {
		if err := unix.Mkdirat(p.Dir, to, st.Mode&0o777|0o700); err != nil {
			p.fail("cannot create directory %s: %s", quoteAlways(to), Strerror(err))
			return false, false
		}
		made = true
		if old, err = p.stat(to); err == nil {
			p.dirs[inodeOf(old)] = true
		}
		if p.verbose {
			p.tell(from, to)
		}
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
	if p.owner {
		p.chown(out, to, st)
	}
	if p.xattrs && fileType(st) != unix.S_IFLNK {
		copyXattrs(p.procName(in, from), p.procName(out, to))
	}
	if p.mode && fileType(st) != unix.S_IFLNK {
		p.chmod(out, to, st.Mode&allModeBits)
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

func (p *copier) chown(out int, to string, st unix.Stat_t) {
	var err error
	if out >= 0 {
		err = unix.Fchown(out, int(st.Uid), int(st.Gid))
	} else {
		err = unix.Fchownat(p.Dir, to, int(st.Uid), int(st.Gid), unix.AT_SYMLINK_NOFOLLOW)
	}
	if err != nil && err != unix.EPERM {
		p.fail("failed to preserve ownership for %s: %s", quoteAlways(to), Strerror(err))
	}
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
