package parse

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A document is a here-document (XCU 2.7.4).
type document struct {
	redirect *syntax.Redirect
	end      string // the line that ends it
	whole    bool   // it ends with the text only
	quoted   bool   // nothing in it is expanded
	tabs     bool   // those that lines begin with are dropped
}

// newDocument takes a redirection whose word has just been read. The word becomes
// one without expansions; it is quoted if the document is.
func (p *Parser) newDocument(r *syntax.Redirect) *document {
	d := &document{redirect: r, quoted: p.quoted, tabs: r.Op == syntax.DashHdoc}
	d.end = unquote(p.word.Parts, false)
	if at, end := r.Word.Pos(), r.Word.End(); d.quoted {
		right := syntax.NewPos(end.Offset()-1, end.Line(), end.Col()-1)
		q := &syntax.SglQuoted{Left: at, Right: right, Value: d.end}
		r.Word = &syntax.Word{Parts: []syntax.WordPart{q}}
	}
	return d
}

// unquote removes the quotes of a word without expansions.
func unquote(parts []syntax.WordPart, quoted bool) string {
	var b strings.Builder
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			b.WriteString(unescape(part.Value, quoted))
		case *syntax.SglQuoted:
			b.WriteString(part.Value)
		case *syntax.DblQuoted:
			b.WriteString(unquote(part.Parts, true))
		}
	}
	return b.String()
}

func unescape(text string, quoted bool) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) &&
			(!quoted || strings.IndexByte("$`\"\\", text[i+1]) >= 0) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// documents reads the here-documents that were announced before the newline.
func (p *Parser) documents() {
	if len(p.pending) == 0 {
		return
	}
	list := p.pending
	p.pending = nil
	for _, d := range list {
		p.document(d)
	}
}

// noDocuments leaves here-documents empty whose lines would be behind the end of a
// substitution.
func (p *Parser) noDocuments() {
	for _, d := range p.pending {
		d.redirect.Hdoc = emptyWord(p.start)
	}
}

func (p *Parser) document(d *document) {
	p.doc, p.docDone = d, false
	start, index := p.offset(), len(p.text.docs)
	at := p.here()
	var parts []syntax.WordPart
	if d.quoted {
		parts = p.quotedDocument()
	} else {
		p.peek()
		p.atDelimiter()
		parts = p.parts(quoted | inDocument)
	}
	p.doc, p.docDone = nil, false
	if d.redirect.Hdoc = emptyWord(at); len(parts) > 0 {
		d.redirect.Hdoc.Parts = parts
	}
	op := int(d.redirect.OpPos.Offset())
	p.text.docs = slices.Insert(p.text.docs, index, extent{op, start, p.offset()})
}

// quotedDocument reads a here-document in which nothing is special.
func (p *Parser) quotedDocument() []syntax.WordPart {
	b := builder{p: p}
	for p.atDelimiter(); !p.docDone && p.peekByte() != eof; p.atDelimiter() {
		n := strings.IndexByte(p.line[p.pos:], '\n') + 1
		if n == 0 {
			b.take(len(p.line) - p.pos)
			continue
		}
		b.take(n)
		p.lineno++
	}
	return b.done()
}

// atDelimiter looks at the beginning of a line in a here-document: it may be the
// last one.
func (p *Parser) atDelimiter() {
	if p.doc.whole || p.peekByte() == eof {
		return
	}
	line, d := p.line[p.pos:], p.doc
	tabs := 0
	for d.tabs && tabs < len(line) && line[tabs] == '\t' {
		tabs++
	}
	p.pos += tabs
	rest, ok := strings.CutPrefix(line[tabs:], d.end)
	if !ok || rest != "" && rest[0] != '\n' {
		return
	}
	p.pos += len(d.end)
	if rest != "" {
		p.pos++
	}
	p.lineno++
	p.docDone = true
}

// Document parses a text as that of a here-document that ends with it, such as
// the value of PS4.
func Document(text string, c Config) (w *syntax.Word, t *Text, err error) {
	defer caught(&err)
	p := New(text, c)
	p.doc = &document{whole: true}
	return &syntax.Word{Parts: p.parts(quoted | inDocument)}, p.text, nil
}
