package shell

import "testing"

// commandRows are rows of TestCommand.
var commandRows = []string{
	`command; echo $?`,
	`command --; echo $?`,
	`command -v; echo $?; command -V; echo $?; command -p; echo $?`,
	`command -x ls; echo $?`,
	`command -vx ls; echo $?`,
	`command -- echo a`,
	`command -p -- echo a`,
	`command - ; echo $?`,
	`command ''; echo $?`,
	`command '' a; echo $?`,
	`command f; echo $?`,
	`command ls nx`,
	`command -p ls nx`,
	`command nosuch; echo $?`,
	`command ./nx; echo $?`,
	`command ./d; echo $?`,
	`command ./nope; echo $?`,
	`command ./x; echo $?`,
	`command d; echo $?`,
	`command command ls nx; command command -v ls; command -p command -v f; ` +
		`command command command echo x`,
	`c=command; $c ls nx; $c $c ls nx; $c -v f; "$c" -p ls nx`,
	`command -v ls cd nosuch f; echo $?`,
	`command -V ls cd nosuch f | cat; echo $?`,
	`command -v al; command -v e; command -v q; command -V al; command -V e; ` +
		`command -V q; type al e q`,
	`command -v r; echo $?; command -v if; command -v '{'; command -v '}'; ` +
		`command -v '!'; command -v in; command -v do; command -v function; ` +
		`command -v '[['; command -v time; echo $?`,
	`command -V if; command -V '{'; command -V '!'; command -V in; command -V select; ` +
		`echo $?`,
	`command -v ./x; command -v ./nope; echo $?; command -v $PWD/x; command -v /bin/ls; ` +
		`command -v /nope/ls; echo $?; command -v d; echo $?; command -v .; ` +
		`command -v ..; echo $?; command -v x; echo $?; command -v ''; echo $?`,
	`PATH=.:$PATH; command -v x; command -V x; command -v nx; echo $?; PATH=$PWD; ` +
		`command -v x; command -v d; echo $?; PATH=; command -v x; command -V x`,
	`PATH=/nope:; command -v x; echo $?; PATH=/nope; command -v nosuch; echo $?; ` +
		`command -pv mkdir; command -pV mkdir; command -vp mkdir; command -p -v nosuch; ` +
		`echo $?`,
	`PATH=/nope; command -p cat nx; echo $?; command -p nosuch; echo $?; echo $PATH; ` +
		`command -p sh -c 'echo $PATH'; PATH=/nope command -p cat nx; command od nx; ` +
		`echo $?`,
	`for i in alias bg cd command false fc fg getopts hash jobs kill newgrp pwd read true ` +
		`type ulimit umask unalias wait echo printf test '['; do command -v $i; ` +
		`command -V $i; done; echo $?`,
	`for i in break : . continue eval exec exit export readonly return set shift times ` +
		`trap unset local; do command -v $i; command -V $i; type $i; done`,
	`command -v f; command -V f; unset -f f; command -v f; echo $?; command -V f; echo $?`,
	`command -v cd > /dev/full; echo $?; command -V cd > /dev/full; echo $?; ` +
		`command -v cd > /nope/x; echo $?`,
	`command -vV ls; command -Vv f; command -v -V cd`,
	`x='a b'; command -p export a=$x; command -p command export b=$x; ` +
		`command -- command command export c=$x; command -pp -- readonly d=$x; ` +
		`echo "$a,$b,$c,$d"`,
	`x='a b'; command -- -p export a=$x; command -v export b=$x; command() { echo "$#"; ` +
		`}; command export c=$x; command command export d=$x; echo "$a,$b,$c,$d"`,
	`f() { command local y=$x; echo "$y"; }; x='a b'; f; g() { local() { echo "$#"; }; ` +
		`command local y=$x; echo "$y"; }; g`,
	`x=5 command eval 'echo $x'; echo "[$x]"; x=5 command :; echo "[$x]"; ` +
		`x=5 command export y=2; echo "[$x$y]"; x=6 command . /dev/null; echo "[$x]"; ` +
		`x=7 command exec; echo "[$x]"`,
	`x=1 command sh -c 'echo $x'; x=1 command env | grep ^x=; command x=1; echo $?`,
	`command exit 3; echo no`,
	`(command exit 4); echo $?; f2() { command return 5; echo no; }; f2; echo $?; ` +
		`for i in 1 2; do command break; done; echo $i; for i in 1 2; ` +
		`do command continue; echo no; done`,
	`command set -- a b; echo $#; command shift; echo $1; command trap 'echo bye' EXIT; ` +
		`command unset x; command readonly z=1; command times > /dev/null; echo $?`,
	`command exec 5> out; echo a >&5; cat out; command exec 5>&-; command exec echo end; ` +
		`echo no`,
	`command exec nosuch; echo $?; command exec ./nx; echo $?; command exec < nope; ` +
		`echo $?; command exec 7>&8; echo $?`,
	`command r=2; echo $?; r=2 command :; echo no`,
	`command : ${x?}; echo no`,
	`command : > /nope/x; echo $?; command echo a > /nope/x; echo $?`,
	`command . ./nope; echo $?; command . nope; echo $?; command eval '('; echo $?; ` +
		`command eval 'r=2'; echo $?; command eval 'set -Z'; echo $?; command export 1x; ` +
		`echo $?; command shift 99; echo $?; command set -Z; echo $?; ` +
		`command unset r; echo $?; command trap x NOSIG; echo $?; ` +
		`command return x; echo $?; command exit x; echo $?; command break x; ` +
		`echo $?`,
	`command eval 'echo a; set -Z; echo b'; echo $?`,
	`command eval 'command set -Z; echo b'; echo $?`,
	`command eval 'f3() { set -Z; echo b; }; f3; echo c'; echo $?`,
	`echo 'set -Z; echo no' > s; command . ./s; echo $?`,
	`command sh -c 'exit 7'; echo $?; command false; echo $?; ! command true; echo $?; ` +
		`command false || echo or; set -e; command false; echo no`,
	`command kill -l 1; command umask; command pwd | wc -l; command cd /; pwd`,
	`command while true; echo no`,
	`command { echo a; }; echo no`,
	`set -x; command -p echo a; command -v cd`,
	`command -p cd /; pwd; command -p pwd; command -p f; echo $?; command -p test a = a; ` +
		`echo $?`,
	`command al; echo $?; eval 'command al'; echo $?`,
	`command -v "a b"; echo $?; command -v -- ls; command -V -- cd; command -v -x; echo $?`,
}

