package shell

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Each row is a subtest. Its name begins with the file and the line of the row's text, by which
// a single row can be run:
//
//	go test -run '^TestLists$/^lists_test.go:45' ./testsuite/shell

// A literal is a constant text in a test file.
type literal struct {
	value string
	line  int
}

// A source is a parsed test file. It maps function names to the literals of the functions, and
// "" to the literals of the file's tables.
type source map[string][]literal

// sources maps paths to parsed test files, each as a func() source.
var sources sync.Map

// rowName returns the name of the subtest that judges a script.
func rowName(script string) string {
	file, function, line := callingTest()
	parsed, _ := sources.LoadOrStore(file, sync.OnceValue(func() source {
		return parseSource(file)
	}))
	line = parsed.(func() source)().lineOf(script, function, line)
	return fmt.Sprintf("%s:%d %s", filepath.Base(file), line, title(script))
}

// callingTest returns the name of the running test function, and the file and line of its
// present call.
func callingTest() (file, function string, line int) {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	for {
		frame, more := frames.Next()
		_, name, _ := strings.Cut(filepath.Base(frame.Function), ".")
		if strings.HasPrefix(name, "Test") {
			name, _, _ = strings.Cut(name, ".")
			return frame.File, name, frame.Line
		}
		if !more {
			return frame.File, "", frame.Line
		}
	}
}

// lineOf returns the line of the longest literal in the script, or the line of the call if
// there is none.
func (s source) lineOf(script, function string, call int) int {
	line, longest := call, 0
	for _, name := range [...]string{function, ""} {
		for _, l := range s[name] {
			known := l.value == script || len(l.value) > 3 && strings.Contains(script, l.value)
			if known && len(l.value) > longest {
				line, longest = l.line, len(l.value)
			}
		}
	}
	return line
}

// parseSource parses a test file. A file that has moved since it was compiled has no literals.
func parseSource(file string) source {
	set, found := token.NewFileSet(), source{}
	tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return found
	}
	for _, decl := range tree.Decls {
		name := ""
		if f, ok := decl.(*ast.FuncDecl); ok {
			name = f.Name.Name
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			for _, e := range elements(n) {
				if value, ok := constant(e); ok {
					line := set.Position(e.Pos()).Line
					found[name] = append(found[name], literal{value, line})
				}
			}
			return true
		})
	}
	return found
}

// elements returns the expressions of a list that may be the texts of rows. Operands of a sum
// do not count.
func elements(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CompositeLit:
		return n.Elts
	case *ast.CallExpr:
		return n.Args
	case *ast.KeyValueExpr:
		return []ast.Expr{n.Value}
	}
	return nil
}

// constant returns the value of a literal or of a sum of literals.
func constant(e ast.Expr) (value string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		value, err := strconv.Unquote(e.Value)
		return value, e.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		left, ok := constant(e.X)
		right, too := constant(e.Y)
		return left + right, ok && too
	}
	return "", false
}

// TestRowNames checks that a row is named by its own line, or by the line of its list or call.
func TestRowNames(t *testing.T) {
	_, _, here := callingTest()
	texts := []string{
		"echo a row of its own", "echo " +
			"one of two pieces",
	}
	for script, line := range map[string]int{
		texts[0]:              here + 2,
		texts[1]:              here + 2,
		"set -e\n" + texts[0]: here + 2,
		"no row " + t.Name():  here + 12,
	} {
		want := fmt.Sprintf("place_test.go:%d %s", line, title(script))
		if got := rowName(script); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// quiet makes the rows of a test run one after the other. Such rows are about signals, jobs or
// terminals, and depend on the speed of processes.
func quiet(t *testing.T) {
	t.Helper()
	quietTests.Store(t.Name(), true)
}

// quietTests holds the names of the tests that called quiet.
var quietTests sync.Map

// isQuiet reports whether a test or one of its parents has called quiet.
func isQuiet(t *testing.T) bool {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	_, is := quietTests.Load(name)
	return is
}
