package builtins

import (
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	dateRFC3339 = longOnly + iota
	dateDebug
)

var dateOptions = [...]option{
	{'u', "utc", noArg}, {'u', "universal", noArg}, {'u', "uct", noArg}, {'d', "date", needArg},
	{'s', "set", needArg}, {'r', "reference", needArg}, {'R', "rfc-email", noArg},
	{'R', "rfc-822", noArg}, {'R', "rfc-2822", noArg}, {'I', "iso-8601", optArg},
	{dateRFC3339, "rfc-3339", needArg},
}

// runDate is date(1).
func runDate(c *Call) int {
	opts, args, problem := c.options(dateOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	now := time.Now()
	zone, format, text, reference, set := (*time.Location)(nil), "", "", "", false
	sources := 0
	for _, o := range opts {
		switch o.key {
		case 'u':
			zone = time.UTC
		case 'd', 's':
			text, set = o.value, o.key == 's'
			sources++
		case 'r':
			reference = o.value
			sources++
		default:
			if format != "" {
				c.Errorf("multiple output formats specified")
				return 1
			}
			if format = dateForm(o); format == "" {
				return c.Unsupported("argument %s", quoteText(o.value))
			}
		}
	}
	if zone == nil {
		zone = c.timeZone()
	}
	if sources > 1 {
		return c.Unsupported("several times")
	}
	if len(args) > 1 || len(args) == 1 && !strings.HasPrefix(args[0], "+") {
		return c.dateOperand(args, sources, now.In(zone), format)
	}
	if len(args) == 1 {
		if format != "" {
			c.Errorf("multiple output formats specified")
			return 1
		}
		format = args[0][1:]
	} else if format == "" {
		format = "%a %b %e %H:%M:%S %Z %Y"
	}
	if name, foreign := c.foreignCollation("LC_TIME"); foreign {
		return c.Unsupported("the dates of %s", name)
	}
	when := now
	switch {
	case reference != "":
		st, err := c.stat(reference)
		if err != nil {
			c.Errorf("%s: %s", quoteName(reference), Strerror(err))
			return 1
		}
		when = time.Unix(st.Mtim.Sec, st.Mtim.Nsec)
	case sources > 0:
		var ok bool
		if when, ok = parseDate(text, now.In(zone)); !ok {
			return c.Unsupported("date %s", quoteText(text))
		}
	}
	return c.showDate(when.In(zone), format, set)
}

// dateOperand takes MMDDhhmm[[CC]YY][.ss], which sets the clock.
func (c *Call) dateOperand(args []string, sources int, now time.Time, format string) int {
	if len(args) > 1 {
		return c.usageError(1, "extra operand %s", quoteText(args[1]))
	}
	digits, seconds, dotted := strings.Cut(args[0], ".")
	if sources > 0 || !allDigits(digits) || dotted && (len(seconds) != 2 || !allDigits(seconds)) ||
		len(digits) < 8 || len(digits) > 12 || len(digits)%2 != 0 {
		return c.Unsupported("operand %s", quoteText(args[0]))
	}
	// parseTouchStamp wants the year in front.
	stamp := digits[8:] + digits[:8]
	if dotted {
		stamp += "." + seconds
	}
	when, ok := parseTouchStamp(stamp, now.Location())
	if !ok {
		c.Errorf("invalid date %s", quoteText(args[0]))
		return 1
	}
	if format == "" {
		format = "%a %b %e %H:%M:%S %Z %Y"
	}
	return c.showDate(when, format, true)
}

func (c *Call) showDate(when time.Time, format string, set bool) int {
	status := 0
	if set {
		ts := unix.NsecToTimespec(when.UnixNano())
		if err := unix.ClockSettime(unix.CLOCK_REALTIME, &ts); err != nil {
			c.Errorf("cannot set date: %s", Strerror(err))
			status = 1
		}
	}
	if _, err := c.Stdout.Write(append(appendTime(nil, format, when), '\n')); err != nil {
		return c.writeError(err)
	}
	return status
}

// dateForm is the format of -R, -I and --rfc-3339.
func dateForm(o parsedOption) string {
	if o.key == 'R' {
		return "%a, %d %b %Y %H:%M:%S %z"
	}
	precision := []struct{ word, iso, rfc string }{
		{"date", "%Y-%m-%d", "%Y-%m-%d"},
		{"seconds", "%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%d %H:%M:%S%:z"},
		{"ns", "%Y-%m-%dT%H:%M:%S,%N%:z", "%Y-%m-%d %H:%M:%S.%N%:z"},
		{"hours", "%Y-%m-%dT%H%:z", ""},
		{"minutes", "%Y-%m-%dT%H:%M%:z", ""},
	}
	if o.key == 'I' && !o.has {
		return precision[0].iso
	}
	for _, p := range precision {
		if o.value == "" || !strings.HasPrefix(p.word, o.value) {
			continue
		}
		if o.key == 'I' {
			return p.iso
		}
		return p.rfc
	}
	return ""
}
