package shell

import "testing"

// stops is a command that stops itself.
const stops = "sh -c 'kill -STOP $$; echo on; exit 3'\n"

// jobDialogues are what TestJobControl types, and what it waits for.
var jobDialogues = []dialogue{
	{"", "echo $-\n", "", "exit 3\n"},
	{"", "echo ready; cat; echo $?\n", "ready", "\x04", "", "exit\n"},
	{"", "sh -c 'kill -STOP $$; echo again; exec sleep 100'\n", "", "jobs\n", "", "fg\n",
		"again\r\n", "\x03", "", "exit\n"},
	{"", "sh -c 'echo ready; exec sleep 100'\n", "ready", "\x1a", "",
		"echo $?; jobs -l; bg; jobs; kill -9 %%; wait\n", "", "exit\n"},
	{"", "sh -c 'echo ready; exec sleep 100'\n", "ready", "\x03", "", "echo $?\n", "",
		"exit\n"},
	{"", "sh -c 'echo ready; exec sleep 100'; echo no\n", "ready", "\x03", "", "echo $?\n",
		"", "exit\n"},
	{"", "sh -c 'echo ready; exec sleep 100'\n", "ready", "\x1c", "", "echo $?\n", "",
		"exit\n"},
	{"", "sh -c 'echo ready; kill -STOP $$; echo on'\n", "ready", "", "",
		"jobs; fg; echo $?\n", "", "exit\n"},
	{"", stops, "", "exit\n", "", "echo no\n", "", "exit\n", "", "fg\n", "", "echo $?\n",
		"", "exit\n"},
	{"", stops, "", "exit\n", "", "exit\n"},
	{"", stops, "", "\x04", "", "\x04"},
	{"", stops, "", "echo $?; jobs -p | grep -c .; fg %1; jobs\n", "", "exit\n"},
	{"", stops, "", stops, "", stops, "", "jobs; fg %2; jobs; fg; fg %-; echo $?\n", "",
		"exit\n", "", "exit\n"},
	{"", stops, "", "bg; wait; echo $?\n", "", "exit\n"},
	{"", stops, "", "sleep 100 &\n", "", "jobs; bg; wait %1; jobs; kill -9 %2; wait\n", "",
		"exit\n"},
	{"", stops, "", "wait %1; echo $?; wait; echo $?\n", "", "fg\n", "", "exit\n"},
	{"", "(exec sh -c 'kill -STOP $$; echo on; exit 3')\n", "", "jobs; fg; echo $?\n", "",
		"exit\n"},
	{"", "(exec sh -c 'kill -TSTP $$; echo on; exit 3') & sleep .2; jobs; bg; " +
		"wait; echo $?\n", "", "exit\n"},
	{"", "trap 'echo chld' CHLD; " + stops, "", "echo $?; fg; echo $?\n", "", "exit\n"},
	{"", "sleep .1 & p=$!; while kill -0 $p 2>/dev/null; do :; done; wait $p; echo $?\n",
		"", "exit\n"},
	{"", "(echo in; sh -c 'kill -STOP 0'; echo on; exit 3)\n", "", "jobs\n", "",
		"fg; echo $?\n", "", "exit\n"},
	{"", "echo x | sh -c 'kill -STOP 0; cat; exit 3'\n", "", "jobs\n", "", "fg; echo $?\n",
		"", "exit\n"},
	{"", "f() { sh -c 'kill -STOP $$; exit 3'; echo in f $?; }; f; echo $?\n", "",
		"fg; echo $?\n", "", "exit\n"},
	{"", "sleep 100 &\n", "", "jobs\n", "", "kill -9 %sl; wait %1; echo $?\n", "", "jobs\n",
		"", "exit\n"},
	{"", "sleep 100 & sleep 200 & sleep 300 &\n", "",
		"jobs; jobs %?200; kill -9 %?1 %?2 %?3; wait; echo\n", "", "exit\n"},
	{"", "true | sleep 100 & sleep 2\n", "", "jobs; kill %1; wait %1; echo $?\n", "",
		"exit\n"},
	{"", "sleep 100 | true & sleep 2\n", "", "jobs; kill %1; wait %1; echo $?\n", "",
		"exit\n"},
	{"", "sleep 100 & sleep 200 & kill %sleep; echo $?\n", "", "kill -9 %1 %2; wait\n", "",
		"exit\n"},
	{"", "set +m; echo $-; sleep 100 & jobs; kill -9 $!; wait\n", "", "exit\n"},
	{"", "set +m; set -m; echo $-; sleep 100 & jobs; kill -9 %1; wait\n", "", "exit\n"},
	{"", "echo ready; read x; echo \"<$x>\"\n", "ready", "abc\n", ">", "exit\n"},
	{"", "echo 'a\n", "> ", "b'\n", "", "exit\n"},
	{"", "echo 'a\n", "> ", "\x03", "", "echo $?\n", "", "exit\n"},
	{"", "\x03", "", "echo $?\n", "", "exit\n"},
	{"", "while :; do sh -c 'echo ready; exec sleep 100'; done\n", "ready", "\x03", "",
		"echo $?\n", "", "exit\n"},
	{"", "echo ready; while :; do :; done\n", "ready", "\x03", "", "echo $?\n", "",
		"exit\n"},
	{"", "(echo ready; while :; do :; done)\n", "ready", "\x03", "", "echo $?\n", "",
		"exit\n"},
	{"", "echo ready; read x; echo no\n", "ready", "\x03", "", "echo $?\n", "", "exit\n"},
	{"", "x=$(echo ready >&2; sleep 100); echo no\n", "ready", "\x03", "", "echo $?\n", "",
		"exit\n"},
	{"", "set -o ignoreeof\n", "", "\x04", "", "exit\n"},
	{"", "true & wait; jobs\n", "", "false & wait\n", "", "\n", "", "exit\n"},
	{"", "${x?bad}; echo no\n", "", "echo $?\n", "", "exit\n"},
	{"", "sh -c 'ps -o pgid= -p $$; ps -o tpgid= -p $$' | uniq | wc -l\n", "", "exit\n"},
	{"", "sleep 100 & p=$!; [ $(ps -o pgid= -p $p) = $p ] && echo own; " +
		"[ $(ps -o tpgid= -p $p) = $$ ] && echo shell; kill -9 $p; wait\n", "", "exit\n"},
	{"", "cat & wait; jobs\n", "", "exit\n", "", "exit\n"},
	{"", "grep -E 'SigIgn|SigBlk' /proc/self/status; " +
		"env grep -E 'SigIgn|SigBlk' /proc/self/status & wait\n", "", "exit\n"},
}

