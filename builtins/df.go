package builtins

import (
	"bufio"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

var dfOptions = [...]option{
	{'h', "human-readable", noArg}, {'H', "si", noArg}, {'k', "", noArg},
	{'P', "portability", noArg}, {'T', "print-type", noArg}, {'a', "all", noArg},
	{'i', "inodes", noArg}, {'t', "type", needArg}, {'F', "", needArg},
	{'x', "exclude-type", needArg},
	{'!', "sync", noArg}, {'!', "total", noArg},
}

type dfRun struct {
	*Call
	human           uint64
	portable, types bool
	all, inodes     bool
	only, not       []string // types of file systems
	rows            [][]string
	status          int
}

// runDf is df(1).
func runDf(c *Call) int {
	opts, names, problem := c.options(dfOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	for _, v := range [...]string{"DF_BLOCK_SIZE", "BLOCK_SIZE", "BLOCKSIZE", "POSIXLY_CORRECT"} {
		if c.Getenv(v) != "" {
			return c.Unsupported("%s", v)
		}
	}
	d := dfRun{Call: c}
	for _, o := range opts {
		d.set(o)
	}
	for _, t := range d.only {
		if slices.Contains(d.not, t) {
			c.Errorf("file system type %s both selected and excluded", quoteText(t))
			return 1
		}
	}
	table, err := c.mountTable()
	if err != nil {
		return c.Unsupported("a host without /proc")
	}
	d.header()
	if len(names) == 0 {
		d.list(table)
	}
	for _, name := range names {
		if !d.file(table, name) {
			d.status = 1
		}
	}
	if len(d.rows) == 1 {
		if d.status == 0 {
			c.Errorf("no file systems processed")
		}
		return 1
	}
	return d.print()
}

func (d *dfRun) set(o parsedOption) {
	switch o.key {
	case 'h':
		d.human = 1024
	case 'H':
		d.human = 1000
	case 'k':
		d.human = 0
	case 'P':
		d.portable = true
	case 'T':
		d.types = true
	case 'a':
		d.all = true
	case 'i':
		d.inodes = true
	case 't', 'F':
		d.only = append(d.only, o.value)
	case 'x':
		d.not = append(d.not, o.value)
	}
}

// wants tells by -t and -x whether file systems of a type are shown.
func (d *dfRun) wants(fstype string) bool {
	return (d.only == nil || slices.Contains(d.only, fstype)) && !slices.Contains(d.not, fstype)
}

// dfDummies are types that have no blocks, which only -a shows.
const dfDummies = " autofs proc subfs debugfs devpts fusectl fuse.portal mqueue rpc_pipefs sysfs" +
	" devfs kernfs ignore none "

// list shows all mounts, but of several of one file system that which is nearest to the root.
func (d *dfRun) list(table []mountEntry) {
	if !d.all {
		table = d.withoutDoubles(table)
	}
	for _, e := range table {
		dummy := strings.Contains(dfDummies, " "+e.fstype+" ")
		if !d.wants(e.fstype) || dummy && !d.all {
			continue
		}
		var fs unix.Statfs_t
		err := retry(func() error { return unix.Statfs(e.target, &fs) })
		switch {
		case err == unix.EACCES || err == unix.ENOENT:
			if d.all {
				d.add(e, nil)
			}
		case err != nil:
			d.Errorf("%s: %s", quoteName(e.target), Strerror(err))
			d.status = 1
		case d.all && d.covered(table, e):
			d.add(e, nil)
		case fs.Blocks > 0 || d.all:
			d.add(e, &fs)
		}
	}
}

// covered says that another device is mounted over the place.
func (d *dfRun) covered(table []mountEntry, e mountEntry) bool {
	last, ok := mountAt(table, e.target)
	return ok && last.source != e.source
}

// withoutDoubles leaves one mount of each file system, where the first of them was: one of
// a device by its name, or nearer to the root than those before, unless it is of a part only.
func (d *dfRun) withoutDoubles(table []mountEntry) (list []mountEntry) {
	places := map[uint64]int{}
	for _, e := range table {
		device := deviceNumber(e.device)
		if st, err := statAt(unix.AT_FDCWD, e.target, 0); err == nil {
			device = uint64(st.Dev)
		}
		at, double := places[device]
		if !double {
			places[device] = len(list)
			list = append(list, e)
			continue
		}
		old := list[at]
		nearer, part := len(e.target) < len(old.target), len(e.root) > len(old.root)
		if strings.Contains(e.source, "/") && !strings.Contains(old.source, "/") || nearer && !part ||
			e.source != old.source && e.target == old.target {
			list[at] = e
		}
	}
	return list
}

// deviceNumber reads MAJOR:MINOR.
func deviceNumber(text string) uint64 {
	major, minor, _ := strings.Cut(text, ":")
	a, _ := strconv.ParseUint(major, 10, 32)
	b, _ := strconv.ParseUint(minor, 10, 32)
	return unix.Mkdev(uint32(a), uint32(b))
}

func (d *dfRun) header() {
	row := []string{"Filesystem", "1K-blocks", "Used", "Available", "Use%", "Mounted on"}
	switch {
	case d.inodes:
		row = []string{"Filesystem", "Inodes", "IUsed", "IFree", "IUse%", "Mounted on"}
	case d.portable && d.human == 0:
		row[1], row[4] = "1024-blocks", "Capacity"
	case d.human != 0:
		row[1], row[3] = "Size", "Avail"
	}
	if d.types {
		row = slices.Insert(row, 1, "Type")
	}
	d.rows = [][]string{row}
}

func (d *dfRun) file(table []mountEntry, name string) bool {
	st, err := d.stat(name)
	full := ""
	if err == nil {
		full, err = d.canonical(name, noneMissing, false)
	}
	if err != nil {
		d.Errorf("%s: %s", quoteName(name), Strerror(err))
		return false
	}
	if t := fileType(st); t == unix.S_IFBLK || t == unix.S_IFCHR {
		for _, e := range table {
			if e.source == full {
				return d.mount(e)
			}
		}
	}
	for dir := full; ; dir = path.Dir(dir) {
		if e, ok := mountAt(table, dir); ok {
			return d.mount(e)
		}
		if dir == "/" {
			d.Errorf("%s: %s", quoteName(name), "No such file or directory")
			return false
		}
	}
}

func (d *dfRun) mount(e mountEntry) bool {
	if !d.wants(e.fstype) {
		return true
	}
	var fs unix.Statfs_t
	if err := retry(func() error { return unix.Statfs(e.target, &fs) }); err != nil {
		d.Errorf("%s: %s", quoteName(e.target), Strerror(err))
		return false
	}
	d.add(e, &fs)
	return true
}

// add adds a row; without fs nothing is known.
func (d *dfRun) add(e mountEntry, fs *unix.Statfs_t) {
	row := []string{e.source, "-", "-", "-", "-", e.target}
	if fs != nil {
		copy(row[1:], d.numbers(fs))
	}
	if d.types {
		row = slices.Insert(row, 1, e.fstype)
	}
	d.rows = append(d.rows, row)
}

func (d *dfRun) numbers(fs *unix.Statfs_t) []string {
	if d.inodes {
		used := fs.Files - fs.Ffree
		return []string{d.count(fs.Files), d.count(used), d.count(fs.Ffree), percentOf(used, fs.Files)}
	}
	unit := uint64(fs.Frsize)
	if unit == 0 {
		unit = uint64(fs.Bsize)
	}
	used := fs.Blocks - fs.Bfree
	return []string{d.size(fs.Blocks * unit), d.size(used * unit), d.size(fs.Bavail * unit),
		percentOf(used, used+fs.Bavail)}
}

// percentOf rounds up.
func percentOf(part, all uint64) string {
	if all == 0 {
		return "-"
	}
	return strconv.FormatUint((part*100+all-1)/all, 10) + "%"
}

func (d *dfRun) count(n uint64) string {
	if d.human != 0 {
		return humanSize(n, d.human)
	}
	return strconv.FormatUint(n, 10)
}

func (d *dfRun) size(bytes uint64) string {
	if d.human != 0 {
		return humanSize(bytes, d.human)
	}
	return strconv.FormatUint((bytes+1023)/1024, 10)
}

// print writes the columns: names to the left, numbers to the right.
func (d *dfRun) print() int {
	last := len(d.rows[0]) - 1
	widths := make([]int, last)
	for i := range widths {
		least := [...]int{14, 5, 5, 5, 4}
		at := i
		if d.types && i > 0 {
			at--
		}
		widths[i] = least[at]
		if d.types && i == 1 {
			widths[i] = 4
		}
		for _, row := range d.rows {
			widths[i] = max(widths[i], len(row[i]))
		}
	}
	w := bufio.NewWriter(d.Stdout)
	for _, row := range d.rows {
		for i, cell := range row[:last] {
			fill := strings.Repeat(" ", widths[i]-len(cell))
			if i == 0 || d.types && i == 1 {
				_, _ = w.WriteString(cell + fill + " ")
			} else {
				_, _ = w.WriteString(fill + cell + " ")
			}
		}
		_, _ = w.WriteString(row[last] + "\n")
	}
	return d.flush(w, d.status)
}
