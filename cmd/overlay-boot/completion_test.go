package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// A completer asks a real shell what it offers.
type completer struct {
	shell, program string
	// script offers the words for the command line $1, after the completion in the file $2 has
	// been read. An offer is a word of its output.
	script string
}

var completers = [...]completer{
	{"bash", "bash", `. "$2"
		COMP_WORDS=($1) ; case $1 in *' ') COMP_WORDS+=('') ;; esac
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) _overlay_boot
		printf '%s\n' "${COMPREPLY[@]}"`},
	{"fish", "fish", `source $argv[2]; complete -C $argv[1]`},
	// zsh completes in its line editor only, and so on a terminal.
	{"zsh", "zsh", `zmodload zsh/zpty
		mkdir "$2.d" && cp "$2" "$2.d/_overlay_boot"
		zpty shell "PS1=PROMPT: FPATH=$2.d:$FPATH TERM=dumb COLUMNS=200 zsh -f -i"
		zpty -w shell "autoload -Uz compinit; compinit -D -u; LISTMAX=1000;` +
		` bindkey '^I' list-choices; print REA''DY"
		zpty -r shell line '*READY*PROMPT:*' # it would not read keys before
		zpty -w -n shell "$1"$'\t\C-u'"print 'E''ND'"$'\n'
		zpty -r shell line '*END*'
		print -r -- "$line"`},
}

// offers returns the words that the shell offers for a command line.
func (c completer) offers(t *testing.T, line string) []string {
	t.Helper()
	kit.Tools(t, c.program)
	dir := t.TempDir()
	program := filepath.Join(kit.Bin(t), "overlay-boot")
	text, err := exec.Command(program, "--completion", c.shell).Output()
	if err != nil {
		t.Fatal(err)
	}
	list := "#!/bin/sh\n[ \"$*\" = -q ] && printf '%s\\n' web db \"q'z\" 'a$(x)b'\n"
	for name, text := range map[string]string{"completion": string(text), "overlay-list": list,
		"conf.conf": "", "data.img": ""} {
		mode := os.FileMode(0o644)
		if name == "overlay-list" {
			mode = 0o755
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	argv := []string{"-c", c.script, c.program, line, "completion"}
	if c.shell == "fish" { // it has no $0
		argv = slices.Delete(argv, 2, 3)
	}
	cmd := exec.Command(c.program, argv...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + dir + ":/usr/bin:/bin", "HOME=" + dir, "TERM=dumb"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", c.shell, err, out)
	}
	return strings.Fields(strings.ReplaceAll(string(out), `\`, "")) // zsh shows its quotes
}

// TestCompletion asks three shells for completions.
func TestCompletion(t *testing.T) {
	rows := []struct {
		line     string
		has, not []string
	}{
		{"overlay-stop ", []string{"web", "db", "conf.conf", "q'z", "a$(x)b"}, nil},
		{"overlay-go w", []string{"web"}, []string{"db", "conf.conf"}},
		{"overlay-boot --completion ", []string{"bash", "fish", "zsh"}, []string{"web"}},
		{"overlay-boot --scripts ", nil, []string{"web", "data.img"}},
		{"overlay-boot --list-s", []string{"--list-scripts"}, []string{"--help"}},
		{"overlay-boot --no-such", nil, []string{"--no-such-option", "web"}},
		{"overlay-sh ", []string{"data.img"}, []string{"web"}},
	}
	for _, c := range completers {
		for _, r := range rows {
			t.Run(c.shell+" "+r.line, func(t *testing.T) {
				got := c.offers(t, r.line)
				for _, word := range r.has {
					if !slices.Contains(got, word) {
						t.Errorf("%q is not offered: %q", word, got)
					}
				}
				for _, word := range r.not {
					if slices.Contains(got, word) {
						t.Errorf("%q is offered: %q", word, got)
					}
				}
			})
		}
	}
}

// TestCompletionOptions checks that each shell offers each option of each tool.
func TestCompletionOptions(t *testing.T) {
	for _, c := range completers {
		for _, tool := range tools {
			t.Run(c.shell+" "+tool.name, func(t *testing.T) {
				got := c.offers(t, tool.name+" --")
				for _, o := range tool.allOptions() {
					if o.long != "" && !slices.Contains(got, "--"+o.long) {
						t.Errorf("--%s is not offered: %q", o.long, got)
					}
				}
			})
		}
	}
}

// TestCompletionOfWhat checks the answers about a shell that has no completion.
func TestCompletionOfWhat(t *testing.T) {
	program := filepath.Join(kit.Bin(t), "overlay-boot")
	for _, args := range [][]string{{"--completion"}, {"--completion", "csh"}, {"--completion="}} {
		cmd := exec.Command(program, args...)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "bash, zsh or fish") {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
}
