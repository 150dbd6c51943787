package files

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

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

const (
	lsColor = native.LongOnly + iota
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

var lsOptions = [...]native.Option{
	{Key: 'a', Long: "all"}, {Key: 'A', Long: "almost-all"}, {Key: 'l'}, {Key: 'd', Long: "directory"},
	{Key: '1'}, {Key: 'R', Long: "recursive"}, {Key: 't'}, {Key: 'S'},
	{Key: 'U'}, {Key: 'f'}, {Key: 'r', Long: "reverse"}, {Key: 'h', Long: "human-readable"},
	{Key: 'i', Long: "inode"}, {Key: 'n', Long: "numeric-uid-gid"}, {Key: 's', Long: "size"},
	{Key: 'F'}, {Key: lsClassify, Long: "classify", Arg: native.OptArg}, {Key: 'p'},
	{Key: 'L', Long: "dereference"},
	{Key: 'H', Long: "dereference-command-line"}, {Key: 'c'}, {Key: 'u'},
	{Key: 'g'}, {Key: 'o'}, {Key: 'G', Long: "no-group"}, {Key: 'C'},
	{Key: 'm'}, {Key: 'x'}, {Key: 'k', Long: "kibibytes"}, {Key: 'N', Long: "literal"},
	{Key: 'w', Long: "width", Arg: native.NeedArg},
	{Key: 'q', Long: "hide-control-chars"}, {Key: 'B', Long: "ignore-backups"}, {Key: 'X'},
	{Key: lsColor, Long: "color", Arg: native.OptArg},
	{Key: lsTimeStyle, Long: "time-style", Arg: native.NeedArg},
	{Key: lsFullTime, Long: "full-time"}, {Key: lsSort, Long: "sort", Arg: native.NeedArg},
	{Key: lsTime, Long: "time", Arg: native.NeedArg},
	{Key: lsDirsFirst, Long: "group-directories-first"}, {Key: lsSI, Long: "si"},
	{Key: lsFormat, Long: "format", Arg: native.NeedArg}, {Key: lsFileType, Long: "file-type"},
	{Key: lsDerefDirs, Long: "dereference-command-line-symlink-to-dir"},
	{Key: lsAuthor, Long: "author"}, {Key: lsIndicator, Long: "indicator-style", Arg: native.NeedArg},
	{Key: '!', Long: "context"}, {Key: '!', Long: "ignore", Arg: native.NeedArg},
	{Key: '!', Long: "dired"}, {Key: '!', Long: "hide", Arg: native.NeedArg},
}

// A lister is one run of ls(1).
type lister struct {
	native.FileNames
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
	deref                           byte // 0 for the default, 'P', 'D'irs, 'H', 'L'
	recent, old                     string
	width                           int
	status                          int
	printed                         bool
	// path holds the directories that -R is in, to detect loops.
	path map[fsys.Inode]bool
}

// An lsFile is a file to list.
type lsFile struct {
	name   string
	st     unix.Stat_t
	known  bool // st is valid
	target string
	// targetMode is the mode of the target of a symbolic link, 0 for a missing target.
	targetMode uint32
	acl        bool
	isDirArg   bool
}

// Ls is ls(1).
func Ls(c *native.Call) int {
	opts, names, problem := c.Options(lsOptions[:], native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	for _, v := range [...]string{"BLOCK_SIZE", "LS_BLOCK_SIZE", "BLOCKSIZE", "QUOTING_STYLE",
		"POSIXLY_CORRECT"} {
		if c.Getenv(v) != "" {
			return c.Unsupported("%s", v)
		}
	}
	l := &lister{FileNames: native.FileNames{Call: c}, w: c.Buffered(), sort: 'n',
		time: 'm', now: time.Now(), unit: 1024, width: 80, path: map[fsys.Inode]bool{}}
	l.atTerminal()
	if problem := l.setAll(opts); problem != "" {
		return c.Unsupported("%s", problem)
	}
	if name, foreign := c.ForeignCollation("LC_COLLATE"); foreign {
		return c.Unsupported("the order of names of %s", name)
	}
	l.zone = c.TimeZone()
	if len(names) == 0 {
		names = []string{"."}
	}
	l.operands(names)
	return c.Flush(l.w, l.status)
}

func (l *lister) fail(status int, format string, args ...any) {
	l.status = max(l.status, status)
	_ = l.w.Flush()
	l.Errorf(format, args...)
}

// statFor returns the status of a file. The options say whether it follows a symbolic link.
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
		return fsys.StatAt(dir, name, 0)
	case operand && deref == 'D':
		st, err := fsys.StatAt(dir, name, 0)
		if err == nil && fsys.Type(st) == unix.S_IFDIR {
			return st, nil
		}
	}
	return fsys.StatAt(dir, name, unix.AT_SYMLINK_NOFOLLOW)
}

