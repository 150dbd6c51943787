package judge

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// plant names the variable that tells a test process started by TestPlanted how its native
// must lie.
const plant = "OVERLAY_JUDGE_PLANT"

// liar is a native that calls the system's tool, and then differs from it as requested.
var liar Native = func(c *Call) (status int, lacks string) {
	cmd := exec.Command(c.Argv[0], c.Argv[1:]...)
	cmd.Dir, cmd.Env = c.Path, c.Env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	_ = cmd.Run()
	status = cmd.ProcessState.ExitCode()
	lie := os.Getenv(plant)
	if c.Path != bareDir && (lie == "mount" || lie == "link") {
		return status, "" // outside a bare sandbox this would change the machine
	}
	switch lie {
	case "status":
		status++
	case "stdout":
		_, _ = c.Stdout.Write([]byte("more"))
	case "stderr":
		_, _ = c.Stderr.Write([]byte("more"))
	case "file":
		_ = os.WriteFile(c.Path+"/more", nil, 0o600)
	case "mount":
		_ = exec.Command("mount", "-t", "tmpfs", "more", c.Path).Run()
	case "link":
		_ = exec.Command("ip", "link", "add", "more", "type", "bridge").Run()
	case "lacks":
		return 0, "everything"
	case "locale":
		if slices.Contains(c.Env, "LC_ALL=C.UTF-8") {
			status++
		}
	}
	return status, ""
}

func TestMain(m *testing.M) { liar.Main(m) }

// TestRows checks that a native that does what the tool does passes.
func TestRows(t *testing.T) {
	liar.Rows(t, []Row{
		{Setup: "echo 'b a' >f; ln -s f l", Argv: "cat f l", Env: []string{"A=1"}},
		{Argv: "cat - nosuch", Stdin: "text"},
		{Argv: "ls 'no such'"}, // the output has quotes, so it runs in two locales
	})
}

// TestBareRows is TestRows with a sandbox for each row and side.
func TestBareRows(t *testing.T) {
	liar.BareRows(t, []BareRow{
		{Row: Row{Setup: "mkdir d", Argv: "mount -t tmpfs x d"}, Probe: "ip -br link; ls"},
		{Row: Row{Argv: "sh -c 'echo $$ >&2'"}, Mask: `^\d+`, NoMounts: true},
	})
}

// TestHere runs both sides in one sandbox.
func TestHere(t *testing.T) {
	sandboxtest.TestBare(t, rowLimit, func(t *testing.T) {
		if _, err := Shell("mkdir made"); err != nil {
			t.Fatal(err)
		}
		liar.Here(t, BareRow{}, []string{"ls"}, 1)
		liar.Here(t, BareRow{Mask: `\d+`}, []string{"sh", "-c", "echo $$"}, 1)
	})
}

// TestPlanted checks that exactly the tests that can show a planted difference find it.
func TestPlanted(t *testing.T) {
	kit.Root(t)
	for _, row := range []struct{ lie, tests string }{
		{"", ""}, {"status", "Rows BareRows Here"}, {"stdout", "Rows BareRows Here"},
		{"stderr", "Rows BareRows Here"}, {"file", "Rows BareRows"}, {"mount", "BareRows"},
		{"link", "BareRows"}, {"lacks", "Rows BareRows Here"}, {"locale", "Rows"},
	} {
		cmd := exec.Command("/proc/self/exe", "-test.v", "-test.run=^Test(Rows|BareRows|Here)$")
		cmd.Args[0] = os.Args[0]
		cmd.Env = append(os.Environ(), plant+"="+row.lie)
		out, err := cmd.CombinedOutput()
		var failed []string
		for _, test := range []string{"Rows", "BareRows", "Here"} {
			if strings.Contains(string(out), "\n--- FAIL: Test"+test) {
				failed = append(failed, test)
			}
		}
		if got := strings.Join(failed, " "); got != row.tests || (err != nil) != (got != "") {
			t.Errorf("%q is found by %q, want %q: %v\n%s", row.lie, got, row.tests, err, out)
		}
	}
}

// TestAgree checks that a difference counts only if every try shows it.
func TestAgree(t *testing.T) {
	for _, answers := range []string{"a", "ba", "bba", "bbb", "bbba"} {
		n := 0
		want, got, err := agree(3, func() (want, got BareOutcome, err error) {
			want.Stdout, got.Stdout = "a", answers[n:n+1]
			n++
			return want, got, nil
		})
		if err != nil || (want == got) != (len(answers) == n && answers[n-1] == 'a') {
			t.Errorf("%s: %q, %q after %d", answers, want.Stdout, got.Stdout, n)
		}
	}
}

// TestTree checks that Tree shows the content, the mode, the links and the time that a row
// has set.
func TestTree(t *testing.T) {
	dir := t.TempDir()
	seen := map[string]string{}
	for _, script := range []string{"", "echo a >f", "echo b >f", "chmod 600 f", "ln f g",
		"touch -d @5 f", "rm g; ln -s f g", "rm g; ln -s h g", "rm g; mkfifo g", "rm g; mkdir g"} {
		c := exec.Command("/bin/sh", "-ec", script)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v %s", script, err, out)
		}
		tree := Tree(t, dir)
		if before, ok := seen[tree]; ok {
			t.Errorf("%q looks as %q:\n%s", script, before, tree)
		}
		seen[tree] = script
	}
}

func TestSplit(t *testing.T) {
	for row, want := range map[string]string{
		"a  b 'c  d' e'f 'g": "a|b|c  d|ef g", "": "", "a ''": "a|", "' '": " ",
	} {
		if got := strings.Join(Split(t, row), "|"); got != want {
			t.Errorf("%q: %q, want %q", row, got, want)
		}
	}
}
