package scripts

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

// A variable is a variable of the configuration: its name, and its default in the function
// subhost_config or subhost_name.
type variable struct{ name, value string }

// variables returns all variables that the scripts read. ADDRESS and SHARE are added by name,
// since the configuration may have many lines of them.
func variables(t *testing.T) (list []variable) {
	t.Helper()
	line := regexp.MustCompile(`(?m)^    (?:config|option) ([A-Z_]+)(?: "?([^"\n]*)"?)?$`)
	for _, m := range line.FindAllStringSubmatch(text(t, "functions"), -1) {
		list = append(list, variable{m[1], m[2]})
	}
	if len(list) < 16 {
		t.Fatalf("only %d variables were found: %v", len(list), list)
	}
	return append(list, variable{name: "ADDRESS"}, variable{name: "SHARE"})
}

// told replaces a default in the scripts by its form in the documents.
var told = strings.NewReplacer("$OVERLAYDIR/", "", "${DEFAULT%.conf}", "")

// TestVariables checks that each variable of the configuration has an entry in the man page
// and a row in a table of a document, and that both give its default.
func TestVariables(t *testing.T) {
	page := string(mustRead(t, "man/overlay-boot.8"))
	var documents string
	files, err := filepath.Glob("../*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, file := range files {
		documents += string(mustRead(t, file))
	}
	for _, v := range variables(t) {
		value := told.Replace(v.value)
		_, entry, ok := strings.Cut(page, "\n.It Ev "+v.name+"\n")
		if !ok {
			t.Errorf("overlay-boot.8 does not tell about %s", v.name)
		}
		entry, _, _ = strings.Cut(entry, "\n.It Ev ")
		if _, after, _ := strings.Cut(entry, "Default"); !strings.Contains(after, value) {
			t.Errorf("overlay-boot.8 does not tell the default %q of %s", value, v.name)
		}
		_, row, ok := strings.Cut(documents, "\n| `"+v.name+"` |")
		if row, _, _ = strings.Cut(row, "|"); !ok || !strings.Contains(row, value) {
			t.Errorf("no row of a document has the variable %s and its default %q", v.name, value)
		}
	}
}

// TestManPages checks that each script that users call has a man page, by which make
// install knows the names of the program. The default of a variable needs none.
func TestManPages(t *testing.T) {
	isDefault := map[string]bool{}
	for _, v := range variables(t) {
		isDefault[told.Replace(v.value)] = true
	}
	for _, name := range Names() {
		if _, err := os.Stat("man/" + name + ".8"); err != nil && !isDefault[name] &&
			IsCalled(text(t, name)) {
			t.Errorf("%s has no man page", name)
		}
	}
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// posixTests are the primaries and operators of test(1) in POSIX.1-2017.
const posixTests = " -b -c -d -e -f -g -h -L -n -p -r -S -s -t -u -w -x -z" +
	" -eq -ne -gt -ge -lt -le "

// moreTests are the other operators that the scripts use, as the comment of functions says.
// -ef is in POSIX.1-2024; -o allows a test below the root of a subhost in one command.
const moreTests = " -O -k -ef -o "

// TestPOSIX checks that the scripts keep to the grammar of POSIX, and that of the
// unspecified features they use only local and moreTests.
func TestPOSIX(t *testing.T) {
	used := map[string]bool{}
	for _, name := range Names() {
		file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).
			Parse(strings.NewReader(text(t, name)), name)
		if err != nil {
			t.Error(err)
			continue
		}
		syntax.Walk(file, func(node syntax.Node) bool {
			if call, ok := node.(*syntax.CallExpr); ok {
				for _, operator := range testOperators(call.Args) {
					used[operator] = true
					if !strings.Contains(posixTests+moreTests, " "+operator+" ") {
						t.Errorf("%s: test(1) with %s", name, operator)
					}
				}
			}
			return true
		})
	}
	for _, operator := range strings.Fields(moreTests) {
		if !used[operator] {
			t.Errorf("no script uses %s", operator)
		}
	}
}

// testOperators returns the operators in a command that is, or contains, test(1). A negative
// number is an operand.
func testOperators(words []*syntax.Word) (list []string) {
	isTest := false
	for _, w := range words {
		literal := w.Lit()
		_, err := strconv.Atoi(literal)
		if isTest && len(literal) > 1 && literal[0] == '-' && err != nil {
			list = append(list, literal)
		}
		isTest = isTest || literal == "[" || literal == "test"
	}
	return list
}

// TestTestOperators checks what TestPOSIX sees of a command.
func TestTestOperators(t *testing.T) {
	for command, want := range map[string]string{
		`[ -n "$A" ]`: "-n", `[ "$A" -gt -1 ]`: "-gt", `test -12 -eq "$A" -a -e f`: "-eq -a -e",
		`[ "$A" = - ]`: "", `[ -1x f ]`: "-1x", `kill -9 1`: "", `local A ; has [ -x f`: "-x",
	} {
		file, err := syntax.NewParser().Parse(strings.NewReader(command), "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		syntax.Walk(file, func(node syntax.Node) bool {
			if call, ok := node.(*syntax.CallExpr); ok {
				got = append(got, testOperators(call.Args)...)
			}
			return true
		})
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", command, got, want)
		}
	}
}
