package shell

import (
	"strings"
	"testing"
)

// TestSubstitutions judges each command in each form and place of a command substitution (XCU
// 2.6.3).
func TestSubstitutions(t *testing.T) {
	for _, c := range []string{`echo a`, `echo 'a  b'`, `echo "a  b"`, `printf a`,
		`printf 'a\n\n'`, `printf '\n\na'`, `printf '\n'`, `printf 'a\nb\n'`, `printf ' a '`,
		`printf 'a\0b'`, `printf '\0'`, `printf '\001\201\210\377'`, `echo '*'`, `echo 'f*'`,
		`echo '\*'`, `echo 'a\b'`, `echo '$x'`, `echo "$x"`, `echo $x`, `echo ${x#v}`,
		`echo "${x}"`, `echo '"q"'`,
		`echo \"q\"`, `echo "it's"`, `echo $((1+2))`, `echo $(echo n)`, `echo "$(echo "n  m")"`,
		`echo ${u-$(echo d)}`, ``, ` `, `:`, `false`, `exit 3`, `(exit 4)`, `return 5`,
		`{ echo g; }`, `(echo s)`, ` (echo s) `, `echo a; echo b`, `echo a && echo b`,
		`false || echo o`, `! false`, `echo a | cat`, `echo a & wait`, `if :; then echo i; fi`,
		`for i in 1 2; do echo $i; done`, `while :; do echo w9; break; done`,
		`case x in x) echo c;; esac`, `case x in (x) echo c;; esac`, `f() { echo f; }; f`,
		`x=in; echo $x`, `x=in`, `echo a > o`, `cat < t.sh | wc -l`, `echo e >&2`,
		`echo a 2>&1`, `nosuch`, `nosuch 2>/dev/null`, `exec echo x`, `exec nosuch`,
		`cd /; pwd`, `set -- q; echo $#`, `trap 'echo t' EXIT; echo b`, `trap`,
		`kill -TERM $$; :`, `break`, `continue`, `set -e; false; echo n`,
		`set -u; echo $u; echo n`, `echo ${u?m}; echo n`, `echo $((1/0))`,
		`unset x; echo ${x-un}`, `readonly x; x=2; echo n`, `eval 'echo e'`, `eval "echo \$x"`,
		`command echo c`, `. ./inc`, `echo $0 $1 $#`, `echo $$ | grep -c .`, `umask`,
		`ulimit -n 9; ulimit -n`, `echo done`, `echo in esac`, `echo )`[:5] + `\)`, `echo ')'`,
		`echo ")"`, `echo '('`, `echo {a}`, `echo a#b`, `read l; echo "$l"`, `cat`} {
		if c == `kill -TERM $$; :` {
			continue // its output races with its end
		}
		var b strings.Builder
		b.WriteString(show + "x='v  w9'; touch f1 f2; echo 'echo inc $1' > inc; set -- 1 2; " +
			"exec < inc\n")
		bq := strings.NewReplacer(`\`, `\\`, "$", `\$`, "`", "\\`").Replace(c)
		for _, form := range []string{"$(" + c + ")", "`" + bq + "`"} {
			if strings.HasPrefix(c, "(") && form[0] == '$' {
				form = "$( " + c + ")"
			}
			b.WriteString("p " + form + "; echo $?; p \"" + strings.ReplaceAll(form, "`", "`") +
				"\"; echo $?\n")
			if form[0] == '`' && strings.Contains(c, `"`) {
				form = "$( " + c + ")"
			}
			b.WriteString("y=" + form + "; echo \"$? $y\"; y=\"" + form +
				"\"; echo \"$? $y\"; y=a" + form + "b; echo \"$? $y\"; p x" + form + "y \"x" +
				form + "y\"; p ${u-" + form + "}; p \"${u-" + form + "}\"\n")
			b.WriteString("case " + form + " in a) echo A;; *) echo other;; esac; case a in " +
				form + ") echo A;; *) echo other;; esac; for i in " + form +
				"; do p \"$i\"; done\n")
			b.WriteString("cat <<X\n<" + form + ">\nX\nif y=" + form +
				"; then echo t; else echo f; fi; y=" + form +
				" && echo t || echo f; local_() { local z=" + form +
				"; echo \"$? $z\"; }; local_; export e=" + form + "; echo \"$? $e\"; : " + form +
				"; echo $?; " + form + " ; echo $?; echo z > g" + "; cat g; ls | wc -l\n")
		}
		judge(t, row{script: b.String()})
	}
}

