package interp

import (
	"bytes"
	"io"

	"golang.org/x/sys/unix"
)

// A peeker looks into a pipe without taking what is there out of it: tee(2) puts a copy
// into a pipe of its own. So a line is read by one call that ends behind it, where dash
// reads byte by byte.
type peeker struct{ r, w int }

// newPeeker returns nil where there can be no other pipe.
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

// peekSize is how much is looked at: less than a pipe holds at the least.
const peekSize = 4096

// look copies what is in a pipe now to buf. There is nothing where ok is false: the pipe
// is empty, at its end, or none.
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

// readLinePipe reads up to and with a newline from a pipe. What is there is read at once, up
// to that; where there is nothing it waits for a byte.
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
