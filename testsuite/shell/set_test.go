package shell

import "testing"

// setRows are rows of TestSet.
var setRows = scripts{
	`set -o`,
	`set +o`,
	`set -e -u; set -o; set +o`,
	`set -o > f; set +o >> f; grep -vc pipefail f`,
	`set -fu; x=$(set +o); set +fu -C; eval "$x"; echo $-`,
	`set -eo; echo no`,
	`set -oe; echo $-`,
	`set -o errexit -u -o noglob; echo $-`,
	`set -o errexit -- a; echo $- $*`,
	`set -euo noglob; echo $-`,
	`set -ueo noglob a b; echo $- $*`,
	`set -o -e; echo $?`,
	`set -o > /dev/full; echo $?`,
	`set > /dev/full; echo $?`,
	`set > /nope/x; echo no`,
	`set -e > /nope/x; echo no`,
	`set a b c; echo $# $*`,
	`set -- a b; echo $*; set --; echo $#`,
	`set -- a; set -; echo $#; set - b c; echo $*; set -x; set -; echo $-`,
	`set -vx; set - a; echo $- $*`,
	`set -- -a -b; echo $*; set - -a; echo $*; set -- --; echo $*; set -- - x; echo $*`,
	`set -- a; set +; echo $?$*`,
	`set + a b; echo $*`,
	`set -- a; set -e; echo $*; set +e; echo $*`,
	`set a -e; echo $* $-`,
	`set -e - a; echo $* $-; set -e -- a; echo $*`,
	`set ''; echo $#; set '' ''; echo $#; set -- ''; echo $#`,
	`set $nope | head -n 1; set -- $nope; echo $#`,
	`set -- "$@" x; set -- "$@" y; echo $*`,
	`f() { set -- x; echo $*; set -f; }; set -- a; f b; echo $* $-`,
	`(set -- z; echo $*); echo $#; x=$(set -- y; echo $*); echo $x$#`,
	`IFS=:; set -- $(echo a:b); echo $#; set -- a b; echo "$*"`,
	`set -- 1 2 3 4 5 6 7 8 9 10 11; echo $10 ${11}; set -- $*; echo $#`,
	`unset PATH PWD OLDPWD HOME LC_ALL PPID; a=1; b='x y'; c="it's"; d='a"b$c\'; e=; f='
'; g='	'; h='*?[]~#'; i="'"; j="''"; k="a'''b"; l=é; set`,
	`unset a; export a; set | grep ^a; readonly b; set | grep ^b; f() { :; }; ` +
		`set | grep -c '^f'; c=1; set | grep ^c=; local_() { local c=2 d=3; ` +
		`set | grep '^[cd]='; }; local_; set | grep '^[cd]='`,
	`set | grep -E '^(IFS|OPTIND|PATH|PS1|PS2|PS4|PWD|OLDPWD|HOME|MAIL|LINENO|_)='`,
	`(unset IFS; set | grep IFS); sh -c 'set' | sed 's/PPID=.*/PPID/; s/PWD=.*/PWD/'`,
	`env -i A=1 _x=2 1y=3 a.b=4 /bin/sh -c set | sed 's/PPID=.*/PPID/; s/PWD=.*/PWD/'`,
	`env -i sh -c 'export -p; readonly -p; echo $PATH; echo "$HOME|$IFS|"' | ` +
		`sed 's/PWD=.*/PWD/'`,
	`Z=1 a=2 A=3 _=4 b1=5 b=6 B=7; set | grep -E '^(Z|a|A|_|b1|b|B)='`,
	`eval "$(x="a'b" y='q
r'; set | grep -A1 -E '^[xy]=')"; echo "$x" "$y"`,
	`command set -Z; echo $?; set -Z || echo no`,
	`if set -Z; then :; fi; echo no`,
	`set -o nope; echo no`,
	`command set -o nope; echo $?; command set +o nope; echo $?`,
	`set -e -Z; echo no`,
	`command set -e -Z; echo $? $-`,
	`set -- a b; command set -fZ x; echo $? $- $*`,
	`x=1 set -- a; echo $x$1`,
	`set -f; echo *; set +f; echo *; (set -f; echo *); echo *`,
	`set -n; echo no`,
	`set -n
echo no`,
	`(set -n; echo no); echo yes`,
	`eval 'set -n; echo no'; echo no`,
	`set -v; set +v`,
	`set -x; set +x; set -x -f; set +xf`,
	`set -a; x=1; sh -c 'echo $x'; set +a; y=2; sh -c 'echo "[$y]"'; x=3; sh -c 'echo $x'`,
	`set -a; for i in 1; do env | grep ^i=; done; read r < t.sh; env | grep ^r=; ` +
		`: ${d=4}; env | grep ^d=; echo $((z=5)); env | grep ^z=; getopts a: o -av; ` +
		`env | grep -E '^(o|OPT)'; f() { local l=1; env | grep ^l=; }; f; cd .; ` +
		`readonly q=1; env | grep ^q=; unset x; x=; env | grep ^x=`,
	`set -a; x=1 true; env | grep ^x=; eval y=2; env | grep ^y=; (z=3; env | grep ^z=); ` +
		`printf '%s\n' w > f; . /dev/null; export -p | grep -c x=`,
	`set -a; f() { :; }; sh -c 'f' 2>/dev/null; echo $?`,
	`set -C; echo a > f; echo b > f; echo $?; cat f; echo c >| f; cat f; echo d >> f; ` +
		`cat f; set +C; echo e > f; cat f`,
	`set -C; echo x > /dev/null; echo $?; ln -s /dev/null n; echo x > n; echo $?; > f; ` +
		`ln -s f l; echo x > l; echo $?; ln -s nope b; echo x > b; echo $?; ls; mkdir d; ` +
		`> d; echo $?; mkfifo p; cat p & echo x > p; wait; echo y <> f; echo $?; ` +
		`: > f; echo no`,
	`set -C; : > f; exec > f; echo no`,
	`set -C; > f; > f; echo $?; { echo; } > f; echo $?; (echo) > f; echo $?; fn() { :; }; ` +
		`fn > f; echo $?; true > f; echo $?; ls > f; echo $?; : > f; echo no`,
	`set -C; command : > t.sh; echo $?; command exec > t.sh; echo $?; echo x 2> t.sh; ` +
		`echo $?; cat < t.sh | wc -l`,
	`set -o noclobber; > a; > a; echo $?; set +o noclobber; > a; echo $?; ` +
		`sh -C -c '> a; echo $?'`,
	`set -C; > f 2>&1 > f; echo $?; ls`,
	`set -m; echo $-; set +m; set -b; echo $-`,
	`sh -c 'echo $-'; sh -ec 'echo $-'; sh -e -u -c 'echo $-'; sh -c -e 'echo $-'; ` +
		`sh -ce 'echo $-'; sh -fx -c 'echo $-'; echo 'echo $-' | sh; ` +
		`echo 'echo $-' | sh -s; echo 'echo $- $*' | sh -s a b; ` +
		`echo 'echo $-' | sh -e; sh -e -c 'sh -c "echo \$-"'; ` +
		`echo 'echo $- $0 $*' > f; sh -u f a b; sh -us < f`,
	`sh -c 'echo $0 $*' a b c; sh -c -- 'echo $0 $*' a b; sh -- f; echo $?; sh -c; ` +
		`echo $?; sh -Z -c 'echo a'; echo $?; sh -c 'set -- a; echo $0 $*'; ` +
		`sh -o nope -c :; echo $?; sh -e +e -c 'echo $-'; sh - -c 'echo a'; echo $?; ` +
		`sh -- -c; echo $?; sh -cu 'echo $-' x y`,
	`echo 'echo $0 $-' > f; sh f; sh ./f; sh -x f; sh -v f; sh -n f; sh -xc 'echo a'; ` +
		`sh -vc 'echo a'; sh nope; echo $?; chmod 000 f; sh f; echo $?`,
}