func TestBackquotes(t *testing.T) {
	same(t,
		"echo \"`echo \\\"a  b\\\"`\" \"`echo 'a  b'`\" `echo \\\"a  b\\\"` `echo \"a  b\"`",
		"x='v w'; echo `echo $x` `echo \\$x` `echo \\\\$x` `echo \\\\\\$x` `echo '$x'` `echo "+
			"'\\$x'` `echo '\\\\$x'` \"`echo '$x'`\" \"`echo \\$x`\"",
		"echo `echo \\a` `echo \\\\a` `echo \\\\\\a` `echo \\\\\\\\a` `echo '\\a'` `echo "+
			"'\\\\a'` `printf '%s' '\\\\\\\\'`",
		"echo \"`echo \\a`\" \"`echo \\\\a`\" \"`echo \\\\\\a`\" \"`echo '\\\\a'`\" "+
			"\"`printf %s '\\\\\\\\'`\" \"`echo \\'`\" \"`echo \\\\\\\"`\"",
		"echo `echo a; echo b\necho c` `# only a comment\n` `` x`` \"``\" `:` `\n`",
		"x=`echo a`b`echo c`; echo $x ${x-`echo d`} ${u-`echo e`} \"${u-`echo f`}\" "+
			"$((`echo 1`+`echo 2`)) ${x#`echo a`}",
		"echo `cat <<E\nh $HOME\nE\n` `echo a | tr a b` `echo a >&2` `echo c 2>&1` 2> f; cat f",
		"`echo echo a` b; `echo x=1` echo; `echo` ; `true`; echo $?; `false`; echo $?; "+
			"`exit 3`; echo $?; \"`true`\"; echo $?",
		"echo `echo $(echo a)` $(echo `echo b`) \"$(echo \"`echo \"c  d\"`\")\" "+
			"\"`echo \"$(echo \"e  f\")\"`\"",
		"set -- `echo a b` \"`echo c d`\"; echo $# $3; for i in `echo 1 2`; do echo $i; done; "+
			"case `echo x` in `echo x`) echo m;; esac",
		"eval 'echo `echo a`'; eval \"echo \\`echo b\\`\"; sh -c 'echo `echo c`'; "+
			"x='`echo d`'; echo $x; eval echo $x",
		"echo `echo \\`` ; echo no",
		"echo \"`echo a\"; echo no",
		"echo `echo a; echo no",
		"echo `echo 'a`'; echo no",
	)
}

