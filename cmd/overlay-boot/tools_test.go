package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"overlayboot/builtins"
	"overlayboot/scripts"
)

// optionPattern matches a line of an option loop, such as "-t | --timeout | --timeout=*)".
var optionPattern = regexp.MustCompile(`(?m)^\s*(-[-\w=*]+(?: *\| *-[-\w=*]+)*) *\)`)

// scriptOptionsOf returns the options that a script reads, each as "-x", "--long" or, with an
// argument, "--long=". None is in the loop for the options of all tools.
func scriptOptionsOf(text string) (list []string) {
	for _, m := range optionPattern.FindAllStringSubmatch(text, -1) {
		words := regexp.MustCompile(` *\| *`).Split(m[1], -1)
		for _, word := range words {
			name, _ := strings.CutSuffix(word, "=*")
			switch {
			case name == "--" || strings.ContainsAny(name, "*?="):
			case slices.Contains(words, name+"=*"):
				list = append(list, name+"=")
			default:
				list = append(list, name)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// nativeOptionsOf returns the options in the table of a native.
func nativeOptionsOf(name string) (list []string) {
	command, _ := builtins.Lookup(name)
	for _, o := range command.Options() {
		list = append(list, strings.Split(o, ",")...)
	}
	slices.Sort(list)
	return list
}

// TestToolOptions compares the table of the tools with what each script or native reads.
func TestToolOptions(t *testing.T) {
	for _, tool := range tools {
		var want []string
		for _, o := range tool.options {
			for _, name := range o.names() {
				if tool.isScript() && o.needsArg() && strings.HasPrefix(name, "--") {
					name += "="
				}
				want = append(want, name)
			}
		}
		slices.Sort(want)
		got := nativeOptionsOf(tool.name)
		if text, ok := scripts.Text(tool.name); ok {
			got = scriptOptionsOf(text)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: -table of tools +what it reads\n%s", tool.name, d)
		}
	}
}

// TestScriptOptions checks that the options of a loop are found, so that TestToolOptions can
// fail.
func TestScriptOptions(t *testing.T) {
	const text = `
case $1 in
	-f | --follow) FOLLOW=yes ;;
	-n | --lines | --lines=*) take_value "$@" ;;
	--yes) ;;
	--) shift ; break ;;
	-?*) unknown_option ;;
	*) break ;;
esac
case $1 in --) shift ;; -*) usage ;; esac`
	want := []string{"--follow", "--lines=", "--yes", "-f", "-n"}
	if d := cmp.Diff(want, scriptOptionsOf(text)); d != "" {
		t.Error(d)
	}
}
