package native

// Touches says what a command touches or reads beyond its streams and the files that its
// arguments name. No command touches the state of a single process: see the package comment.
type Touches uint8

// The values of Touches, which may be combined.
const (
	// TouchesNothing is for commands that use only their streams. An argument that looks like a
	// file name is only text to them.
	TouchesNothing Touches = 1 << iota
	// TouchesFiles is for commands that open files named by their arguments.
	TouchesFiles
	// ListsProcesses is for commands that list processes: the shell that runs such a command
	// must appear in the list as a process.
	ListsProcesses
	// SendsSignals is for commands that send signals, perhaps to the shell itself.
	SendsSignals
	// TouchesSystem is for commands that change what the shell shares with other processes:
	// mounts, links, namespaces.
	TouchesSystem
	// RunsCommand is for commands that run another command.
	RunsCommand
)
