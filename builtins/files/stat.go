package files

import (
	"bufio"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/dates"
	"overlayboot/builtins/base/filemode"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/mountinfo"
	"overlayboot/builtins/native"
)

var statOptions = [...]native.Option{
	{Key: 'c', Long: "format", Arg: native.NeedArg},
	{Key: native.LongOnly, Long: "printf", Arg: native.NeedArg}, {Key: 'f', Long: "file-system"},
	{Key: 'L', Long: "dereference"}, {Key: 't', Long: "terse"},
}

const (
	statTerse   = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n"
	statFSTerse = "%n %i %l %t %s %S %b %f %a %c %d\n"
	statDefault = "  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\n" +
		"Device: %Hd,%Ld\tInode: %-11i Links: "
	statPlain    = "%h\n"
	statDevice   = "%-5h Device type: %Hr,%Lr\n"
	statDefault2 = "Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\n" +
		"Access: %x\nModify: %y\nChange: %z\n Birth: %w\n"
	statFSDefault = "  File: \"%n\"\n    ID: %-8i Namelen: %-7l Type: %T\n" +
		"Block size: %-10s Fundamental block size: %S\n" +
		"Blocks: Total: %-10b Free: %-10f Available: %a\n" +
		"Inodes: Total: %-10c Free: %d\n"
)

type statRun struct {
	native.FileNames
	w          *bufio.Writer
	zone       *time.Location
	format     string
	escapes    bool // of --printf
	fs, follow bool
	failed     bool
}

// Stat is stat(1).
func Stat(c *native.Call) int {
	opts, names, problem := c.Options(statOptions[:], native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if c.Getenv("QUOTING_STYLE") != "" {
		return c.Unsupported("QUOTING_STYLE")
	}
	s := statRun{FileNames: native.FileNames{Call: c}, w: c.Buffered()}
	terse, given := false, false
	for _, o := range opts {
		switch o.Key {
		case 'c':
			s.format, s.escapes, given = o.Value+"\n", false, true
		case native.LongOnly:
			s.format, s.escapes, given = o.Value, true, true
		case 'f':
			s.fs = true
		case 'L':
			s.follow = true
		case 't':
			terse = true
		}
	}
	if problem := s.check(); problem != "" {
		return c.Unsupported("%s", problem)
	}
	if len(names) == 0 {
		return c.UsageError(1, "missing operand")
	}
	if !given {
		s.format = s.ownFormat(terse)
	}
	s.zone = c.TimeZone()
	for _, name := range names {
		s.file(name)
	}
	status := 0
	if s.failed {
		status = 1
	}
	return c.Flush(s.w, status)
}

func (s *statRun) ownFormat(terse bool) string {
	switch {
	case s.fs && terse:
		return statFSTerse
	case s.fs:
		return statFSDefault
	case terse:
		return statTerse
	}
	return ""
}

// known returns the letters of the directives. Other letters are unknown to stat(1) too.
func (s *statRun) known() string {
	if s.fs {
		return "abcdfilnsStT"
	}
	return "aAbBdDfFgGhimnNorRstTuUwWxXyYzZ"
}

// check finds wrong directives and escapes.
func (s *statRun) check() (problem string) {
	for i := 0; i < len(s.format); i++ {
		switch {
		case s.format[i] == '\\' && s.escapes:
			if i++; i < len(s.format) && strings.IndexByte("xuU", s.format[i]) >= 0 {
				return "escape " + s.format[i-1:i+1]
			}
			if i == len(s.format) {
				return "a backslash at the end"
			}
		case s.format[i] == '%':
			d, next := native.CutStatDirective(s.format, i)
			if d.Letter == 0 || d.Letter == '%' && next != i+2 ||
				d.Part != 0 && (s.fs || strings.IndexByte("dr", d.Letter) < 0) {
				return "directive " + s.format[i:next]
			}
			i = next - 1
		}
	}
	return ""
}

func (s *statRun) file(name string) {
	if s.fs {
		s.fileSystem(name)
		return
	}
	var x unix.Statx_t
	err := s.statx(name, &x)
	if err != nil {
		s.failed = true
		_ = s.w.Flush()
		s.Errorf("cannot statx %s: %s", native.QuoteAlways(name), clib.Strerror(err))
		return
	}
	f := statFile{statRun: s, name: name, st: statOfStatx(x), x: x}
	format := s.format
	if format == "" {
		format = statDefault + statPlain + statDefault2
		if t := fsys.Type(f.st); t == unix.S_IFCHR || t == unix.S_IFBLK {
			format = statDefault + statDevice + statDefault2
		}
	}
	s.print(format, f.field)
}

func (s *statRun) statx(name string, x *unix.Statx_t) error {
	if name == "-" {
		fd := native.FD(s.Stdin)
		if fd < 0 {
			return unix.EBADF
		}
		return unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_ALL, x)
	}
	flags := unix.AT_NO_AUTOMOUNT
	if !s.follow {
		flags |= unix.AT_SYMLINK_NOFOLLOW
	}
	return fsys.Retry(func() error { return unix.Statx(s.Dir, name, flags, unix.STATX_ALL, x) })
}

