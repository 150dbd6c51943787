package dates

import (
	"strconv"
	"strings"
	"time"
)

// ParseStampNow is ParseStamp in the time zone of now.
func ParseStampNow(text string, now time.Time) (time.Time, bool) {
	return ParseStamp(text, now.Location())
}

// ParseStamp parses [[CC]YY]MMDDhhmm[.ss].
func ParseStamp(text string, zone *time.Location) (time.Time, bool) {
	digits, seconds, dotted := strings.Cut(text, ".")
	if !dotted {
		seconds = "00"
	}
	switch len(digits) {
	case 8:
		digits = strconv.Itoa(time.Now().In(zone).Year()) + digits
	case 10:
		century := "20"
		if digits[:2] > "68" {
			century = "19"
		}
		digits = century + digits
	}
	when, err := time.ParseInLocation("200601021504.05", digits+"."+seconds, zone)
	return when, err == nil
}
