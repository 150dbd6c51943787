package fuzz

import (
	"fmt"
	"strings"
)

// traced writes a command with its trace switched on. It is a single command that calls no
// function, since processes that run at the same time would write into each other's lines.
func (g *generator) traced() string {
	return g.pick("set -x\n", "PS4='$a> '; set -x\n", "set -v\n") +
		g.one(g.assignment, func() string { return "p " + g.words() }, g.arithmetic, g.fields,
			func() string { return "set -- " + g.words() }) + "\nset +xv"
}

// dot sources a new file whose commands come from a here-document. Our shell analyses all
// that it can see before it decides how to run a subshell. The file is not sourced through
// command: after an error in the file, dash would still believe that it is in the file's
// loops.
func (g *generator) dot() string {
	g.files++
	file := fmt.Sprint("s", g.files)
	return "cat >" + file + " <<'EOF'\n" + g.statement() + g.pick("", "\nreturn 4\np no") + "\nEOF\n" +
		". ./" + file + g.pick("", " 2>/dev/null") + "; p $?"
}

func (g *generator) named() string {
	return g.pick("command -v ", "command -V ", "type ", "unalias ", "unset -f ") +
		g.pick("f", "p", "if", "echo", "nosuch", "export", "./f1", "/", "cat", "a=b") + "; p $?"
}

func (g *generator) readOnly() string {
	v := g.name()
	return "(readonly " + v + g.pick("", "="+g.word()) + "\n" +
		g.pick(v+"="+g.word(), "unset "+v, "read "+v+" <f1", "export "+v+"=x",
			"for "+v+" in x; do :; done",
			"local "+v+"=1", "p ${"+v+":=w}", v+"=1 p a", v+"=1 :") + "; p $? \"$" + v + "\"\n)" +
		g.pick("", "; p $?")
}

func (g *generator) directory() string {
	return g.pick("cd dir", "cd -P dir", "cd ./dir/../dir", "cd nosuch",
		"CDPATH=:dir; cd dir >/dev/null") +
		"; p $? ${PWD##*/}\n" + g.simple() + "\ncd - >/dev/null; p ${PWD##*/dir} | wc -l"
}

// replaced ends a subshell in one of the possible ways.
func (g *generator) replaced() string {
	return "(" + g.pick("trap 'p bye $?' EXIT; ", "", "set -e; ") + g.simple() + "\n" +
		g.pick("exec echo "+g.words(), "exec nosuch", "exec ./dir", "exit", "exit 7",
			"return 5", "kill -9 nosuch",
			"set -u; p $nosuch", "set -e; false; p no", "exec 3<nosuch", ". ./nosuch", "shift 99") +
		"\np no) 2>/dev/null; p $?"
}

func (g *generator) documents() string {
	return g.one(
		func() string { return "cat <<A; cat <<'B'\n" + g.literal() + " $a\nA\n$b \\x\nB" },
		func() string { return "p \"$(cat <<A\n" + g.literal() + "\n$a\nA\n)\"" },
		func() string { return "while read -r l; do p \"$l\"; done <<A\n" + g.literal() + "\n$b\nA" },
		func() string { return "cat <<A - <<B <f1\nx\nA\ny\nB" },
		func() string { return "{ cat; p $?; } <<A | cat\n${a" + g.pick("", "-x", "#?", "%*") + "}\nA" },
	)
}

// compound redirects a compound command or a function.
func (g *generator) compound() string {
	to := g.pick(" >f1", " >>f1 2>&1", " 2>&1 >f1", " >f1 <f2", " <nosuch", " 2>/dev/null") +
		"\ncat f1"
	return g.one(
		func() string { return "{ " + g.simple() + "\np in; }" + to },
		func() string { return "for i in 1 2; do " + g.simple() + "; done" + to },
		func() string { return "if " + g.condition() + "; then " + g.simple() + "; fi" + to },
		func() string { return "( " + g.simple() + " )" + to },
		func() string { return "case a in a) " + g.simple() + "; esac" + to },
		func() string { return "g() { p g; " + g.simple() + "; } >f2\ng" + to },
	)
}

