package shell

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// TestInit checks that a shell that is pid 1 collects orphans, and that an interrupt ends it,
// though no default action ends that process.
func TestInit(t *testing.T) {
	if os.Geteuid() != 0 {
		kit.Missing(t, "root, who alone makes a pid namespace")
	}
	for _, script := range []string{
		"kill -INT $$; echo alive", "trap 'echo t' INT; kill -INT $$; echo alive",
		"trap '' INT; kill -INT $$; echo alive", "kill -TERM $$; echo alive",
		"dash -c 'kill -INT 1'; echo alive",
		"i=0; while [ $i -lt 10 ]; do (sleep .01 &); sleep .03; i=$((i+1)); done; " +
			"cat /proc/[0-9]*/status | grep -c zombie",
		"sleep .05 & (sleep .01 &); sleep .1; wait $!; echo $?",
	} {
		want, got := asInit(t, dash, script), asInit(t, ours, script)
		if want != got {
			t.Errorf("script: %s\n--- dash\n%s\n--- ours\n%s", script, want, got)
		}
	}
}

// asInit returns the output and status of a shell that is the first process of a pid namespace.
func asInit(t *testing.T, shell, script string) string {
	t.Helper()
	cmd := exec.Command("unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
		shell, "-c", script)
	out, _ := cmd.CombinedOutput() // the status is a part of the result
	return strings.ReplaceAll(string(out), shell, "sh") + cmd.ProcessState.String()
}
