package builtins

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
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
	l := &lister{fileNames: fileNames{Call: c}, w: bufio.NewWriter(c.Stdout), sort: 'n',
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

// atTerminal is what changes where a terminal shows the list.
func (l *lister) atTerminal() {
	l.format = '1'
	fd := descriptor(l.Stdout)
	if fd < 0 {
		return
	}
	if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
		return
	}
	l.format, l.quote, l.hideControl, l.terminal = 'C', true, true, true
	if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil && size.Col > 0 {
		l.width = int(size.Col)
	}
	if n, err := strconv.Atoi(l.Getenv("COLUMNS")); err == nil && n > 0 {
		l.width = n
	}
}

func (l *lister) setAll(opts []parsedOption) (problem string) {
	style, sorted := l.Getenv("TIME_STYLE"), false
	for _, o := range opts {
		switch o.key {
		case 't', 'S', 'U', 'X', lsSort, 'f':
			sorted = true
		case lsTimeStyle:
			style = o.value
		case lsFullTime:
			style = "full-iso"
		}
		if problem := l.set(o); problem != "" {
			return problem
		}
	}
	if !sorted && (l.time == 'c' || l.time == 'a') && l.format != 'l' {
		l.sort = 't'
	}
	return l.setTimeStyle(style)
}

func (l *lister) setTimeStyle(style string) (problem string) {
	style = strings.TrimPrefix(style, "posix-")
	if style == "" || style == "locale" || style[0] == '+' {
		if name, foreign := l.foreignCollation("LC_TIME"); foreign && l.format == 'l' {
			return "the dates of " + name
		}
	}
	switch {
	case style == "" || style == "locale":
		l.old, l.recent = "%b %e  %Y", "%b %e %H:%M"
	case style == "long-iso":
		l.old, l.recent = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M"
	case style == "full-iso":
		l.old = "%Y-%m-%d %H:%M:%S.%N %z"
		l.recent = l.old
	case style == "iso":
		l.old, l.recent = "%Y-%m-%d ", "%m-%d %H:%M"
	case style[0] == '+':
		old, recent, two := strings.Cut(style[1:], "\n")
		if l.old, l.recent = old, recent; !two {
			l.recent = old
		}
		if strings.Contains(recent, "\n") {
			return "time style " + style
		}
	default:
		return "time style '" + style + "'"
	}
	return ""
}

func (l *lister) set(o parsedOption) (problem string) {
	switch o.key {
	case 'a':
		l.all = true
	case 'A':
		l.all, l.almostAll = false, true
	case 'd':
		l.dirs = true
	case 'R':
		l.recurse = true
	case 'r':
		l.reverse = true
	case 'i':
		l.inode = true
	case 's':
		l.blocks = true
	case 't', 'S', 'U', 'X':
		l.sort = byte(o.key)
	case 'f':
		l.all, l.sort = true, 'U'
		if l.format == 'l' {
			l.format = '1'
			if l.terminal {
				l.format = 'C'
			}
		}
	case 'c':
		l.time = 'c'
	case 'u':
		l.time = 'a'
	case 'L', 'H':
		l.deref = byte(o.key)
	case lsDerefDirs:
		l.deref = 'D'
	case lsDirsFirst:
		l.dirsFirst = true
	case 'B':
		l.noBackups = true
	case 'k':
	case lsAuthor:
		l.author = true
	default:
		return l.setShape(o)
	}
	return ""
}

