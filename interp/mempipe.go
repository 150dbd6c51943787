package interp

import (
	"bytes"
	"io"
	"sync"

	"golang.org/x/sys/unix"
)

// A memPipe joins two commands of a pipeline that run inside this process. It becomes a pipe of
// the kernel when a program needs a file descriptor of either end. Until then it costs no
// system call.
type memPipe struct {
	mu      sync.Mutex
	changed sync.Cond
	buf     []byte // written, and still unread
	// ends holds the file descriptors of a pipe in the kernel. closed marks the ends that all
	// holders have closed.
	ends     [2]int
	closed   [2]bool
	inKernel bool
}

// readEnd and writeEnd are the ends of a pipe, as pipe(2) numbers them.
const (
	readEnd  = 0
	writeEnd = 1
)

// atomicWrite is PIPE_BUF (XBD limits.h): a write of at most that many bytes is atomic.
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

// read does read(2). ok is false when the caller must read from the file descriptor.
func (p *memPipe) read(to []byte) (n int, ok bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.inKernel && len(p.buf) == 0 && !p.closed[writeEnd] {
		p.changed.Wait()
	}
	switch {
	case p.inKernel:
		return 0, false, nil
	case len(p.buf) == 0 && len(to) > 0:
		return 0, true, io.EOF
	}
	n = copy(to, p.buf)
	p.take(n)
	return n, true, nil
}

// readLine reads up to and including a newline, or as much of the line as it can. ok is false
// when the rest must be read from the file descriptor.
func (p *memPipe) readLine() (line []byte, ok bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		for !p.inKernel && len(p.buf) == 0 && !p.closed[writeEnd] {
			p.changed.Wait()
		}
		if p.inKernel {
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

// take drops the n bytes that were read.
func (p *memPipe) take(n int) {
	if p.buf = p.buf[n:]; len(p.buf) == 0 {
		p.buf = nil
	}
	p.changed.Broadcast()
}

// write does write(2). Text that is written after the pipe moved into the kernel is left over.
func (p *memPipe) write(from []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n < len(from) {
		size := len(from) - n
		for !p.inKernel && !p.closed[readEnd] && len(p.buf) > 0 &&
			len(p.buf)+min(size, atomicWrite) > pipeSize {
			p.changed.Wait()
		}
		switch {
		case p.inKernel:
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

// open returns the file descriptor of an end.
func (p *memPipe) open(end int) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inKernel {
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
	p.ends, p.inKernel, p.buf = [2]int{r, w}, true, nil
	for end, closed := range p.closed {
		if closed {
			unix.Close(p.ends[end])
		}
	}
	p.changed.Broadcast()
	return p.ends[end], nil
}

// fill writes the unread text into the pipe of the kernel. The kernel may give a user with many
// pipes smaller ones.
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

// close closes an end, for its last holder.
func (p *memPipe) close(end int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed[end] = true; p.inKernel {
		unix.Close(p.ends[end])
	}
	p.changed.Broadcast()
}
