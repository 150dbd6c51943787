package interp

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/handover"
)

// A place holds the state for which a process has one value, and each subshell inside the
// process its own: open files, working directory, and mask.
type place struct {
	files fileTable
	dir   int    // file descriptor of the working directory, AT_FDCWD for that of the process
	pwd   string // the name of the directory, as cd set it
	mask  int    // the file mode mask
	apart bool   // the mask belongs to this thread alone
}

// fork returns the place of a subshell, which shares the open files.
func (p *place) fork() place {
	return place{
		files: p.files.share(), dir: p.dupDir(), pwd: p.pwd, mask: p.mask, apart: p.apart,
	}
}

// leave closes the files and the directory of a fork.
func (p *place) leave() {
	p.files.close()
	p.closeDir()
}

// dupDir dups the file descriptor of the working directory.
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

// encode writes the name of the directory. The new process inherits the rest.
func (p *place) encode(w *handover.Writer) { w.Text(p.pwd) }

func (p *place) decode(r *handover.Reader) { p.pwd = r.Text() }
