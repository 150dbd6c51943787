package builtins

import "sort"

// table lists every command, sorted by name.
var table = [...]Command{
	{Name: "brctl", Run: runBrctl, InNetNS: true},
	{Name: "ip", Run: runIP, InNetNS: true},
	{Name: "kill", Run: runKill},
	{Name: "mount", Run: runMount},
	{Name: "mountpoint", Run: runMountpoint},
	{Name: "pgrep", Run: runPgrep},
	{Name: "pivot_root", Run: runPivotRoot},
	{Name: "pkill", Run: runPkill},
	{Name: "ps", Run: runPs},
	{Name: "umount", Run: runUmount},
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
