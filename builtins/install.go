package builtins

import (
	"bytes"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

var installOptions = [...]option{
	{'d', "directory", noArg}, {'D', "", noArg}, {'m', "mode", needArg}, {'o', "owner", needArg},
	{'g', "group", needArg}, {'t', "target-directory", needArg},
	{'T', "no-target-directory", noArg}, {'v', "verbose", noArg},
	{'p', "preserve-timestamps", noArg}, {'c', "", noArg}, {'C', "compare", noArg},
	{'b', "", noArg}, {longOnly, "backup", optArg}, {'S', "suffix", needArg},
	{'!', "context", optArg}, {'!', "strip", noArg}, {'!', "strip-program", needArg},
	{'!', "preserve-context", noArg},
}

// An installer is one run of install.
type installer struct {
	*Call
	dirs, parents, verbose, times bool
	modeText                      string
	fileMode, dirMode             uint32
	owner, group                  string
	uid, gid                      int
	failed                        bool
	compare                       bool
	backup                        backups
	placed                        placedFiles
}

// runInstall is install(1).
func runInstall(c *Call) int {
	opts, args, problem := c.options(installOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	n := installer{Call: c, backup: c.backups(), uid: -1, gid: -1, fileMode: 0o755, dirMode: 0o755}
	var to destination
	for _, o := range opts {
		switch o.key {
		case 'T':
			to.noDir = true
		case 't':
			to.dir, to.hasDir = o.value, true
		default:
			n.set(o)
		}
	}
	if problem := n.prepare(); problem != "" {
		return c.Unsupported("%s", problem)
	}
	if n.compare && n.fileMode&^0o777 != 0 {
		c.Errorf("the --compare (-C) option is ignored when you specify a mode with non-permission bits")
	}
	switch {
	case n.compare && n.times:
		return c.usageError(1, "options --compare (-C) and --preserve-timestamps are mutually exclusive")
	case n.dirs && to.hasDir:
		return c.Unsupported("-d with -t")
	case len(args) == 0:
		return c.usageError(1, "missing file operand")
	case n.dirs:
		for _, name := range args {
			n.directory(name)
		}
		return n.status()
	}
	return n.files(&to, args)
}

func (n *installer) status() int { return b2i(n.failed) }

func (n *installer) set(o parsedOption) {
	switch o.key {
	case 'd':
		n.dirs = true
	case 'D':
		n.parents = true
	case 'm':
		n.modeText = o.value
	case 'o':
		n.owner = o.value
	case 'g':
		n.group = o.value
	case 'v':
		n.verbose = true
	case 'p':
		n.times = true
	case 'C':
		n.compare = true
	case 'b', longOnly, 'S':
		n.backup.set(o)
	}
}

// prepare reads mode and owners; names and modes it does not know are for the tool.
func (n *installer) prepare() (problem string) {
	if n.modeText != "" {
		changes, ok := parseMode(n.modeText)
		if !ok {
			return "mode " + quoteText(n.modeText).String()
		}
		n.fileMode = adjustMode(0, false, 0, changes)
		n.dirMode = adjustMode(0, true, 0, changes)
	}
	if problem := n.backup.choose(); problem != "" {
		return problem
	}
	ok := true
	if n.owner != "" {
		if n.uid, ok = n.idNumber(passwdFile, n.owner); !ok {
			return "user " + quoteText(n.owner).String()
		}
	}
	if n.group != "" {
		if n.gid, ok = n.idNumber(groupFile, n.group); !ok {
			return "group " + quoteText(n.group).String()
		}
	}
	return ""
}

func (n *installer) fail(format string, args ...any) bool {
	n.failed = true
	n.Errorf(format, args...)
	return false
}

func (n *installer) files(to *destination, args []string) int {
	if n.parents && to.hasDir && !to.noDir && !n.isDir(to.dir) {
		n.makeParents(to.dir + "/x")
	}
	if n.parents && !to.hasDir && len(args) == 2 && !n.isDir(args[1]) && !strings.HasSuffix(args[1], "/") {
		to.name = args[1]
		args = args[:1]
	} else {
		st, err := n.stat(to.dir)
		if err == nil && fileType(st) != unix.S_IFDIR {
			err = unix.ENOTDIR
		}
		if to.hasDir && err != nil {
			n.fail("failed to access %s: %s", quoteAlways(to.dir), Strerror(err))
			return 1
		}
		var status int
		if args, status = n.resolveDestination(to, args); status != 0 {
			return status
		}
	}
	n.placed = newPlacedFiles(len(args))
	for _, name := range args {
		if at := to.of(name); n.file(name, at) {
			n.placed.place(n.Call, at)
		}
	}
	return n.status()
}

// makeParents makes the directories that name is to be in, with the mode of those that
// nobody asked for.
func (n *installer) makeParents(name string) bool {
	dir := dirPart(name)
	if dir == "." || dir == "/" || n.isDir(dir) {
		return true
	}
	parts := strings.Split(strings.TrimPrefix(dir, "/"), "/")
	made := ""
	if strings.HasPrefix(dir, "/") {
		made = "/"
	}
	for _, part := range parts {
		if part == "" {
			continue
		}
		if made == "" || made == "/" {
			made += part
		} else {
			made += "/" + part
		}
		if n.isDir(made) {
			continue
		}
		if err := unix.Mkdirat(n.Dir, made, 0o777); err != nil {
			if err == unix.EEXIST {
				return n.fail("cannot create directory %s: %s", n.quoteDir(made),
					Strerror(unix.ENOTDIR))
			}
			return n.fail("cannot create directory %s: %s", n.quoteDir(dir), Strerror(err))
		}
		// Whoever makes directories on the way can enter them, whatever the mask.
		_ = unix.Fchmodat(n.Dir, made, 0o755, 0)
		n.tellDir(made)
	}
	return true
}

// quoteDir quotes a directory in a message as install does, with -d otherwise than with -D.
func (n *installer) quoteDir(name string) quoted {
	if n.dirs {
		return quoteText(name)
	}
	return quoteAlways(name)
}

func (n *installer) tellDir(name string) {
	if n.verbose {
		n.say("%s: creating directory %s\n", n.Name(), quoteAlways(name))
	}
}

// directory is -d: the directory and those on the way to it.
func (n *installer) directory(name string) {
	trimmed := trimSlashes(name)
	if !n.makeParents(path.Clean(trimmed)) {
		return
	}
	err := unix.Mkdirat(n.Dir, trimmed, 0o755)
	switch {
	case err == nil:
		n.tellDir(name)
	case !n.isDir(trimmed):
		n.fail("cannot create directory %s: %s", quoteText(name), Strerror(err))
		return
	}
	if n.uid >= 0 || n.gid >= 0 {
		if err := unix.Fchownat(n.Dir, trimmed, n.uid, n.gid, 0); err != nil {
			n.fail("cannot change ownership of %s: %s", quoteAlways(name), Strerror(err))
			return
		}
	}
	if err := unix.Fchmodat(n.Dir, trimmed, n.dirMode, 0); err != nil {
		n.fail("cannot change permissions of %s: %s", quoteAlways(name), Strerror(err))
	}
}

func (n *installer) file(from, to string) bool {
	if n.parents && !n.makeParents(to) {
		return false
	}
	st, err := n.stat(from)
	switch {
	case err != nil:
		return n.fail("cannot stat %s: %s", quoteAlways(from), Strerror(err))
	case fileType(st) == unix.S_IFDIR:
		return n.fail("omitting directory %s", quoteAlways(from))
	}
	old, err := n.lstat(to)
	if n.compare && err == nil && n.isInstalled(from, to, old) {
		return true
	}
	removed, backup := false, ""
	if err == nil {
		switch {
		case fileType(old) == unix.S_IFDIR:
			return n.fail("cannot overwrite directory %s with non-directory", quoteAlways(to))
		case sameFile(old, st) && (from == to || old.Nlink == 1):
			return n.fail("%s and %s are the same file", quoteAlways(from), quoteAlways(to))
		case n.placed.has(old, to):
			return n.fail("will not overwrite just-created %s with %s", quoteAlways(to),
				quoteAlways(from))
		}
	}
	in, openErr := n.OpenFile(from, unix.O_RDONLY, 0)
	if openErr != nil {
		return n.fail("cannot open %s for reading: %s", quoteAlways(from), Strerror(openErr))
	}
	defer func() { _ = in.Close() }()
	if err == nil && n.backup.kind != 0 {
		if backup = n.backup.name(n.Call, to); !n.rename(to, backup) {
			return false
		}
	} else if err == nil {
		if err := unix.Unlinkat(n.Dir, to, 0); err != nil {
			return n.fail("cannot remove %s: %s", quoteAlways(to), Strerror(err))
		}
		removed = true
	}
	if n.verbose {
		if removed {
			n.say("removed %s\n", quoteAlways(to))
		}
		n.tellFile(from, to, backup)
	}
	return n.write(in, from, to, st)
}

func (n *installer) tellFile(from, to, backup string) {
	if backup != "" {
		n.say("%s -> %s (backup: %s)\n", quoteAlways(from), quoteAlways(to), quoteAlways(backup))
		return
	}
	n.say("%s -> %s\n", quoteAlways(from), quoteAlways(to))
}

func (n *installer) rename(from, to string) bool {
	if err := unix.Renameat(n.Dir, from, n.Dir, to); err != nil {
		return n.fail("cannot backup %s: %s", quoteAlways(from), Strerror(err))
	}
	return true
}

// isInstalled says for -C that there is nothing to do: the same text with the mode and the
// owners that it would get. What has more bits than permissions is installed anew.
func (n *installer) isInstalled(from, to string, old unix.Stat_t) bool {
	st, err := n.lstat(from)
	uid, gid := n.uid, n.gid
	if uid < 0 {
		uid = unix.Getuid()
	}
	if gid < 0 {
		gid = unix.Getgid()
	}
	const special = allModeBits &^ 0o777
	switch {
	case err != nil, fileType(st) != unix.S_IFREG, fileType(old) != unix.S_IFREG:
		return false
	case (st.Mode|old.Mode|n.fileMode)&special != 0, old.Mode&allModeBits != n.fileMode,
		old.Size != st.Size, int(old.Uid) != uid, int(old.Gid) != gid:
		return false
	}
	return n.sameText(from, to)
}

func (n *installer) sameText(from, to string) bool {
	a, err := n.OpenFile(from, unix.O_RDONLY, 0)
	if err != nil {
		return false
	}
	defer func() { _ = a.Close() }()
	b, err := n.OpenFile(to, unix.O_RDONLY, 0)
	if err != nil {
		return false
	}
	defer func() { _ = b.Close() }()
	const size = 32 << 10
	one, two := make([]byte, size), make([]byte, size)
	for {
		i, errA := io.ReadFull(a, one)
		j, errB := io.ReadFull(b, two)
		if !bytes.Equal(one[:i], two[:j]) {
			return false
		}
		if errA != nil || errB != nil {
			return ended(errA) && ended(errB)
		}
	}
}

// ended tells the end of a file from what went wrong.
func ended(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }

// write makes the new file: nobody but its owner reads it before it has its mode.
func (n *installer) write(in *os.File, from, to string, st unix.Stat_t) bool {
	out, err := n.OpenFile(to, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o600)
	if err != nil {
		if err == unix.EISDIR && strings.HasSuffix(to, "/") {
			err = unix.ENOTDIR
		}
		return n.fail("cannot create regular file %s: %s", quoteAlways(to), Strerror(err))
	}
	defer func() { _ = out.Close() }()
	readErr, writeErr := copyFileData(out, in)
	if readErr != nil {
		return n.fail("error reading %s: %s", quoteAlways(from), Strerror(readErr))
	}
	if writeErr != nil {
		return n.fail("error writing %s: %s", quoteAlways(to), Strerror(writeErr))
	}
	fd := int(out.Fd())
	if n.times {
		times := []unix.Timespec{st.Atim, st.Mtim}
		if err := unix.UtimesNanoAt(n.Dir, to, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			n.fail("cannot set timestamps for %s: %s", quoteAlways(to), Strerror(err))
		}
	}
	if n.uid >= 0 || n.gid >= 0 {
		if err := unix.Fchown(fd, n.uid, n.gid); err != nil {
			return n.fail("cannot change ownership of %s: %s", quoteAlways(to), Strerror(err))
		}
	}
	if err := unix.Fchmod(fd, n.fileMode); err != nil {
		return n.fail("cannot change permissions of %s: %s", quoteAlways(to), Strerror(err))
	}
	return true
}
