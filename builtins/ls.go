package builtins

import (
	"bufio"
	"cmp"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	lsColor = longOnly + iota
	lsTimeStyle
	lsFullTime
	lsSort
	lsTime
	lsDirsFirst
	lsSI
	lsHide
	lsFormat
	lsDerefDirs
	lsFileType
	lsAuthor
	lsIndicator
	lsClassify
)

var lsOptions = [...]option{
	{'a', "all", noArg}, {'A', "almost-all", noArg}, {'l', "", noArg}, {'d', "directory", noArg},
	{'1', "", noArg}, {'R', "recursive", noArg}, {'t', "", noArg}, {'S', "", noArg},
	{'U', "", noArg}, {'f', "", noArg}, {'r', "reverse", noArg}, {'h', "human-readable", noArg},
	{'i', "inode", noArg}, {'n', "numeric-uid-gid", noArg}, {'s', "size", noArg},
	{'F', "", noArg}, {lsClassify, "classify", optArg}, {'p', "", noArg}, {'L', "dereference", noArg},
	{'H', "dereference-command-line", noArg}, {'c', "", noArg}, {'u', "", noArg},
	{'g', "", noArg}, {'o', "", noArg}, {'G', "no-group", noArg}, {'C', "", noArg},
	{'m', "", noArg}, {'x', "", noArg}, {'k', "kibibytes", noArg}, {'N', "literal", noArg}, {'w', "width", needArg},
	{'q', "hide-control-chars", noArg}, {'B', "ignore-backups", noArg}, {'X', "", noArg},
	{lsColor, "color", optArg}, {lsTimeStyle, "time-style", needArg},
	{lsFullTime, "full-time", noArg}, {lsSort, "sort", needArg}, {lsTime, "time", needArg},
	{lsDirsFirst, "group-directories-first", noArg}, {lsSI, "si", noArg},
	{lsFormat, "format", needArg}, {lsFileType, "file-type", noArg},
	{lsDerefDirs, "dereference-command-line-symlink-to-dir", noArg},
	{lsAuthor, "author", noArg}, {lsIndicator, "indicator-style", needArg},
	{'!', "context", noArg}, {'!', "ignore", needArg}, {'!', "dired", noArg},
	{'!', "hide", needArg},
}

// A lister is one run of ls.
type lister struct {
	fileNames
	w                               *bufio.Writer
	zone                            *time.Location
	now                             time.Time
	all, almostAll, dirs, recurse   bool
	reverse, inode, numeric, blocks bool
	noOwner, noGroup, author        bool
	dirsFirst, noBackups            bool
	hideControl, quote, terminal    bool
	format                          byte // 'l', '1', 'C', 'x', 'm'
	sort                            byte // 'n'ame, 't'ime, 'S'ize, 'U'nsorted, 'X'
	time                            byte // 'm', 'c', 'a'
	indicator                       byte // 0, '/', 'f'ile type, 'F'
	human                           uint64
	unit                            uint64
	deref                           byte // 0: by default; 'P', 'D'irs, 'H', 'L'
	recent, old                     string
	width                           int
	status                          int
	printed                         bool
	// path are the directories that -R is in, to see where links lead round.
	path map[inode]bool
}

// An lsFile is a file to list.
type lsFile struct {
	name   string
	st     unix.Stat_t
	known  bool // st is
	target string
	// targetMode is that of what a link leads to, 0 where that is nothing.
	targetMode uint32
	acl        bool
	isDirArg   bool
}

