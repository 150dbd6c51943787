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
	whole    bool   // it ends only with the text
	quoted   bool   // nothing in it is expanded
	tabs     bool   // tabs at the beginning of lines are dropped
}

// newDocument returns the here-document of a redirection whose delimiter was just read.
func (p *Parser) newDocument(r *syntax.Redirect) *document {
	return &document{
		redirect: r, end: unquote(r.Word.Parts, false), quoted: p.quoted,
		tabs: r.Op == syntax.DashHdoc,
	}
}

// IsQuoted reports whether any part of a here-document's delimiter is quoted, so that nothing
// in the document is expanded.
func IsQuoted(delimiter *syntax.Word) bool {
	for _, part := range delimiter.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok || strings.IndexByte(lit.Value, '\\') >= 0 {
			return true
		}
	}
	return false
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

// documents reads the here-documents whose operators precede the newline.
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

func (p *Parser) document(d *document) {
	p.doc, p.docDone = d, false
	start, index := p.offset(), len(p.text.docs)
	var parts []syntax.WordPart
	if d.quoted {
		parts = p.quotedDocument()
	} else {
		p.peek()
		p.atDelimiter()
		parts = p.parts(quoted | inDocument)
	}
	p.doc, p.docDone = nil, false
	if len(parts) > 0 {
		d.redirect.Hdoc = &syntax.Word{Parts: parts}
	}
	op := int(d.redirect.OpPos.Offset())
	p.text.docs = slices.Insert(p.text.docs, index, extent{op, start, p.offset()})
}

// quotedDocument reads a here-document without special characters.
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

// atDelimiter checks at the beginning of a line whether that line ends the here-document.
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

// Document parses a text as a here-document that ends with the text, such as the value of PS4.
func Document(text string, c Config) (w *syntax.Word, t *Text, err error) {
	defer caught(&err)
	p := New(text, c)
	p.doc = &document{whole: true}
	return &syntax.Word{Parts: p.parts(quoted | inDocument)}, p.text, nil
}
