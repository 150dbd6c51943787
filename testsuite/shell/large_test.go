package shell

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestLarge judges texts, words and lists of words far beyond those of scripts.
func TestLarge(t *testing.T) {
	line := strings.Repeat("0123456789abcde ", 1<<16) // 1 MB
	word := strings.Repeat("w", 1<<20)
	same(t,
		"x='"+line+"'; echo ${#x}; echo \"$x\" | cksum; set -- $x; echo $# ${65536}; "+
			"y=${x#* }; echo ${#y}; case $x in *abcde\\ ) echo tail;; esac",
		"echo "+line+" | cksum; : "+line+"; echo $?; for i in "+line+"; do :; done; echo $i",
		"echo "+word+" | cksum; x="+word+"; echo ${#x}; case $x in *x*) echo no;; "+
			"w*w) echo yes;; esac; echo ${#x} ${x%w} | cksum; y=${x%%w*}; echo \"[$y]\"; "+
			"echo \"$x$x\" | wc -c",
		"read x <<E\n"+line+"\nE\necho ${#x}; while read y; do echo ${#y}; done <<E\n"+line+
			"\nshort\n"+word+"\nE\ncat <<E | cksum\n"+line+"$x\nE\ncat <<'E' | cksum\n"+word+"\nE",
		`i=0; set --; while [ $i -lt 1000 ]; do i=$((i+1)); set -- "$@" "a $i"; done; `+
			`set -- "$@" "$@" "$@" "$@" "$@" "$@" "$@" "$@" "$@" "$@"
echo $# "${10000}" "${9999}"; shift 4999; echo $# "$1"; x="$*"; echo ${#x}; `+
			`f() { echo $# "$1"; shift $#; echo $#; }; f "$@"; set -- "$@" "$@"; echo $#
for a; do :; done; echo "$a"; set -- $x; echo $#; set -- "$*"; echo ${#1}; getopts x o; `+
			`echo $?; sh -c 'echo $# ${1}' sh $x`,
		`i=0; while [ $i -lt 10000 ]; do i=$((i+1)); eval "v$i=$i"; done; set | grep -c ^v; `+
			`eval "echo \$v1 \$v10000 \$v5000"; x=$(set | cksum); [ -n "$x" ] && echo ok; `+
			`(unset v5000; echo ${v5000-gone}); echo $v5000; i=0; while [ $i -lt 10000 ]; `+
			`do i=$((i+1)); unset v$i; done; set | grep -c ^v`,
		`i=0; while [ $i -lt 2000 ]; do i=$((i+1)); eval "export e$i=$i; f$i() { echo f$i; `+
			`}"; done; env | grep -c ^e; f2000; f1; sh -c 'echo $e2000'; `+
			`(e1=x; env | grep ^e1=)`,
		`n=0; for i in `+strings.Repeat("a ", 100000)+`; do n=$((n+1)); done; echo $n`,
		`x="`+strings.Repeat("a ", 100000)+`"; n=0; for i in $x; do n=$((n+1)); done; `+
			`echo $n; set -- $x; echo $#; IFS=; set -- $x; echo $#; IFS=a; set -- $x; echo $#`,
	)
}

