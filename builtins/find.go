package builtins

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A finder is one run of find.
type finder struct {
	fileNames
	w      *bufio.Writer
	zone   *time.Location
	now    time.Time
	follow byte // 'P', 'H', 'L'
	expr   findExpr
	roots  []string

	maxDepth, minDepth int
	depthFirst, xdev   bool
	// -prune does nothing where -delete turns -depth on and nobody has asked for that.
	prunes, deletes, depth bool
	dayStart               bool
	ignoreRace             bool
	acts                   bool // an action other than -prune is there
	batches                []*findExec
	files                  []*findOutput

	status int
	quit   bool
	// depth is how many directories are open, and above the line of them.
	above []*findDir
}

// A findExpr is an expression; it may prune what it looks at.
type findExpr func(e *findEntry) bool

// A findEntry is a file that find has come to.
type findEntry struct {
	dir   int    // it is in, or f.Dir
	name  string // in dir
	path  string // as shown
	root  int    // length of the operand in path
	depth int
	st    unix.Stat_t
	kind  uint32 // the type, 0 where it is not known yet
	known bool   // st is
	prune bool
}

// A findDir is a directory that find is in. Its descriptor is closed where the tree is deep,
// and opened again by ".." of one below it.
type findDir struct {
	fd int
	id inode
}

// openDirs is how many directories find keeps open.
const openDirs = 64

// runFind is find(1). Directories are opened below their parents: a link that someone puts
// in place of one is not followed.
func runFind(c *Call) int {
	f := &finder{fileNames: fileNames{Call: c}, w: bufio.NewWriter(c.Stdout), now: time.Now(),
		follow: 'P', maxDepth: -1}
	if c.Getenv("POSIXLY_CORRECT") != "" {
		return c.Unsupported("POSIXLY_CORRECT")
	}
	p := findParser{finder: f, args: c.Args[1:]}
	if problem := p.parse(); problem != "" {
		return c.Unsupported("%s", problem)
	}
	if p.prunes && p.deletes && !p.depth && p.message == "" {
		p.message = "The -delete action automatically turns on -depth, but -prune does nothing " +
			"when -depth is in effect.  If you want to carry on anyway, just explicitly use " +
			"the -depth option."
	}
	if p.message != "" {
		c.Errorf("%s", p.message)
		return 1
	}
	if !f.openOutputs() {
		return 1
	}
	for _, root := range f.roots {
		if f.quit {
			break
		}
		f.root(root)
	}
	for _, b := range f.batches {
		b.leave(f)
	}
	f.closeOutputs()
	if err := f.w.Flush(); err != nil {
		return c.writeError(err)
	}
	return f.status
}

func (f *finder) fail(path string, err error) {
	f.status = 1
	_ = f.w.Flush()
	f.Errorf("%s: %s", quoteText(path), Strerror(err))
}

func (f *finder) root(name string) {
	e := &findEntry{dir: f.Dir, name: name, path: name, root: len(name)}
	if err := f.status0(e); err != nil {
		f.fail(name, err)
		return
	}
	f.visit(e)
}

// status0 takes the status of an operand.
func (f *finder) status0(e *findEntry) error {
	flags := unix.AT_SYMLINK_NOFOLLOW
	if f.follow != 'P' {
		flags = 0
	}
	st, err := statAt(e.dir, e.name, flags)
	if err != nil && flags == 0 {
		var lerr error
		if st, lerr = statAt(e.dir, e.name, unix.AT_SYMLINK_NOFOLLOW); lerr == nil &&
			(err == unix.ENOENT || err == unix.ENOTDIR) {
			err = nil
		}
	}
	e.st, e.kind, e.known = st, fileType(st), err == nil
	return err
}

