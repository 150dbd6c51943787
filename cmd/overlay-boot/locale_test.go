package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// localeEnvs are locale settings that a user may have, instead of the LC_ALL of the other
// tests.
var localeEnvs = [...]string{
	"LC_ALL=C.UTF-8", "LANG=en_US.UTF-8", "LANG=de_DE.UTF-8", "LC_ALL=de_DE.UTF-8",
	"LC_ALL=tr_TR.UTF-8", "LC_ALL=de_DE.ISO-8859-1", "LC_NUMERIC=de_DE.UTF-8",
	"LC_TIME=de_DE.UTF-8", "LC_CTYPE=tr_TR.UTF-8", "LC_COLLATE=de_DE.UTF-8",
	"LC_MESSAGES=de_DE.UTF-8", "LC_CTYPE=C.UTF-8", "LANG=xx_XX.UTF-8", "LC_ALL=de_DE",
	"LANG=C.UTF-8 LC_TIME=xx_XX", "LANG=C.UTF-8 LANGUAGE=de", "LANG=en_US.UTF-8 LANGUAGE=de:en",
	"LANG=de_DE.UTF-8 LC_MESSAGES=C", "LC_ALL=/usr/lib/locale/C.utf8",
}

// localeRows print or read text whose form depends on the locale.
var localeRows = []string{
	"printf 'B\\nä\\na\\nz\\nZ\\nb\\n' >x; sort x; sort -f x; sort -c x; uniq -i x; sort -u x",
	"printf '1,5\\n1,20\\n1.3\\n0,9\\n1.000.000\\n2\\n' >x; sort -n x; sort -g x; sort -h x; " +
		"sort -rn x",
	": >B; : >ä; : >a; : >z; ls; echo *; ls ä nosuch; rm B; ls -x",
	"touch -d @0 f; ls -l f; ls --full-time f; ls -l --time-style=+%B f; " +
		"ls -l --time-style=long-iso f",
	"expr a \\< B; expr ä \\> z; expr length äöü; expr äb : '.*'; expr ä : '[a-z]'; " +
		"[ a \\< B ]; echo $?",
	"date -u -d @0; date -u -d @0 +%c; date -u -d @0 +%A,%x%X%p%r; date -u -R -d @0; " +
		"date -u -I -d @0; date -d nosuch",
	"printf '%f %g\\n' 1.5 1.25; /usr/bin/printf '%f %g\\n' 1.5 1.25",
	"seq 0,5 1; seq 0.5 1; seq 1 3; seq x", "sleep 0,01; echo $?; sleep 0.01; echo $?; sleep x; sleep",
	"timeout 0,5 true; echo $?; timeout 5.5 true; echo $?; timeout x true; timeout 5 nosuch.x",
	"flock -w 0,1 f true; echo $?; flock -w 0.1 f true; echo $?; flock f nosuch.x; tail -s 0,1 -n1 f",
	"awk 'BEGIN { print 1.5; printf \"%f %.2f\\n\", 1.5, 2.25; x = \"1,5\"; print x + 1; print 3/2 }'",
	"awk 'BEGIN { print toupper(\"äöü\"), length(\"äöü\"), substr(\"äöü\",2,1), " +
		"index(\"äö\",\"ö\") }'; awk 1 nosuch",
	"awk 'BEGIN { print (\"ä\" < \"z\"), (\"a\" < \"B\") }'; awk 'BEGIN { print 1 +'; " +
		"echo I | awk '{print tolower($0)}'",
	"echo é | sed 's/./X/'; echo é | sed 'y/é/e/'; echo é | grep -c '^.$'; " +
		"echo É | grep -i é; echo é | cut -c1",
	"echo I | grep -i i; echo İ | grep -i i; echo I | grep -io ı; echo ı | grep -ic i; " +
		"echo K | grep -ic k; echo ẞ | grep -ic ß",
	"echo I | sed 's/i/x/I'; printf 'I\\ni\\n' | sed 's/.*/\\L&/;s/i/\\U&/'; " +
		"printf 'I\\ni\\nı\\n' | uniq -i",
	"echo aBcÄ | tr a-z A-Z; echo i | tr '[:lower:]' '[:upper:]'; echo i | dd conv=ucase status=none",
	"for c in ä ² é É ½ B b z Z _; do echo $c | grep -c '[a-z]'; " +
		"echo $c | sed 's/[A-Z]/X/;s/[0-9]/Y/;s/[!-~]/Z/'; done",
	"for c in ä ² é B b; do echo $c | grep '[^a-z]'; " +
		"echo $c | sed 's/[-a]/X/;s/[]a-c]/Y/;s/[a\\-z]/Z/'; expr $c : '[b-y]'; done",
	"case B in [a-c]) echo in;; *) echo out;; esac; x=äöü; echo ${#x} ${x#?}",
	": >é; : >É; : >ab; for n in '?' '[a-z]' '[é]' '[!a]' '[[:alpha:]]' '??' 'é*' '*'; " +
		"do echo \"$n\"; find . -name \"$n\" | LC_ALL=C sort; done",
	": >é; : >É; for n in é É '?' ab; do find . -iname $n | LC_ALL=C sort; " +
		"find . -iregex ./$n | LC_ALL=C sort; done; find . -regex './.'",
	"touch -d @0 f; find f -printf '%Tb %TA %TX %Tc %Tx %Tp %Tr %T@ %TY-%Tm %Td\\n'; " +
		"find f -printf '%s %T+\\n'; find f -ls | wc -w",
	"stat -c %.2Y f | tr -d 0-9; du -h f; ls -sh f; df -h / | head -n 1; " +
		"dd if=f of=g 2>&1 | head -n 2; stat -c %y f | wc -c",
	"cat nosuch; rm nosuch; cp nosuch x; mv nosuch x; mkdir f; rmdir nosuch; ln f f; " +
		"chmod 999 f; chown nosuch f; touch nosuch/x",
	"basename; basename a b c; dirname; env nosuch.x; env 'no such'; env -u; " +
		"chroot /nosuch true; chroot; nohup nosuch.x; nice -n x true",
	"nice nosuch.x; nohup 'no such'; timeout 1 'no such'; setsid 'no such'; " +
		"setpriv 'no such'; unshare 'no such'; nsenter --net=/nosuch true",
	"id nosuch.x; install nosuch x; /bin/kill -s NOSUCH 1; /bin/kill 99999999; " +
		"kill 99999999; head -n x f; tail -n x f; nproc x; nproc --x",
	"pidof; pgrep; pgrep -u nosuch.x; ps -p x; readlink; readlink f x; realpath nosuch/x; " +
		"sort -k f; sort nosuch; stat nosuch; sync nosuch",
	"tac nosuch; tee nosuch/x; tr; tr a; truncate; truncate -s x f; uname x; uniq nosuch; " +
		"wc nosuch; whoami x; cut; cut -b 0 f; paste nosuch",
	"flock; findmnt /nosuch; losetup /nosuch; umount /nosuch; mountpoint d; " +
		"mountpoint /nosuch; logger -p nosuch x; partx /nosuch",
	"find nosuch; find . -nosuch; find f -exec nosuch.x \\;; xargs nosuch.x <f; xargs -n x; " +
		"sed; sed nosuch; sed x nosuch; grep '['; grep x nosuch",
	"ip link show nosuch; ip nosuch; sysctl nosuch; ldd nosuch; sh nosuch; nosuch.x; ./f; " +
		"cd nosuch; mknod n z; mkfifo f; mktemp nosuch",
	"cp -v f g; mv -v g h; rm -v h; mkdir -v e; rmdir -v e; ln -sv f j; chmod -v 600 f; " +
		"rm -i f </dev/null; cat --nosuch; ls -l . | head -n 1",
	"echo äöü | wc -m; echo äöü | wc -L; echo äöü | head -c 3; echo aäb | tr -d ä; " +
		"echo aäb | tr -c 'a-z\\n' '?'; echo äöü | cut -b 1-2",
	"env LC_ALL=C cat nosuch; LC_ALL=C cat nosuch; LC_ALL=de_DE.UTF-8 cat nosuch; " +
		"unset LC_ALL LANG; cat nosuch; export LC_ALL=de_DE.UTF-8; cat nosuch; sleep 0,01",
	"cat nosuch & wait $!; cat nosuch | cat; x=$(cat nosuch 2>&1); echo $x; (cat nosuch); " +
		"unshare -m cat nosuch; env -i cat nosuch; f() { cat nosuch; }; f",
}

