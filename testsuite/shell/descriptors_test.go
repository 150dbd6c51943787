package shell

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// commandForms are kinds of commands with a redirection behind them. Each writes a line to
// standard output and one to standard error, and reads a line.
var commandForms = []string{
	"f", "eval 'f'", ". ./w", "{ f; }", "( f )", "if :; then f; fi",
	"while :; do f; break; done", "until f; do break; done", "for i in 1; do f; done",
	"case a in a) f;; esac", "sh ./w", "command f", "{ { f; }; }", "( ( f ) )", "{ f & wait; }",
}

// TestRedirectionsOfCommands judges each redirection on each kind of command (XCU 2.7).
func TestRedirectionsOfCommands(t *testing.T) {
	redirections := []string{
		"> o", ">> o", "2> e", "2>> e", "> o 2> e", "> o 2>&1", "2>&1 > o", "< in", "0< in",
		"<> in", ">| o", "1>&2", "2>&1", ">&2 2>&1", "3>&1 1>&2 2>&3", "3> o >&3", "> o > p",
		"< in < in2",
		"< nope", "> /nope/o", "> o < nope", "< nope > o", "2> /nope/e", ">&7", "<&7", ">&-",
		"2>&-", "<&-", "1>&- 2>&-", "> d", "< d", ">> d", "<> d", "3< nope", "3>&7",
		"4>&1 >&4 4>&-", "> \"\"", "< ''", "> $u", "> $two", "> \"$two\"", "> *n",
		"> ~/o", "<<E\nhere $x\nE", "<<'E'\nhere $x\nE", "<<-E\n\t\ttab\n\tE",
		"<<A <<B\na\nA\nb\nB", "<<A > o\na\nA", "> o <<A 2>&1\na\nA", "3<<A <&3\na\nA",
		"9> o >&9", "0> o", "1< in", "2< in", "1<> in", "> o 3>&1 >&3 4>&3",
	}
	for _, r := range redirections {
		var b strings.Builder
		b.WriteString("f() { echo out; echo err >&2; read l; echo \"[$l]\"; }\ncat > w <<'E'\n" +
			"echo out; echo err >&2; read l; echo \"[$l]\"\nE\n" +
			"echo line > in; echo line2 > in2; mkdir d; x=X two='a b' HOME=.; echo std > std; " +
			"exec < std\n")
		for _, form := range commandForms {
			if strings.HasSuffix(r, "&-") && strings.Contains(form, "& wait") {
				continue // the error of writing sticks to a process of dash
			}
			b.WriteString(form + " " + r + "\necho $?; ls; for i in o e p in; " +
				"do [ -f $i ] && cat $i; done 2>&1; rm -f o e p; echo line > in\n")
		}
		judge(t, row{script: b.String()})
	}
}

// TestRedirectionErrors judges the effect of a failed redirection on each kind of command and
// on the shell.
func TestRedirectionErrors(t *testing.T) {
	commands := []string{":", "true", "echo a", "read x", "cd .", "pwd", "test a", "[ a ]",
		"printf a", "kill -0 $$", "umask", "type cd", "wait", "jobs", "getopts a x", "hash",
		"false", "command true", "command :", "command eval :", "command exec",
		"eval :", ". ./w", "exec", "exec true", "export a=1", "readonly a", "unset a",
		"set -- a", "shift 0", "times", "trap", "return 0", "exit 3", "break", "continue",
		"local a", "f", "/bin/true", "nosuch", "a=1", "a=1 true", "a=1 :", "a=1 f",
		"a=1 /bin/true", "", "$u", "! true", "alias q=r"}
	for _, r := range []string{"< nope", "> /nope/x", ">&7", "3<&8"} {
		for _, c := range commands {
			if r == ">&7" && strings.Contains(c, "exec") {
				continue // dash loses the file that it had
			}
			judge(t, row{script: "echo : > w; f() { echo f; }\n" + "(" + c + " " + r +
				"\necho $? \"[$a]\"); echo $?\ncommand " + c + " " + r + "\necho $?\n" + c + " " +
				r + "\necho $? \"[$a]\"\n"})
		}
	}
}

