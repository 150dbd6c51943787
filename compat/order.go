package compat

import (
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A pipeline is a set of stages that run at the same time. Each stage has the words that
// its xtrace lines may begin with. The lines of one stage keep their order; those of
// different stages mix freely.
type pipeline []map[string]bool

// stageOf returns the first stage that a word may belong to, or -1.
func (p pipeline) stageOf(word string) int {
	return slices.IndexFunc(p, func(words map[string]bool) bool { return words[word] })
}

// made reports whether a word consists of words that stages may begin their lines with.
// Dash writes a line in pieces, and pieces of another stage may come between.
func (p pipeline) made(word string) bool {
	word = strings.TrimLeft(word, "+")
	if word == "" || p.stageOf(word) >= 0 {
		return true
	}
	for _, words := range p {
		for w := range words {
			if rest, found := strings.CutPrefix(word, w); found && p.made(rest) {
				return true
			}
		}
	}
	return false
}

// pipelines finds the pipelines of a script set, given the text of each script. A script
// that does not parse has none: the order of its lines counts.
func pipelines(scripts map[string]string) []pipeline {
	var c concurrency
	c.functions = map[string]*syntax.Stmt{}
	parser := syntax.NewParser(syntax.Variant(syntax.LangBash))
	for _, name := range slices.Sorted(maps.Keys(scripts)) {
		file, err := parser.Parse(strings.NewReader(scripts[name]), name)
		if err != nil {
			continue
		}
		c.files = append(c.files, file)
		syntax.Walk(file, func(n syntax.Node) bool {
			if f, ok := n.(*syntax.FuncDecl); ok {
				c.functions[f.Name.Value] = f.Body
			}
			return true
		})
	}
	for _, file := range c.files {
		syntax.Walk(file, c.visit)
	}
	return c.found
}

// concurrency searches files for commands that run at the same time.
type concurrency struct {
	files     []*syntax.File
	functions map[string]*syntax.Stmt
	found     []pipeline
}

func (c *concurrency) visit(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.BinaryCmd:
		if n.Op == syntax.Pipe {
			c.found = append(c.found, pipeline{c.words(n.X), c.words(n.Y)})
		}
	case *syntax.File:
		c.background(n.Stmts)
	case *syntax.Block:
		c.background(n.Stmts)
	case *syntax.Subshell:
		c.background(n.Stmts)
	case *syntax.IfClause:
		c.background(n.Then)
	case *syntax.WhileClause:
		c.background(n.Do)
	case *syntax.ForClause:
		c.background(n.Do)
	case *syntax.CaseItem:
		c.background(n.Stmts)
	}
	return true
}

// background treats the commands after an asynchronous list as running at the same time as
// it.
func (c *concurrency) background(list []*syntax.Stmt) {
	for i, s := range list {
		if !s.Background {
			continue
		}
		after := map[string]bool{}
		for _, later := range list[i+1:] {
			for w := range c.words(later) {
				after[w] = true
			}
		}
		c.found = append(c.found, pipeline{c.words(s), after})
	}
}

// words returns the words that the xtrace lines of a command may begin with: the first
// words of its simple commands, and of those in the functions that it calls.
func (c *concurrency) words(stmt *syntax.Stmt) map[string]bool {
	words := map[string]bool{}
	var visit func(n syntax.Node) bool
	visit = func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			for _, a := range n.Assigns {
				if a.Name != nil {
					words[a.Name.Value+"="] = true
				}
			}
			if len(n.Args) == 0 {
				break
			}
			name := n.Args[0].Lit()
			if name != "" && !words[name] {
				words[name] = true
				if body := c.functions[name]; body != nil {
					syntax.Walk(body, visit)
				}
			}
		case *syntax.DeclClause:
			words[n.Variant.Value] = true
		}
		return true
	}
	syntax.Walk(stmt, visit)
	return words
}

// firstWord returns the first word of an xtrace line after the trace marks. For an
// assignment this is the name with the equals sign. A mixed line may have several marks,
// even in the middle of a word.
func firstWord(line string) (string, bool) {
	text := strings.TrimLeft(line, "+")
	if text == line || !strings.HasPrefix(text, " ") {
		return "", false
	}
	word, _, _ := strings.Cut(strings.TrimLeft(text, "+ "), " ")
	if name, _, found := strings.Cut(word, "="); found && syntax.ValidName(name) {
		return name + "=", true
	}
	return word, true
}