// TestCommand judges command (XCU 4).
func TestCommand(t *testing.T) {
	each(t, "f() { echo fn \"$@\"; }; ls() { echo fn ls; }; alias al='a  b' e= q=\"it's\"; "+
		"readonly r=1; > x; chmod +x x; > nx; mkdir d\n", commandRows...)
}

// TestTypeHash judges type and hash (XCU 4).
func TestTypeHash(t *testing.T) {
	each(t, "f() { :; }; alias al='a  b' e=; > x; chmod +x x; > nx; mkdir d\n",
		`type; echo $?`,
		`type nosuch; echo $?; type nosuch cd; echo $?; type cd nosuch; echo $?; `+
			`type nosuch1 nosuch2; echo $?`,
		`type f al e cd export if ls ./x ./nx ./d d x nx /bin/ls /nope '' . '{' '['; echo $?`,
		`type -- ls; echo $?; type -a ls; echo $?; type -t ls; echo $?; type -x; echo $?`,
		`type cd > /dev/full; echo $?; type nosuch > o 2> e; cat o e; type ls > /nope/x; `+
			`echo $?`,
		`hash -r; type ls; ls > /dev/null; type ls; hash -r; type ls; hash ls; type ls; `+
			`command -V ls; command -v ls`,
		`PATH=.; type x nx d; echo $?; PATH=; type x; PATH=/nope; type dir od cd; echo $?; `+
			`PATH=/nope:/bin type ls`,
		`type $(echo cd ls); x=type; $x cd; set -e; type nosuch; echo no`,
		`type f; unset -f f; type f; echo $?; ls() { :; }; type ls; cd() { :; }; type cd; `+
			`command -v cd`,
		`hash; echo $?`,
		`hash -r; echo $?; hash -x; echo $?; hash -- ls; echo $?; hash -r ls; echo $?; hash`,
		`hash ls; { hash; type ls; hash cat; } & wait; hash`,
		`echo a | cat; type cat; hash; (echo | sort); hash; { echo | wc -l; } | cat; hash`,
		`f() { :; }; f | tr a b; hash; x=1 sed p </dev/null | grep q; hash; `+
			`echo | nosuch | cat; hash`,
		`PATH=/usr/sbin:/sbin:/usr/bin; cat </dev/null; hash; type cat; command -v cat`,
		`hash ls cat; hash; hash -r; hash`,
		`hash ls; hash nosuch; echo $?; hash nosuch ls nosuch2; echo $?; hash`,
		`hash cd; echo $?; hash f; echo $?; hash if; echo $?; hash export; echo $?; hash`,
		`hash ./x; echo $?; hash /bin/ls; echo $?; hash ./nope; echo $?; hash ./d; echo $?; `+
			`hash d; echo $?; hash`,
		`cat nx; cat nx; hash; PATH=$PATH; hash; cat nx; hash; PATH=/bin; hash`,
		`(cat nx; hash); hash; cat nx; (hash); x=$(hash); echo "$x"`,
		`PATH=/nope hash; PATH=/bin cat nx; hash`,
		`mkdir p q; printf '#!/bin/sh\necho p\n' > p/cmd; chmod +x p/cmd; PATH=q:p:$PATH; `+
			`cmd; printf '#!/bin/sh\necho q\n' > q/cmd; chmod +x q/cmd; cmd; hash -r; cmd; `+
			`rm q/cmd; cmd; echo $?`,
		`mkdir p; printf '#!/bin/sh\necho p\n' > p/cmd; chmod +x p/cmd; PATH=$PATH:p; cmd; `+
			`rm p/cmd; cmd; echo $?; hash | grep -c cmd`,
		`nosuch 2>/dev/null; hash; hash > /dev/full; echo $?; cat nx; hash > /dev/full; echo $?`,
		`unalias -a; hash ls > /nope/x; echo $?; hash nosuch || echo or; set -e; hash ls; `+
			`hash nosuch; echo no`,
		`hash -v ls; echo $?; hash -v nosuch; echo $?`)
}

