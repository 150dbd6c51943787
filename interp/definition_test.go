package interp

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
	"overlayboot/scripts"
)

// TestDefinition checks that the functions of this program's scripts are the same whether their
// bodies are parsed at once or at the first call: the same names, bodies and lines.
func TestDefinition(t *testing.T) {
	for _, name := range scripts.Names() {
		t.Run(name, func(t *testing.T) {
			text, _ := scripts.Text(name)
			want, unread := definitions(t, text, false), definitions(t, text, true)
			if d := cmp.Diff(want, unread); d != "" {
				t.Errorf("-read +unread:\n%s", d)
			}
		})
	}
}

// definitions returns the commands of a text and the bodies of its functions, each with its
// line number.
func definitions(t *testing.T, text string, unread bool) (all []string) {
	t.Helper()
	p := parse.New(text, parse.Config{})
	for {
		if unread {
			if name, body, line, ok := p.Definition(); ok {
				f := &function{text: body, line: line}
				st, src := f.parsed()
				all = append(all, name+" "+described(src.Text, []*syntax.Stmt{st}))
				continue
			}
		}
		list, err := p.Next()
		if err != nil {
			return all
		}
		for _, st := range list {
			if d, ok := st.Cmd.(*syntax.FuncDecl); ok {
				all = append(all, d.Name.Value+" "+described(p.Text(), []*syntax.Stmt{d.Body}))
			} else {
				all = append(all, described(p.Text(), []*syntax.Stmt{st}))
			}
		}
	}
}

// described returns the text of commands behind the number of their first line.
func described(text *parse.Text, list []*syntax.Stmt) string {
	commands, line := text.Commands(list)
	return fmt.Sprint(line, ": ", commands)
}
