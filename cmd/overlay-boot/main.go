// Overlay-boot boots subhosts: light containers with a network namespace and an
// overlay root file system. See overlay-boot(8).
//
// It is one program with several names. Called as overlay-boot, overlay-stop,
// overlay-go, overlay-share or overlay-diskfile it runs the script of that name;
// as overlay-sh or sh it is the shell that runs scripts; by the name of a native
// command (mount, ip, sed and so on) it is that command.
package main

import (
	"fmt"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/proc/limits"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/base/tiny"
	"overlayboot/interp"
	"overlayboot/interp/timing"
	"overlayboot/scripts"
)

// The init function runs before main and binds main's goroutine to the first thread of the
// process, which takes its signals (package signals).
func init() { runtime.LockOSThread() }

func main() {
	// Most runs end before a first garbage collection would pay off.
	debug.SetGCPercent(400)
	os.Exit(run(clone(os.Args)))
}

// clone copies the strings of a list. The originals lie in the memory that the kernel shows
// as the process's arguments, and that memory is overwritten later.
func clone(list []string) []string {
	c := make([]string, len(list))
	for i, s := range list {
		c[i] = strings.Clone(s)
	}
	return c
}

// run acts by the name in argv[0], by which the program was called.
func run(argv []string) int {
	if len(argv) == 0 {
		argv = []string{"overlay-boot"}
	}
	name := strings.TrimPrefix(path.Base(argv[0]), "-")
	if name == ".reaper" {
		return tiny.ReaperMain()
	}
	signals.Begin()
	note, env := takeNote(signals.Environ())
	if runsEmbedded(name, argv, note) {
		closeInherited(firstInherited, note.Exe, timing.Descriptor(note.Timing))
	}
	p := newProgram(argv, note, env)
	defer p.process.Timing.Close()
	if p.cannotRun != nil {
		fmt.Fprintf(os.Stderr, "overlay-sh: cannot keep descriptors apart: %v\n", p.cannotRun)
		return 2
	}
	if note.State >= 0 {
		return p.resume()
	}
	switch {
	case isTool(name):
		return p.tool(name, argv[1:])
	case isShell(name), strings.HasPrefix(argv[0], "-"): // login, su and sshd prefix a dash
		return p.shell(argv)
	case isCommand(name):
		return p.command(argv)
	}
	return p.tool("overlay-boot", argv[1:])
}

func isShell(name string) bool {
	return name == "sh" || name == "dash" || name == "overlay-sh"
}

// program is the state of this process as a whole.
type program struct {
	process *interp.Process
	env     []string
	note    handover.Note // from the process of this program that started this one

	timed     bool  // --timing was given: the run prints where its time went
	cannotRun error // the reason why no command can run, or nil
}

// handed reports whether a process of this program started this one.
func (p *program) handed() bool { return p.note.Exe >= 0 }

func newProgram(argv []string, note handover.Note, env []string) *program {
	limits.Take(note.Limits)
	exe, exeErr := note.Exe, error(nil)
	if exe < 0 {
		exe, exeErr = proc.OpenSelf(argv[0], pathOf(env))
	}
	p := &program{process: interp.NewProcess(exe, argv), env: env, note: note,
		cannotRun: proc.RaiseRuntime()}
	p.process.ExeError, p.process.Origin, p.process.Environ = exeErr, note.Origin, env
	p.process.Lookup = natives(env)
	title := proc.NewTitle()
	p.process.Show = func(argv []string, nearly bool) bool {
		if nearly {
			title.SetNearly(argv)
		} else if !title.Set(argv) {
			return false
		}
		_ = proc.SetComm(shownName(argv)) // on failure only the shown name is wrong
		return true
	}
	p.process.Scripts, p.process.ScriptDir = newScriptSet(), scripts.Dir
	p.process.Anew = func(name string) bool { return isScriptTool(name) && name != "overlay-diskfile" }
	if note.Scripts != "" {
		p.process.Scripts, p.process.ScriptDir = nil, note.Scripts
	}
	if note.Ignored != 0 {
		p.process.IgnoreInherited(note.Ignored)
	}
	closeAgain(note.Closed)
	p.process.Timing = timing.New(note.Timing, argv)
	return p
}

