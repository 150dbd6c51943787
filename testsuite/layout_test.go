package testsuite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// module is the name of the project in import paths.
const module = "overlayboot/"

// A floor is a row of packages of the same height. A package may import the packages of
// each lower floor of its house, and those of its own floor if peers is set. A floor with a
// list in only is beside the others, and not below them all.
type floor struct {
	house    string // "program" or "harness"
	name     string
	packages string
	peers    bool // its packages may import each other
	// only, if it is not empty, has the packages that alone may import those of the floor.
	only string
}

// floors are the floors of both houses, each from its roof down. The harness must not share
// faults with the program that it judges, so the houses are separate.
var floors = []floor{
	{house: "program", name: "the programs", packages: "cmd/overlay-boot"},
	{house: "program", name: "a program in the program", packages: "cmd/overlay-zstd"},
	{house: "program", name: "the shell", packages: "interp"},
	{house: "program", name: "parts of the shell",
		packages: "interp/arith interp/parse interp/pattern interp/timing interp/utility",
		peers:    true},
	{house: "program", name: "the kit of the commands' tests",
		packages: "builtins/native/nativetest"},
	{house: "program", name: "the table of all commands", packages: "builtins"},
	{house: "program", name: "the commands of subhosts", packages: "builtins/admin builtins/subhost"},
	{house: "program", name: "the rooms of the commands",
		packages: "builtins/text builtins/files builtins/mount " +
			"builtins/network builtins/process builtins/namespace builtins/system builtins/layer"},
	{house: "program", name: "what all rooms share", packages: "builtins/native builtins/text/awk"},
	{house: "program", name: "below the commands and the shell",
		packages: "builtins/base/ascii builtins/base/clib " +
			"builtins/base/condition builtins/base/dates builtins/base/filemode " +
			"builtins/base/fsys builtins/base/handover builtins/base/mountinfo " +
			"builtins/base/number builtins/base/posixre builtins/base/proc " +
			"builtins/base/proc/limits builtins/base/regex " +
			"builtins/base/signals builtins/base/site builtins/base/tiny", peers: true},
	{house: "program", name: "the scripts", packages: "scripts", only: "cmd/overlay-boot"},

	{house: "harness", name: "the program of the comparisons", packages: "cmd/overlay-compat"},
	{house: "harness", name: "suites of tests",
		packages: "testsuite testsuite/bench testsuite/faults " +
			"testsuite/fuzz testsuite/fuzz/tools testsuite/hostile testsuite/natives " +
			"testsuite/packages testsuite/realworld testsuite/shell testsuite/suites testsuite/trees"},
	{house: "harness", name: "the built program", packages: "testsuite/program"},
	{house: "harness", name: "the comparisons", packages: "compat"},
	{house: "harness", name: "judges", packages: "compat/judge"},
	{house: "harness", name: "tests in sandboxes", packages: "compat/sandbox/sandboxtest"},
	{house: "harness", name: "sandboxes", packages: "compat/sandbox"},
	{house: "harness", name: "what a test needs", packages: "compat/kit"},
}

// exceptions are imports that no floor allows, each with its reason. A key that begins with
// "test of" is about the tests of a package.
var exceptions = map[string]string{
	"testsuite/natives: builtins/native":       "it writes the man page from the tables of options",
	"builtins/native/nativetest: compat/judge": "it runs our commands for the judges",
	"test of testsuite/trees: testsuite/fuzz":  "it parses generated programs",
	"testsuite/natives: builtins":              "it writes the man page from the tables of options",
	"testsuite/suites: builtins":               "only the tests of native commands count",
	"test of testsuite/natives: builtins":      "it compares the tables with the man page",
	"test of testsuite: scripts":               "the list of scripts, which are installed files, too",
	"test of testsuite/trees: interp/parse":    "it compares the trees of our parser with another's",
	"test of interp: scripts":                  "it analyses them",
	"test of interp: testsuite/fuzz":           "it runs generated programs inside the process",
	"test of scripts: builtins/base/site":      "the scripts judge what that reads",
	"test of scripts: builtins/base/tiny":      "its reaper is pid 1 of a subhost",
}

// A pkg is a package as go list shows it.
type pkg struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// TestLayout checks that imports lead down only, and prints all imports.
func TestLayout(t *testing.T) {
	kit.Tools(t, "go")
	for _, tags := range []string{"", "overlayentry,dozy,race"} {
		cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports",
			"-tags="+tags, "./...")
		cmd.Dir = kit.Module(t)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		packages, err := decode(string(out))
		must(t, err)
		if len(packages) < 20 {
			t.Fatalf("only %d packages", len(packages))
		}
		for _, fault := range append(faults(packages), stale(packages)...) {
			t.Error(fault)
		}
		if tags == "" {
			t.Log("\n" + graph(packages))
		}
	}
}

