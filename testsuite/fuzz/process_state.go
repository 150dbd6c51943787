package fuzz

// scene changes a part of the shell's state in one place and observes it from another.
func (g *generator) scene(change, look func() string) string {
	body := g.hidden(change())
	if g.IntN(3) == 0 {
		return g.beside(body, look()) + "\n" + look()
	}
	if g.IntN(2) == 0 {
		body += "\n" + look()
	}
	made := g.place(body)
	if g.IntN(4) == 0 {
		made = g.place(made + "\n" + look())
	}
	return made + "\n" + look()
}

func (g *generator) umaskScene() string     { return g.scene(g.changeUmask, g.lookUmask) }
func (g *generator) directoryScene() string { return g.scene(g.changeDirectory, g.lookDirectory) }
func (g *generator) limitScene() string     { return g.scene(g.changeLimit, g.lookLimit) }
func (g *generator) trapScene() string      { return g.scene(g.changeTrap, g.lookTrap) }
func (g *generator) descriptorScene() string {
	return g.scene(g.changeDescriptor, g.lookDescriptor)
}
func (g *generator) variableScene() string { return g.scene(g.changeVariable, g.lookVariable) }
func (g *generator) optionScene() string   { return g.scene(g.changeOption, g.lookOption) }

// mixedScene changes one or two parts of the state and observes any part.
func (g *generator) mixedScene() string {
	change := func() string {
		return g.one(g.changeUmask, g.changeDirectory, g.changeLimit, g.changeTrap,
			g.changeDescriptor, g.changeVariable, g.changeOption)
	}
	look := func() string {
		return g.one(g.lookUmask, g.lookDirectory, g.lookLimit, g.lookTrap, g.lookDescriptor,
			g.lookVariable, g.lookOption, g.simple)
	}
	if g.IntN(2) == 0 {
		return g.scene(change, look)
	}
	outer := g.place(g.hidden(change()) + "\n" +
		g.place(g.hidden(change())+"\n"+look()) + "\n" + look())
	return outer + "\n" + look()
}

func (g *generator) changeUmask() string {
	return "umask " + g.pick("077", "027", "0", "777", "u=rwx,go=", "g-w", "-S", "a-x", "22", "9")
}

func (g *generator) lookUmask() string {
	m := g.fresh("m")
	return g.pick("umask", "umask -S", "sh -c umask", ">"+m+"; stat -c %a "+m,
		"mkdir "+m+"; stat -c %a "+m,
		"touch "+m+"; stat -c %a "+m, "echo x | tee "+m+"; stat -c %a "+m, "cp f1 "+m+"; stat -c %a "+m,
		"perl -e 'printf \"%o\\n\", umask'", "sed -n 's/^Umask//p' /proc/$$/status",
		"mkfifo "+m+"; stat -c %a "+m)
}

func (g *generator) changeDirectory() string {
	return g.pick("cd dir", "cd -P dir", "cd /", "cd nosuch", "cd -", "cd", "cd ..", "PWD=/no",
		"cd /proc", "cd ./dir/..")
}

func (g *generator) lookDirectory() string {
	return g.pick(`p "$PWD"`, "pwd", "pwd -P", "/bin/pwd", "sh -c pwd", "ls -d f1 dir",
		"cat f1", "[ -d dir ]; p $?",
		"readlink /proc/$$/cwd", "readlink /proc/self/cwd", `p "$OLDPWD"`, "echo f*",
		"perl -MCwd -e 'print getcwd, \"\\n\"'",
		"sh -c 'p() { echo $1; }; p \"$OLDPWD\"'")
}

func (g *generator) changeLimit() string {
	return "ulimit " + g.pick("-f 0", "-f 1", "-f 100", "-c 0", "-n 60", "-n 100", "-S -n 70",
		"-H -n 500",
		"-t 1000", "-s 4096", "-f unlimited", "-n x", "-Sf 2", "-x")
}