// setShape is for options that change what a line looks like.
func (l *lister) setShape(o parsedOption) (problem string) {
	switch o.key {
	case 'l', lsFullTime:
		l.format = 'l'
	case '1':
		if l.format != 'l' {
			l.format = '1'
		}
	case 'C', 'x', 'm':
		l.format = byte(o.key)
	case 'n', 'g', 'o':
		l.format = 'l'
		l.numeric = l.numeric || o.key == 'n'
		l.noOwner = l.noOwner || o.key == 'g'
		l.noGroup = l.noGroup || o.key == 'o'
	case 'G':
		l.noGroup = true
	case 'h':
		l.human = 1024
	case lsSI:
		l.human = 1000
	case 'F':
		l.indicator = 'F'
	case lsClassify:
		return l.classify(o)
	case lsFileType:
		l.indicator = 'f'
	case 'p':
		l.indicator = '/'
	case lsIndicator:
		return l.choose(&l.indicator, o, map[string]byte{"none": 0, "slash": '/',
			"file-type": 'f', "classify": 'F'})
	case 'N':
		l.quote = false
	case 'q':
		l.hideControl = true
	case lsSort:
		return l.choose(&l.sort, o, map[string]byte{"none": 'U', "time": 't', "size": 'S',
			"extension": 'X', "name": 'n'})
	case lsTime:
		return l.choose(&l.time, o, map[string]byte{"atime": 'a', "access": 'a', "use": 'a',
			"ctime": 'c', "status": 'c'})
	case lsFormat:
		return l.choose(&l.format, o, map[string]byte{"long": 'l', "verbose": 'l',
			"single-column": '1', "vertical": 'C', "commas": 'm', "across": 'x',
			"horizontal": 'x'})
	case 'w':
		n, err := strconv.ParseUint(o.value, 0, 30)
		if err != nil && !(errors.Is(err, strconv.ErrRange) && allDigits(o.value)) {
			return "width '" + o.value + "'"
		}
		if l.width = int(n); n == 0 {
			l.width = anyWidth
		}
	case lsColor:
		switch o.value {
		case "never", "no", "none":
			return ""
		case "auto", "tty", "if-tty":
			if !l.terminal {
				return ""
			}
		}
		return "option '--color'"
	}
	return ""
}

// classify is -F where that is to be; where not, what is set stays.
func (l *lister) classify(o parsedOption) (problem string) {
	switch o.value {
	case "", "always", "yes", "force":
		l.indicator = 'F'
	case "auto", "tty", "if-tty":
		if l.terminal {
			l.indicator = 'F'
		}
	case "never", "no", "none":
	default:
		return "argument '" + o.value + "'"
	}
	return ""
}

