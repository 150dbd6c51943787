package builtins

// Touches says what a command touches or looks at beyond its streams and the files that
// its arguments name. None touches what belongs to one process alone: see the package.
type Touches uint8

// What a command touches.
const (
	// TouchesNothing is for commands that use their streams only: an argument that
	// looks like the name of a file is no more than a text or a name for them.
	TouchesNothing Touches = 1 << iota
	// TouchesFiles is for those that open files which their arguments name.
	TouchesFiles
	// ListsProcesses is for those that list processes: the shell that they run for counts
	// as one.
	ListsProcesses
	// SendsSignals is for those that send signals, to the shell, too.
	SendsSignals
	// TouchesSystem is for those that change what other processes share with the shell:
	// mounts, links, namespaces.
	TouchesSystem
	// RunsCommand is for those that run another command.
	RunsCommand
)
