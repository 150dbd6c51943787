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
	{'!', "debug", noArg}, {'!', "resolution", noArg},
}

// runDate is date(1).
func runDate(c *Call) int {
	opts, args, problem := c.options(dateOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	r := dateRequest{Call: c, now: time.Now()}
	if status, ok := r.take(opts); !ok {
		return status
	}
	if r.zone == nil {
		r.zone = c.timeZone()
	}
	if r.sources > 1 {
		return c.Unsupported("several times")
	}
	if len(args) > 1 || len(args) == 1 && !strings.HasPrefix(args[0], "+") {
		return c.dateOperand(args, r.sources, r.now.In(r.zone), r.format)
	}
	if len(args) == 1 {
		if r.format != "" {
			return r.twoFormats()
		}
		r.format = args[0][1:]
	} else if r.format == "" {
		r.format = "%a %b %e %H:%M:%S %Z %Y"
	}
	if name, foreign := c.foreignCollation("LC_TIME"); foreign {
		return c.Unsupported("the dates of %s", name)
	}
	return r.show()
}

// A dateRequest is one invocation of date.
type dateRequest struct {
	*Call
	now       time.Time
	zone      *time.Location
	format    string
	text      string  // the time that is asked for
	reference *string // or a file that has it
	set       bool
	sources   int // of times
}

// take takes the options. status is for those that end it all.
func (r *dateRequest) take(opts []parsedOption) (status int, ok bool) {
	for _, o := range opts {
		switch o.key {
		case 'u':
			r.zone = time.UTC
		case 'd', 's':
			r.text, r.set = o.value, o.key == 's'
			r.sources++
		case 'r':
			r.reference = &o.value
			r.sources++
		default:
			if r.format != "" {
				return r.twoFormats(), false
			}
			if r.format = dateForm(o); r.format == "" {
				return r.Unsupported("argument %s", quoteText(o.value)), false
			}
		}
	}
	return 0, true
}

func (r *dateRequest) twoFormats() int {
	r.Errorf("multiple output formats specified")
	return 1
}

// show finds the time that is asked for, and shows or sets it.
func (r *dateRequest) show() int {
	when := r.now
	switch {
	case r.reference != nil:
		st, err := r.stat(*r.reference)
		if err != nil {
			r.Errorf("%s: %s", quoteName(*r.reference), Strerror(err))
			return 1
		}
		when = time.Unix(st.Mtim.Sec, st.Mtim.Nsec)
	case r.sources > 0:
		var ok bool
		if when, ok = parseDate(r.text, r.now.In(r.zone)); !ok {
			return r.Unsupported("date %s", quoteText(r.text))
		}
	}
	return r.showDate(when.In(r.zone), r.format, r.set)
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
