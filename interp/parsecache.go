package interp

import (
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// A parseCache keeps the parsed commands of files, since all boot scripts begin by reading the
// same file of functions. Subshells share the trees, and nothing changes a tree.
type parseCache struct {
	mu    sync.Mutex
	texts map[string]*parsed
}

// A parsed is a text without replaced aliases, line by line.
type parsed struct {
	origin *origin
	lines  []parsedLine
}

type parsedLine struct {
	list    []*syntax.Stmt
	reached int // the number of the next line
	end     int // the offset of the next line
}

// minCached and maxCached bound the size, in bytes, of a text that is worth keeping.
const (
	minCached = 256
	maxCached = 256 << 10
)

// wants reports whether the cache would keep a source.
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

// put keeps a source that was parsed to its end.
func (c *parseCache) put(src *source, p *parsed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.texts == nil {
		c.texts = map[string]*parsed{}
	}
	c.texts[src.text] = p
}
