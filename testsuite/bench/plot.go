package main

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A plot has lines over a linear x axis and a logarithmic y axis.
type plot struct {
	File, Title, XLabel, YLabel string
	Lines                       []line
}

// A line has a point for each X and Y.
type line struct {
	Name string
	X, Y []float64
}

// These are the size of the picture and the margins around the lines.
const (
	width, height            = 800, 480
	left, right, top, bottom = 70, 20, 50, 140
)

// colours returns colours that most people can tell apart, on white and on black.
func colours() []string {
	return []string{"#2b7bba", "#d9822b", "#c23b5a", "#3a9d5d", "#8d63b8", "#8a8a3a"}
}

const style = `
  text { font: 13px system-ui, sans-serif; fill: #333 }
  .title { font-size: 16px; font-weight: 600 }
  .back { fill: #fff }
  .grid { stroke: #ddd; stroke-width: 1 }
  .axis { stroke: #666; stroke-width: 1 }
  .line { fill: none; stroke-width: 2.2; stroke-linejoin: round }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd }
    .back { fill: #14171a }
    .grid { stroke: #333a40 }
    .axis { stroke: #999 }
  }
`

// svg returns the plot as SVG.
func (p plot) svg() string {
	x, y := p.scales()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">`+
		"\n<title>%s</title>\n<style>%s</style>\n", width, height, html.EscapeString(p.Title), style)
	fmt.Fprintf(&b, `<rect class="back" width="%d" height="%d"/>`+"\n", width, height)
	text(&b, left, 28, "start", "title", p.Title)
	text(&b, left+(width-left-right)/2, height-bottom+44, "middle", "", p.XLabel)
	fmt.Fprintf(&b, `<text transform="translate(18 %d) rotate(-90)" text-anchor="middle">%s</text>`+
		"\n", top+(height-top-bottom)/2, html.EscapeString(p.YLabel))
	for _, v := range y.ticks {
		rule(&b, "grid", left, y.at(v), width-right, y.at(v))
		text(&b, left-8, y.at(v)+4, "end", "", label(v))
	}
	for _, v := range x.ticks {
		rule(&b, "axis", x.at(v), height-bottom, x.at(v), height-bottom+5)
		text(&b, x.at(v), height-bottom+21, "middle", "", label(v))
	}
	rule(&b, "axis", left, height-bottom, width-right, height-bottom)
	rule(&b, "axis", left, top, left, height-bottom)
	for i, l := range p.Lines {
		drawLine(&b, l, colours()[i%len(colours())], x, y)
		legend(&b, i, l.Name, colours()[i%len(colours())])
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func text(b *strings.Builder, x, y float64, anchor, class, s string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`+"\n", x, y, anchor,
		class, html.EscapeString(s))
}

func rule(b *strings.Builder, class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(b, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n",
		class, x1, y1, x2, y2)
}

func drawLine(b *strings.Builder, l line, colour string, x, y scale) {
	var points []string
	for i := range l.X {
		points = append(points, fmt.Sprintf("%.1f,%.1f", x.at(l.X[i]), y.at(l.Y[i])))
	}
	fmt.Fprintf(b, `<polyline class="line" stroke="%s" points="%s"/>`+"\n", colour,
		strings.Join(points, " "))
	for i := range l.X {
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3.2" fill="%s"><title>%s: %s</title></circle>`+
			"\n", x.at(l.X[i]), y.at(l.Y[i]), colour, html.EscapeString(l.Name), short(l.Y[i]))
	}
}

// legend draws one entry of the legend, in two columns below the plot.
func legend(b *strings.Builder, i int, name, colour string) {
	x, y := float64(left+i%2*370), float64(height-bottom+70+i/2*22)
	fmt.Fprintf(b, `<line class="line" stroke="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n",
		colour, x, y-4, x+24, y-4)
	text(b, x+32, y, "start", "", name)
}

// A scale is an axis: it maps values to places in the picture, and has ticks.
type scale struct {
	from, to float64 // values
	a, b     float64 // their places
	log      bool
	ticks    []float64
}

func (s scale) at(v float64) float64 {
	from, to := s.from, s.to
	if s.log {
		v, from, to = math.Log10(v), math.Log10(from), math.Log10(to)
	}
	return s.a + (v-from)/(to-from)*(s.b-s.a)
}

// scales returns scales that cover all points.
func (p plot) scales() (x, y scale) {
	var xs, ys []float64
	for _, l := range p.Lines {
		xs, ys = append(xs, l.X...), append(ys, l.Y...)
	}
	x = scale{a: left, b: width - right, ticks: linearTicks(slices.Max(xs))}
	x.to = max(slices.Max(xs), x.ticks[len(x.ticks)-1])
	y = scale{a: height - bottom, b: top, log: true}
	y.ticks = logTicks(slices.Min(ys), slices.Max(ys))
	y.from, y.to = y.ticks[0], y.ticks[len(y.ticks)-1]
	return x, y
}

// linearTicks returns round numbers from 0; the last one is not below the greatest value.
func linearTicks(greatest float64) []float64 {
	step := 1.0
	for i := 0; greatest/step > 6; i++ {
		step *= []float64{2, 2.5, 2}[i%3] // 1, 2, 5, 10, ...
	}
	ticks := []float64{0, step}
	for ticks[len(ticks)-1] < greatest {
		ticks = append(ticks, step*float64(len(ticks)))
	}
	return ticks
}

// logTicks returns 1, 2 and 5 of each power of ten, from at or below the least value to at
// or above the greatest.
func logTicks(least, greatest float64) []float64 {
	var ticks []float64
	for power := math.Floor(math.Log10(least)); ; power++ {
		for _, digit := range []float64{1, 2, 5} {
			v := digit * math.Pow(10, power)
			if v <= least {
				ticks = ticks[:0]
			}
			ticks = append(ticks, v)
			if v >= greatest && len(ticks) > 1 {
				return ticks
			}
		}
	}
}

func label(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if v >= 1000 && v == math.Trunc(v) {
		s = s[:len(s)-3] + "," + s[len(s)-3:]
	}
	return s
}
