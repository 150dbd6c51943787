package files

import (
	"bufio"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/mountinfo"
	"overlayboot/builtins/native"
)

var dfOptions = [...]native.Option{
	{Key: 'h', Long: "human-readable"}, {Key: 'H', Long: "si"}, {Key: 'k'},
	{Key: 'P', Long: "portability"}, {Key: 'T', Long: "print-type"}, {Key: 'a', Long: "all"},
	{Key: 'i', Long: "inodes"}, {Key: 't', Long: "type", Arg: native.NeedArg},
	{Key: 'F', Arg: native.NeedArg}, {Key: 'x', Long: "exclude-type", Arg: native.NeedArg},
	{Key: '!', Long: "sync"}, {Key: '!', Long: "total"},
}

type dfRun struct {
	*native.Call
	human           uint64
	portable, types bool
	all, inodes     bool
	only, not       []string // file system types of -t and -x
	rows            [][]string
	status          int
}

// Df is df(1).
func Df(c *native.Call) int {
	opts, names, problem := c.Options(dfOptions[:], native.Permute)
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
			c.Errorf("file system type %s both selected and excluded", native.QuoteText(t))
			return 1
		}
	}
	table, err := c.MountTable()
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

func (d *dfRun) set(o native.GivenOption) {
	switch o.Key {
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
		d.only = append(d.only, o.Value)
	case 'x':
		d.not = append(d.not, o.Value)
	}
}

// wants reports whether -t and -x select a file system type.
func (d *dfRun) wants(fstype string) bool {
	return (d.only == nil || slices.Contains(d.only, fstype)) && !slices.Contains(d.not, fstype)
}

// dfDummies are the file system types without blocks, which only -a shows.
const dfDummies = " autofs proc subfs debugfs devpts fusectl fuse.portal mqueue rpc_pipefs sysfs" +
	" devfs kernfs ignore none "

// list shows all mounts. Without -a, it shows one mount of each file system.
func (d *dfRun) list(table []mountinfo.Entry) {
	if !d.all {
		table = d.withoutDoubles(table)
	}
	for _, e := range table {
		dummy := strings.Contains(dfDummies, " "+e.FSType+" ")
		if !d.wants(e.FSType) || dummy && !d.all {
			continue
		}
		var fs unix.Statfs_t
		err := fsys.Retry(func() error { return unix.Statfs(e.Target, &fs) })
		switch {
		case err == unix.EACCES || err == unix.ENOENT:
			if d.all {
				d.add(e, nil)
			}
		case err != nil:
			d.Errorf("%s: %s", native.QuoteName(e.Target), clib.Strerror(err))
			d.status = 1
		case d.all && d.covered(table, e):
			d.add(e, nil)
		case fs.Blocks > 0 || d.all:
			d.add(e, &fs)
		}
	}
}

// covered reports whether another device is mounted over the mount point.
func (d *dfRun) covered(table []mountinfo.Entry, e mountinfo.Entry) bool {
	last, ok := mountinfo.At(table, e.Target)
	return ok && last.Source != e.Source
}

// withoutDoubles keeps one mount of each file system, at the place of the first one. A later
// mount replaces it in three cases: only the later one has a device name; the later one is
// nearer to the root and mounts no smaller part; the later one has another source and hides it
// at the same target.
func (d *dfRun) withoutDoubles(table []mountinfo.Entry) (list []mountinfo.Entry) {
	places := map[uint64]int{}
	for _, e := range table {
		device := deviceNumber(e.Device)
		if st, err := fsys.StatAt(unix.AT_FDCWD, e.Target, 0); err == nil {
			device = uint64(st.Dev)
		}
		at, double := places[device]
		if !double {
			places[device] = len(list)
			list = append(list, e)
			continue
		}
		old := list[at]
		nearer, part := len(e.Target) < len(old.Target), len(e.Root) > len(old.Root)
		if strings.Contains(e.Source, "/") && !strings.Contains(old.Source, "/") || nearer && !part ||
			e.Source != old.Source && e.Target == old.Target {
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

func (d *dfRun) file(table []mountinfo.Entry, name string) bool {
	st, err := d.Stat(name)
	full := ""
	if err == nil {
		full, err = d.Canonical(name, fsys.NoneMissing, false)
	}
	if err != nil {
		d.Errorf("%s: %s", native.QuoteName(name), clib.Strerror(err))
		return false
	}
	if t := fsys.Type(st); t == unix.S_IFBLK || t == unix.S_IFCHR {
		for _, e := range table {
			if e.Source == full {
				return d.mount(e)
			}
		}
	}
	for dir := full; ; dir = path.Dir(dir) {
		if e, ok := mountinfo.At(table, dir); ok {
			return d.mount(e)
		}
		if dir == "/" {
			d.Errorf("%s: %s", native.QuoteName(name), "No such file or directory")
			return false
		}
	}
}

func (d *dfRun) mount(e mountinfo.Entry) bool {
	if !d.wants(e.FSType) {
		return true
	}
	var fs unix.Statfs_t
	if err := fsys.Retry(func() error { return unix.Statfs(e.Target, &fs) }); err != nil {
		d.Errorf("%s: %s", native.QuoteName(e.Target), clib.Strerror(err))
		return false
	}
	d.add(e, &fs)
	return true
}

// add adds a row. Without fs, the numbers are unknown.
func (d *dfRun) add(e mountinfo.Entry, fs *unix.Statfs_t) {
	row := []string{e.Source, "-", "-", "-", "-", e.Target}
	if fs != nil {
		copy(row[1:], d.numbers(fs))
	}
	if d.types {
		row = slices.Insert(row, 1, e.FSType)
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

// percentOf returns a percentage, rounded up.
func percentOf(part, all uint64) string {
	if all == 0 {
		return "-"
	}
	return strconv.FormatUint((part*100+all-1)/all, 10) + "%"
}

func (d *dfRun) count(n uint64) string {
	if d.human != 0 {
		return native.HumanSize(n, d.human)
	}
	return strconv.FormatUint(n, 10)
}

func (d *dfRun) size(bytes uint64) string {
	if d.human != 0 {
		return native.HumanSize(bytes, d.human)
	}
	return strconv.FormatUint((bytes+1023)/1024, 10)
}

// print writes the columns: names aligned left, numbers aligned right.
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
	return d.Flush(w, d.status)
}
