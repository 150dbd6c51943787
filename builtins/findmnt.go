package builtins

import (
	"path"
	"slices"
	"strings"
)

func findmntOptions() []option {
	list := []option{
		{'n', "noheadings", noArg}, {'r', "raw", noArg}, {'o', "output", needArg}, {'P', "pairs", noArg},
		{'k', "kernel", noArg}, {'f', "first-only", noArg}, {'M', "mountpoint", needArg}, {'l', "list", noArg},
		{'T', "target", needArg}, {'S', "source", needArg}, {'t', "types", needArg}, {'R', "submounts", noArg},
		{'v', "nofsroot", noArg}, {'a', "ascii", noArg}, {'u', "notruncate", noArg},
	}
	// Known to findmnt(8) and not to us; here so that no prefix hits another.
	for _, name := range [...]string{"fstab", "mtab", "poll", "timeout", "all", "bytes", "nocanonicalize", "canonicalize",
		"df", "direction", "evaluate", "tab-file", "invert", "json", "task", "options", "output-all", "pseudo", "shadowed",
		"real", "tree", "uniq", "shell", "verify", "verbose", "vfs-all", "help", "version"} {
		list = append(list, option{'!', name, optArg})
	}
	return list
}

// A mountFinder is one invocation of findmnt.
type mountFinder struct {
	*Call
	form                           gridForm
	bare, list, first, submounts   bool
	noRoot, ascii                  bool
	columns                        []string
	source, point, target, types   string
	hasSource, hasPoint, hasTarget bool
	maybeBoth                      bool // the name is a source, or else a mount point
	table                          []mountEntry
	found                          []mountEntry
	depth                          []int // of each that was found, where it is a tree
	children                       map[int][]mountEntry
	shown                          map[int]bool
	resolved                       map[string]string // names, without links; "": there is none
}

