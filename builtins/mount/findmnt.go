package mount

import (
	"path"
	"slices"
	"strings"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/mountinfo"
	"overlayboot/builtins/native"
)

func findmntOptions() []native.Option {
	list := []native.Option{
		{Key: 'n', Long: "noheadings"}, {Key: 'r', Long: "raw"},
		{Key: 'o', Long: "output", Arg: native.NeedArg}, {Key: 'P', Long: "pairs"},
		{Key: 'k', Long: "kernel"}, {Key: 'f', Long: "first-only"},
		{Key: 'M', Long: "mountpoint", Arg: native.NeedArg}, {Key: 'l', Long: "list"},
		{Key: 'T', Long: "target", Arg: native.NeedArg},
		{Key: 'S', Long: "source", Arg: native.NeedArg},
		{Key: 't', Long: "types", Arg: native.NeedArg}, {Key: 'R', Long: "submounts"},
		{Key: 'v', Long: "nofsroot"}, {Key: 'a', Long: "ascii"}, {Key: 'u', Long: "notruncate"},
	}
	// findmnt(8) has these options, this command does not. They are listed so that no
	// abbreviation of them is taken for another option.
	for _, name := range [...]string{"fstab", "mtab", "poll", "timeout", "all", "bytes",
		"nocanonicalize", "canonicalize", "df", "direction", "evaluate", "tab-file", "invert",
		"json", "task", "options", "output-all", "pseudo", "shadowed", "real", "tree", "uniq",
		"shell", "verify", "verbose", "vfs-all", "help", "version"} {
		list = append(list, native.Option{Key: '!', Long: name, Arg: native.OptArg})
	}
	return list
}

// A mountFinder is one invocation of findmnt.
type mountFinder struct {
	*native.Call
	form                           native.GridForm
	bare, list, first, submounts   bool
	noRoot, ascii                  bool
	columns                        []string
	source, point, target, types   string
	hasSource, hasPoint, hasTarget bool
	maybeBoth                      bool // the operand is a source, or else a mount point
	table                          []mountinfo.Entry
	found                          []mountinfo.Entry
	depth                          []int // of each found mount, if the output is a tree
	children                       map[int][]mountinfo.Entry
	shown                          map[int]bool
	resolved                       map[string]string // names without links, "" if missing
}

// Findmnt is findmnt(8) for the kernel's table: it prints the mounts as a tree, as a list, or a
// single one.
func Findmnt(c *native.Call) int {
	f := &mountFinder{Call: c, columns: []string{"TARGET", "SOURCE", "FSTYPE", "OPTIONS"}}
	problem := f.parse()
	var err error
	if problem == "" {
		if f.table, err = c.MountTable(); err != nil {
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
		return c.WriteError(err)
	}
	return 0
}

func (f *mountFinder) parse() (problem string) {
	opts, operands, problem := f.Options(findmntOptions(), native.Permute)
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
		if _, ok := f.value(mountinfo.Entry{}, f.columns[i]); !ok && problem == "" {
			problem = "column " + column
		}
	}
	return problem
}

func (f *mountFinder) option(o native.GivenOption) (problem string) {
	switch o.Key {
	case 'n':
		f.bare = true
	case 'r', 'P', 'l':
		if f.list {
			return "two forms of output"
		}
		f.list = true
		f.form = map[rune]native.GridForm{'r': native.GridRaw, 'P': native.GridPairs}[o.Key]
	case 'f':
		f.first = true
	case 'R':
		f.submounts = true
	case 'v':
		f.noRoot = true
	case 'a':
		f.ascii = true
	case 'o':
		f.columns = strings.Split(o.Value, ",")
	case 't':
		f.types = o.Value
	case 'M':
		f.point, f.hasPoint = o.Value, true
	case 'T':
		f.target, f.hasTarget = o.Value, true
	case 'S':
		f.source, f.hasSource = o.Value, true
	case '!':
		return o.Named()
	}
	return ""
}

// operands takes the operands: a source, a mount point, or both.
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
		f.submounts = false // all mounts are printed anyway, in the kernel's order
	}
	if strings.Contains(f.source, "=") || f.hasSource && isDeviceNumber(f.source) {
		return "the source '" + f.source + "'"
	}
	return ""
}

