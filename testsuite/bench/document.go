package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// A document is the result of one run.
type document struct {
	head, body strings.Builder
	values     map[string]float64
	plots      []plot
}

func (d *document) begin(o options) {
	d.values = map[string]float64{}
	d.head.WriteString("# Measurements\n\nWritten by `make bench`; every figure is of one run on " +
		"one machine, and the contenders took turns.\n\n")
	if o.quick {
		d.head.WriteString("**This run only shows that the bench works: its figures mean nothing.**\n\n")
	}
	d.head.WriteString(facts())
}

func (d *document) add(r report) {
	d.body.WriteString(r.Markdown)
	maps.Copy(d.values, r.Values)
	for _, p := range r.Plots {
		d.plots = append(d.plots, p)
		fmt.Fprintf(&d.body, "![%s](%s)\n\n", p.Title, p.File)
	}
}

// finish writes the document.
func (d *document) finish(o options, w io.Writer) error {
	if err := d.save(o); err != nil {
		return err
	}
	_, err := io.WriteString(w, d.text())
	return err
}

func (d *document) text() string { return d.head.String() + aimsTable(d.values) + d.body.String() }

// save writes the results so far into files, if -out is given.
func (d *document) save(o options) error {
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return err
		}
		for _, p := range d.plots {
			if _, err := write(o.out, p.File, p.svg()); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(o.out, "bench.md"), []byte(d.text()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