// localeWorld adds the locales in $LOCALES, as folders or as one archive, to
// /usr/lib/locale.
const localeWorld = `set -e
mount -t tmpfs t /mnt; mkdir /mnt/a /mnt/b
mount -t overlay -o "lowerdir=/usr/lib/locale:$LOCALES,upperdir=/mnt/a,workdir=/mnt/b" o \
	/usr/lib/locale
`

// TestForeignLocales checks that commands print and do in each installed locale what the
// system's tools do, whether a native handles the locale or leaves the command to the tool.
func TestForeignLocales(t *testing.T) {
	kit.Tool(t, "localedef")
	if _, err := os.Stat("/usr/share/i18n/locales/tr_TR"); err != nil {
		kit.Missing(t, "locales")
	}
	sandboxtest.Test(t, 8*time.Minute, func(t *testing.T) {
		ours := programAs(t, "sh")
		folders := makeLocales(t, "--no-archive")
		for i, env := range localeEnvs {
			t.Run(env, func(t *testing.T) {
				t.Parallel()
				for j, row := range localeRows {
					if kit.InShare(i, j) {
						judgeLocale(t, ours, folders, env, row)
					}
				}
			})
		}
	})
}

// TestArchivedLocales checks that locales in an archive count as those in folders do.
func TestArchivedLocales(t *testing.T) {
	kit.Tool(t, "localedef")
	if _, err := os.Stat("/usr/share/i18n/locales/tr_TR"); err != nil {
		kit.Missing(t, "locales")
	}
	sandboxtest.Test(t, 5*time.Minute, func(t *testing.T) {
		ours, archive := programAs(t, "sh"), makeLocales(t, "--add-to-archive")
		for _, env := range []string{"LC_ALL=de_DE.UTF-8", "LANG=en_US.UTF-8",
			"LC_NUMERIC=de_DE.UTF-8", "LC_ALL=tr_TR"} {
			for _, row := range localeRows[:20] {
				judgeLocale(t, ours, archive, env, row)
			}
		}
	})
}

