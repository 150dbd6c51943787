package main

import "testing"

// localeTools are calls whose output or messages depend on the locale.
const localeTools = `printf 'é\nb\naé\nB\n' >f; mkdir d; : >d/é; : >d/B; : >d/a; export TZ=UTC
	for t in "sed 's/./X/g' f" "sed 's/./X' f" 'sed y/é/e/ f' "grep -c '^.\$' f" 'grep -o . f' \
		'expr length é' 'expr é : .' 'cut -c1 f' 'cut -dé -f1 f' 'sort f' 'sort nofile' 'ls d' \
		'ls -b d nofile' 'date -d @0 +%x%c' "awk '{ print length(\$0), toupper(\$0) }' f" \
		'tr é x <f' 'tr -d é <f' 'wc -m f' 'wc -L f' 'wc nofile'; do `

// localePlaces assign the locale before the command, each in another context.
var localePlaces = []string{
	"eval \"LC_ALL=$l $t\"; echo $?",
	"eval \"LC_ALL=$l $t\" & wait $!; echo $?",
	"eval \"echo x | LC_ALL=$l $t | cat\"",
	"a=$(eval \"LC_ALL=$l $t\" 2>&1); echo \"$? $a\"",
	"eval \"(LC_ALL=$l $t)\"; eval \"{ LC_ALL=$l $t; } >&2\"",
	"eval \"LC_CTYPE=$l $t\"; echo $?",
	"eval \"LANG=$l LC_MESSAGES=C $t\"; echo $?",
	"eval \"env LC_ALL=$l $t\"; echo $?",
	"eval \"env -i PATH=$PATH LANG=$l nice $t\"; echo $?",
}

// TestLocaleOfPrefix checks that a native uses the locale assigned before it, whatever the
// locale of the shell is.
func TestLocaleOfPrefix(t *testing.T) {
	var rows []string
	for _, set := range []string{"unset LC_ALL; ", "LC_ALL=C.UTF-8; ",
		"unset LC_ALL; LC_CTYPE=C.UTF-8; export LC_CTYPE; "} {
		for _, place := range localePlaces {
			rows = append(rows, set+localeTools+"for l in C C.UTF-8; do "+place+"; done; done")
		}
	}
	judgeRows(t, rows, false)
}

// lostRows are prefix commands that cannot run another command and cannot write the reason.
var lostRows = []string{
	"env $c 2>&-", "nice $c 2>&-", "nohup $c 2>&-", "timeout 3 $c 2>&-", "chroot / $c 2>&-",
	"setsid $c 2>&-", "setpriv --no-new-privs $c 2>&-", "unshare $c 2>&-",
	"nsenter -m -t $$ $c 2>&-", "env nice $c 2>&-", "nice unshare $c 2>&-", "nohup env $c 2>&-",
	"env nohup $c 2>&-",
}

// TestPrefixCannotTell checks that the exit status shows that the message could not be
// written.
func TestPrefixCannotTell(t *testing.T) {
	var rows []string
	for _, row := range lostRows {
		rows = append(rows, ": >file; for c in nosuch ./file /no/such true 'sh -c \"exit 3\"'; do "+
			row+"; echo $?; a=$("+row+"); echo $?; "+row+" & wait $!; echo $?; : | "+row+"; echo $?; done",
			": >file; for c in nosuch ./file; do "+row[:len(row)-1]+"/dev/full; echo $?; done")
	}
	judgeRows(t, rows, false)
}

// systemRows are command lines that a tool passes to a shell.
var systemRows = []string{
	"awk 'BEGIN { print system(\"nosuch\"), system(\"exit 3\"), system(\"(\"), system(\"echo " +
		"$0; f\") }'; f() { :; }",
	"awk 'BEGIN { \"nosuch\" | getline; print \"y\" | \"nosuch -x\"; " +
		"print close(\"nosuch -x\"); \"echo $0\" | getline y; print y }'",
	"A=3 awk 'BEGIN { system(\"echo $A $B\"); print \"x\" | \"cat; echo $A\" }'; " +
		"a=$(awk 'BEGIN { system(\"nosuch\") }' 2>&1); echo $a",
	"printf '#!/bin/sh\\necho wrong' >sh; chmod +x sh; PATH=$PWD:$PATH; " +
		"awk 'BEGIN { system(\"echo $0\") }'; sed -n '1e echo $0; nosuch' /etc/passwd",
	"PATH=/no/such /usr/bin/awk 'BEGIN { system(\"echo $0 $PATH\") }'; " +
		"echo a | PATH=/no/such /bin/sed 's/a/echo $0; nosuch/e'",
}

// TestSystem checks that tools run a shell of the same name from the same file.
func TestSystem(t *testing.T) { judgeRows(t, systemRows, false) }

// TestNoReader judges the exit status of a command whose output nobody reads, both when
// SIGPIPE ends the command and when SIGPIPE is ignored.
func TestNoReader(t *testing.T) {
	var rows []string
	for _, command := range []string{"env", "nice", "head -n 3 /etc/passwd",
		"tail -n 3 /etc/passwd", "cat /etc/passwd",
		"wc /etc/passwd", "expr 1 + 1", "grep root /etc/passwd", "ps", "ps -ef", "pgrep -l .",
		"sed p /etc/passwd",
		"id", "ls /", "sysctl kernel.hostname", "findmnt /", "mountpoint /", "sort /etc/passwd",
		"ip link"} {
		for _, before := range []string{"", "trap '' PIPE; "} {
			rows = append(rows, before+"{ sleep .2; "+command+"; echo $? >&2; } | :")
		}
	}
	judgeRows(t, rows, false)
}
