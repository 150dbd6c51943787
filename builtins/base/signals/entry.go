//go:build overlayentry && (amd64 || arm64)

package signals

// entry is where the kernel starts this program (the linker's -E), before the Go runtime. It
// records the state in which the program was started, removes from the runtime's table the
// signals that the runtime must not handle, and blocks all signals. The effects:
//
//   - The runtime installs handlers only for faults of its own. All other signals keep the
//     action that the program was started with, and children inherit that.
//   - Every thread of the runtime always blocks all signals but those faults. Begin gives
//     the first thread, on which the shell runs, its mask back. So each signal goes to that
//     thread: when wait4 or kill returns there, the handler of an earlier signal has run.
//
// Before that, entry prepares what the runtime looks at. It hides variables whose names begin
// with GO from the runtime until Begin (Environ). It raises limits under which the runtime
// cannot run (raises); if it cannot, the process ends with a message. The limit on open files
// is so low, until package syscall raises it, that the runtime opens no file. The runtime would
// otherwise read the table of mounts to find out how many threads a control group may run. That
// takes longer the more mounts there are, and this program does not use it (go.mod).
//
// entry marks packages whose initialisation is useless here as initialised (needless.s).
//
// entry refers to the runtime's table and to other packages' tasks. The linker allows that only
// with -checklinkname=0, hence the build tag. Where their form differs from that of this Go
// version, entry leaves them alone.
func entry()
