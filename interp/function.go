package interp

import (
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/handover"
	"overlayboot/interp/parse"
)

// A function is a function definition (XCU 2.9.5). A function that another process handed over
// is text until its first call. A function never changes, and subshells share it.
type function struct {
	once sync.Once
	body *syntax.Stmt
	src  *origin

	printed sync.Once
	text    string // the text of the body, which a parser reads again
	line    int    // the number of its first line
}

func newFunction(body *syntax.Stmt, src *origin) *function {
	return &function{body: body, src: src}
}

// parsed returns the body and the origin of its text.
func (f *function) parsed() (*syntax.Stmt, *origin) {
	f.once.Do(func() {
		if f.body != nil {
			return
		}
		list, src, err := parse.All(f.text, parse.Config{FirstLine: f.line})
		if err != nil || len(list) != 1 { // the text is our own, from our own parser
			panic("interp: a function was not handed over whole: " + f.text)
		}
		f.body, f.src = list[0], originOf(src)
	})
	return f.body, f.src
}

func (f *function) encode(w *handover.Writer) {
	f.printed.Do(func() {
		if f.text == "" {
			f.text, f.line = f.src.Commands([]*syntax.Stmt{f.body})
		}
	})
	w.Number(f.line)
	w.Text(f.text)
}

func decodeFunction(r *handover.Reader) *function {
	f := new(function)
	f.line, f.text = r.Number(), r.Text()
	return f
}