func statOfStatx(x unix.Statx_t) unix.Stat_t {
	spec := func(t unix.StatxTimestamp) unix.Timespec {
		return unix.Timespec{Sec: t.Sec, Nsec: int64(t.Nsec)}
	}
	st := unix.Stat_t{Dev: unix.Mkdev(x.Dev_major, x.Dev_minor), Ino: x.Ino,
		Mode: uint32(x.Mode), Uid: x.Uid, Gid: x.Gid,
		Rdev: unix.Mkdev(x.Rdev_major, x.Rdev_minor), Size: int64(x.Size),
		Blocks: int64(x.Blocks), Atim: spec(x.Atime), Mtim: spec(x.Mtime), Ctim: spec(x.Ctime)}
	setField(&st.Nlink, x.Nlink)
	setField(&st.Blksize, x.Blksize)
	return st
}

// setField sets a field whose type depends on the architecture.
func setField[T int32 | int64 | uint32 | uint64](field *T, value uint32) { *field = T(value) }

// print writes a format. field returns the value of a directive.
func (s *statRun) print(format string, field func(d native.StatDirective) statValue) {
	for i := 0; i < len(format); i++ {
		c := format[i]
		switch {
		case c == '\\' && s.escapes:
			i = s.escape(format, i+1)
		case c == '%':
			var d native.StatDirective
			d, i = native.CutStatDirective(format, i)
			i--
			if d.Letter == '%' {
				s.w.WriteByte('%')
				continue
			}
			if strings.IndexByte(s.known(), d.Letter) < 0 {
				s.w.WriteByte('?')
				continue
			}
			v := field(d)
			s.w.WriteString(show(d, v))
			if v.target != "" {
				s.w.WriteString(" -> " + show(d, statText(v.target)))
			}
		default:
			s.w.WriteByte(c)
		}
	}
}

func (s *statRun) escape(format string, i int) (last int) {
	c := format[i]
	if '0' <= c && c <= '7' {
		n, end := 0, i
		for ; end < len(format) && end < i+3 && '0' <= format[end] && format[end] <= '7'; end++ {
			n = n*8 + int(format[end]-'0')
		}
		s.w.WriteByte(byte(n))
		return end - 1
	}
	if at := strings.IndexByte("abefnrtv\"\\", c); at >= 0 {
		s.w.WriteByte("\a\b\033\f\n\r\t\v\"\\"[at])
		return i
	}
	_ = s.w.Flush()
	s.Errorf("warning: unrecognized escape '\\%c'", c)
	s.w.WriteByte(c)
	return i
}

