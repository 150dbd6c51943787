package main

import (
	"os"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/proc/limits"
)

// entersSubhosts reports whether a tool creates a process inside a subhost: a shell, or the
// process that stops the services.
func entersSubhosts(name string) bool {
	return name == "overlay-go" || name == "overlay-stop" || name == "overlay-restart"
}

// beSealed re-executes a tool that enters subhosts from a mount of this program that nobody
// can write to. The child that the tool creates inside a subhost shows up there in
// /proc/PID/exe as this program until it executes another. beSealed returns if no such
// mount is possible, or if the process already runs from one: a mount that is attached
// nowhere in the tree has the path "/".
func (p *program) beSealed(name string, args []string) {
	if !entersSubhosts(name) || os.Geteuid() != 0 {
		return
	}
	if file, err := os.Readlink("/proc/self/exe"); err != nil || file == "/" {
		return
	}
	fd, err := proc.Sealed(p.process.Exe)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	note := handover.Note{Exe: fd, State: -1, Ignored: p.note.Ignored, Limits: limits.Text()}
	spec := &proc.Spec{
		Argv: append([]string{p.process.Argv[0]}, args...),
		Exe:  fd, Pass: []int{fd}, Dir: unix.AT_FDCWD, Files: []int{0, 1, 2},
	}
	if text, fd, ok := p.process.Timing.Child(nil, false); ok {
		note.Timing = text
		spec.Pass = append(spec.Pass, fd)
	}
	spec.Env = append(p.env, note.String())
	_ = spec.Exec()
}
