package interp

import (
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/arith"
)

// A nodeCache maps nodes of a syntax tree to results of an analysis. Subshells that run at the
// same time share it.
type nodeCache[V any] struct{ known sync.Map }

func (c *nodeCache[V]) get(node syntax.Node) (v V, ok bool) {
	found, ok := c.known.Load(node)
	if ok {
		v = found.(V)
	}
	return v, ok
}

func (c *nodeCache[V]) put(node syntax.Node, v V) { c.known.Store(node, v) }

// caches hold the results for a text, and live as long as its syntax trees.
type caches struct {
	// exprs holds the arithmetic expressions without other expansions.
	exprs nodeCache[*arith.Expr]
	// findings holds the findings for bodies of subshells and functions.
	findings nodeCache[*finding]
	verdicts nodeCache[verdict]
}
