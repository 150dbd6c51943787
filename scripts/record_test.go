package scripts

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

// A recordUse is what one script, or all of them, do with the record of a subhost.
type recordUse struct {
	written  set // the keys of "record KEY VALUE"
	asked    set // the keys of "recorded KEY"
	expanded set // the keys whose R_KEY is expanded
	assigned set // the variables that are assigned something from R_KEY of the same name
}

type set map[string]bool

func (s set) String() string { return strings.Join(slices.Sorted(maps.Keys(s)), " ") }

// usesRecord reads the scripts of these names.
func usesRecord(t *testing.T, names ...string) recordUse {
	t.Helper()
	use := recordUse{set{}, set{}, set{}, set{}}
	for _, name := range names {
		syntax.Walk(parsed(t, name), func(node syntax.Node) bool {
			use.add(node)
			return true
		})
	}
	return use
}

func (use recordUse) add(node syntax.Node) {
	switch node := node.(type) {
	case *syntax.CallExpr:
		if len(node.Args) < 2 {
			return
		}
		switch key := node.Args[1].Lit(); node.Args[0].Lit() {
		case "record":
			use.written[key] = true
		case "recorded":
			use.asked[key] = true
		}
	case *syntax.ParamExp:
		if key, ok := strings.CutPrefix(node.Param.Value, "R_"); ok {
			use.expanded[key] = true
		}
	case *syntax.Assign:
		if node.Name != nil && node.Value != nil && expands(node.Value, "R_"+node.Name.Value) {
			use.assigned[node.Name.Value] = true
		}
	}
}

// expands reports whether a word expands a variable.
func expands(word *syntax.Word, variable string) (yes bool) {
	syntax.Walk(word, func(node syntax.Node) bool {
		p, ok := node.(*syntax.ParamExp)
		yes = yes || ok && p.Param.Value == variable
		return true
	})
	return yes
}

func parsed(t *testing.T, name string) *syntax.File {
	t.Helper()
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).
		Parse(strings.NewReader(text(t, name)), name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// readRecord returns the keys that the function read_record empties, and those that it
// takes from the file.
func readRecord(t *testing.T) (emptied, taken set) {
	t.Helper()
	emptied, taken = set{}, set{}
	syntax.Walk(parsed(t, "functions"), func(node syntax.Node) bool {
		switch node := node.(type) {
		case *syntax.FuncDecl:
			return node.Name.Value == "read_record"
		case *syntax.Assign:
			if key, ok := strings.CutPrefix(node.Name.Value, "R_"); ok {
				emptied[key] = true
			}
		case *syntax.CaseItem:
			for _, pattern := range node.Patterns {
				taken[pattern.Lit()] = true
			}
		}
		return true
	})
	return emptied, taken
}

// listed returns the keys that the comment on records in functions explains: the words of
// capitals that begin a line, each followed by a comma or blanks.
func listed(t *testing.T) set {
	t.Helper()
	_, comment, _ := strings.Cut(text(t, "functions"), "\n### Records\n")
	comment, _, _ = strings.Cut(comment, "\n\n")
	keys := set{}
	lines := regexp.MustCompile(`(?m)^#  ([A-Z][A-Z, ]*?)   `)
	for _, line := range lines.FindAllStringSubmatch(comment, -1) {
		for key := range strings.SplitSeq(line[1], ",") {
			keys[strings.TrimSpace(key)] = true
		}
	}
	return keys
}

// TestRecordKeys checks that each key of the record that a script writes is read again, and
// is known in each place that lists the keys. A key that read_record does not know would be
// lost without a message.
func TestRecordKeys(t *testing.T) {
	all := usesRecord(t, Names()...)
	if len(all.written) < 15 {
		t.Fatalf("the scripts write only the keys %v", all.written)
	}
	emptied, taken := readRecord(t)
	for place, keys := range map[string]set{"are emptied by read_record": emptied,
		"are taken by read_record": taken, "are explained in functions": listed(t),
		"are expanded as R_KEY": all.expanded} {
		if !maps.Equal(keys, all.written) {
			t.Errorf("these keys %s:\n%v\nand these are written:\n%v", place, keys, all.written)
		}
	}
	for key := range all.asked {
		if !all.written[key] {
			t.Errorf("a script asks for %s, which none writes", key)
		}
	}
}

// TestRecordIsCompared checks that each key has a line in the differences from the
// original, which has no records.
func TestRecordIsCompared(t *testing.T) {
	compared := set{}
	lines := regexp.MustCompile(`(?m)^\t\+ ([A-Z_]+)=`)
	rules := string(mustRead(t, "../compat/differences.txt"))
	for rule := range strings.SplitSeq(rules, "\ndiffers: ") {
		name, facts, _ := strings.Cut(rule, "\n")
		if !strings.HasSuffix(name, "/run/overlay-boot/subhosts/* content") {
			continue
		}
		for _, line := range lines.FindAllStringSubmatch(facts, -1) {
			compared[line[1]] = true
		}
	}
	if written := usesRecord(t, Names()...).written; !maps.Equal(compared, written) {
		t.Errorf("differences.txt has the keys\n%v\nand these are written:\n%v", compared, written)
	}
}

// TestEnteredAsRecorded checks that overlay-go and overlay-stop enter a subhost with the
// values that the supervisor had, not with those of a configuration that was edited since:
// each variable of the configuration that is recorded under its own name is set by both.
func TestEnteredAsRecorded(t *testing.T) {
	written := usesRecord(t, Names()...).written
	want := set{}
	for _, v := range variables(t) {
		// These two records are the pid of INIT and how far READY is.
		if written[v.name] && v.name != "INIT" && v.name != "READY" {
			want[v.name] = true
		}
	}
	for _, name := range []string{"overlay-go", "overlay-stop"} {
		if got := usesRecord(t, name).assigned; !maps.Equal(got, want) || len(want) < 2 {
			t.Errorf("%s sets %v by the record, but %v are recorded", name, got, want)
		}
	}
}
