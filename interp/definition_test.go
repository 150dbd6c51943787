package interp

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
	"overlayboot/scripts"
)

// TestDefinition: the functions of this program's scripts are those that a parser finds, with
// the same bodies in the same lines, where their bodies are not read at first.
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

// definitions are the commands of a text and the bodies of its functions, each with the number
// of its line.
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

// described is the text of commands with the number of its first line.
func described(text *parse.Text, list []*syntax.Stmt) string {
	commands, line := text.Commands(list)
	return fmt.Sprint(line, ": ", commands)
}
