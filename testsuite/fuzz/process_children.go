package fuzz

// waitScene asks for the exit status of children.
func (g *generator) waitScene() string {
	child := func() string {
		return g.pick("sh -c 'exit 3' &", "{ exit 4; } &", "(exit 5) &", "false &", "true &",
			"sleep 0 &", "sleep 0 | false &",
			"nosuch &", "./dir &", "sh -c 'kill -TERM $$' &", "sleep 5 & kill $!\n",
			"{ exec sleep 5; } & kill -9 $!\n", "f &",
			"{ kill -KILL $(exec sh -c 'echo $PPID'); } &", "grep nosuch f1 &",
			"perl -e 'exit 9' &", ": &", "exec sh -c 'exit 6' &", "! true &",
			"{ :; } >/nosuch/x &", "(sleep 0; exit 8) &", "{ trap 'exit 11' EXIT; } &", "cat &",
			"a=$(exit 3) &",
			"set -e; false &", "{ return 7; } &", "sleep 0 <nosuch &", "exec nosuch &",
			"{ wait; } &", "true && (exit 12) &")
	}
	s := child() + " p1=$!\n" + child() + " p2=$!\n"
	for range 1 + g.IntN(4) {
		s += g.pick("wait $p1; p $?", "wait $p2; p $?", "wait; p $?", "wait $p1 $p2; p $?",
			"wait 99999999; p $?", "wait %1; p $?",
			"(wait $p1; p $?)", "x=$(wait $p2; p $?); p \"$x\"", "{ wait $p1; p $?; } | cat",
			"wait nosuch; p $?", "p ${!:+set}", "(sleep 0 & wait $!; p $?)", "wait $$; p $?",
			"wait $p1 || p or $?", "wait %%; p $?", "if wait $p2; then p ok; fi",
			"set -e; wait $p1; p on", "jobs -l >/dev/null", "w=wait; $w $p1; p $?",
			"sh -c 'exit 2'; p $?", "(exec sh -c \"wait $p1; echo \\$?\")",
			"k() { wait $p1; p $?; }; k", "wait; jobs", "command wait $p2; p $?",
			"wait -x; p $?",
			"wait 1; p $?", "wait '' $p1; p $?",
			"{ sleep .2; kill -USR1 $$; sleep .3; } & trap 'p t' USR1; wait $!; p $?; wait") + "\n"
	}
	if g.IntN(3) == 0 {
		return g.place(s)
	}
	return s
}

// spinScene waits for a child in a busy loop.
func (g *generator) spinScene() string {
	child := g.pick("sleep .1 &", "{ sleep .1; } &", "(sleep .1; exit 3) &",
		"perl -e 'select undef, undef, undef, .1' &",
		"sleep 5 & kill $!\n", "true &", "{ :; } &", "{ sleep .1; >gone; } &", "sleep .1 | cat &")
	loop := g.pick("while kill -0 $p1 2>/dev/null; do :; done",
		"until ! kill -0 $p1 2>/dev/null; do :; done",
		"while [ -d /proc/$p1 ]; do :; done", "while :; do kill -0 $p1 2>/dev/null || break; done",
		"while { kill -0 $p1; } 2>/dev/null; do n=$((n+1)); done",
		"while [ -e /proc/$p1 ]; do true; continue; done",
		"while case $n in x) ;; *) kill -0 $p1 2>/dev/null;; esac; do :; done",
		"while eval kill -0 $p1 2>/dev/null; do :; done",
		"k() { kill -0 $p1 2>/dev/null; }; while k; do :; done",
		"until [ -z \"$(kill -0 $p1 2>&1 && p y)\" ]; do :; done",
		"while (kill -0 $p1) 2>/dev/null; do :; done",
		"while kill -0 $p1 2>/dev/null && :; do p x >/dev/null; done",
		"trap 'd=1' CHLD; while [ -z \"$d\" ]; do :; done; trap - CHLD",
		"trap 'd=1' USR1; { sleep .1; kill -USR1 $$; } & while [ -z \"$d\" ]; do :; done; wait",
		"trap 'p t; exit' TERM; { sleep .1; kill $$; } & while continue; do :; done",
		"trap 'p t; break' USR1; { sleep .1; kill -USR1 $$; } & while :; do :; done; wait",
		"{ sleep .1; kill -TERM $$; } & while :; do continue; done")
	body := child + " p1=$!\n" + loop + "\np over" + g.pick("", "; wait $p1; p $?", "; wait; p $?")
	if g.IntN(2) == 0 {
		return g.place(body)
	}
	return body
}

