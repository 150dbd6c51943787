package admin

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"overlayboot/builtins/native"
)

// escaped returns a text with \xNN for each byte of what may not be shown. Where the locale has
// no UTF-8, that is all but ASCII.
func escaped(text string, utf8OK bool) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if (r != utf8.RuneError || size > 1) && (r < utf8.RuneSelf || utf8OK) && native.IsShown(r) {
			b.WriteString(text[i : i+size])
		} else {
			for _, c := range []byte(text[i : i+size]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		}
		i += size
	}
	return b.String()
}

// A pen writes texts for a terminal of a locale.
type pen struct{ locale native.Locale }

func newPen(c *native.Call) pen { return pen{c.Locale()} }

// text escapes a text.
func (p pen) text(s string) string { return escaped(s, p.locale.UTF8) }

// width returns the columns that an escaped text takes.
func (p pen) width(s string) int { return p.locale.Width(s) }

// pad fills a text up with blanks.
func (p pen) pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-p.width(s)))
}

// cut shortens an escaped text to a width; the end of a path tells more than its beginning, so
// that fromLeft cuts that.
func (p pen) cut(s string, width int, fromLeft bool) string {
	if p.width(s) <= width {
		return s
	}
	mark := "..."
	if p.locale.UTF8 {
		mark = "…"
	}
	if width <= p.width(mark) {
		mark = ""
	}
	room := width - p.width(mark)
	for s != "" && p.width(s) > room {
		if fromLeft {
			_, size := utf8.DecodeRuneInString(s)
			s = s[size:]
		} else {
			_, size := utf8.DecodeLastRuneInString(s)
			s = s[:len(s)-size]
		}
	}
	if fromLeft {
		return mark + s
	}
	return s + mark
}

// sizeText shows a number of bytes, as ls -h does.
func sizeText(bytes float64) string {
	units := "BKMGT"
	i := 0
	for bytes >= 999.5 && i < len(units)-1 {
		bytes /= 1024
		i++
	}
	if i > 0 && bytes < 9.95 {
		return strconv.FormatFloat(bytes, 'f', 1, 64) + units[i:i+1]
	}
	return strconv.FormatFloat(bytes, 'f', 0, 64) + units[i:i+1]
}

// cpuText shows a time of the processor.
func cpuText(seconds float64) string {
	if seconds < 60 {
		return fmt.Sprintf("%.1fs", seconds)
	}
	d := time.Duration(seconds) * time.Second
	if d < time.Hour {
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

// cableText shows a cable as in CABLES: BRIDGE=ADDRESS[,ADDRESS]..., or BRIDGE=.TAG for a VLAN.
func cableText(c cable) string {
	if c.vlan != "" {
		return c.bridge + "=." + c.vlan
	}
	return c.bridge + "=" + strings.Join(global(c.addresses), ",")
}
