package fuzz

import "syscall"

// startSignal returns a signal to be ignored from the start.
func (g *generator) startSignal() syscall.Signal {
	list := [...]syscall.Signal{
		syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1,
		syscall.SIGUSR2, syscall.SIGPIPE, syscall.SIGALRM, syscall.SIGXFSZ, syscall.SIGTSTP,
		syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGURG, syscall.SIGWINCH, syscall.SIGPROF,
		syscall.SIGVTALRM, syscall.SIGIO, syscall.SIGCONT,
	}
	return list[g.IntN(len(list))]
}

// signal returns the name of a signal for a shell.
func (g *generator) signal() string {
	return g.pick("USR1", "USR1", "USR2", "TERM", "HUP", "INT", "ALRM", "PIPE", "URG", "WINCH",
		"CONT", "XFSZ",
		"VTALRM", "PROF", "XCPU", "IO", "QUIT", "STKFLT", "TSTP", "TTIN", "TTOU", "RTMIN", "36")
}

func (g *generator) trapAction() string {
	return g.pick("p t", "p t $?", "return", "return 3", "exit", "exit 4", "continue", "break",
		"false; return",
		"(exit 5)", "a=trapped", "f", "p t; exit", "trap - USR1", "false", "umask 077",
		"cd dir", "set -- t u", "p $(p in)", "p t | cat", "{ p t; } & wait", "exec echo x",
		"break 2", "eval p t", ". ./f2", "n=9", "",
		"exit $?", "return $?", "kill -USR2 $$; p after", "p \"$a\" $n")
}

// send returns a command that sends a signal to the shell.
func (g *generator) send(sig string) string {
	return g.pick("kill -"+sig+" $$", "kill -s "+sig+" $$", "sh -c \"kill -"+sig+" $$\"",
		"dash -c \"kill -"+sig+" $$\"",
		"(kill -"+sig+" $$)", "env kill -"+sig+" $$", "k=kill; $k -"+sig+" $$",
		"sh -c 'kill -"+sig+" $PPID'",
		"(kill -"+sig+" $$; exit 7)", "sh -c \"kill -"+sig+" $$; exit 3\"", "/bin/kill -"+sig+" $$",
		"{ kill -"+sig+" $$; } | cat", "x=$(kill -"+sig+" $$)", "kill -"+sig+" $$ & wait $!",
		"eval \"kill -"+sig+" $$\"",
		"perl -e 'kill "+sig+" => $ARGV[0]' $$", "kill -"+sig+" 0", "command kill -"+sig+" $$")
}

// around returns the commands during which a signal arrives.
func (g *generator) around(send string) string {
	k := g.fresh("k")
	return g.one(
		func() string { return send + "; p $?" },
		func() string { return k + "() { " + send + "\np in $?; return 2; }\n" + k + "; p $?" },
		func() string { return k + "() { " + send + "\n}\n" + k + "; p $?" },
		func() string { return "for i in 1 2 3; do p $i; " + send + "; p on; done; p $?" },
		func() string { return "n=0; while [ $n -lt 3 ]; do n=$((n+1)); " + send + "; p $n; done; p $?" },
		func() string {
			return "n=0; while n=$((n+1)); [ $n -lt 4 ] || break; " + send + "; do p $n; done; p $?"
		},
		func() string { return ". " + g.file(send+"\np in $?") + "; p $?" },
		func() string { return "{ " + send + "\np in; } | cat; p $?" },
		func() string { return "x=$( " + send + "\np in); p $? \"$x\"" },
		func() string { return "if " + send + "; then p yes; else p no; fi" },
		func() string { return "! " + send + "; p $?" },
		func() string { return send + " && p and || p or" },
		func() string { return "case a in a) " + send + ";; esac; p $?" },
		func() string { return "for i in 1 2; do for j in 1 2; do " + send + "; p $i $j; done; done" },
		func() string {
			return k + "() { for i in 1 2; do " + send + "; p $i; done; p f; }; " +
				"for o in 1 2; do " + k + "; done"
		},
		func() string { return "(" + send + "\np in $?); p $?" },
		func() string { return "eval ''; " + send + "; p $?" },
		func() string { return "p $(p a) " + "$( " + send + "); p $?" },
		func() string { return "set -e; " + send + "; p $?; set +e" },
		func() string { return "{ " + send + "\nsleep .05; p in; } & wait $!; p $?" },
	)
}

// signalScene sends the shell a signal in the middle of its work.
func (g *generator) signalScene() string {
	sig := g.signal()
	set := "trap " + quote(g.trapAction()) + " " + sig
	if g.IntN(4) == 0 {
		set = g.hidden(set)
	}
	body := set + g.pick("", "", "\ntrap 'p bye $?' EXIT", "\n(trap - "+sig+")",
		"\ntrap 'p u2' USR2") + "\n" +
		g.around(g.send(sig))
	switch g.IntN(4) {
	case 0:
		body += "\ntrap - " + sig + "\n" + g.place(g.send(sig))
	case 1:
		body = g.place(body)
	}
	return body
}