// A statValue is a text, a number in some base, or a time.
type statValue struct {
	kind   byte // 's', 'd', 'u', 'x', 'o', 't'
	text   string
	number uint64
	nanos  int64
	target string // target of a symbolic link, formatted like the text
}

func statText(s string) statValue              { return statValue{kind: 's', text: s} }
func statNumber(kind byte, n uint64) statValue { return statValue{kind: kind, number: n} }

// show formats a value as printf(3) does.
func show(d native.StatDirective, v statValue) string {
	flags := d.Flags
	width := ""
	if d.Width >= 0 {
		width = strconv.Itoa(d.Width)
	}
	precision := ""
	if d.Precision >= 0 {
		precision = "." + strconv.Itoa(d.Precision)
	}
	pick := func(allowed string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(allowed, r) {
				return r
			}
			return -1
		}, flags)
	}
	if strings.Contains(flags, "-") || precision != "" && v.kind != 's' && v.kind != 't' {
		flags = strings.ReplaceAll(flags, "0", "") // as in C
	}
	alternate := "-0#"
	if v.number == 0 {
		alternate = "-0" // as in C, 0 has no prefix
	}
	switch v.kind {
	case 's':
		return fmt.Sprintf("%"+pick("-")+width+precision+"s", v.text)
	case 'd':
		return fmt.Sprintf("%"+pick("-+ 0")+width+precision+"d", int64(v.number))
	case 'u':
		return fmt.Sprintf("%"+pick("-0")+width+precision+"d", v.number)
	case 'x':
		return fmt.Sprintf("%"+pick(alternate)+width+precision+"x", v.number)
	case 'o':
		return fmt.Sprintf("%"+pick(alternate)+width+precision+"o", v.number)
	}
	return seconds(d, v, pick, width)
}

// seconds formats a time since 1970. The precision is the number of decimals.
func seconds(d native.StatDirective, v statValue, pick func(string) string, width string) string {
	whole, nanos := int64(v.number), v.nanos
	if d.AllDigits {
		d.Precision = 9
	}
	text := strconv.FormatInt(whole, 10)
	if whole < 0 && nanos > 0 && d.Precision > 0 {
		whole, nanos = whole+1, 1e9-nanos
		if text = strconv.FormatInt(whole, 10); whole == 0 {
			text = "-0"
		}
	}
	if d.Precision > 0 {
		digits := strconv.FormatInt(1e9+nanos, 10)[1:]
		if d.Precision < 9 {
			digits = digits[:d.Precision]
		}
		text += "." + digits + strings.Repeat("0", max(d.Precision-9, 0))
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	} else if p := pick("+ "); strings.Contains(p, "+") {
		sign = "+"
	} else if p != "" {
		sign = " "
	}
	fill := max(d.Width-len(sign)-len(text), 0)
	switch f := pick("-0"); {
	case strings.Contains(f, "-"):
		return sign + text + strings.Repeat(" ", fill)
	case f != "":
		return sign + strings.Repeat("0", fill) + text
	}
	return strings.Repeat(" ", fill) + sign + text
}

// A statFile is one file with the values of its directives.
type statFile struct {
	*statRun
	name string
	st   unix.Stat_t
	x    unix.Statx_t
}

func (f statFile) field(d native.StatDirective) statValue {
	st := f.st
	switch d.Letter {
	case 'n':
		return statText(f.name)
	case 'N':
		return f.quoted()
	case 'm':
		return statText(f.mountPoint())
	case 'a':
		return statNumber('o', uint64(st.Mode&filemode.AllModeBits))
	case 'A':
		return statText(native.ModeText(st.Mode))
	case 'f':
		return statNumber('x', uint64(st.Mode))
	case 'F':
		return statText(native.TypeText(st))
	case 'd', 'r':
		return deviceField(d, map[byte]uint64{'d': st.Dev, 'r': st.Rdev}[d.Letter])
	case 'D':
		return statNumber('x', st.Dev)
	case 'R':
		return statNumber('x', st.Rdev)
	case 't':
		return statNumber('x', uint64(unix.Major(st.Rdev)))
	case 'T':
		return statNumber('x', uint64(unix.Minor(st.Rdev)))
	case 'u':
		return statNumber('u', uint64(st.Uid))
	case 'g':
		return statNumber('u', uint64(st.Gid))
	case 'U', 'G':
		return statText(f.ownerName(d.Letter))
	}
	return f.numberField(d.Letter)
}

