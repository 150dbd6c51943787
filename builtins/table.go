package builtins

import "sort"

// table lists every command, sorted by name.
var table = [...]Command{
	{Name: "basename", Run: runBasename},
	{Name: "cat", Run: runCat},
	{Name: "chmod", Run: runChmod},
	{Name: "chown", Run: runChown},
	{Name: "cp", Run: runCp},
	{Name: "cut", Run: runCut},
	{Name: "dirname", Run: runDirname},
	{Name: "false", Run: runFalse},
	{Name: "head", Run: runHead},
	{Name: "hostname", Run: runHostname},
	{Name: "id", Run: runId},
	{Name: "ln", Run: runLn},
	{Name: "mkdir", Run: runMkdir},
	{Name: "mkfifo", Run: runMkfifo},
	{Name: "mknod", Run: runMknod},
	{Name: "mv", Run: runMv},
	{Name: "readlink", Run: runReadlink},
	{Name: "realpath", Run: runRealpath},
	{Name: "rm", Run: runRm},
	{Name: "rmdir", Run: runRmdir},
	{Name: "sleep", Run: runSleep},
	{Name: "sort", Run: runSort},
	{Name: "tail", Run: runTail},
	{Name: "tee", Run: runTee},
	{Name: "touch", Run: runTouch},
	{Name: "tr", Run: runTr},
	{Name: "true", Run: runTrue},
	{Name: "uname", Run: runUname},
	{Name: "uniq", Run: runUniq},
	{Name: "wc", Run: runWc},
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