// substitutionStatusRows are rows of TestSubstitutionStatus.
var substitutionStatusRows = scripts{
	`x=$(false); echo $?; x=$(true) y=$(false); echo $?; x=$(false) y=$(true); echo $?; ` +
		`x=$(false)$(true); echo $?; x=$(exit 3) y=; echo $?; x= y=$(exit 4); echo $?`,
	`x=$(exit 3) true; echo $?; x=$(exit 3) :; echo $?; echo $(exit 3); echo $?; ` +
		`$(exit 3); echo $?; $(exit 3) $(exit 4); echo $?; $(exit 5) true; echo $?; ` +
		`"$(exit 6)"; echo $?`,
	`> f$(exit 3); echo $?; > $(echo f; exit 4); echo $?; x=$(exit 5) > f; echo $?; ` +
		`x=$(exit 6) > f$(exit 7); echo $?; x=1 > f$(exit 8); echo $?`,
	`export x=$(exit 3); echo $?; readonly y=$(exit 4); echo $?; f() { local z=$(exit 5); ` +
		`echo $?; local w; w=$(exit 6); echo $?; }; f; f2() { return $(exit 7); }; ` +
		`f2; echo $?`,
	`if x=$(false); then echo t; else echo f; fi; while x=$(false); do :; done; echo $?; ` +
		`until x=$(true); do :; done; echo $?; x=$(false) && echo t; ` +
		`x=$(false) || echo o; ! x=$(false); echo $?; ! x=$(true); echo $?`,
	`false; echo $(echo $?) $?; false; x=$(echo $?); echo "$x $?"; (exit 9); x=$(:) ; ` +
		`echo $?; (exit 9); x=$?; echo $x; (exit 9); echo "$(echo $?)"; (exit 9); ` +
		`: $(echo $? >&2)`,
	`case $(exit 3) in *) echo $?;; esac; case $(exit 4) in x) ;; esac; echo $?; ` +
		`for i in $(exit 5); do :; done; echo $?; for i in $(echo a; exit 6); ` +
		`do echo $?; done; [ $(exit 7) ]; echo $?; echo ${x-$(exit 8)}; echo $?`,
	`x=$((1 + $(echo 2; exit 3))); echo "$x $?"; y=${x#$(exit 4)}; echo $?; ` +
		`z=${u-$(exit 5)}; echo $?; z="$(exit 6)"; echo $?; z=` + "`exit 7`" +
		`; echo $?; z=a$(exit 8)b; echo "$? $z"; z=${x:-$(exit 9)}; echo $?`,
	`set -e; x=$(false) || echo a; if x=$(false); then :; fi; echo b$(false); x=$(echo c; ` +
		`false; echo d) || echo "$x"; y=$(set -e; false; echo e) || echo f; x=$(false); ` +
		`echo no`,
	`set -e; export x=$(false); echo a; f() { local y=$(false); echo b; }; f; : $(false); ` +
		`echo c; x=$(false)$(true); echo d; x=$(true)$(false); echo no`,
	`set -e; x=$(f() { false; echo in; }; f); echo no`,
	`x=$(sh -c 'kill -9 $$'); echo $?; x=$(sh -c 'kill -TERM $$'); echo $?; ` +
		`(x=$(sh -c 'exit 200'); echo $?)`,
	`x=$(nosuch); echo $?; x=$(/); echo $?; x=$(/etc/passwd); echo $?; x=$(. ./nope); ` +
		`echo $?; x=$(eval 'echo ('); echo $?; x=$(echo ${u?m}); echo $?; ` +
		`x=$(set -o bad); echo $?; x=$(readonly r=1; r=2); echo $?; x=$(exec nosuch); ` +
		`echo $?`,
	`x=$(return 3); echo $?; f() { x=$(return 4; echo no); echo $?; return 5; }; f; ` +
		`echo $?; for i in 1 2; do x=$(break; echo no); echo "$? $x"; x=$(continue; ` +
		`echo no); echo "$? $x"; done; x=$(exit); echo $?; false; x=$(exit); echo $?; ` +
		`false; x=$(return); echo $?`,
	`trap 'echo T' EXIT; x=$(trap - EXIT; trap); echo "[$x]"; x=$(trap 'echo U' EXIT; ` +
		`exit 3); echo "$? $x"; x=$(trap 'exit 4' EXIT); echo $?; trap - EXIT`,
	`x=1; y=$(x=2; echo $x); echo $x $y; y=$(cd /; pwd) ; [ "$PWD" = / ]; echo $?; ` +
		`y=$(set -f; echo $-); echo $- $y; y=$(umask 0; umask); umask; echo $y; ` +
		`y=$(f() { echo f; }; f); f 2> /dev/null; echo $? $y; y=$(alias q=r; ` +
		`alias q); alias q 2>/dev/null; echo $y; y=$(exec 3> f; echo a >&3); ` +
		`echo b >&3; cat f; y=$(set -- a b; echo $#); echo $# $y; ` +
		`y=$(IFS=:; echo "$IFS"); echo "$IFS$y"; y=$(unset x; ` +
		`echo ${x-u}); echo $x $y; y=$(export z=1; env | grep ^z=); ` +
		`echo "$y ${z-u}"`,
	`echo $(echo $$) | grep -c "^$$\$"; x=$(echo $PPID); [ "$x" = "$PPID" ]; echo $?; ` +
		`sleep 0 & p=$!; x=$(echo $!); [ "$x" = $p ]; echo $?; wait; ` +
		`x=$(sleep 0 & echo $!); [ "$x" != "$!" ]; echo $?`,
	`x=$(sleep 0.1; echo late) ; echo $x; x=$(sleep 0.2 > /dev/null & echo fast); ` +
		`echo $x; x=$( (sleep 0.1; echo bg) & ); echo "$x"; x=$( { sleep 0.05; echo g; ` +
		`} & echo h; wait); echo "$x"; x=$(echo a; sleep 0.05 | echo b); echo "$x"`,
	`x=$(printf '%s' "$(printf 'a\n\n')"; printf 'b\n\n'); echo "[$x]"; ` +
		`x=$(printf '\n\n\n'); echo "[$x]"; x="$(printf 'a\n')
"; echo "[$x]"; x=$(printf '\n a \n \n'); echo "[$x]"; x=$(printf 'a\r\n'); ` +
		`printf %s "$x" | od -c; x=$(printf 'a\0\n\0\n'); printf %s "$x" | od -c; ` +
		`x=$(printf '\0\0a\0\0b\0'); printf %s "$x" | od -c`,
	`i=0; while [ $i -lt 300 ]; do i=$((i+1)); x=$(echo $i); y=$(/bin/echo $x); ` +
		`z=$(echo $y | cat); done; echo $x $y $z; env ls /proc/self/fd | wc -l`,
	`x=$(yes 2>/dev/null | head -c 100000); echo ${#x}; ` +
		`x=$(dd if=/dev/zero bs=1000 count=100 2> /dev/null | tr '\0' 'z'); echo ${#x}; ` +
		`y=$(printf %s "$x"); [ "$x" = "$y" ]; echo $?; z=$(echo "$x$y"; echo "$x"); ` +
		`echo ${#z}; w=$(cat <<E
$z
E
); echo ${#w}; echo $(echo $x) | wc -c`,
	`f() { [ $1 -eq 0 ] && { echo end; return; }; echo $(f $(($1 - 1))); }; f 30; ` +
		`g() { x=$(h) || return; echo "g $x"; }; h() { echo h; return 2; }; g; echo $?`,
	`exec 3>&1; x=$(echo a >&3; echo b); echo $x; x=$(exec >&3; echo direct; echo more); ` +
		`echo "[$x]"; x=$(echo c 3>&1 >&3); echo "[$x]"; x=$({ echo d >&2; } 2>&1); ` +
		`echo "[$x]"; x=$(exec 2>&1; nosuch); echo "[$x]"; x=$(exec >&-; ` +
		`echo e 2> /dev/null); echo "[$? $x]"`,
	`exec < t.sh; x=$(read a; echo "$a" | wc -c); y=$(cat | wc -l); echo $x $y; ` +
		`echo in | { x=$(cat); echo "$x"; }; printf '1\n2\n3\n' | { read a; b=$(read q; ` +
		`echo $q); c=$(cat); echo $a $b $c; }`,
	`PS4='P$u '; set -x; x=$(echo a); echo "$x" $(echo b); y=$(x=c; echo $x) z=1; ` +
		`f() { echo $(echo d); }; f`,
}

func TestSubstitutionStatus(t *testing.T) {
	same(t, substitutionStatusRows...)
}
