package main

import (
	"fmt"
	"slices"
	"strings"
)

// completions write the completion of all tools in the language of a shell.
var completions = [...]struct {
	shell string
	write func(*strings.Builder)
}{{"bash", bashCompletion}, {"zsh", zshCompletion}, {"fish", fishCompletion}}

// completion prints the completion of all tools for a shell.
func completion(shell string) int {
	for _, c := range completions {
		if c.shell == shell {
			var b strings.Builder
			b.WriteString("# Completion of the overlay-boot tools for " + shell +
				", made by: overlay-boot --completion " + shell + "\n")
			c.write(&b)
			return printed("overlay-boot", b.String())
		}
	}
	return toolOf("overlay-boot").wrong("--completion is for bash, zsh or fish")
}

// shellTool is the row of overlay-sh, which is no tool of the table, for completion.
var shellTool = tool{name: "overlay-sh", operands: "[SCRIPT]"}

// completes returns what a word may be that the usage calls by this name: "subhost", "file",
// "directory", "user", "command", words separated by blanks that are to be taken as they are,
// or "" for anything.
func completes(word string) string {
	word = strings.Trim(word, "[].|")
	switch {
	case strings.Contains(word, "NAME") || strings.Contains(word, "CONF"):
		return "subhost"
	case word == "DIR" || strings.HasPrefix(word, "MOUNT"):
		return "directory"
	case word == "SHELL":
		return "bash zsh fish"
	case word == "USER":
		return "user"
	case word == "COMMAND":
		return "command"
	case slices.Contains([]string{"FILE", "PATH", "DISKFILE", "SCRIPT"}, word):
		return "file"
	}
	return ""
}

