package interp

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
)

// jobText returns the commands of a list's pipeline as jobs shows them. Without job control the
// texts are empty: nobody sees more than their number.
func (s *Shell) jobText(st *syntax.Stmt) []string {
	stages := []*syntax.Stmt{st}
	if b, ok := st.Cmd.(*syntax.BinaryCmd); ok && b.Op == syntax.Pipe && !st.Negated {
		stages = flatten(b, nil)
	}
	list := make([]string, len(stages))
	for i, stage := range stages {
		if s.jobControl {
			var w jobWriter
			w.stmt(stage)
			list[i] = w.String()
		}
	}
	return list
}

// commandText returns jobText of the running simple command.
func (s *Shell) commandText() []string {
	if s.simple == nil {
		return []string{""}
	}
	return s.jobText(s.simple)
}

// A jobWriter writes a command as dash shows it to the user: in one line, which need not be
// valid as a command.
type jobWriter struct {
	strings.Builder
	braces int // >0: in the word of ${…}
}

func (w *jobWriter) put(parts ...string) {
	for _, part := range parts {
		w.WriteString(part)
	}
}

func (w *jobWriter) list(stmts []*syntax.Stmt) {
	for i, st := range stmts {
		if i > 0 {
			w.put("; ")
		}
		w.stmt(st)
	}
}

func (w *jobWriter) stmt(st *syntax.Stmt) {
	if st.Negated {
		w.put("!")
	}
	switch c := st.Cmd.(type) {
	case nil:
		w.redirections(st)
	case *syntax.CallExpr:
		w.words(c.Args)
		w.redirections(st)
	case *syntax.Block:
		w.list(c.Stmts)
	case *syntax.Subshell:
		w.put("(")
		w.list(c.Stmts)
		w.put(")")
	case *syntax.BinaryCmd:
		w.stmt(c.X)
		w.put(" ", c.Op.String(), " ")
		w.stmt(c.Y)
	case *syntax.FuncDecl:
		w.put(c.Name.Value, "() { ... }")
	default:
		w.compound(c)
	}
}

func (w *jobWriter) compound(c syntax.Command) {
	switch c := c.(type) {
	case *syntax.IfClause:
		w.ifClause(c)
	case *syntax.WhileClause:
		word := "while "
		if c.Until {
			word = "until "
		}
		w.put(word)
		w.list(c.Cond)
		w.body(c.Do)
	case *syntax.ForClause:
		w.put("for ")
		iter := c.Loop.(*syntax.WordIter)
		w.put(iter.Name.Value, " in ")
		if w.words(iter.Items); !iter.InPos.IsValid() {
			w.put("\"${@}\"")
		}
		w.body(c.Do)
	case *syntax.CaseClause:
		w.put("case ")
		w.word(c.Word)
		w.put(" in ")
		for _, item := range c.Items {
			w.word(item.Patterns[0])
			w.put(") ")
			w.list(item.Stmts)
			w.put(";; ")
		}
		w.put("esac")
	}
}

func (w *jobWriter) body(list []*syntax.Stmt) {
	w.put("; do ")
	w.list(list)
	w.put("; done")
}

func (w *jobWriter) ifClause(c *syntax.IfClause) {
	w.put("if ")
	w.list(c.Cond)
	w.put("; then ")
	w.list(c.Then)
	if next := c.Else; next != nil {
		w.put("; else ")
		if len(next.Cond) > 0 {
			w.ifClause(next)
		} else {
			w.list(next.Then)
		}
	}
	w.put("; fi")
}

func (w *jobWriter) words(list []*syntax.Word) {
	for i, word := range list {
		if i > 0 {
			w.put(" ")
		}
		w.word(word)
	}
}

func (w *jobWriter) redirections(st *syntax.Stmt) {
	for _, r := range st.Redirs {
		w.put(" ")
		if r.Op == syntax.Hdoc || r.Op == syntax.DashHdoc {
			w.put("<<...")
			continue
		}
		switch op := r.Op.String(); {
		case r.N != nil:
			w.put(r.N.Value, op)
		case op[0] == '<':
			w.put("0", op)
		default:
			w.put("1", op)
		}
		if r.Word.Lit() == "-" && (r.Op == syntax.DplIn || r.Op == syntax.DplOut) {
			w.put("/") // as dash shows it: the byte before 0
			continue
		}
		w.word(r.Word)
	}
}

func (w *jobWriter) word(word *syntax.Word) {
	for _, part := range word.Parts {
		w.part(part, false)
	}
}

func (w *jobWriter) part(part syntax.WordPart, quoted bool) {
	switch part := part.(type) {
	case *syntax.Lit:
		w.put(w.escaped(part.Value, quoted))
	case *syntax.SglQuoted:
		value := parse.SingleQuoted(part)
		w.put(`"`, strings.NewReplacer(`'`, `\'`, `"`, `\"`, `$`, `\$`).Replace(value), `"`)
	case *syntax.DblQuoted:
		w.put(`"`)
		for _, inner := range part.Parts {
			w.part(inner, true)
		}
		w.put(`"`)
	case *syntax.CmdSubst:
		w.put("$(...)")
	case *syntax.ArithmExp:
		w.put("$((")
		for _, inner := range part.X.(*syntax.Word).Parts {
			w.part(inner, true)
		}
		w.put("))")
	case *syntax.ParamExp:
		w.parameter(part)
	}
}

func (w *jobWriter) parameter(p *syntax.ParamExp) {
	w.put("${")
	if p.Length {
		w.put("#")
	}
	if p.Param != nil {
		w.put(w.escaped(p.Param.Value, true))
	}
	if p.Exp != nil {
		w.put(p.Exp.Op.String())
		if p.Exp.Word != nil {
			w.braces++
			w.word(p.Exp.Word)
			w.braces--
		}
	}
	w.put("}")
}

// escaped puts a backslash before each quoting character, and drops the backslashes of the
// source.
func (w *jobWriter) escaped(text string, quoted bool) string {
	var b strings.Builder
	quotable := "$`\"\\\n"
	if w.braces > 0 {
		quotable += "}"
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) &&
			(!quoted || strings.IndexByte(quotable, text[i+1]) >= 0):
			i++
		case strings.IndexByte(`'"$`, text[i]) >= 0:
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
