package builtins

import (
	"fmt"
	"path"
	"strings"
)

func findmntOptions() []option {
	return []option{
		{'n', "noheadings", noArg}, {'r', "raw", noArg}, {'o', "output", needArg},
		{'k', "kernel", noArg}, {'f', "first-only", noArg}, {'M', "mountpoint", needArg},
		{'T', "target", needArg},
	}
}

// A mountFinder is one invocation of findmnt.
type mountFinder struct {
	*Call
	bare, raw, first bool
	columns          []string
	point, target    string
	hasPoint, hasAny bool
}

// runFindmnt is findmnt(8) for one mount: that on a mount point, or that of a file. Lists
// and trees of mounts are for the system's tool.
func runFindmnt(c *Call) int {
	f := &mountFinder{Call: c, columns: []string{"TARGET", "SOURCE", "FSTYPE", "OPTIONS"}}
	if problem := f.parse(); problem != "" {
		return c.Unsupported("%s", problem)
	}
	table, err := c.mountTable()
	if err != nil {
		return c.Unsupported("a host without /proc")
	}
	e, found, problem := f.find(table)
	if found && problem == "" {
		problem = f.unsure(e)
	}
	switch {
	case problem != "":
		return c.Unsupported("%s", problem)
	case !found:
		return 1
	}
	if _, err := fmt.Fprint(c.Stdout, f.text(e)); err != nil {
		return c.writeError(err)
	}
	return 0
}

func (f *mountFinder) parse() (problem string) {
	opts, operands, problem := f.options(findmntOptions(), permute)
	for _, o := range opts {
		switch o.key {
		case 'n':
			f.bare = true
		case 'r':
			f.raw = true
		case 'f':
			f.first = true
		case 'o':
			f.columns = strings.Split(strings.ToUpper(o.value), ",")
		case 'M':
			f.point, f.hasPoint = o.value, true
		case 'T':
			f.target, f.hasAny = o.value, true
		}
	}
	for _, column := range f.columns {
		if _, ok := f.value(mountEntry{}, column); !ok && problem == "" {
			problem = "column " + column
		}
	}
	if len(operands) == 1 && !f.hasPoint && !f.hasAny {
		f.point, f.hasPoint = operands[0], true
		operands = nil
	}
	switch {
	case problem != "":
	case len(operands) > 0 || f.hasPoint == f.hasAny:
		return "other than one mount"
	case !path.IsAbs(f.point + f.target):
		return "a name that is not absolute"
	}
	return problem
}

// find finds the mount. A mount point that has several on it, and a name that is none but
// may be that of a device, are for the system's tool.
func (f *mountFinder) find(table []mountEntry) (e mountEntry, found bool, problem string) {
	name, err := f.canonical(f.point+f.target, noneMissing, false)
	if err != nil {
		return e, false, f.otherSource(table)
	}
	for {
		count := 0
		for _, m := range table {
			if m.target == name {
				e = m
				count++
			}
		}
		switch {
		case count > 1:
			return e, false, "several mounts on " + name
		case count == 1:
			return e, true, ""
		case f.hasPoint:
			return e, false, f.otherSource(table)
		case name == "/":
			return e, false, "a root that is no mount"
		}
		name = path.Dir(name)
	}
}

func (f *mountFinder) otherSource(table []mountEntry) (problem string) {
	if strings.HasPrefix(f.point, "/dev") {
		return "a device"
	}
	for _, m := range table {
		if f.hasPoint && m.source == f.point {
			return "a source"
		}
	}
	return ""
}

// unsure is what the tool may show in another way than the kernel.
func (f *mountFinder) unsure(e mountEntry) (problem string) {
	text := f.text(e)
	switch {
	case e.root != "/" || e.source == "/dev/root":
		return "a part of a file system"
	case strings.ContainsAny(strings.TrimSuffix(text, "\n"), "\\\t\x7f") || !isASCIIText(text):
		return "names that are not plain"
	case f.raw && strings.Contains(e.target+e.source+e.fstype, " "):
		return "names with blanks"
	}
	return ""
}

func isASCIIText(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] < ' ' && s[i] != '\n' {
			return false
		}
	}
	return true
}

func (f *mountFinder) value(e mountEntry, column string) (value string, ok bool) {
	switch column {
	case "TARGET":
		return e.target, true
	case "SOURCE":
		return e.source, true
	case "FSTYPE":
		return e.fstype, true
	case "OPTIONS":
		return e.options(), true
	}
	return "", false
}

// text is what is printed: columns as wide as their headings at least, but for the last.
func (f *mountFinder) text(e mountEntry) string {
	heads, values := make([]string, len(f.columns)), make([]string, len(f.columns))
	for i, column := range f.columns {
		value, _ := f.value(e, column)
		width := max(len(column), len(value))
		if f.raw || i == len(f.columns)-1 {
			width = 0
		}
		heads[i] = fmt.Sprintf("%-*s", width, column)
		values[i] = fmt.Sprintf("%-*s", width, value)
	}
	text := strings.Join(values, " ") + "\n"
	if !f.bare {
		text = strings.Join(heads, " ") + "\n" + text
	}
	return text
}
