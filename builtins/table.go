package builtins

import "sort"

// table lists every command, sorted by name.
var table = [...]Command{
	{Name: "awk", Run: runAwk, Touches: TouchesFiles | RunsCommand},
	{Name: "basename", Run: runBasename, Touches: TouchesNothing},
	{Name: "brctl", Run: runBrctl, InNetNS: true, Touches: TouchesSystem},
	{Name: "cat", Run: runCat, Touches: TouchesFiles},
	{Name: "chmod", Run: runChmod, Touches: TouchesFiles},
	{Name: "chown", Run: runChown, Touches: TouchesFiles},
	{Name: "chroot", Prefix: prefixChroot, Touches: RunsCommand},
	{Name: "cp", Run: runCp, Touches: TouchesFiles},
	{Name: "cut", Run: runCut, Touches: TouchesFiles},
	{Name: "date", Run: runDate, Touches: TouchesFiles},
	{Name: "dd", Run: runDd, Touches: TouchesFiles},
	{Name: "df", Run: runDf, Touches: TouchesFiles | TouchesSystem},
	{Name: "dirname", Run: runDirname, Touches: TouchesNothing},
	{Name: "du", Run: runDu, Touches: TouchesFiles},
	{Name: "env", Prefix: prefixEnv, Touches: RunsCommand},
	{Name: "expr", Run: runExpr, Touches: TouchesNothing},
	{Name: "false", Run: runFalse, Touches: TouchesNothing, Same: true},
	{Name: "find", Run: runFind, Touches: TouchesFiles | RunsCommand},
	{Name: "flock", Run: runFlock, Prefix: prefixFlock, Touches: TouchesFiles | RunsCommand},
	{Name: "grep", Run: runGrep, Touches: TouchesFiles},
	{Name: "head", Run: runHead, Touches: TouchesFiles},
	{Name: "hostname", Run: runHostname, Touches: TouchesNothing},
	{Name: "id", Run: runId, Touches: TouchesNothing},
	{Name: "install", Run: runInstall, Touches: TouchesFiles},
	{Name: "ip", Run: runIP, Prefix: prefixIP, InNetNS: true, Touches: TouchesSystem | RunsCommand},
	{Name: "kill", Run: runKill, Touches: SendsSignals},
	{Name: "ldd", Prefix: prefixLdd, Touches: RunsCommand},
	{Name: "ln", Run: runLn, Touches: TouchesNothing},
	{Name: "ls", Run: runLs, Touches: TouchesFiles},
	{Name: "mkdir", Run: runMkdir, Touches: TouchesFiles},
	{Name: "mkfifo", Run: runMkfifo, Touches: TouchesFiles},
	{Name: "mknod", Run: runMknod, Touches: TouchesFiles},
	{Name: "mktemp", Run: runMktemp, Touches: TouchesFiles},
	{Name: "mount", Run: runMount, Touches: TouchesSystem | TouchesFiles},
	{Name: "mountpoint", Run: runMountpoint, Touches: TouchesSystem | TouchesFiles},
	{Name: "mv", Run: runMv, Touches: TouchesFiles},
	{Name: "nohup", Prefix: prefixNohup, Touches: RunsCommand},
	{Name: "nsenter", Prefix: prefixNsenter, Touches: RunsCommand},
	{Name: "overlay-below", Run: runBelow, Touches: TouchesSystem | TouchesFiles},
	{Name: "overlay-bind", Run: runBind, Touches: TouchesSystem | TouchesFiles},
	{Name: "overlay-copy", Prefix: prefixCopy, Touches: RunsCommand},
	{Name: "overlay-dummy", Prefix: prefixDummy, Touches: RunsCommand},
	{Name: "overlay-keyring", Prefix: prefixKeyring, Touches: RunsCommand},
	{Name: "overlay-reaper", Run: runReaper, Touches: TouchesNothing},
	{Name: "overlay-root", Run: runRoot, Touches: TouchesSystem | TouchesFiles},
	{Name: "overlay-terminal", Run: runTerminal, Touches: RunsCommand, Alone: true},
	{Name: "partx", Run: runPartx, Touches: TouchesSystem | TouchesFiles},
	{Name: "paste", Run: runPaste, Touches: TouchesFiles},
	{Name: "pgrep", Run: runPgrep, Touches: ListsProcesses},
	{Name: "pivot_root", Run: runPivotRoot, Touches: TouchesSystem | TouchesFiles},
	{Name: "pkill", Run: runPkill, Touches: ListsProcesses | SendsSignals},
	{Name: "ps", Run: runPs, Touches: ListsProcesses},
	{Name: "readlink", Run: runReadlink, Touches: TouchesFiles},
	{Name: "realpath", Run: runRealpath, Touches: TouchesFiles},
	{Name: "rm", Run: runRm, Touches: TouchesFiles},
	{Name: "rmdir", Run: runRmdir, Touches: TouchesFiles},
	{Name: "sed", Run: runSed, Touches: TouchesFiles},
	{Name: "seq", Run: runSeq, Touches: TouchesNothing},
	{Name: "setpriv", Prefix: prefixSetpriv, Touches: RunsCommand},
	{Name: "setsid", Prefix: prefixSetsid, Touches: RunsCommand},
	{Name: "sh", Touches: RunsCommand, IsShell: true},
	{Name: "sleep", Run: runSleep, Touches: TouchesNothing, Same: true, Waits: true},
	{Name: "sort", Run: runSort, Touches: TouchesFiles},
	{Name: "stat", Run: runStat, Touches: TouchesFiles},
	{Name: "sync", Run: runSync, Touches: TouchesFiles},
	{Name: "tac", Run: runTac, Touches: TouchesFiles},
	{Name: "tail", Run: runTail, Touches: TouchesFiles},
	{Name: "tee", Run: runTee, Touches: TouchesFiles},
	{Name: "touch", Run: runTouch, Touches: TouchesFiles},
	{Name: "tr", Run: runTr, Touches: TouchesNothing},
	{Name: "true", Run: runTrue, Touches: TouchesNothing, Same: true},
	{Name: "truncate", Run: runTruncate, Touches: TouchesFiles},
	{Name: "umount", Run: runUmount, Touches: TouchesSystem | TouchesFiles},
	{Name: "uname", Run: runUname, Touches: TouchesNothing},
	{Name: "uniq", Run: runUniq, Touches: TouchesFiles},
	{Name: "unshare", Prefix: prefixUnshare, Touches: RunsCommand},
	{Name: "waitpid", Run: runWaitpid, Touches: TouchesNothing, Waits: true},
	{Name: "wc", Run: runWc, Touches: TouchesFiles},
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