// TestSet judges options, operands and output of set (XCU 2.14).
func TestSet(t *testing.T) {
	for _, l := range []string{"a", "b", "C", "e", "f", "m", "n", "s", "u", "v", "x", "V", "E",
		"p", "o", "c", "l", "q", "Z", "h", "1", "eu", "fCa", "eo", "efx", "xq", "-", "--e"} {
		each(t, "", "set -"+l+"; echo \"$? $-\"", "set +"+l+"; echo \"$? $-\"", "set -"+l+
			" a b; echo \"$? $- $*\"", "set -- x; set +"+l+" a; echo \"$? $- $*\"", "(set -"+l+
			"; echo \"$-\") 2>&1; echo \"$? $-\"", "command set -"+l+" 2>&1; echo \"$?\"")
	}
	for _, name := range []string{"allexport", "notify", "noclobber", "errexit", "noglob",
		"monitor", "noexec", "stdin", "nounset", "verbose", "vi", "emacs", "privileged", "nolog",
		"debug", "posix", "hashall", "''", "ERREXIT", "err-exit", "noerrexit", "e", "-e"} {
		each(t, "", "set -o "+name+"; echo \"$? $-\"; set +o "+name+"; echo \"$? $-\"",
			"set -o "+name+" a b; echo \"$*\"; set +o | grep ' "+name+"'", "sh -o "+name+
				" -c 'echo $-'; sh +o "+name+" -c 'echo $-'")
	}
	same(t, setRows...)
}

