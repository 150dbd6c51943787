package interp

import (
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// A parseCache keeps the commands of files that were parsed to their end: the
// boot scripts all begin by reading the same file of functions. Syntax trees are
// never changed.
type parseCache struct {
	mu    sync.Mutex
	texts map[string]*parsed
}

// parsed is a text that holds no aliases, by line as it is run.
type parsed struct {
	origin *origin
	lines  []parsedLine
}

type parsedLine struct {
	list    []*syntax.Stmt
	reached int // the number of the line behind them
	end     int // the offset of that
}

// Texts outside of these sizes, in bytes, are not worth keeping.
const (
	minCached = 256
	maxCached = 256 << 10
)

// wants reports whether a source would be kept.
func (c *parseCache) wants(src *source) bool {
	return src.in == nil && src.prompt == nil && src.line <= 1 &&
		len(src.text) >= minCached && len(src.text) <= maxCached
}

func (c *parseCache) get(src *source) *parsed {
	if !c.wants(src) {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.texts[src.text]
}

// put keeps a source that has been read to its end.
func (c *parseCache) put(src *source, p *parsed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.texts == nil {
		c.texts = map[string]*parsed{}
	}
	c.texts[src.text] = p
}
