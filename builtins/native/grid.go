package native

import (
	"fmt"
	"strings"
)

// GridForm is the output format of a Grid.
type GridForm byte

// The formats of a Grid.
const (
	GridTable GridForm = iota
	GridRaw            // one blank between the values, none inside a value
	GridPairs          // NAME="value"
)

// A Grid is text in columns, as libsmartcols of util-linux prints it when standard output is no
// terminal. Its lines may have any length.
type Grid struct {
	Locale  Locale
	Form    GridForm
	Bare    bool // no headings
	Columns []GridColumn
	Rows    [][]string
	// Branches are written, unchanged, before the values of the column Tree.
	Branches []string
	Tree     string
}

// A GridColumn describes one column.
type GridColumn struct {
	Name  string
	Right bool // the values are right-aligned
}

// String returns the grid as text.
func (g *Grid) String() string {
	var b strings.Builder
	var lines [][]string
	if !g.Bare && g.Form != GridPairs {
		var heads []string
		for _, column := range g.Columns {
			heads = append(heads, column.Name)
		}
		lines = append(lines, heads)
	}
	for i, row := range g.Rows {
		lines = append(lines, g.encoded(i, row))
	}
	widths := g.widths(lines)
	for _, line := range lines {
		for i, value := range line {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(g.padded(i, value, widths[i], i == len(line)-1))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// widths returns the width of each column. A heading counts even where headings are not shown.
func (g *Grid) widths(lines [][]string) []int {
	widths := make([]int, len(g.Columns))
	if g.Form != GridTable {
		return widths
	}
	for i, column := range g.Columns {
		widths[i] = len(column.Name)
		for _, line := range lines {
			widths[i] = max(widths[i], g.Locale.Width(line[i]))
		}
	}
	return widths
}

func (g *Grid) padded(i int, value string, width int, last bool) string {
	blanks := strings.Repeat(" ", max(0, width-g.Locale.Width(value)))
	switch {
	case g.Form != GridTable:
		return value
	case g.Columns[i].Right:
		return blanks + value
	case last:
		return value
	}
	return value + blanks
}

func (g *Grid) encoded(row int, values []string) (encoded []string) {
	for i, value := range values {
		switch g.Form {
		case GridRaw:
			value = Locale{}.hexed(value, func(r rune) bool { return r == ' ' || r == '\t' || r == '\\' })
		case GridPairs:
			value = g.Columns[i].Name + `="` +
				Locale{}.hexed(value, func(r rune) bool { return strings.ContainsRune("\"\\`$", r) }) + `"`
		default:
			value = g.Locale.hexed(strings.ReplaceAll(value, `\x`, `\x5cx`), nil)
		}
		if g.Branches != nil && g.Columns[i].Name == g.Tree {
			value = g.Branches[row] + value
		}
		encoded = append(encoded, value)
	}
	return encoded
}

// hexed writes s with \xNN for each byte of a character that is unprintable or special. The
// formats for programs (GridRaw, GridPairs) are the same in each locale.
func (l Locale) hexed(s string, special func(rune) bool) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size, valid := l.Char([]byte(s[i:]))
		if valid && l.isPrint(r) && (special == nil || !special(r)) {
			b.WriteString(s[i : i+size])
			i += size
			continue
		}
		for range size {
			fmt.Fprintf(&b, `\x%02x`, s[i])
			i++
		}
	}
	return b.String()
}

// isPrint is isprint(3), or iswprint(3) in UTF-8.
func (l Locale) isPrint(r rune) bool {
	if r < 0x80 {
		return r >= ' ' && r != 0x7f
	}
	return l.UTF8 && IsPrintRune(r)
}