// TestLargePrograms judges programs with thousands of equal parts.
func TestLargePrograms(t *testing.T) {
	same(t,
		strings.Repeat("read x <<E\nl $i\nE\n", 5000)+"echo \"$x\"",
		strings.Repeat("echo a; ", 20000)+"\necho end",
		strings.Repeat("x=1 ", 5000)+"\necho $x; "+strings.Repeat("x=${x}1 ", 5000)+
			"; echo ${#x}",
		strings.Repeat("f() { echo a; }\n", 5000)+"f",
		"case q in "+strings.Repeat("a|b|c) echo no;;\n", 5000)+"q) echo yes;; esac",
		"case q in "+strings.Repeat("a|", 20000)+"q) echo yes;; esac",
		"if false; then :\n"+strings.Repeat("elif false; then :\n", 900)+"else echo e; fi",
		strings.Repeat("true && ", 5000)+"echo and; "+strings.Repeat("false || ", 5000)+
			"echo or; "+strings.Repeat("true; ", 5000),
		"echo $(("+strings.Repeat("1+", 20000)+"1)) $(("+strings.Repeat("(", 900)+"1"+
			strings.Repeat(")", 900)+")) $(("+strings.Repeat("- ", 901)+"1)) $(("+
			strings.Repeat("0?1:", 900)+"2))",
		"echo "+strings.Repeat("$((1))", 5000)+" | cksum; echo "+strings.Repeat("${x-a}", 5000)+
			" | cksum; echo "+strings.Repeat("$(echo a)", 300)+" | cksum; echo "+
			strings.Repeat("'a'\"b\"\\c", 5000)+" | cksum",
	)
}

// TestLargeNumbers judges thousands of files, processes and turns.
func TestLargeNumbers(t *testing.T) {
	same(t,
		`mkdir d; cd d; seq -f f%.0f 1 20000 | xargs touch; echo * | cksum; set -- *; `+
			`echo $#; set -- f*9; echo $#; set -- f?; echo $#; set -- f[12]*[!5]; echo $#; `+
			`set -- ../d/*7; echo $#; for i in *; do :; done; echo $i; `+
			`case $* in *20000*) echo y;; esac; cd ..; rm -r d`,
		`d=a; i=0; while [ $i -lt 100 ]; do i=$((i+1)); d=$d/a; done; mkdir -p $d; `+
			`echo a/*/*/*/*/*/*; p=a; i=0; while [ $i -lt 100 ]; do i=$((i+1)); p=$p/*; done; `+
			`set -- $p; [ "$1" = $d ] && echo deep; cd $d && pwd | tail -c 200; rm -r "$OLDPWD/a"`,
		"echo x"+strings.Repeat(" | cat", 200),
		"seq 10000 "+strings.Repeat(" | cat", 60)+" | cksum",
		"echo x"+strings.Repeat(" | (read a; echo $a)", 200),
		"echo x | "+strings.Repeat("{ cat; } | ", 150)+"while read a; do echo \"$a\"; done",
		`i=0; while [ $i -lt 200 ]; do i=$((i+1)); : & done; wait; echo $?`,
		`i=0; while [ $i -lt 200 ]; do i=$((i+1)); sleep 0 & p="$p $!"; done; wait $p; `+
			`echo $?; set -- $p; echo $#`,
		`i=0; while [ $i -lt 1000 ]; do i=$((i+1)); x=$(x=$(x=$(echo $i); echo $x); `+
			`echo $x); done; echo $x`,
		`i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo $i`,
		`f() { [ $1 -eq 0 ] && return 3; f $(($1-1)); }; f 990; echo $?; g() { local x=$1; `+
			`[ $1 -eq 0 ] || g $(($1-1)); echo $x; }; g 900 | cksum`,
		`f() { i=$((i+1)); f; }; i=0; (f); echo $?; f; echo no`,
		`f() { [ $i -ge 10000 ] || { i=$((i+1)); f; }; }; i=0; f; echo no`,
		`e='i=$((i+1)); [ $i -lt 3000 ] && eval "$e"'; i=0; eval "$e"; echo $i; `+
			`echo 'i=$((i+1)); [ $i -gt 1000 ] || . ./d' > d; i=0; . ./d; echo $i`,
		`x=a; i=0; while [ $i -lt 20 ]; do i=$((i+1)); x=$x$x; done; echo ${#x}; y=$x; `+
			`z=$x$y; echo ${#z}; y=${z#a}; echo ${#y}; printf %s "$z" | cksum; `+
			`echo "$z" | wc -c; (x=; echo ${#z}); v=$(echo "$z"); `+
			`[ "$v" = "$z" ] && echo same`,
		`x=a; while [ ${#x} -lt 1000000 ]; do x="$x $x"; done; set -- $x; echo $#; x=*; `+
			`while [ ${#x} -lt 5000 ]; do x=$x$x; done; `+
			`case aaaaaaaaaaaaaaaaaaaaab in $x) echo y;; esac; `+
			`case aaaaaaaaaa in ${x}b) echo no;; *) echo n;; esac; `+
			`y=aaaaaaaaaaaaaaaaaaa; `+
			`echo "[${y#$x}]" "[${y##$x}]" "[${y%$x}]" "[${y%%$x}]"`,
	)
}

