package compat

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed report.html
var page string

// ReportHTML writes results as one self-contained HTML file: a row for each scenario, which
// opens to show the observations and the differences.
func ReportHTML(w io.Writer, results []*Result) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"label":  (*Result).label,
		"lines":  lineDiff,
		"mark":   func(e edit) string { return string(e.mark) },
		"text":   func(e edit) string { return e.text },
		"number": func(e edit) int { return e.line },
		"sum":    Sum,
	}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, results)
}
