//go:build overlayentry && (amd64 || arm64)

package signals

// entry is where the kernel starts this program (the linker's -E): before the Go
// runtime it notes what the program was started with, takes the signals out of the
// runtime's table that are not for it to handle, and blocks all. What that gives:
//
//   - The runtime installs handlers for its own faults only. All other signals keep
//     the action that the program was started with, and so do its children.
//   - Every thread that the runtime starts blocks all signals but those faults, for
//     ever. Begin gives the first thread, on which the shell runs, its mask back. So a
//     signal goes to that thread: when wait4 or kill returns there, the handler of
//     what was sent before has run.
//
// Before that it does what has to be done before the runtime looks: variables whose names
// begin with GO are hidden from it until Begin (Environ), and limits under which it cannot
// run are raised (raises); where that cannot be, the process ends with a line. The limit on
// open files is so low until package syscall raises it that the runtime opens nothing: it
// would read the table of mounts to find out how many threads a control group may run,
// which takes the longer the more mounts there are, and is not used (go.mod).
//
// Packages whose initialisation is of no use here are marked as initialised (needless.s).
//
// It names the runtime's table and other packages' tasks, which the linker allows with -checklinkname=0 only;
// hence the build tag. What has another form than this Go version's is left alone.
func entry()