// makeLocales builds the locales of the tests in a new folder and returns that folder; how
// is an option of localedef.
func makeLocales(t *testing.T, how string) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "usr/lib/locale")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, l := range [...][3]string{{"de_DE.UTF-8", "de_DE", "UTF-8"},
		{"de_DE.ISO-8859-1", "de_DE", "ISO-8859-1"},
		{"tr_TR.UTF-8", "tr_TR", "UTF-8"}, {"en_US.UTF-8", "en_US", "UTF-8"}} {
		name := filepath.Join(dir, l[0])
		if how != "--no-archive" {
			name = l[0]
		}
		localedef := exec.Command("localedef", how, "--prefix="+root, "-i", l[1], "-f", l[2], name)
		out, err := localedef.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return dir
}

func judgeLocale(t *testing.T, ours, locales, env, row string) {
	t.Helper()
	run := func(shell string) result {
		world := strings.ReplaceAll(localeWorld, "$LOCALES", locales)
		return runShell(t, "/usr/bin/dash",
			"unset LC_ALL A; printf 'b\\na\\n' >f; mkdir d; exec env "+env+
				" unshare -m /usr/bin/dash -c \"$(cat <<'WORLD'\n"+world+"exec "+shell+
				" -c \"$1\" sh\nWORLD\n)\" sh \"$(cat <<'ROW'\n"+row+"\nROW\n)\"")
	}
	want := run("/usr/bin/dash")
	if strings.HasPrefix(want.Stderr, "mount: ") { // the world failed: no row prints this first
		t.Fatal(want.Stderr)
	}
	if d := cmp.Diff(want, run(ours)); d != "" {
		t.Errorf("%s %s\n(-dash, +ours)\n%s", env, row, d)
	}
}