func (g *generator) fields() string {
	return g.pick("IFS=:", "IFS=' :'", "IFS=", "IFS=x") + g.pick(" ", "; ") +
		g.pick("read a b c", "read -r a b", "read a") + " <<E\n" +
		g.pick("a:b:c:d", " a : b ", ":", "x1x2x", `a\:b c`, "::a", "") +
		"\nE\np $? \"$a\" \"$b\" \"$c\" $a"
}

func (g *generator) negated() string {
	return "! " + g.pick(g.simple(), g.subshell(), "true | false", "{ false; }") + "\np $?"
}

// spaced writes a command with line breaks and comments at odd places where they are
// allowed.
func (g *generator) spaced() string {
	return g.pick("if\n\n"+g.condition()+"\n# c\nthen\n\n"+g.simple()+" # c\n\nfi",
		"for i\nin a b # c\ndo\n\np $i;done", "case a # c\nin # c\n\n(a)# c\n;;\nesac",
		g.simple()+"&&\n\n"+g.simple()+"|| # c\n"+g.simple(), "{\n\n"+g.simple()+"\n\n}",
		"p a\\\nb \"c\\\nd\" 'e\\\nf' $\\\na ${\\\nb}; i\\\nf true; then p \\\n; fi",
		"h()\n\n{ p h; }; h", "while\nfalse\ndo\n:\ndone", "p a|\n\ncat", "true &&p b;p c")
}

// listing prints a part of the shell's state.
func (g *generator) listing() string {
	return g.pick("trap 'p \"a b\"' USR1 EXIT; trap; trap - USR1 EXIT", "set | grep '^[abc]='",
		"alias x='a b'; alias; unalias x",
		"export a; export -p | grep ' a'", "(readonly b; readonly -p | grep ' b')",
		"umask 27; umask; umask -S; umask 22", "echo \"$-\"", "set -o | grep -v pipefail",
		"getopts a: o -a x; echo $o $OPTARG $OPTIND; OPTIND=1", "kill -l 9 && kill -l 143",
		"hash -r; type echo", "set -- a 'b c'; shift; p \"$@\"; p $#")
}

func (g *generator) command() string {
	return "command " + g.pick("", "", "-p ", "command ", "-- ") + g.simple()
}

// alias defines an alias and uses it on a separate line: the shell reads a whole line
// before it runs it.
func (g *generator) alias() string {
	value := g.pick("p al", "p al ", "p 'a b' $a", "f1=x p", "if true; then p", "p a; p")
	quoted := `"` + strings.NewReplacer(`"`, `\"`, "$", `\$`).Replace(value) + `"`
	s := "alias al=" + quoted + "\nal " + g.words()
	if strings.HasPrefix(value, "if") {
		s += "; fi"
	}
	return s + "\nunalias al"
}

func (g *generator) asynchronous() string {
	return g.pick(g.group(), g.subshell(), g.simple()) + " & wait" + g.pick("", " $!",
		" %1") + "; echo $?"
}

func (g *generator) trap() string {
	action := g.pick("p t $?", `p "$a"`, "return", "a=trapped", ":", "")
	return "trap '" + action + "' USR1\nsh -c 'kill -USR1 $PPID'\n" + g.statement() + "\ntrap - USR1"
}

func (g *generator) export() string {
	v := g.name()
	return g.pick("export ", "readonly x; export ", "command export ") + v + "=" + g.word() +
		"\nsh -c 'echo \"[$" + v + "]\"'"
}

