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

// TestNeedless: the packages that interp/signals/needless.s marks as initialised serve
// nothing in this program but each other.
func TestNeedless(t *testing.T) {
	text, err := os.ReadFile("../../interp/signals/needless.s")
	if err != nil {
		t.Fatal(err)
	}
	var needless []string
	for _, m := range regexp.MustCompile(`\$(\S+?)··inittask`).FindAllStringSubmatch(string(text), -1) {
		needless = append(needless, strings.NewReplacer("·", ".", "∕", "/").Replace(m[1]))
	}
	if len(needless) < 4 {
		t.Fatalf("needless.s names %q only", needless)
	}
	list, err := exec.Command("go", "list", "-deps", "-f",
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
			if n != "unicode" && slices.Contains(imports, n) && name != "mvdan.cc/sh/v3/syntax" {
				t.Errorf("%s imports %s", name, n)
			}
		}
		if !standard && slices.Contains(imports, "unicode") {
			usesNot(t, dir, `unicode\.(Categories|CategoryAliases|Scripts|Properties|FoldCategory|FoldScript|CaseRanges)\b`)
		}
		if strings.HasPrefix(name, "overlayboot/") {
			usesNot(t, dir, `syntax\.(NewPrinter|Printer|Print)\b`)
		}
	}
}

// usesNot fails where a source file of a directory has the text.
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