// TestNounset judges set -u (XCU 2.14).
func TestNounset(t *testing.T) {
	forms := []string{"$x", "${x}", `"$x"`, "${#x}", "${x-}", "${x-d}", "${x:-d}", "${x+a}",
		"${x:+a}", "${x=v}", "${x:=v}", "${x?}", "${x:?}", "${x%a}", "${x##a}", `"${x%%a}"`, "$1",
		"${1}", "$9", "${10}", "${1-d}", "${1+a}", "${#1}", "${1%a}", "$@", "$*", `"$@"`,
		`"$*"`, "${@}", "${*}", "${@-d}", "${#@}", "${#*}", "$#", "${#}", "$?", "$-", "$$x",
		"$!", "${!}", "$0", "$((x))", "$((x+1))", "$((x=1))", "$((x+=1))", "$((1 || x))",
		"$((0 && x))", "$((1 ? 2 : x))", "$(($x+1))", "$((${x-2}+1))", "a$x", "'$x'", `\$x`,
		"$(echo $x)", "`echo $x`", "$(echo a; echo $x; echo b)", "${y-$x}", "${PATH+$x}",
		"${x-$y}", "~$x", "$_", "${x#$y}", "$PPID$x"}
	for _, f := range forms {
		judge(t, row{script: "set -u\necho in\necho " + f +
			" | tr '[0-9]' n\necho \"after $?\""})
		judge(t, row{script: "set -u\nv=" + f + "\necho \"after $?\" ${v+set}"})
	}
	same(t,
		`set -u; set --; for i; do :; done; for i in "$@"; do :; done; echo $# "$@" $*; `+
			`f() { echo "$@" $1; }; f; echo no`,
		`set -u; set -- ''; echo $1; shift; echo $1; echo no`,
		`set -u; x=; echo "[$x]"; unset x; (echo $x; echo no); echo $?; echo $x; echo no`,
		`set -u; f() { local x; echo "$x"; }; f; echo no`,
		`set -u; cat <<E
$x
E
echo $?`,
		`set -u; : <<E
$x
E
echo $?`,
		`set -u; case $x in *) echo no;; esac; echo no`,
		`set -u; for i in $x; do :; done; echo no`,
		`set -u; if [ $x ]; then :; fi; echo no`,
		`set -u; echo a > $x; echo no`,
		`set -u; echo $x || echo no`,
		`set -u; eval 'echo $x'; echo no`,
		`set -u; command eval 'echo $x'; echo $?`,
		`set -u; echo 'echo $x' > s; . ./s; echo no`,
		`set -u; x=1 y=$x; echo $y; y=$nope true; echo no`,
		`set -u; trap 'echo bye $?' EXIT; echo $x; echo no`,
		`set -u; trap 'echo $x; echo no' EXIT; exit 3`,
		`set -u; echo $x | cat; echo $?`,
		`set -u; y=$(echo $x); echo $?; echo "$(echo $x)" $?; (echo $x) || echo or $?; `+
			`{ echo $x; } || echo no`,
		`set -u; echo $x & wait $!; echo $?`,
		`set -u; readonly r; echo ${r-u}; echo $r; echo no`,
		`set -u; export e; echo $e; echo no`,
		`set -u; echo $HOME$nope$PATH; echo no`,
		`sh -u -c 'echo $x; echo no'; echo $?; sh -uc 'echo $1' n; echo $?; set -u; set +u; `+
			`echo "[$x]"; sh -o nounset -c 'echo "$@"'`,
		`set -u; alias; unset IFS; echo a b; unset HOME; echo ~; echo ~/x; echo $?`,
		`set -u; $x; echo no`,
		`set -u; "$@"; echo $?`,
		`set -ue; y=$(echo $x); echo no`)
}

func TestVariablesBuiltins(t *testing.T) {
	same(t,
		`unset a b; export b=1 a='x y'; export -p | grep -E ' [ab]='; readonly c="it's" d; `+
			`readonly -p; export e; export -p | grep ' e'; export | grep -c .; readonly | wc -l`,
		`a='x'; b="it's"; c='"q" $x \ '; d=; e='
nl'; set | grep -A1 -E '^[a-e]='`,
		`set -o | head -n 30; set +o; set -o nounset; set +o | grep nounset; echo $-`,
		`unset a; unset -v b; unset -f c; unset nope; echo $?; a=1; unset a b; `+
			`echo "[${a-u}]"; unset -v -f a 2>/dev/null; echo $?; unset; echo $?`,
		`umask; umask 022; umask -S; umask u=rwx,g=,o=; umask; umask -S; umask g+w; umask; `+
			`umask a-x; umask; umask 0777; umask; umask 1000; echo $?; umask o=r; umask -S; `+
			`umask 8; echo $?`,
		`eval; echo $?; eval ''; echo $?; false; eval; echo $?; eval 'echo a' 'echo b'; `+
			`eval "x='a b'"; echo "$x"; eval echo '$x' '"$x"'; y=x; eval echo \$$y; `+
			`eval "f() { echo F; }"; f; eval 'exit 3'; echo no`,
		`shift 2>/dev/null; echo $?; set -- a b c; shift 1; echo $@; shift 2; echo $#; `+
			`shift 0; echo $?`,
		`:; echo $?; : a b; true x; echo $?; false x; echo $?; false; :; echo $?; `+
			`: $((x=3)) ; echo $x`,
		`alias c='d e'; alias; unalias c; alias a=b; alias; alias a; unalias a; alias; `+
			`unalias -a; alias; alias x=; alias x; alias -p 2>&1; alias "q=it's"; alias`,
		`times | wc -l; local x 2>/dev/null; echo no`,
		`wait; echo $?; jobs; echo $?; ulimit > /dev/null; echo $?; ulimit -a | wc -l; `+
			`ulimit -a | cut -c1-20`)
}
