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

	"overlayboot/builtins/tiny"
	"overlayboot/interp"
	"overlayboot/interp/handover"
	"overlayboot/interp/proc"
	"overlayboot/interp/proc/limits"
	"overlayboot/interp/signals"
	"overlayboot/interp/timing"
	"overlayboot/scripts"
)

// The one thing that is done before main: its goroutine stays on the first thread of
// the process, which is the one that takes its signals (package signals).
func init() { runtime.LockOSThread() }

func main() {
	// Most runs end before the first collection would be worth its while.
	debug.SetGCPercent(400)
	os.Exit(run(clone(os.Args)))
}

// clone copies strings out of the memory that the kernel shows as the
// process's arguments, which is written to later.
func clone(list []string) []string {
	c := make([]string, len(list))
	for i, s := range list {
		c[i] = strings.Clone(s)
	}
	return c
}

// run does what the name that the program is called by says.
func run(argv []string) int {
	if len(argv) == 0 {
		argv = []string{"overlay-boot"}
	}
	name := strings.TrimPrefix(path.Base(argv[0]), "-")
	if name == ".reaper" {
		tiny.ReaperMain()
		return 0
	}
	signals.Begin()
	note, env := takeNote(signals.Environ())
	if runsEmbedded(name, argv, note) {
		closeInherited(firstInherited, note.Exe, timing.Descriptor(note.Timing))
	}
	p := newProgram(argv, note, env)
	defer p.host.Timing.Close()
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
	case isShell(name), strings.HasPrefix(argv[0], "-"): // as login, su and sshd start it
		return p.shell(argv)
	case isCommand(name):
		return p.command(argv)
	}
	return p.tool("overlay-boot", argv[1:])
}

func isShell(name string) bool {
	return name == "sh" || name == "dash" || name == "overlay-sh"
}

// isTool reports whether a name is one of the scripts that users call.
func isTool(name string) bool {
	if name == "overlay-sh" {
		return false
	}
	_, ok := scripts.Text(name)
	return ok && strings.HasPrefix(name, "overlay-")
}

// program is this process.
type program struct {
	host *interp.Host
	env  []string
	note handover.Note // of the process of ours that started this one

	timed     bool  // with --timing: it is to be said where the time went
	cannotRun error // why nothing can be run, nil: it can
}

// handed reports whether a process of ours started this one.
func (p *program) handed() bool { return p.note.Exe >= 0 }

func newProgram(argv []string, note handover.Note, env []string) *program {
	limits.Take(note.Limits)
	exe, exeErr := note.Exe, error(nil)
	if exe < 0 {
		exe, exeErr = proc.OpenSelf(argv[0], pathOf(env))
	}
	p := &program{host: interp.NewHost(exe, argv), env: env, note: note,
		cannotRun: proc.RaiseRuntime()}
	p.host.ExeError, p.host.Origin, p.host.Environ = exeErr, note.Origin, env
	p.host.Lookup = natives(env)
	title := proc.NewTitle()
	p.host.Show = func(argv []string) {
		title.Set(argv)
		_ = proc.SetComm(shownName(argv)) // else it is only shown otherwise
	}
	p.host.Scripts, p.host.ScriptDir = newScriptSet(), scripts.Dir
	p.host.Anew = func(name string) bool { return isTool(name) && name != "overlay-diskfile" }
	if note.Scripts != "" {
		p.host.Scripts, p.host.ScriptDir = nil, note.Scripts
	}
	if note.Ignored != 0 {
		p.host.IgnoreInherited(note.Ignored)
	}
	closeAgain(note.Closed)
	p.host.Timing = timing.New(note.Timing, argv)
	return p
}

// closeAgain closes the standard descriptors that a process was started without, for
// which the Go runtime has opened /dev/null: a bit for each.
func closeAgain(closed uint64) {
	for n := range 3 {
		if closed>>n&1 != 0 {
			unix.Close(n)
		}
	}
}

// pathOf is the value of PATH in an environment.
func pathOf(env []string) string {
	for _, e := range env {
		if value, ok := strings.CutPrefix(e, "PATH="); ok {
			return value
		}
	}
	return ""
}

// shownName is what the kernel would call a process with these arguments: the
// script's name, where its first line names the shell.
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
		_ = proc.SetComm(shownName(p.host.Argv))
		var status int
		if status, err = interp.Resume(p.host, state); err == nil {
			return status
		}
	}
	fmt.Fprintf(os.Stderr, "overlay-sh: cannot go on in the background: %v\n", err)
	return 2
}

// readFD reads a file, or a pipe, to its end.
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

// shell runs sh.
func (p *program) shell(argv []string) int {
	if path.Base(argv[0]) == "overlay-sh" && len(argv) == 2 {
		switch argv[1] {
		case "--help":
			fmt.Print(shellHelp)
			return 0
		case "--natives":
			return p.listNatives(os.Stdout)
		}
	}
	if p.handed() { // the kernel has named it after a descriptor
		_ = proc.SetComm(shownName(argv))
	}
	// Who runs the shell by name on scripts that are installed means those; a
	// process of ours goes on with what the one before it had.
	if !p.handed() && isFile(path.Join(scripts.Dir, "functions")) {
		p.host.Scripts = nil
	}
	return interp.Run(p.host, argv, p.env)
}

// command runs a native command by its own name, through the shell, which
// knows what to do with those that only prepare another command.
func (p *program) command(argv []string) int {
	_ = proc.SetComm(argv[0])
	return interp.RunCommand(p.host, argv, p.env)
}

// script runs a boot script as if the kernel had found sh in its first line.
func (p *program) script(file string, args []string) int {
	// Shown is where the original's tools are called: they look for subhosts by
	// "overlay-boot.*/NAME.conf" in the arguments of processes, which must not
	// match an overlay-stop in a directory named overlay-boot.
	shown := append([]string{"/bin/sh", "/usr/sbin/" + path.Base(file)}, args...)
	p.host.Argv = shown
	p.host.Show(shown)
	return interp.Run(p.host, append([]string{"/bin/sh", file}, args...), p.env)
}
