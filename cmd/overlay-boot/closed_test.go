package main

import (
	"strings"
	"testing"
)

// closedRows are commands that run another command while standard files are closed. CMD
// stands for that other command: a native, a built-in utility or a program. No row is
// "flock FILE CMD", since the lock file would take the number of the closed descriptor.
var closedRows = []string{
	"timeout 5 CMD", "env timeout 5 CMD", "nice CMD", "nice nice timeout 5 CMD", "nohup CMD",
	"setsid -w CMD", "setpriv --nnp CMD", "env CMD", "env -i timeout 5 CMD", "chroot / CMD",
	"unshare -u CMD", "unshare -f CMD", "unshare -fp --kill-child CMD", "nsenter -t $$ -u CMD",
	"find f -exec CMD {} ';'", "find f -exec timeout 5 CMD {} ';'", "xargs -n1 CMD",
	"xargs timeout 5 CMD", "xargs -a f CMD", "sh -c 'CMD; timeout 5 CMD'",
	"{ timeout 5 CMD & wait $!; }", "(CMD; timeout 5 CMD)", "exec timeout 5 CMD", "CMD",
}

// closedAwkRows run awk. Standard input stays open here, since a pipe of mawk's would take
// its number. No row writes to a file, since mawk crashes then.
var closedAwkRows = []string{
	"awk 'BEGIN{system(\"CMD\")}'", "awk 'BEGIN{\"CMD\"|getline x; close(\"CMD\")}'",
	"awk 'BEGIN{exit 3}'",
}

// TestClosedFiles checks that a standard file that is closed for a command is also closed
// for the command that it runs, in-process or in a child.
func TestClosedFiles(t *testing.T) {
	var rows []string
	add := func(from []string, closed string, commands ...string) {
		for _, row := range from {
			for _, command := range commands {
				row := strings.ReplaceAll(row, "CMD", command)
				rows = append(rows, closedSetup+row+" "+closed+"; echo $?")
			}
		}
	}
	for _, closed := range []string{"<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"} {
		add(closedRows, closed, "echo x", "/bin/echo x", "cat", noNative, noNative+" nosuch",
			"$PWD/files")
	}
	for _, closed := range []string{">&-", "2>&-"} {
		add(closedAwkRows, closed, "/bin/echo x", "cat", noNative+" nosuch", "./files")
	}
	judgeRows(t, rows, true)
}

// closedSetup makes a program that says which of its standard files are closed, in the
// test's directory: chroot starts it in another one.
const closedSetup = `printf '%s\n' '#!/bin/bash' 'for n in 0 1 2; ` +
	`do [ -e /proc/$$/fd/$n ] || c="$c $n"; done' ` +
	`'echo "closed$c" >>'"$PWD/o" >files; chmod 755 files; echo a >f; trap 'cat o 2>/dev/null' EXIT; `
