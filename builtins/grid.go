package builtins

import (
	"fmt"
	"strings"
)

// gridForm is how a grid is written.
type gridForm byte

const (
	gridTable gridForm = iota
	gridRaw            // one blank between the values, and none in them
	gridPairs          // NAME="value"
)

// A grid is text in columns, as libsmartcols of util-linux prints it where standard output
// is no terminal: the lines are as long as they are.
type grid struct {
	locale  locale
	form    gridForm
	bare    bool // without the headings
	columns []gridColumn
	rows    [][]string
	// branches go before the values of the column tree, and are taken as they are.
	branches []string
	tree     string
}

// A gridColumn is the heading of a column.
type gridColumn struct {
	name  string
	right bool // the values are at its right end
}

func (g *grid) String() string {
	var b strings.Builder
	var lines [][]string
	if !g.bare && g.form != gridPairs {
		var heads []string
		for _, column := range g.columns {
			heads = append(heads, column.name)
		}
		lines = append(lines, heads)
	}
	for i, row := range g.rows {
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

// widths are those of the columns, which are as wide as their headings where those are not
// shown, too.
func (g *grid) widths(lines [][]string) []int {
	widths := make([]int, len(g.columns))
	if g.form != gridTable {
		return widths
	}
	for i, column := range g.columns {
		widths[i] = len(column.name)
		for _, line := range lines {
			widths[i] = max(widths[i], g.locale.width(line[i]))
		}
	}
	return widths
}

func (g *grid) padded(i int, value string, width int, last bool) string {
	blanks := strings.Repeat(" ", max(0, width-g.locale.width(value)))
	switch {
	case g.form != gridTable:
		return value
	case g.columns[i].right:
		return blanks + value
	case last:
		return value
	}
	return value + blanks
}

func (g *grid) encoded(row int, values []string) (encoded []string) {
	for i, value := range values {
		switch g.form {
		case gridRaw:
			value = locale{}.hexed(value, func(r rune) bool { return r == ' ' || r == '\t' || r == '\\' })
		case gridPairs:
			value = g.columns[i].name + `="` +
				locale{}.hexed(value, func(r rune) bool { return strings.ContainsRune("\"\\`$", r) }) + `"`
		default:
			value = g.locale.hexed(strings.ReplaceAll(value, `\x`, `\x5cx`), nil)
		}
		if g.branches != nil && g.columns[i].name == g.tree {
			value = g.branches[row] + value
		}
		encoded = append(encoded, value)
	}
	return encoded
}

// hexed is a text with \xNN for each byte of what cannot be printed, and of what is special.
// The forms for programs are the same in each locale.
func (l locale) hexed(s string, special func(rune) bool) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size, valid := l.char([]byte(s[i:]))
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

// isPrint is isprint(3), and iswprint(3) in UTF-8.
func (l locale) isPrint(r rune) bool {
	if r < 0x80 {
		return r >= ' ' && r != 0x7f
	}
	return l.utf8 && isPrintRune(r)
}
