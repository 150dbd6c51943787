// Package dates parses and formats dates as date(1) and touch(1) do.
package dates

import (
	"strconv"
	"strings"
	"time"

	"overlayboot/builtins/base/ascii"
)

// A dateParser parses the dates of date -d: @SECONDS, ISO dates and times, names of days and
// months, numeric zones, and times relative to now. It refuses anything else, for the tool that
// supports it.
type dateParser struct {
	words []string

	year, month, day             int
	hour, minute, second, nanos  int
	hasDate, hasTime, hasWeekday bool
	hasZone                      bool
	zone                         int // seconds east of UTC
	weekday, weekdayCount        int
	// The relative part.
	addYears, addMonths, addDays int
	add                          time.Duration
}

// Parse returns the time that text means. now is in the time zone to use.
func Parse(text string, now time.Time) (time.Time, bool) {
	text = ascii.Lower(strings.TrimSpace(text))
	if seconds, ok := strings.CutPrefix(text, "@"); ok {
		return parseSeconds(seconds)
	}
	p := dateParser{words: strings.Fields(strings.ReplaceAll(text, ",", " "))}
	p.year, p.month, p.day = now.Year(), int(now.Month()), now.Day()
	p.hasTime = len(p.words) == 0 // an empty text means the start of the day
	for len(p.words) > 0 {
		if !p.item() {
			return time.Time{}, false
		}
	}
	return p.result(now)
}

func parseSeconds(text string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || !ascii.OnlyDigits(fraction) || strings.HasPrefix(whole, "+") {
		return time.Time{}, false
	}
	nanos, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if strings.HasPrefix(whole, "-") {
		nanos = -nanos
	}
	return time.Unix(seconds, nanos), true
}

func (p *dateParser) result(now time.Time) (time.Time, bool) {
	if !p.hasDate && !p.hasTime && !p.hasWeekday {
		p.hour, p.minute, p.second = now.Clock()
		p.nanos = now.Nanosecond()
	}
	if p.month < 1 || p.month > 12 || p.day < 1 || p.day > 31 || p.hour > 23 || p.minute > 59 ||
		p.second > 59 {
		return time.Time{}, false
	}
	if t := time.Date(p.year, time.Month(p.month), p.day, 0, 0, 0, 0, time.UTC); t.Day() != p.day {
		return time.Time{}, false
	}
	zone := now.Location()
	if p.hasZone {
		zone = time.FixedZone("", p.zone)
	}
	day := p.day + p.addDays
	if p.hasWeekday {
		date := time.Date(p.year, time.Month(p.month), p.day, 0, 0, 0, 0, time.UTC)
		if p.hasDate && (int(date.Weekday()) != p.weekday || p.weekdayCount != 0) {
			return time.Time{}, false
		}
		if p.hasDate {
			now = date
		}
		today := int(now.Weekday())
		ahead := (p.weekday - today + 7) % 7
		count := p.weekdayCount
		if count > 0 && today != p.weekday {
			count--
		}
		day += ahead + 7*count
	}
	when := time.Date(p.year+p.addYears, time.Month(p.month+p.addMonths), day, p.hour, p.minute,
		p.second, p.nanos, zone)
	if h, m, _ := when.Clock(); !p.hasZone && (h != p.hour || m != p.minute) {
		return time.Time{}, false // a change of the clocks skips this time of day
	}
	return when.Add(p.add), true
}

// item parses one item.
func (p *dateParser) item() bool {
	w := p.words[0]
	p.words = p.words[1:]
	switch {
	case w == "now", w == "today":
		return true
	case w == "yesterday":
		p.addDays--
		return true
	case w == "tomorrow":
		p.addDays++
		return true
	case w == "utc" || w == "gmt" || w == "z":
		return p.setZone(0)
	case ascii.IsLetter(w[0]):
		return p.name(w)
	case ascii.IsDigit(w[0]) && strings.Count(strings.SplitN(w, ":", 2)[0], "-") >= 2:
		return p.isoDate(w)
	case strings.Contains(w, ":"):
		return p.clock(w)
	case (w == "+" || w == "-") && len(p.words) > 0 && ascii.IsDigit(p.words[0][0]):
		p.words[0] = w + p.words[0]
		return true
	case strings.Count(w, "/") >= 1:
		return p.slashDate(w)
	case w[0] == '+' || w[0] == '-' || ascii.IsDigit(w[0]):
		return p.number(w)
	}
	return false
}

