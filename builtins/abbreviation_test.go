package builtins

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestAbbreviations has the tool judge each beginning of each long option that ours takes:
// what the tool finds ambiguous, or does not know, is for the tool to complain of. Nothing is
// done by either, since an option that nobody has always follows.
func TestAbbreviations(t *testing.T) {
	judged := 0
	for _, command := range Commands() {
		if _, err := exec.LookPath(command.Name); err != nil || command.Alone && command.Run == nil {
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

// abbreviationProblem is what the tool finds wrong with the name itself.
func abbreviationProblem(t *testing.T, tool, abbreviation string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, tool, "--"+abbreviation, nobodysOption, nobodysOption)
	c.Env, c.Dir = judgeEnv, t.TempDir()
	var errs bytes.Buffer
	c.Stderr = &errs
	_ = c.Run() // it fails, for nobodysOption at the latest
	line, _, _ := strings.Cut(errs.String(), "\n")
	quoted := []string{"'--" + abbreviation + "'", "`--" + abbreviation + "'"}
	for _, q := range quoted {
		if strings.Contains(line, "ambiguous") || strings.Contains(line, "unrecognized option "+q) {
			return line
		}
	}
	return ""
}

// takesAbbreviation says whether ours goes on to the option that nobody has.
func takesAbbreviation(command Command, abbreviation string) bool {
	c := inertCall([]string{command.Name, "--" + abbreviation, nobodysOption, nobodysOption})
	if command.Prefix == nil {
		_ = command.Run(c)
	} else {
		command.edits(c)
	}
	return strings.Contains(c.Lacks, nobodysOption)
}
