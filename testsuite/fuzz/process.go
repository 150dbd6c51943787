package fuzz

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
)

// A Script is a program whose commands affect the processes of a shell: signals, umask,
// limits, children.
type Script struct {
	// Commands are the commands, each complete in itself.
	Commands []string
	// Ignored are the signals that are ignored when the shell starts.
	Ignored []syscall.Signal
}

// processKinds returns the kinds of commands in a Script.
func processKinds() []kind {
	return []kind{
		{"umask", (*generator).umaskScene},
		{"directory", (*generator).directoryScene},
		{"limit", (*generator).limitScene},
		{"traps", (*generator).trapScene},
		{"descriptors", (*generator).descriptorScene},
		{"variables", (*generator).variableScene},
		{"options", (*generator).optionScene},
		{"identity", (*generator).identityScene},
		{"mixed", (*generator).mixedScene},
		{"scripts", (*generator).scriptScene},
		{"signals", (*generator).signalScene},
		{"parent", (*generator).parentScene},
		{"deadly", (*generator).deadlyScene},
		{"ignored", (*generator).ignoredScene},
		{"pipe", (*generator).pipeScene},
		{"wait", (*generator).waitScene},
		{"spin", (*generator).spinScene},
		{"background", (*generator).backgroundScene},
		{"natives", (*generator).nativeScene},
		{"procfs", (*generator).procScene},
		{"exec", (*generator).execScene},
		{"monitor", (*generator).monitorScene},
	}
}

// ProcessKinds returns the names of the kinds that ProcessProgram takes.
func ProcessKinds() []string {
	var list []string
	for _, k := range processKinds() {
		list = append(list, k.name)
	}
	return list
}

// ProcessProgram returns a program of one kind, or of several for the empty name. The
// program sends signals to the processes of its own session, lowers limits and starts
// programs, so no process with other work should run it. The result is empty for a name
// that is not in ProcessKinds.
func ProcessProgram(seed uint64, name string) Script {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, seed^0x9e3779b9))}
	var script Script
	if name == "ignored" || g.IntN(6) == 0 {
		for range 1 + g.IntN(2) {
			script.Ignored = append(script.Ignored, g.startSignal())
		}
	}
	kinds := processKinds()
	for range 1 + g.IntN(2) {
		k := kinds[g.IntN(len(kinds))]
		for _, other := range kinds {
			if other.name == name {
				k = other
			}
		}
		if name != "" && k.name != name {
			return Script{}
		}
		if g.IntN(8) == 0 {
			script.Commands = append(script.Commands, g.statement())
		}
		command := k.make(g)
		script.Commands = append(append(script.Commands, g.setup...), command, "p st $?")
		g.setup = nil
	}
	return script
}

// fresh returns a name that the program has not used yet.
func (g *generator) fresh(prefix string) string {
	g.files++
	return fmt.Sprint(prefix, g.files)
}

// file adds a command that writes a file before the command that is being made, and returns
// the file's path.
func (g *generator) file(body string) string {
	name := g.fresh("w")
	first := g.pick("", "", "#!/bin/sh\n")
	end := strings.ToUpper(name)
	g.setup = append(g.setup,
		"cat >"+name+" <<'"+end+"'\n"+first+body+"\n"+end+"\nchmod +x "+name)
	return "./" + name
}

// before adds a command that runs before the command that is being made.
func (g *generator) before(command string) { g.setup = append(g.setup, command) }

// quote makes one word of a text.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// isPlain reports whether field splitting alone separates the words of a command.
func isPlain(command string) bool { return !strings.ContainsAny(command, "'\"$;|&<>(){}`*\n") }