// descriptorsRows are rows of TestDescriptors.
var descriptorsRows = scripts{
	`for n in 0 1 2 3 4 5 6 7 8 9; do eval "echo $n $n> f$n >&$n"; cat f$n; done`,
	`for n in 3 4 5 6 7 8 9; do eval "exec $n> f$n"; done; for n in 3 4 5 6 7 8 9; ` +
		`do eval "echo w$n >&$n"; done; for n in 3 4 5 6 7 8 9; do eval "exec $n>&-"; ` +
		`cat f$n; eval "echo x >&$n"; echo $?; done`,
	`for n in 3 5 9; do eval "exec $n< t.sh"; eval "read l <&$n"; echo "$l"; ` +
		`eval "exec $n<&-"; eval "read l <&$n"; echo $?; done`,
	`exec 3> f 4>&3 5>&4 3>&- 4>&-; echo a >&5; exec 5>&-; cat f; exec 3>> f; echo b >&3; ` +
		`exec 4>> f; echo c >&4; echo d >&3; cat f`,
	`exec 3>&1 > f; echo a; exec >&3 3>&-; echo b; cat f; exec 4>&2 2> g; nosuch; ` +
		`exec 2>&4 4>&-; cat g; nosuch`,
	`exec 3<&0 < t.sh; read l; echo "$l"; exec <&3 3<&-; read l; echo $?`,
	`exec 3<> f; echo abc >&3; read l <&3; echo "$? $l"; exec 3>&-; cat f; exec 3<> f; ` +
		`read l <&3; echo $l; echo def >&3; exec 3>&-; cat f`,
	`echo 12345678 > f; exec 3<> f; printf ab >&3; exec 3>&-; cat f; printf XY 1<> f; ` +
		`cat f; read l 0<> f; echo $l; : <> g; ls; : 1<> h; ls; cat <> f`,
	`exec 3< t.sh; f() { read l <&3; echo "$l"; }; f; f; (f); f; { f; } 3< t.sh; f
2
3
4`,
	`{ echo a >&3; } 3>&1; (echo b >&4) 4>&1; f() { echo c >&5; }; f 5>&1; if :; ` +
		`then echo d >&6; fi 6>&1; echo e >&6; for i in 1; do echo g >&7; done 7>&1; ` +
		`while :; do echo h >&8; break; done 8>&1; case a in a) echo i >&9;; esac 9>&1`,
	`exec 3>&1; (exec 3> f; echo in >&3); echo out >&3; { exec 3> g; }; echo g >&3; ` +
		`cat f g; f() { exec 4> h; }; f; echo h >&4; cat h; x=$(exec 5> i; echo i >&5); ` +
		`echo no >&5; cat i`,
	`exec 5> f; sh -c 'echo a >&5'; (sh -c 'echo b >&5'); echo c | sh -c 'cat >&5'; ` +
		`x=$(sh -c 'echo d >&5'); sh -c 'echo e >&5' & wait; cat f; ` +
		`sh -c 'echo x >&5' 5>&-; ls /proc/self/fd 5>&- | grep -c 5`,
	`exec 3> f; ls -l /proc/self/fd/3 | sed 's/.*-> //'; ` +
		`env ls /proc/self/fd | head -n 5; exec 3>&-; env ls /proc/self/fd`,
	`env ls /proc/self/fd; env ls /proc/self/fd 7> f; { env ls /proc/self/fd; } 8> f; ` +
		`(env ls /proc/self/fd) 9> f; f() { env ls /proc/self/fd; }; f 6> f; ` +
		`x=$(env ls /proc/self/fd); echo "$x"; env ls /proc/self/fd | cat; ` +
		`cat <<E | env ls /proc/self/fd
x
E`,
	`echo a > f; exec 3< f; exec 4<&3; cat <&4; cat <&3; exec 3<&4-; echo no`,
	`echo a >&1 >&2 2> f >&1; ls; echo b 2> f >&2; cat f; echo c > g >&2 2> h; cat g h`,
	`ls nope > f 2>&1; wc -l < f; ls nope 2>&1 > f | wc -l; cat f; { ls nope; echo a; ` +
		`} 2>&1 > f | wc -l; (ls nope 2>&1 1>&3 | wc -l) 3>&1; { { echo o; echo e >&2; ` +
		`} 2>&1 1>&3 | sed s/e/E/; } 3>&1`,
	`echo a > f; echo b >> f; cat f > g; cat f g > h; cat h; cat < f > i < g; cat i; ` +
		`: > f; cat f; echo x >f; echo y>>f;cat<f;cat f>j<g;cat j`,
	`echo a 1>f; echo b 1 >f; cat f; echo c 1>>f 2 >>f; cat f; echo 2>f; cat f; ` +
		`echo x2>f; cat f; echo "2">f; cat f; echo \2>f; cat f; x=2; echo $x>f; cat f; ` +
		`echo ''2>f; cat f; echo 2''>f; cat f`,
	`echo a > f 2; cat f; > f echo b 3; cat f; echo > f c 4; cat f; 2>&1 > f echo d; ` +
		`cat f; 2> /dev/null nosuch; x=1 > f y=2 echo e; cat f; > f x=3 > g; ls; echo $x`,
	`set -C; > f; > f; echo $?; echo a > f; echo $?; echo b >| f; cat f; echo c >> f; ` +
		`cat f; > /dev/null; echo $?; mkfifo p; (echo x > p &) ; cat p; > d/e; echo $?; ` +
		`echo d <> f; cat f; ln -s f l; > l; echo $?; >| l; cat f; ln -s q m; > m; ` +
		`echo $?; ls`,
	`set -C; exec 3> f; exec 4> f; echo no`,
	`set -C; : > f; : > f; echo no`,
	`set -C; : > f; { echo a; } > f; echo $?; (echo a) > f; echo $?; f() { echo a; }; ` +
		`f > f; echo $?; /bin/echo a > f; echo $?; x=$(echo a > f); echo $?; ` +
		`echo a > f && echo b || echo c; if echo a > f; then echo y; else echo n; fi; ` +
		`set +C; echo z > f; cat f`,
	`echo a > /dev/null; echo b > /dev/stdout; echo c > /dev/stderr; echo d > /dev/fd/1; ` +
		`echo e > /dev/fd/2; echo f 3>&1 > /dev/fd/3; echo g | cat /dev/stdin; ` +
		`echo h | cat /dev/fd/0; cat /dev/fd/3 3< t.sh | wc -l; ` +
		`read l 4< t.sh < /dev/fd/4; echo "$l" | wc -c; ` +
		`read l < /dev/fd/4 4< t.sh; echo $?`,
	`echo a > /dev/fd/9; echo $?; cat < /dev/fd/8; echo $?; echo hi > f; exec 5< f; ` +
		`cat < /dev/fd/5; cat /dev/fd/5 /proc/self/fd/5; [ -e /dev/fd/5 ]; echo $?; ` +
		`[ -e /dev/fd/6 ]; echo $?; [ -f /dev/fd/5 ]; echo $?`,
	`{ echo a > /dev/stdout; echo b; } > f; cat f; { echo a >> /dev/stdout; echo b; ` +
		`} > f; cat f; { echo e > /dev/stderr; echo g >&2; } 2> f; cat f; ` +
		`x=$(echo in > /dev/stdout); echo "$x"; echo p > /dev/stdout | cat; ` +
		`(echo q > /dev/fd/1) | cat; exec 4> f; echo z > /dev/fd/4; cat f`,
	`read x < /dev/stdin <<E
here
E
echo $x; cat <<E /dev/stdin
c
E
cat /dev/fd/3 3<<E
three
E
while read y; do echo "<$y>"; done 4<<E < /dev/fd/4
1
2
E
sh /dev/fd/5 5<<'E'
echo script $0
E`,
	`cat <<E | while read a; do echo "$a" >&2; read b < t.sh; echo "$b" | wc -c; done
1
2
E`,
	`printf '1\n2\n3\n4\n' > f; while read a; do read b; echo "$a-$b"; done < f; ` +
		`while read a <&3; do read b <&4; echo "$a-$b"; done 3< f 4< f; exec 3< f; ` +
		`read a <&3; cat <&3; read a <&3; echo $?`,
	`printf '1\n2\n3\n4\n' > f; { read a; head -n 1 > /dev/null; read b; echo "$a $b"; ` +
		`} < f; { read a; sh -c 'read x; echo $x'; read b; echo "$a $b"; } < f; ` +
		`(read a; cat) < f; { read a; (read b; echo $b); read c; echo $c; } < f`,
	`printf '1\n2\n3\n4\n' | { read a; read b; echo "$a$b"; cat; }; ` +
		`printf '1\n2\n3\n' | (read a; sh -c 'read b; echo $b'; cat); ` +
		`printf '1\n2\n3\n' | while read a; do echo "<$a>"; cat; done; ` +
		`printf 'a\nb' | { read x; read y; echo $? $y; }`,
	`f() { echo a; echo b >&2; } > f1 2>&1; f; cat f1; g() { echo $1; } > "$1"; g x; ` +
		`h() ( echo sub; exit 3 ) > f2; h; echo $?; cat f2; i() { read l; echo "$l"; ` +
		`} < f2; i; i; j() if :; then echo j; fi > f3; j; cat f3; ls`,
	`f() { cat; } <<E
doc $1 $x
E
x=1; f a; x=2; f b; f < t.sh; f <<E
other
E
f | cat; y=$(f); echo "$y"`,
	`n=0; f() { n=$((n+1)); echo a; } > f$n; f; f; ls; echo x > g$((n+=1)); echo $n; ls; ` +
		`echo $(echo y > h); ls; echo z > $(echo i); ls; echo w > "$(echo 'j k')"; ls; ` +
		`echo > ${u-l}; echo > ${u=m}; echo $u; ls`,
	`echo a > $u; echo $?; echo b > "$u"; echo $?; cat < $u; echo $?; : > $u; echo no`,
	`set -- 'a b' c; echo x > $1; echo y > "$2"; echo z > "$@"; echo w > $*; ls; echo $?; ` +
		`IFS=-; echo v > "$*"; ls; set -- ; echo q > "$@"; echo $?`,
	`echo a > f*; ls; echo b > 'g*'; ls; touch h1 h2; echo c > h*; ls; echo d > h[1]; ` +
		`cat h1; echo e > ~/x; echo $?; HOME=$PWD; echo f > ~/x; cat ~/x; echo g > x:~; ls`,
	`echo a > f g; cat f; echo a>f>g b; cat f g; echo 3>f 3; cat f; echo a 3>f4; ls; ` +
		`echo a 4>&1 5>f5 >&5; cat f5; echo a >&1 b >&2 c; echo a >& 2 b; echo a > & b; ` +
		`echo no`,
	`exec 3>&1 4>&3; echo a >&4; exec 3>&-; echo b >&4; echo c >&3; echo $?; ` +
		`exec 4>&- 4>&- 4>&-; echo $?; echo d 5>&-; echo e <&-; exec 9<&-; echo $?`,
	`exec >&-; echo a; echo $? >&2; printf x; echo $? >&2; /bin/echo b; echo $? >&2; pwd; ` +
		`echo $? >&2; x=$(echo c); echo "$x" >&2; (echo d) ; echo $? >&2; exec > f; ` +
		`echo g; cat f >&2`,
	`exec 2>&-; echo a; nosuch; echo $?; cat nope; echo $?; ls nope; echo $?; cd nope; ` +
		`echo $?; x=$(nosuch 2>&1); echo "$x"; { echo b >&2; } 2>&1; set -x; echo c; ` +
		`exec 2> f; echo d; set +x; cat f`,
	`exec <&-; read x; echo $?; cat; echo $?; x=$(cat); echo $?; echo a | cat; ` +
		`cat < t.sh | wc -l; read y < t.sh; echo $?; (read z); echo $?; cat <<E
h
E
exec < t.sh; read q; echo $?`,
	`exec 0<&- 1>&- 2>&-; echo a; exec > f; echo b; ls`,
	`(exec 1>&- 2> f; echo a; /bin/echo b; echo c >&2); cat f | wc -l; ` +
		`(exec 0<&- 3< t.sh; read a <&3; echo "$a" | wc -c; env ls /proc/self/fd); ` +
		`(exec 0<&-; : < t.sh; exec 3< t.sh; env ls /proc/self/fd)`,
	`echo x | { exec 3<&0; cat <&3; }; x=$(exec 3>&1; echo a >&3); echo $x; { exec 4>&1; ` +
		`echo b >&4; } | cat; (exec 5>&1 >f; echo c; echo d >&5); cat f; echo e >&5; ` +
		`echo $?; { { echo f >&6; } 6>&1; echo g >&6; } ; echo $?`,
	`trap 'echo exit >&3' EXIT; exec 3> f; trap 'cat f' EXIT; echo a >&3; ` +
		`(trap 'echo sub >&3' EXIT); exit`,
	`echo a > f & wait; cat f; { echo b; echo c >&2; } > f 2>&1 & wait; cat f; ` +
		`(echo d; nosuch) > f 2>&1 & wait; cat f; cat < t.sh > f & wait; wc -l < f; ` +
		`read l < t.sh & wait; echo "[$l]"; echo e > /nope/f & wait $!; echo $?; ` +
		`nosuch 2> f & wait; cat f; cat & wait; echo end`,
	`x=$(cat < nope); echo $? "$x"; x=$(< nope); echo $?; x=$(echo a > f); ` +
		`echo "$? [$x]"; cat f; y=$(nosuch 2>&1); echo "$y"; z=$(echo e >&2) 2> f; cat f; ` +
		`echo $(echo a >&2) 2> f; w=$(cat f; echo b >&2) 2>&1; echo "$w"`,
	`x=a > f; echo $x; x=b < nope; echo "$? $x"; x=c > /nope/f; echo "$? $x"; ` +
		`export y=d > f; echo $y; readonly z=e < f; echo $z; x=$(exit 4) > f; echo $?; ` +
		`x=$(exit 4) < nope; echo $?; > f x=$(echo in f; echo err >&2) 2> g; ` +
		`echo "$x"; cat g`,
	`set -e; echo a > /nope/f || echo b; if echo c < nope; then :; else echo d; fi; ` +
		`! echo e < nope; (echo f < nope; echo no) || echo g; { echo h; } < nope || ` +
		`echo i; x=1 < nope || echo j; < nope; echo no`,
	`set -x; echo a > f 2>&1; cat < f; { echo b; } >> f; x=1 > g; > h; f() { echo c; ` +
		`} > i; f; cat <<E
$x
E
exec 3> j; echo d >&3; for i in 1; do echo $i; done > k; (echo e) > l`,
	`set -x; exec 2> f; echo a; echo b 2> g; { echo c; } 2> h; (echo d) 2> i; set +x; ` +
		`cat f; echo; cat g; echo; cat h; echo; cat i`,
	`set -n; echo a > f`,
	`exec 3>f; exec 3>&3; echo a >&3; cat f; exec 1>&1; echo b; exec 4>&1 1>&4 4>&-; ` +
		`echo c; echo d 1>&1 2>&2 0<&0; exec 5<&5; echo no`,
	`mkdir d; cd d; echo a > ../f; cat ../f; (cd ..; echo b > g); cat ../g; cat < ../f; ` +
		`cd ..; echo c > d/../h; cat ./h; echo d > ./d/i; ls d; rm -r d; ` +
		`cd / && echo e > nope/x; echo $?`,
	`mkdir r; cd r; rmdir ../r; echo a > f; echo $?; cat < f; echo $?; echo b > ../g; ` +
		`echo $?; cat < .; echo $?; echo c > /dev/null; echo $?`,
	`umask 0; > a; umask 777; > b; umask 022; echo x > c; ls -l a b c | cut -c1-10; ` +
		`umask 077; x=$(> d); (umask 0; > e); { > f; } ; ls -l d e f | cut -c1-10; ` +
		`umask 0 > g; > h; ls -l g h | cut -c1-10`,
	`mkfifo p; echo a > p & read x < p; echo $x; wait; (sleep 0.05; echo b > p) & ` +
		`cat < p; wait; exec 3<> p; echo c >&3; read y <&3; echo $y; exec 3>&-; ` +
		`{ echo d; echo e; } > p & while read l; do echo "<$l>"; done < p`,
	`ln -s f l; echo a > l; cat f; ls -l l | cut -c1; rm l; ln -s l l; echo b > l; ` +
		`echo $?; cat < l; echo $?; x=$(printf '%0300d' 0); echo c > $x; echo $?; ` +
		`cat < $x; echo $?; echo d > f/x; echo $?; cat < f/x; echo $?; cat < f/; ` +
		`echo $?; echo e > f/; echo $?; echo g > new/; echo $?`,
	`i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo $i > f; exec 3< f; read x <&3; done; ` +
		`echo $x; exec 3<&-; env ls /proc/self/fd; i=0; while [ $i -lt 100 ]; ` +
		`do i=$((i+1)); { :; } 3> f 4>&3 5< f; done; env ls /proc/self/fd; i=0; ` +
		`while [ $i -lt 60 ]; do i=$((i+1)); ` +
		`: < nope3 2> /dev/null & done 2> /dev/null; wait; env ls /proc/self/fd`,
	`i=0; while [ $i -lt 60 ]; do i=$((i+1)); x=$(cat < nope 2>&1); y=$(echo a 3> f); ` +
		`{ x=$(echo b >&7); } 2> /dev/null; cat <<E > /dev/null
$i
E
done; env ls /proc/self/fd`,
	`ulimit -n 20; exec 3> f 4> f 5> f 6> f 7> f 8> f 9> f; echo a >&9; cat f; ` +
		`(echo b >&3); x=$(echo c >&4); cat f; exec 3>&-; echo end`,
	`echo a 2>&1 >f; cat f; echo a>f 2>&1; cat f; echo a >f2>f; ls; echo a <t.sh>f; ` +
		`cat f; cat<t.sh>f 2>&1; wc -l<f; echo a>f;echo b>>f&wait;cat f; ` +
		`(echo c)>f;cat f;{ echo d;}>f;cat f`,
	`echo a >f # > g
ls; echo b \
> f \
2>&1; cat f; echo c > \
g; cat g; echo d >
echo no`,
	`read x y < t.sh; echo "$x|$y" | wc -c; read x 0< t.sh; echo "$x" | wc -c; ` +
		`read x <&3 3< t.sh; echo $?; read x 3< t.sh <&3; echo "$x" | wc -c; ` +
		`test -t 0 < t.sh; echo $?; test -t 1 > f; echo $?; [ -t 5 ]; echo $?`,
	`command exec 3> f; echo a >&3; cat f; command exec 4< nope; echo $?; ` +
		`command . ./nope; echo $?; command eval 'echo b >&3'; cat f; command echo c >&3; ` +
		`cat f; command : < nope; echo $?; command export < nope; echo $?; ` +
		`command exec 5>&9; echo $?; { command exec 6> g; } ; echo d >&6; cat g`,
	`exec 3> f; exec echo a >&3; echo no`,
	`exec 3> f; (exec cat f >&3); exec sh -c 'echo $0 >&3; cat f' x 3>&3`,
	`exec > f; exec echo a 2>&1 >&2; echo no`,
}

