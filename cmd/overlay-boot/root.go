package main

import (
	"os"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"

	"overlayboot/scripts"
)

// programVar names the variable that tells an embedded script the path of the program that
// contains it. The scripts call sudo, and sudo cannot find a script that is in no file.
const programVar = "OVERLAY_PROGRAM"

// throughSudo is the text that runs a native tool, $0, as root.
const throughSudo = `command -v sudo >/dev/null ||
	{ echo "${0##*/}: only root can do this" >&2 ; exit 1 ; }
exec sudo "$0" "$@"`

// needsRoot reports whether a tool needs root and this process is not root.
func needsRoot(name string) bool { return os.Geteuid() != 0 && name != "overlay-diskfile" }

// asUser runs the embedded script of a tool with the arguments of the call. The script
// passes them to sudo, or says that the tool needs root.
func (p *program) asUser(name string) int {
	p.env = append(p.env, programVar+"="+p.self(name))
	return p.script(path.Join(scripts.Dir, name), p.process.Argv[1:])
}

// self returns the path of this program under the name of a tool.
func (p *program) self(name string) string {
	called := p.process.Argv[0]
	if filepath.Base(called) == called {
		called = inPath(name, pathOf(p.env))
	}
	if abs, err := filepath.Abs(called); err == nil {
		return abs
	}
	return called
}

// inPath returns the path of a program in a list of directories, or else its bare name.
func inPath(name, list string) string {
	for _, dir := range filepath.SplitList(list) {
		file := filepath.Join(dir, name)
		if unix.Access(file, unix.X_OK) == nil && isFile(file) {
			return file
		}
	}
	return name
}