func deviceField(d native.StatDirective, device uint64) statValue {
	switch d.Part {
	case 'H':
		return statNumber('u', uint64(unix.Major(device)))
	case 'L':
		return statNumber('u', uint64(unix.Minor(device)))
	}
	return statNumber('u', device)
}

func (f statFile) ownerName(letter byte) string {
	name, ok := "", false
	if letter == 'U' {
		name, ok = f.User(f.st.Uid)
	} else {
		name, ok = f.Group(f.st.Gid)
	}
	if !ok {
		return "UNKNOWN"
	}
	return name
}

func (f statFile) numberField(letter byte) statValue {
	st := f.st
	switch letter {
	case 'h':
		return statNumber('u', uint64(st.Nlink))
	case 'i':
		return statNumber('u', st.Ino)
	case 's':
		return statNumber('d', uint64(st.Size))
	case 'b':
		return statNumber('u', uint64(st.Blocks))
	case 'B':
		return statNumber('u', 512)
	case 'o':
		return statNumber('u', uint64(st.Blksize))
	case 'x', 'X':
		return f.timeField(letter == 'x', st.Atim)
	case 'y', 'Y':
		return f.timeField(letter == 'y', st.Mtim)
	case 'z', 'Z':
		return f.timeField(letter == 'z', st.Ctim)
	}
	if f.x.Mask&unix.STATX_BTIME == 0 {
		if letter == 'w' {
			return statText("-")
		}
		return statValue{kind: 't'}
	}
	return f.timeField(letter == 'w',
		unix.Timespec{Sec: f.x.Btime.Sec, Nsec: int64(f.x.Btime.Nsec)})
}

func (f statFile) timeField(human bool, ts unix.Timespec) statValue {
	if human {
		return statText(dates.Format("%Y-%m-%d %H:%M:%S.%N %z", native.TimeOf(ts, f.zone)))
	}
	return statValue{kind: 't', number: uint64(ts.Sec), nanos: ts.Nsec}
}

// quoted returns the name, with the target of a symbolic link.
func (f statFile) quoted() statValue {
	quote := func(name string) string { return f.Call.Quoted(native.QuoteAlways(name)) }
	// Names are quoted only if the given format has a plain %N, without flags or width.
	if !strings.Contains(f.format, "%N") {
		quote = func(name string) string { return name }
	}
	text := statText(quote(f.name))
	if fsys.Type(f.st) != unix.S_IFLNK {
		return text
	}
	target, err := fsys.ReadlinkAt(f.Dir, f.name)
	if err != nil {
		f.failed = true
		f.Errorf("cannot read symbolic link %s: %s", native.QuoteAlways(f.name), clib.Strerror(err))
		return text
	}
	text.target = quote(target)
	return text
}

// mountPoint finds the nearest directory above the file, or the file itself, that is a mount
// point.
func (f statFile) mountPoint() string {
	name := f.name
	if fsys.Type(f.st) == unix.S_IFLNK && !f.follow {
		name = fsys.DirPart(f.name)
	}
	full, err := f.Canonical(name, fsys.NoneMissing, false)
	if err != nil {
		f.failed = true
		f.Errorf("failed to canonicalize %s: %s", native.QuoteAlways(f.name), clib.Strerror(err))
		return "?"
	}
	if table, err := f.MountTable(); err == nil {
		for dir := full; ; dir = path.Dir(dir) {
			if _, ok := mountinfo.At(table, dir); ok {
				return dir
			}
			if dir == "/" {
				break
			}
		}
	}
	return "?"
}

