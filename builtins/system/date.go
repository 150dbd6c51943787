package system

import (
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/dates"
	"overlayboot/builtins/native"
)

const (
	dateRFC3339 = native.LongOnly + iota
	dateDebug
)

var dateOptions = [...]native.Option{
	{Key: 'u', Long: "utc"}, {Key: 'u', Long: "universal"}, {Key: 'u', Long: "uct"},
	{Key: 'd', Long: "date", Arg: native.NeedArg}, {Key: 's', Long: "set", Arg: native.NeedArg},
	{Key: 'r', Long: "reference", Arg: native.NeedArg}, {Key: 'R', Long: "rfc-email"},
	{Key: 'R', Long: "rfc-822"}, {Key: 'R', Long: "rfc-2822"},
	{Key: 'I', Long: "iso-8601", Arg: native.OptArg},
	{Key: dateRFC3339, Long: "rfc-3339", Arg: native.NeedArg},
	{Key: '!', Long: "debug"}, {Key: '!', Long: "resolution"},
}

// Date is date(1).
func Date(c *native.Call) int {
	opts, args, problem := c.Options(dateOptions[:], native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	r := dateRequest{Call: c, now: time.Now()}
	if status, ok := r.take(opts); !ok {
		return status
	}
	if r.zone == nil {
		r.zone = c.TimeZone()
	}
	if r.sources > 1 {
		return c.Unsupported("several times")
	}
	if len(args) > 1 || len(args) == 1 && !strings.HasPrefix(args[0], "+") {
		return dateOperand(c, args, r.sources, r.now.In(r.zone), r.format)
	}
	if len(args) == 1 {
		if r.format != "" {
			return r.twoFormats()
		}
		r.format = args[0][1:]
	} else if r.format == "" {
		r.format = "%a %b %e %H:%M:%S %Z %Y"
	}
	if name, foreign := c.ForeignCollation("LC_TIME"); foreign {
		return c.Unsupported("the dates of %s", name)
	}
	return r.show()
}

// A dateRequest is one invocation of date(1).
type dateRequest struct {
	*native.Call
	now       time.Time
	zone      *time.Location
	format    string
	text      string  // text of the requested time
	reference *string // a file whose modification time is requested instead
	set       bool
	sources   int // number of options that give a time
}

// take handles the options. If ok is false, status is the result.
func (r *dateRequest) take(opts []native.GivenOption) (status int, ok bool) {
	for _, o := range opts {
		switch o.Key {
		case 'u':
			r.zone = time.UTC
		case 'd', 's':
			r.text, r.set = o.Value, o.Key == 's'
			r.sources++
		case 'r':
			r.reference = &o.Value
			r.sources++
		default:
			if r.format != "" {
				return r.twoFormats(), false
			}
			if r.format = dateForm(o); r.format == "" {
				return r.Unsupported("argument %s", native.QuoteText(o.Value)), false
			}
		}
	}
	return 0, true
}

func (r *dateRequest) twoFormats() int {
	r.Errorf("multiple output formats specified")
	return 1
}

// show finds the requested time and prints or sets it.
func (r *dateRequest) show() int {
	when := r.now
	switch {
	case r.reference != nil:
		st, err := r.Stat(*r.reference)
		if err != nil {
			r.Errorf("%s: %s", native.QuoteName(*r.reference), clib.Strerror(err))
			return 1
		}
		when = time.Unix(st.Mtim.Sec, st.Mtim.Nsec)
	case r.sources > 0:
		var ok bool
		if when, ok = dates.Parse(r.text, r.now.In(r.zone)); !ok {
			return r.Unsupported("date %s", native.QuoteText(r.text))
		}
	}
	return showDate(r.Call, when.In(r.zone), r.format, r.set)
}

// dateOperand handles MMDDhhmm[[CC]YY][.ss], which sets the clock.
func dateOperand(c *native.Call, args []string, sources int, now time.Time, format string) int {
	if len(args) > 1 {
		return c.UsageError(1, "extra operand %s", native.QuoteText(args[1]))
	}
	digits, seconds, dotted := strings.Cut(args[0], ".")
	if sources > 0 || !ascii.OnlyDigits(digits) ||
		dotted && (len(seconds) != 2 || !ascii.OnlyDigits(seconds)) ||
		len(digits) < 8 || len(digits) > 12 || len(digits)%2 != 0 {
		return c.Unsupported("operand %s", native.QuoteText(args[0]))
	}
	// dates.ParseStamp expects the year in front.
	stamp := digits[8:] + digits[:8]
	if dotted {
		stamp += "." + seconds
	}
	when, ok := dates.ParseStamp(stamp, now.Location())
	if !ok {
		c.Errorf("invalid date %s", native.QuoteText(args[0]))
		return 1
	}
	if format == "" {
		format = "%a %b %e %H:%M:%S %Z %Y"
	}
	return showDate(c, when, format, true)
}

func showDate(c *native.Call, when time.Time, format string, set bool) int {
	status := 0
	if set {
		ts := unix.NsecToTimespec(when.UnixNano())
		if err := unix.ClockSettime(unix.CLOCK_REALTIME, &ts); err != nil {
			c.Errorf("cannot set date: %s", clib.Strerror(err))
			status = 1
		}
	}
	if _, err := c.Stdout.Write(append(dates.Append(nil, format, when), '\n')); err != nil {
		return c.WriteError(err)
	}
	return status
}

// dateForm returns the format of -R, -I and --rfc-3339.
func dateForm(o native.GivenOption) string {
	if o.Key == 'R' {
		return "%a, %d %b %Y %H:%M:%S %z"
	}
	precision := []struct{ word, iso, rfc string }{
		{"date", "%Y-%m-%d", "%Y-%m-%d"},
		{"seconds", "%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%d %H:%M:%S%:z"},
		{"ns", "%Y-%m-%dT%H:%M:%S,%N%:z", "%Y-%m-%d %H:%M:%S.%N%:z"},
		{"hours", "%Y-%m-%dT%H%:z", ""},
		{"minutes", "%Y-%m-%dT%H:%M%:z", ""},
	}
	if o.Key == 'I' && !o.Has {
		return precision[0].iso
	}
	for _, p := range precision {
		if o.Value == "" || !strings.HasPrefix(p.word, o.Value) {
			continue
		}
		if o.Key == 'I' {
			return p.iso
		}
		return p.rfc
	}
	return ""
}