// need takes the status of an entry, where it is not known yet.
func (f *finder) need(e *findEntry) bool {
	if e.known {
		return true
	}
	flags := unix.AT_SYMLINK_NOFOLLOW
	if f.follow == 'L' {
		flags = 0
	}
	st, err := statAt(e.dir, e.name, flags)
	if err != nil && flags == 0 && err == unix.ENOENT {
		st, err = statAt(e.dir, e.name, unix.AT_SYMLINK_NOFOLLOW)
	}
	if err != nil {
		if err != unix.ENOENT || !f.ignoreRace {
			f.fail(e.path, err)
		}
		return false
	}
	e.st, e.kind, e.known = st, fileType(st), true
	return true
}

func (f *finder) visit(e *findEntry) {
	if (e.kind == 0 || f.follow == 'L' && e.kind == unix.S_IFLNK) && !f.need(e) {
		return
	}
	isDir := e.kind == unix.S_IFDIR
	if isDir && e.depth > 0 && (f.follow == 'L' || f.xdev) && !f.need(e) {
		return
	}
	if isDir && f.loops(e) {
		return
	}
	if !f.depthFirst || !isDir {
		f.apply(e)
	}
	if isDir && !e.prune && !f.quit && (f.maxDepth < 0 || e.depth < f.maxDepth) &&
		!f.foreign(e) {
		f.enter(e)
	}
	if f.depthFirst && isDir && !f.quit {
		f.apply(e)
	}
}

func (f *finder) apply(e *findEntry) {
	if e.depth >= f.minDepth {
		f.expr(e)
	}
}

// loops tells a directory that a link has led round to.
func (f *finder) loops(e *findEntry) bool {
	if f.follow != 'L' {
		return false
	}
	for _, d := range f.above {
		if d.id == inodeOf(e.st) {
			f.status = 1
			_ = f.w.Flush()
			f.Errorf("File system loop detected; %s is part of the same file system loop as %s.",
				quoteText(e.path), quoteText(f.loopStart(e, d)))
			return true
		}
	}
	return false
}

// loopStart is the name of a directory above.
func (f *finder) loopStart(e *findEntry, d *findDir) string {
	up := len(f.above) - slices.Index(f.above, d)
	path := e.path
	for range up {
		path = path[:strings.LastIndexByte(path, '/')]
	}
	return path
}

// foreign tells a directory on another file system than the operand's.
func (f *finder) foreign(e *findEntry) bool {
	return f.xdev && len(f.above) > 0 && f.above[0].id.dev != e.st.Dev
}

func (f *finder) enter(e *findEntry) {
	flags := unix.O_NOFOLLOW
	if f.follow == 'L' || e.depth == 0 && f.follow == 'H' {
		flags = 0
	}
	d, err := openDirAt(e.dir, e.name, flags)
	if err != nil {
		f.fail(e.path, err)
		return
	}
	fd, list, err := f.list(d)
	if err != nil {
		f.fail(e.path, err)
	}
	if fd < 0 {
		return
	}
	f.shut()
	here := &findDir{fd: fd}
	if st, err := statAt(fd, "", unix.AT_EMPTY_PATH); err == nil {
		here.id = inodeOf(st)
	}
	f.above = append(f.above, here)
	for _, entry := range list {
		if f.quit {
			break
		}
		if here.fd < 0 {
			break // it could not be opened again, which was told
		}
		f.visit(&findEntry{dir: here.fd, name: entry.Name(), path: findJoin(e.path, entry.Name()),
			root: e.root, depth: e.depth + 1, kind: findKind(entry)})
	}
	f.above = f.above[:len(f.above)-1]
	f.reopen(here, e)
	_ = unix.Close(here.fd)
}

func findJoin(dir, name string) string {
	if strings.HasSuffix(dir, "/") {
		return dir + name
	}
	return dir + "/" + name
}

// findKind is the type as the directory tells it, 0 where it does not.
func findKind(entry os.DirEntry) uint32 {
	if entry.Type()&os.ModeIrregular != 0 {
		return 0
	}
	return typeOfDirent(entry.Type())
}

