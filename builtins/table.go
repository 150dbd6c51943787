package builtins

import "sort"

// table lists every command, sorted by name.
var table = [...]Command{
	{Name: "awk", Run: runAwk},
	{Name: "basename", Run: runBasename},
	{Name: "brctl", Run: runBrctl, InNetNS: true},
	{Name: "cat", Run: runCat},
	{Name: "chmod", Run: runChmod},
	{Name: "chown", Run: runChown},
	{Name: "chroot", Prefix: prefixChroot},
	{Name: "cp", Run: runCp},
	{Name: "cut", Run: runCut},
	{Name: "dirname", Run: runDirname},
	{Name: "env", Prefix: prefixEnv},
	{Name: "expr", Run: runExpr},
	{Name: "false", Run: runFalse},
	{Name: "grep", Run: runGrep},
	{Name: "head", Run: runHead},
	{Name: "hostname", Run: runHostname},
	{Name: "id", Run: runId},
	{Name: "ip", Run: runIP, Prefix: prefixIP, InNetNS: true},
	{Name: "kill", Run: runKill},
	{Name: "ldd", Prefix: prefixLdd},
	{Name: "ln", Run: runLn},
	{Name: "mkdir", Run: runMkdir},
	{Name: "mkfifo", Run: runMkfifo},
	{Name: "mknod", Run: runMknod},
	{Name: "mount", Run: runMount},
	{Name: "mountpoint", Run: runMountpoint},
	{Name: "mv", Run: runMv},
	{Name: "nohup", Prefix: prefixNohup},
	{Name: "nsenter", Prefix: prefixNsenter},
	{Name: "overlay-bind", Run: runBind},
	{Name: "overlay-dummy", Prefix: prefixDummy},
	{Name: "overlay-reaper", Run: runReaper},
	{Name: "partx", Run: runPartx},
	{Name: "pgrep", Run: runPgrep},
	{Name: "pivot_root", Run: runPivotRoot},
	{Name: "pkill", Run: runPkill},
	{Name: "ps", Run: runPs},
	{Name: "readlink", Run: runReadlink},
	{Name: "realpath", Run: runRealpath},
	{Name: "rm", Run: runRm},
	{Name: "rmdir", Run: runRmdir},
	{Name: "sed", Run: runSed},
	{Name: "setsid", Prefix: prefixSetsid},
	{Name: "sh"},
	{Name: "sleep", Run: runSleep},
	{Name: "sort", Run: runSort},
	{Name: "tail", Run: runTail},
	{Name: "tee", Run: runTee},
	{Name: "touch", Run: runTouch},
	{Name: "tr", Run: runTr},
	{Name: "true", Run: runTrue},
	{Name: "umount", Run: runUmount},
	{Name: "uname", Run: runUname},
	{Name: "uniq", Run: runUniq},
	{Name: "unshare", Prefix: prefixUnshare},
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