func (s *statRun) fileSystem(name string) {
	if name == "-" {
		s.failed = true
		s.Errorf("using '-' to denote standard input does not work in file system mode")
		return
	}
	var fs unix.Statfs_t
	fd, err := unix.Openat(s.Dir, name, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err == nil {
		err = fsys.Retry(func() error { return unix.Fstatfs(fd, &fs) })
		_ = unix.Close(fd)
	}
	if err != nil {
		s.failed = true
		_ = s.w.Flush()
		s.Errorf("cannot read file system information for %s: %s", native.QuoteAlways(name),
			clib.Strerror(err))
		return
	}
	s.print(s.format, func(d native.StatDirective) statValue { return fsField(d.Letter, name, fs) })
}

func fsField(letter byte, name string, fs unix.Statfs_t) statValue {
	switch letter {
	case 'n':
		return statText(name)
	case 'a':
		return statNumber('d', fs.Bavail)
	case 'b':
		return statNumber('u', fs.Blocks)
	case 'c':
		return statNumber('u', fs.Files)
	case 'd':
		return statNumber('d', fs.Ffree)
	case 'f':
		return statNumber('d', fs.Bfree)
	case 'i':
		id := uint64(uint32(fs.Fsid.Val[0]))<<32 | uint64(uint32(fs.Fsid.Val[1]))
		return statNumber('x', id)
	case 'l':
		return statNumber('u', uint64(fs.Namelen))
	case 's':
		return statNumber('u', uint64(fs.Bsize))
	case 'S':
		if fs.Frsize != 0 {
			return statNumber('u', uint64(fs.Frsize))
		}
		return statNumber('u', uint64(fs.Bsize))
	case 't':
		return statNumber('x', uint64(fs.Type))
	}
	return statText(fsTypeName(fs.Type))
}

// fsTypeName returns stat(1)'s name for a file system type number of statfs(2).
func fsTypeName(number int64) string {
	for _, t := range [...]struct {
		number int64
		name   string
	}{
		{0xef53, "ext2/ext3"}, {0x01021994, "tmpfs"}, {0x9fa0, "proc"}, {0x62656572, "sysfs"},
		{0x794c7630, "overlayfs"}, {0x73717368, "squashfs"}, {0x58465342, "xfs"},
		{0x9123683e, "btrfs"}, {0x858458f6, "ramfs"}, {0x6969, "nfs"}, {0x1cd1, "devpts"},
		{0x63677270, "cgroup2fs"}, {0x27e0eb, "cgroupfs"}, {0x64626720, "debugfs"},
		{0x74726163, "tracefs"}, {0x73636673, "securityfs"}, {0xcafe4a11, "bpf_fs"},
		{0x6165676c, "pstorefs"}, {0x958458f6, "hugetlbfs"}, {0x19800202, "mqueue"},
		{0x4d44, "msdos"}, {0x9660, "isofs"}, {0x65735546, "fuseblk"},
		{0x6e736673, "nsfs"}, {0x62656570, "configfs"}, {0x0187, "autofs"},
		{0xf2f52010, "f2fs"}, {0xe0f5e1e2, "erofs"}, {0x2fc12fc1, "zfs"}, {0xff534d42, "cifs"},
		{0xfe534d42, "smb2"}, {0x01021997, "v9fs"}, {0x2011bab0, "exfat"},
		{0x5346544e, "ntfs"}, {0xde5e81e4, "efivarfs"}, {0x42494e4d, "binfmt_misc"},
		{0x50495045, "pipefs"}, {0x534f434b, "sockfs"}, {0x09041934, "anon-inode FS"},
		{0x65735543, "fusectl"}, {0xf97cff8c, "selinux"},
	} {
		if t.number == number {
			return t.name
		}
	}
	return fmt.Sprintf("UNKNOWN (0x%x)", number)
}
