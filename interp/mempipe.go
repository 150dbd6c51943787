package interp

import (
	"bytes"
	"io"
	"sync"

	"golang.org/x/sys/unix"
)

// A memPipe joins two commands of a pipeline that run inside this process. It
// becomes a pipe of the system when a program wants a descriptor of either end;
// until then it costs no system call.
type memPipe struct {
	mu      sync.Mutex
	changed sync.Cond
	buf     []byte // written and not yet read
	// ends are descriptors once real is set; closed are the ends that nobody has.
	ends   [2]int
	closed [2]bool
	real   bool
}

// The ends of a pipe, as pipe(2) numbers them.
const (
	readEnd  = 0
	writeEnd = 1
)

// atomicWrite is PIPE_BUF (XBD limits.h): what is no longer is written in one piece.
const atomicWrite = 4096

// newMemPipe returns the ends of a pipe.
func newMemPipe() (r, w *openFile) {
	p := &memPipe{}
	p.changed.L = &p.mu
	r, w = newFile(-1), newFile(-1)
	r.pipe, r.end = p, readEnd
	w.pipe, w.end = p, writeEnd
	return r, w
}

// read is read(2); ok is false when the descriptor has to be used.
func (p *memPipe) read(to []byte) (n int, ok bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.real && len(p.buf) == 0 && !p.closed[writeEnd] {
		p.changed.Wait()
	}
	switch {
	case p.real:
		return 0, false, nil
	case len(p.buf) == 0 && len(to) > 0:
		return 0, true, io.EOF
	}
	n = copy(to, p.buf)
	p.take(n)
	return n, true, nil
}

// readLine reads up to and with a newline, or as much of the line as it can: ok is
// false when the rest is to be read from the descriptor.
func (p *memPipe) readLine() (line []byte, ok bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		for !p.real && len(p.buf) == 0 && !p.closed[writeEnd] {
			p.changed.Wait()
		}
		if p.real {
			return line, false, nil
		}
		if len(p.buf) == 0 {
			return line, true, io.EOF
		}
		n := bytes.IndexByte(p.buf, '\n') + 1
		ended := n > 0
		if !ended {
			n = len(p.buf)
		}
		line = append(line, p.buf[:n]...)
		p.take(n)
		if ended {
			return line, true, nil
		}
	}
}

// take drops what was read.
func (p *memPipe) take(n int) {
	if p.buf = p.buf[n:]; len(p.buf) == 0 {
		p.buf = nil
	}
	p.changed.Broadcast()
}

// write is write(2); what is written after the pipe became real is left over.
func (p *memPipe) write(from []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n < len(from) {
		size := len(from) - n
		for !p.real && !p.closed[readEnd] && len(p.buf) > 0 &&
			len(p.buf)+min(size, atomicWrite) > pipeSize {
			p.changed.Wait()
		}
		switch {
		case p.real:
			return n, nil
		case p.closed[readEnd]:
			return n, unix.EPIPE
		}
		size = min(size, pipeSize-len(p.buf))
		p.buf = append(p.buf, from[n:n+size]...)
		n += size
		p.changed.Broadcast()
	}
	return n, nil
}

// open returns the descriptor of an end.
func (p *memPipe) open(end int) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.real {
		return p.ends[end], nil
	}
	r, w, err := pipe()
	if err != nil {
		return -1, err
	}
	if err := p.fill(w); err != nil {
		unix.Close(r)
		unix.Close(w)
		return -1, err
	}
	p.ends, p.real, p.buf = [2]int{r, w}, true, nil
	for end, closed := range p.closed {
		if closed {
			unix.Close(p.ends[end])
		}
	}
	p.changed.Broadcast()
	return p.ends[end], nil
}

// fill puts what nobody has read yet into the real pipe. The system may give a user
// who has many pipes smaller ones.
func (p *memPipe) fill(w int) error {
	size, err := unix.FcntlInt(uintptr(w), unix.F_GETPIPE_SZ, 0)
	if err == nil && size < len(p.buf) {
		_, err = unix.FcntlInt(uintptr(w), unix.F_SETPIPE_SZ, pipeSize)
	}
	if err == nil && len(p.buf) > 0 {
		_, err = unix.Write(w, p.buf)
	}
	return err
}

// close is for the last that has the end.
func (p *memPipe) close(end int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed[end] = true; p.real {
		unix.Close(p.ends[end])
	}
	p.changed.Broadcast()
}
