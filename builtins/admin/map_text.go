package admin

import "strings"

// A stencil has the characters of a picture.
type stencil struct {
	down, across, cross, plug, missing            string
	topLeft, topRight, lowLeft, lowRight, in, dot string
	arrow                                         string
}

var (
	lines = stencil{down: "│", across: "─", cross: "┼", plug: "●", missing: "○", topLeft: "┌",
		topRight: "┐", lowLeft: "└", lowRight: "┘", in: "┤", dot: "┄", arrow: arrow}
	asciiLines = stencil{down: "|", across: "-", cross: "+", plug: "*", missing: "o", topLeft: "+",
		topRight: "+", lowLeft: "+", lowRight: "+", in: "+", dot: ".", arrow: "->"}
)

// A textMap is a picture that is being drawn with characters.
type textMap struct {
	*picture
	pen     pen
	stencil stencil
	labels  int // the width of the labels on the cables
	inner   int // the width of the text in the boxes
	out     strings.Builder
}

// text draws the picture for a terminal of a width, 0 for any.
func (p *picture) text(pen pen, width int) string {
	m := &textMap{picture: p, pen: pen, stencil: asciiLines}
	if pen.locale.UTF8 {
		m.stencil = lines
	}
	m.inner = 20
	for _, b := range p.boxes {
		m.inner = max(m.inner, m.pen.width(m.heading(b, 0)))
		for _, r := range b.rows {
			m.labels = max(m.labels, m.pen.width(m.pen.text(r.label)))
			m.inner = max(m.inner, m.pen.width(m.words(r.words)))
		}
	}
	if left := m.left() + 4; width > 0 {
		m.inner = max(12, min(m.inner, width-left))
	}
	m.heads(width)
	for i := range p.boxes {
		m.box(i)
	}
	return m.out.String()
}

// left returns the width of what is left of the boxes: the buses and the cables.
func (m *textMap) left() int {
	if m.labels == 0 {
		return 2 * len(m.buses)
	}
	return 2*len(m.buses) + 1 + m.labels + 2
}

func (m *textMap) line(text string) { m.out.WriteString(strings.TrimRight(text, " ") + "\n") }

// words joins words, escaped.
func (m *textMap) words(list []string) string {
	var shown []string
	for _, w := range list {
		if w == arrow {
			shown = append(shown, m.stencil.arrow)
			continue
		}
		shown = append(shown, m.pen.text(w))
	}
	return strings.Join(shown, " ")
}

// heading returns the first line of a box, with the state at its right end.
func (m *textMap) heading(b box, width int) string {
	name, state := m.pen.text(b.name), string(b.state)
	gap := max(2, width-m.pen.width(name)-len(state))
	return name + strings.Repeat(" ", gap) + state
}

// heads writes a line for each bus, at the place where it begins.
func (m *textMap) heads(width int) {
	for i, b := range m.buses {
		text := strings.Repeat(m.stencil.down+" ", i) + m.pen.text(b.name) + "  " + m.words(b.words)
		if width > 0 {
			text = m.pen.cut(text, width, false)
		}
		m.line(text)
	}
	if len(m.buses) > 0 && len(m.boxes) > 0 {
		m.line(m.wires(0, -1, row{bus: -1}))
	}
}

// wires returns what is left of a row of a box: the buses, and a cable if it has one. A bus
// ends at the last cable that leads to it.
func (m *textMap) wires(box, at int, r row) string {
	var b strings.Builder
	for n := range m.buses {
		lastBox, lastRow := m.lowest(n)
		isHere := box < lastBox || box == lastBox && at <= lastRow
		switch across := r.bus >= 0 && n > r.bus; {
		case n == r.bus && r.isMissing:
			b.WriteString(m.stencil.missing)
		case n == r.bus:
			b.WriteString(m.stencil.plug)
		case across && isHere:
			b.WriteString(m.stencil.cross)
		case across:
			b.WriteString(m.across(r))
		case isHere:
			b.WriteString(m.stencil.down)
		default:
			b.WriteByte(' ')
		}
		if r.bus >= 0 && n >= r.bus {
			b.WriteString(m.across(r))
		} else {
			b.WriteByte(' ')
		}
	}
	if r.bus < 0 {
		return m.pen.pad(b.String(), m.left())
	}
	b.WriteString(" " + m.pen.text(r.label) + " ")
	for m.pen.width(b.String()) < m.left() {
		b.WriteString(m.across(r))
	}
	return b.String()
}

// across returns the character of a cable, or of one that is not there.
func (m *textMap) across(r row) string {
	if r.isMissing {
		return m.stencil.dot
	}
	return m.stencil.across
}

// box draws a box.
func (m *textMap) box(i int) {
	b, s := m.boxes[i], m.stencil
	border := strings.Repeat(s.across, m.inner+2)
	none := row{bus: -1}
	m.line(m.wires(i, -1, none) + s.topLeft + border + s.topRight)
	inside := func(text string) string {
		return " " + m.pen.pad(m.pen.cut(text, m.inner, false), m.inner) + " " + s.down
	}
	m.line(m.wires(i, -1, none) + s.down + inside(m.heading(b, m.inner)))
	for n, r := range b.rows {
		edge := s.down
		if r.bus >= 0 {
			edge = s.in
		}
		m.line(m.wires(i, n, r) + edge + inside(m.words(r.words)))
	}
	m.line(m.wires(i, len(b.rows), none) + s.lowLeft + border + s.lowRight)
}
