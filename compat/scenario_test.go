package compat

import (
	"fmt"
	"reflect"
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
needs: ip nsenter
-- a/a.conf --
BASE=.
-- hook --
#!/bin/sh
`))
	if err != nil {
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
		Differs:   []Documented{{"boot/log", "the reason why"}},
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
		{"boot overlay-boot a\n", "x:1: not a directive"},
		{"two words: true\n", "x:1: not a directive"},
		{"a/b: true\n", "x:1: not a directive"},
		{"boot: true\n\nboot: false\n", "x:3: there are two steps called boot"},
		{"boot@theirs: true\n", `no engine is called "theirs"`},
		{"until: true\nboot: true\n", "until: there is no step before it"},
		{"plant: true\nboot: true\n", "plant: there is no step before it"},
		{"boot: true\nscripts: theirs\n", `"theirs"`},
		{"boot: true\ndiffers: boot/log\n", "wants a pattern and a reason"},
		{"boot: true\n-- ../a --\n", "outside of the current folder"},
		{"boot: true\n-- a/../../b --\n", "outside of the current folder"},
	} {
		_, err := ParseScenario("x", []byte(row.text))
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: error %v, want %q", row.text, err, row.want)
		}
	}
}

func TestVariants(t *testing.T) {
	for _, row := range []struct {
		steps string
		want  []string
	}{
		{"a: x\nb: x\n", []string{" [ours ours]"}},
		{"host: x\na@original: x\n", []string{" [ours original]"}},
		{"a@original: x\nb: x\n", []string{" [original ours]"}},
		{"a@original: x\nb@original: x\n", []string{" [original original]"}},
		{"a@*: x\nb@*: x\n", []string{"a=original b=ours [original ours]",
			"a=ours b=original [ours original]", "a=ours b=ours [ours ours]"}},
		{"a@*: x\nb@original: x\n", []string{"a=ours [ours original]"}},
		{"a@*: x\nb@ours: x\n", []string{"a=original [original ours]", "a=ours [ours ours]"}},
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
