package admin

import (
	"strconv"
	"strings"
	"time"
)

// A column is one of the table.
type column struct {
	head  string
	right bool // aligned to the right
	// least is the width to which a long value is cut on a terminal, 0 for not at all.
	least    int
	fromLeft bool // such a value loses its beginning
	// rank tells which columns a narrow terminal does not show: those with the highest ones.
	rank int
}

// columns are those of the table. The last one is for what is not a terminal; on a terminal
// its text has a line of its own.
var columns = [...]column{
	{head: "NAME", least: 14}, // a NAME has up to 12 characters, a file perhaps more
	{head: "STATE", rank: 1},
	{head: "SINCE", rank: 4},
	{head: "PID", right: true, rank: 6},
	{head: "PROCS", right: true, rank: 5},
	{head: "MEMORY", right: true, rank: 3},
	{head: "CPU", right: true, rank: 7},
	{head: "CABLES", least: 12, rank: 2},
	{head: "CONFIG", least: 12, fromLeft: true, rank: 8},
	{head: "BROKEN", rank: 9},
}

// cells returns the values of a subhost for the columns.
func (l *lister) cells(h *subhost, isTerminal bool) []string {
	var cables []string
	for _, c := range h.cables {
		cables = append(cables, cableText(c))
	}
	list := []string{h.name, string(h.state), l.sinceText(h, isTerminal), "", "", "", "",
		strings.Join(cables, ";"), h.config, strings.Join(h.broken, ", ")}
	if h.init != 0 {
		list[3], list[4] = strconv.Itoa(h.init), strconv.Itoa(len(h.processes))
	}
	if h.memory.source != "" {
		list[5], list[6] = sizeText(h.memory.value), cpuText(h.cpu.value)
		if h.memory.source == fromRSS {
			list[5] = "~" + list[5]
		}
	}
	for i := range list {
		if list[i] = l.pen.text(list[i]); list[i] == "" {
			list[i] = "-"
		}
		if !isTerminal && i < len(list)-1 {
			list[i] = strings.ReplaceAll(list[i], " ", `\x20`) // so that blanks separate columns
		}
	}
	return list
}

// sinceText shows when a subhost was started.
func (l *lister) sinceText(h *subhost, isTerminal bool) string {
	if h.since.IsZero() {
		return ""
	}
	at := h.since.In(l.c.TimeZone())
	if !isTerminal {
		return at.Format("2006-01-02T15:04:05")
	}
	if time.Since(at) < 12*time.Hour {
		return at.Format("15:04:05")
	}
	return at.Format("2006-01-02")
}

// table returns the table. width is that of the terminal, 0 for none.
func (l *lister) table(list []*subhost, width int) string {
	lines := make([][]string, 0, len(list)+1)
	var heads []string
	for _, c := range columns {
		heads = append(heads, c.head)
	}
	lines = append(lines, heads)
	for _, h := range list {
		lines = append(lines, l.cells(h, width > 0))
	}
	widths := l.widths(lines)
	if width > 0 {
		l.fit(widths, width)
	}
	var b strings.Builder
	for n, line := range lines {
		b.WriteString(l.line(line, widths) + "\n")
		if width > 0 && n > 0 && len(list[n-1].broken) > 0 {
			b.WriteString(l.pen.cut("  "+line[len(line)-1], width, false) + "\n")
		}
	}
	return b.String()
}

func (l *lister) widths(lines [][]string) []int {
	widths := make([]int, len(columns))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], l.pen.width(cell))
		}
	}
	return widths
}

// line returns a line of the table. A column of width -1 is not shown.
func (l *lister) line(cells []string, widths []int) string {
	var shown []string
	for i, cell := range cells {
		if widths[i] < 0 {
			continue
		}
		cell = l.pen.cut(cell, widths[i], columns[i].fromLeft)
		if columns[i].right {
			cell = strings.Repeat(" ", max(0, widths[i]-l.pen.width(cell))) + cell
		}
		shown = append(shown, l.pen.pad(cell, widths[i]))
	}
	return strings.TrimRight(strings.Join(shown, "  "), " ")
}

// fit makes the columns as narrow as the terminal asks: it cuts long values, and then leaves
// out columns.
func (l *lister) fit(widths []int, width int) {
	widths[len(widths)-1] = -1
	for rank := len(columns) - 2; rank >= 0 && total(widths) > width; rank-- {
		for i := len(columns) - 1; i >= 0; i-- { // the rightmost value loses most
			if least := columns[i].least; least > 0 && widths[i] > least {
				widths[i] = max(least, widths[i]-max(0, total(widths)-width))
			}
		}
		if total(widths) <= width {
			return
		}
		for i := range columns {
			if columns[i].rank == rank && rank > 0 {
				widths[i] = -1
			}
		}
	}
	if widths[0] > width {
		widths[0] = width
	}
}

// total returns the width of a line.
func total(widths []int) int {
	n := -2
	for _, w := range widths {
		if w >= 0 {
			n += w + 2
		}
	}
	return n
}