func (l *lister) choose(to *byte, o parsedOption, words map[string]byte) (problem string) {
	value, ok := words[o.value]
	if !ok {
		return "argument '" + o.value + "'"
	}
	*to = value
	return ""
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

// shownName is a name as it is written: at a terminal quoted as a shell wants it.
func (l *lister) shownName(name string) string {
	if l.quote {
		return l.quoteShell(name)
	}
	if !l.hideControl {
		return name
	}
	var b strings.Builder
	l.locale().eachEscaped(name, func(char, esc string) {
		switch {
		case esc == "" || char == `\`:
			b.WriteString(char)
		default:
			b.WriteString(strings.Repeat("?", strings.Count(esc, `\`)))
		}
	})
	return b.String()
}

// quoteShell quotes what the shell would not take as it stands; a colon it does.
func (l *lister) quoteShell(name string) string {
	if plain := strings.ReplaceAll(name, ":", "x"); l.quoted(quoteName(plain)) == plain {
		return name
	}
	return l.quoted(quoteAlways(name))
}

// print lists files; the columns are as wide as others need them, too.
func (l *lister) print(files []*lsFile, others ...*lsFile) {
	l.printed = l.printed || len(files) > 0
	var prefix lsWidths
	prefix.measure(l, files)
	prefix.measure(l, others)
	switch l.format {
	case 'l':
		for _, f := range files {
			l.long(f, &prefix)
		}
	case '1':
		for _, f := range files {
			l.w.WriteString(l.short(f, &prefix) + "\n")
		}
	default:
		cells := make([]string, len(files))
		for i, f := range files {
			cells[i] = l.short(f, &prefix)
		}
		if l.format == 'm' {
			l.commas(cells)
		} else {
			l.columns(cells)
		}
	}
}

func (l *lister) commas(cells []string) {
	at := 0
	for i, s := range cells {
		if i > 0 {
			if at+2+l.locale().width(s) < l.width || l.width == anyWidth {
				l.w.WriteString(", ")
				at += 2
			} else {
				l.w.WriteString(",\n")
				at = 0
			}
		}
		l.w.WriteString(s)
		at += l.locale().width(s)
	}
	if len(cells) > 0 {
		l.w.WriteByte('\n')
	}
}

// anyWidth is what -w 0 stands for.
const anyWidth = 1 << 30

// columns writes as many columns as fit, each as wide as it must be, and below each other
// what follows, with -x beside each other.
func (l *lister) columns(cells []string) {
	if len(cells) == 0 {
		return
	}
	if l.width == anyWidth {
		l.w.WriteString(strings.Join(cells, "  ") + "\n")
		return
	}
	rows, widths := l.fit(cells)
	down, right := 1, rows
	if l.format == 'x' {
		down, right = len(widths), 1
	}
	for row := range rows {
		at, i := 0, row*down
		for col, width := range widths {
			l.w.WriteString(cells[i])
			if i += right; i >= len(cells) || col == len(widths)-1 {
				break
			}
			l.indent(at+l.locale().width(cells[i-right]), at+width)
			at += width
		}
		l.w.WriteByte('\n')
	}
}

// fit finds the most columns for which there is room.
func (l *lister) fit(cells []string) (rows int, widths []int) {
	const between, least = 2, 3
	for n := min(len(cells), max(l.width/least, 1)); n > 1; n-- {
		rows = (len(cells) + n - 1) / n
		widths = make([]int, n)
		for i := range widths {
			widths[i] = least
		}
		for i, s := range cells {
			col := i / rows
			if l.format == 'x' {
				col = i % n
			}
			widths[col] = max(widths[col], l.locale().width(s)+between*b2i(col != n-1))
		}
		sum := 0
		for _, x := range widths {
			sum += x
		}
		if sum < l.width {
			return rows, widths
		}
	}
	return len(cells), []int{0}
}

// indent goes to a column, by tabs where they reach.
func (l *lister) indent(from, to int) {
	const tab = 8
	for from < to {
		if to/tab > (from+1)/tab {
			l.w.WriteByte('\t')
			from += tab - from%tab
		} else {
			l.w.WriteByte(' ')
			from++
		}
	}
}

// lsWidths are the widths of the columns of the long format.
type lsWidths struct {
	inode, blocks, links, owner, group, author, size, major, minor int
	quoted, acl                                                    bool
}

func (w *lsWidths) measure(l *lister, files []*lsFile) {
	for _, f := range files {
		if l.inode {
			w.inode = max(w.inode, len(f.inodeText()))
		}
		if l.blocks {
			w.blocks = max(w.blocks, len(l.fileBlocks(f)))
		}
		w.quoted = w.quoted || l.quote && l.shownName(f.name) != f.name
		if l.format != 'l' {
			continue
		}
		w.acl = w.acl || f.acl
		w.links = max(w.links, len(f.linksText()))
		w.owner = max(w.owner, len(l.owner(f)))
		w.group = max(w.group, len(l.group(f)))
		w.author = w.owner
		if f.isDevice() {
			w.major = max(w.major, len(strconv.Itoa(int(unix.Major(f.st.Rdev)))))
			w.minor = max(w.minor, len(strconv.Itoa(int(unix.Minor(f.st.Rdev)))))
			w.size = max(w.size, w.major+2+w.minor)
		} else {
			w.size = max(w.size, len(l.sizeText(f)))
		}
	}
}

func (f *lsFile) isDevice() bool {
	t := fileType(f.st)
	return t == unix.S_IFCHR || t == unix.S_IFBLK
}

func (f *lsFile) linksText() string {
	if !f.known {
		return "?"
	}
	return strconv.FormatUint(uint64(f.st.Nlink), 10)
}

func (f *lsFile) inodeText() string {
	if !f.known {
		return "?"
	}
	return strconv.FormatUint(f.st.Ino, 10)
}

func (l *lister) owner(f *lsFile) string {
	switch {
	case !f.known:
		return "?"
	case l.numeric:
		return strconv.FormatUint(uint64(f.st.Uid), 10)
	}
	return l.ownerText(f.st.Uid)
}

func (l *lister) group(f *lsFile) string {
	switch {
	case !f.known:
		return "?"
	case l.numeric:
		return strconv.FormatUint(uint64(f.st.Gid), 10)
	}
	return l.groupText(f.st.Gid)
}

func (l *lister) sizeText(f *lsFile) string {
	switch {
	case !f.known:
		return "?"
	case l.human != 0:
		return humanSize(uint64(f.st.Size), l.human)
	}
	return strconv.FormatInt(f.st.Size, 10)
}

func (l *lister) fileBlocks(f *lsFile) string {
	if !f.known {
		return "?"
	}
	return l.blockText(uint64(f.st.Blocks))
}

func (l *lister) blockText(blocks uint64) string {
	if l.human != 0 {
		return humanSize(blocks*512, l.human)
	}
	return strconv.FormatUint((blocks+1)/2, 10)
}

// short is a name with what -i, -s and -F add.
func (l *lister) short(f *lsFile, w *lsWidths) string {
	name := l.shownName(f.name)
	if w.quoted && (l.format == 'C' || l.format == 'x') && name == f.name {
		name = " " + name
	}
	text := l.prefix(f, w) + name
	if c := l.mark(f.st.Mode); c != 0 {
		text += string(c)
	}
	return text
}

func (l *lister) prefix(f *lsFile, w *lsWidths) (text string) {
	pad := func(s string, width int) string {
		if l.format == 'm' {
			width = 0
		}
		return strings.Repeat(" ", max(width-len(s), 0)) + s + " "
	}
	if l.inode {
		text = pad(f.inodeText(), w.inode)
	}
	if l.blocks {
		text += pad(l.fileBlocks(f), w.blocks)
	}
	return text
}

// mark is the sign of a file's type.
func (l *lister) mark(mode uint32) byte {
	kind := mode & unix.S_IFMT
	switch {
	case l.indicator == 0 || kind == 0:
	case kind == unix.S_IFDIR:
		return '/'
	case l.indicator == '/':
	case kind == unix.S_IFLNK:
		return '@'
	case kind == unix.S_IFIFO:
		return '|'
	case kind == unix.S_IFSOCK:
		return '='
	case kind == unix.S_IFREG && l.indicator == 'F' && mode&0o111 != 0:
		return '*'
	}
	return 0
}

func (l *lister) long(f *lsFile, w *lsWidths) {
	mode := modeText(f.st.Mode)
	if !f.known {
		mode = mode[:1] + "?????????"
	}
	l.w.WriteString(l.prefix(f, w) + mode)
	if f.acl {
		l.w.WriteByte('+')
	} else if w.acl {
		l.w.WriteByte(' ')
	}
	fmt.Fprintf(l.w, " %*s ", w.links, f.linksText())
	left := func(s string, width int) {
		if s[0] >= '0' && s[0] <= '9' {
			fmt.Fprintf(l.w, "%*s ", width, s)
		} else {
			fmt.Fprintf(l.w, "%-*s ", width, s)
		}
	}
	if !l.noOwner {
		left(l.owner(f), w.owner)
	}
	if !l.noGroup {
		left(l.group(f), w.group)
	}
	if l.author {
		left(l.owner(f), w.author)
	}
	if f.isDevice() && f.known {
		fmt.Fprintf(l.w, "%*d, %*d ", w.major+max(w.size-w.major-2-w.minor, 0),
			unix.Major(f.st.Rdev), w.minor, unix.Minor(f.st.Rdev))
	} else {
		fmt.Fprintf(l.w, "%*s ", w.size, l.sizeText(f))
	}
	l.w.WriteString(l.date(f) + " ")
	name := l.shownName(f.name)
	if w.quoted && name == f.name {
		name = " " + name
	}
	l.w.WriteString(name)
	mark := l.mark(f.st.Mode)
	if fileType(f.st) == unix.S_IFLNK {
		mark = 0
		if f.target != "" {
			l.w.WriteString(" -> " + l.shownName(f.target))
			mark = l.mark(f.targetMode)
		}
	}
	if mark != 0 {
		l.w.WriteByte(mark)
	}
	l.w.WriteByte('\n')
}

// halfYear is how long a date is shown with its time of day.
const halfYear = 31556952 / 2 * time.Second

func (l *lister) date(f *lsFile) string {
	if !f.known {
		return fmt.Sprintf("%*s", len(strftime(l.recent, l.now.In(l.zone))), "?")
	}
	when := timeOf(l.stamp(f), l.zone)
	format := l.old
	if when.After(l.now.Add(-halfYear)) && !when.After(l.now) {
		format = l.recent
	}
	return strftime(format, when)
}