// TestJobControl judges job control at a terminal (XCU 2.11, bg, fg, jobs).
func TestJobControl(t *testing.T) {
	quiet(t)
	for _, d := range jobDialogues {
		atTerminal(t, d)
	}
}

// TestJobTexts judges commands as jobs shows them.
func TestJobTexts(t *testing.T) {
	quiet(t)
	for _, command := range []string{
		"true a b", "true 'a b' \"c d\" e\\ f \\$",
		"true \"a'b\" 'c\"d' 'e$f' 'g\\h' \"i\\$j\"", "x=1 true", "x=1", "true >f",
		"true 2>&1 <f >>f 3<>f 4>|f",
		"true | false", "true | false | true", "! true", "! true | false",
		"true && false || true", "{ true; false; }", "{ true; false; } >f", "(true; false)",
		"(true) >f",
		"if true; then false; fi",
		"if true; then false; else true; fi",
		"if true; then :; elif false; then :; else :; fi",
		"while false; do true; done", "until true; do false; done",
		"for i in a b; do true; done",
		"for i; do true; done",
		"case a in a) true;; b|c) false;; esac",
		"case a in esac",
		"f() { true; }",
		"true $x ${x} \"$x\" ${#x} ${x:-a b} ${x-\"q\"} ${x%y} ${x##z} $1 $@ \"$@\" $$",
		"true $(echo a) `echo b` \"$(echo c)\"", "true ~ * ? [a]", "eval 'true; false'",
		"true; false", ". /dev/null", "exec true", "{ true & }", "(true &)",
		"true \"\" ''", "true a\"b\"c'd'e", "sleep 0 && sleep 0 | sleep 0",
		"{ true; } && { false; }", "true \"a`echo b`c\"",
	} {
		atTerminal(t, dialogue{"", command + " & wait; jobs\n", "", "exit\n"})
	}
	atTerminal(t, dialogue{"", "cat <<E & wait; jobs\n", "> ", "text\n", "> ", "E\n", "",
		"exit\n"})
}

// jobsTold are scripts with job control, in which the shell tells of a job that has ended
// before it reads the next command.
var jobsTold = []string{
	"set -m\nsleep .1 &\nwait\necho a\necho b\nsleep .1 & wait $!\necho c",
	"set -m\nsh -c 'exit 3' &\nwait $!\necho $?; jobs\n\n# comment\necho end",
	"set -m\neval 'sleep .1 & wait\necho in eval'\necho behind",
	"set -m\nf() { sleep .1 & wait\necho in f\n}\nf\necho behind",
	"set -m\nprintf 'sleep .1 &\\nwait\\necho in dot\\n' >d\n. ./d\necho behind",
	"set -m\n(sleep .1 & wait; echo sub)\necho behind",
	"set -m\nsleep .1 &\nset +m\nwait\necho off\nset -m\necho on\n:",
	"set -m\nsleep .1 & wait",
	"set -m\nsleep .1 &\nsleep .1 &\nwait\n",
	"set -m\ntrue | sleep .1 &\nwait\nif true\nthen\necho in if\nfi",
	"set -m\nalias x=echo\nsleep .1 &\nwait\nx alias",
	"set -m\n$(sleep .1 & wait)\ntrap 'sleep .1 & wait\necho in trap' EXIT\n:",
	"set -m\nsleep 5 &\nkill -9 %1; wait\necho killed",
	"set -m\nsleep 5 &\nkill -STOP %1; sleep .3\necho stopped; kill -9 %1; wait\n:",
	"set -m\ncat <<E &\n$(sleep .1)\nE\nwait\n:",
}

// TestJobsTold judges when a script at a terminal tells of its jobs, for each way to read it.
func TestJobsTold(t *testing.T) {
	quiet(t)
	for _, script := range jobsTold {
		for _, how := range [...]how{asFile, asOperand, asStdin} {
			judge(t, row{script: script, as: how, terminal: true})
		}
	}
}
