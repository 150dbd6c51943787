package compat

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestParseScenario(t *testing.T) {
	s, err := ParseScenario("all", []byte(`# what it is
# not this

host: mkdir a
	mkdir b
    mkdir c
boot: overlay-boot a
until: test -e x
plant: touch y
go@original: overlay-go a
stop@*: overlay-stop a
scripts: embedded
compare: boot/* stop/*
compare: go/status
unordered: */link */addr
differs: boot/log the reason why
	- a *
	+ (not there)
needs: ip nsenter
-- a/a.conf --
BASE=.
-- hook --
#!/bin/sh
`))
	if err != nil {
		t.Fatal(err)
	}
	row := &Row{Original: "boot/log the reason why", Why: "the reason why"}
	if err := row.add("boot/log\n- a *\n+ (not there)", nil); err != nil {
		t.Fatal(err)
	}
	want := &Scenario{
		Name: "all", Description: "what it is",
		Files: []File{{"a/a.conf", "BASE=.\n"}, {"hook", "#!/bin/sh\n"}},
		Steps: []Step{
			{Code: "mkdir a\nmkdir b\nmkdir c"},
			{Name: "boot", Code: "overlay-boot a", Until: "test -e x", Plant: "touch y"},
			{Name: "go", By: Original, Code: "overlay-go a"},
			{Name: "stop", By: either, Code: "overlay-stop a"},
		},
		Scripts:   Embedded,
		Compare:   []string{"boot/*", "stop/*", "go/status"},
		Unordered: []string{"*/link", "*/addr"},
		Differs:   &Rules{Rows: []*Row{row}},
		Needs:     []string{"ip", "nsenter"},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
}

func TestParseScenarioErrors(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"", "no step"},
		{"host: true\n", "no step"},
		{"boot overlay-boot a\n", "x.txtar:1: not a directive"},
		{"two words: true\n", "x.txtar:1: not a directive"},
		{"action two words: true\n", "x.txtar:1: not a directive"},
		{"action : true\n", "x.txtar:1: not a directive"},
		{"a/b: true\n", "x.txtar:1: not a directive"},
		{"# x\nbse: minimal\nboot: true\n", "x.txtar:2: not a directive: \"bse\"; there are base, "},
		{"base: minimal\nconfg: START=x\n", "x.txtar:2: not a directive: \"confg\""},
		{"boot: true\nstopp: true\n", "the actions boot, again, go"},
		{"2: true\n", "x.txtar:1: not a directive"},
		{"base: minimal\nconfig: STRAT= none\n", "x.txtar:2: no variable of a configuration: " +
			"\"STRAT\"; there are ADDRESS, "},
		{"base: minimal\nconfig: LOGG\n", "x.txtar:2: no variable"},
		{"base: minimal\n-- s/s.conf --\nBASE=.\nSTRAT=x\n", "x.txtar: s/s.conf:2: no variable"},
		{"base: minimal\nunknown: START\nconfig: START=x\n", "x.txtar:2: unknown: START is known"},
		{"base: minimal\nunknown: STRAT\n", "or is not set here"},
		{"boot: true\n\nboot: false\n", "x.txtar:3: there are two steps called boot"},
		{"boot@theirs: true\n", `no engine is called "theirs"`},
		{"until: true\nboot: true\n", "until: there is no step before it"},
		{"plant: true\nboot: true\n", "plant: there is no step before it"},
		{"boot: true\nscripts: theirs\n", `"theirs"`},
		{"boot: true\ndiffers: boot/log\n", "wants a pattern, a reason"},
		{"boot: true\ndiffers: boot/log why\n", "and lines below it"},
		{"boot: true\ndiffers: boot/log why\n\t~ x\n", "neither - nor +"},
		{"boot: true\n-- ../a --\n", "outside of the current folder"},
		{"boot: true\n-- a/../../b --\n", "outside of the current folder"},
	} {
		_, err := ParseScenario("x", []byte(row.text))
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: error %v, want %q", row.text, err, row.want)
		}
	}
}

// TestNamesOnPurpose parses names that would be taken for mistakes without a mark.
func TestNamesOnPurpose(t *testing.T) {
	s, err := ParseScenario("x", []byte("base: minimal\nconfig: STRAT=none\nunknown: STRAT\n"+
		"action bse@ours: true\nstop2: true\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%+v", s.Steps[1:]); got !=
		"[{Name:bse By:ours Code:true Until: Plant:} {Name:stop2 By: Code:true Until: Plant:}]" {
		t.Error(got)
	}
	if got := s.Files[0].Text; !strings.HasSuffix(got, "\nSTRAT=none\n") {
		t.Errorf("%q", got)
	}
}

// TestSettingNames checks that the known variables are those of the scripts. ADDRESS and SHARE
// are read by their names there, since there may be many lines of them.
func TestSettingNames(t *testing.T) {
	text, err := os.ReadFile("../scripts/functions")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"ADDRESS", "SHARE"}
	line := regexp.MustCompile(`(?m)^ +(?:config|option|feature) ([A-Z_]+)\b`)
	for _, m := range line.FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	if !slices.Equal(names, settingNames) {
		t.Errorf("settingNames are\n%q, the scripts read\n%q", settingNames, names)
	}
}

// TestActionNames checks that some scenario has each name, or its base has it.
func TestActionNames(t *testing.T) {
	used := map[string]bool{}
	files, err := filepath.Glob("../testsuite/scenarios/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range directives(string(text)) {
			name, _, _ := strings.Cut(d.key, "@")
			used[name] = true
		}
	}
	for _, name := range actionNames {
		if !used[name] {
			t.Errorf("no scenario has an action called %s", name)
		}
	}
}

func TestVariants(t *testing.T) {
	for _, row := range []struct {
		steps string
		want  []string
	}{
		{"go: x\nstop: x\n", []string{" [ours ours]"}},
		{"host: x\ngo@original: x\n", []string{" [ours original]"}},
		{"go@original: x\nstop: x\n", []string{" [original ours]"}},
		{"go@original: x\nstop@original: x\n", []string{" [original original]"}},
		{"go@*: x\nstop@*: x\n", []string{"go=original stop=ours [original ours]",
			"go=ours stop=original [ours original]", "go=ours stop=ours [ours ours]"}},
		{"go@*: x\nstop@original: x\n", []string{"go=ours [ours original]"}},
		{"go@*: x\nstop@ours: x\n", []string{"go=original [original ours]", "go=ours [ours ours]"}},
	} {
		s, err := ParseScenario("x", []byte(row.steps))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range s.variants() {
			got = append(got, fmt.Sprint(v.Label, " ", v.Engines))
		}
		if !reflect.DeepEqual(got, row.want) {
			t.Errorf("%q: got %q, want %q", row.steps, got, row.want)
		}
		for _, e := range s.reference().Engines {
			if e != Original {
				t.Errorf("%q: the reference has %s", row.steps, e)
			}
		}
	}
}

func TestMatchGlob(t *testing.T) {
	for _, row := range []struct {
		glob, path string
		want       bool
	}{
		{"boot/log", "boot/log", true},
		{"boot/log", "boot/logs", false},
		{"*", "a/b c", true},
		{"boot/*", "boot/process a/fd 0", true},
		{"*/fd 0", "boot/process a/fd 0", true},
		{"*/fd ?", "boot/process a/fd 10", false},
		{"b*s*0", "boot/process a/fd 0", true},
		{"", "a", false},
	} {
		if got := match([]string{row.glob}, row.path); got != row.want {
			t.Errorf("%q %q: %v", row.glob, row.path, got)
		}
	}
}
