// Package interp is a POSIX shell in dash's dialect, on the syntax trees of
// mvdan.cc/sh/v3/syntax that package parse makes. Its terms are those of POSIX XCU
// chapter 2: field splitting, redirection, special built-in, here-document.
//
// A subshell that needs no process of its own runs inside the shell's process, on a copy of its
// state. A background list runs in a new process, and so does a subshell whose body touches
// state that only a process has. The new process re-executes the program's own file and reads
// the state from a file descriptor.
//
// # In which order to read
//
// The state is in shell.go and process.go. A [Shell] is one execution environment. Its parts
// are in files of their own: environment.go (variables, functions, aliases, options), place.go
// (open files, directory, mask), control.go (break, return, exit), identity.go (which process
// and which role), lineage.go (which process the shell stands for), reactions.go (traps),
// children.go and jobs.go, console (terminal.go). A [Process] holds what all shells of one
// process share.
//
// The life of a command, step by step:
//
//	main.go           the arguments of sh
//	source.go         a text of commands, read and parsed command by command
//	exec.go           runs a tree: lists, pipelines, compound commands
//	simple.go         assignments, redirections and the name of a simple command
//	expand.go         the words: param.go, arithmetic.go, tilde.go, trim.go, capture.go;
//	                  singleword.go is a short way for most of them
//	redir.go          redirections; files.go has the open files
//	search.go         searches PATH for the name: searchcache.go, standin.go
//	dispatch.go       the one place that decides in which process the command runs
//	program.go        runs programs: native commands (program_native.go), processes
//	                  (program_start.go), scripts in a shell inside this one
//	                  (program_nested.go)
//	builtin.go        the table of the built-in utilities
//
// # What each group of files holds
//
//	analysis*.go      whether a subshell may run without a process of its own: what each
//	                  command touches (analysis_rules.go), the effects of a body
//	                  (analysis_finding.go), and the cached results
//	                  (analysis_cache.go)
//	builtin*.go       the built-in utilities; builtin_touches.go says which state of a
//	                  process each touches. Their work on text alone is package utility
//	subshell.go,      subshells inside the process, on threads (filemask.go), and in
//	background.go,    processes that get the state (savedstate.go)
//	savedstate.go
//	mempipe.go,       pipes inside the process; the outputs of substitutions
//	capture.go
//	dormant*.go       a shell that only waits gives its memory back: a tiny program waits in
//	                  its process, and later re-executes the binary, which continues the
//	                  command
//	jobs.go,          jobs, the output of jobs(1), job control
//	jobtext.go,
//	terminal.go
//	trap.go,          traps, and the effect of signals on a shell and the shells inside it
//	signals.go,
//	endsbysignal.go
//	vars.go,          variables; tables that subshells share until one of them changes
//	vartable.go,      a table
//	sharedtable.go
//	readfile.go,      reading of lines and texts from files and pipes, not a byte too far
//	readpipe.go
//	descriptornames.go  /proc/PID/fd and its other names
//	parsecache.go     files that were parsed before
//	timing.go         the records of overlay-boot --timing
//
// # Adding a built-in utility
//
// A built-in utility is a function of type builtin.run, in a file builtin_*.go, and a row of
// the table in builtin.go. The row says whether the utility is special, and what it touches.
// TestBuiltinTable fails for a row that omits that.
package interp
