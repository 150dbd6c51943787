package admin

import (
	"fmt"
	"strings"

	"overlayboot/builtins/native"
)

// Measures of the image, in pixels.
const (
	svgMargin   = 20
	svgFont     = 13
	svgChar     = 8.2 // of a monospaced character, whose width is 0.6 of the height in most fonts
	svgWide     = 14  // of any other one
	svgLine     = 20
	svgHead     = 24 // the height of the box of a bridge
	svgHeadStep = 34
	svgStep     = 26 // from bus to bus
	svgGap      = 22 // between the boxes of subhosts
	svgPad      = 10
	svgColumns  = 76 // longer texts are cut
)

// busColors are legible on light and on dark ground.
var busColors = [...]string{"#2f7ed8", "#d9822b", "#3a9d5d", "#a05cc2", "#c94f6d", "#1f9aa0",
	"#8c7a2e", "#6b7bb5"}

// stateColors are the grounds of the states, for white letters.
var stateColors = map[state]string{running: "#2e7d32", stopped: "#6b6b6b", broken: "#b71c1c",
	starting: "#9a5b00", waiting: "#9a5b00", restarting: "#9a5b00", stopping: "#9a5b00"}

// An svgMap is a picture that is being drawn as an image.
type svgMap struct {
	*picture
	lines, boxes, texts strings.Builder // in the order in which they cover each other
	left, width         float64         // where the boxes begin, and their width
	ends                []float64       // where each bus ends
}

// svg draws the picture as an image.
func (p *picture) svg() string {
	m := &svgMap{picture: p, ends: make([]float64, len(p.buses))}
	right := m.measure()
	top := m.heads(&right)
	y := top
	for _, b := range p.boxes {
		y = m.box(b, y) + svgGap
	}
	height := max(y-svgGap, top-svgGap) + svgMargin
	width := right + svgMargin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t d" `+
		`width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" font-family="monospace" `+
		`font-size="%d">`+"\n", width, height, width, height, svgFont)
	fmt.Fprintf(&b, "<title id=\"t\">Subhosts and bridges</title>\n<desc id=\"d\">%s</desc>\n",
		xmlText(m.description()))
	for i := range p.buses {
		x := m.busX(i)
		fmt.Fprintf(&b, `<path d="M%.1f %.1fV%.1f" stroke="%s" stroke-width="4" `+
			`stroke-linecap="round" fill="none"/>`+"\n", x, m.headY(i)+svgHead, m.ends[i], busColor(i))
	}
	b.WriteString(m.lines.String() + m.boxes.String() + m.texts.String() + "</svg>\n")
	return b.String()
}

func busColor(i int) string           { return busColors[i%len(busColors)] }
func (m *svgMap) busX(i int) float64  { return svgMargin + 8 + float64(i)*svgStep }
func (m *svgMap) headY(i int) float64 { return svgMargin + float64(i)*svgHeadStep }

// measure sets where the boxes begin and how wide they are, and returns their right end.
func (m *svgMap) measure() (right float64) {
	labels := 0.0
	for _, b := range m.picture.boxes {
		m.width = max(m.width, textWidth(b.name)+textWidth(string(b.state))+40)
		for _, r := range b.rows {
			m.width = max(m.width, textWidth(strings.Join(r.words, " ")))
			if r.bus >= 0 {
				labels = max(labels, textWidth(r.label)+12)
			}
		}
	}
	m.width += 2 * svgPad
	m.left = m.busX(len(m.buses)-1) + 18
	if labels > 0 {
		m.left += labels + 18
	}
	if len(m.picture.boxes) == 0 {
		return svgMargin
	}
	return m.left + m.width
}

// heads draws the boxes of the bridges, and returns where those of the subhosts begin.
func (m *svgMap) heads(right *float64) (top float64) {
	for i, bus := range m.buses {
		words := append([]string{bus.name}, bus.words...)
		text := strings.Join(words, "  ")
		x, y, w := m.busX(i)-8, m.headY(i), textWidth(text)+2*svgPad
		dash := ""
		if bus.isHost || len(bus.words) > 0 && bus.words[0] == "not there" {
			dash = ` stroke-dasharray="5 3"`
		}
		fmt.Fprintf(&m.boxes, `<g><title>%s</title><rect x="%.1f" y="%.1f" width="%.1f" height="%d" `+
			`rx="4" fill="#fbfbfb" stroke="%s" stroke-width="2"%s/></g>`+"\n", xmlText(text), x, y, w,
			svgHead, busColor(i), dash)
		m.write(x+svgPad, y+17, "#1d1d1d", "", text)
		m.ends[i] = y + svgHead
		*right = max(*right, x+w)
	}
	return m.headY(len(m.buses)) + 6
}

