package shell

import "testing"

// TestPipesOfAllKinds judges pipelines of programs and other commands (XCU 2.9.2). A pipe
// between two commands inside our shell becomes a pipe of the kernel only when a program gets
// it.
func TestPipesOfAllKinds(t *testing.T) {
	const lines = "lines() { i=0; while [ $i -lt $1 ]; do i=$((i + 1)); " +
		"echo $i$i$i$i$i; done; }; "
	same(t,
		"echo a | { read x; echo $x; /bin/cat; }",
		"printf '1\\n2\\n3\\n' | { read x; echo $x; /bin/cat; echo end; }",
		"{ echo one; /bin/echo two; echo three; } | { read a; /bin/cat; echo end $a; }",
		"{ echo one; echo two; /bin/echo three; echo four; } | cat | /bin/cat | cat",
		"echo x | (cat; echo y) | (exec /bin/cat)",
		"echo deep | cat | cat | /bin/cat | cat | cat | /bin/cat | cat | cat",
		lines+"lines 20000 | wc -l",
		lines+"lines 20000 | /usr/bin/wc -c",
		lines+"lines 20000 | { sleep 0.2; /usr/bin/tail -n 1; }",
		lines+"lines 20000 | { read a; read b; echo $a $b; /usr/bin/tail -n 1; }",
		lines+"lines 20000 | tail -n 1",
		lines+"lines 20000 | head -n 1",
		lines+"lines 20000 | /usr/bin/head -n 1",
		lines+"lines 20000 | while read -r x; do y=$x; done; echo \"[$y]\"",
		lines+"lines 20000 | { while read -r x; do y=$x; done; echo \"[$y]\"; }",
		lines+"{ lines 20000; echo status $? >&2; } | :",
		lines+"{ lines 20000; echo status $? >&2; } | read x",
		"yes | head -n 2 | /bin/cat",
		"yes | /usr/bin/head -n 2 | cat",
		"printf 'x\\0y\\n' | cat | /usr/bin/od -c",
		"printf 'no newline' | { read x; echo $? $x; }",
		"printf '' | { read x; echo $?; }",
		": | cat; echo $?",
		"false | true; echo $?; true | false; echo $?",
		"echo t | { [ -p /dev/stdin ] && echo pipe; cat; }",
		"echo t | { [ -p /dev/fd/0 ] && echo pipe; [ -t 0 ] || echo no terminal; "+
			"cat /dev/stdin; }",
		"x=$(echo a b | tr a-b c-d | cat); echo $x",
		"x=$(echo a b | /usr/bin/tr a-b c-d | cat; echo e); echo $x",
		"echo bg | { /bin/cat & wait; }",
		"echo bg | { cat <&0 & wait; }",
		"echo 3 | { exec 3<&0; read x <&3; echo $x; exec 3<&-; read y; echo $?; }",
		"echo 3 | { exec 3<&0 </dev/null; /bin/cat <&3; }",
		"{ echo out; echo err >&2; } 2>&1 | cat",
		"{ exec 3>&1; echo to3 >&3; /bin/echo too >&3; } | cat",
		"echo a | { umask 022; cat; }",
		"{ sleep 0.1; echo late; } | cat",
		"{ sleep 0.1; echo late; } | /bin/cat",
		"set -e; false | echo on; echo still; true | false; echo no",
	)
}
