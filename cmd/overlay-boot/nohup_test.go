package main

import (
	"os/exec"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// nohupRows run on a terminal. A command for which another shell prints a message comes
// last.
var nohupRows = []string{
	"nohup seq 1", "nohup seq 1; nohup seq 1", "nohup seq 1 >f; cat f", "nohup seq 1 2>f; cat f",
	"nohup seq 1 </dev/null", "nohup seq 1 </dev/null >f; cat f", "nohup seq 1 </dev/null 2>f; cat f",
	"nohup cat; echo $?", "nohup sh -c 'echo a; echo b >&2; read x; echo $?'",
	"nohup sh -c 'exit 3'; echo $?", "nohup sh -c 'echo b >&2' >f; cat f",
	"nohup nosuch; echo $?", "nohup nosuch >f; echo $?; cat f", "nohup; echo $?",
	"nohup --; echo $?", "nohup -- seq 1", "nohup nohup seq 1", "nohup env A=b sh -c 'echo $A'",
	"env A=b nohup sh -c 'echo $A' >f; cat f", "mkdir nohup.out; nohup seq 1; echo $?",
	"mkdir nohup.out; HOME=$PWD/h nohup seq 1; echo $?",
	"mkdir nohup.out h; HOME=$PWD/h nohup seq 1; cat h/nohup.out",
	"mkdir nohup.out; unset HOME; nohup seq 1; echo $?",
	"echo x >nohup.out; chmod 644 nohup.out; nohup seq 1", "umask 0; nohup seq 1",
	"umask 777; nohup seq 1; cat nohup.out", "exec nohup seq 1", "nohup seq 1 & wait $!",
	"nohup sh -c 'sleep 0.1; echo late' & wait", "nohup seq 1 2>&- ; echo $?",
	"nohup dash -c 'echo /proc/self/fd/*'", "nohup grep SigIgn /proc/self/status",
	"trap 'echo t' HUP; nohup sh -c 'kill -1 $$; echo here'",
	"(cd /; HOME=/nosuch nohup true; echo $?) >f 2>&1 </dev/null; cat f",
	"x=$(nohup seq 1); echo $x", "nohup seq 1 | cat", "echo a | nohup cat",
}

// TestNohupTerminal judges nohup on a terminal: dash with the system's tools, ours with
// them, and ours with no tools in PATH.
func TestNohupTerminal(t *testing.T) {
	kit.Tools(t, "script")
	ours := programAs(t, "sh")
	for _, row := range nohupRows {
		t.Run(row, func(t *testing.T) {
			want := onTerminal(t, "dash", row)
			if got := onTerminal(t, ours, row); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
			if strings.Contains(row, "env ") || strings.Contains(row, "dash") {
				return // these rows depend on PATH
			}
			bare := "PATH=/nosuch; " + row
			if got := onTerminal(t, ours, bare); got != want {
				t.Errorf("without tools, got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func onTerminal(t *testing.T, shell, command string) string {
	t.Helper()
	script := "script -qec \"$SHELL_UNDER_TEST -c \\\"\\$COMMAND_UNDER_TEST\\\"\" /dev/null " +
		"</dev/null; " +
		"ls -l | sed 's/ root.* / /'; cat nohup.out; :"
	c := exec.Command("/bin/sh", "-c", script)
	c.Dir = t.TempDir()
	c.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/nosuch", "SHELL=/bin/sh",
		"SHELL_UNDER_TEST=" + shell, "COMMAND_UNDER_TEST=" + command}
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.NewReplacer(c.Dir, "DIR", shell, "SHELL").Replace(string(out))
}
