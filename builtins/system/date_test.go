package system_test

import (
	"testing"

	"overlayboot/compat/judge"
)

func TestDate(t *testing.T) {
	var rows []judge.Row
	for _, argv := range []string{
		"date -d @0", "date -u -d @1234567890 +%s", "date -d @-5.25 +%s.%N",
		"date -d '2020-02-29 12:34:56' '+%a %A %b %B %c %C %d %D %e %F %g %G %h %H %I %j %k " +
			"%l %m %M %n %N %p %P %q %r %R %s %S %t %T %u %U %V %w %W %x %X %y %Y %z %Z %%'",
		"date -d '2020-02-09 02:04:06.123456789' '+%N|%3N|%-N|%_N|%6N|%12N|%_3N|%-3N|%1N|%_12N'",
		"date -d '2020-02-09 02:04:06' " +
			"'+%z|%:z|%::z|%:::z|%_z|%-z|%10z|%_10z|%:_z|%_:z|%-:z|%10:z|%::::z'",
		"date -d 2020-01-01 +%E", "date -d '2020-01-31 +1 day' +%F",
		"date -d '2020-01-31 10:00 1 day' '+%F %T'",
		"date -d '2020-01-31 -3 days' +%F", "date -d '2020-01-31 2 weeks' +%F",
		"date -d '2020-01-31 3 hours ago' '+%F %T'", "date -d '2020-01-31 12:00 UTC' '+%F %T'",
		"date -d '2020-01-31T12:00:01Z' '+%F %T'", "date -d '2020-01-31T12:00:01+02:00' '+%F %T'",
		"date -d '2020-01-31 12:00:01.5 -0330' '+%F %T.%N'", "date -d 'Jan 31 2020 10:11' '+%F %T'",
		"date -d 'January 31, 2020' '+%F %T'", "date -d '1/31/2020' +%F",
		"date -d '10:11pm 2020-01-01' '+%F %T'", "date -d '12:00 am 2020-01-01' '+%F %T'",
		"date -d 'Sun, 09 Feb 2020 02:04:06 +0000'", "date -d '' +%T", "date -d 'fri' +%F",
		"date -d '2020-01-01 00:00 next month' +%F", "date -R -d @1000", "date -I -d @1000",
		"date -Iseconds -d @1000", "date -Ins -d @1000", "date -Ihours -d @1000", "date -Im -d @1000",
		"date --rfc-3339=s -d @1000", "date --rfc-3339=ns -d @1000.5", "date --rfc-3339=date -d @1000",
		"date -r f", "date -r nope", "date -r f -R", "date -u -r f +%c", "date + -d @1",
		"date +%s -d @1 x", "date +%F +%T", "date -R -I", "date -R +%F",
		"date -d 1000-01-01 '+%F %s %j'", "date -d @99999999999 +%F",
		"date -d @-62167219201 '+%F|%Y|%C|%y'", "date --date=@5 --utc",
		"date -d '2020-03-29 02:30' +%s", "date -d '2020/01/31' +%F",
		"date -d '2020/1/3 4:05' '+%F %T'",
	} {
		rows = append(rows, judge.Row{Setup: "touch -d '2001-02-03 04:05:06.7' f", Argv: argv})
	}
	for _, zone := range []string{"Europe/Berlin", "EST5EDT", "CET-1CEST,M3.5.0,M10.5.0/3",
		"<-03>3", "Nowhere"} {
		for _, at := range []string{"@0", "@1593000000", "2020-12-15 12:00", "2020-07-01 +1 month"} {
			rows = append(rows,
				judge.Row{Argv: "date -d '" + at + "' '+%c %z %Z %s'", Env: []string{"TZ=" + zone}})
		}
	}
	for _, text := range []string{"garbage", "2020-02-30", "noon", "31-Jan-2020"} {
		rows = append(rows, judge.Row{Argv: "date -d '" + text + "'", Lacks: true})
	}
	ours.Rows(t, append(rows, judge.Row{Argv: "date -f x", Lacks: true}))
}

// TestDateOddities covers malformed directives that random tests found.
func TestDateOddities(t *testing.T) {
	var rows []judge.Row
	for _, format := range []string{"[%08f][%^%][%#%][%5%][%-%][%05%]", "[%_5%][%5:][%5:x][%::f][%5E]",
		"[%Ex][%5Q][%-5Q][%^5q]", "%^%%-c% U", "%^P %#P %^p", "%5"} {
		rows = append(rows, judge.Row{Argv: "date -u -d @0 '+" + format + "'"})
	}
	ours.Rows(t, rows)
}