func (p *dateParser) setZone(seconds int) bool {
	if p.hasZone || len(p.words) > 0 && (p.words[0][0] == '+' || p.words[0][0] == '-') {
		return false
	}
	p.hasZone, p.zone = true, seconds
	return true
}

// isoDate parses YYYY-MM-DD, and a time after a T.
func (p *dateParser) isoDate(w string) bool {
	date, clock, timed := strings.Cut(w, "t")
	f := strings.Split(date, "-")
	if p.hasDate || len(f) != 3 || len(f[0]) != 4 {
		return false
	}
	var ok [3]bool
	p.year, ok[0] = smallNumber(f[0])
	p.month, ok[1] = smallNumber(f[1])
	p.day, ok[2] = smallNumber(f[2])
	p.hasDate = true
	return ok == [3]bool{true, true, true} && (!timed || p.clock(clock))
}

// slashDate parses MM/DD, MM/DD/YYYY and YYYY/MM/DD.
func (p *dateParser) slashDate(w string) bool {
	f := strings.Split(w, "/")
	if p.hasDate || len(f) > 3 {
		return false
	}
	if len(f) == 3 && len(f[0]) == 4 { // YYYY/MM/DD
		f = []string{f[1], f[2], f[0]}
	}
	var ok, ok2 bool
	p.month, ok = smallNumber(f[0])
	p.day, ok2 = smallNumber(f[1])
	p.hasDate = true
	if len(f) == 3 {
		if len(f[2]) != 4 {
			return false
		}
		var ok3 bool
		p.year, ok3 = smallNumber(f[2])
		ok = ok && ok3
	}
	return ok && ok2
}

func smallNumber(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && ascii.OnlyDigits(s) && len(s) <= 9
}

// clock parses HH:MM[:SS[.N]], am or pm, and a zone.
func (p *dateParser) clock(w string) bool {
	if p.hasTime {
		return false
	}
	p.hasTime = true
	if i := strings.IndexAny(w, "+-z"); i > 0 {
		w, p.words = w[:i], append([]string{w[i:]}, p.words...)
	}
	half := ""
	for _, h := range [...]string{"am", "pm"} {
		if rest, ok := strings.CutSuffix(w, h); ok {
			w, half = rest, h
		}
	}
	f := strings.Split(w, ":")
	if len(f) < 2 || len(f) > 3 {
		return false
	}
	var ok, ok2 bool
	p.hour, ok = smallNumber(f[0])
	p.minute, ok2 = smallNumber(f[1])
	if !ok || !ok2 || len(f[0]) > 2 || len(f[1]) != 2 {
		return false
	}
	if len(f) == 3 {
		whole, fraction, _ := strings.Cut(f[2], ".")
		if p.second, ok = smallNumber(whole); !ok || len(whole) != 2 || !ascii.OnlyDigits(fraction) {
			return false
		}
		p.nanos, _ = strconv.Atoi((fraction + "000000000")[:9])
	}
	if half == "" && len(p.words) > 0 && (p.words[0] == "am" || p.words[0] == "pm") {
		half, p.words = p.words[0], p.words[1:]
	}
	return p.halfDay(half) && p.zoneBehind()
}

func (p *dateParser) halfDay(half string) bool {
	if half == "" {
		return true
	}
	if p.hour < 1 || p.hour > 12 {
		return false
	}
	p.hour %= 12
	if half == "pm" {
		p.hour += 12
	}
	return true
}

// zoneBehind parses +hhmm, +hh:mm or +hh after a time of day.
func (p *dateParser) zoneBehind() bool {
	if len(p.words) == 0 || p.words[0][0] != '+' && p.words[0][0] != '-' {
		return true
	}
	w := p.words[0]
	if len(p.words) > 1 && ascii.IsLetter(p.words[1][0]) {
		if _, ok := dateUnit(p.words[1]); ok {
			return false // date reads "10:00 +1 day" as a zone, which nobody means
		}
	}
	digits := strings.Replace(w[1:], ":", "", 1)
	if !ascii.OnlyDigits(digits) || len(digits) != 2 && len(digits) != 4 {
		return false
	}
	p.words = p.words[1:]
	h, _ := strconv.Atoi(digits[:2])
	m, _ := strconv.Atoi((digits + "00")[2:4])
	seconds := h*3600 + m*60
	if w[0] == '-' {
		seconds = -seconds
	}
	return m < 60 && h <= 14 && p.setZone(seconds)
}

