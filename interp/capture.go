package interp

import (
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// A capture collects the output of a command substitution. Commands inside this process write
// straight into the buffer until a program needs a file descriptor. From then on all output
// goes through a pipe, to stay in order.
type capture struct {
	mu   sync.Mutex
	text pieces
	w    int
	done chan struct{}
	err  error // of reading the pipe
}

func newCapture() (*capture, *openFile) {
	c := &capture{w: -1}
	f := newFile(-1)
	f.sink = c
	return c, f
}

// take stores p. It reports false when the pipe is in use.
func (c *capture) take(p []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.w >= 0 {
		return false
	}
	c.text.add(p)
	return true
}

func (c *capture) open() (int, error) {
	r, w, err := pipe()
	if err != nil {
		return -1, err
	}
	c.mu.Lock()
	c.w, c.done = w, make(chan struct{})
	c.mu.Unlock()
	go c.drain(r)
	return w, nil
}

func (c *capture) drain(r int) {
	defer close(c.done)
	defer unix.Close(r)
	for {
		n, err := unix.Read(r, c.text.space())
		if err == unix.EINTR {
			continue
		}
		if n <= 0 || err != nil {
			c.err = err
			return
		}
		c.text.grown(n)
	}
}

// finish closes the write end, waits until all other writers have closed theirs, and returns
// the text. An error says that part of the text could not be read.
func (c *capture) finish() (string, error) {
	if c.w >= 0 {
		unix.Close(c.w)
		<-c.done
	}
	return c.text.String(), c.err
}

// pieces is a growing text that is never copied while it grows: each new piece is about as long
// as all before it.
type pieces struct {
	full [][]byte
	last []byte
	size int // the length of the pieces in full
}

// maxPiece bounds a piece, and so the unused memory at the end of a large text.
const maxPiece = 8 << 20

func (t *pieces) add(p []byte) {
	if len(t.full) == 0 && len(t.last)+len(p) <= pipeSize {
		t.last = append(t.last, p...)
		return
	}
	for len(p) > 0 {
		n := copy(t.space(), p)
		t.grown(n)
		p = p[n:]
	}
}

// space returns room for the next bytes.
func (t *pieces) space() []byte {
	if len(t.last) == cap(t.last) {
		if len(t.last) > 0 {
			t.full = append(t.full, t.last)
			t.size += len(t.last)
		}
		t.last = make([]byte, 0, min(max(t.size, 4<<10), maxPiece))
	}
	return t.last[len(t.last):cap(t.last)]
}

// grown notes that the caller has filled n bytes of the space.
func (t *pieces) grown(n int) { t.last = t.last[:len(t.last)+n] }

// String returns the whole text.
func (t *pieces) String() string {
	if len(t.full) == 0 {
		return string(t.last)
	}
	var text strings.Builder
	text.Grow(t.size + len(t.last))
	for _, piece := range t.full {
		text.Write(piece)
	}
	text.Write(t.last)
	return text.String()
}
