package interp

import (
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/arith"
)

// A nodeCache keeps what was found out about nodes of a syntax tree. Subshells that
// run at the same time share it.
type nodeCache[V any] struct{ known sync.Map }

func (c *nodeCache[V]) get(node syntax.Node) (v V, ok bool) {
	found, ok := c.known.Load(node)
	if ok {
		v = found.(V)
	}
	return v, ok
}

func (c *nodeCache[V]) put(node syntax.Node, v V) { c.known.Store(node, v) }

// caches belong to a text and last as long as its trees do.
type caches struct {
	// exprs are the arithmetic expressions that hold no other expansion.
	exprs nodeCache[*arith.Expr]
	// findings are of the bodies of subshells and functions.
	findings nodeCache[*finding]
	verdicts nodeCache[verdict]
}
