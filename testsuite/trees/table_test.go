package trees

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// namesTable returns all names as a Markdown table.
func namesTable() string {
	var b strings.Builder
	b.WriteString("| Name | Such a text | Reason |\n|---|---|---|\n")
	for _, n := range named() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(n.name), n.kind, cell(n.reason))
	}
	return b.String()
}

// unprintedTable returns the texts that are not printed as a Markdown list.
func unprintedTable() string {
	var b strings.Builder
	for _, u := range unprinted {
		fmt.Fprintf(&b, "- %s\n", cell(u.name))
	}
	return b.String()
}

// cell puts words with a character that Markdown may read into code.
func cell(text string) string {
	words := strings.Fields(text)
	for i, word := range words {
		if plain := strings.TrimRight(word, ",:;"); strings.ContainsAny(plain, "$<'*#&") &&
			!strings.HasSuffix(plain, "'s") {
			words[i] = "`" + plain + "`" + word[len(plain):]
		}
	}
	return strings.Join(words, " ")
}

// TestTable checks that the tables of a document are those of this package. OVERLAY_UPDATE=1
// writes them.
func TestTable(t *testing.T) {
	file := filepath.Join(kit.Module(t), "ARCHITECTURE.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	document := string(text)
	for key, want := range map[string]string{"trees": namesTable(), "unprinted": unprintedTable()} {
		begin := "<!-- " + key + ": made by TestTable of testsuite/trees -->\n"
		head, rest, begins := strings.Cut(document, begin)
		got, tail, ends := strings.Cut(rest, "<!-- end of "+key+" -->\n")
		if !begins || !ends {
			t.Fatalf("%s has no place for the table %s", file, key)
		}
		document = head + begin + want + "<!-- end of " + key + " -->\n" + tail
		if got != want && os.Getenv("OVERLAY_UPDATE") != "1" {
			t.Errorf("%s: the table %s is not that of this package (OVERLAY_UPDATE=1 writes it):\n"+
				"%s\nwant\n%s", file, key, got, want)
		}
	}
	if os.Getenv("OVERLAY_UPDATE") == "1" && document != string(text) {
		if err := os.WriteFile(file, []byte(document), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