func decode(text string) (packages []pkg, err error) {
	for d := json.NewDecoder(strings.NewReader(text)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
}

// own returns the packages of the project in lists of imports.
func own(imports ...[]string) (names []string) {
	for _, path := range slices.Concat(imports...) {
		if name, ok := strings.CutPrefix(path, module); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// floorOf returns the index of the floor that names a package, or -1.
func floorOf(name string) int {
	return slices.IndexFunc(floors, func(f floor) bool {
		return slices.Contains(strings.Fields(f.packages), name)
	})
}

// allowed reports whether the floors allow an import.
func allowed(from, to int) bool {
	if floors[from].house != floors[to].house {
		return false
	}
	if only := floors[to].only; only != "" && floors[from].packages != only {
		return false
	}
	return from < to || from == to && floors[from].peers
}

// allowedInTest reports whether the tests of a package may import another. They may import
// what the package may, the package itself, the judges, the sandboxes and the kits.
func allowedInTest(from, to int, same bool) bool {
	return same || allowed(from, to) || strings.HasPrefix(floors[to].packages, "compat/") ||
		floors[to].packages == "builtins/native/nativetest" && from != to
}

// stale lists the packages of the floors that do not exist, and the exceptions that no import
// needs.
func stale(packages []pkg) (list []string) {
	there, imports := map[string]bool{}, map[string]bool{}
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module)
		there[name] = true
		from := floorOf(name)
		for _, to := range own(p.Imports) {
			at := floorOf(to)
			imports[name+": "+to] = from >= 0 && at >= 0 && !allowed(from, at)
		}
		for _, to := range own(p.TestImports, p.XTestImports) {
			at := floorOf(to)
			imports["test of "+name+": "+to] = from >= 0 && at >= 0 &&
				!allowedInTest(from, at, to == name)
		}
	}
	for _, f := range floors {
		for _, name := range strings.Fields(f.packages + " " + f.only) {
			if !there[name] {
				list = append(list, "a floor names "+name+", which is not there")
			}
		}
	}
	for key := range exceptions {
		if !imports[key] {
			list = append(list, "no import needs the exception "+key)
		}
	}
	return list
}

// faults lists the packages without a floor and the imports that do not lead down.
func faults(packages []pkg) (list []string) {
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module)
		from := floorOf(name)
		if from < 0 {
			list = append(list, "no floor names "+name)
			continue
		}
		judge := func(who, to string, ok func(at int) bool) {
			// A package without a floor is reported in its own iteration.
			if at := floorOf(to); at >= 0 && !ok(at) && exceptions[who+": "+to] == "" {
				list = append(list, fmt.Sprintf("%s (%s) imports %s (%s)", who, floors[from].name,
					to, floors[at].name))
			}
		}
		for _, to := range own(p.Imports) {
			judge(name, to, func(at int) bool { return allowed(from, at) })
		}
		for _, to := range own(p.TestImports, p.XTestImports) {
			judge("test of "+name, to, func(at int) bool {
				return allowedInTest(from, at, to == name)
			})
		}
	}
	return list
}

// graph returns the imports floor by floor.
func graph(packages []pkg) string {
	var b strings.Builder
	for i, f := range floors {
		fmt.Fprintf(&b, "%s: %s\n", f.house, f.name)
		for _, p := range packages {
			name := strings.TrimPrefix(p.ImportPath, module)
			if floorOf(name) == i {
				fmt.Fprintf(&b, "    %s -> %s\n", name, strings.Join(own(p.Imports), " "))
			}
		}
	}
	return b.String()
}

// TestLayoutSeesFaults plants imports that lead up, sideways or into the other house.
func TestLayoutSeesFaults(t *testing.T) {
	for _, row := range []struct{ from, to, test, fault string }{
		{from: "interp", to: "builtins"}, {from: "builtins", to: "builtins/text"},
		{from: "builtins/text", to: "builtins/native"}, {from: "interp", to: "builtins/base/proc"},
		{from: "builtins/base/proc", to: "builtins/base/signals"}, {from: "cmd/overlay-boot",
			to: "scripts"}, {from: "builtins", test: "compat/judge"}, {from: "compat", to: "compat/kit"},
		{from: "testsuite/natives", to: "builtins"}, {from: "testsuite", test: "scripts"},
		{from: "interp/parse", test: "interp/parse"}, {from: "builtins", to: "fmt"},

		{from: "builtins", to: "interp", fault: "imports interp"},
		{from: "builtins/base/proc", to: "builtins", fault: "imports builtins"},
		{from: "builtins/native", to: "builtins/text", fault: "imports builtins/text"},
		{from: "builtins/text", to: "builtins/files", fault: "imports builtins/files"},
		{from: "interp/parse", to: "interp", fault: "imports interp"},
		{from: "interp", to: "cmd/overlay-boot", fault: "imports cmd"},
		{from: "builtins/base/proc", to: "scripts", fault: "imports scripts"},
		{from: "builtins/native", to: "scripts", fault: "imports scripts"},
		{from: "interp", to: "scripts", fault: "imports scripts"},
		{from: "builtins/base/tiny", test: "scripts", fault: "test of builtins/base/tiny "},
		{from: "scripts", to: "builtins/base/tiny", fault: "imports builtins/base/tiny"},
		{from: "compat", to: "interp", fault: "imports interp"},
		{from: "compat/kit", to: "compat/sandbox", fault: "imports compat/sandbox"},
		{from: "compat", test: "builtins/base/proc", fault: "test of compat "},
		{from: "cmd/overlay-compat", to: "builtins", fault: "imports builtins"},
		{from: "interp", to: "compat/kit", fault: "imports compat/kit"},
		{from: "interp", test: "testsuite", fault: "test of interp "},
		{from: "builtins/base/proc", test: "builtins", fault: "test of builtins/base/proc "},
		{from: "builtins/shop", fault: "no floor names builtins/shop"},
		{from: "elsewhere", fault: "no floor names elsewhere"},
	} {
		p := pkg{ImportPath: module + row.from, Imports: []string{module + row.to, "fmt"},
			TestImports: []string{module + row.test, "testing"}}
		got := strings.Join(faults([]pkg{p}), "; ")
		if (row.fault == "") != (got == "") || !strings.Contains(got, row.fault) {
			t.Errorf("%+v: %q", row, got)
		}
	}
}

// TestFloorsAreApart checks that no package is on two floors.
func TestFloorsAreApart(t *testing.T) {
	seen := map[string]string{}
	for _, f := range floors {
		for _, name := range strings.Fields(f.packages) {
			if seen[name] != "" {
				t.Errorf("%s: %s and %s", name, seen[name], f.name)
			}
			seen[name] = f.name
		}
	}
}
