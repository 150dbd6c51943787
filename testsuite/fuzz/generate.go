// Package fuzz generates random shell programs and runs them with dash and with our shell.
// Both must produce the same output, the same messages and the same exit status.
package fuzz

import (
	"math/rand/v2"
)

// A generator writes one program. The same seed makes the same program.
type generator struct {
	*rand.Rand
	depth int // of commands inside commands
	loops int // number of counters used; each loop has one, so that it ends
	files int // number of file names used
	inner int // depth of expansions inside expansions
	// defining is set in the body of f, which must not call itself.
	defining bool
	document bool // set inside a here-document
	// setup are commands to run before the command that is being made.
	setup []string
}

// Program returns a list of commands, each complete in itself.
func Program(seed uint64) []string {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, seed^0x5bd1e995))}
	var list []string
	for range 3 + g.IntN(8) {
		list = append(list, g.statement())
	}
	return list
}

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// one calls a random one of several functions.
func (g *generator) one(list ...func() string) string { return list[g.IntN(len(list))]() }

var names = []string{"a", "b", "c", "v1", "x_y"}

func (g *generator) name() string { return g.pick(names...) }

// statement returns a command whose effect is visible.
func (g *generator) statement() string {
	g.depth++
	defer func() { g.depth-- }()
	if g.depth > 4 {
		return g.simple()
	}
	kinds := statements()
	return kinds[g.IntN(len(kinds))].make(g)
}

// statements returns the kinds of commands. A kind that occurs more than once is made more
// often. The order is part of the meaning of a seed.
func statements() []kind {
	return []kind{
		{"simple", (*generator).simple},
		{"simple", (*generator).simple},
		{"simple", (*generator).simple},
		{"assignment", (*generator).assignment},
		{"assignment", (*generator).assignment},
		{"ifClause", (*generator).ifClause},
		{"forLoop", (*generator).forLoop},
		{"whileLoop", (*generator).whileLoop},
		{"caseClause", (*generator).caseClause},
		{"andOr", (*generator).andOr},
		{"group", (*generator).group},
		{"subshell", (*generator).subshell},
		{"function", (*generator).function},
		{"pipeline", (*generator).pipeline},
		{"hereDocument", (*generator).hereDocument},
		{"setOption", (*generator).setOption},
		{"eval", (*generator).eval},
		{"redirected", (*generator).redirected},
		{"arithmetic", (*generator).arithmetic},
		{"unset", (*generator).unset},
		{"readLine", (*generator).readLine},
		{"command", (*generator).command},
		{"alias", (*generator).alias},
		{"asynchronous", (*generator).asynchronous},
		{"trap", (*generator).trap},
		{"export", (*generator).export},
		{"descriptor", (*generator).descriptor},
		{"traced", (*generator).traced},
		{"dot", (*generator).dot},
		{"named", (*generator).named},
		{"readOnly", (*generator).readOnly},
		{"directory", (*generator).directory},
		{"replaced", (*generator).replaced},
		{"documents", (*generator).documents},
		{"compound", (*generator).compound},
		{"fields", (*generator).fields},
		{"negated", (*generator).negated},
		{"spaced", (*generator).spaced},
		{"listing", (*generator).listing},
	}
}

// A kind is one way to make a command.
type kind struct {
	name string
	make func(g *generator) string
}
