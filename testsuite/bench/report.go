package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A report is the result of a scene.
type report struct {
	// Markdown is the text for the reader.
	Markdown string
	// Values are for the table of aims: times in ms, sizes in kB, counts.
	Values map[string]float64
	Plots  []plot
}

// printf adds to the text for the reader.
func (r *report) printf(format string, args ...any) {
	r.Markdown += fmt.Sprintf(format, args...)
}

// value records a figure for the table of aims.
func (r *report) value(name string, v float64) {
	if r.Values == nil {
		r.Values = map[string]float64{}
	}
	r.Values[name] = v
}

// A table is a Markdown table with aligned columns, readable as it is.
type table [][]string

// row adds a row; the first one is the head.
func (t *table) row(cells ...string) { *t = append(*t, cells) }

// String aligns the first column to the left, the others to the right.
func (t table) String() string {
	width := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell), 2)
		}
	}
	var b strings.Builder
	for n, row := range t {
		writeRow(&b, row, width)
		if n > 0 {
			continue
		}
		for i, w := range width {
			rule := strings.Repeat("-", w)
			if i > 0 {
				rule = rule[1:] + ":"
			}
			b.WriteString("| " + rule + " ")
		}
		b.WriteString("|\n")
	}
	return b.String()
}

func writeRow(b *strings.Builder, row []string, width []int) {
	for i, cell := range row {
		blanks := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
		if i == 0 {
			cell += blanks
		} else {
			cell = blanks + cell
		}
		b.WriteString("| " + cell + " ")
	}
	b.WriteString("|\n")
}