// descriptor opens other descriptors for a while. It restores standard output, since the
// reader of a pipeline may write to it at the same time.
func (g *generator) descriptor() string {
	if g.IntN(3) == 0 {
		return "exec 3>&1 >f1\n" + g.simple() + g.pick(" >&3", " 2>&3", "") + "\nexec >&3 3>&-; cat f1"
	}
	return g.pick("exec 3>f1", "exec 3>>f1", "exec 4<f1 3>&1", "exec 3<>f1") + "\n" + g.simple() +
		g.pick(" >&3", " 2>&3", " 3>&-", "") + "\nexec 3>&- 4<&-; cat f1"
}

func (g *generator) list() string {
	n := 1 + g.IntN(2)
	var list []string
	for range n {
		list = append(list, g.statement())
	}
	return strings.Join(list, "\n")
}

func (g *generator) simple() string {
	return g.one(
		func() string { return "p " + g.words() },
		func() string { return "p " + g.words() },
		func() string { return `echo "$? $#"` },
		func() string { return g.name() + "=" + g.word() + " p " + g.word() },
		func() string { return "set -- " + g.words() },
		func() string { return "printf '%s,%5s,%-4s|\\n' " + g.words() },
		func() string { return "printf '" + g.format() + "|\\n' " + g.words() },
		func() string { return "echo " + g.words() },
		func() string {
			return g.pick("true", "false", ":", "shift", "(exit 3)", g.call(), g.call()+" x y")
		},
		func() string { return "[ " + g.test() + " ] && p yes || p no" },
		func() string { return `p "$@"` },
		func() string { return `p $*` },
		func() string { return "getopts " + g.pick("ab:c", ":ab", "x") + " " + g.name() + "; p $?" },
	)
}

func (g *generator) format() string {
	return g.pick("%b", "%c", "%d,%x", "%03d", "%.2s", "%5.1s", "%%%s", "%b\\c%s", `\101\t%s`,
		"%i %o", "%+d", "%s %s")
}

func (g *generator) test() string {
	return g.one(
		func() string { return g.quoted() + " " + g.pick("=", "!=") + " " + g.quoted() },
		func() string { return g.pick("-n ", "-z ") + g.quoted() },
		func() string { return g.number() + " " + g.pick("-eq", "-lt", "-ge") + " " + g.number() },
		func() string { return "! " + g.quoted() + " = " + g.quoted() },
		func() string { return g.quoted() + g.pick(" -a ", " -o ") + g.quoted() },
		func() string { return g.pick("-e", "-d", "-f", "-s") + " " + g.pick("f1", "f2", "dir") },
	)
}

func (g *generator) number() string { return fmt.Sprint(g.IntN(20) - 5) }

func (g *generator) assignment() string {
	return g.name() + "=" + g.word() + g.pick("", "; p \"$"+g.name()+"\"")
}

func (g *generator) unset() string {
	return g.pick("unset ", "unset -v ", "readonly -p >/dev/null; unset ") + g.name()
}

func (g *generator) ifClause() string {
	s := "if " + g.condition() + "; then\n" + g.list() + "\n"
	if g.IntN(2) == 0 {
		s += "elif " + g.condition() + "; then " + g.statement() + "\n"
	}
	if g.IntN(2) == 0 {
		s += "else " + g.statement() + "\n"
	}
	return s + "fi"
}

func (g *generator) condition() string {
	return g.one(
		func() string { return g.pick("true", "false", "! true", "! false", g.call(), "(exit 2)") },
		func() string { return "[ " + g.test() + " ]" },
		func() string { return g.name() + "=" + g.word() },
	)
}

func (g *generator) forLoop() string {
	v := g.name()
	words := g.pick(" in "+g.words(), "", " in $*", ` in "$@"`)
	return "for " + v + words + "; do\n" + g.loopBody(`p "$`+v+`"`) + "\ndone"
}

func (g *generator) loopBody(show string) string {
	return show + "\n" + g.statement() + g.pick("", "\n"+g.condition()+
		" && "+g.pick("break", "continue", "break 2", "continue 2"))
}

