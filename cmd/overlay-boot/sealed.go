package main

import (
	"os"

	"golang.org/x/sys/unix"

	"overlayboot/interp/handover"
	"overlayboot/interp/proc"
	"overlayboot/interp/proc/limits"
)

// beSealed has the tool that enters subhosts run from a mount of this program to which
// nobody can write. The child that it makes inside is seen there by /proc/PID/exe before
// it executes anything, as what this process is. It returns where that cannot be, or where
// a process of ours has started this one.
func (p *program) beSealed(name string, args []string) {
	if name != "overlay-go" || p.handed || os.Geteuid() != 0 {
		return
	}
	fd, err := proc.Sealed(p.host.Exe)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	note := handover.Note{Exe: fd, State: -1, Limits: limits.Text()}
	spec := &proc.Spec{
		Argv: append([]string{p.host.Argv[0]}, args...), Env: append(p.env, note.String()),
		Exe: fd, Pass: []int{fd}, Dir: unix.AT_FDCWD, Files: []int{0, 1, 2},
	}
	_ = spec.Exec()
}
