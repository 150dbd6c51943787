package main

import (
	"strings"
	"testing"
	"time"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// placeRows are commands that run, commands that fail, and commands that natives leave to
// the system's tool. The file f holds "b" and "a"; d is a directory.
var placeRows = []string{
	"sed -n p f", "sed 's/a/x/' nosuch f", "sed --nosuch", "sed -n 'x {'", "/bin/sed p nosuch",
	"sed -n '$=' f nosuch", "cat nosuch f", "/bin/cat nosuch f", "cat --nosuch", "cat -A f",
	"cat d", "grep -c a f nosuch", "grep --nosuch a", "grep -q z f", "/usr/bin/grep a nosuch",
	"grep -P a f", "grep '\\(' f", "awk '{ print $1 } END { exit 3 }' f", "awk 'BEGIN {'",
	"awk -W version", "awk -f -", "awk 1 nosuch",
	"awk 'BEGIN { print system(\"exit 137\"), system(\"kill -9 $$\") }'",
	"awk 'BEGIN { print strftime(\"\", 0) }'", "find f -exec sh -c 'kill -9 $$' ';'",
	"awk 1 f >/dev/full", "awk 'BEGIN { print 1; system(\"\") }' >/dev/full",
	"chown nosuch.x f", "chown 0:0 f nosuch", "/bin/chown 0 nosuch", "chmod 999 f", "chmod a=r f",
	"rm nosuch", "rm d", "rm -f nosuch", "cp f", "cp f nosuch/x", "cp d e", "mv nosuch x",
	"mv f nosuch/x", "ln f f", "ln -s f d/l", "mkdir d", "mkdir -p e/f", "rmdir nosuch",
	"rmdir d/", "mkfifo f", "mknod n z", "touch nosuch/x", "touch -d nosuch x",
	"sort -k f", "sort f", "sort -o nosuch/x f", "tr", "tr -d", "cut f", "cut -b 0 f",
	"cut -c1 f", "head -n x f", "head -n1 f", "tail -n x f", "tail -n1 f", "wc nosuch f",
	"wc -c f", "uniq f nosuch/x", "tee nosuch/x", "expr 1 / 0", "expr 1 +",
	"expr 0", "readlink f", "readlink -f nosuch/x/y", "realpath nosuch/x", "basename",
	"basename a/b", "dirname", "uname -Z", "uname -s", "hostname -Z", "id -Z -u", "id -u",
	"id nosuch.x", "mount nosuch /nosuch", "mount -Z", "umount /nosuch",
	"umount f", "mountpoint /nosuch", "mountpoint d", "ps -p 99999999", "ps --nosuch",
	"pgrep nosuch.x", "pgrep --nosuch", "pkill -x nosuch.x", "kill -s NOSUCH 1",
	"/bin/kill -s NOSUCH 1", "ip link show nosuch0", "ip nosuch", "brctl show nosuch0",
	"env nosuch.x", "/usr/bin/env nosuch.x", "env --nosuch", "env -S 'echo a'",
	"nohup nosuch.x", "/usr/bin/nohup nosuch.x", "chroot /nosuch true",
	"/usr/sbin/chroot /nosuch true", "chroot / nosuch.x", "setsid -w nosuch.x",
	"setsid --nosuch", "unshare --nosuch", "unshare -m nosuch.x", "nsenter --nosuch",
	"nsenter -t 99999999 -m true", "setpriv --nosuch", "setpriv --reuid=65534 id -u", "flock",
	"flock f false", "flock f nosuch.x", "true x", "false", "sleep x", "sleep 0",
	"ldd /nosuch", "stat -c %s f", "nosuch.x", "/nosuch/x", "./f", "/usr/bin/nosuch.x",
	"sh -c 'exit 4'", "sh nosuch", "xargs -n1 echo <f", "xargs nosuch.x <f",
	"xargs sh -c 'kill $$' <f", "xargs -Z <f", "find f -exec nosuch.x {} +",
	"A=c find d -exec sh -c 'echo $A; kill $$' \\;",
}

// places are contexts in which a command may run. Each is a line of a script in which ROW
// stands for the command.
var places = []string{
	"ROW", "(ROW)", "! ROW", "ROW & wait $!", "{ ROW; } & wait $!", "ROW | cat", ": | ROW",
	"x=$(ROW); echo \"$? $x\"", "x=$(ROW | cat); echo \"$? $x\"", "(exec ROW)",
	"g() { ROW; }; g", "A=b ROW", "sh -c \"$r\"", "command ROW", "unshare -m sh -c \"$r\"",
	"unshare -f sh -c \"$r\" & wait $!", "setsid -w ROW", "env A=b ROW", "unshare -n ROW",
	"unshare -m ROW", "x=$(unshare -m ROW); echo \"$? $x\"",
	"eval \"$r\"", "(trap \"$r\" EXIT)", "timeout 9 ROW", "nice ROW",
	"find f -exec sh -c \"$r\" ';'", "echo f | xargs -n1 sh -c \"$r\"",
	"if ROW; then echo yes; fi", "for i in 1; do ROW; done", "(. /dev/fd/7) 7<<R\n$r\nR",
	"sh /dev/fd/7 7<<R\n$r\nR", "(set -e; ROW; echo on)",
}

// TestPlaces checks that a command prints and does the same in each place.
func TestPlaces(t *testing.T) {
	sandboxtest.Test(t, 8*time.Minute, func(t *testing.T) {
		ours := programAs(t, "sh")
		for i, row := range placeRows {
			t.Run(row, func(t *testing.T) {
				t.Parallel()
				var script strings.Builder
				script.WriteString("r=$(cat <<'R'\n" + row + "\nR\n)\nexec </dev/null\n")
				for j, place := range places {
					if !kit.InShare(i, j) {
						continue
					}
					line := strings.ReplaceAll(place, "ROW", row)
					mark := "'== " + strings.ReplaceAll(place, "'", "") + "'"
					script.WriteString("printf 'b\\na\\n' >f; " +
						"[ -d d ] || mkdir d; echo " + mark + "; echo " + mark +
						" >&2\n" + line + "\necho $?; [ \"$(echo *)\" = 'd f' ] || { ls; rm -rf *; }\n")
				}
				judgeRow(t, ours, script.String())
			})
		}
	})
}
