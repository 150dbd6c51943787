package main

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// asRoot runs the tool again through sudo, where the user is not root and there
// is sudo. The scripts do the same, but where they are only inside this program
// sudo would not find them. It returns if that is not possible; the scripts
// then say that it takes root.
func (p *program) asRoot(name, dir string, args []string) {
	if os.Geteuid() == 0 || name == "overlay-diskfile" {
		return
	}
	sudo, ok := p.inPath("sudo")
	if !ok {
		return
	}
	self, ok := p.self(name)
	if !ok {
		return
	}
	argv := []string{"sudo", self}
	if p.timed {
		argv = append(argv, "--timing")
	}
	if dir != "" {
		argv = append(argv, "--scripts", dir)
	}
	_ = unix.Exec(sudo, append(argv, args...), p.env)
}

// self is the path of this program under the name of a tool.
func (p *program) self(name string) (string, bool) {
	if called := p.host.Argv[0]; strings.Contains(called, "/") {
		abs, err := filepath.Abs(called)
		return abs, err == nil
	}
	return p.inPath(name)
}

// inPath looks a program up in PATH.
func (p *program) inPath(name string) (string, bool) {
	for _, dir := range filepath.SplitList(pathOf(p.env)) {
		file := filepath.Join(dir, name)
		if unix.Access(file, unix.X_OK) == nil && isFile(file) {
			return file, true
		}
	}
	return "", false
}