// deadlyScene ends the shell or a part of it by a signal.
func (g *generator) deadlyScene() string {
	sig := g.pick(g.signal(), "KILL", "TERM", "SEGV", "ABRT", "BUS", "FPE", "ILL", "TRAP", "SYS")
	send := g.send(sig)
	return g.pick("", "trap 'p bye $?' EXIT\n", "trap 'p t' "+sig+"; trap - "+sig+"\n") + g.pick(
		"sh -c 'kill -"+sig+" $$; echo on'; p $?", "sh "+g.file("kill -"+sig+" $$; echo on")+"; p $?",
		"("+send+"); p $?", "sh -c "+quote("("+send+"); echo on $?")+"; p $?",
		"sh -c "+quote(send+"; echo on $?")+"; p $?", "sh "+g.file(g.around(send))+"; p $?",
		"(sh -c 'kill -"+sig+" $PPID'; p no); p $?", "x=$(sh -c 'kill -"+sig+" $PPID'; p no); p $? $x",
		"sh -c 'kill -"+sig+" $$' | cat; p $?", g.killed(sig))
}

// killed sends a signal to another process, and then kills it in case it survived. The
// pauses keep races from deciding the result: a child may not yet ignore the keyboard's
// signals, or a second signal may overtake the first.
func (g *generator) killed(sig string) string {
	return "sleep 5 & sleep .05; kill -" + sig + " $!; sleep .05; kill -9 $!; wait $!; p $?"
}

// parentScene has a program send a signal to its parent. The parent belongs to the
// program's own session as long as it exists.
func (g *generator) parentScene() string {
	sig := g.pick("KILL", "TERM", "USR1", g.signal())
	prog := g.pick("dash -c 'kill -"+sig+" $PPID'", "perl -e '$p = getppid; kill "+sig+" => $p'",
		"sh -c 'kill -"+sig+" $PPID'", "env sh -c 'kill -"+sig+" $PPID'",
		"command dash -c 'kill -"+sig+" $PPID'",
		"d=dash; $d -c 'kill -"+sig+" $PPID'", "dash "+g.file("kill -"+sig+" $PPID"),
		"exec dash -c 'kill -"+sig+" $PPID'",
		"xargs -I{} perl -e '$p = getppid; kill "+sig+" => $p' </dev/null",
		"timeout 5 dash -c 'kill -"+sig+" $PPID'")
	body := prog + g.pick("\n:", "", "\np on $?", "; p on", " | cat; p on")
	if g.IntN(3) == 0 {
		body = g.hidden(prog) + "\np on $?"
	}
	set := g.pick("", "", "trap 'p t' "+sig+"\n", "trap '' "+sig+"\n", "trap 'p t; exit 3' "+sig+"\n")
	made := g.place(body)
	if g.IntN(2) == 0 {
		made = g.place(set + body)
		set = ""
	}
	if g.IntN(4) == 0 {
		made = g.place(made + "\np outer $?")
	}
	return set + made + "\np st $?"
}

// ignoredScene starts shells with signals ignored.
func (g *generator) ignoredScene() string {
	sig := g.signal()
	body := g.pick(g.send(sig)+"\np ok $?", "trap 'p t' "+sig+"\n"+g.send(sig)+"\np ok",
		"trap - "+sig+"\n"+g.send(sig)+"\np ok", "trap - URG; trap",
		"sh -c 'kill -"+sig+" $$; echo ok'; p $?",
		"sh -c 'trap \"echo t\" "+sig+"; kill -"+sig+" $$; trap - URG; trap'; p $?",
		"(kill -"+sig+" $$); p $?",
		"perl -e 'kill "+sig+" => $$; print \"ok\\n\"'; p $?",
		"perl -ne 'print if /^Sig(Ign|Blk|Cgt)/' /proc/self/status",
		"perl -ne 'print if /^Sig(Ign|Blk|Cgt)/' /proc/self/status & wait",
		g.killed(sig), "exec sh -c 'kill -"+sig+" $$; echo ok'",
		"sh "+g.file(g.send(sig)+"\necho ok")+"; p $?", "sed -n 's/^SigIgn//p' /proc/self/status",
		"trap '' "+sig+"\nsh -c 'trap - "+sig+"; kill -"+sig+" $$; echo ok'; p $?")
	if g.IntN(2) == 0 {
		body = g.place(body)
	}
	return g.pick("", "trap '' "+sig+"\n", "trap '' "+sig+"\ntrap - "+sig+"\n",
		"trap 'p t' "+sig+"\n") + body
}

// pipeScene ends the reader of a pipe before its writer.
func (g *generator) pipeScene() string {
	set := g.pick("", "", "trap '' PIPE\n", "trap 'p t' PIPE\ntrap - PIPE\n",
		"trap 'p t >&2' PIPE\n", "trap '' PIPE; trap - PIPE\n")
	writer := g.pick("while echo y; do :; done", "while printf 'y\\n'; do :; done",
		"perl -e 'print \"y\\n\" while 1'",
		"i=0; while [ $i -lt 20000 ]; do echo y || break; i=$((i+1)); done", "yes", "seq 99999",
		"while :; do echo y || exit 3; done", "while cat f1; do :; done", "while sed p f1; do :; done")
	reader := g.pick("head -n 1", "read l", "{ read l; p \"$l\"; }", "sed q", "true",
		"exec true", "perl -e 'print scalar <STDIN>'")
	report := "\nsh -c 'exit '$? 2>/dev/null; echo w $? >&2"
	body := "{ " + set + writer + g.pick("", report) + "\n} | " + reader + "\np $?"
	body = g.pick("", set) + body
	if g.IntN(2) == 0 {
		body = g.place(body)
	}
	return body
}
