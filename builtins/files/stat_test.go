package files_test

import (
	"testing"

	"overlayboot/compat/judge"
)

// statSetup sets all times, since other times differ from run to run.
const statSetup = `mkdir d; printf abc >f; : >e; ln -s f l; ln -s nope dang; mkfifo p; ln f hard
	printf x >"a b"; printf x >"it's"; chmod 4711 f; chmod 1777 d; ln -s "a b" lq
	touch -h -d '2001-02-03 04:05:06.789012345 UTC' f e l dang p d "a b" "it's" lq
	touch -d '@-3.25' e; mknod c c 5 1; mknod b b 8 17; chown 12345:54321 e`

func TestStat(t *testing.T) {
	rows := []judge.Row{{Argv: "stat"}, {Argv: "stat -Q f", Lacks: true}}
	for _, args := range []string{
		"-c %a:%A:%f:%F:%g:%G:%u:%U:%h:%s:%b:%B:%n:%N f e l dang p d 'a b' 'it''s' lq c b",
		"-c '%t %T %r %R %Hr %Lr %o' c b f", "-c '%y|%Y|%.3Y|%.0Y|%.12Y|%15Y|%-15Y|%015.2Y|%+Y' f e l",
		"-c '%x|%X|%.X' f e", "-Lc '%F %s' l f", "-L dang", "-c %s nope f nope/x", "-c '' f",
		"--printf '%n\\t%s\\n\\a\\101\\e' f e", "--printf=%s f", "--printf='\\q%%\n' f", "-c 'a\\nb%%' f",
		"-c '|%5s|%-5s|%05s|%+s|% s|%.5s|%#a|%#f|%10n|%-10n|%.2n|%010a|%6.4a|%5a' f d",
		"-c '%10.3A|%-12A|%08u|%8U|%-8G|%5g' f e", "-fc '%n %l %s %S %T %t %i' . f", "-fc %s nope",
		"-f -", "-c %q f", "-c '%Hs' f", "-c '%5%' f", "-c %", "-c %m f d", "-c '%d %D %Hd %Ld' f",
		"-tf nope", "--format=%i -L nope", "-c %w nope",
	} {
		lacks := args == "-c '%5%' f" || args == "-c %"
		rows = append(rows, judge.Row{Setup: statSetup, Argv: "stat " + args, Lacks: lacks})
	}
	for _, zone := range []string{"", "UTC", "Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT",
		"<+0330>-3:30", "Nowhere/Nothing", ":America/New_York", "XYZ", "NZST-12NZDT,M9.5.0,M4.1.0/3"} {
		rows = append(rows,
			judge.Row{Setup: statSetup, Argv: "stat -c '%y %Y' f e", Env: []string{"TZ=" + zone}})
	}
	ours.Rows(t, append(rows, judge.Row{Argv: "stat /"}, judge.Row{Argv: "stat /dev/null /etc/passwd"},
		judge.Row{Argv: "stat -t / /etc/passwd /dev/null"}, judge.Row{Argv: "stat -f /proc /sys"},
		judge.Row{Argv: "stat -ft /proc /dev/pts"}, judge.Row{Argv: "stat -fc '%Y%5N%s' /"},
		judge.Row{Argv: "stat -c '%w %W %m %N' /etc/passwd /proc/1/exe"}))
}

// TestStatOddities covers formats that random tests found.
func TestStatOddities(t *testing.T) {
	var rows []judge.Row
	for _, format := range []string{"%-N|%10N", "%N|%-N", "%#T|%#t|%#X", "%-10F%#h", "%.3N",
		"%10.2N,%.0N", "%q%5q%.k"} {
		rows = append(rows,
			judge.Row{Setup: "echo a >f; touch -d @5 f; ln -s f l", Argv: "stat -c '" + format + "' f l"})
	}
	ours.Rows(t, rows)
}
