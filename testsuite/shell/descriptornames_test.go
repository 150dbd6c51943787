package shell

import (
	"strings"
	"testing"
)

// descriptorNameRows are scripts in which D stands for a directory of descriptors.
var descriptorNameRows = []string{
	"exec 3>f; echo a >D/3; echo b >>D/3; echo c >&3; cat f",
	"exec 3<t.sh 4>f; head -n 1 <D/3; read l <D/3; echo \"$l\"; cat D/3 >D/4; " +
		"cmp t.sh f; echo $?",
	"exec 3<t.sh 5>f; for n in 0 1 2 3 4 5 6; do for o in e r w f t h s; " +
		"do test -$o D/$n; echo $n $o $?; [ -$o D/$n ] && echo yes; done; done",
	"exec 7>f; [ -e D/7 ]; echo $?; exec 7>&-; [ -e D/7 ]; echo $?; echo x >D/7; " +
		"echo $?",
	"exec 3<t.sh; echo D/3*; set -- D/*; case \" $* \" in *' D/3 '*) echo has;; esac; " +
		"for i in D/3*; do echo $i; done; exec 3<&-; echo D/3*",
	"echo 'echo dot $0 $1' >s; exec 3<s; . D/3; sh D/3 a",
	"exec 3>f; perl -e 'open(my $f, \">\", $ARGV[0]) or die; " +
		"print $f \"perl\\n\"' D/3; cat f; test D/3 -ef f; echo $?; [ f -nt D/3 ]; " +
		"echo $?",
	"exec 3<<E\nhere\nE\nread l <D/3; echo $l; exec 4<<E\nmore\nE\ncat D/4",
	"exec 3<t.sh; ls -L D/3 >/dev/null; echo $?; ls -d D/3; " +
		"perl -e 'print -e $ARGV[0] ? \"is\" : \"no\", \"\\n\"' D/3; exec 3<&-; " +
		"perl -e 'print -e $ARGV[0] ? \"is\" : \"no\", \"\\n\"' D/3",
	"exec 3>f 4<t.sh; d=$PWD; cd D; echo x >3; [ -e 3 ]; echo $?; [ -e 5 ]; echo $?; " +
		"echo 3*; head -n 1 4; perl -e 'print -e \"3\" ? \"is\" : \"no\", \"\\n\"'; " +
		". ./9; echo no",
	"exec 3>f; cd D; (echo y >3; cd ..; [ -e fd/3 ]; echo $?); x=$(cd /; [ -e 3 ]; " +
		"echo $?); echo $x; cat <4; echo $?; cd /; [ -e 3 ]; echo $?",
	"set -C; exec 3>f; echo x >D/3; echo $?; echo y >|D/3; cat f",
	"{ echo in >D/3; } 3>f; cat f; f() { echo g >D/4; }; f 4>g; cat g; f; echo $?",
	"sh -c 'echo a >$0' D/1; echo b | cat D/0; echo c | cat - D/0",
	"exec 3>f; eval 'echo a >D/3'; sh -c 'echo b >>\"$0\"' D/3; cat f; command . D/9; " +
		"echo $?",
	"exec 9>f; p=D/9; echo x >$p; x=$(echo q >>$p; echo $?); echo $x; (echo r >>$p); " +
		"cat f; echo s | cat >>$p; cat f",
}

// descriptorProcRows are scripts with commands that find the descriptors by other means than
// an operand, or outlive the command.
var descriptorProcRows = []string{
	"exec 3>f; { echo a >/proc/$$/fd/3; } & wait; cat f",
	"exec 3>f; (echo b >/proc/$$/fd/3); echo c | { cat >>/proc/$$/fd/3; }; cat f",
	"exec 3>f; sh -c 'ls /proc/$PPID/fd' | grep -x 3; sh -c \"echo q >/proc/$$/fd/3\"; " +
		"cat f",
	"F=/proc/$$/fd/3; export F; exec 3>f; " +
		"perl -e 'open F, \">\", $ENV{F} or print \"no\\n\"; print F \"yes\\n\"'; cat f; " +
		"exec 3>&-; perl -e 'print -e $ENV{F} ? 1 : 0'; " +
		"{ perl -e 'print -e $ENV{F} ? 1 : 0'; } 3>f; " +
		"perl -e 'print -e $ENV{F} ? 1 : 0'",
	"exec 3>f; ls -l /proc/$$/fd/3 | grep -c /f; ls /proc/$$/fd >l; grep -x '[0-9]' l; " +
		"rm l; find /proc/$$/fd -name 3 | wc -l; readlink /proc/$$/fd/3 | grep -c /f; " +
		"exec 4>&3 3>&-; ls /proc/$$/fd >l; grep -x '[0-9]' l; rm l",
	"mkfifo p; cat p >f & exec 3>p; echo x >/proc/$$/fd/3; exec 3>&-; wait; cat f",
	"x=$(echo a >/proc/$$/fd/4; cat f) 4>f; echo $x; { x=$(echo a >/proc/$$/fd/4; " +
		"cat f); } 4>f; echo $x; f() { echo b >/proc/$$/fd/5; }; f 5>g; cat g; " +
		"ls /proc/$$/fd >l; grep -x '[3-9]' l; rm l",
	"echo 'ls /proc/$$/fd >l; grep -x [3-9] l; rm l; exec 7>h; echo z >/proc/$$/fd/7' >s; " +
		"exec 6>g; eval '. ./s'; cat h; exec 6>&- 7>&-; . ./s; sh ./s; " +
		"exec sh -c 'ls /proc/$$/fd >l; grep -x 7 l; rm l'",
}

// TestDescriptorNames judges the names of file descriptors in /proc and /dev, for the shell,
// its subshells, its built-ins and its programs.
func TestDescriptorNames(t *testing.T) {
	for _, dir := range []string{"/proc/$$/fd", "/proc/self/fd", "/dev/fd",
		"/proc/thread-self/fd"} {
		for _, script := range descriptorNameRows {
			judge(t, row{pid: true, script: "# " + dir + "\n" + strings.ReplaceAll(script, "D/",
				dir+"/")})
		}
	}
	for _, script := range descriptorProcRows {
		judge(t, row{pid: true, script: script})
	}
	judge(t, row{pid: true, as: asStdin,
		script: "exec 3>f\n{ echo a >/proc/$$/fd/3; } & wait\ncat f\n"})
	judge(t, row{pid: true, as: asOperand,
		script: "exec 3>f; { echo a >/proc/$$/fd/3; } & wait; cat f"})
}