func (g *generator) lookLimit() string {
	b := g.fresh("b")
	return g.pick("ulimit -f", "ulimit -n", "ulimit -c", "ulimit -Hn", "ulimit -s",
		"sh -c 'ulimit -f; ulimit -n'",
		"echo x >"+b+"; p st $?; wc -c <"+b,
		"perl -e 'open F, \">"+b+"\"; print F \"x\" x 2000'; p $?; wc -c <"+b,
		"sed -n 's/^Max file size//p' /proc/$$/limits", "sed -n 's/^Max open files//p' /proc/self/limits",
		"cat f1 >"+b+"; p $?", "trap '' XFSZ; echo y >"+b+"; p $?; trap - XFSZ",
		"trap 'p xfsz' XFSZ; echo y >"+b+"; p $?; trap - XFSZ")
}

func (g *generator) changeTrap() string {
	return "trap " + g.pick("'p t' USR1", "'' USR1", "- USR1", "'p bye $?' EXIT", "- EXIT",
		"'' PIPE", "'p t' CHLD",
		"'exit 5' USR1", "'p t' USR1 USR2", "'' INT", "'umask 0' USR1", "'cd dir' EXIT",
		"'p e' nosuch", "'p a' 0 1 2")
}

// lookTrap changes a trap before it lists them. Before a change, dash does not list the
// traps of the surrounding shell, although the standard requires it.
func (g *generator) lookTrap() string {
	return g.pick("trap - URG; trap", "(trap - URG; trap)",
		"x=$(trap - URG; trap); p \"$x\"", "sh -c trap", "(kill -USR1 $$; :); p $?",
		"kill -USR1 $$; p $?", "kill -0 $$; p $?", "perl -ne 'print if /^SigIgn/' /proc/self/status",
		"sh -c 'kill -USR1 $$; echo on'; p $?", "trap - USR1 EXIT")
}

func (g *generator) changeDescriptor() string {
	return g.pick("exec 3>o3", "exec 3<f1", "exec 3<&-", "exec 3>>o3 4<f1", "exec 2>&1",
		"exec 3<>o3", "exec 4>&1",
		"exec >o3", "exec <f1", "exec 6<f1", "exec 3<nosuch", "exec 0<&-", "command exec 3>o3")
}

func (g *generator) lookDescriptor() string {
	return g.pick("echo x >&3; p $?; cat o3", "read l <&3; p \"$l\"",
		"sh -c 'echo y >&3'; p $?; cat o3", "cat <&3",
		"[ -e /dev/fd/3 ]; p $?", "cat /dev/fd/3",
		"perl -e 'open F, \">&=3\" or print \"shut\\n\"; print F \"z\\n\"'; cat o3",
		"exec 3>&-", "[ -e /proc/self/fd/4 ]; p $?", "p x >&4", "readlink /proc/self/fd/3",
		"[ -e /proc/$$/fd/9 ]; p $?")
}

func (g *generator) changeVariable() string {
	return g.pick("a=changed", "export a=e", "readonly a=r", "unset a", "set -- x y z", "shift",
		"p() { echo other $#; }",
		"unset -f f", "read a", "local a=l", "export PATH=/nosuch:$PATH", "IFS=:",
		"getopts ab o -a -b", "hash -r",
		"alias k='echo al'", "readonly a")
}

func (g *generator) lookVariable() string {
	return g.pick(`p "$a"`, "sh -c 'echo \"[$a]\"'", "p $#", `p "$@"`, "f w", "a=2; p $? $a",
		"export -p | grep ' a='", "type f",
		"perl -e 'print \"$ENV{a}\\n\"'", "p $OPTIND", "cat f1; p $?", "k 2>/dev/null; p $?",
		"p \"$_x$x\"")
}

func (g *generator) changeOption() string {
	return "set " + g.pick("-f", "-u", "-C", "-e", "-a", "+e", "-o noglob", "+u", "-b", "-e; false")
}

