package sandboxtest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/sandbox"
)

func TestMain(m *testing.M) { Main(m) }

func TestHostOfItsOwn(t *testing.T) {
	outer, _ := os.Hostname()
	Test(t, time.Minute, func(t *testing.T) {
		if name, _ := os.Hostname(); name != sandbox.Hostname {
			t.Errorf("hostname %q, want %q", name, sandbox.Hostname)
		}
		if links := strings.Join(sandbox.Links(), " "); links != "lo" {
			t.Errorf("links %q, want lo only", links)
		}
		if list := sandbox.Processes(); len(list) != 0 {
			t.Errorf("processes at the start: %v", list)
		}
		if os.Getpid() == 1 {
			t.Error("the harness is pid 1: who reaps?")
		}
		if err := os.WriteFile("/etc/planted-in-sandbox", nil, 0o644); err != nil {
			t.Error(err)
		}
	})
	if name, _ := os.Hostname(); name != outer {
		t.Errorf("the machine's name is now %q", name)
	}
	if !sandbox.Inside() {
		if _, err := os.Stat("/etc/planted-in-sandbox"); err == nil {
			t.Error("a file in the sandbox's /etc is in the machine's")
		}
	}
}

// TestLeaksAreSeen leaves one of everything and looks for it in the difference.
func TestLeaksAreSeen(t *testing.T) {
	Test(t, time.Minute, func(t *testing.T) {
		start, err := sandbox.Snap("/tmp/ignored")
		if err != nil {
			t.Fatal(err)
		}
		script := `
mkdir /tmp/ignored /tmp/leak; touch /tmp/ignored/file
mount -t tmpfs leak /tmp/leak
ip link add leak0 type bridge
ip netns add leakns
mkdir /sys/fs/cgroup/leakgroup || :
(setsid sleep 99 >/dev/null 2>&1 &)`
		if out, err := exec.Command("/bin/sh", "-ec", script).CombinedOutput(); err != nil {
			Missing(t, "tools to leak with: %v %s", err, out)
		}
		var diff string
		// The process is there a moment before it is sleep.
		sandbox.Until(func() bool {
			end, err := sandbox.Snap("/tmp/ignored")
			if err != nil {
				t.Fatal(err)
			}
			diff = strings.Join(start.Diff(end), "\n")
			return strings.Contains(diff, `["sleep" "99"]`)
		})
		for _, want := range []string{
			"+ process ", `["sleep" "99"]`, "+ mount /tmp/leak tmpfs leak", "+ link leak0",
			"+ netns leakns", "+ mount /run/netns/leakns", "+ file d--------- /tmp/leak",
		} {
			if !strings.Contains(diff, want) {
				t.Errorf("no %q in:\n%s", want, diff)
			}
		}
		if _, err := os.Stat(sandbox.CgroupRoot + "/leakgroup"); err == nil &&
			!strings.Contains(diff, "+ cgroup d--------- "+sandbox.CgroupRoot+"/leakgroup") {
			t.Errorf("no cgroup in:\n%s", diff)
		}
		if strings.Contains(diff, "ignored") {
			t.Errorf("what is to be ignored is in:\n%s", diff)
		}
	})
}

func TestFailureInsideIsSeenOutside(t *testing.T) {
	if sandbox.Inside() && os.Getenv("OVERLAY_FAIL_INSIDE") == "1" {
		t.Fatal("as asked")
	}
	if os.Geteuid() != 0 {
		Missing(t, "root; left out: %s", t.Name())
	}
	t.Setenv("OVERLAY_FAIL_INSIDE", "1")
	var out strings.Builder
	keep := []string{ModuleRoot(t)}
	err := sandbox.Run(t.Context(), &out, keep, "-test.v=true", "-test.run="+only(t.Name()))
	if err == nil || !strings.Contains(out.String(), "as asked") {
		t.Errorf("error %v, output:\n%s", err, out.String())
	}
}

// TestInShare: a third of a matrix, with each row and each column in it; all when asked.
func TestInShare(t *testing.T) {
	t.Setenv("OVERLAY_MATRIX", "")
	rows, columns := map[int]int{}, map[int]int{}
	for i := range 30 {
		for j := range 12 {
			if InShare(i, j) {
				rows[i]++
				columns[j]++
			}
		}
	}
	for name, counts := range map[string]map[int]int{"4 of 12": rows, "10 of 30": columns} {
		for i, n := range counts {
			if name != fmt.Sprintf("%d of %d", n, 3*n) {
				t.Errorf("%d: %d, not %s", i, n, name)
			}
		}
	}
	if len(rows) != 30 || len(columns) != 12 {
		t.Errorf("%d rows, %d columns", len(rows), len(columns))
	}
	t.Setenv("OVERLAY_MATRIX", "all")
	if !InShare(0) || !InShare(1) || !InShare(2) {
		t.Error("not all")
	}
}