// closeAgain closes the standard descriptors that were closed when the process started: bit
// n of closed stands for descriptor n. The Go runtime has opened /dev/null for each of
// them.
func closeAgain(closed uint64) {
	for n := range 3 {
		if closed>>n&1 != 0 {
			unix.Close(n)
		}
	}
}

// pathOf returns the value of PATH in an environment.
func pathOf(env []string) string {
	for _, e := range env {
		if value, ok := strings.CutPrefix(e, "PATH="); ok {
			return value
		}
	}
	return ""
}

// shownName returns the name that the kernel would give a process with these arguments: the
// script's name if the script's first line names the shell.
func shownName(argv []string) string {
	if argv[0] == "/bin/sh" {
		for _, arg := range argv[1:] {
			if arg == "-c" {
				break
			}
			if !strings.HasPrefix(arg, "-") {
				return arg
			}
		}
	}
	return argv[0]
}

func (p *program) resume() int {
	state, err := readFD(p.note.State)
	unix.Close(p.note.State)
	if err == nil {
		_ = proc.SetComm(shownName(p.process.Argv))
		var status int
		if status, err = interp.Resume(p.process, state); err == nil {
			return status
		}
	}
	fmt.Fprintf(os.Stderr, "overlay-sh: cannot go on in the background: %v\n", err)
	return 2
}

// readFD reads a file or a pipe to its end.
func readFD(fd int) (text []byte, err error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	text = make([]byte, 0, st.Size+512)
	for {
		n, err := unix.Read(fd, text[len(text):cap(text)])
		switch {
		case err == unix.EINTR:
		case n <= 0:
			return text, err
		default:
			text = slices.Grow(text[:len(text)+n], 512)
		}
	}
}

const shellHelp = `Usage: overlay-sh [-abCefilmnpuvx] [-o OPTION]... [SCRIPT [ARGUMENT...]]
       overlay-sh -c [OPTION]... COMMAND [NAME [ARGUMENT...]]
       overlay-sh -s [OPTION]... [ARGUMENT...]
A POSIX shell in dash's dialect, with mount, ip, sed and many other commands
built in. OVERLAY_NATIVES=none in the environment, or names separated by commas,
turns those off; overlay-sh --natives lists them. See overlay-sh(1).
Exit status: that of the last command; 2 for a syntax error or wrong usage,
126 and 127 for a command that cannot be executed or is not there.
`

// shell runs this process as sh.
func (p *program) shell(argv []string) int {
	if path.Base(argv[0]) == "overlay-sh" && len(argv) == 2 {
		switch argv[1] {
		case "--help":
			return printed("overlay-sh", shellHelp)
		case "--version":
			return printed("overlay-sh", "overlay-sh "+version+"\n")
		case "--natives":
			var b strings.Builder
			return max(p.listNatives(&b), printed("overlay-sh", b.String()))
		}
	}
	if p.handed() { // the kernel took the name from a descriptor's path
		_ = proc.SetComm(shownName(argv))
	}
	// A caller who runs the shell by name while scripts are installed means the installed
	// ones. A process started by this program keeps the set of the process before it.
	if !p.handed() && isFile(path.Join(scripts.Dir, "functions")) {
		p.process.Scripts = nil
	}
	return interp.Run(p.process, argv, p.env)
}

// command runs the native that the program was called as. It goes through the shell, which
// handles the natives that only prepare another command.
func (p *program) command(argv []string) int {
	_ = proc.SetComm(argv[0])
	return interp.RunCommand(p.process, argv, p.env)
}

// script runs a boot script as if the kernel had started sh from the script's first line.
func (p *program) script(file string, args []string) int {
	// The shown path lies where the original's tools are installed. The scripts look for
	// subhosts by the pattern "overlay-boot.*/NAME.conf" in the arguments of processes, and
	// an overlay-stop in a directory named overlay-boot must not match it.
	shown := append([]string{"/bin/sh", "/usr/sbin/" + path.Base(file)}, args...)
	p.process.Argv = shown
	p.process.Show(shown, true)
	return interp.Run(p.process, append([]string{"/bin/sh", file}, args...), p.env)
}