// TestAssignmentsBefore judges assignments before each kind of command (XCU 2.9.1).
func TestAssignmentsBefore(t *testing.T) {
	kinds := []string{":", "true", "f", "eval :", "env true", "command :", "command true",
		". /dev/null", "export b", "set --", "unset c", "shift 0", "times", "exec 3>&1",
		"trap - USR1", "readonly q", "cd .", "read z < /dev/null", "test x", "echo", "[ a ]",
		"break", "return_", "nosuch", "$nope", "$nope >f", "{ echo; }", "(true)", "local_",
		"umask 022", "type cd", "hash ls", "getopts a z", "printf x", "ulimit", "kill -l 1",
		"wait", "jobs", "false", "command eval :", "command export b", "command exec",
		"command -v cd", "command f", "sh -c :", "/bin/true"}
	for _, k := range kinds {
		each(t, "f() { echo \"f $x\"; env | grep ^x=; }; return_() { x=3 return; }; "+
			"local_() { x=4 local x; x=5; }\n",
			"x=1 "+k+" > /dev/null 2>&1; echo \"[$x]\"; env | grep ^x=", "x=0; x=1 "+k+
				" > /dev/null 2>&1; echo \"[$x]\"; env | grep ^x=", "export x=0; x=1 "+k+
				" > /dev/null 2>&1; echo \"[$x]\"; env | grep ^x=")
	}
	each(t, "f() { echo \"$x\"; x=f; }\n", `x=1 f; echo "[$x]"`,
		`x=0; x=1 f; echo "[$x]"`,
		`f2() { export x; }; x=1 f2; env | grep ^x=; echo "[$x]"`,
		`f2() { unset x; echo "[${x-u}]"; }; x=0; x=1 f2; echo "[$x]"`,
		`f2() { local x=2; sh -c 'echo $x'; }; x=1 f2; echo "[$x]"`,
		`f2() { readonly x; }; x=1 f2; x=2; echo "$x"`,
		`f2() { x=1 f; echo $x; }; x=0 f2; echo "[$x]"`,
		`x=1 y=$x f; echo "[$y]"`,
		`x=1; x=2 y=$x eval 'echo $x$y'`,
		`x=$(exit 3) true; echo $?; x=$(exit 3); echo $?; x=$(exit 3) y=$(exit 4); echo $?; `+
			`x=$(exit 3) y=4; echo $?; x=$(exit 3) $nope; echo $?; > f x=$(exit 3); echo $?; `+
			`x=1 > $(echo f; exit 3); echo $?`,
		`x=a:~ y=~:b z="~" sh -c 'echo $x $y $z'`,
		`x=* sh -c 'echo "$x"'; x="a  b" sh -c 'echo "$x"'; x=a\ b env | grep ^x=`,
		`PATH=/nope dir; echo $?; PATH=/nope true; echo $?; PATH=/nope f; `+
			`PATH=/nope command dir; echo $?; ls nope; echo $?`,
		`IFS=: read a b < t.sh; echo "$a"; x=a:b; IFS=: f; IFS=: eval 'set -- $x; echo $#'; `+
			`echo "[$IFS]"`,
		`HOME=/x cd; echo $?; pwd | wc -l; HOME=/ cd; pwd`,
		`LC_ALL=C true; echo $LC_ALL; LC_ALL=en_US.UTF-8 :; echo $LC_ALL`,
		`OPTIND=3 true; echo $OPTIND; OPTIND=3 :; echo $OPTIND`,
		`x=1 exec env | grep ^x=; x=1 exec sh -c 'echo $x'`,
		`x=1 y=2 x=3 sh -c 'echo $x$y'; x=1 y=$x$x z=$y sh -c 'echo $z'`,
		`1x=5; echo $?; a-b=1; echo $?; =1; echo $?; "x"=1; echo $?; x\=1; echo $?; x""=1; `+
			`echo $?; $nope x=1; echo "$? [$x]"`,
		`x=1 >f; echo $x; > f x=2; echo $x; x=3 <nope; echo $x; x=4 y=5 > /nope/x; echo "$x$y"`)
}

