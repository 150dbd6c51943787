package files

import (
	"bufio"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

const (
	duApparent = native.LongOnly + iota
	duSI
)

var duOptions = [...]native.Option{
	{Key: 's', Long: "summarize"}, {Key: 'h', Long: "human-readable"}, {Key: 'k'},
	{Key: 'm'}, {Key: 'a', Long: "all"}, {Key: 'c', Long: "total"},
	{Key: 'x', Long: "one-file-system"}, {Key: 'b', Long: "bytes"},
	{Key: 'd', Long: "max-depth", Arg: native.NeedArg},
	{Key: duApparent, Long: "apparent-size"}, {Key: duSI, Long: "si"}, {Key: 'L', Long: "dereference"},
	{Key: 'D', Long: "dereference-args"}, {Key: 'H'}, {Key: 'P', Long: "no-dereference"},
	{Key: 'l', Long: "count-links"}, {Key: 'S', Long: "separate-dirs"}, {Key: '0', Long: "null"},
	{Key: '!', Long: "block-size", Arg: native.NeedArg},
	{Key: '!', Long: "threshold", Arg: native.NeedArg}, {Key: '!', Long: "time", Arg: native.OptArg},
	{Key: '!', Long: "time-style", Arg: native.NeedArg},
}

// A duRun is one run of du(1).
type duRun struct {
	*native.Call
	w                                      *bufio.Writer
	all, total, oneFS, apparent, links     bool
	separate, followArgs, summary, hasDeep bool
	depth                                  int
	human, unit                            uint64
	end                                    byte
	seen                                   map[fsys.Inode]bool
	device                                 uint64
	failed                                 bool
}

// Du is du(1). It opens each directory relative to its parent.
func Du(c *native.Call) int {
	opts, names, problem := c.Options(duOptions[:], native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	for _, v := range [...]string{"DU_BLOCK_SIZE", "BLOCK_SIZE", "BLOCKSIZE", "POSIXLY_CORRECT"} {
		if c.Getenv(v) != "" {
			return c.Unsupported("%s", v)
		}
	}
	d := duRun{Call: c, w: bufio.NewWriter(c.Stdout), unit: 1024, end: '\n', depth: 1 << 30,
		seen: map[fsys.Inode]bool{}}
	for _, o := range opts {
		if problem := d.set(o); problem != "" {
			return c.Unsupported("%s", problem)
		}
	}
	if d.summary && (d.all || d.hasDeep) {
		return c.Unsupported("-s with -a or -d")
	}
	if d.summary {
		d.depth = 0
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	total := uint64(0)
	for _, name := range names {
		total += d.operand(name)
	}
	if d.total {
		d.print(total, "total")
	}
	return c.Flush(d.w, native.BoolInt(d.failed))
}

func (d *duRun) set(o native.GivenOption) (problem string) {
	switch o.Key {
	case 's':
		d.summary = true
	case 'h':
		d.human = 1024
	case duSI:
		d.human = 1000
	case 'k':
		d.human, d.unit = 0, 1024
	case 'm':
		d.human, d.unit = 0, 1<<20
	case 'a':
		d.all = true
	case 'c':
		d.total = true
	case 'x':
		d.oneFS = true
	case 'b':
		d.apparent, d.human, d.unit = true, 0, 1
	case 'd':
		n, err := strconv.Atoi(o.Value)
		if err != nil || n < 0 {
			return "depth " + native.QuoteText(o.Value).String()
		}
		d.depth, d.hasDeep = n, true
	case duApparent:
		d.apparent = true
	case 'L':
		return "option '-L'"
	case 'D', 'H':
		d.followArgs = true
	case 'P':
		d.followArgs = false
	case 'l':
		d.links = true
	case 'S':
		d.separate = true
	case '0':
		d.end = 0
	}
	return ""
}

func (d *duRun) fail(format string, args ...any) {
	d.failed = true
	_ = d.w.Flush()
	d.Errorf(format, args...)
}

func (d *duRun) print(bytes uint64, name string) {
	text := ""
	if d.human != 0 {
		text = native.HumanSize(bytes, d.human)
	} else {
		text = strconv.FormatUint((bytes+d.unit-1)/d.unit, 10)
	}
	_, _ = d.w.WriteString(text + "\t" + name + string(rune(d.end)))
}

func (d *duRun) operand(name string) uint64 {
	stat := d.Lstat
	if d.followArgs {
		stat = d.Stat
	}
	st, err := stat(name)
	if err != nil {
		d.fail("cannot access %s: %s", native.QuoteAlways(name), clib.Strerror(err))
		return 0
	}
	d.device = st.Dev
	size, all := d.walk(d.Dir, name, name, st, 0)
	if d.separate {
		return all
	}
	return size
}

// walk returns the space that a file takes. all includes everything below it; with -S, size
// leaves out its subdirectories.
func (d *duRun) walk(dir int, name, shown string, st unix.Stat_t, depth int) (size, all uint64) {
	isDir := fsys.Type(st) == unix.S_IFDIR
	if !d.links && (isDir || st.Nlink > 1 || depth == 0) {
		if d.seen[fsys.InodeOf(st)] {
			return 0, 0
		}
		d.seen[fsys.InodeOf(st)] = true
	}
	size = uint64(st.Blocks) * 512
	if d.apparent {
		size = 0
		if t := fsys.Type(st); t == unix.S_IFREG || t == unix.S_IFLNK {
			size = uint64(max(st.Size, 0))
		} else if isDir {
			size = uint64(max(st.Size, 0))
		}
	}
	all = size
	if isDir {
		below, belowAll := d.below0(dir, name, shown, depth)
		size, all = size+below, all+belowAll
	}
	if depth <= d.depth && (isDir || d.all || depth == 0) {
		d.print(size, shown)
	}
	return size, all
}

func (d *duRun) below0(dir int, name, shown string, depth int) (size, all uint64) {
	flags := unix.O_NOFOLLOW
	if depth == 0 {
		flags = 0
	}
	f, err := fsys.OpenDirAt(dir, name, flags)
	if err != nil {
		d.fail("cannot read directory %s: %s", native.QuoteAlways(shown), clib.Strerror(err))
		return 0, 0
	}
	defer func() { _ = f.Close() }()
	names, err := f.Readdirnames(-1)
	if err != nil {
		d.fail("cannot read directory %s: %s", native.QuoteAlways(shown), clib.Strerror(err))
	}
	for _, n := range names {
		st, err := fsys.StatAt(int(f.Fd()), n, unix.AT_SYMLINK_NOFOLLOW)
		if err != nil {
			d.fail("cannot access %s: %s", native.QuoteAlways(findJoin(shown, n)), clib.Strerror(err))
			continue
		}
		if d.oneFS && st.Dev != d.device {
			continue
		}
		s, a := d.walk(int(f.Fd()), n, findJoin(shown, n), st, depth+1)
		all += a
		if !d.separate || fsys.Type(st) != unix.S_IFDIR {
			size += s
		}
	}
	return size, all
}
