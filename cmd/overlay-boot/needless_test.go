package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// usedBy are the packages that may import one of them: the printer of syntax is not used.
var usedBy = map[string]string{
	"regexp": "mvdan.cc/sh/v3/syntax", "regexp/syntax": "mvdan.cc/sh/v3/syntax",
	"mvdan.cc/sh/v3/fileutil": "mvdan.cc/sh/v3/syntax",
}

// TestNeedless checks that the packages that builtins/base/signals/needless.s marks as
// initialised serve only each other in this program.
func TestNeedless(t *testing.T) {
	text, err := os.ReadFile("../../builtins/base/signals/needless.s")
	if err != nil {
		t.Fatal(err)
	}
	var needless []string
	task := regexp.MustCompile(`\$(\S+?)··inittask`)
	for _, m := range task.FindAllStringSubmatch(string(text), -1) {
		needless = append(needless, strings.NewReplacer("·", ".", "∕", "/").Replace(m[1]))
	}
	if len(needless) < 4 {
		t.Fatalf("needless.s names %q only", needless)
	}
	list, err := exec.Command("go", "list", "-tags", "overlayzstd", "-deps", "-f",
		`{{.ImportPath}} {{.Dir}} {{.Standard}} {{join .Imports " "}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		f := strings.Fields(line)
		name, dir, standard, imports := f[0], f[1], f[2] == "true", f[3:]
		if slices.Contains(needless, name) {
			continue
		}
		for _, n := range needless {
			if n != "unicode" && slices.Contains(imports, n) && name != usedBy[n] {
				t.Errorf("%s imports %s", name, n)
			}
		}
		if !standard && slices.Contains(imports, "unicode") {
			usesNot(t, dir,
				`unicode\.(Categories|CategoryAliases|Scripts|Properties|FoldCategory|FoldScript|CaseRanges)\b`)
		}
		if strings.HasPrefix(name, "overlayboot/") {
			usesNot(t, dir, `syntax\.(NewPrinter|Printer|Print)\b`)
		}
	}
}

// usesNot fails the test if a source file in a directory contains a match of expr.
func usesNot(t *testing.T, dir, expr string) {
	t.Helper()
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(expr).Find(text); m != nil && !strings.HasSuffix(file, "_test.go") {
			t.Errorf("%s uses %s", file, m)
		}
	}
}