func TestDescriptors(t *testing.T) {
	same(t, descriptorsRows...)
}

// TestNamedDescriptorsAreFree checks that the numbers that scripts can name never hold a
// descriptor of the shell's own.
func TestNamedDescriptorsAreFree(t *testing.T) {
	const show = "; for n in 1 2 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$n ] || echo $n; done"
	same(t, ":"+show, "/bin/true; sleep .1; x=$(/bin/echo)"+show, "exec 2>&-; /bin/true"+show,
		"trap : USR1; /bin/sleep .1 & kill -USR1 $$; wait"+show)
}

// TestFewDescriptors checks that a shell with a low limit on open files starts and runs
// programs.
func TestFewDescriptors(t *testing.T) {
	const text = `echo hi; echo $(echo sub); /bin/echo ext; echo end`
	sh := asShell(t)
	for _, limit := range []string{"256", "40", "30", "27", "26", "25", "24", "21", "12", "8",
		"6"} {
		run := func(shell string) string {
			judged.Add(1)
			start := "ulimit -n " + limit + `; exec "$0" -c "$1"`
			cmd := exec.Command(dash, "-c", start, shell, text)
			cmd.Args[0] = "sh"
			out, err := cmd.CombinedOutput()
			return fmt.Sprintf("%s%v", out, err)
		}
		if want, got := run(dash), run(sh); want != got {
			t.Errorf("limit %s\n--- dash\n%s\n--- ours\n%s", limit, want, got)
		}
	}
}

// asShell returns the name sh for the shell under test.
func asShell(t *testing.T) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), "sh")
	check(t, os.Symlink(ours, link))
	return link
}