// list reads a directory and returns a descriptor of it that is find's own.
func (f *finder) list(d *os.File) (fd int, list []os.DirEntry, err error) {
	defer func() { _ = d.Close() }()
	list, err = d.ReadDir(-1)
	fd, dupErr := unix.FcntlInt(d.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if dupErr != nil {
		return -1, nil, dupErr
	}
	const sortedFrom = 10000 // as fts(3): by inode, which is faster on disks
	if len(list) > sortedFrom && !inMemory(fd) {
		sortByInode(fd, list)
	}
	return fd, list, err
}

func sortByInode(fd int, list []os.DirEntry) {
	numbers := make(map[string]uint64, len(list))
	for _, e := range list {
		if st, err := statAt(fd, e.Name(), unix.AT_SYMLINK_NOFOLLOW); err == nil {
			numbers[e.Name()] = st.Ino
		}
	}
	slices.SortStableFunc(list, func(a, b os.DirEntry) int {
		return cmp.Compare(numbers[a.Name()], numbers[b.Name()])
	})
}

// inMemory tells file systems on which the order of inodes means nothing.
func inMemory(fd int) bool {
	var fs unix.Statfs_t
	return unix.Fstatfs(fd, &fs) == nil && (fs.Type == unix.TMPFS_MAGIC || fs.Type == unix.NFS_SUPER_MAGIC)
}

// shut closes a directory far above, where the tree is deep.
func (f *finder) shut() {
	if i := len(f.above) - openDirs; i >= 0 && f.above[i].fd >= 0 {
		_ = unix.Close(f.above[i].fd)
		f.above[i].fd = -1
	}
}

// reopen opens the directory before here again, if it was closed, and no other in its place.
func (f *finder) reopen(here *findDir, e *findEntry) {
	if len(f.above) == 0 {
		return
	}
	up := f.above[len(f.above)-1]
	if up.fd >= 0 {
		return
	}
	fd, err := unix.Openat(here.fd, "..", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		st, err := statAt(fd, "", unix.AT_EMPTY_PATH)
		if err == nil && inodeOf(st) == up.id {
			up.fd = fd
			return
		}
		_ = unix.Close(fd)
	}
	f.fail(e.path, unix.ENOENT)
}

// run runs a command of -exec or -execdir in a directory by the rules of the shell. Of
// what is written to other files it sees what find's buffers do not have, as with find(1).
func (f *finder) run(dir int, argv []string) int {
	_ = f.w.Flush()
	ended := f.RunIn(dir, f.orBuiltin(argv), f.blame("'%s': %s"), f.Stdin, f.Stdout, f.Stderr)
	if ended.Signal != 0 {
		f.Errorf("%s terminated by signal %d", quoteText(argv[0]), ended.Signal)
	}
	return ended.Status
}

// orBuiltin has the shell run what is no program on this host, but a built-in utility of
// any shell.
func (c *Call) orBuiltin(argv []string) []string {
	switch argv[0] {
	case "echo", "printf", "test", "[", "pwd", "kill":
		if !c.inPath(argv[0]) {
			return append([]string{"sh", "-c", `"$@"`, "sh"}, argv...)
		}
	}
	return argv
}

// inPath tells whether a directory of PATH has a file of that name.
func (c *Call) inPath(name string) bool {
	list := c.Getenv("PATH")
	if list == "" { // as execvp(3)
		list = "/bin:/usr/bin"
	}
	for dir := range strings.SplitSeq(list, ":") {
		if _, err := statAt(c.Dir, joinName(dir, name), 0); err == nil && dir != "" {
			return true
		}
	}
	return false
}

// A findExec is -exec COMMAND... {} +, or with there -execdir, whose names are those in the
// directory dir; identity is that of it.
type findExec struct {
	argv  []string // before {}
	names []string
	size  int

	there    bool
	dir      int
	identity inode
}

// batchSize bounds the arguments of one command, as find does.
const batchSize = 128 << 10

func (x *findExec) add(f *finder, e *findEntry) {
	name := e.path
	if x.there {
		var err error
		if name, err = x.enter(f, e); err != nil {
			f.fail(e.path, err)
			return
		}
	}
	if cost := len(name) + 9; x.size+cost > batchSize-2048 && len(x.names) > 0 {
		x.flush(f)
	}
	x.size += len(name) + 9
	x.names = append(x.names, name)
}

// enter runs what is to be run in another directory than that of the entry.
func (x *findExec) enter(f *finder, e *findEntry) (name string, err error) {
	fd, name, err := f.place(e)
	if err != nil {
		return "", err
	}
	st, err := statAt(fd, "", unix.AT_EMPTY_PATH)
	if err == nil && x.dir >= 0 && inodeOf(st) == x.identity {
		_ = unix.Close(fd)
		return name, nil
	}
	x.leave(f)
	x.dir, x.identity = fd, inodeOf(st)
	return name, err
}

// leave runs the rest; a batch of -exec is run where find is.
func (x *findExec) leave(f *finder) {
	x.flush(f)
	if x.there && x.dir >= 0 {
		_ = unix.Close(x.dir)
		x.dir = -1
	}
}

func (x *findExec) flush(f *finder) {
	if len(x.names) == 0 {
		return
	}
	argv := append(append([]string{}, x.argv...), x.names...)
	x.names, x.size = nil, 0
	if f.run(x.dir, argv) != 0 {
		f.status = 1
	}
}

// remove is -delete.
func (f *finder) remove(e *findEntry) bool {
	if e.path == "." {
		return true
	}
	flags := 0
	if e.kind == unix.S_IFDIR {
		flags = unix.AT_REMOVEDIR
	}
	err := unix.Unlinkat(e.dir, e.name, flags)
	if err == unix.EISDIR {
		err = unix.Unlinkat(e.dir, e.name, unix.AT_REMOVEDIR)
	}
	if err != nil && (err != unix.ENOENT || !f.ignoreRace) {
		f.status = 1
		_ = f.w.Flush()
		f.Errorf("cannot delete %s: %s", quoteText(e.path), Strerror(err))
		return false
	}
	return true
}

// isEmpty is -empty.
func (f *finder) isEmpty(e *findEntry) bool {
	switch {
	case e.kind == unix.S_IFREG:
		return f.need(e) && e.st.Size == 0
	case e.kind != unix.S_IFDIR:
		return false
	}
	d, err := openDirAt(e.dir, e.name, 0)
	if err != nil {
		f.fail(e.path, err)
		return false
	}
	defer func() { _ = d.Close() }()
	_, err = d.Readdirnames(1)
	return err == io.EOF
}

// ls is -ls: a line as of ls -dils.
func (f *finder) ls(w *bufio.Writer, e *findEntry) bool {
	if !f.need(e) {
		return false
	}
	st := e.st
	fmt.Fprintf(w, "%9d %6d %s %3d %-8s %-8s ", st.Ino, (st.Blocks+1)/2, modeText(st.Mode),
		st.Nlink, f.ownerText(st.Uid), f.groupText(st.Gid))
	if t := fileType(st); t == unix.S_IFCHR || t == unix.S_IFBLK {
		fmt.Fprintf(w, "%3d, %3d ", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	} else {
		fmt.Fprintf(w, "%8d ", st.Size)
	}
	when, format := timeOf(st.Mtim, f.zone), "%b %e  %Y"
	if when.After(f.now.Add(-halfYear)) && when.Before(f.now.Add(time.Hour)) {
		format = "%b %e %H:%M"
	}
	w.WriteString(strftime(format, when) + " " + lsEscape(e.path))
	if fileType(st) == unix.S_IFLNK {
		if target, err := readlinkAt(e.dir, e.name); err == nil {
			w.WriteString(" -> " + lsEscape(target))
		}
	}
	w.WriteByte('\n')
	return true
}

// lsEscape writes a name as -ls does.
func lsEscape(name string) string {
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c == ' ' || c == '"':
			b.WriteString(`\` + string(c))
		case escapeByte(c) != "":
			b.WriteString(escapeByte(c))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
