package builtins

import (
	"bufio"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	duApparent = longOnly + iota
	duSI
)

var duOptions = [...]option{
	{'s', "summarize", noArg}, {'h', "human-readable", noArg}, {'k', "", noArg},
	{'m', "", noArg}, {'a', "all", noArg}, {'c', "total", noArg},
	{'x', "one-file-system", noArg}, {'b', "bytes", noArg}, {'d', "max-depth", needArg},
	{duApparent, "apparent-size", noArg}, {duSI, "si", noArg}, {'L', "dereference", noArg},
	{'D', "dereference-args", noArg}, {'H', "", noArg}, {'P', "no-dereference", noArg},
	{'l', "count-links", noArg}, {'S', "separate-dirs", noArg}, {'0', "null", noArg},
	{'!', "block-size", needArg}, {'!', "threshold", needArg}, {'!', "time", optArg},
	{'!', "time-style", needArg},
}

// A duRun is one run of du.
type duRun struct {
	*Call
	w                                      *bufio.Writer
	all, total, oneFS, apparent, links     bool
	separate, followArgs, summary, hasDeep bool
	depth                                  int
	human, unit                            uint64
	end                                    byte
	seen                                   map[inode]bool
	device                                 uint64
	failed                                 bool
}

// runDu is du(1). It opens each directory below its parent.
func runDu(c *Call) int {
	opts, names, problem := c.options(duOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	for _, v := range [...]string{"DU_BLOCK_SIZE", "BLOCK_SIZE", "BLOCKSIZE", "POSIXLY_CORRECT"} {
		if c.Getenv(v) != "" {
			return c.Unsupported("%s", v)
		}
	}
	d := duRun{Call: c, w: bufio.NewWriter(c.Stdout), unit: 1024, end: '\n', depth: 1 << 30,
		seen: map[inode]bool{}}
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
	return c.flush(d.w, b2i(d.failed))
}

func (d *duRun) set(o parsedOption) (problem string) {
	switch o.key {
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
		n, err := strconv.Atoi(o.value)
		if err != nil || n < 0 {
			return "depth " + quoteText(o.value).String()
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
		text = humanSize(bytes, d.human)
	} else {
		text = strconv.FormatUint((bytes+d.unit-1)/d.unit, 10)
	}
	_, _ = d.w.WriteString(text + "\t" + name + string(rune(d.end)))
}

func (d *duRun) operand(name string) uint64 {
	stat := d.lstat
	if d.followArgs {
		stat = d.stat
	}
	st, err := stat(name)
	if err != nil {
		d.fail("cannot access %s: %s", quoteAlways(name), Strerror(err))
		return 0
	}
	d.device = st.Dev
	size, all := d.walk(d.Dir, name, name, st, 0)
	if d.separate {
		return all
	}
	return size
}

// walk returns what a file takes, with all that is below it; own is without directories
// below it, where they count for themselves.
func (d *duRun) walk(dir int, name, shown string, st unix.Stat_t, depth int) (size, all uint64) {
	isDir := fileType(st) == unix.S_IFDIR
	if !d.links && (isDir || st.Nlink > 1 || depth == 0) {
		if d.seen[inodeOf(st)] {
			return 0, 0
		}
		d.seen[inodeOf(st)] = true
	}
	size = uint64(st.Blocks) * 512
	if d.apparent {
		size = 0
		if t := fileType(st); t == unix.S_IFREG || t == unix.S_IFLNK {
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
	f, err := openDirAt(dir, name, flags)
	if err != nil {
		d.fail("cannot read directory %s: %s", quoteAlways(shown), Strerror(err))
		return 0, 0
	}
	defer func() { _ = f.Close() }()
	names, err := f.Readdirnames(-1)
	if err != nil {
		d.fail("cannot read directory %s: %s", quoteAlways(shown), Strerror(err))
	}
	for _, n := range names {
		st, err := statAt(int(f.Fd()), n, unix.AT_SYMLINK_NOFOLLOW)
		if err != nil {
			d.fail("cannot access %s: %s", quoteAlways(findJoin(shown, n)), Strerror(err))
			continue
		}
		if d.oneFS && st.Dev != d.device {
			continue
		}
		s, a := d.walk(int(f.Fd()), n, findJoin(shown, n), st, depth+1)
		all += a
		if !d.separate || fileType(st) != unix.S_IFDIR {
			size += s
		}
	}
	return size, all
}
