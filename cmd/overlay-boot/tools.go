package main

import (
	"fmt"
	"os"
	"strings"

	"overlayboot/scripts"
)

// version is the version of the program; make sets it from git.
var version = "unknown"

// A tool is a program that users call by its name: a script, or a native command.
type tool struct {
	name     string
	operands string // of the usage line
	what     string // its purpose, one or two sentences
	status   string // its exit statuses but for 2, which is wrong usage
	options  []toolOption
}

// A toolOption is an option that the tool reads itself. Those that all tools have are not in
// the list.
type toolOption struct {
	short, long string // without dashes; one of them may be empty
	// arg is the name of the argument, "" for an option without one. It also tells a shell
	// what to complete: see completes.
	arg   string
	about string
}

// tools has a row for each tool, sorted by name. A script tool reads its options in a loop of
// its own, which TestToolOptions compares with these; a native has them in its table.
var tools = [...]tool{
	{name: "overlay-boot", operands: "CONF|NAME...",
		what: "Start the subhost that the configuration file CONF describes;" +
			" of several, some at a time.",
		status:  "0 it runs, 1 it cannot be started and nothing is left, 128+N signal N came",
		options: []toolOption{{long: "all", about: "start all that are configured and do not run"}}},
	{name: "overlay-check", operands: "CONF|NAME...",
		what: "Say what overlay-boot would refuse in each configuration, or warn about, with its\n" +
			"line. Nothing is made or changed.",
		status: "0 all would boot, 1 one would be refused, or --strict and a warning",
		options: []toolOption{
			{short: "p", long: "plan", about: "print the steps of the boot, one a line"},
			{short: "j", long: "json", about: "print all as JSON"},
			{short: "s", long: "strict", about: "end with status 1 for warnings, too"},
			{short: "c", long: "commands", about: "run the commands of ! values, as a boot does"},
		}},
	{name: "overlay-clean", operands: "[NAME|CONF]...",
		what: "Show what dead subhosts have left, and remove it; with a name, also what one of the\n" +
			"original has left.",
		status: "0 nothing is left, 1 something stays",
		options: []toolOption{
			{short: "y", long: "yes", about: "do not ask"},
			{short: "n", long: "dry-run", about: "only show"},
		}},
	{name: "overlay-diff", operands: "NAME|CONF [PATH]...",
		what: "Show what a subhost adds to its lower directory (A), changes (C) and removes (D).",
		status: "0 shown, 1 not possible; with --exit-code 0 no difference,\n" +
			"1 some, 2 not possible",
		options: []toolOption{
			{short: "0", long: "null", about: "paths as they are, each ended by a null byte"},
			{short: "s", long: "stat", about: "the bytes that come and go, and a sum"},
			{long: "json", about: "an array with an object for each path"},
			{short: "u", long: "text", about: "a unified diff of text files, for git apply"},
			{short: "t", long: "times", about: "another time of modification is a change, too"},
			{long: "exit-code", about: "the exit status tells whether there are changes"},
		}},
	{name: "overlay-diskfile", operands: "MOUNT/PATH [DISKFILE [PARTITION]]",
		what:   "Mount a disk image for a subhost that is being booted, and print the path.",
		status: "0 the path is printed, 1 the image cannot be mounted"},
	{name: "overlay-go", operands: "[NAME|CONF [-- COMMAND [ARGUMENT]...]]",
		what:   "Run a shell, or a command, in the namespaces of a subhost; list those running.",
		status: "that of the shell or command, 126 or 127 it cannot be run, 1 no such subhost",
		options: []toolOption{
			{short: "u", long: "user", arg: "USER",
				about: "as that user of the subhost: a name, UID or UID:GID"},
			{short: "C", long: "chdir", arg: "DIR", about: "in that directory of the subhost"},
			{short: "e", long: "env", arg: "VAR[=VALUE]",
				about: "with that variable, by default with the caller's value; repeatable"},
		}},
	{name: "overlay-list", operands: "[NAME|CONF]...",
		what: "List the subhosts that run, and those that are configured to start with the host:\n" +
			"state, start, memory and time of the processor, addresses of the cables.",
		status: "0 listed, 1 no such subhost or something could not be read",
		options: []toolOption{
			{short: "q", long: "quiet", about: "print the names only"},
			{long: "json", about: "print an array of objects, see overlay-list(8)"},
			{long: "running", about: "leave out those that are stopped"},
			{long: "watch", arg: "[=SECONDS]", about: "show the list again every SECONDS, or 2,\n" +
				"until q or INT"}}},
	{name: "overlay-log", operands: "NAME|CONF",
		what:   "Show the log of a subhost.",
		status: "0 it is shown, 1 there is none or it is not read, 128+N signal N came",
		options: []toolOption{
			{short: "f", long: "follow", about: "go on with what is added, also behind the next boot"},
			{short: "n", long: "lines", arg: "N",
				about: "only the last N lines, or all; with -f 10 by default"},
		}},
	{name: "overlay-map", operands: "[NAME|CONF]...",
		what: "Draw the bridges of the host, the cables and VLANs on them, and the subhosts with\n" +
			"their states, addresses and shares.",
		status: "0 drawn, 1 no such subhost or something could not be read or written",
		options: []toolOption{
			{long: "text", about: "draw with characters, which is the default"},
			{long: "dot", about: "print a graph for dot(1) of Graphviz"},
			{long: "svg", arg: "FILE", about: "write an SVG image; - is standard output"}}},
	{name: "overlay-reset", operands: "NAME|CONF [PATH]...",
		what:   "Put paths of a subhost, or all, back to those of its lower directory. It must not run.",
		status: "0 done, 1 refused or not possible",
		options: []toolOption{
			{short: "y", long: "yes", about: "do not ask"},
			{short: "n", long: "dry-run", about: "only show what would go"},
			{long: "backup", arg: "FILE", about: "keep what goes in FILE, a .tar.zst"},
			{long: "restore", arg: "FILE", about: "put back what --backup has kept"},
		}},
	{name: "overlay-restart", operands: "NAME|CONF...",
		what:   "Stop subhosts and boot them again, one after the other.",
		status: "0 all run, 1 one was not stopped in an orderly way or does not run"},
	{name: "overlay-share", operands: "DIR [NAME|CONF]",
		what:   "Show a directory of the host in a running subhost; list those running.",
		status: "0 it is there, 1 not possible",
		options: []toolOption{{short: "r", long: "read-only",
			about: "nothing can be written there from inside"}}},
	{name: "overlay-stop", operands: "CONF|NAME...", what: "Stop subhosts.",
		status:  "0 it is stopped, 1 it was not running or something is left",
		options: []toolOption{{long: "all", about: "stop all that run"}}},
	{name: "overlay-wait", operands: "--up|--down NAME|CONF",
		what:   "Wait until a subhost runs and is ready, or until it does not run.",
		status: "0 it is so, 1 cannot wait, 3 the time is over",
		options: []toolOption{
			{short: "u", long: "up", about: "until it runs, and is ready if it has a READY"},
			{short: "d", long: "down", about: "until nothing of it runs"},
			{short: "t", long: "timeout", arg: "SECONDS", about: "no longer than that"},
		}},
}