func TestCommandAndType(t *testing.T) {
	for _, name := range []string{"ls", "cd", "export", "if", "f", "nosuch", "/bin/ls",
		"./t.sh", "./x", "al", "''", ".", ":", "[", "sh", "sed", "{", "local", "test", "command",
		"d"} {
		judge(t, row{script: "f() { :; }; alias al='a b'; echo > x; chmod +x x; mkdir d; " +
			"command -v " + name + "; echo $?; command -V " + name + "; echo $?; type " + name +
			"; echo $?"})
	}
	same(t,
		`command echo a; command -p echo b; command -- echo c; command; echo $?; command -v; `+
			`echo $?; command -p ls t.sh; PATH=/x; command -p ls t.sh; command -pv ls; echo $?`,
		`f() { echo fn; }; command f; echo $?; ls() { echo fn; }; command ls t.sh; `+
			`command command ls t.sh; x=command; $x ls t.sh; command -v echo cd; `+
			`type echo cd | cat`,
		`command export a=1; echo $a; a=2 command :; echo $a; a=3 command eval 'echo $a'; `+
			`echo $a; command exec 3>f; echo x >&3; cat f; command set -- a b; echo $#; `+
			`command shift; echo $#; command exit 3`,
		`hash dir; echo $?; hash -r; echo $?; hash nosuch; echo $?; ls > /dev/null; `+
			`PATH=/nope; dir; echo $?`)
}