// native returns a command that a shell may run in-process, including ways to fail.
func (g *generator) native() string {
	return g.pick("grep one f1", "grep '[' f1", "grep nosuch f1", "grep one nosuch",
		"grep -q one f1", "grep -c . f1 f2", "grep",
		"sed s/one/1/ f1", "sed s/a f1", "sed -n p nosuch", "sed", "sort f1", "sort nosuch",
		"sort -z9 f1", "cut -d' ' -f2 f1", "cut f1", "cut -c2- nosuch", "wc -c f1", "wc -l <f1",
		"wc nosuch f1", "tr a-z A-Z <f1", "tr", "tr a", "cat f1 nosuch", "cat dir", "cat -n f1",
		"head -n 1 f1", "head -n x f1", "head nosuch", "tail -n 1 f1", "tail -c 3 f1",
		"tail nosuch", "basename /a/b.c .c", "basename", "dirname /a/b", "expr 1 + 2",
		"expr 1 +", "expr abc : 'a\\(.\\)'", "mkdir dir", "mkdir n/o", "rm nosuch",
		"rm -f nosuch", "rm dir", "ln -s x dir/l; ls dir", "chmod 644 nosuch", "chmod zz f1",
		"touch n/o", "echo x | tee n/o", "uniq f1", "uniq nosuch", "sleep x",
		"sleep", "env -i a=b env", "env nosuch", "env ./dir", "readlink f1", "readlink nosuch",
		"realpath f1", "id -u", "uname -s",
		"cp f1 n/o", "mv nosuch x", "rmdir nosuch", "stat -c %s f1", "ls nosuch",
		"awk '{print $2}' f1", "mkfifo dir", "true x", "false")
}

// backgroundScene runs natives in the background, and in the foreground for comparison.
func (g *generator) backgroundScene() string {
	n := g.native()
	body := g.pick(n+" & wait $!; p $?", n+"; p $?\n"+n+" & wait $!; p $?",
		"{ "+n+"; p $?; } & wait", n+" | cat & wait; p $?",
		n+" >o1 2>&1 & wait $!; p $?; cat o1", "x=$( "+n+" & wait $!; p $?); p \"$x\"",
		"k() { "+n+"; }; k & wait $!; p $?",
		"exec "+n+" & wait $!; p $?", "command "+n+" & wait $!; p $?", n+" <&- & wait $!; p $?",
		"a=b "+n+" & wait $!; p $?",
		n+" >&- & wait $!; p $?", "umask 077; "+n+" & wait $!",
		"trap '' TERM; "+n+" & wait $!; p $?", n+" && p y & wait $!; p $?",
		"eval "+quote(n+" & wait $!; p $?"), "("+n+"; p $?) & wait $!", "cat & wait $!; p $?",
		"{ cat; } <f1 & wait $!; p $?",
		n+" 2>/dev/full & wait $!; p $?", n+" >/dev/full & wait $!; p $?")
	if g.IntN(3) == 0 {
		return g.place(body)
	}
	return body
}

// nativeScene runs natives after a change of the process's state.
func (g *generator) nativeScene() string {
	n := g.native()
	body := g.pick("("+g.hidden(g.changeUmask())+"; "+n+"); p $?",
		"("+g.hidden(g.changeDirectory())+"\n"+n+"); p $?",
		"("+g.hidden(g.changeLimit())+"\n"+n+"); p $?",
		"("+g.hidden(g.changeDescriptor())+"\n"+n+"); p $?",
		n+" | "+g.native()+"; p $?", "x=$( "+n+"); p $? \"$x\"", n+" >/dev/full; p $?",
		n+" >&-; p $?", n+" <&-; p $?",
		"exec "+n, "(exec "+n+"); p $?", "x="+quote(n)+"; $x; p $?",
		"x="+quote(n)+"; eval \"$x\" | cat; p $?",
		"ulimit -f 0; "+n+" >o1; p $?", "trap '' PIPE; "+n+" | true", n+" 3>&1 >o1; p $?; cat o1",
		"/bin/"+n+"; p $?", "/usr/bin/"+n+"; p $?", "command "+n+"; p $?", "env "+n+"; p $?",
		"sh -c "+quote(n)+"; p $?", "timeout 5 "+n+"; p $?", "nohup "+n+" 2>&1 | cat",
		"env -i "+n+"; p $?", "trap 'p t' TERM; "+n)
	if g.IntN(3) == 0 {
		return g.place(body)
	}
	return body
}