// number parses a count of units such as +1 day, a day before the name of a month, or YYYYMMDD.
func (p *dateParser) number(w string) bool {
	n := len(w)
	for i := range len(w) {
		if ascii.IsLetter(w[i]) {
			n = i
			break
		}
	}
	if n < len(w) {
		w, p.words = w[:n], append([]string{w[n:]}, p.words...)
	}
	value, err := strconv.Atoi(w)
	if err != nil || value > 1e9 || value < -1e9 {
		return false
	}
	signed := w[0] == '+' || w[0] == '-'
	if len(p.words) > 0 {
		if unit, ok := dateUnit(p.words[0]); ok {
			p.words = p.words[1:]
			if len(p.words) > 0 && p.words[0] == "ago" {
				value, p.words = -value, p.words[1:]
			}
			return p.relative(value, unit)
		}
		if month, ok := dateMonth(p.words[0]); ok && !signed && !p.hasDate {
			p.day, p.month, p.hasDate = value, month, true
			p.words = p.words[1:]
			return p.yearBehind()
		}
	}
	if len(w) == 8 && !signed && !p.hasDate {
		p.year, p.month, p.day, p.hasDate = value/10000, value/100%100, value%100, true
		return true
	}
	return false
}

// yearBehind parses the year after the name of a month and a day.
func (p *dateParser) yearBehind() bool {
	if len(p.words) > 0 && len(p.words[0]) == 4 && ascii.OnlyDigits(p.words[0]) {
		p.year, _ = strconv.Atoi(p.words[0])
		p.words = p.words[1:]
	}
	return true
}

type relativeUnit struct {
	years, months, days int
	time                time.Duration
}

func dateUnit(w string) (relativeUnit, bool) {
	w = strings.TrimSuffix(w, "s")
	for _, u := range [...]struct {
		name string
		unit relativeUnit
	}{
		{"year", relativeUnit{years: 1}}, {"month", relativeUnit{months: 1}},
		{"fortnight", relativeUnit{days: 14}}, {"week", relativeUnit{days: 7}},
		{"day", relativeUnit{days: 1}}, {"hour", relativeUnit{time: time.Hour}},
		{"minute", relativeUnit{time: time.Minute}}, {"min", relativeUnit{time: time.Minute}},
		{"second", relativeUnit{time: time.Second}}, {"sec", relativeUnit{time: time.Second}},
	} {
		if u.name == w {
			return u.unit, true
		}
	}
	return relativeUnit{}, false
}

func (p *dateParser) relative(n int, u relativeUnit) bool {
	p.addYears += n * u.years
	p.addMonths += n * u.months
	p.addDays += n * u.days
	p.add += time.Duration(n) * u.time
	return true
}

// name parses names of days and months, next, last, and units without a number.
func (p *dateParser) name(w string) bool {
	if month, ok := dateMonth(w); ok {
		if p.hasDate || len(p.words) == 0 {
			return false
		}
		day, ok := smallNumber(p.words[0])
		if !ok || day > 31 {
			return false
		}
		p.month, p.day, p.hasDate = month, day, true
		p.words = p.words[1:]
		return p.yearBehind()
	}
	if day, ok := dateWeekday(w); ok {
		return p.setWeekday(day, 0)
	}
	if count, ok := map[string]int{"next": 1, "last": -1, "this": 0}[w]; ok && len(p.words) > 0 {
		next := p.words[0]
		p.words = p.words[1:]
		if unit, ok := dateUnit(next); ok {
			return p.relative(count, unit)
		}
		day, ok := dateWeekday(next)
		return ok && p.setWeekday(day, count)
	}
	unit, ok := dateUnit(w)
	if !ok {
		return false
	}
	count := 1
	if len(p.words) > 0 && p.words[0] == "ago" {
		count, p.words = -1, p.words[1:]
	}
	return p.relative(count, unit)
}

func (p *dateParser) setWeekday(day, count int) bool {
	if p.hasWeekday {
		return false
	}
	p.hasWeekday, p.weekday, p.weekdayCount = true, day, count
	return true
}

func dateMonth(w string) (int, bool) {
	w = strings.TrimSuffix(w, ".")
	for m := time.January; m <= time.December; m++ {
		name := strings.ToLower(m.String())
		if w == name || w == name[:3] || w == "sept" && m == time.September {
			return int(m), true
		}
	}
	return 0, false
}

func dateWeekday(w string) (int, bool) {
	w = strings.TrimSuffix(w, ".")
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		if w == name || w == name[:3] {
			return int(d), true
		}
	}
	return 0, false
}