// operandKinds returns what the operands of a tool may be, each kind once.
func (t tool) operandKinds() (kinds []string) {
	for _, word := range strings.Fields(t.operands) {
		if kind := completes(word); kind != "" && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// names returns the option's names with their dashes.
func (o toolOption) names() (list []string) {
	if o.short != "" {
		list = append(list, "-"+o.short)
	}
	if o.long != "" {
		list = append(list, "--"+o.long)
	}
	return list
}

// completed are the tools that have completion.
func completed() []tool { return append(tools[:len(tools):len(tools)], shellTool) }

// listSubhosts is the command that prints the names of all subhosts.
const listSubhosts = "overlay-list -q 2>/dev/null"

// bashCompgen are the commands that offer words of a kind in bash.
var bashCompgen = map[string]string{
	// -W takes quotes, and expands words
	"subhost": `$(compgen -W "$(` + listSubhosts + ` | sed 's/./\\&/g')" -- "$cur") ` +
		`$(compgen -f -X '!*.conf' -- "$cur") $(compgen -d -- "$cur")`,
	"file":      `$(compgen -f -- "$cur")`,
	"directory": `$(compgen -d -- "$cur")`,
	"user":      `$(compgen -u -- "$cur")`,
	"command":   `$(compgen -c -- "$cur")`,
}

// bashWords returns the text that expands to what may stand for cur.
func bashWords(kinds ...string) string {
	var list []string
	for _, kind := range kinds {
		if known, ok := bashCompgen[kind]; ok {
			list = append(list, known)
		} else if kind != "" {
			lines := strings.ReplaceAll(kind, " ", `"$'\n'"`)
			list = append(list, `$(compgen -W "`+lines+`" -- "$cur")`)
		}
	}
	return strings.Join(list, " ")
}

// bashCommand writes the completion behind the name of a subhost: "--", then a command, which is
// of the subhost: those of the host are a guess.
func bashCommand(b *strings.Builder, t tool) {
	valued := []string{}
	for _, o := range t.allOptions() {
		if o.needsArg() {
			valued = append(valued, o.names()...)
		}
	}
	fmt.Fprintf(b, "        local i named=\n        for ((i=1; i<COMP_CWORD; i++)); do\n"+
		"            case ${COMP_WORDS[i]} in\n"+
		"            --) if [ -n \"$named\" ]; then COMPREPLY=(%s %s) ; return ; fi ;;\n"+
		"            %s) i=$((i+1)) ;;\n            -*) ;;\n            *) named=yes ;;\n"+
		"            esac\n        done\n"+
		"        if [ -n \"$named\" ]; then COMPREPLY=($(compgen -W -- -- \"$cur\")) ; return ; fi\n",
		bashWords("command"), bashWords("file"), strings.Join(valued, "|"))
}

func bashCompletion(b *strings.Builder) {
	b.WriteString("_overlay_boot() {\n    local cur=${COMP_WORDS[COMP_CWORD]} " +
		"prev=${COMP_WORDS[COMP_CWORD-1]} IFS=$'\\n'\n    compopt -o filenames 2>/dev/null\n" +
		"    COMPREPLY=()\n    case ${COMP_WORDS[0]##*/} in\n")
	for _, t := range completed() {
		fmt.Fprintf(b, "    %s)\n        case $prev in\n", t.name)
		var flags []string
		for _, o := range t.allOptions() {
			flags = append(flags, o.names()...)
			if o.needsArg() {
				fmt.Fprintf(b, "        %s) COMPREPLY=(%s) ; return ;;\n",
					strings.Join(o.names(), "|"), bashWords(completes(o.arg)))
			}
		}
		b.WriteString("        esac\n")
		if slices.Contains(t.operandKinds(), "command") {
			bashCommand(b, t)
		}
		fmt.Fprintf(b, "        case $cur in\n"+
			"        -*) COMPREPLY=(%s) ;;\n        *) COMPREPLY=(%s) ;;\n        esac ;;\n",
			`$(compgen -W "`+strings.Join(flags, `"$'\n'"`)+`" -- "$cur")`,
			bashWords(slices.DeleteFunc(t.operandKinds(), func(kind string) bool {
				return kind == "command"
			})...))
	}
	b.WriteString("    esac\n}\ncomplete -F _overlay_boot")
	for _, t := range completed() {
		b.WriteString(" " + t.name)
	}
	b.WriteString("\n")
}

// zshAction are the actions that offer words of a kind in zsh.
var zshAction = map[string]string{
	"subhost": "_overlay_subhosts", "file": "_files", "directory": "_files -/",
	"user": "_users", "command": "_command_names -e",
}

// zshMessage returns ":word:action", by which zsh completes an argument that has this name.
func zshMessage(word string) string {
	kind := completes(word)
	action, ok := zshAction[kind]
	if !ok && kind != "" {
		action = "(" + kind + ")"
	}
	if !ok && kind == "" {
		action = " "
	}
	return ":" + word + ":" + action
}

// zshQuote quotes a text within the single quotes of a specification of _arguments.
func zshQuote(text string) string {
	return strings.NewReplacer("'", `'\''`, "[", `\[`, "]", `\]`, ":", `\:`, "\n", " ").Replace(text)
}

func zshCompletion(b *strings.Builder) {
	text := b.String()
	b.Reset()
	b.WriteString("#compdef")
	for _, t := range completed() {
		b.WriteString(" " + t.name)
	}
	b.WriteString("\n" + text + "_overlay_subhosts() {\n    local -a names\n    names=(${(f)\"$(" +
		listSubhosts + ")\"})\n    compadd -a names\n    _files -g '*.conf'\n}\n" +
		"_overlay_boot() {\n    case ${service} in\n")
	for _, t := range completed() {
		fmt.Fprintf(b, "    %s)\n        _arguments", t.name)
		for _, o := range t.allOptions() {
			message := ""
			if o.needsArg() {
				message = zshMessage(o.arg)
			}
			for _, name := range o.names() {
				fmt.Fprintf(b, " \\\n            '*%s[%s]%s'", name, zshQuote(o.about), message)
			}
		}
		if kinds := t.operandKinds(); len(kinds) > 0 {
			action, ok := zshAction[kinds[0]]
			if !ok {
				action = "(" + kinds[0] + ")"
			}
			fmt.Fprintf(b, " \\\n            '*:%s:%s'", kinds[0], action)
		}
		b.WriteString(" ;;\n")
	}
	b.WriteString("    esac\n}\n_overlay_boot \"$@\"\n")
}

// fishWords are the commands that offer words of a kind in fish.
var fishWords = map[string]string{
	"subhost": "(" + listSubhosts + "; __fish_complete_suffix .conf)", "file": "", "directory": "" +
		"(__fish_complete_directories)", "user": "(__fish_complete_users)",
	"command": "(__fish_complete_command)",
}

// fishQuote quotes a text as one word.
func fishQuote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", " ").Replace(text) + "'"
}

// fishArgument returns the options of complete for words of a kind.
func fishArgument(kind string) string {
	words, ok := fishWords[kind]
	switch {
	case kind == "file":
		return " -F"
	case !ok:
		words = kind
	}
	return " -f -a " + fishQuote(words)
}

func fishCompletion(b *strings.Builder) {
	for _, t := range completed() {
		for _, o := range t.allOptions() {
			fmt.Fprintf(b, "complete -c %s", t.name)
			if o.short != "" {
				b.WriteString(" -s " + o.short)
			}
			if o.long != "" {
				b.WriteString(" -l " + o.long)
			}
			if o.needsArg() {
				b.WriteString(" -r" + fishArgument(completes(o.arg)))
			}
			b.WriteString(" -d " + fishQuote(o.about) + "\n")
		}
		kinds := t.operandKinds()
		if len(kinds) == 0 {
			kinds = []string{""}
		}
		for _, kind := range kinds {
			fmt.Fprintf(b, "complete -c %s%s\n", t.name, fishArgument(kind))
		}
	}
}
