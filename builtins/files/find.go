package files

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

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/dates"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// A finder is one run of find(1).
type finder struct {
	native.FileNames
	w      *bufio.Writer
	zone   *time.Location
	now    time.Time
	follow byte // 'P', 'H', 'L'
	expr   findExpr
	roots  []string

	maxDepth, minDepth int
	depthFirst, xdev   bool
	// These three detect -prune together with -delete. -delete turns on -depth, with which
	// -prune does nothing; find accepts that only if -depth is given.
	prunes, deletes, depth bool
	dayStart               bool
	ignoreRace             bool
	acts                   bool // the expression has an action other than -prune
	batches                []*findExec
	files                  []*findOutput

	status int
	quit   bool
	// above are the directories that find is in, from the operand down.
	above []*findDir
}

// A findExpr is an expression. It may prune the entry that it tests.
type findExpr func(e *findEntry) bool

// A findEntry is a file that find has reached.
type findEntry struct {
	dir   int    // the directory of name, or f.Dir
	name  string // relative to dir
	path  string // as shown
	root  int    // length of the operand in path
	depth int
	st    unix.Stat_t
	kind  uint32 // file type, 0 if it is not known yet
	known bool   // st is valid
	prune bool
}

// A findDir is a directory that find is in. In a deep tree, its file descriptor is closed and
// later opened again through ".." of a directory below.
type findDir struct {
	fd int
	id fsys.Inode
}

// openDirs is the number of directories that find keeps open.
const openDirs = 64

// Find is find(1). It opens each directory relative to its parent and does not follow a
// symbolic link that someone puts in the place of a directory.
func Find(c *native.Call) int {
	f := &finder{FileNames: native.FileNames{Call: c}, w: bufio.NewWriter(c.Stdout), now: time.Now(),
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
		return c.WriteError(err)
	}
	return f.status
}

func (f *finder) fail(path string, err error) {
	f.status = 1
	_ = f.w.Flush()
	f.Errorf("%s: %s", native.QuoteText(path), clib.Strerror(err))
}

func (f *finder) root(name string) {
	e := &findEntry{dir: f.Dir, name: name, path: name, root: len(name)}
	if err := f.status0(e); err != nil {
		f.fail(name, err)
		return
	}
	f.visit(e)
}

// status0 reads the status of an operand.
func (f *finder) status0(e *findEntry) error {
	flags := unix.AT_SYMLINK_NOFOLLOW
	if f.follow != 'P' {
		flags = 0
	}
	st, err := fsys.StatAt(e.dir, e.name, flags)
	if err != nil && flags == 0 {
		var lerr error
		if st, lerr = fsys.StatAt(e.dir, e.name, unix.AT_SYMLINK_NOFOLLOW); lerr == nil &&
			(err == unix.ENOENT || err == unix.ENOTDIR) {
			err = nil
		}
	}
	e.st, e.kind, e.known = st, fsys.Type(st), err == nil
	return err
}

// need reads the status of an entry if it is not known yet.
func (f *finder) need(e *findEntry) bool {
	if e.known {
		return true
	}
	flags := unix.AT_SYMLINK_NOFOLLOW
	if f.follow == 'L' {
		flags = 0
	}
	st, err := fsys.StatAt(e.dir, e.name, flags)
	if err != nil && flags == 0 && err == unix.ENOENT {
		st, err = fsys.StatAt(e.dir, e.name, unix.AT_SYMLINK_NOFOLLOW)
	}
	if err != nil {
		if err != unix.ENOENT || !f.ignoreRace {
			f.fail(e.path, err)
		}
		return false
	}
	e.st, e.kind, e.known = st, fsys.Type(st), true
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

// loops reports a directory that a symbolic link has reached again.
func (f *finder) loops(e *findEntry) bool {
	if f.follow != 'L' {
		return false
	}
	for _, d := range f.above {
		if d.id == fsys.InodeOf(e.st) {
			f.status = 1
			_ = f.w.Flush()
			f.Errorf("File system loop detected; %s is part of the same file system loop as %s.",
				native.QuoteText(e.path), native.QuoteText(f.loopStart(e, d)))
			return true
		}
	}
	return false
}

// loopStart returns the name of a directory that contains e.
func (f *finder) loopStart(e *findEntry, d *findDir) string {
	up := len(f.above) - slices.Index(f.above, d)
	path := e.path
	for range up {
		path = path[:strings.LastIndexByte(path, '/')]
	}
	return path
}

// foreign reports whether a directory is on another file system than the operand.
func (f *finder) foreign(e *findEntry) bool {
	return f.xdev && len(f.above) > 0 && f.above[0].id.Dev != e.st.Dev
}

func (f *finder) enter(e *findEntry) {
	flags := unix.O_NOFOLLOW
	if f.follow == 'L' || e.depth == 0 && f.follow == 'H' {
		flags = 0
	}
	d, err := fsys.OpenDirAt(e.dir, e.name, flags)
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
	if st, err := fsys.StatAt(fd, "", unix.AT_EMPTY_PATH); err == nil {
		here.id = fsys.InodeOf(st)
	}
	f.above = append(f.above, here)
	for _, entry := range list {
		if f.quit {
			break
		}
		if here.fd < 0 {
			break // reopen has failed and reported that
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

// findKind returns the file type in a directory entry, or 0 if the entry has none.
func findKind(entry os.DirEntry) uint32 {
	if entry.Type()&os.ModeIrregular != 0 {
		return 0
	}
	return typeOfDirent(entry.Type())
}

// list reads a directory and returns a dup of its file descriptor, which find owns.
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
		if st, err := fsys.StatAt(fd, e.Name(), unix.AT_SYMLINK_NOFOLLOW); err == nil {
			numbers[e.Name()] = st.Ino
		}
	}
	slices.SortStableFunc(list, func(a, b os.DirEntry) int {
		return cmp.Compare(numbers[a.Name()], numbers[b.Name()])
	})
}

// inMemory reports whether reading in the order of inodes has no advantage on a file system.
func inMemory(fd int) bool {
	var fs unix.Statfs_t
	return unix.Fstatfs(fd, &fs) == nil &&
		(fs.Type == unix.TMPFS_MAGIC || fs.Type == unix.NFS_SUPER_MAGIC)
}

// shut closes the file descriptor of a directory far above, if the tree is deep.
func (f *finder) shut() {
	if i := len(f.above) - openDirs; i >= 0 && f.above[i].fd >= 0 {
		_ = unix.Close(f.above[i].fd)
		f.above[i].fd = -1
	}
}

// reopen opens the parent of here again if it was closed. It checks that this is the same
// directory.
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
		st, err := fsys.StatAt(fd, "", unix.AT_EMPTY_PATH)
		if err == nil && fsys.InodeOf(st) == up.id {
			up.fd = fd
			return
		}
		_ = unix.Close(fd)
	}
	f.fail(e.path, unix.ENOENT)
}