// TestDeepNesting judges commands and expansions in hundreds of each other.
func TestDeepNesting(t *testing.T) {
	for _, nest := range [][2]string{{"(", ")"}, {"{ ", ";}"}, {"if :; then ", ";fi"},
		{"while :; do ", ";break;done"}, {"for i in a; do ", ";done"}, {"case a in a) ", ";;esac"},
		{"$(echo echo $(", "))"}, {"echo $(", ")"}, {`echo "$(`, `)"`}, {"! ", ""}} {
		n := 300
		if strings.HasPrefix(nest[0], "(") || strings.Contains(nest[0], "$(") {
			n = 100 // they are processes in dash
		}
		if nest[0] == "! " {
			n = 1
		}
		judge(t, row{script: strings.Repeat(nest[0], n) + "echo deep" +
			strings.Repeat(nest[1], n) + "; echo $?"})
	}
	for _, nest := range [][2]string{{"${x-", "}"}, {`"${x-`, `}"`}, {"$((1+", "))"},
		{"${x-a${y-", "}}"}} {
		judge(t, row{script: "echo " + strings.Repeat(nest[0], 500) + "1" +
			strings.Repeat(nest[1], 500)})
	}
}

// TestEndlessNesting judges nestings that dash limits only by its stack. The shell under test
// reports an error and survives.
func TestEndlessNesting(t *testing.T) {
	for _, script := range []string{
		`e='eval "$e"'; (eval "$e"); echo $?`,
		`echo '. ./d' > d; (. ./d); echo $?`,
		`f() { x=$(f); }; (f); echo $?`,
		`e='x=$(eval "$e")'; (eval "$e"); echo $?`,
		`trap 'kill -USR1 $$; :' USR1; e='eval "$e"'; (eval "$e"); echo $?`,
	} {
		got := row{script: script}.run(t, ours)
		if got.stdout != "2\n" || !strings.Contains(got.stderr, "recursion depth (") {
			t.Errorf("script: %s\n%.500s", script, got)
		}
	}
}

// TestLargeSubstitution checks that a hundred megabytes pass unchanged, and that memory stays
// within a few multiples.
func TestLargeSubstitution(t *testing.T) {
	const script = `x=$(head -c 100000000 /dev/zero | tr '\0' a); echo ${#x}; y=$x; echo ${#y}
printf %s "$y" | cksum; case $x in *b*) echo no;; esac`
	name := filepath.Join(t.TempDir(), "t.sh")
	check(t, os.WriteFile(name, []byte(script), 0o644))
	var outputs []string
	for _, shell := range []string{dash, ours} {
		cmd := exec.Command(shell, name)
		cmd.Args[0] = "sh"
		out, err := cmd.Output()
		check(t, err)
		outputs = append(outputs, string(out))
		usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		t.Logf("%s: %d MB, %v", filepath.Base(shell), usage.Maxrss>>10,
			cmd.ProcessState.UserTime())
		if usage.Maxrss > 1<<20 {
			t.Errorf("%s takes %d KB", filepath.Base(shell), usage.Maxrss)
		}
	}
	if outputs[0] != outputs[1] {
		t.Errorf("dash: %q\nours: %q", outputs[0], outputs[1])
	}
}