// isDeviceNumber reports whether a source has the form MAJOR:MINOR.
func isDeviceNumber(source string) bool {
	major, minor, ok := strings.Cut(source, ":")
	return ok && ascii.IsDigits(major) && ascii.IsDigits(minor)
}

// unsure names a mount that the tool may show in another way than the kernel, "" if there is
// none.
func (f *mountFinder) unsure() (problem string) {
	for _, e := range f.table {
		switch {
		case e.Source == "/dev/root":
			return "a root without the name of its device"
		case e.FSType == "autofs":
			return "mounts of autofs"
		}
	}
	return ""
}

// isTree reports whether find starts at the root and descends from mount to mount.
func (f *mountFinder) isTree() bool {
	return !f.list && !f.first && !f.submounts && !f.hasSource && !f.hasPoint && !f.hasTarget
}

func (f *mountFinder) find() {
	if f.isTree() || f.submounts {
		f.shown, f.children = map[int]bool{}, map[int][]mountinfo.Entry{}
		for _, e := range f.table {
			if e.Parent != e.ID {
				f.children[e.Parent] = append(f.children[e.Parent], e)
			}
		}
		for _, list := range f.children {
			slices.SortStableFunc(list, func(a, b mountinfo.Entry) int { return a.ID - b.ID })
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

// root returns the top of the tree: the mount that all others depend on.
func (f *mountFinder) root() (root mountinfo.Entry, ok bool) {
	for _, e := range f.table {
		if !ok || e.Parent < root.Parent {
			root, ok = e, true
		}
	}
	// The kernel reuses mount ids, so the mount with the lowest parent may itself have a
	// parent.
	for range f.table {
		at := slices.IndexFunc(f.table, func(e mountinfo.Entry) bool {
			return e.ID == root.Parent && e.ID != root.ID
		})
		if at < 0 {
			break
		}
		root = f.table[at]
	}
	return root, ok
}

// grow adds a mount, if it matches, and the mounts on it.
func (f *mountFinder) grow(e mountinfo.Entry, depth int) {
	if f.shown[e.ID] {
		return
	}
	f.shown[e.ID] = true
	below := depth // the children of a mount that is not shown take its depth
	if f.submounts || f.matches(e) {
		f.found, f.depth = append(f.found, e), append(f.depth, depth)
		below = depth + 1
	}
	for _, child := range f.children[e.ID] {
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

func (f *mountFinder) matches(e mountinfo.Entry) bool {
	switch {
	case f.types != "" && !typeMatches(e.FSType, f.types),
		f.hasSource && !f.isSource(e),
		f.hasPoint && !f.isAt(e, f.point),
		f.hasTarget && !f.isAt(e, f.target):
		return false
	}
	return true
}

func (f *mountFinder) isSource(e mountinfo.Entry) bool {
	if e.Source == f.source {
		return true
	}
	name, ok := f.resolve(f.source)
	return ok && name == e.Source && !virtualType(e.FSType)
}

func (f *mountFinder) isAt(e mountinfo.Entry, name string) bool {
	if strings.TrimRight(e.Target, "/") == strings.TrimRight(name, "/") {
		return true
	}
	name, ok := f.resolve(name)
	return ok && e.Target == name
}

// resolve returns a name without symbolic links, "" and false if the file is missing. It looks
// up each name only once.
func (f *mountFinder) resolve(name string) (resolved string, ok bool) {
	resolved, known := f.resolved[name]
	if !known {
		if f.resolved == nil {
			f.resolved = map[string]string{}
		}
		resolved, _ = f.Canonical(name, fsys.NoneMissing, false)
		f.resolved[name] = resolved
	}
	return resolved, resolved != ""
}

// pointOf returns the mount point at or above a file.
func (f *mountFinder) pointOf(name string) (point string, ok bool) {
	name, ok = f.resolve(name)
	if !ok {
		return "", false
	}
	for {
		if _, ok := mountinfo.At(f.table, name); ok || name == "/" {
			return name, ok
		}
		name = path.Dir(name)
	}
}
