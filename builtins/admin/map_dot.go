package admin

import (
	"fmt"
	"strings"
)

// dot returns the picture as a graph in the language of Graphviz.
func (p *picture) dot() string {
	var b strings.Builder
	b.WriteString("graph overlay {\n\tgraph [rankdir=LR, ranksep=1]\n" +
		"\tnode [shape=box, fontname=\"monospace\", fontsize=10]\n" +
		"\tedge [fontname=\"monospace\", fontsize=9]\n")
	for i, bus := range p.buses {
		fmt.Fprintf(&b, "\tbridge%d [label=%s, style=\"bold\"]\n", i,
			dotText(bus.name, strings.Join(bus.words, " ")))
	}
	for i, box := range p.boxes {
		lines := []string{box.name + " (" + string(box.state) + ")"}
		for _, r := range box.rows {
			lines = append(lines, strings.Join(r.words, " "))
		}
		style := ""
		if box.state == stopped {
			style = ", style=\"dashed\""
		}
		fmt.Fprintf(&b, "\tsubhost%d [label=%s%s]\n", i, dotText(lines...), style)
		for _, r := range box.rows {
			if r.bus < 0 {
				continue
			}
			style := "solid"
			switch {
			case r.isMissing:
				style = "dotted"
			case r.isVLAN:
				style = "dashed"
			}
			fmt.Fprintf(&b, "\tbridge%d -- subhost%d [label=%s, style=%s]\n", r.bus, i,
				dotLabel(r.label), style)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// dotText returns lines, flush left, as a string of the language.
func dotText(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		if line != "" {
			b.WriteString(dotEscaped(line) + `\l`)
		}
	}
	return `"` + b.String() + `"`
}

func dotLabel(s string) string { return `"` + dotEscaped(s) + `"` }

// dotEscaped escapes a text for a label. An ampersand would begin a name of a character, as in
// HTML.
func dotEscaped(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;").Replace(escaped(s, true))
}
