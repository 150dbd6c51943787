package shell

import "testing"

func TestRead(t *testing.T) {
	p := `p() { printf '<%s>' "$@"; echo; }; `
	for _, ifs := range []string{"", "IFS=: ", "IFS= ", "IFS=' :' ", "IFS=a "} {
		for _, line := range []string{`a b c`, ` a  b  c `, `a:b:c`, `:a::b:`, `a\ b c`, `a\\b c`, `a\:b:c`, ``, `   `, `a b\`, ` \ a `, `a : b : c :`} {
			judge(t, row{script: p + ifs + "read x y; s=$?; p \"$x\" \"$y\" $s; " + ifs + "read -r x y; p \"$x\" \"$y\"; " + ifs + "read x; p \"$x\"; " + ifs + "read x y z w; p \"$x\" \"$y\" \"$z\" \"$w\"",
				stdin: line + "\n" + line + "\n" + line + "\n" + line + "\n"})
		}
	}
	for _, in := range []string{"a\\\nb\nc\n", "no newline", "", "\n\n", "a\x00b\n", "x\\", "tab\there\n", "\xff\xfe\n"} {
		judge(t, row{script: p + `read x; echo $?; p "$x"; read -r y; echo $?; p "$y"; read z; echo $?; p "$z"`, stdin: in})
	}
	same(t, `echo a | read; echo $?`, `read -p 'prompt ' x < t.sh; echo "$x"`, `x=old; read x < /dev/null; echo "$? [$x]"; read x y <<E
only
E
echo "$x[$y]"`, `printf 'a b\n' | { read "x" y; echo $y $x; }; read a b c <<E
$(echo 1 2 3 4)
E
echo $c; while IFS== read k v; do echo "$v <- $k"; done <<E
a=b=c
d=
=e
E`)
}

func TestGetopts(t *testing.T) {
	loop := `; while getopts abc:d: o "$@"; do echo "$o [$OPTARG] $OPTIND"; done; echo "end $? $o $OPTIND"; shift $((OPTIND-1)); echo "$@"`
	for _, args := range []string{"-a -b x", "-ab x", "-c v -d w", "-cv x", "-c", "-x -a", "-- -a", "- a", "a -b", "-a -- -b", "", "-ab -cval -d '' z", "-c -a", "-abz", "--long", "-a ''"} {
		judge(t, row{script: "set -- " + args + loop})
		judge(t, row{script: "set -- " + args + "; while getopts :abc: o; do echo \"$o [$OPTARG] $OPTIND\"; done; echo $OPTIND"})
	}
	same(t, `set -- -a -b; getopts ab o; echo $o; OPTIND=1; getopts ab o; echo $o; getopts ab o; echo $o; getopts ab o; echo $? $o`,
		`f() { while getopts xy o; do echo f$o; done; }; set -- -a -b; while getopts ab o; do echo $o; f -x -y; done`,
		`f() { OPTIND=1; local OPTIND; while getopts x o; do echo $o; done; }; f -x; f -xx; getopts x o -x; echo $o`)
}

func TestPrintfEcho(t *testing.T) {
	for _, args := range []string{`'%s\n' a b`, `'%d %d\n' 1 2 3`, `'%5d|%-5d|%05d\n' 7 7 7`, `'%x %X %o\n' 255 255 8`, `'%c%c\n' abc d`, `'%b\n' 'a\tb\0101\c z'`, `'%%\n'`, `'%s'`, `'\101\n'`, `'\177\277\n'`, `'a\nb\tc\\\n'`,
		`'%.2s|%5s|%-5s|\n' abc ab ab`, `'%*d|%-*d|%.*s\n' 5 1 5 2 1 ab`, `'%f %e %g\n' 1.5 1.5 1.5`, `'%d\n' "'a"`, `'%d\n' 0x10 010 -5 +5`, `'%u\n' -1`, `'%i\n' 3`, `'%s %s\n' one`, `-- '%s\n' x`, `'%d\n' ''`, `'%d\n' 99999999999999999999`, `'%5%|\n'`, `'\x41\n'`, `'%5c|\n' a`} {
		judge(t, row{script: "printf " + args + "; echo $?"})
	}
	for _, args := range []string{``, `-n a`, `-n`, `-e 'a\tb'`, `'a\nb'`, `'a\cb' c`, `'\0101\101'`, `'\\'`, `-- a`, `-nn a`, `-n -n a`, `a  b`, `'a  b'`, `'\x41'`, `'a\'`, `"$(printf 'a\nb')"`, `'\e[0m'`} {
		judge(t, row{script: "echo " + args + "; echo $?"})
	}
}

func TestTestBuiltin(t *testing.T) {
	setup := "> f; mkdir d; ln -s f l; ln -s no b; echo x > s; mkfifo p; chmod 755 f; touch -d @1000000000 f\n"
	for _, e := range []string{"a", "''", "-n a", "-n ''", "-z a", "-z ''", "a = a", "a = b", "a != b", "a '<' b", "b '>' a", "1 -eq 1", "1 -ne 2", "1 -lt 2", "2 -gt 1", "1 -le 1", "1 -ge 2", "' 1 ' -eq 1", "010 -eq 10", "-1 -lt 0",
		"-e f", "-e no", "-f f", "-f d", "-d d", "-d f", "-h l", "-L l", "-L f", "-e b", "-s f", "-s s", "-p p", "-r f", "-w f", "-x f", "-x s", "-b f", "-c /dev/null", "-S f", "-u f", "-g f", "-k /tmp", "-O f", "-G f", "-t 1", "-t 0", "-t 99",
		"f -nt s", "s -nt f", "f -ot s", "f -ef l", "f -ef s", "f -nt no", "! a", "! ''", "! -f f", "a -a b", "a -a ''", "'' -o b", "'' -o ''", "a -a b -o ''", "'(' a ')'", "'(' '' ')'", "! a -a b", "'(' a = a ')' -a '(' b = b ')'", "-n = -n", "! = !", "-f = -f", "'(' = '('", "-a", "-o", "!", "-n", "-z", "'('", "a b", "a b c", "1 -eq", "-eq 1", "-f f d", "a = a b", "-q f", "'' = ''", "-t", "! ! a", "! ! a a", "-e ''"} {
		judge(t, row{script: setup + "test " + e + "; echo $?; [ " + e + " ]; echo $?"})
	}
}

func TestCommandAndType(t *testing.T) {
	for _, name := range []string{"ls", "cd", "export", "if", "f", "nosuch", "/bin/ls", "./t.sh", "./x", "al", "''", ".", ":", "[", "sh", "sed", "{", "local", "test", "command", "d"} {
		judge(t, row{script: "f() { :; }; alias al='a b'; echo > x; chmod +x x; mkdir d; command -v " + name + "; echo $?; command -V " + name + "; echo $?; type " + name + "; echo $?"})
	}
	same(t, `command echo a; command -p echo b; command -- echo c; command; echo $?; command -v; echo $?; command -p ls t.sh; PATH=/x; command -p ls t.sh; command -pv ls; echo $?`,
		`f() { echo fn; }; command f; echo $?; ls() { echo fn; }; command ls t.sh; command command ls t.sh; x=command; $x ls t.sh; command -v echo cd; type echo cd | cat`,
		`command export a=1; echo $a; a=2 command :; echo $a; a=3 command eval 'echo $a'; echo $a; command exec 3>f; echo x >&3; cat f; command set -- a b; echo $#; command shift; echo $#; command exit 3`,
		`hash ls; echo $?; hash -r; echo $?; hash nosuch; echo $?; ls > /dev/null; PATH=/nope; ls; echo $?`)
}

func TestDirectories(t *testing.T) {
	setup := `mkdir -p a/b c/a; ln -s a/b l; here=$PWD; s() { pwd | sed "s,$here,H,"; }` + "\n"
	for _, c := range []string{"cd a; s; cd b; s; cd ..; s", "cd l; s; pwd -P; cd ..; s", "cd -P l; s; cd ..; s", "cd -L l; s; cd -; s", "cd a/../c; s; cd ./a/.; s; cd .//..///; s", "CDPATH=c; cd a; s", "CDPATH=:c; cd a; s", "CDPATH=c cd a; s; cd ./a; s",
		"cd nope; echo $?; s", "cd t.sh; echo $?", "cd; echo $?; s", "HOME=$here/a; cd; s; cd ~; s", "unset HOME; cd; echo $?; s", "cd ''; echo $?; s", "cd /; s; cd /usr/bin/..; s; cd ///; s", "cd a; rmdir b; cd b; echo $?; cd -; s", "cd a c; echo $?; s", "cd -- a; s", "cd -X; echo $?",
		"cd -; echo $?", "OLDPWD=$here/c; cd -; s; cd - > /dev/null; s", "PWD=/nope; cd a; s; echo $PWD | sed s,$here,H,", "cd a && rmdir ../a/b && rmdir ../a; pwd | sed s,$here,H,; cd ..; s; cd .; echo $?", "chdir a; s; (cd b; s); s", "cd a | cat; s; x=$(cd a; pwd); echo $x | sed s,$here,H,; s", "pwd -L | sed s,$here,H,; pwd -P | sed s,$here,H,; pwd -LP | sed s,$here,H,"} {
		judge(t, row{script: setup + c})
	}
}

func TestVariablesBuiltins(t *testing.T) {
	same(t, `unset a b; export b=1 a='x y'; export -p | grep -E ' [ab]='; readonly c="it's" d; readonly -p; export e; export -p | grep ' e'; export | grep -c .; readonly | wc -l`,
		`a='x'; b="it's"; c='"q" $x \ '; d=; e='
nl'; set | grep -A1 -E '^[a-e]='`, `set -o | head -n 30; set +o; set -o nounset; set +o | grep nounset; echo $-`, `unset a; unset -v b; unset -f c; unset nope; echo $?; a=1; unset a b; echo "[${a-u}]"; unset -v -f a 2>/dev/null; echo $?; unset; echo $?`,
		`umask; umask 022; umask -S; umask u=rwx,g=,o=; umask; umask -S; umask g+w; umask; umask a-x; umask; umask 0777; umask; umask 1000; echo $?; umask o=r; umask -S; umask 8; echo $?`,
		`eval; echo $?; eval ''; echo $?; false; eval; echo $?; eval 'echo a' 'echo b'; eval "x='a b'"; echo "$x"; eval echo '$x' '"$x"'; y=x; eval echo \$$y; eval "f() { echo F; }"; f; eval 'exit 3'; echo no`,
		`shift 2>/dev/null; echo $?; set -- a b c; shift 1; echo $@; shift 2; echo $#; shift 0; echo $?`, `:; echo $?; : a b; true x; echo $?; false x; echo $?; false; :; echo $?; : $((x=3)) ; echo $x`,
		`alias c='d e'; alias; unalias c; alias a=b; alias; alias a; unalias a; alias; unalias -a; alias; alias x=; alias x; alias -p 2>&1; alias "q=it's"; alias`,
		`times | wc -l; local x 2>/dev/null; echo no`, `wait; echo $?; jobs; echo $?; ulimit > /dev/null; echo $?; ulimit -a | wc -l; ulimit -a | cut -c1-20`)
}
