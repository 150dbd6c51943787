package main

import (
	"os"

	"golang.org/x/sys/unix"

	"overlayboot/interp/handover"
	"overlayboot/interp/proc"
	"overlayboot/interp/proc/limits"
)

// entersSubhosts tells the tools that make a process inside: a shell, or what stops the
// services.
func entersSubhosts(name string) bool { return name == "overlay-go" || name == "overlay-stop" }

// beSealed has a tool that enters subhosts run from a mount of this program to which
// nobody can write. The child that it makes inside is seen there by /proc/PID/exe before
// it executes anything, as what this process is. It returns where that cannot be, or is so
// already: a mount that is nowhere in the tree is "/" to itself.
func (p *program) beSealed(name string, args []string) {
	if !entersSubhosts(name) || os.Geteuid() != 0 {
		return
	}
	if file, err := os.Readlink("/proc/self/exe"); err != nil || file == "/" {
		return
	}
	fd, err := proc.Sealed(p.host.Exe)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	note := handover.Note{Exe: fd, State: -1, Ignored: p.note.Ignored, Limits: limits.Text()}
	spec := &proc.Spec{
		Argv: append([]string{p.host.Argv[0]}, args...),
		Exe:  fd, Pass: []int{fd}, Dir: unix.AT_FDCWD, Files: []int{0, 1, 2},
	}
	if text, fd, ok := p.host.Timing.Child(nil, false); ok {
		note.Timing = text
		spec.Pass = append(spec.Pass, fd)
	}
	spec.Env = append(p.env, note.String())
	_ = spec.Exec()
}
