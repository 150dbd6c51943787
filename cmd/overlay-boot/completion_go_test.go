package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// TestCompleteCommand checks what bash offers behind the name of a subhost for overlay-go.
func TestCompleteCommand(t *testing.T) {
	kit.Tools(t, "bash")
	var b strings.Builder
	bashCompletion(&b)
	file := t.TempDir() + "/completion"
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{
		"db ''":                   "--",
		"-u root --chdir=/ db ''": "--",
		"db -- /bin/s":            "/bin/sh",
		"-e A db -- cat /etc/pas": "/etc/passwd",
		"-u roo":                  "root",
	} {
		out, err := exec.Command("bash", "-c", ". "+file+"; set -- overlay-go "+words+
			`; COMP_WORDS=("$@") COMP_CWORD=$(($#-1)); _overlay_boot; printf '%s\n' "${COMPREPLY[@]}"`).Output()
		if err != nil || !strings.Contains("\n"+string(out), "\n"+want+"\n") ||
			want == "--" && string(out) != "--\n" {
			t.Errorf("%s: %q %v, want %q", words, out, err, want)
		}
	}
}
