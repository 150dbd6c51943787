package trees

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A pair holds the trees of both parsers for a text.
type pair struct{ ours, theirs *syntax.File }

// eachList replaces the parts of every word and of every double-quoted text by the result of f.
// It reports whether a result has another number of parts.
func eachList(file *syntax.File, f func(parts []syntax.WordPart) []syntax.WordPart) (changed bool) {
	replace := func(parts *[]syntax.WordPart) {
		before := len(*parts)
		*parts = f(*parts)
		changed = changed || len(*parts) != before
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Word:
			replace(&n.Parts)
		case *syntax.DblQuoted:
			replace(&n.Parts)
		}
		return true
	})
	return changed
}

// eachNode calls f with every node of both trees, and reports whether f has changed any.
func (p *pair) eachNode(f func(n syntax.Node) bool) (changed bool) {
	for _, file := range [...]*syntax.File{p.ours, p.theirs} {
		syntax.Walk(file, func(n syntax.Node) bool {
			changed = n != nil && f(n) || changed
			return true
		})
	}
	return changed
}

// joined joins adjacent literals.
func joined(parts []syntax.WordPart) (list []syntax.WordPart) {
	for _, part := range parts {
		lit, ok := part.(*syntax.Lit)
		if last := len(list) - 1; ok && last >= 0 {
			if before, ok := list[last].(*syntax.Lit); ok {
				list[last] = &syntax.Lit{Value: before.Value + lit.Value}
				continue
			}
		}
		list = append(list, part)
	}
	return list
}

// joinLiterals joins the literals of theirs, and leaves ours alone.
func joinLiterals(p *pair) bool { return eachList(p.theirs, joined) }

// arithmeticAsText replaces the tree of an expression by its text without blanks, and by the
// expansions in it.
func arithmeticAsText(p *pair) bool {
	return p.eachNode(func(n syntax.Node) bool {
		a, ok := n.(*syntax.ArithmExp)
		if ok {
			_, ok = a.X.(*syntax.Word)
			ok = !ok
			parts := joined(flat(a.X))
			kept := parts[:0]
			for _, part := range parts {
				if lit, ok := part.(*syntax.Lit); ok {
					lit.Value = strings.Join(strings.Fields(lit.Value), "")
					if lit.Value == "" {
						continue
					}
				}
				kept = append(kept, part)
			}
			a.X = &syntax.Word{Parts: kept}
		}
		return ok
	})
}

// flat returns the parts of an expression in the order of its text.
func flat(x syntax.ArithmExpr) []syntax.WordPart {
	operator := func(text string) syntax.WordPart { return &syntax.Lit{Value: text} }
	switch x := x.(type) {
	case *syntax.Word:
		return withoutQuotes(x.Parts)
	case *syntax.BinaryArithm:
		return append(append(flat(x.X), operator(x.Op.String())), flat(x.Y)...)
	case *syntax.UnaryArithm:
		if x.Post {
			return append(flat(x.X), operator(x.Op.String()))
		}
		return append([]syntax.WordPart{operator(x.Op.String())}, flat(x.X)...)
	case *syntax.ParenArithm:
		list := append([]syntax.WordPart{operator("(")}, flat(x.X)...)
		return append(list, operator(")"))
	}
	return nil
}

// withoutQuotes turns the double quotes of a list into literal bytes, as they are in an
// expression.
func withoutQuotes(parts []syntax.WordPart) (list []syntax.WordPart) {
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			list = append(list, &syntax.Lit{Value: part.Value})
		case *syntax.DblQuoted:
			list = append(list, &syntax.Lit{Value: `"`})
			list = append(append(list, withoutQuotes(part.Parts)...), &syntax.Lit{Value: `"`})
		default:
			list = append(list, part)
		}
	}
	return list
}

// dropTabs drops the tabs at the beginning of lines of a <<- document, as our parser does.
func dropTabs(p *pair) (changed bool) {
	syntax.Walk(p.theirs, func(n syntax.Node) bool {
		r, ok := n.(*syntax.Redirect)
		if !ok || r.Op != syntax.DashHdoc || r.Hdoc == nil {
			return true
		}
		atStart := true
		parts := r.Hdoc.Parts[:0]
		for _, part := range r.Hdoc.Parts {
			lit, ok := part.(*syntax.Lit)
			if ok {
				before := lit.Value
				lit.Value = withoutTabs(before, atStart)
				atStart = strings.HasSuffix(before, "\n")
				changed = changed || lit.Value != before
			} else {
				atStart = false
			}
			if !ok || lit.Value != "" {
				parts = append(parts, part)
			}
		}
		if r.Hdoc.Parts = parts; len(parts) == 0 {
			r.Hdoc = nil
		}
		return true
	})
	return changed
}

func withoutTabs(text string, atStart bool) string {
	var b strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		if atStart {
			line = strings.TrimLeft(line, "\t")
		}
		atStart = true
		b.WriteString(line)
	}
	return b.String()
}

// dollarQuotes splits $'…' of ours into the literal and the quoted text of theirs.
func dollarQuotes(p *pair) bool {
	return eachList(p.ours, func(parts []syntax.WordPart) (list []syntax.WordPart) {
		for _, part := range parts {
			q, ok := part.(*syntax.SglQuoted)
			if ok && q.Dollar {
				list = append(list, &syntax.Lit{Value: "$"})
				part = &syntax.SglQuoted{Value: q.Value}
			}
			list = append(list, part)
		}
		return joined(list)
	})
}

// quotesAsText turns single quotes in the words of quoted ${…} into literal bytes, as they are
// there.
func quotesAsText(p *pair) (changed bool) {
	inQuotes := func(parts []syntax.WordPart) {
		for _, part := range parts {
			exp, ok := part.(*syntax.ParamExp)
			if ok && exp.Exp != nil && exp.Exp.Word != nil && !trims(exp.Exp.Op) {
				exp.Exp.Word.Parts = asBytes(exp.Exp.Word.Parts, &changed)
			}
		}
	}
	syntax.Walk(p.theirs, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.DblQuoted:
			inQuotes(n.Parts)
		case *syntax.Redirect:
			if n.Hdoc != nil {
				inQuotes(n.Hdoc.Parts)
			}
		}
		return true
	})
	return changed
}

// trims reports whether the word of an operator is a pattern, in which quotes quote.
func trims(op syntax.ParExpOperator) bool {
	switch op {
	case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix:
		return true
	}
	return false
}

func asBytes(parts []syntax.WordPart, changed *bool) (list []syntax.WordPart) {
	for _, part := range parts {
		if q, ok := part.(*syntax.SglQuoted); ok {
			*changed = true
			part = &syntax.Lit{Value: "'" + q.Value + "'"}
		}
		list = append(list, part)
	}
	return joined(list)
}

// badSubstitutions empties each ${…} of theirs that ours takes for an invalid substitution.
func badSubstitutions(p *pair) bool {
	bad := map[uint]bool{}
	syntax.Walk(p.ours, func(n syntax.Node) bool {
		if exp, ok := n.(*syntax.ParamExp); ok && exp.Param == nil {
			bad[exp.Dollar.Offset()] = true
		}
		return true
	})
	return p.eachNode(func(n syntax.Node) bool {
		exp, ok := n.(*syntax.ParamExp)
		if ok = ok && bad[exp.Dollar.Offset()]; ok {
			*exp = syntax.ParamExp{Dollar: exp.Dollar, Param: &syntax.Lit{}}
		}
		return ok
	})
}
