package files

import (
	"bytes"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/filemode"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var installOptions = [...]native.Option{
	{Key: 'd', Long: "directory"}, {Key: 'D'}, {Key: 'm', Long: "mode", Arg: native.NeedArg},
	{Key: 'o', Long: "owner", Arg: native.NeedArg}, {Key: 'g', Long: "group", Arg: native.NeedArg},
	{Key: 't', Long: "target-directory", Arg: native.NeedArg},
	{Key: 'T', Long: "no-target-directory"}, {Key: 'v', Long: "verbose"},
	{Key: 'p', Long: "preserve-timestamps"}, {Key: 'c'}, {Key: 'C', Long: "compare"},
	{Key: 'b'}, {Key: native.LongOnly, Long: "backup", Arg: native.OptArg},
	{Key: 'S', Long: "suffix", Arg: native.NeedArg},
	{Key: '!', Long: "context", Arg: native.OptArg}, {Key: '!', Long: "strip"},
	{Key: '!', Long: "strip-program", Arg: native.NeedArg}, {Key: '!', Long: "preserve-context"},
}

// An installer is one run of install(1).
type installer struct {
	*native.Call
	dirs, parents, verbose, times bool
	modeText                      string
	fileMode, dirMode             uint32
	owner, group                  string
	uid, gid                      int
	failed                        bool
	compare                       bool
	backup                        backups
	placed                        native.PlacedFiles
}

