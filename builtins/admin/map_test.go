package admin

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"overlayboot/builtins/native"
	"overlayboot/compat/kit"
)

// hostile is a name that would break a picture, or the terminal.
const hostile = "e\x1b]0;x\a\"\\<b>&'\u202e\xff\n|{}"

// siteOf makes a picture with many boxes, long names, and cables to several bridges.
func siteOf(boxes, buses int) *picture {
	p := &picture{}
	for i := range buses {
		b := bus{name: "br" + strconv.Itoa(i), words: []string{"up", "10.77.0.1/24", "fd00::1/64"}}
		if i == 1 {
			b.words = append(b.words, "ports", "enp3s0", hostile)
		}
		p.buses = append(p.buses, b)
	}
	for i := range boxes {
		b := box{name: "host" + strconv.Itoa(i), state: running}
		if i%3 == 1 {
			b.state, b.name = restarting, "a-long-name-"+strconv.Itoa(i)
		}
		for n := range i % 5 {
			b.rows = append(b.rows, row{bus: (i + n) % buses, label: fmt.Sprint(b.name, n),
				words:  []string{"eth" + strconv.Itoa(n), "10.77.0.2/24", "fd00::2/64"},
				isVLAN: n == 2, isMissing: n == 3})
		}
		if i%4 == 2 {
			b.rows = append(b.rows, row{bus: -1, words: []string{"share",
				"/srv/" + strings.Repeat("long/", 30), arrow, "/漢字/" + hostile}})
		}
		p.boxes = append(p.boxes, b)
	}
	return p
}

// A shape is a rectangle of an image, or a text with the room that it has at most.
type shape struct {
	kind       string
	x, y, w, h float64
	text       string
}

// shapes reads the rectangles and texts of an image.
func shapes(t *testing.T, image string) (list []shape) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(image)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("no XML: %v\n%s", err, image)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "rect" && start.Name.Local != "text" {
			continue
		}
		s := shape{kind: start.Name.Local}
		for _, a := range start.Attr {
			n, _ := strconv.ParseFloat(a.Value, 64)
			switch a.Name.Local {
			case "x":
				s.x = n
			case "y":
				s.y = n
			case "width":
				s.w = n
			case "height":
				s.h = n
			}
		}
		if s.kind == "text" {
			if token, err = d.Token(); err != nil {
				t.Fatal(err)
			}
			data, _ := token.(xml.CharData)
			s.text = string(data)
			s.w, s.h = roomOf(s.text), svgFont
			s.y -= svgFont - 3
		}
		list = append(list, s)
	}
}

// roomOf returns the room of a text in a font that is as wide as the widest common one.
func roomOf(text string) float64 {
	const widest = 0.625 // of the height
	n := 0
	for _, r := range text {
		n++
		if r >= 0x80 {
			n++
		}
	}
	return float64(n) * widest * svgFont
}

func (s shape) holds(o shape) bool {
	return s.x <= o.x && s.y <= o.y && s.x+s.w >= o.x+o.w && s.y+s.h >= o.y+o.h
}

func (s shape) meets(o shape) bool {
	return s.x < o.x+o.w && o.x < s.x+s.w && s.y < o.y+o.h && o.y < s.y+s.h
}

// TestSVG checks that boxes do not overlap but for those inside others, that each text is
// inside a box, and that no two texts meet.
func TestSVG(t *testing.T) {
	for _, p := range []*picture{siteOf(12, 4), siteOf(1, 1), siteOf(0, 3), siteOf(30, 9), {}} {
		image := p.svg()
		list := shapes(t, image)
		for i, a := range list {
			inBox := a.kind == "rect"
			for k, b := range list {
				inBox = inBox || b.kind == "rect" && b.holds(a)
				if i < k && a.kind == b.kind && a.meets(b) && !a.holds(b) && !b.holds(a) {
					t.Errorf("%+v meets %+v", a, b)
				}
			}
			if !inBox {
				t.Errorf("%+v is in no box", a)
			}
		}
		if len(p.boxes) > 0 && len(list) < 2*len(p.boxes) {
			t.Errorf("only %d shapes", len(list))
		}
	}
}

// TestTextMap checks that each line of a picture has the same end, fits the terminal, and that
// characters of another encoding are left out.
func TestTextMap(t *testing.T) {
	for _, utf8OK := range []bool{true, false} {
		for _, width := range []int{0, 60, 100} {
			pen := pen{native.Locale{UTF8: utf8OK}}
			text := siteOf(12, 4).text(pen, width)
			end := 0
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				if n := pen.width(line); width > 0 && n > width {
					t.Errorf("%d columns: %s", n, line)
				} else if strings.HasSuffix(line, pen.text("┐")) || strings.HasSuffix(line, "+") {
					if end == 0 {
						end = n
					}
					if n != end {
						t.Errorf("ends at %d, not %d: %s", n, end, line)
					}
				}
			}
			if strings.ContainsAny(text, "\x1b\a\u202e") || strings.Contains(text, "\xff") ||
				!utf8OK && !isASCII(text) {
				t.Errorf("not escaped:\n%s", text)
			}
		}
	}
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

// TestDot has Graphviz judge the graph: it takes it, without a warning, and shows the names.
func TestDot(t *testing.T) {
	kit.Tools(t, "dot")
	for _, p := range []*picture{siteOf(12, 4), {}} {
		cmd := exec.Command("dot", "-Tplain")
		cmd.Stdin = strings.NewReader(p.dot())
		var said strings.Builder
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil || said.Len() > 0 {
			t.Fatalf("%v, %s\n%s", err, said.String(), p.dot())
		}
		edges := 0
		for _, b := range p.boxes {
			for _, r := range b.rows {
				if r.bus >= 0 {
					edges++
				}
			}
		}
		text := string(out)
		if n := strings.Count(text, "\nnode "); n != len(p.boxes)+len(p.buses) {
			t.Errorf("%d nodes", n)
		}
		if n := strings.Count(text, "\nedge "); n != edges {
			t.Errorf("%d edges, not %d", n, edges)
		}
	}
}

// TestEscaped checks what is shown of a hostile name.
func TestEscaped(t *testing.T) {
	for _, row := range []struct{ text, want, ascii, json string }{
		{"eth0", "eth0", "eth0", `"eth0"`},
		{"a\x1b[2J\n", `a\x1b[2J\x0a`, `a\x1b[2J\x0a`, `"a\u001b[2J\u000a"`},
		{"é\u202eb\u200b", `é\xe2\x80\xaeb\xe2\x80\x8b`, `\xc3\xa9\xe2\x80\xaeb\xe2\x80\x8b`,
			`"é\u202eb\u200b"`},
		{"\xff\"\\\u0085\u2028", `\xff"\\xc2\x85\xe2\x80\xa8`, `\xff"\\xc2\x85\xe2\x80\xa8`,
			"\"\ufffd\\\"\\\\\\u0085\\u2028\""},
		{"\U000e0041x", `\xf3\xa0\x81\x81x`, `\xf3\xa0\x81\x81x`, `"\udb40\udc41x"`},
	} {
		var j jsonText
		j.text(row.text)
		if got := escaped(row.text, true); got != row.want {
			t.Errorf("%q: %s, want %s", row.text, got, row.want)
		}
		if got := escaped(row.text, false); got != row.ascii {
			t.Errorf("%q: %s, want %s", row.text, got, row.ascii)
		}
		if got := j.String(); got != row.json {
			t.Errorf("%q: %s, want %s", row.text, got, row.json)
		}
	}
}
