package main

import (
	"fmt"
	"strings"
	"testing"
)

// becoming are prefix commands behind which the shell's process itself becomes the program. A
// service is then found, and ended, by the number of the process that its script had.
var becoming = []string{
	"", "nice", "nice -n 5", "nohup", "setsid", "setsid -w", "setpriv --no-new-privs",
	"setpriv --reuid=65534 --clear-groups", "env A=1", "env -i", "env -C /",
	"env --default-signal", "env --ignore-signal=INT", "env --block-signal=INT", "chroot /",
	"chroot --userspec=65534:65534 /", "stdbuf -o0", "unshare -u", "unshare -m", "unshare -n",
	"unshare -i", "unshare -C", "unshare -muni nice", "nsenter -t $$ -u", "nsenter -t $$ -m",
	"nsenter -t $$ -n", "nsenter -t $$ -r", "nsenter -t $$ -w", "nice setsid nohup",
	"timeout 9", "setsid -f", "unshare -f", "unshare -fp", "flock .",
}

// TestExecBecomes checks that exec makes the shell's process the program: the number stays the
// same, and the arguments and the name are those of the program, native or not.
func TestExecBecomes(t *testing.T) {
	var rows []string
	for _, prefix := range becoming {
		rows = append(rows, fmt.Sprintf(`exec %s dash -c '[ $$ = "$0" ]; echo $?' $$; echo no`,
			prefix))
	}
	for _, program := range []string{
		"sleep 9", "cat fifo", "wc -c fifo", "tail -f /dev/null", "nice sleep 9", "env A=1 cat fifo",
		"setsid sleep 9", "chroot / sleep 9", "sh -c 'exec sleep 9'", "env -i sleep 9",
		"unshare -u sleep 9", "nice setsid nohup cat fifo",
	} {
		rows = append(rows, inBackground("exec "+program), inBackground("{ exec "+program+"; }"),
			inBackground("eval 'exec "+strings.ReplaceAll(program, "'", `'\''`)+"'"))
	}
	judgeRows(t, rows, false)
}

// inBackground shows the arguments and the name of the process that a command in the
// background has become, and how the process ends.
func inBackground(command string) string {
	return "mkfifo fifo; " + command + " 2>/dev/null & p=$!; sleep .6; " +
		"tr '\\0' ' ' </proc/$p/cmdline; echo; cat /proc/$p/comm; kill $p; wait $p; echo $?"
}
