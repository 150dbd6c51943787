package interp

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/arith"
)

// arithmeticExpansion evaluates $((…)) (XCU 2.6.4). As the standard asks, the text between the
// parentheses is first expanded as if in double quotes, and parsed afterwards.
func (s *Shell) arithmeticExpansion(a *syntax.ArithmExp) string {
	if x, ok := s.src.exprs.get(a); ok {
		return s.arithmetic(x)
	}
	word := a.X.(*syntax.Word)
	text, ok := literalOf(word)
	if !ok || strings.Contains(text, "\\") {
		text = s.expandDocument(word, "$`\"\\")
		if s.stopped() {
			return ""
		}
		return s.arithmetic(arith.Compile(text))
	}
	x := arith.Compile(text)
	s.src.exprs.put(a, x)
	return s.arithmetic(x)
}

// arithmetic evaluates an expression.
func (s *Shell) arithmetic(x *arith.Expr) string {
	n, err := x.Eval(arithVars{s})
	if err != nil {
		if !s.stopped() {
			s.fail(2, "%v", err)
		}
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// arithVars gives package arith access to the shell's variables.
type arithVars struct{ s *Shell }

type errStopped struct{}

func (errStopped) Error() string { return "stopped" }

// Get returns the value of a variable.
func (a arithVars) Get(name string) (string, bool) { return a.s.get(name) }

// Set assigns to a variable. Its error only ends the evaluation: the shell has printed the
// message.
func (a arithVars) Set(name, value string) error {
	if !a.s.set(name, value) {
		return errStopped{}
	}
	return nil
}

// expandDocument expands text that is quoted as in a here-document.
func (s *Shell) expandDocument(w *syntax.Word, special string) string {
	b := fieldBuilder{s: s, text: true}
	for _, part := range w.Parts {
		if lit, ok := part.(*syntax.Lit); ok {
			b.inQuotes(lit.Value, special)
			continue
		}
		b.part(part, true)
		if s.stopped() {
			return ""
		}
	}
	return string(b.buf)
}
