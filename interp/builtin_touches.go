package interp

// touches says which state of the process a built-in utility touches, beside the values of its
// shell. By it the analyser decides whether the utility may run in a subshell without a process
// of its own; see analysis_rules.go.
type touches uint8

const (
	// untold is the zero value, of a row that says nothing. TestBuiltinTable fails for it.
	untold touches = iota
	touchesNothing
	touchesVariables  // the variables that its operands name
	touchesParameters // the positional parameters and the options
	touchesFiles      // it looks at files that its operands name, and runs nothing
	touchesDirectory  // a subshell holds its directory as a file descriptor
	touchesFunctions  // it looks up functions that its operands name
	touchesAliases    // aliases change how a text is parsed
	touchesMask       // the file mode mask
	touchesLimits     // the resource limits
	touchesTraps      // the traps, and the effects of their actions
	touchesProcesses  // it sends signals, possibly to the shell itself
	runsText          // it runs the text of its operands
	runsFile          // it runs a file as text of this shell
	runsCommand       // it runs the command in its operands
)

// A process has one of each of these, while it may hold many shells. Who changes each:
//
//	file mode mask     umask, in the shell that the process is, and in a subshell on a
//	                   thread that shares no file attributes (filemask.go)
//	directory          cd, in the shell that the process is; a subshell has a descriptor
//	resource limits    ulimit, in a shell that the process is: others get a process
//	signal actions     trap and set, in a shell that the process is; exec
//	process group,     set -m, in a shell that the process is
//	terminal
//	arguments shown,   the start of the program, and exec of a script
//	name
//	root directory     exec of chroot by a shell that the process is; pivot_root, which
//	                   changes that of all processes
//	namespaces         threads that end with the command (nsenter, ip -n), and children
//	credentials        children only
//
// A command makes every other change in a child, before the child executes its program; see
// proc.Spec.