// run runs a command of -exec or -execdir in a directory, by the rules of the shell. As with
// find(1), the command does not see output to files that is still in find's buffers.
func (f *finder) run(dir int, argv []string) int {
	_ = f.w.Flush()
	ended := f.RunIn(dir, f.OrBuiltin(argv), f.Blame("'%s': %s"), f.Stdin, f.Stdout, f.Stderr)
	if ended.Signal != 0 {
		f.Errorf("%s terminated by signal %d", native.QuoteText(argv[0]), ended.Signal)
	}
	return ended.Status
}

// A findExec is -exec COMMAND... {} +, or -execdir if there is set. The command runs in dir.
// identity is the inode of dir for -execdir.
type findExec struct {
	argv  []string // the words before {}
	names []string
	size  int

	there    bool
	dir      int
	identity fsys.Inode
}

// batchSize is find's limit for the arguments of one command.
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

// enter makes the directory of an entry the current one. It first runs the command for the
// names in another directory.
func (x *findExec) enter(f *finder, e *findEntry) (name string, err error) {
	fd, name, err := f.place(e)
	if err != nil {
		return "", err
	}
	st, err := fsys.StatAt(fd, "", unix.AT_EMPTY_PATH)
	if err == nil && x.dir >= 0 && fsys.InodeOf(st) == x.identity {
		_ = unix.Close(fd)
		return name, nil
	}
	x.leave(f)
	x.dir, x.identity = fd, fsys.InodeOf(st)
	return name, err
}

// leave runs the command for the pending names. It closes the directory of -execdir.
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
		f.Errorf("cannot delete %s: %s", native.QuoteText(e.path), clib.Strerror(err))
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
	d, err := fsys.OpenDirAt(e.dir, e.name, 0)
	if err != nil {
		f.fail(e.path, err)
		return false
	}
	defer func() { _ = d.Close() }()
	_, err = d.Readdirnames(1)
	return err == io.EOF
}

// ls is -ls: it writes a line like those of ls -dils.
func (f *finder) ls(w *bufio.Writer, e *findEntry) bool {
	if !f.need(e) {
		return false
	}
	st := e.st
	fmt.Fprintf(w, "%9d %6d %s %3d %-8s %-8s ", st.Ino, (st.Blocks+1)/2, native.ModeText(st.Mode),
		st.Nlink, f.OwnerText(st.Uid), f.GroupText(st.Gid))
	if t := fsys.Type(st); t == unix.S_IFCHR || t == unix.S_IFBLK {
		fmt.Fprintf(w, "%3d, %3d ", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	} else {
		fmt.Fprintf(w, "%8d ", st.Size)
	}
	when, format := native.TimeOf(st.Mtim, f.zone), "%b %e  %Y"
	if when.After(f.now.Add(-halfYear)) && when.Before(f.now.Add(time.Hour)) {
		format = "%b %e %H:%M"
	}
	w.WriteString(dates.Format(format, when) + " " + lsEscape(e.path))
	if fsys.Type(st) == unix.S_IFLNK {
		if target, err := fsys.ReadlinkAt(e.dir, e.name); err == nil {
			w.WriteString(" -> " + lsEscape(target))
		}
	}
	w.WriteByte('\n')
	return true
}

// lsEscape escapes a name as -ls does.
func lsEscape(name string) string {
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c == ' ' || c == '"':
			b.WriteString(`\` + string(c))
		case native.EscapeByte(c) != "":
			b.WriteString(native.EscapeByte(c))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
