package fuzz

// procScene uses names in /proc and /dev/fd for the shell and its children.
func (g *generator) procScene() string {
	open := g.pick("exec 3>o3", "exec 3<f1", "exec 3<>o3", "exec 5<f1 3>&1", "exec 7<f1", ":")
	if g.IntN(4) == 0 {
		open = g.hidden(open)
	}
	script := g.file("echo in $#")
	use := func() string {
		n, fd := g.pick("0", "3", "3", "5", "7"), g.pick("/proc/$$/fd/", "/proc/self/fd/", "/dev/fd/")
		return g.one(
			func() string { return "echo a >" + fd + n + "; p $?; cat o3" },
			func() string { return "cat " + fd + n + g.pick("", " 3<f1", " <f1") },
			func() string { return "cat <" + fd + n + g.pick("", " 3<f1") },
			func() string { return "read l <" + fd + n + "; p \"$l\"" },
			func() string { return "[ -e " + fd + n + " ]; p $?" },
			func() string { return "x=" + fd + n + "; [ -r $x ]; p $?; cat \"$x\"" },
			func() string { return "grep o " + fd + n + " 3<f1 </dev/null; p $?" },
			func() string { return ". /dev/fd/3 3<" + script },
			func() string { return "sh /dev/fd/3 u 3<" + script },
			func() string { return ". /dev/stdin <<S\np dotted\nS" },
			func() string { return "p a | . /dev/stdin" },
			func() string { return "echo e >/dev/stderr; echo o >/dev/stdout | cat; cat /dev/stdin <f1" },
			func() string { return "[ -t 0 ]; [ -e /dev/fd/0 ]; p $?; [ -p /dev/stdin ]; p $?" },
			func() string {
				return "echo x | [ -p /dev/stdin ]; p $?; " +
					"echo x | test -p /proc/self/fd/0; p $?"
			},
			func() string { return "read l </proc/$$/comm; p \"$l\"; cat /proc/self/comm" },
			func() string { return "[ -d /proc/$$/ ] && [ -e /proc/self/exe ]; p $?" },
			func() string { return "grep Name: /proc/self/status; sed -n 's/^Name://p' /proc/self/status" },
			func() string {
				return "[ /proc/self/cwd -ef . ]; p $?; (cd dir; [ /proc/self/cwd -ef . ]; " +
					"p $?; [ /proc/$$/cwd -ef . ]; p $?)"
			},
			func() string { return "readlink " + fd + n + " | sed 's/:.*//'" },
			func() string { return "(exec 3<f1; cat " + fd + "3)" },
			func() string { return "cat /proc/self/cmdline | tr '\\0' ' '; p" },
			func() string {
				return "sleep 5 & read l </proc/$!/stat; kill -9 $!; " +
					"[ \"${l%% *}\" = $! ]; p $?; wait"
			},
			func() string { return "ls /proc/self/fd | grep -c ." },
			func() string {
				return "perl -e 'opendir D, \"/proc/self/fd\"; " +
					"print join(\" \", sort grep /\\d/, readdir D), \"\\n\"'"
			},
			func() string { return "cp " + fd + n + " c 3<f1; p $?" },
			func() string { return "eval 'cat " + fd + n + "'" },
			func() string { return "sort " + fd + "3 3<<S\nb\na\nS" },
			func() string { return "perl -e 'print <>' " + fd + n + " 3<f1 </dev/null" },
			func() string { return "cat " + fd + n + " | cat; p $?" },
		)
	}
	// a message may contain $$
	quiet := func() string { return "{ " + use() + "\n} 2>/dev/null; p $?" }
	body := open + "\n" + quiet() + "\n" + quiet()
	if g.IntN(2) == 0 {
		return g.place(body)
	}
	return body
}

// execScene replaces a shell, or changes its descriptors, in an odd place.
func (g *generator) execScene() string {
	what := g.pick("exec echo x", "exec sh -c 'echo $#' a b", "exec nosuch", "exec ./dir",
		"exec", "exec 3>o3", "exec >o3", "exec true",
		"exec sh "+g.file("echo in $a"), "exec "+g.file("echo in $a; exit 5"),
		"exec perl -e 'print sort map \"$_\\n\", keys %ENV'", "exec cat f1",
		"exec grep nosuch f1", "exec false",
		"exec perl -e 'exit 3'", "exec sh -c 'kill -TERM $$'", "exec <nosuch", "exec 3<&9",
		"exec -- echo dd", "exec sleep 0", "exec sh -c 'kill -USR1 $$; echo no'", "exec . ./f2",
		"exec umask", "exec cd dir", "exec :", "exec exec true", "exec command echo c",
		"exec f", "exec sh -c umask", "exec sh -c trap",
		"exec perl -ne 'print if /^SigIgn/' /proc/self/status",
		"exec sh -c 'echo \"$a\"'", "exec >&-", "exec 2>&1", "exec sed p f1", "exec sh -c 'ulimit -f'")
	body := g.pick("", "trap 'p bye' EXIT\n", "trap 'p t' USR1\n", "trap '' USR1\n",
		"export a=e\n", "umask 077\n", "a=z ", "local a\n", "set -e\n",
		"ulimit -f 100\n", "cd dir\n", "sleep 0 &\n") +
		g.hidden(what) +
		g.pick("\np on $?", "", " 2>/dev/null; p on", " || p or", " | cat; p on")
	switch g.IntN(4) {
	case 0:
		return g.place(g.place(body) + "\np mid $?")
	case 1:
		return body
	}
	return g.place(body)
}

// monitorScene switches job control on where there is no terminal.
func (g *generator) monitorScene() string {
	act := g.pick("sleep 0 & wait $!; p $?", "sh -c 'exit 3'; p $?", "echo \"$-\"",
		"true | cat; p $?", "sleep 5 & kill $!; wait $!; p $?",
		"perl -e 'print getpgrp == $$ ? \"leads\" : \"follows\", \"\\n\"'",
		"perl -e 'print getpgrp == $$ ? \"leads\" : \"follows\", \"\\n\"' & wait",
		"jobs", "fg; p $?", "bg; p $?",
		"sh -c 'kill -STOP $$; echo on' & sleep .1; kill -CONT $!; wait $!; p $?",
		"sh -c 'kill -TERM $$'; p $?", "sleep 0 & fg; p $?", "wait %+; p $?",
		"trap 'p t' CHLD; sh -c :; p $?", "{ sleep .1; exit 4; } & fg %1; p $?",
		"sleep .1 | cat & wait %1; p $?", "kill -TSTP $$; p on", "kill -TTOU $$; p on",
		"perl -ne 'print if /^SigIgn/' /proc/self/status",
		"cat & wait $!; p $?", "echo x | { read l; p $l; }", "(sh -c 'kill -TTIN $$; echo on'); p $?")
	on := g.pick("set -m", "set -o monitor", "set -m 2>/dev/null", "m=-m; set $m", "set -bm",
		"eval 'set -m'")
	body := on + "\n" + act + g.pick("", "\nset +m\n"+act)
	switch g.IntN(3) {
	case 0:
		return body
	case 1:
		return "sh -m -c " + quote(act)
	}
	return g.place(body)
}
