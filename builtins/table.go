package builtins

import "sort"

// table lists every command, sorted by name.
var table = [...]Command{
	{Name: "awk", Run: runAwk},
	{Name: "expr", Run: runExpr},
	{Name: "grep", Run: runGrep},
	{Name: "sed", Run: runSed},
}

// Lookup finds a command by its name.
func Lookup(name string) (Command, bool) {
	i := sort.Search(len(table), func(i int) bool { return table[i].Name >= name })
	if i < len(table) && table[i].Name == name {
		return table[i], true
	}
	return Command{}, false
}

// Commands returns all commands, sorted by name.
func Commands() []Command { return table[:] }