func (l *lister) operands(names []string) {
	var files, dirs []*lsFile
	for _, name := range names {
		st, err := l.statFor(l.Dir, name, true)
		if err != nil {
			l.fail(2, "cannot access %s: %s", native.QuoteAlways(name), clib.Strerror(err))
			continue
		}
		f := &lsFile{name: name, st: st, known: true}
		if fsys.Type(st) == unix.S_IFDIR && !l.dirs {
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

// complete reads what the long format needs besides the status.
func (l *lister) complete(dir int, f *lsFile, shown string) {
	if fsys.Type(f.st) == unix.S_IFLNK && (l.format == 'l' || l.dirsFirst) {
		target, err := fsys.ReadlinkAt(dir, f.name)
		if err != nil {
			l.fail(1, "cannot read symbolic link %s: %s", native.QuoteAlways(shown), clib.Strerror(err))
		}
		f.target = target
		if l.indicator > '/' || l.dirsFirst {
			if st, err := fsys.StatAt(dir, f.name, 0); err == nil {
				f.targetMode = st.Mode
			}
		}
	}
	if l.format == 'l' && fsys.Type(f.st) != unix.S_IFLNK && l.Below == nil {
		f.acl = hasACL(dir, f.name, fsys.Type(f.st) == unix.S_IFDIR)
	}
}

// hasACL reports whether a file grants more than its mode shows.
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

// directory lists one directory, and with -R those below it.
func (l *lister) directory(dir int, name, shown string, title, operand bool) {
	f, err := fsys.OpenDirAt(dir, name, 0)
	if err != nil {
		l.fail(1+native.BoolInt(operand), "cannot open directory %s: %s", native.QuoteAlways(shown),
			clib.Strerror(err))
		return
	}
	st, err := fsys.StatAt(int(f.Fd()), "", unix.AT_EMPTY_PATH)
	if l.recurse && err == nil {
		if l.path[fsys.InodeOf(st)] {
			_ = f.Close()
			l.fail(2, "%s: not listing already-listed directory", native.QuoteName(shown))
			return
		}
		l.path[fsys.InodeOf(st)] = true
		defer delete(l.path, fsys.InodeOf(st))
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
		if fsys.Type(f.st) == unix.S_IFDIR && f.name != "." && f.name != ".." {
			below := fsys.JoinName(shown, f.name)
			if !strings.HasSuffix(shown, "/") {
				below = shown + "/" + f.name
			}
			l.directory(l.Dir, below, below, true, false)
		}
	}
}

// read reads a directory. A file that disappears meanwhile gets a line of question marks.
func (l *lister) read(d *os.File, shown string) (files []*lsFile) {
	names, err := d.ReadDir(-1)
	if err != nil && !errors.Is(err, unix.ENOENT) { // ENOENT means a removed directory
		l.fail(1, "reading directory %s: %s", native.QuoteAlways(shown), clib.Strerror(err))
	}
	add := func(name string, kind os.FileMode) {
		f := &lsFile{name: name, st: unix.Stat_t{Mode: typeOfDirent(kind)}}
		files = append(files, f)
		if !l.needsStatus(kind) {
			return
		}
		st, err := l.statFor(int(d.Fd()), name, false)
		if err != nil {
			l.fail(1, "cannot access %s: %s", native.QuoteAlways(listedName(shown, name)),
				clib.Strerror(err))
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

// listedName returns the name for messages.
func listedName(dir, name string) string {
	if dir == "." {
		return name
	}
	return fsys.JoinName(dir, name)
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

// needsStatus reports whether the options need more than the name and the type.
func (l *lister) needsStatus(kind os.FileMode) bool {
	return l.format == 'l' || l.inode || l.blocks || l.sort == 't' || l.sort == 'S' ||
		l.indicator == 'F' && kind.IsRegular() || l.dirsFirst ||
		l.deref == 'L' && kind == os.ModeSymlink && (l.indicator != 0 || l.recurse)
}

// arrange sorts files. Files with equal keys are sorted by name.
func (l *lister) arrange(files []*lsFile) {
	if l.sort == 'U' {
		return
	}
	slices.SortStableFunc(files, func(a, b *lsFile) int {
		if l.dirsFirst {
			if x, y := a.isDir(), b.isDir(); x != y {
				return native.BoolInt(y) - native.BoolInt(x)
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
	return f.isDirArg || fsys.Type(f.st) == unix.S_IFDIR || f.targetMode&unix.S_IFMT == unix.S_IFDIR
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

// anyWidth is the line width of -w 0.
const anyWidth = 1 << 30

// halfYear is the age up to which a date is shown with its time of day.
const halfYear = 31556952 / 2 * time.Second
