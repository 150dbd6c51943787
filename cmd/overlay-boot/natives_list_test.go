package main

import (
	"strings"
	"testing"

	"overlayboot/builtins"
	"overlayboot/interp"
)

// TestListNatives checks that each native that is not turned off has a line.
func TestListNatives(t *testing.T) {
	all := len(builtins.Commands())
	for value, want := range map[string]int{
		"": all, "none": 0, "sed": all - 1, "sed,awk": all - 2, "-sed,-awk": all - 2,
		"overlay-copy,sed": all - 2, "nosuch": all,
	} {
		p := program{process: &interp.Process{Lookup: natives([]string{nativesVar + "=" + value})}}
		var out strings.Builder
		if status := p.listNatives(&out); status != 0 {
			t.Errorf("%q: status %d", value, status)
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if out.Len() == 0 {
			lines = nil
		}
		if len(lines) != want {
			t.Errorf("%q: %d lines, want %d", value, len(lines), want)
		}
		for _, line := range lines {
			if len(line) < 18 || len(line) > 100 {
				t.Errorf("%q: line %q", value, line)
			}
		}
	}
}
