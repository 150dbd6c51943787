package interp

import (
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// A parseCache keeps the commands of files that were parsed to their end: the
// boot scripts all begin by reading the same file of functions. The commands
// are kept by line, as they were run. Syntax trees are never changed.
type parseCache struct {
	mu    sync.Mutex
	texts map[string][][]*syntax.Stmt
}

// Texts outside of these sizes, in bytes, are not worth keeping.
const (
	minCached = 256
	maxCached = 256 << 10
)

// wants reports whether a source would be kept.
func (c *parseCache) wants(src *source) bool {
	return src.eof && src.next == 0 && len(src.text) >= minCached && len(src.text) <= maxCached
}

func (c *parseCache) get(src *source) ([][]*syntax.Stmt, bool) {
	if !c.wants(src) {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	lines, ok := c.texts[string(src.text)]
	return lines, ok
}

// put keeps the lines of a source that has been read to its end.
func (c *parseCache) put(src *source, lines [][]*syntax.Stmt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.texts == nil {
		c.texts = map[string][][]*syntax.Stmt{}
	}
	c.texts[string(src.text[:len(src.text)-src.added])] = lines
}
