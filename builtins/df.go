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
}

type dfRun struct {
	*Call
	human           uint64
	portable, types bool
	rows            [][]string
	status          int
}

// runDf is df(1) for named files; a list of all mounts is for the system's tool.
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
			return c.Unsupported("option '-a'")
		}
	}
	if len(names) == 0 {
		return c.Unsupported("a list of all mounts")
	}
	table, err := c.mountTable()
	if err != nil {
		return c.Unsupported("a host without /proc")
	}
	d.header()
	for _, name := range names {
		if !d.file(table, name) {
			d.status = 1
		}
	}
	if len(d.rows) == 1 {
		return 1
	}
	return d.print()
}

func (d *dfRun) header() {
	row := []string{"Filesystem", "1K-blocks", "Used", "Available", "Use%", "Mounted on"}
	switch {
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
	var fs unix.Statfs_t
	if err := retry(func() error { return unix.Statfs(e.target, &fs) }); err != nil {
		d.Errorf("%s: %s", quoteName(e.target), Strerror(err))
		return false
	}
	unit := uint64(fs.Frsize)
	if unit == 0 {
		unit = uint64(fs.Bsize)
	}
	used := fs.Blocks - fs.Bfree
	percent := "-"
	if all := used + fs.Bavail; all > 0 {
		percent = strconv.FormatUint((used*100+all-1)/all, 10) + "%"
	}
	row := []string{e.source, d.size(fs.Blocks * unit), d.size(used * unit),
		d.size(fs.Bavail * unit), percent, e.target}
	if d.types {
		row = slices.Insert(row, 1, e.fstype)
	}
	d.rows = append(d.rows, row)
	return true
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
