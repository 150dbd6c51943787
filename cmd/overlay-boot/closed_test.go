package main

import (
	"strings"
	"testing"
)

// closedRows are commands that run another, each with a standard file closed: CMD stands
// for the other one, which is a native, a built-in utility or a program. That of flock
// locks a descriptor: a file would take the place of what is closed.
var closedRows = []string{
	"timeout 5 CMD", "env timeout 5 CMD", "nice CMD", "nice nice timeout 5 CMD", "nohup CMD",
	"setsid -w CMD", "setpriv --nnp CMD", "env CMD", "env -i timeout 5 CMD", "chroot / CMD",
	"unshare -u CMD", "unshare -f CMD", "unshare -fp --kill-child CMD", "nsenter -t $$ -u CMD",
	"find f -exec CMD {} ';'", "find f -exec timeout 5 CMD {} ';'", "xargs -n1 CMD",
	"xargs timeout 5 CMD", "xargs -a f CMD", "sh -c 'CMD; timeout 5 CMD'",
	"{ timeout 5 CMD & wait $!; }", "(CMD; timeout 5 CMD)", "exec timeout 5 CMD", "CMD",
}

// closedAwkRows are without standard input, whose place a pipe of mawk's takes, and without
// files that are written, with which mawk crashes.
var closedAwkRows = []string{
	"awk 'BEGIN{system(\"CMD\")}'", "awk 'BEGIN{\"CMD\"|getline x; close(\"CMD\")}'",
	"awk 'BEGIN{exit 3}'",
}

// TestClosedFiles: what is closed for a command is closed for what it runs, also in a
// process of its own.
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
		add(closedRows, closed, "echo x", "/bin/echo x", "cat", "nl", "nl nosuch", "$PWD/files")
	}
	for _, closed := range []string{">&-", "2>&-"} {
		add(closedAwkRows, closed, "/bin/echo x", "cat", "nl nosuch", "./files")
	}
	judgeRows(t, rows, true)
}

// closedSetup makes a program that says which of its standard files are closed.
const closedSetup = `printf '%s\n' '#!/bin/bash' 'for n in 0 1 2; do [ -e /proc/$$/fd/$n ] || c="$c $n"; done' ` +
	`'echo "closed$c" >>o' >files; chmod 755 files; echo a >f; trap 'cat o 2>/dev/null' EXIT; `