// Install is install(1).
func Install(c *native.Call) int {
	opts, args, problem := c.Options(installOptions[:], native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	n := installer{Call: c, backup: askedBackups(c), uid: -1, gid: -1, fileMode: 0o755, dirMode: 0o755}
	var to destination
	for _, o := range opts {
		switch o.Key {
		case 'T':
			to.noDir = true
		case 't':
			to.dir, to.hasDir = o.Value, true
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
		return c.UsageError(1, "options --compare (-C) and --preserve-timestamps are mutually exclusive")
	case n.dirs && to.hasDir:
		return c.Unsupported("-d with -t")
	case len(args) == 0:
		return c.UsageError(1, "missing file operand")
	case n.dirs:
		for _, name := range args {
			n.directory(name)
		}
		return n.status()
	}
	return n.files(&to, args)
}

func (n *installer) status() int { return native.BoolInt(n.failed) }

func (n *installer) set(o native.GivenOption) {
	switch o.Key {
	case 'd':
		n.dirs = true
	case 'D':
		n.parents = true
	case 'm':
		n.modeText = o.Value
	case 'o':
		n.owner = o.Value
	case 'g':
		n.group = o.Value
	case 'v':
		n.verbose = true
	case 'p':
		n.times = true
	case 'C':
		n.compare = true
	case 'b', native.LongOnly, 'S':
		n.backup.set(o)
	}
}

// prepare parses the mode and the owners. Unknown names and modes are left to the system's
// tool.
func (n *installer) prepare() (problem string) {
	if n.modeText != "" {
		changes, ok := filemode.Parse(n.modeText)
		if !ok {
			return "mode " + native.QuoteText(n.modeText).String()
		}
		n.fileMode = filemode.Adjust(0, false, 0, changes)
		n.dirMode = filemode.Adjust(0, true, 0, changes)
	}
	if problem := n.backup.choose(); problem != "" {
		return problem
	}
	ok := true
	if n.owner != "" {
		if n.uid, ok = n.NumberOfID(native.PasswdFile, n.owner); !ok {
			return "user " + native.QuoteText(n.owner).String()
		}
	}
	if n.group != "" {
		if n.gid, ok = n.NumberOfID(native.GroupFile, n.group); !ok {
			return "group " + native.QuoteText(n.group).String()
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
	if n.parents && to.hasDir && !to.noDir && !n.IsDir(to.dir) {
		n.makeParents(to.dir + "/x")
	}
	if n.parents && !to.hasDir && len(args) == 2 && !n.IsDir(args[1]) &&
		!strings.HasSuffix(args[1], "/") {
		to.name = args[1]
		args = args[:1]
	} else {
		st, err := n.Stat(to.dir)
		if err == nil && fsys.Type(st) != unix.S_IFDIR {
			err = unix.ENOTDIR
		}
		if to.hasDir && err != nil {
			n.fail("failed to access %s: %s", native.QuoteAlways(to.dir), clib.Strerror(err))
			return 1
		}
		var status int
		if args, status = resolveDestination(n.Call, to, args); status != 0 {
			return status
		}
	}
	n.placed = native.NewPlacedFiles(len(args))
	for _, name := range args {
		if at := to.of(name); n.file(name, at) {
			n.placed.Place(n.Call, at)
		}
	}
	return n.status()
}

// makeParents makes the missing parent directories of name, with mode 0755.
func (n *installer) makeParents(name string) bool {
	dir := fsys.DirPart(name)
	if dir == "." || dir == "/" || n.IsDir(dir) {
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
		if n.IsDir(made) {
			continue
		}
		if err := unix.Mkdirat(n.Dir, made, 0o777); err != nil {
			if err == unix.EEXIST {
				return n.fail("cannot create directory %s: %s", n.quoteDir(made),
					clib.Strerror(unix.ENOTDIR))
			}
			return n.fail("cannot create directory %s: %s", n.quoteDir(dir), clib.Strerror(err))
		}
		// The mode does not depend on the umask, so that the directories can be entered.
		_ = unix.Fchmodat(n.Dir, made, 0o755, 0)
		n.tellDir(made)
	}
	return true
}

// quoteDir quotes a directory in a message. install(1) quotes differently with -d and -D.
func (n *installer) quoteDir(name string) native.Quoted {
	if n.dirs {
		return native.QuoteText(name)
	}
	return native.QuoteAlways(name)
}

func (n *installer) tellDir(name string) {
	if n.verbose {
		n.Say("%s: creating directory %s\n", n.Name(), native.QuoteAlways(name))
	}
}

// directory is -d: it makes a directory and its parents.
func (n *installer) directory(name string) {
	trimmed := fsys.TrimSlashes(name)
	if !n.makeParents(path.Clean(trimmed)) {
		return
	}
	err := unix.Mkdirat(n.Dir, trimmed, 0o755)
	switch {
	case err == nil:
		n.tellDir(name)
	case !n.IsDir(trimmed):
		n.fail("cannot create directory %s: %s", native.QuoteText(name), clib.Strerror(err))
		return
	}
	if n.uid >= 0 || n.gid >= 0 {
		if err := unix.Fchownat(n.Dir, trimmed, n.uid, n.gid, 0); err != nil {
			n.fail("cannot change ownership of %s: %s", native.QuoteAlways(name), clib.Strerror(err))
			return
		}
	}
	if err := unix.Fchmodat(n.Dir, trimmed, n.dirMode, 0); err != nil {
		n.fail("cannot change permissions of %s: %s", native.QuoteAlways(name), clib.Strerror(err))
	}
}

func (n *installer) file(from, to string) bool {
	if n.parents && !n.makeParents(to) {
		return false
	}
	st, err := n.Stat(from)
	switch {
	case err != nil:
		return n.fail("cannot stat %s: %s", native.QuoteAlways(from), clib.Strerror(err))
	case fsys.Type(st) == unix.S_IFDIR:
		return n.fail("omitting directory %s", native.QuoteAlways(from))
	}
	old, err := n.Lstat(to)
	if n.compare && err == nil && n.isInstalled(from, to, old) {
		return true
	}
	removed, backup := false, ""
	if err == nil {
		switch {
		case fsys.Type(old) == unix.S_IFDIR:
			return n.fail("cannot overwrite directory %s with non-directory", native.QuoteAlways(to))
		case fsys.SameFile(old, st) && (from == to || old.Nlink == 1):
			return n.fail("%s and %s are the same file", native.QuoteAlways(from), native.QuoteAlways(to))
		case n.placed.Has(old, to):
			return n.fail("will not overwrite just-created %s with %s", native.QuoteAlways(to),
				native.QuoteAlways(from))
		}
	}
	in, openErr := n.OpenFile(from, unix.O_RDONLY, 0)
	if openErr != nil {
		return n.fail("cannot open %s for reading: %s", native.QuoteAlways(from), clib.Strerror(openErr))
	}
	defer func() { _ = in.Close() }()
	if err == nil && n.backup.kind != 0 {
		if backup = n.backup.name(n.Call, to); !n.rename(to, backup) {
			return false
		}
	} else if err == nil {
		if err := unix.Unlinkat(n.Dir, to, 0); err != nil {
			return n.fail("cannot remove %s: %s", native.QuoteAlways(to), clib.Strerror(err))
		}
		removed = true
	}
	if n.verbose {
		if removed {
			n.Say("removed %s\n", native.QuoteAlways(to))
		}
		n.tellFile(from, to, backup)
	}
	return n.write(in, from, to, st)
}

func (n *installer) tellFile(from, to, backup string) {
	if backup != "" {
		n.Say("%s -> %s (backup: %s)\n", native.QuoteAlways(from), native.QuoteAlways(to),
			native.QuoteAlways(backup))
		return
	}
	n.Say("%s -> %s\n", native.QuoteAlways(from), native.QuoteAlways(to))
}

func (n *installer) rename(from, to string) bool {
	if err := unix.Renameat(n.Dir, from, n.Dir, to); err != nil {
		return n.fail("cannot backup %s: %s", native.QuoteAlways(from), clib.Strerror(err))
	}
	return true
}

// isInstalled reports for -C that nothing is left to do: the destination has the same contents,
// mode and owners. A file with set-ID or sticky bits is always installed again.
func (n *installer) isInstalled(from, to string, old unix.Stat_t) bool {
	st, err := n.Lstat(from)
	uid, gid := n.uid, n.gid
	if uid < 0 {
		uid = unix.Getuid()
	}
	if gid < 0 {
		gid = unix.Getgid()
	}
	const special = filemode.AllModeBits &^ 0o777
	switch {
	case err != nil, fsys.Type(st) != unix.S_IFREG, fsys.Type(old) != unix.S_IFREG:
		return false
	case (st.Mode|old.Mode|n.fileMode)&special != 0, old.Mode&filemode.AllModeBits != n.fileMode,
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

// ended reports whether an error is the end of a file.
func ended(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }

// write makes the new file. Only its owner can read it until it has its mode.
func (n *installer) write(in *os.File, from, to string, st unix.Stat_t) bool {
	out, err := n.OpenFile(to, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o600)
	if err != nil {
		if err == unix.EISDIR && strings.HasSuffix(to, "/") {
			err = unix.ENOTDIR
		}
		return n.fail("cannot create regular file %s: %s", native.QuoteAlways(to), clib.Strerror(err))
	}
	defer func() { _ = out.Close() }()
	readErr, writeErr := copyFileData(out, in)
	if readErr != nil {
		return n.fail("error reading %s: %s", native.QuoteAlways(from), clib.Strerror(readErr))
	}
	if writeErr != nil {
		return n.fail("error writing %s: %s", native.QuoteAlways(to), clib.Strerror(writeErr))
	}
	fd := int(out.Fd())
	if n.times {
		times := []unix.Timespec{st.Atim, st.Mtim}
		if err := unix.UtimesNanoAt(n.Dir, to, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			n.fail("cannot set timestamps for %s: %s", native.QuoteAlways(to), clib.Strerror(err))
		}
	}
	if n.uid >= 0 || n.gid >= 0 {
		if err := unix.Fchown(fd, n.uid, n.gid); err != nil {
			return n.fail("cannot change ownership of %s: %s", native.QuoteAlways(to), clib.Strerror(err))
		}
	}
	if err := unix.Fchmod(fd, n.fileMode); err != nil {
		return n.fail("cannot change permissions of %s: %s", native.QuoteAlways(to), clib.Strerror(err))
	}
	return true
}