func (g *generator) whileLoop() string {
	g.loops++
	n := fmt.Sprint("n", g.loops)
	return n + "=0; " + g.pick("while [ $"+n+" -lt 3 ]", "until [ $"+n+" -ge 2 ]") +
		"; do\n" + n + "=$((" + n + "+1))\n" + g.loopBody("p $"+n) + "\ndone"
}

func (g *generator) caseClause() string {
	s := "case " + g.word() + " in\n"
	for range 1 + g.IntN(3) {
		s += g.pick("", "(") + g.pattern() + g.pick("", "|"+g.pattern()) + ") " +
			g.statement() + "\n;;\n"
	}
	return s + "*) p other $?;;\nesac"
}

func (g *generator) pattern() string {
	return g.one(
		func() string { return g.pick("*", "?", "a*", "*b", "[ab]*", "[!a]*", "[a-c]?", "'*'", `\*`) },
		func() string { return g.pick("[[:alpha:]]*", "[[:digit:]]", "[]a]", "[!]]*", "a[", "''") },
		func() string { return g.quoted() },
		func() string { return "$" + g.name() },
		// Without the x a # would begin a comment: dash takes the newline behind it for a
		// pattern.
		func() string { return "x" + g.literal() + "*" },
	)
}

func (g *generator) andOr() string {
	return g.simple() + g.pick(" && ", " || ") + g.simple() + g.pick("", " && "+g.simple())
}

func (g *generator) group() string { return "{ " + g.list() + "\n}" + g.pick("", " 2>/dev/null") }

func (g *generator) subshell() string { return "( " + g.list() + "\n)" }

// call calls the function that programs define, unless that function is being written.
func (g *generator) call() string {
	if g.defining {
		return "p none"
	}
	return "f"
}

func (g *generator) function() string {
	outer := g.defining
	defer func() { g.defining = outer }()
	g.defining = true
	body := "f() {\n" + g.pick("", "local "+g.name()+"; ", "local a=1 b; ") + g.statement() +
		g.pick("", "\nreturn", "\nreturn 3", "\np in \"$1\" $#") + "\n}\n"
	if outer {
		return body
	}
	return body + g.pick("f", "f "+g.word(), "p $(f)")
}

func (g *generator) pipeline() string {
	return g.group() + " | " + g.pick("cat", "while read -r l; do p \"<$l>\"; done",
		"{ read a b; p \"$a\" \"$b\"; cat >/dev/null; }")
}

func (g *generator) hereDocument() string {
	outer := g.document
	defer func() { g.document = outer }()
	g.document = true
	text := "line " + g.inQuotes() + "\n  " + g.inQuotes() + "\n"
	return g.pick("cat <<E\n", "cat <<'E'\n", "cat <<-E\n\t") + text + "E"
}

func (g *generator) setOption() string {
	return g.pick("set -f", "set +f", "set -u", "set +u", "set -e", "set +e", "set -C", "set +C",
		"IFS=:", "IFS=' ,'", "IFS=", "unset IFS", "IFS=' \t\n'", "trap 'p bye $?' EXIT",
		"trap - EXIT")
}

// eval removes $$ from its words, since that number differs in each run.
func (g *generator) eval() string {
	words := strings.ReplaceAll(g.words(), `\$`, "")
	return "eval " + g.pick("'"+strings.ReplaceAll(g.simple(), "'", `'\''`)+"'", words)
}

func (g *generator) redirected() string {
	return g.simple() + " " + g.pick(">f1", ">>f1", ">f2", "2>f2", "<f1", ">|f1", "3>f2 >&3", ">&2",
		"</dev/null", "<nosuch", ">dir/x") + g.pick("", "; cat f1", "; cat f2 2>/dev/null")
}

func (g *generator) readLine() string {
	return "read " + g.pick("", "-r ") + g.pick("a", "a b", "a b c") + " <<E\n" +
		g.pick("one two  three four", `x\ y\z w`, "  lead trail  ", "a:b::c:", "$a $b", ",,a,b,") +
		"\nE\np \"$a\" \"$b\" \"$c\" $?"
}
