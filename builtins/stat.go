package builtins

import (
	"bufio"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

var statOptions = [...]option{
	{'c', "format", needArg}, {longOnly, "printf", needArg}, {'f', "file-system", noArg},
	{'L', "dereference", noArg}, {'t', "terse", noArg},
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
	fileNames
	w          *bufio.Writer
	zone       *time.Location
	format     string
	escapes    bool // of --printf
	fs, follow bool
	failed     bool
}

// runStat is stat(1).
func runStat(c *Call) int {
	opts, names, problem := c.options(statOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if c.Getenv("QUOTING_STYLE") != "" {
		return c.Unsupported("QUOTING_STYLE")
	}
	s := statRun{fileNames: fileNames{Call: c}, w: c.buffered()}
	terse, given := false, false
	for _, o := range opts {
		switch o.key {
		case 'c':
			s.format, s.escapes, given = o.value+"\n", false, true
		case longOnly:
			s.format, s.escapes, given = o.value, true, true
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
		return c.usageError(1, "missing operand")
	}
	if !given {
		s.format = s.ownFormat(terse)
	}
	s.zone = c.timeZone()
	for _, name := range names {
		s.file(name)
	}
	status := 0
	if s.failed {
		status = 1
	}
	return c.flush(s.w, status)
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

// known are the letters of directives; what others stand for is unknown to stat(1), too.
func (s *statRun) known() string {
	if s.fs {
		return "abcdfilnsStT"
	}
	return "aAbBdDfFgGhimnNorRstTuUwWxXyYzZ"
}

// check looks for directives that are wrong.
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
			d, next := cutStatDirective(s.format, i)
			if d.letter == 0 || d.letter == '%' && next != i+2 ||
				d.part != 0 && (s.fs || strings.IndexByte("dr", d.letter) < 0) {
				return "directive " + s.format[i:next]
			}
			i = next - 1
		}
	}
	return ""
}

// A statDirective is %[FLAGS][WIDTH][.PRECISION][H|L]LETTER.
type statDirective struct {
	flags            string
	width, precision int  // -1 for none
	allDigits        bool // a precision without a number, which means nine for times
	part, letter     byte
}

func cutStatDirective(format string, i int) (d statDirective, next int) {
	d = statDirective{width: -1, precision: -1}
	start := i + 1
	for i = start; i < len(format) && strings.IndexByte("'-+ #0I", format[i]) >= 0; i++ {
	}
	d.flags = format[start:i]
	number := func() int {
		n := 0
		for ; i < len(format) && isDigit(format[i]); i++ {
			n = min(n*10+int(format[i]-'0'), 1<<16)
		}
		return n
	}
	if i < len(format) && isDigit(format[i]) {
		d.width = number()
	}
	if i < len(format) && format[i] == '.' {
		i++
		start := i
		d.precision = number()
		d.allDigits = i == start
	}
	if i+1 < len(format) && (format[i] == 'H' || format[i] == 'L') &&
		(format[i+1] == 'd' || format[i+1] == 'r') {
		d.part = format[i]
		i++
	}
	if i < len(format) && format[i] != '\n' {
		d.letter = format[i]
		i++
	}
	return d, i
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
		s.Errorf("cannot statx %s: %s", quoteAlways(name), Strerror(err))
		return
	}
	f := statFile{statRun: s, name: name, st: statOfStatx(x), x: x}
	format := s.format
	if format == "" {
		format = statDefault + statPlain + statDefault2
		if t := fileType(f.st); t == unix.S_IFCHR || t == unix.S_IFBLK {
			format = statDefault + statDevice + statDefault2
		}
	}
	s.print(format, f.field)
}

func (s *statRun) statx(name string, x *unix.Statx_t) error {
	if name == "-" {
		fd := descriptor(s.Stdin)
		if fd < 0 {
			return unix.EBADF
		}
		return unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_ALL, x)
	}
	flags := unix.AT_NO_AUTOMOUNT
	if !s.follow {
		flags |= unix.AT_SYMLINK_NOFOLLOW
	}
	return retry(func() error { return unix.Statx(s.Dir, name, flags, unix.STATX_ALL, x) })
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

// setField is for fields whose size is another one on other machines.
func setField[T int32 | int64 | uint32 | uint64](field *T, value uint32) { *field = T(value) }

