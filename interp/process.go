package interp

import (
	"os"
	"path"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
	"overlayboot/interp/timing"
)

// A Process is the process in which a shell runs with its subshells. It holds the native
// commands and scripts that the program provides, and state that a process has once.
type Process struct {
	// Lookup finds a native command. nil means that there are no native commands.
	Lookup func(name string) (native.Command, bool)
	// Scripts finds the boot scripts inside the binary. It may be nil.
	Scripts native.Scripts
	// Anew reports whether an embedded script must start in a process that has done nothing
	// else. It may be nil.
	Anew func(name string) bool
	// Exe is a file descriptor of this binary, to re-execute it; -1 if it was not found, for
	// the reason in ExeError.
	Exe      int
	ExeError error
	// Origin says why this process runs a native command.
	Origin handover.Origin
	// Argv holds the visible arguments of this process, and of a process that re-executes the
	// binary for a subshell.
	Argv []string
	// Environ is the environment with which this process was started.
	Environ []string
	// Show, when set, changes the arguments of the process that ps shows. It reports false if it
	// cannot; with nearly set it then does what it can.
	Show func(argv []string, nearly bool) bool
	// Timing records the steps of the scripts; nil for no records.
	Timing *timing.Recorder
	// ScriptDir is the directory of the boot scripts. A command that is not in PATH and has the
	// name of such a script runs the script.
	ScriptDir string

	// standard holds the files of the process's descriptors 0 to 2.
	standard [3]*openFile
	// mirrors says that the process has the main shell's files 3 to 9 under these numbers, too.
	mirrors  bool
	signals  *signalHub
	parsed   parseCache
	searched searchCache
	buffers  native.Buffers
	builtins builtinTable
	seen     sightings
}

// NewProcess returns a Process without native commands. exe is a file descriptor of this
// binary, and argv its arguments to be shown.
func NewProcess(exe int, argv []string) *Process {
	return &Process{Exe: exe, Argv: argv, signals: newSignalHub(), builtins: newBuiltinTable()}
}

// dieAs ends this process with the wait status of its child.
func dieAs(status unix.WaitStatus) {
	if status.Signaled() {
		signals.Die(int(status.Signal()))
	}
	os.Exit(proc.ExitStatus(status))
}

// native finds a native command.
func (p *Process) native(name string) (native.Command, bool) {
	if p.Lookup == nil {
		return native.Command{}, false
	}
	return p.Lookup(name)
}

// nativeSh reports whether this shell runs the scripts for sh.
func (p *Process) nativeSh() bool {
	_, ok := p.native("sh")
	return ok
}

// script returns the text of a file of the script set.
func (p *Process) script(file string) (string, bool) {
	if p.Scripts == nil {
		return "", false
	}
	return p.Scripts.Script(file)
}

// embedded returns the source of a script of the script set.
func (p *Process) embedded(file, text string) *source {
	return &source{text: text, script: true, own: p.Scripts.IsOwn(file)}
}

// scriptFor finds the script of the script set by the name of a command.
func (p *Process) scriptFor(name string) (string, bool) {
	if p.ScriptDir == "" || p.Scripts == nil && !path.IsAbs(p.ScriptDir) {
		return "", false
	}
	file := path.Join(p.ScriptDir, name)
	if _, ok := p.script(file); ok || isExecutable(unix.AT_FDCWD, file) {
		return file, true
	}
	return "", false
}

func (p *Process) isSpecial(name string) bool {
	b := p.builtins.get(name)
	return b != nil && b.special
}

// show sets the arguments of this process that ps shows. It reports false, with nothing
// changed, where it cannot; with nearly set it then does what it can, and so it does where
// the binary cannot be executed again.
func (p *Process) show(argv []string, nearly bool) bool {
	if p.Show != nil && !p.Show(argv, nearly || p.Exe < 0) {
		return false
	}
	p.Argv = argv
	return true
}

// startsAnew reports whether an embedded script must start in a process that has done nothing
// else.
func (p *Process) startsAnew(name string) bool {
	return p.Scripts != nil && p.Anew != nil && p.Anew(name)
}
