package testsuite

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// kitDir has the rule by which something is left out.
const kitDir = "compat/kit/"

// skips are the functions that may skip a test themselves, each with its reason. All others
// use package kit, which gives the reason and knows when a skip is a failure.
var skips = map[string]string{
	"compat/sandbox/sandboxtest/sandboxtest.go: report": "a test ends as it has ended inside, " +
		"where package kit has judged",
}

// skippers are the methods of testing.TB that leave a test out.
var skippers = []string{"Skip", "Skipf", "SkipNow"}

// mustWork is the variable that package kit alone reads.
const mustWork = "OVERLAY_" + "MUST_WORK"

// TestSkipsSayWhy checks that a test that cannot run goes through package kit. Otherwise it
// would be skipped even where everything must work.
func TestSkipsSayWhy(t *testing.T) {
	top := kit.Module(t)
	stale := maps.Clone(skips)
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, top+"/")
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != top {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, kitDir) {
			return nil
		}
		found, err := skipsIn(path, nil)
		for _, s := range found {
			if key := name + ": " + s.function; skips[key] == "" {
				t.Errorf("%s:%d: %s: %s: left out without package kit", name, s.line,
					s.function, s.what)
			} else {
				delete(stale, key)
			}
		}
		return err
	})
	must(t, err)
	for _, key := range slices.Sorted(maps.Keys(stale)) {
		t.Errorf("%s skips nothing: its exemption is stale", key)
	}
}

// A skipped is a place where something is left out without package kit.
type skipped struct {
	function string
	line     int
	what     string
}

// skipsIn finds the mentions of skippers and of mustWork in a file. The receiver does not
// count: it may have any name, and a method may be called later (f := t.Skip).
func skipsIn(path string, text any) (list []skipped, err error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, decl := range file.Decls {
		function := "no function"
		if f, ok := decl.(*ast.FuncDecl); ok {
			function = f.Name.Name
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if what := leavesOut(n); what != "" {
				list = append(list, skipped{function, set.Position(n.Pos()).Line, what})
			}
			return true
		})
	}
	return list, nil
}

// leavesOut returns how a node leaves something out, or nothing if it does not.
func leavesOut(n ast.Node) string {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		if slices.Contains(skippers, n.Sel.Name) {
			return "." + n.Sel.Name
		}
	case *ast.BasicLit:
		if strings.Contains(n.Value, mustWork) {
			return n.Value
		}
	}
	return ""
}

// TestSkipsAreFound plants ways to leave something out.
func TestSkipsAreFound(t *testing.T) {
	for body, want := range map[string]string{
		`t.Skip("x")`:                    ".Skip",
		`tt.Skip("x")`:                   ".Skip",
		`tb.Skipf("%s", tb.Name())`:      ".Skipf",
		`s.of[0].tb().SkipNow()`:         ".SkipNow",
		"t.\n\tSkip(\n\"x\")":            ".Skip",
		`end := testing.TB.Skip; end(t)`: ".Skip",
		`t.Run("a", func(x *testing.T) { defer x.SkipNow() })`: ".SkipNow",
		`if os.Getenv("` + mustWork + `") == "" { return }`:    `"` + mustWork + `"`,
		`kit.Missing(t, "t.Skip(x)") // t.Skip`:                "",
		`return fs.SkipDir`:                                    "",
	} {
		text := "package p\n\nfunc (s *suite) TestX() {\n" + body + "\n}\n"
		list, err := skipsIn("x_test.go", text)
		must(t, err)
		var got string
		for _, s := range list {
			got += fmt.Sprintf("%s:%d:%s", s.function, s.line, s.what)
		}
		if want != "" {
			want = "TestX:4:" + want
		}
		if got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}
