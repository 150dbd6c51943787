package builtins

import (
	"fmt"
	"strconv"
	"strings"
)

// value is what a column shows of a mount.
func (f *mountFinder) value(e mountEntry, column string) (value string, ok bool) {
	switch column {
	case "TARGET":
		return e.target, true
	case "SOURCE":
		if e.root != "" && e.root != "/" && !f.noRoot {
			return e.source + "[" + e.root + "]", true
		}
		return e.source, true
	case "FSTYPE":
		return e.fstype, true
	case "OPTIONS":
		e.user = "" // the kernel does not know them
		return e.options(), true
	case "VFS-OPTIONS":
		return e.vfsOptions, true
	case "FS-OPTIONS":
		return e.superblocks, true
	case "OPT-FIELDS":
		return e.optional, true
	case "FSROOT":
		return e.root, true
	case "ID":
		return strconv.Itoa(e.id), true
	case "PARENT":
		return strconv.Itoa(e.parent), true
	case "PROPAGATION":
		return e.propagation(), true
	case "MAJ:MIN":
		if major, minor, ok := strings.Cut(e.device, ":"); ok && f.form == gridTable {
			return fmt.Sprintf("%3s:%-3s", major, minor), true
		}
		return e.device, true
	}
	return "", false
}

// propagation is which mounts follow this one, and which it follows.
func (e mountEntry) propagation() string {
	text := "private"
	if strings.Contains(e.optional, "shared:") {
		text = "shared"
	}
	if strings.Contains(e.optional, "master:") {
		text += ",slave"
	}
	if strings.Contains(e.optional, "unbindable") {
		text += ",unbindable"
	}
	return text
}

func (f *mountFinder) grid() *grid {
	g := &grid{locale: f.locale(), form: f.form, bare: f.bare}
	for _, column := range f.columns {
		g.columns = append(g.columns, gridColumn{column, column == "ID" || column == "PARENT"})
	}
	for _, e := range f.found {
		var row []string
		for _, column := range f.columns {
			value, _ := f.value(e, column)
			row = append(row, value)
		}
		g.rows = append(g.rows, row)
	}
	if !f.list && f.depth != nil {
		g.tree = "TARGET"
		g.branches = branches(f.depth, g.locale.utf8 && !f.ascii)
	}
	return g
}

// branches draws a tree whose nodes have these depths.
func branches(depth []int, boxes bool) []string {
	more, last, line := "|-", "`-", "| "
	if boxes {
		more, last, line = "├─", "└─", "│ "
	}
	texts := make([]string, len(depth))
	// goesOn[d] says that a node at depth d is still to come below the same parent.
	var goesOn []bool
	for i := len(depth) - 1; i >= 0; i-- {
		d := depth[i]
		for len(goesOn) <= d {
			goesOn = append(goesOn, false)
		}
		goesOn = goesOn[:d+1]
		text := ""
		for _, on := range goesOn[min(1, d):d] {
			if on {
				text += line
			} else {
				text += "  "
			}
		}
		switch {
		case d == 0:
		case goesOn[d]:
			text += more
		default:
			text += last
		}
		texts[i] = text
		goesOn[d] = true
	}
	return texts
}