func (g *generator) lookOption() string {
	return g.pick(`echo "$-"`, "echo f*", "p $nosuch", "echo x >f1", "false; p on",
		"b=exported; sh -c 'echo $b'",
		"set -o | grep -v pipefail | grep on", "set +x 2>/dev/null", "(false; p in)", "x=$(false; p in)")
}

// identityScene shows which process is whose parent, without printing a number.
func (g *generator) identityScene() string {
	g.before("boss=$$ above=$PPID; export boss above")
	look := func() string {
		return g.pick(`[ "$PPID" = "$above" ] && p same`, `[ "$$" = "$boss" ] && p me`,
			"sh -c '[ $PPID = $boss ] && echo child; [ $PPID = $above ] && echo beside'",
			"dash -c '[ $PPID = $boss ] && echo child; :'", "sh -c '[ $$ = $boss ] && echo replaced'",
			"perl -e 'print getppid == $ENV{boss} ? \"child\" : \"deeper\", \"\\n\"'",
			"perl -e 'print getppid == $ENV{boss} ? \"child\" : \"deeper\", \"\\n\"'; p $?",
			"sh -c 'echo $PPID' >pp; [ \"$(cat pp)\" = $$ ]; p $?",
			"perl -e 'print $$ == $ENV{boss} ? \"replaced\" : \"other\", \"\\n\"'",
			"perl -e 'print getpgrp == $ENV{boss} ? \"group\" : \"own group\", \"\\n\"'",
			"perl -MPOSIX -e 'print POSIX::getppid == $ENV{above} ? \"up\" : \"down\", \"\\n\"'")
	}
	body := g.hidden(look())
	if g.IntN(2) == 0 {
		body += "\n" + look()
	}
	made := g.place(body)
	if g.IntN(3) == 0 {
		made = g.place(made + "\n" + look())
	}
	return made
}

// scriptScene runs a script that sources other files.
func (g *generator) scriptScene() string {
	g.before("boss=$$; export boss")
	body := ""
	for range 1 + g.IntN(3) {
		act := g.pick("kill -0 $$ && p alive", "umask 077", "cd dir", "trap 'echo bye' EXIT",
			"exit 3", "return 4",
			"set -- q; echo $#", "ulimit -n 100", "k() { echo k; }; k", "kill -TERM $$", "echo $$ >pid",
			`echo "${0##*/} $#"`, `[ $$ = "$boss" ] && echo boss`, "exec true",
			"sleep 0 & wait", "readonly a; a=1", ": ${nosuch?}", "export a=s",
			"trap 'echo t; exit 6' USR1; kill -USR1 $$", "shift 9",
			"(kill -USR1 $$); echo on", "kill -USR1 $boss", "if", "echo $((1/0))",
			"trap '' TERM", "set -x", "exec 3>o3",
			"kill -USR1 $PPID", "p() { echo q; }", "a=inner", "wait; echo $?", "nosuch",
			"./dir", "echo \"$-\"")
		if g.IntN(2) == 0 {
			act = g.hidden(act)
		}
		body += act + "\n"
	}
	body += g.pick("echo end", "", "echo end $?")
	inner := g.file(body)
	script := g.file(g.pick("", shown) + ". " + inner + "\necho back $?")
	run := g.pick("sh "+script, script, "x=sh; $x "+script, "sh "+script+" u v",
		"sh -e "+script, "x="+script+"; $x",
		"sh "+inner, inner, "eval \"sh "+script+"\"", "sh <"+script,
		"sh -c '. "+inner+"; echo c'", "exec "+script,
		"command sh "+script, "env sh "+script, "env a=z "+script)
	if g.IntN(2) == 0 {
		run = g.place(run + "\np ran $?")
	}
	g.before(g.pick(":", ":", "trap 'p usr1' USR1", "trap '' TERM", "trap 'p term' TERM"))
	return run + "\np $?\n" + g.one(g.lookUmask, g.lookDirectory, g.lookTrap, g.lookLimit,
		func() string { return `[ "$(cat pid)" = $$ ]; p $?` })
}
