package compat

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A pipeline is what runs at the same time: for each stage the words that its
// xtrace lines may begin with. The lines of one stage come in their order, those
// of different stages freely mixed.
type pipeline []map[string]bool

// stageOf is the first stage that a word may belong to, or -1.
func (p pipeline) stageOf(word string) int {
	return slices.IndexFunc(p, func(words map[string]bool) bool { return words[word] })
}

// made tells whether a word consists of what stages may begin their lines with:
// dash writes a line in pieces, and those of another stage may come between.
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

// pipelines finds those of a script set, each given by its text. What does not
// parse has none: its lines are compared in their order.
func pipelines(scripts []string) []pipeline {
	var c concurrency
	c.functions = map[string]*syntax.Stmt{}
	parser := syntax.NewParser(syntax.Variant(syntax.LangBash))
	for _, text := range scripts {
		file, err := parser.Parse(strings.NewReader(text), "")
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

// concurrency looks for pipelines in files.
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

// background takes what follows an asynchronous list as running with it.
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

// words are what the xtrace lines of a command may begin with: the first words of
// its simple commands and of those of the functions it calls.
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

// firstWord is that of an xtrace line: what follows the marks; of an assignment
// the name and the sign. A line that was mixed with another may have several
// marks, and one in the middle of a word.
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
