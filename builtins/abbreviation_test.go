package builtins_test

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"overlayboot/builtins"
	"overlayboot/builtins/native"
	"overlayboot/compat/judge"
)

// TestAbbreviations gives the real tool each abbreviation of each long option that the native
// takes. An abbreviation that the tool finds ambiguous or unknown must be left to the tool.
// Neither program does anything, since an unknown option always follows.
func TestAbbreviations(t *testing.T) {
	judged := 0
	for _, command := range builtins.Commands() {
		if command.Alone && command.Run == nil || !hasTool(t, command.Name) {
			continue
		}
		for _, o := range command.Options() {
			_, name, ok := strings.Cut(o, "--")
			for n := 1; ok && n <= len(name); n++ {
				problem := abbreviationProblem(t, command.Name, name[:n])
				judged++
				if problem == "" {
					break // and so is every longer one
				}
				if takesAbbreviation(command, name[:n]) {
					t.Errorf("%s --%s (%s) is taken; the tool says %s", command.Name, name[:n], name, problem)
				}
			}
		}
	}
	if judged < 500 {
		t.Errorf("only %d abbreviations judged", judged)
	}
}

const nobodysOption = "--zzz-nobody-has"

// abbreviationProblem returns the tool's complaint about the abbreviation itself, or "".
func abbreviationProblem(t *testing.T, tool, abbreviation string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, tool, "--"+abbreviation, nobodysOption, nobodysOption)
	c.Env, c.Dir = judge.Env(), t.TempDir()
	var errs bytes.Buffer
	c.Stderr = &errs
	_ = c.Run() // it fails, at the latest at nobodysOption
	line, _, _ := strings.Cut(errs.String(), "\n")
	quoted := []string{"'--" + abbreviation + "'", "`--" + abbreviation + "'"}
	for _, q := range quoted {
		if strings.Contains(line, "ambiguous") || strings.Contains(line, "unrecognized option "+q) {
			return line
		}
	}
	return ""
}

// takesAbbreviation reports whether the native accepts the abbreviation and goes on to
// nobodysOption.
func takesAbbreviation(command native.Command, abbreviation string) bool {
	return strings.Contains(command.Lacks("--"+abbreviation, nobodysOption, nobodysOption),
		nobodysOption)
}
