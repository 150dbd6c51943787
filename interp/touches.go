package interp

// touches says what of a process a built-in utility touches beside the values of its
// shell, or what hides it. By it the analyser decides whether the utility may run where
// a subshell has no process of its own; see rules.
type touches uint8

const (
	// untold is of a built-in that nobody has thought about; a test fails for it.
	untold touches = iota
	touchesNothing
	touchesVariables  // those that its operands name
	touchesParameters // the positional ones, and the options
	touchesFiles      // that its operands name, without running anything
	touchesDirectory  // which a subshell has as a descriptor
	touchesFunctions  // looks at those that its operands name
	touchesAliases    // by which texts are read otherwise
	touchesMask       // of file modes
	touchesLimits     // on resources
	touchesTraps      // and what their actions do
	touchesProcesses  // sends signals, to the shell's own too
	runsText          // of its operands
	runsFile          // as text for this shell
	runsCommand       // that follows it
)

// What a process has one of, though a shell has it many times, and who may change it:
//
//	file mode mask     umask, in the shell that the process is, and in a subshell on a
//	                   thread that shares no file attributes (apart.go)
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
// Whatever else a command changes, it changes in a child before that executes its
// program: see proc.Spec.