// box draws a subhost, and returns where it ends.
func (m *svgMap) box(b box, y float64) (bottom float64) {
	height := float64(svgLine*(len(b.rows)+1) + 2*svgPad)
	fmt.Fprintf(&m.boxes, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="6" `+
		`fill="#fbfbfb" stroke="#8a8a8a" stroke-width="1.5"/>`+"\n", m.left, y, m.width, height)
	base := y + svgPad + 15
	m.write(m.left+svgPad, base, "#1d1d1d", ` font-weight="bold"`, b.name)
	badge := textWidth(string(b.state)) + 12
	x := m.left + m.width - badge - svgPad + 4
	fmt.Fprintf(&m.boxes, `<rect x="%.1f" y="%.1f" width="%.1f" height="19" rx="4" fill="%s"/>`+"\n",
		x, base-14, badge, stateColors[b.state])
	m.write(x+6, base, "#ffffff", "", string(b.state))
	for _, r := range b.rows {
		base += svgLine
		color := "#1d1d1d"
		if r.bus < 0 {
			color = "#555555"
		} else {
			m.cable(r, base-5)
		}
		m.write(m.left+svgPad, base, color, "", strings.Join(r.words, " "))
	}
	return y + height
}

// cable draws the cable of a row.
func (m *svgMap) cable(r row, y float64) {
	color, style := busColor(r.bus), ""
	switch {
	case r.isMissing:
		style = ` stroke-dasharray="2 4"`
	case r.isVLAN:
		style = ` stroke-dasharray="8 3"`
	}
	x := m.busX(r.bus)
	fmt.Fprintf(&m.lines, `<path d="M%.1f %.1fH%.1f" stroke="%s" stroke-width="2"%s fill="none"/>`+
		"\n", x, y, m.left, color, style)
	fill := color
	if r.isMissing {
		fill = "#fbfbfb"
	}
	fmt.Fprintf(&m.boxes, `<circle cx="%.1f" cy="%.1f" r="5" fill="%s" stroke="%s" `+
		`stroke-width="2"/>`+"\n", x, y, fill, color)
	w := textWidth(r.label) + 12
	left := m.left - 12 - w
	fmt.Fprintf(&m.boxes, `<rect x="%.1f" y="%.1f" width="%.1f" height="17" rx="8.5" fill="#fbfbfb" `+
		`stroke="%s"/>`+"\n", left, y-8.5, w, color)
	m.write(left+6, y+4.5, "#1d1d1d", "", r.label)
	m.ends[r.bus] = max(m.ends[r.bus], y)
}

// write writes a text, with all of it as a hint if it is cut.
func (m *svgMap) write(x, y float64, color, style, text string) {
	shown, hint := svgCut(text), ""
	if shown != escaped(text, true) {
		hint = "<title>" + xmlText(text) + "</title>"
	}
	fmt.Fprintf(&m.texts, `<text x="%.1f" y="%.1f" fill="%s"%s xml:space="preserve">%s%s</text>`+"\n",
		x, y, color, style, xmlEscape(shown), hint)
}

// svgCut returns a text, escaped and not too long: the middle is left out.
func svgCut(text string) string {
	runes := []rune(escaped(text, true))
	if len(runes) <= svgColumns {
		return string(runes)
	}
	const half = svgColumns / 2
	return string(runes[:half]) + "…" + string(runes[len(runes)-half+1:])
}

// textWidth returns the width that a text surely does not exceed.
func textWidth(text string) (width float64) {
	for _, r := range svgCut(text) {
		if r < 0x80 {
			width += svgChar
		} else if (native.Locale{UTF8: true}).Width(string(r)) > 0 {
			width += svgWide
		}
	}
	return width
}

// description says in words what the image shows.
func (m *svgMap) description() string {
	var b strings.Builder
	for _, box := range m.picture.boxes {
		fmt.Fprintf(&b, "%s is %s", box.name, box.state)
		for _, r := range box.rows {
			if r.bus >= 0 {
				fmt.Fprintf(&b, ", %s on %s", r.label, m.buses[r.bus].name)
			}
		}
		b.WriteString(". ")
	}
	return strings.TrimSpace(b.String())
}

// xmlText returns a text for XML.
func xmlText(text string) string { return xmlEscape(escaped(text, true)) }

func xmlEscape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").
		Replace(text)
}
