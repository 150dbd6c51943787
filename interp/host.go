package interp

import (
	"os"
	"path"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/interp/proc"
	"overlayboot/interp/signals"
)

// dieAs ends this process as its child ended.
func dieAs(status unix.WaitStatus) {
	if status.Signaled() {
		signals.Die(int(status.Signal()))
	}
	os.Exit(proc.ExitStatus(status))
}

// native finds a native command.
func (h *Host) native(name string) (builtins.Command, bool) {
	if h.Lookup == nil {
		return builtins.Command{}, false
	}
	return h.Lookup(name)
}

// nativeSh reports whether scripts for sh are run by this shell.
func (h *Host) nativeSh() bool {
	_, ok := h.native("sh")
	return ok
}

// script is the text of a file that the script set has.
func (h *Host) script(file string) (string, bool) {
	if h.Scripts == nil {
		return "", false
	}
	return h.Scripts.Script(file)
}

// embedded is the source of a script that the script set has.
func (h *Host) embedded(file, text string) *source {
	return &source{text: text, script: true, own: h.Scripts.IsOwn(file)}
}

// scriptFor finds the script of the script set that has a command's name.
func (h *Host) scriptFor(name string) (string, bool) {
	if h.ScriptDir == "" || h.Scripts == nil && !path.IsAbs(h.ScriptDir) {
		return "", false
	}
	file := path.Join(h.ScriptDir, name)
	if _, ok := h.script(file); ok || isExecutable(unix.AT_FDCWD, file) {
		return file, true
	}
	return "", false
}

func (h *Host) isSpecial(name string) bool {
	b := h.builtins.get(name)
	return b != nil && b.special
}

// show sets what ps shows as the arguments of this process.
func (h *Host) show(argv []string) {
	h.Argv = argv
	if h.Show != nil {
		h.Show(argv)
	}
}

// startsAnew tells a script of the binary that is not run in a process which has done
// something else before.
func (h *Host) startsAnew(name string) bool {
	return h.Scripts != nil && h.Anew != nil && h.Anew(name)
}