// toolOf returns the row of a tool; a tool that is in no row has a name only.
func toolOf(name string) tool {
	for _, t := range tools {
		if t.name == name {
			return t
		}
	}
	return tool{name: name}
}

// isTool reports whether a name is that of a tool.
func isTool(name string) bool { return toolOf(name).what != "" || isScriptTool(name) }

// isScriptTool reports whether a name is that of a script that is called. A hook is one, too.
func isScriptTool(name string) bool {
	text, ok := scripts.Text(name)
	return ok && scripts.IsCalled(text)
}

func (t tool) isScript() bool { return isScriptTool(t.name) }

// has reports whether an option, with its dashes, is one of the tool's own.
func (t tool) has(option string) bool {
	for _, o := range t.options {
		if o.long != "" && option == "--"+o.long || o.short != "" && option == "-"+o.short {
			return true
		}
	}
	return false
}

// begins reports whether a word begins with one of the tool's own options; short ones may be
// joined behind it.
func (t tool) begins(word string) bool {
	option, _, _ := strings.Cut(word, "=")
	return t.has(option) || !strings.HasPrefix(word, "--") && len(word) > 1 && t.has(word[:2])
}

// wrong says what is wrong with a call, and how to call the tool.
func (t tool) wrong(problem string) int {
	fmt.Fprintf(os.Stderr, "%s: %s\n%s\n", t.name, problem, t.usage())
	return 2
}

