package builtins

import "sort"

// table lists every command, sorted by name.
var table = [...]Command{
	{Name: "brctl", Run: runBrctl, InNetNS: true},
	{Name: "chroot", Prefix: prefixChroot},
	{Name: "env", Prefix: prefixEnv},
	{Name: "ip", Run: runIP, Prefix: prefixIP, InNetNS: true},
	{Name: "mount", Run: runMount},
	{Name: "nohup", Prefix: prefixNohup},
	{Name: "nsenter", Prefix: prefixNsenter},
	{Name: "overlay-dummy", Prefix: prefixDummy},
	{Name: "overlay-reaper", Run: runReaper},
	{Name: "pivot_root", Run: runPivotRoot},
	{Name: "setsid", Prefix: prefixSetsid},
	{Name: "sh"},
	{Name: "umount", Run: runUmount},
	{Name: "unshare", Prefix: prefixUnshare},
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