// hidden writes a command in a form that reveals the command only when it runs.
func (g *generator) hidden(command string) string {
	list := []func() string{
		func() string { return command },
		func() string { return "eval " + quote(command) },
		func() string { v := g.fresh("e"); return v + "=" + quote(command) + "\neval \"$" + v + "\"" },
		func() string { return "set -- " + quote(command) + "\neval \"$1\"" },
		func() string { return ". " + g.file(command) },
		func() string { return ". " + g.file(". "+g.file(command)) },
		func() string { g.before("l=" + g.file(command)); return `. "$l"` },
		func() string { h := g.fresh("h"); return h + "() {\n" + command + "\n}\n" + h },
		func() string { h := g.fresh("h"); g.before(h + "() {\n" + command + "\n}"); return "$x" + h },
		func() string { h := g.fresh("h"); g.before("alias " + h + "=" + quote(command)); return h },
		func() string { return "if :; then\n" + command + "\nfi" },
		func() string { return "for i in 1; do\n" + command + "\ndone" },
	}
	if isPlain(command) {
		first, rest, _ := strings.Cut(command, " ")
		list = append(list,
			func() string { return "u=" + first + "\n$u " + rest },
			func() string { return "u=" + first + "\n\"$u\" " + rest },
			func() string { return "e=" + quote(command) + "\n$e" },
			func() string { g.before("e=" + quote(command)); return "$e" },
			func() string { g.before("u=" + first); return "$u " + rest },
			func() string { return "set -- " + command + "\n\"$@\"" },
			func() string { return "command " + command },
			func() string { return "c=command\n$c " + command },
			func() string { return "${none-" + first + "} " + rest },
			func() string { return "$(echo " + first + ") " + rest },
			func() string { return first[:1] + `\` + first[1:] + " " + rest },
			func() string { return "eval \"$(echo " + quote(command) + ")\"" },
		)
	}
	return g.one(list...)
}

// shown defines p for a script in a file of its own.
const shown = `p() { echo "$# $*"; }` + "\n"

// place puts a body where a shell may run it in a separate process, or may not.
func (g *generator) place(body string) string {
	return g.one(
		func() string { return "(" + body + "\n)" },
		func() string { return "x=$( " + body + "\n); p $? \"$x\"" },
		func() string { return "p \"$( " + body + "\n)\"" },
		func() string { return "{ " + body + "\n} | cat" },
		func() string { return "{ " + body + "\n} 2>&1 | cat | cat" },
		func() string { return "echo in | { " + body + "\ncat; }" },
		func() string { return "{ " + body + "\n} & wait $!; p $?" },
		func() string { return "( " + body + "\n) & wait; p $?" },
		func() string {
			h := g.fresh("h")
			return h + "() {\n" + body + "\n}\n" + h + g.pick(" | cat", " & wait")
		},
		func() string {
			h := g.fresh("h")
			return h + "() {\n" + body + "\n}\n" + g.pick("("+h+")", "x=$("+h+"); p \"$x\"")
		},
		func() string { h := g.fresh("h"); return h + "() (\n" + body + "\n)\n" + h },
		func() string { return "sh " + g.file(shown+body) },
		func() string { return g.file(shown + body) },
		func() string { return "x=sh; $x " + g.file(shown+body) },
		func() string { return "sh -c " + quote(shown+body) },
		func() string { return "sh <" + g.file(shown+body) },
		func() string { return "(. " + g.file(body) + "; p $?)" },
		func() string { return ". " + g.file(body) + " | cat" },
		func() string { return "(exec sh " + g.file(shown+body) + ")" },
		func() string { return "(" + body + "\n) || p failed $?" },
		func() string { return "if (" + body + "\n); then p yes; fi" },
		func() string { return "cat <<EOT\n$( " + body + "\n)\nEOT" },
		func() string { return "eval " + quote("("+body+"\n)") },
		func() string { return "(trap 'p bye $?' EXIT\n" + body + "\n)" },
		func() string { return "while :; do\n(" + body + "\n)\nbreak; done" },
		func() string { return "case $( " + body + "\n) in '') p none;; *) p some;; esac" },
		func() string { return "(" + body + "\n) >o1; cat o1" },
		func() string { return body },
	)
}

// mayEnd reports whether a body may end the shell that runs it.
func mayEnd(body string) bool {
	for _, part := range [...]string{
		"nosuch", "-e", "local", "readonly", "exec", "umask 9", "-n x", "-x",
	} {
		if strings.Contains(body, part) {
			return true
		}
	}
	return false
}

// beside runs a body in one stage of a pipeline, or in the background, and observes it from
// another process before it ends. Named pipes tell each side when to go on. If the body may
// end its shell, the end of the pipeline's own pipe does so.
func (g *generator) beside(body, look string) string {
	to, back := g.fresh("q"), g.fresh("q")
	g.before("mkfifo " + to + " " + back)
	open, done := "exec 8<>"+to+" 9<>"+back+"; ", "\nexec 8>&- 9>&-"
	end := mayEnd(body)
	body = "{ " + body + "\n} >/dev/null\n"
	pipe := "{ " + body + "echo go; read _y <&9\n} | { read _x\n" + look + "\necho k >&9; }"
	if end {
		return open + pipe + done
	}
	return open + g.pick(pipe,
		"{ "+body+"echo go >&8; read _y <&9\n} | { read _x <&8\n"+look+"\necho k >&9; cat; }",
		"{ read _x <&8\n"+look+"\necho k >&9\n} | { "+body+"echo go >&8; read _y <&9; cat; }",
		"{ "+body+"echo go >&8; read _y <&9\n} &\nread _x <&8\n"+look+"\necho k >&9; wait $!",
		"x=$({ "+body+"echo go >&8; read _y <&9\n} & read _x <&8\n"+look+
			"\necho k >&9; wait $!); p \"$x\"",
		"({ "+body+"echo go >&8; read _y <&9\n} | { read _x <&8\n"+look+
			"\necho k >&9; cat; } ); "+look,
	) + done
}