// usage returns the usage line.
func (t tool) usage() string {
	words := []string{"Usage:", t.name}
	if t.isScript() {
		words = append(words, "[--scripts DIR]")
	}
	if canBeTimed(t.name) {
		words = append(words, "[--timing]")
	}
	if len(t.options) > 0 {
		words = append(words, "[OPTION]...")
	}
	if t.operands != "" {
		words = append(words, t.operands)
	}
	return strings.Join(words, " ")
}

// commonOptions are the options of all tools, scriptOptions those of the scripts.
var (
	commonOptions = [...]toolOption{
		{long: "help", about: "show this"},
		{long: "version", about: "show the version"},
	}
	scriptOptions = [...]toolOption{
		{long: "scripts", arg: "DIR", about: "run the scripts in DIR instead of the embedded ones;\n" +
			"so does OVERLAY_SCRIPTS=DIR in the environment"},
		{long: "list-scripts", about: "say which file each script comes from, and whether it\n" +
			"differs from the embedded one"},
		{long: "export-scripts", arg: "DIR", about: "write the embedded scripts to DIR, for editing"},
	}
	timingOption = toolOption{long: "timing",
		about: "say on standard error where the time went, step by step"}
	completionOption = toolOption{long: "completion", arg: "SHELL",
		about: "print the completion of all tools for bash, zsh or fish"}
)

// allOptions returns the tool's own options and those that it shares with others, in the order
// in which its help shows them.
func (t tool) allOptions() []toolOption {
	list := append([]toolOption{}, t.options...)
	if t.isScript() {
		list = append(list, scriptOptions[:]...)
	}
	if canBeTimed(t.name) {
		list = append(list, timingOption)
	}
	if t.name == "overlay-boot" {
		list = append(list, completionOption)
	}
	return append(list, commonOptions[:]...)
}

// help returns the text of --help, which fits a screen.
func (t tool) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\nOptions:\n", t.usage(), t.what)
	for _, o := range t.allOptions() {
		about := strings.ReplaceAll(o.about, "\n", "\n"+strings.Repeat(" ", 24))
		fmt.Fprintf(&b, "  %-21s %s\n", o.flags(), about)
	}
	b.WriteByte('\n')
	if t.isScript() {
		b.WriteString("Scripts in /etc/overlay-boot/scripts replace embedded ones of the same name.\n")
	}
	fmt.Fprintf(&b, "Exit status: %s, 2 wrong usage.\n", t.status)
	return b.String()
}

// flags returns an option as help shows it: "-n, --lines N".
func (o toolOption) flags() string {
	var names []string
	if o.short != "" {
		names = append(names, "-"+o.short)
	}
	if o.long != "" {
		names = append(names, "--"+o.long)
	}
	if o.arg == "" || !o.needsArg() {
		return strings.Join(names, ", ") + o.arg
	}
	return strings.Join(names, ", ") + " " + o.arg
}

// needsArg reports whether the next word is the option's argument. One in brackets, such as
// "[=SECONDS]", may be left out, and is part of the same word.
func (o toolOption) needsArg() bool { return o.arg != "" && o.arg[0] != '[' }
