package testsuite

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"overlayboot/compat/kit"
)

// stageRows are rows of TestStages.
var stageRows = []struct {
	stages []string
	status int
	want   string
}{
	{[]string{"good", "slow"}, 0, `== good
said by good
== good: passed, N
== slow
said by slow
== slow: passed, N
== N in all
 N  good         passed
 N  slow         passed
`},
	{[]string{"one+two", "bad", "good"}, 1, `== one+two
== one: passed, N
met
== two: passed, N
== bad
said by bad
== bad: FAILED, status 2, N
== N in all
 N  one          passed
 N  two          passed
 N  bad          FAILED, status 2
       -    good         not run
`},
	{[]string{"bad+good", "slow"}, 1, `== bad+good
said by bad
== bad: FAILED, status 2, N
said by good
== good: passed, N
== N in all
 N  bad          FAILED, status 2
 N  good         passed
       -    slow         not run
`},
}

// TestStages checks that make test stops at the first failure and even then prints how long
// each stage has taken, and that stages beside each other start at the same time.
func TestStages(t *testing.T) {
	kit.Tools(t, "make")
	script := filepath.Join(kit.Module(t), "testsuite/stages.sh")
	dir := t.TempDir()
	const makefile = `test-good: ; @echo said by good
test-slow: ; @sleep 1; echo said by slow
test-bad: ; @echo said by bad; exit 3
test-one: ; @mkfifo p; echo met >p
test-two: ; @while ! [ -p p ]; do sleep .1; done; cat p
`
	must(t, os.WriteFile(dir+"/Makefile", []byte(makefile), 0o644))
	// Mask the seconds with the blanks before them, and remove make's message about a
	// failure.
	seconds := regexp.MustCompile(` *\d+ s\b`)
	blames := regexp.MustCompile(`(?m)^make: .*\n`)
	for _, row := range stageRows {
		cmd := exec.Command("sh", append([]string{script, "make -s"}, row.stages...)...)
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
		out, err := cmd.Output()
		got := seconds.ReplaceAllString(string(out), " N")
		got = blames.ReplaceAllString(got, "")
		if (err != nil) != (row.status != 0) || got != row.want {
			t.Errorf("%q: %v\n%s\nwant\n%s", row.stages, err, got, row.want)
		}
	}
}
