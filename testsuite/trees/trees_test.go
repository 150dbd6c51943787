package trees

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/compat/kit"
	"overlayboot/interp/parse"
)

// strip removes the parts of a tree that are not compared: comments, which our parser does not
// keep, and positions. Our positions count from the text after aliases and backquotes are
// replaced, and have the line that dash names for a command.
func strip(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			strip(v.Elem())
		}
	case reflect.Slice:
		if _, ok := v.Interface().([]syntax.Comment); ok || v.Len() == 0 {
			v.SetZero()
		}
		for i := range v.Len() {
			strip(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[syntax.Pos]() {
			v.SetZero()
			return
		}
		for i := range v.NumField() {
			strip(v.Field(i))
		}
	}
}

// equal compares the rest of the trees, node by node.
func (p *pair) equal() bool {
	strip(reflect.ValueOf(p.ours))
	strip(reflect.ValueOf(p.theirs))
	return reflect.DeepEqual(p.ours, p.theirs)
}

func theirs(script string) (*syntax.File, error) {
	p := syntax.NewParser(syntax.Variant(syntax.LangPOSIX))
	return p.Parse(strings.NewReader(script), "")
}

func ours(script string) (*syntax.File, error) {
	list, _, err := parse.All(script, parse.Config{})
	return &syntax.File{Stmts: list}, err
}

// TestTrees checks that both parsers make the same tree of every text, except for the named
// differences and refusals. If only one of them accepts a text, dash must agree with our
// parser.
func TestTrees(t *testing.T) {
	dash, err := exec.LookPath("dash")
	if err != nil {
		kit.Missing(t, "dash, which knows what is a program")
	}
	used := map[string]int{}
	for _, text := range corpus(t) {
		for _, name := range judge(t, dash, text) {
			if !filepath.IsAbs(text.from) { // systems have different scripts
				used[name]++
			}
		}
	}
	for _, name := range names() {
		if used[name] == 0 {
			t.Errorf("no text needs the name %q any more", name)
		}
	}
	t.Log(used)
}

// judge compares the trees of a text, and returns the names of the differences.
func judge(t *testing.T, dash string, text text) []string {
	t.Helper()
	a, ourError := ours(text.script)
	b, theirError := theirs(text.script)
	switch {
	case ourError != nil && theirError != nil:
		return []string{"both refuse"}
	case ourError != nil:
		if accepts(dash, text.script) {
			t.Errorf("%s: ours refuses, dash does not: %v\n%s", text.from, ourError, text.script)
		}
		return []string{dashRefuses}
	case theirError != nil:
		if !accepts(dash, text.script) {
			if strings.Contains(text.script, ";&") || strings.Contains(text.script, "$'") {
				return []string{newer}
			}
			t.Errorf("%s: dash refuses, ours does not\n%s", text.from, text.script)
		}
		return []string{refusalOf(t, text, theirError)}
	}
	return (&pair{a, b}).difference(t, text)
}

// accepts reports whether a text is a program for dash.
func accepts(dash, script string) bool {
	cmd := exec.Command(dash, "-n")
	cmd.Stdin = strings.NewReader(script)
	return cmd.Run() == nil
}

func refusalOf(t *testing.T, text text, err error) string {
	t.Helper()
	for _, r := range refusals {
		for _, message := range r.messages {
			if strings.Contains(err.Error(), message) {
				return r.name
			}
		}
	}
	t.Errorf("%s: theirs refuses for a reason without a name: %v\n%s", text.from, err, text.script)
	return ""
}

// difference removes the named differences from both trees, which must be equal then.
func (p *pair) difference(t *testing.T, text text) (undone []string) {
	t.Helper()
	for _, d := range differences {
		if d.apply(p) {
			undone = append(undone, d.name)
		}
	}
	if p.equal() {
		return undone
	}
	for _, e := range exceptions {
		if strings.Contains(text.script, e.bytes) {
			return []string{e.name}
		}
	}
	t.Errorf("%s: a difference without a name\n%s\n%s", text.from, text.script,
		firstLines(cmp.Diff(p.theirs, p.ours, cmpopts.EquateComparable(syntax.Pos{}))))
	return nil
}

// firstLines returns the first lines of a comparison that show a difference.
func firstLines(diff string) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(diff) {
		if (line[0] == '-' || line[0] == '+') && n < 12 {
			n++
			fmt.Fprint(&b, line)
		}
	}
	return b.String()
}
