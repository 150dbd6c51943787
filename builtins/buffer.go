package builtins

import (
	"bufio"
	"sync"
)

// Buffers are those that commands write through, kept for the next ones: a shell runs many
// commands that write a line each.
type Buffers struct{ kept sync.Pool }

// buffered is standard output behind a buffer, which is the command's until that ends.
func (c *Call) buffered() *bufio.Writer {
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

// giveBack has the next command use the buffer.
func (c *Call) giveBack() {
	if c.buffer == nil {
		return
	}
	c.buffer.Reset(nil)
	c.Buffers.kept.Put(c.buffer)
	c.buffer = nil
}