// print writes a format, each directive by field, which may say what kind of value it is.
func (s *statRun) print(format string, field func(d statDirective) statValue) {
	for i := 0; i < len(format); i++ {
		c := format[i]
		switch {
		case c == '\\' && s.escapes:
			i = s.escape(format, i+1)
		case c == '%':
			var d statDirective
			d, i = cutStatDirective(format, i)
			i--
			if d.letter == '%' {
				s.w.WriteByte('%')
				continue
			}
			if strings.IndexByte(s.known(), d.letter) < 0 {
				s.w.WriteByte('?')
				continue
			}
			v := field(d)
			s.w.WriteString(d.show(v))
			if v.target != "" {
				s.w.WriteString(" -> " + d.show(statText(v.target)))
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

// A statValue is text, a number in a base, or a time.
type statValue struct {
	kind   byte // 's', 'd', 'u', 'x', 'o', 't'
	text   string
	number uint64
	nanos  int64
	target string // of a link, which is shown as the text is
}

func statText(s string) statValue              { return statValue{kind: 's', text: s} }
func statNumber(kind byte, n uint64) statValue { return statValue{kind: kind, number: n} }

// show formats as printf(3) does.
func (d statDirective) show(v statValue) string {
	flags := d.flags
	width := ""
	if d.width >= 0 {
		width = strconv.Itoa(d.width)
	}
	precision := ""
	if d.precision >= 0 {
		precision = "." + strconv.Itoa(d.precision)
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
		alternate = "-0" // as in C, none has a prefix
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
	return d.seconds(v, pick, width)
}

// seconds is a time since 1970, the precision giving decimals.
func (d statDirective) seconds(v statValue, pick func(string) string, width string) string {
	whole, nanos := int64(v.number), v.nanos
	if d.allDigits {
		d.precision = 9
	}
	text := strconv.FormatInt(whole, 10)
	if whole < 0 && nanos > 0 && d.precision > 0 {
		whole, nanos = whole+1, 1e9-nanos
		if text = strconv.FormatInt(whole, 10); whole == 0 {
			text = "-0"
		}
	}
	if d.precision > 0 {
		digits := strconv.FormatInt(1e9+nanos, 10)[1:]
		if d.precision < 9 {
			digits = digits[:d.precision]
		}
		text += "." + digits + strings.Repeat("0", max(d.precision-9, 0))
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	} else if p := pick("+ "); strings.Contains(p, "+") {
		sign = "+"
	} else if p != "" {
		sign = " "
	}
	fill := max(d.width-len(sign)-len(text), 0)
	switch f := pick("-0"); {
	case strings.Contains(f, "-"):
		return sign + text + strings.Repeat(" ", fill)
	case f != "":
		return sign + strings.Repeat("0", fill) + text
	}
	return strings.Repeat(" ", fill) + sign + text
}

// A statFile is one file with what its directives say.
type statFile struct {
	*statRun
	name string
	st   unix.Stat_t
	x    unix.Statx_t
}

func (f statFile) field(d statDirective) statValue {
	st := f.st
	switch d.letter {
	case 'n':
		return statText(f.name)
	case 'N':
		return f.quoted()
	case 'm':
		return statText(f.mountPoint())
	case 'a':
		return statNumber('o', uint64(st.Mode&allModeBits))
	case 'A':
		return statText(modeText(st.Mode))
	case 'f':
		return statNumber('x', uint64(st.Mode))
	case 'F':
		return statText(typeText(st))
	case 'd', 'r':
		return deviceField(d, map[byte]uint64{'d': st.Dev, 'r': st.Rdev}[d.letter])
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
		return statText(f.ownerName(d.letter))
	}
	return f.numberField(d.letter)
}

func deviceField(d statDirective, device uint64) statValue {
	switch d.part {
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
		name, ok = f.user(f.st.Uid)
	} else {
		name, ok = f.group(f.st.Gid)
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
		return statText(strftime("%Y-%m-%d %H:%M:%S.%N %z", timeOf(ts, f.zone)))
	}
	return statValue{kind: 't', number: uint64(ts.Sec), nanos: ts.Nsec}
}

// quoted is the name, and of a link what it names.
func (f statFile) quoted() statValue {
	quote := func(name string) string { return f.Call.quoted(quoteAlways(name)) }
	// stat's own format quotes nothing, nor does one in which each %N has flags or a width.
	if !strings.Contains(f.format, "%N") {
		quote = func(name string) string { return name }
	}
	text := statText(quote(f.name))
	if fileType(f.st) != unix.S_IFLNK {
		return text
	}
	target, err := readlinkAt(f.Dir, f.name)
	if err != nil {
		f.failed = true
		f.Errorf("cannot read symbolic link %s: %s", quoteAlways(f.name), Strerror(err))
		return text
	}
	text.target = quote(target)
	return text
}

// mountPoint goes up from the file as long as the file system stays.
func (f statFile) mountPoint() string {
	name := f.name
	if fileType(f.st) == unix.S_IFLNK && !f.follow {
		name = dirPart(f.name)
	}
	full, err := f.canonical(name, noneMissing, false)
	if err != nil {
		f.failed = true
		f.Errorf("failed to canonicalize %s: %s", quoteAlways(f.name), Strerror(err))
		return "?"
	}
	if table, err := f.mountTable(); err == nil {
		for dir := full; ; dir = path.Dir(dir) {
			if _, ok := mountAt(table, dir); ok {
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
		err = retry(func() error { return unix.Fstatfs(fd, &fs) })
		_ = unix.Close(fd)
	}
	if err != nil {
		s.failed = true
		_ = s.w.Flush()
		s.Errorf("cannot read file system information for %s: %s", quoteAlways(name),
			Strerror(err))
		return
	}
	s.print(s.format, func(d statDirective) statValue { return fsField(d.letter, name, fs) })
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

// fsTypeName is the name that stat(1) gives to a file system by its number in statfs(2).
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
