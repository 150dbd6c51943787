package native

import (
	"bufio"
	"sync"
)

// Buffers keeps output buffers for reuse: a shell runs many commands that write one line each.
type Buffers struct{ kept sync.Pool }

// Buffered returns standard output behind a buffer. The command owns the buffer until it ends.
func (c *Call) Buffered() *bufio.Writer {
	if c.Buffers == nil || c.buffer != nil {
		return bufio.NewWriter(c.Stdout)
	}
	w, ok := c.Buffers.kept.Get().(*bufio.Writer)
	if !ok {
		w = bufio.NewWriter(nil)
	}
	w.Reset(c.Stdout)
	c.buffer = w
	return w
}

// giveBack returns the buffer to the pool, for the next command.
func (c *Call) giveBack() {
	if c.buffer == nil {
		return
	}
	c.buffer.Reset(nil)
	c.Buffers.kept.Put(c.buffer)
	c.buffer = nil
}
