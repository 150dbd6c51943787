// Package trees compares the syntax trees of our parser with those of mvdan.cc/sh. They must be
// equal except for differences with a name. A program that mvdan.cc/sh's Printer prints from
// our tree must do the same as the text of the tree.
package trees

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"overlayboot/testsuite/fuzz"
)

// A text is a program and its origin.
type text struct {
	from, script string
	// runs says that it may be run unchanged, in an empty directory.
	runs bool
}

// programs is the number of generated programs. They are always the same.
const programs = 600

// The minimum sizes of the corpus: a smaller corpus has lost a part.
const (
	fewestRows     = 4500
	fewestRunnable = 1700
	fewestScripts  = 9
)

// corpus returns every program to be judged.
func corpus(t *testing.T) []text {
	t.Helper()
	all := rows(t)
	all = append(all, generated()...)
	ours := scripts("../../scripts", "../../.original")
	if len(ours) < fewestScripts {
		t.Fatalf("%d scripts of this program, at least %d are wanted", len(ours), fewestScripts)
	}
	all = append(all, ours...)
	return append(all, scripts(systemFolders...)...)
}

// systemFolders are the directories of a system's scripts. /bin and /sbin are mostly symbolic
// links to directories in /usr.
var systemFolders = []string{
	"/bin/", "/sbin/", "/usr/bin", "/usr/sbin", "/etc", "/usr/lib", "/usr/libexec",
	"/usr/share", "/var/lib/dpkg/info",
}

// generated returns the programs that are made at random.
func generated() []text {
	all := make([]text, programs)
	for i := range all {
		commands := fuzz.Program(uint64(i + 1))
		all[i] = text{"seed " + strconv.Itoa(i+1), strings.Join(commands, "\n"), true}
	}
	return all
}

// scripts returns the files for a POSIX shell below some directories.
func scripts(folders ...string) (all []text) {
	seen := map[string]bool{}
	for _, folder := range folders {
		folder, _ = filepath.EvalSymlinks(folder)
		_ = filepath.WalkDir(folder, func(name string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() || seen[name] || !isExecutable(e) {
				return nil
			}
			seen[name] = true
			if script, ok := shellScript(name); ok {
				all = append(all, text{name, script, false})
			}
			return nil
		})
	}
	return all
}

func isExecutable(e fs.DirEntry) bool {
	info, err := e.Info()
	return err == nil && info.Mode()&0o111 != 0
}

// shellScript reads a file if it begins like a script for sh.
func shellScript(name string) (script string, ok bool) {
	f, err := os.Open(name)
	if err != nil {
		return "", false
	}
	defer f.Close()
	first := make([]byte, 64)
	n, _ := f.Read(first)
	line, _, _ := bytes.Cut(first[:n], []byte("\n"))
	path, ok := strings.CutPrefix(string(line), "#!")
	words := strings.Fields(path)
	if !ok || len(words) == 0 || filepath.Base(words[0]) != "sh" {
		return "", false
	}
	whole, err := os.ReadFile(name)
	return string(whole), err == nil
}

// rows returns the programs in the tables of testsuite/shell. Programs that testsuite/shell
// runs unchanged may be run. All other texts there are only parsed, since a text for a sandbox
// would act on this system.
func rows(t *testing.T) (all []text) {
	t.Helper()
	names, _ := filepath.Glob("../shell/*_test.go")
	files := token.NewFileSet()
	seen := map[string]int{}
	add := func(e ast.Expr, runs bool) {
		script, ok := constant(e)
		if at, known := seen[script]; known && ok {
			all[at].runs = all[at].runs || runs
			return
		}
		if ok {
			at := files.Position(e.Pos())
			seen[script] = len(all)
			all = append(all, text{filepath.Base(at.Filename) + ":" + strconv.Itoa(at.Line), script, runs})
		}
	}
	for _, name := range names {
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			scripts, others := scriptsOf(n)
			for _, e := range scripts {
				add(e, true)
			}
			for _, e := range others {
				add(e, false)
			}
			return true
		})
	}
	if n := runnable(all); len(all) < fewestRows || n < fewestRunnable {
		t.Fatalf("%d rows, of which %d can be run; at least %d and %d are wanted",
			len(all), n, fewestRows, fewestRunnable)
	}
	return all
}

// runnable returns the number of texts that may be run.
func runnable(all []text) (n int) {
	for _, text := range all {
		if text.runs {
			n++
		}
	}
	return n
}

// scriptsOf returns the expressions of a node that are scripts: those that are run unchanged,
// and others.
func scriptsOf(n ast.Node) (scripts, others []ast.Expr) {
	switch n := n.(type) {
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "same" && len(n.Args) > 1 {
			return n.Args[1:], nil
		} else if ok { // the judge of another kind of row
			return nil, n.Args
		}
	case *ast.KeyValueExpr: // in rows of another type
		if isNamed(n.Key, "script") {
			return nil, []ast.Expr{n.Value}
		}
	case *ast.CompositeLit:
		if isNamed(n.Type, "row") {
			return rowScript(n), nil
		}
		if isNamed(n.Type, "scripts") {
			return n.Elts, nil
		}
		list, ok := n.Type.(*ast.ArrayType)
		if ok && isNamed(list.Elt, "row") {
			for _, e := range n.Elts {
				if row, ok := e.(*ast.CompositeLit); ok {
					scripts = append(scripts, rowScript(row)...)
				}
			}
			return scripts, nil
		}
		if ok && isNamed(list.Elt, "string") {
			return nil, n.Elts
		}
		if _, ok := n.Type.(*ast.MapType); ok {
			return nil, listsIn(n)
		}
	}
	return nil, nil
}

// listsIn returns the elements of the lists in a map.
func listsIn(m *ast.CompositeLit) (all []ast.Expr) {
	for _, e := range m.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			if list, ok := pair.Value.(*ast.CompositeLit); ok {
				all = append(all, list.Elts...)
			}
		}
	}
	return all
}

// rowScript returns the script of a row that runs without a driver or a terminal.
func rowScript(row *ast.CompositeLit) (script []ast.Expr) {
	for _, e := range row.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		switch {
		case !ok:
		case isNamed(pair.Key, "script"):
			script = []ast.Expr{pair.Value}
		case isNamed(pair.Key, "driver"), isNamed(pair.Key, "terminal"):
			return nil
		}
	}
	return script
}

func isNamed(e ast.Expr, name string) bool {
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == name
}

// constant returns the value of an expression of string literals.
func constant(e ast.Expr) (value string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		value, err := strconv.Unquote(e.Value)
		return value, err == nil
	case *ast.ParenExpr:
		return constant(e.X)
	case *ast.BinaryExpr:
		left, ok := constant(e.X)
		right, also := constant(e.Y)
		return left + right, ok && also && e.Op == token.ADD
	}
	return "", false
}
