package interp

import (
	"bytes"
	"io"

	"golang.org/x/sys/unix"
)

// A peeker copies the text in a pipe without removing it: tee(2) duplicates the text into a
// second pipe. With it, one call reads a line up to its end, where dash reads byte by byte.
type peeker struct{ r, w int }

// newPeeker returns a peeker, or nil if there can be no further pipe.
func newPeeker() *peeker {
	r, w, err := pipe()
	if err != nil {
		return nil
	}
	return &peeker{r, w}
}

func (p *peeker) close() {
	unix.Close(p.r)
	unix.Close(p.w)
}

// peekSize is the size of a look in bytes. It is at most the smallest capacity of a pipe.
const peekSize = 4096

// look copies the present text of a pipe to buf. ok is false if the pipe is empty or at its
// end, or if the file is no pipe.
func (p *peeker) look(fd int, buf []byte) (n int, ok bool) {
	size, err := unix.Tee(fd, p.w, len(buf), unix.SPLICE_F_NONBLOCK)
	if err != nil || size <= 0 {
		return 0, false
	}
	for n < int(size) {
		got, err := unix.Read(p.r, buf[n:size])
		if err != nil && err != unix.EINTR || got == 0 {
			return n, false
		}
		n += max(got, 0)
	}
	return n, true
}

// readLinePipe reads from a pipe up to and including a newline. It reads the present text of
// the line at once, and waits for a byte if there is none.
func (f *openFile) readLinePipe(wait func(fd int) bool) (line []byte, err error) {
	f.mu.Lock()
	if f.peeker == nil {
		f.peeker = newPeeker()
	}
	p := f.peeker
	f.mu.Unlock()
	var buf [peekSize]byte
	for {
		size, ends := 1, false
		if p != nil {
			if n, ok := p.look(f.fd, buf[:]); ok {
				size = n
				if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
					size, ends = i+1, true
				}
			}
		}
		n, err := f.readUnless(wait, buf[:size])
		if n == 0 || err != nil {
			if err == nil {
				err = io.EOF
			}
			return line, err
		}
		line = append(line, buf[:n]...)
		if ends && n == size || buf[n-1] == '\n' {
			return line, nil
		}
	}
}