// runLs is ls(1).
func runLs(c *Call) int {
	opts, names, problem := c.options(lsOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	for _, v := range [...]string{"BLOCK_SIZE", "LS_BLOCK_SIZE", "BLOCKSIZE", "QUOTING_STYLE",
		"POSIXLY_CORRECT"} {
		if c.Getenv(v) != "" {
			return c.Unsupported("%s", v)
		}
	}
	l := &lister{fileNames: fileNames{Call: c}, w: c.buffered(), sort: 'n',
		time: 'm', now: time.Now(), unit: 1024, width: 80, path: map[inode]bool{}}
	l.atTerminal()
	if problem := l.setAll(opts); problem != "" {
		return c.Unsupported("%s", problem)
	}
	if name, foreign := c.foreignCollation("LC_COLLATE"); foreign {
		return c.Unsupported("the order of names of %s", name)
	}
	l.zone = c.timeZone()
	if len(names) == 0 {
		names = []string{"."}
	}
	l.operands(names)
	return c.flush(l.w, l.status)
}

func (l *lister) fail(status int, format string, args ...any) {
	l.status = max(l.status, status)
	_ = l.w.Flush()
	l.Errorf(format, args...)
}

// statFor follows a link as the options say.
func (l *lister) statFor(dir int, name string, operand bool) (unix.Stat_t, error) {
	deref := l.deref
	if deref == 0 {
		deref = 'D'
		if l.dirs || l.indicator == 'F' || l.format == 'l' {
			deref = 'P'
		}
	}
	switch {
	case deref == 'L', operand && deref == 'H':
		return statAt(dir, name, 0)
	case operand && deref == 'D':
		st, err := statAt(dir, name, 0)
		if err == nil && fileType(st) == unix.S_IFDIR {
			return st, nil
		}
	}
	return statAt(dir, name, unix.AT_SYMLINK_NOFOLLOW)
}

func (l *lister) operands(names []string) {
	var files, dirs []*lsFile
	for _, name := range names {
		st, err := l.statFor(l.Dir, name, true)
		if err != nil {
			l.fail(2, "cannot access %s: %s", quoteAlways(name), Strerror(err))
			continue
		}
		f := &lsFile{name: name, st: st, known: true}
		if fileType(st) == unix.S_IFDIR && !l.dirs {
			f.isDirArg = true
			dirs = append(dirs, f)
			continue
		}
		l.complete(l.Dir, f, name)
		files = append(files, f)
	}
	l.arrange(files)
	l.arrange(dirs)
	if len(files) > 0 {
		l.print(files, dirs...)
	}
	for _, d := range dirs {
		l.directory(l.Dir, d.name, d.name, len(names) > 1 || l.recurse, true)
	}
}

// complete finds what the long format needs besides the status.
func (l *lister) complete(dir int, f *lsFile, shown string) {
	if fileType(f.st) == unix.S_IFLNK && (l.format == 'l' || l.dirsFirst) {
		target, err := readlinkAt(dir, f.name)
		if err != nil {
			l.fail(1, "cannot read symbolic link %s: %s", quoteAlways(shown), Strerror(err))
		}
		f.target = target
		if l.indicator > '/' || l.dirsFirst {
			if st, err := statAt(dir, f.name, 0); err == nil {
				f.targetMode = st.Mode
			}
		}
	}
	if l.format == 'l' && fileType(f.st) != unix.S_IFLNK && l.below == nil {
		f.acl = hasACL(dir, f.name, fileType(f.st) == unix.S_IFDIR)
	}
}

// hasACL tells whether a file has more rights than its mode shows.
func hasACL(dir int, name string, isDir bool) bool {
	if dir != unix.AT_FDCWD && !strings.HasPrefix(name, "/") {
		name = "/proc/self/fd/" + strconv.Itoa(dir) + "/" + name
	}
	if n, err := unix.Lgetxattr(name, "system.posix_acl_access", nil); err == nil && n > 0 {
		return true
	}
	if !isDir {
		return false
	}
	n, err := unix.Lgetxattr(name, "system.posix_acl_default", nil)
	return err == nil && n > 0
}

// directory lists one, and with -R those below it.
func (l *lister) directory(dir int, name, shown string, title, operand bool) {
	f, err := openDirAt(dir, name, 0)
	if err != nil {
		l.fail(1+b2i(operand), "cannot open directory %s: %s", quoteAlways(shown), Strerror(err))
		return
	}
	st, err := statAt(int(f.Fd()), "", unix.AT_EMPTY_PATH)
	if l.recurse && err == nil {
		if l.path[inodeOf(st)] {
			_ = f.Close()
			l.fail(2, "%s: not listing already-listed directory", quoteName(shown))
			return
		}
		l.path[inodeOf(st)] = true
		defer delete(l.path, inodeOf(st))
	}
	files := l.read(f, shown)
	_ = f.Close()
	if title {
		if l.printed {
			l.w.WriteByte('\n')
		}
		text := l.shownName(shown)
		l.w.WriteString(text + ":\n")
		l.printed = true
	}
	l.arrange(files)
	if l.format == 'l' || l.blocks {
		total := uint64(0)
		for _, f := range files {
			total += uint64(f.st.Blocks)
		}
		l.w.WriteString("total " + l.blockText(total) + "\n")
	}
	l.print(files)
	l.printed = true
	if !l.recurse {
		return
	}
	for _, f := range files {
		if fileType(f.st) == unix.S_IFDIR && f.name != "." && f.name != ".." {
			below := joinName(shown, f.name)
			if !strings.HasSuffix(shown, "/") {
				below = shown + "/" + f.name
			}
			l.directory(l.Dir, below, below, true, false)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// read reads a directory. What goes away meanwhile has a line of question marks.
func (l *lister) read(d *os.File, shown string) (files []*lsFile) {
	names, err := d.ReadDir(-1)
	if err != nil && !errors.Is(err, unix.ENOENT) { // that is a directory which was removed
		l.fail(1, "reading directory %s: %s", quoteAlways(shown), Strerror(err))
	}
	add := func(name string, kind os.FileMode) {
		f := &lsFile{name: name, st: unix.Stat_t{Mode: typeOfDirent(kind)}}
		files = append(files, f)
		if !l.needsStatus(kind) {
			return
		}
		st, err := l.statFor(int(d.Fd()), name, false)
		if err != nil {
			l.fail(1, "cannot access %s: %s", quoteAlways(listedName(shown, name)), Strerror(err))
			return
		}
		f.st, f.known = st, true
		l.complete(int(d.Fd()), f, listedName(shown, name))
	}
	if l.all {
		add(".", os.ModeDir)
		add("..", os.ModeDir)
	}
	for _, e := range names {
		name := e.Name()
		if name[0] == '.' && !l.all && !l.almostAll ||
			l.noBackups && strings.HasSuffix(name, "~") {
			continue
		}
		add(name, e.Type())
	}
	return files
}

// listedName is the name for messages.
func listedName(dir, name string) string {
	if dir == "." {
		return name
	}
	return joinName(dir, name)
}

func typeOfDirent(kind os.FileMode) uint32 {
	switch kind.Type() {
	case os.ModeDir:
		return unix.S_IFDIR
	case os.ModeSymlink:
		return unix.S_IFLNK
	case os.ModeNamedPipe:
		return unix.S_IFIFO
	case os.ModeSocket:
		return unix.S_IFSOCK
	case os.ModeDevice:
		return unix.S_IFBLK
	case os.ModeDevice | os.ModeCharDevice:
		return unix.S_IFCHR
	}
	return unix.S_IFREG
}

// needsStatus says whether the type and the name are not enough.
func (l *lister) needsStatus(kind os.FileMode) bool {
	return l.format == 'l' || l.inode || l.blocks || l.sort == 't' || l.sort == 'S' ||
		l.indicator == 'F' && kind.IsRegular() || l.dirsFirst ||
		l.deref == 'L' && kind == os.ModeSymlink && (l.indicator != 0 || l.recurse)
}

// arrange sorts: what is equal by the key, by the name.
func (l *lister) arrange(files []*lsFile) {
	if l.sort == 'U' {
		return
	}
	slices.SortStableFunc(files, func(a, b *lsFile) int {
		if l.dirsFirst {
			if x, y := a.isDir(), b.isDir(); x != y {
				return b2i(y) - b2i(x)
			}
		}
		n := 0
		switch l.sort {
		case 't':
			n = cmp.Or(-cmp.Compare(l.stamp(a).Sec, l.stamp(b).Sec),
				-cmp.Compare(l.stamp(a).Nsec, l.stamp(b).Nsec))
		case 'S':
			n = -cmp.Compare(a.st.Size, b.st.Size)
		case 'X':
			n = strings.Compare(extension(a.name), extension(b.name))
		}
		if n == 0 {
			n = strings.Compare(a.name, b.name)
		}
		if l.reverse {
			n = -n
		}
		return n
	})
}

func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return ""
}

func (f *lsFile) isDir() bool {
	return f.isDirArg || fileType(f.st) == unix.S_IFDIR || f.targetMode&unix.S_IFMT == unix.S_IFDIR
}

func (l *lister) stamp(f *lsFile) unix.Timespec {
	switch l.time {
	case 'c':
		return f.st.Ctim
	case 'a':
		return f.st.Atim
	}
	return f.st.Mtim
}

// anyWidth is what -w 0 stands for.
const anyWidth = 1 << 30

// halfYear is how long a date is shown with its time of day.
const halfYear = 31556952 / 2 * time.Second