// runFindmnt is findmnt(8) for the mounts of the kernel: as a tree, a list, or one of them.
func runFindmnt(c *Call) int {
	f := &mountFinder{Call: c, columns: []string{"TARGET", "SOURCE", "FSTYPE", "OPTIONS"}}
	problem := f.parse()
	var err error
	if problem == "" {
		if f.table, err = c.mountTable(); err != nil {
			problem = "a host without /proc"
		}
	}
	if problem == "" {
		problem = f.unsure()
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	f.find()
	if len(f.found) == 0 {
		return 1
	}
	if _, err := c.Stdout.Write([]byte(f.grid().String())); err != nil {
		return c.writeError(err)
	}
	return 0
}

func (f *mountFinder) parse() (problem string) {
	opts, operands, problem := f.options(findmntOptions(), permute)
	for _, o := range opts {
		if problem == "" {
			problem = f.option(o)
		}
	}
	if problem == "" {
		problem = f.operands(operands)
	}
	for i, column := range f.columns {
		f.columns[i] = strings.ToUpper(column)
		if _, ok := f.value(mountEntry{}, f.columns[i]); !ok && problem == "" {
			problem = "column " + column
		}
	}
	return problem
}

func (f *mountFinder) option(o parsedOption) (problem string) {
	switch o.key {
	case 'n':
		f.bare = true
	case 'r', 'P', 'l':
		if f.list {
			return "two forms of output"
		}
		f.list = true
		f.form = map[rune]gridForm{'r': gridRaw, 'P': gridPairs}[o.key]
	case 'f':
		f.first = true
	case 'R':
		f.submounts = true
	case 'v':
		f.noRoot = true
	case 'a':
		f.ascii = true
	case 'o':
		f.columns = strings.Split(o.value, ",")
	case 't':
		f.types = o.value
	case 'M':
		f.point, f.hasPoint = o.value, true
	case 'T':
		f.target, f.hasTarget = o.value, true
	case 'S':
		f.source, f.hasSource = o.value, true
	case '!':
		return o.named()
	}
	return ""
}

// operands takes the names without an option: a source or a mount point, or both.
func (f *mountFinder) operands(names []string) (problem string) {
	options := f.hasPoint || f.hasTarget || f.hasSource
	switch {
	case f.hasPoint && (f.hasTarget || f.hasSource), options && len(names) > 0, len(names) > 2:
		return "these names together"
	case len(names) > 0:
		f.source, f.hasSource = names[0], true
		f.maybeBoth = len(names) == 1
		if len(names) == 2 {
			f.point, f.hasPoint = names[1], true
		}
	}
	if !f.hasSource && !f.hasPoint && !f.hasTarget && f.types == "" {
		f.submounts = false // all are there anyway, in the order of the kernel
	}
	if strings.Contains(f.source, "=") || f.hasSource && isDeviceNumber(f.source) {
		return "the source '" + f.source + "'"
	}
	return ""
}

// isDeviceNumber reports whether a source is written MAJOR:MINOR.
func isDeviceNumber(source string) bool {
	major, minor, ok := strings.Cut(source, ":")
	return ok && isDigits(major) && isDigits(minor)
}

// unsure is what the tool shows in another way than the kernel.
func (f *mountFinder) unsure() (problem string) {
	for _, e := range f.table {
		switch {
		case e.source == "/dev/root":
			return "a root without the name of its device"
		case e.fstype == "autofs":
			return "mounts of autofs"
		}
	}
	return ""
}

// isTree tells whether the mounts are found by way of their parents.
func (f *mountFinder) isTree() bool {
	return !f.list && !f.first && !f.submounts && !f.hasSource && !f.hasPoint && !f.hasTarget
}

func (f *mountFinder) find() {
	if f.isTree() || f.submounts {
		f.shown, f.children = map[int]bool{}, map[int][]mountEntry{}
		for _, e := range f.table {
			if e.parent != e.id {
				f.children[e.parent] = append(f.children[e.parent], e)
			}
		}
		for _, list := range f.children {
			slices.SortStableFunc(list, func(a, b mountEntry) int { return a.id - b.id })
		}
	}
	if f.isTree() {
		if root, ok := f.root(); ok {
			f.grow(root, 0)
		}
		return
	}
	if f.match(); len(f.found) == 0 && f.maybeBoth {
		f.source, f.point = "", f.source
		f.hasSource, f.hasPoint = false, true
		f.match()
	}
	if len(f.found) == 0 && f.hasTarget {
		if name, ok := f.pointOf(f.target); ok {
			f.target = name
			f.match()
		}
	}
}

// root is the mount that all hang on, however far up.
func (f *mountFinder) root() (root mountEntry, ok bool) {
	for _, e := range f.table {
		if !ok || e.parent < root.parent {
			root, ok = e, true
		}
	}
	// The numbers of mounts are used again: what hangs on the lowest one may hang itself.
	for range f.table {
		at := slices.IndexFunc(f.table, func(e mountEntry) bool {
			return e.id == root.parent && e.id != root.id
		})
		if at < 0 {
			break
		}
		root = f.table[at]
	}
	return root, ok
}

// grow takes in a mount, if it matches, and those below it.
func (f *mountFinder) grow(e mountEntry, depth int) {
	if f.shown[e.id] {
		return
	}
	f.shown[e.id] = true
	below := depth // below what is not shown it goes on where that would be
	if f.submounts || f.matches(e) {
		f.found, f.depth = append(f.found, e), append(f.depth, depth)
		below = depth + 1
	}
	for _, child := range f.children[e.id] {
		f.grow(child, below)
	}
}

func (f *mountFinder) match() {
	for _, e := range f.table {
		if !f.matches(e) {
			continue
		}
		if f.submounts {
			f.grow(e, 0)
		} else {
			f.found = append(f.found, e)
		}
		if f.first || f.hasSource && f.hasPoint {
			return
		}
	}
}

func (f *mountFinder) matches(e mountEntry) bool {
	switch {
	case f.types != "" && !typeMatches(e.fstype, f.types),
		f.hasSource && !f.isSource(e),
		f.hasPoint && !f.isAt(e, f.point),
		f.hasTarget && !f.isAt(e, f.target):
		return false
	}
	return true
}

func (f *mountFinder) isSource(e mountEntry) bool {
	if e.source == f.source {
		return true
	}
	name, ok := f.resolve(f.source)
	return ok && name == e.source && !virtualType(e.fstype)
}

func (f *mountFinder) isAt(e mountEntry, name string) bool {
	if strings.TrimRight(e.target, "/") == strings.TrimRight(name, "/") {
		return true
	}
	name, ok := f.resolve(name)
	return ok && e.target == name
}

// resolve is a name without links, which is looked up once for all mounts; false: nothing
// is there.
func (f *mountFinder) resolve(name string) (resolved string, ok bool) {
	resolved, known := f.resolved[name]
	if !known {
		if f.resolved == nil {
			f.resolved = map[string]string{}
		}
		resolved, _ = f.canonical(name, noneMissing, false)
		f.resolved[name] = resolved
	}
	return resolved, resolved != ""
}

// pointOf is the mount point that a file is below.
func (f *mountFinder) pointOf(name string) (point string, ok bool) {
	name, ok = f.resolve(name)
	if !ok {
		return "", false
	}
	for {
		if _, ok := mountAt(f.table, name); ok || name == "/" {
			return name, ok
		}
		name = path.Dir(name)
	}
}
