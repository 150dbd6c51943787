package mount

import (
	"fmt"
	"strconv"
	"strings"

	"overlayboot/builtins/base/mountinfo"
	"overlayboot/builtins/native"
)

// value returns the text for a column of a mount.
func (f *mountFinder) value(e mountinfo.Entry, column string) (value string, ok bool) {
	switch column {
	case "TARGET":
		return e.Target, true
	case "SOURCE":
		if e.Root != "" && e.Root != "/" && !f.noRoot {
			return e.Source + "[" + e.Root + "]", true
		}
		return e.Source, true
	case "FSTYPE":
		return e.FSType, true
	case "OPTIONS":
		e.User = "" // the kernel's table has no user options
		return e.Options(), true
	case "VFS-OPTIONS":
		return e.VFSOptions, true
	case "FS-OPTIONS":
		return e.Superblocks, true
	case "OPT-FIELDS":
		return e.Optional, true
	case "FSROOT":
		return e.Root, true
	case "ID":
		return strconv.Itoa(e.ID), true
	case "PARENT":
		return strconv.Itoa(e.Parent), true
	case "PROPAGATION":
		return propagation(e), true
	case "MAJ:MIN":
		if major, minor, ok := strings.Cut(e.Device, ":"); ok && f.form == native.GridTable {
			return fmt.Sprintf("%3s:%-3s", major, minor), true
		}
		return e.Device, true
	}
	return "", false
}

// propagation returns the propagation type of a mount, in findmnt's words.
func propagation(e mountinfo.Entry) string {
	text := "private"
	if strings.Contains(e.Optional, "shared:") {
		text = "shared"
	}
	if strings.Contains(e.Optional, "master:") {
		text += ",slave"
	}
	if strings.Contains(e.Optional, "unbindable") {
		text += ",unbindable"
	}
	return text
}

func (f *mountFinder) grid() *native.Grid {
	g := &native.Grid{Locale: f.Locale(), Form: f.form, Bare: f.bare}
	for _, column := range f.columns {
		g.Columns = append(g.Columns, native.GridColumn{Name: column,
			Right: column == "ID" || column == "PARENT"})
	}
	for _, e := range f.found {
		var row []string
		for _, column := range f.columns {
			value, _ := f.value(e, column)
			row = append(row, value)
		}
		g.Rows = append(g.Rows, row)
	}
	if !f.list && f.depth != nil {
		g.Tree = "TARGET"
		g.Branches = branches(f.depth, g.Locale.UTF8 && !f.ascii)
	}
	return g
}

// branches draws the tree whose nodes have these depths.
func branches(depth []int, boxes bool) []string {
	more, last, line := "|-", "`-", "| "
	if boxes {
		more, last, line = "├─", "└─", "│ "
	}
	texts := make([]string, len(depth))
	// goesOn[d] says that a later node at depth d has the same parent.
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
