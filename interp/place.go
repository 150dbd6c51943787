package interp

import (
	"golang.org/x/sys/unix"

	"overlayboot/interp/handover"
)

// A place is where a shell is among files: what a process has one of, kept apart for
// each subshell inside the process.
type place struct {
	files fileTable
	dir   int    // descriptor of the working directory, AT_FDCWD for the process's own
	pwd   string // its name, as cd left it
	mask  int    // of file modes
	apart bool   // it is that of the thread alone
}

// fork returns the place of a subshell: open files are shared.
func (p *place) fork() place {
	return place{
		files: p.files.share(), dir: p.dupDir(), pwd: p.pwd, mask: p.mask, apart: p.apart,
	}
}

// leave gives up what a fork has got.
func (p *place) leave() {
	p.files.close()
	p.closeDir()
}

// dupDir returns a descriptor of the working directory of our own.
func (p *place) dupDir() int {
	if p.dir == unix.AT_FDCWD {
		return p.dir
	}
	fd, err := unix.FcntlInt(uintptr(p.dir), unix.F_DUPFD_CLOEXEC, firstFile)
	if err != nil {
		return p.dir
	}
	return fd
}

func (p *place) closeDir() {
	if p.dir != unix.AT_FDCWD {
		unix.Close(p.dir)
	}
}

// encode writes the name of the directory; all else is the process's, and inherited.
func (p *place) encode(w *handover.Writer) { w.Text(p.pwd) }

func (p *place) decode(r *handover.Reader) { p.pwd = r.Text() }
