package interp

import (
	"strings"

	"overlayboot/builtins/native"
)

// An argument is a word of a command, as far as it is known without an expansion.
type argument struct {
	text   string // of an unknown word: its literal parts
	known  bool
	hasPid bool // the word contains $$
}

// known looks at a command by its words. It reports false where the effect depends on a word
// that is unknown.
func (f *finder) known(args []argument) bool {
	if !args[0].known {
		return false
	}
	name := args[0].text
	b := f.process.builtins.get(name)
	if b == nil || !b.special {
		f.call(name)
	}
	if b == nil {
		f.program(name, args[1:])
		return true
	}
	switch b.touches {
	case touchesNothing:
	case touchesFiles:
		f.looksAt(args[1:])
	case touchesDirectory:
		f.looksAt(args[1:])
		f.sets(literals("PWD", "OLDPWD"))
		f.wrote = true // relative names are those of other files now
	case touchesVariables:
		f.sets(args[1:])
		f.sets(literals("OPTIND", "OPTARG")) // getopts sets both
	case touchesParameters:
		return f.parameters(name, args[1:])
	case touchesFunctions:
		f.inspects(args[1:])
	case touchesMask:
		if takesOperand(args[1:]) {
			f.asks(needThread)
		}
	case touchesLimits:
		if takesOperand(args[1:]) {
			f.asks(needProcess)
		}
	case touchesTraps:
		return f.traps(args[1:])
	case touchesProcesses:
		if len(args) < 2 || args[1].text != "-0" && args[1].text != "-l" {
			f.signals = true
		}
	case runsCommand:
		return f.follows(args[1:])
	case runsText:
		return len(args) == 1
	case runsFile:
		f.looksAt(args[1:])
		return len(args) == 1
	default:
		f.asks(needProcess)
	}
	return true
}

// call notes a name that may be that of a function.
func (f *finder) call(name string) {
	if f.nested > 0 {
		f.reach = append(f.reach, name)
	} else {
		f.calls = append(f.calls, name)
	}
}

// program notes a command that is not the shell's own. A program has its own process, and a
// native command touches nothing that belongs to a process; see native.Call.
func (f *finder) program(name string, args []argument) {
	f.wrote = true
	c, isNative := f.process.native(name)
	const mayKill = native.SendsSignals | native.RunsCommand
	if !isNative || c.Touches&mayKill != 0 {
		f.signals = f.signals || tellsPid(args)
	}
}

// tellsPid reports whether a program gets the process id of the shell: as an argument, or
// inside an argument that is itself a command.
func tellsPid(args []argument) bool {
	for _, a := range args {
		if a.hasPid && (a.text == "" || strings.Contains(a.text, " ")) {
			return true
		}
	}
	return false
}

// looksAt looks for file names that depend on the process.
func (f *finder) looksAt(operands []argument) {
	for _, a := range operands {
		if a.known && isOwnEntry(a.text) {
			f.asks(needProcess)
		}
	}
}

// literals returns arguments that are known.
func literals(texts ...string) []argument {
	list := make([]argument, len(texts))
	for i, text := range texts {
		list[i] = argument{text: text, known: true}
	}
	return list
}

// sets notes the variables that operands name, as `name` or `name=value`.
func (f *finder) sets(operands []argument) {
	for _, a := range operands {
		name, _, _ := strings.Cut(a.text, "=")
		if a.known {
			f.assign(name)
		} else if f.nested == 0 {
			f.assignsAny = true
		}
	}
}

// parameters is the rule for set and shift. A subshell inside the process has no job control.
func (f *finder) parameters(name string, args []argument) (known bool) {
	f.setsParams = f.setsParams || f.nested == 0
	if name != "set" {
		return true
	}
	for i, a := range args {
		switch {
		case !a.known:
			return false
		case a.text == "--" || a.text == "-", !isOption(a.text):
			return true
		case strings.Contains(a.text, "m"):
			f.asks(needProcess)
		case strings.Contains(a.text, "o") && i+1 < len(args):
			if next := args[i+1]; !next.known || next.text == "monitor" {
				f.asks(needProcess)
			}
			return f.parameters(name, args[i+2:])
		}
	}
	return true
}

func isOption(text string) bool {
	return len(text) > 1 && (text[0] == '-' || text[0] == '+')
}

// inspects notes functions that operands name and that the command only asks about.
func (f *finder) inspects(operands []argument) {
	for _, a := range operands {
		if !a.known {
			f.reachesAll = true
		}
		f.asked = append(f.asked, a.text)
	}
}

// takesOperand reports whether an argument may be an operand.
func takesOperand(args []argument) bool {
	for _, a := range args {
		if !a.known || !isOption(a.text) {
			return true
		}
	}
	return false
}

// traps is the rule for trap. A subshell inside the process catches no signals; it may have a
// trap on EXIT.
func (f *finder) traps(args []argument) (known bool) {
	for len(args) > 0 && args[0].known && (args[0].text == "--" || args[0].text == "-p") {
		args = args[1:]
	}
	if len(args) == 0 {
		return true
	}
	f.reachesAll = f.reachesAll || !args[0].known || args[0].text != "" && args[0].text != "-"
	for _, a := range args[1:] {
		if !a.known || a.text != "EXIT" && a.text != "0" {
			f.asks(needProcess)
			return true
		}
	}
	// A trap on EXIT is left: its action decides.
	return len(args) == 1 || args[0].known && (args[0].text == "" || args[0].text == "-")
}

// follows is the rule for command and exec.
func (f *finder) follows(args []argument) (known bool) {
	for len(args) > 0 && args[0].known && isOption(args[0].text) {
		if strings.ContainsAny(args[0].text, "vV") {
			f.inspects(args[1:])
			return true
		}
		args = args[1:]
	}
	return len(args) == 0 || f.known(args)
}
