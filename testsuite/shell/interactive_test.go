package shell

import (
	"os"
	"path/filepath"
	"testing"
)

// interactiveRows are rows of TestInteractive.
var interactiveRows = []string{
	"echo hi\necho $-\n",
	"echo a\nnosuch\nfalse\necho $?\nexit 3\n",
	"echo \"a\nb\"\nif true\nthen echo x\nfi\n",
	"(echo ${x?bad}; echo no)\necho after $?\n",
	"x=$(echo ${x?bad}; echo no)\necho after $?\n",
	"set -e\nfalse\necho after $?\n",
	"trap 'echo bye $?' EXIT\nfalse\n",
	"kill -TERM $$\necho after $?\n",
	"kill -QUIT $$\necho after $?\n",
	"trap 'echo int' INT; kill -INT $$\necho after $?\n",
	"trap 'echo term' TERM; kill $$\ntrap - TERM; kill $$\necho after $?\n",
	"sh -c 'kill -TERM $$; echo no'\necho $?\nsh -c 'kill -INT $$; echo no'\necho $?\n" +
		"sh -c 'kill -QUIT $$; echo no'\necho $?\ngrep SigIgn /proc/self/status\n",
	"PS1='<$x>' PS2='more '\nx=5\necho \"a\nb\"\ncat <<X\nline\nX\n",
	"set -o ignoreeof\necho a\n",
	"set +i\necho $-\nset -i\necho $-\n",
	"exec nosuch\necho after $?\n",
	"command exec nosuch\necho after $?\n",
	"break; continue; echo x\nreturn 3\necho after $?\n",
	"trap x NOSUCH\necho after $?\n",
	"echo no newline at end\nexit 4\n",
	"set -v\necho x\n",
	"set -x\necho x\n",
	"echo 'abc\n",
	"exit 300\n",
	"cd /nosuch\necho after $?\n",
	"echo $PS1 $PS2 $PS4\n",
	"exit; echo x\n",
	"f() { return; }\nf\necho $?\n",
	"set +i\necho $-\nset -i\necho $-\n",
	"echo 'abc\n",
	"trap 'echo bye $?' EXIT\necho ${x?bad}\n",
	"trap 'echo bye $?' EXIT\nexit 4\n",
	"trap 'echo bye $?' EXIT\nkill -INT $$\n",
	"trap 'echo bye $?' EXIT\n(exit 3)\nkill -HUP $$\necho no\n",
	"set -e\n(exit 3)\necho no\n",
	"set -n\necho after\n",
	"command set -o nosuch; echo $?\necho after\n",
	"command . ./nosuch; echo $?\necho after\n",
	"PS1='$(echo p)> '\necho a\n",
	"PS1='\\w '\necho a\n",
	"PS1=\nPS2=\necho \"a\nb\"\n",
	"unset PS1\necho a\n",
	"PS1='$((n=n+1))> '\necho a\necho b\n",
	"echo a \\\nb\na=`\necho c`\necho $a\n",
	"f() {\necho x\n}\nf\ncase a in\na) echo y;;\nesac\n",
	"# comment\n\n   \necho a # comment\n",
	"cat <<E; echo b\n$x text\nE\ncat <<'E'\nq\nE\n",
	"echo a; exit 3; echo b\n",
	"exit\n",
	"return 3\necho no\n",
	"return; echo no\n",
	"(exit 3) &\nwait $!\necho $?\njobs\n",
	"sh -c 'exit 3'\necho $?\nsh -c 'kill -9 $$'\necho $?\n",
	"nosuch; echo $?\n/; echo $?\n./nosuch; echo $?\n",
	"exec nosuch; echo no\necho no\n",
	"exec /; echo no\n",
	"set -m; echo $?\necho $-\n",
	"set -o | grep -E 'interactive|monitor|stdin'\n",
	"echo $0 $# $-\n",
	"wait %1; echo $?\nfg; echo $?\nbg; echo $?\n",
	"kill -TERM $$; kill -TERM 0; echo ok\n(trap - TERM; echo sub)\n",
	"trap\ntrap 'echo t' TERM\ntrap\ntrap - TERM\nkill $$; echo alive\n",
	"echo $((\n1+1\n))\n",
	"echo \"unterminated\n",
	"if true\n",
	"echo $(\n",
	"getopts\necho $?\n",
	"alias x=\nunalias nosuch; echo $?\n",
	"cd /nosuch; echo $?; read; echo $?\n",
	"umask 999; echo $?\nulimit -Z; echo $?\n",
}

// interactiveOtherRows are the rows of TestInteractive in which dash is wrong.
var interactiveOtherRows = []row{
	{standard: "XCU 2.8.1, expansion and redirection errors",
		script: `echo ${x?bad}; echo no
f() { echo ${x?bad}; echo no; }
f; echo no
echo a1
for i in 1 2; do echo ${x?bad}; done
echo a2
eval 'echo ${x?bad}; echo no'
echo a3
exec < nosuch
echo a4
exit 0
`},
	{standard: "XCU 2.8.1, special built-in and assignment errors",
		script: `set -o nosuch; echo no
echo a1
shift 99; echo no
echo a2
: < nosuch; echo no
echo a3
readonly r=1
r=2; echo no
echo a4
export r=2; echo no
echo a5
. ./nosuch; echo no
echo a6
exit 0
`},
	{standard: "XCU 2.8.1, syntax errors",
		script: "(\n) ; echo no\necho a1\nfi\necho a2\nexit 0\n"},
	{standard: "XCU 2.11, SIGINT of an interactive shell",
		script: "kill -s INT $$; echo no\necho a1 $?\nexit 0\n"},
}

// TestInteractive judges an interactive shell that reads its commands from a file: its prompts,
// its signals, and that errors do not end it (XCU 2.8.1).
func TestInteractive(t *testing.T) {
	quiet(t)
	interactive := []string{"-i"}
	for _, script := range interactiveRows {
		judge(t, row{script: script, as: asStdin, flags: interactive})
	}
	for _, r := range interactiveOtherRows {
		r.as, r.flags = asStdin, interactive
		judge(t, r)
	}
}

// TestInteractiveScript judges a script and a command string in an interactive shell.
func TestInteractiveScript(t *testing.T) {
	quiet(t)
	for _, script := range []string{
		"echo a\nexit 3\n", "kill -TERM $$; echo alive\ntrap 'echo bye' EXIT\n", "echo $-\n",
		"(exit 3)\n", "x=1\n\n# comment\nif true\nthen echo $x\nfi\n",
	} {
		judge(t, row{script: script, flags: []string{"-i"}})
		judge(t, row{script: script, as: asOperand, flags: []string{"-i"}})
	}
}

// TestProfile checks that only interactive shells read the file that ENV names.
func TestProfile(t *testing.T) {
	env := filepath.Join(t.TempDir(), "env")
	check(t, os.WriteFile(env, []byte("echo from env $-; E=1\nalias q='echo quick'\n"), 0o644))
	for _, flags := range [][]string{{"-i"}, {}} {
		for _, start := range []string{
			"ENV=" + env, "D=" + filepath.Dir(env) + " ENV='$D/env'", "ENV=/nosuch", "ENV=",
		} {
			inner := "sh"
			for _, flag := range flags {
				inner += " " + flag
			}
			judge(t, row{script: start + "; export ENV D; echo 'echo [$E] $0' | " + inner +
				"; " +
				inner + " -c 'echo [$E]'"})
		}
	}
}
