package sandboxtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

func TestMain(m *testing.M) { Main(m, talk) }

// talk is a part that answers with what it sees.
var talk = sandbox.Part[string, map[string]string]{Name: "talk", Do: func(order string) (
	map[string]string, error) {
	if order == "fail" {
		return nil, errors.New("as asked")
	}
	// Output and input of the part's children are no part of the conversation.
	out, err := exec.Command("/bin/sh", "-c", "echo noise >&2; echo noise; "+order).Output()
	fmt.Println("noise")
	return map[string]string{"said": string(out), "order": order}, err
}}

// TestPart checks that an order goes in and an answer comes out, in both kinds of sandbox.
func TestPart(t *testing.T) {
	kit.Root(t)
	const order = "cat; ls /mnt /run; echo $$; touch /mnt/planted /run/planted"
	for name, ask := range map[string]func(string) (map[string]string, error){
		"bare": func(order string) (map[string]string, error) {
			return talk.Bare(t.Context(), order)
		},
		"private": func(order string) (map[string]string, error) {
			return talk.Private(t.Context(), sandbox.Root{}, order)
		},
	} {
		got, err := ask(order)
		if err != nil || got["order"] != order || !strings.Contains(got["said"], "noise\n") {
			t.Errorf("%s: %q %v", name, got, err)
		}
		if _, err := ask("fail"); err == nil || !strings.Contains(err.Error(), "as asked") {
			t.Errorf("%s: the failure inside is %v outside", name, err)
		}
	}
	if _, err := os.Stat("/mnt/planted"); err == nil {
		t.Error("a file in the sandbox's /mnt is in the machine's")
	}
}

// TestBareHost checks that a bare sandbox has namespaces of its own.
func TestBareHost(t *testing.T) {
	TestBare(t, time.Minute, func(t *testing.T) {
		if links := strings.Join(sandbox.Links(), " "); links != "lo" || os.Getpid() != 1 {
			t.Errorf("links %q, pid %d", links, os.Getpid())
		}
		for _, dir := range []string{"/run", "/mnt"} {
			if files := sandbox.Files(dir); len(files) != 0 {
				t.Errorf("%s is not empty: %q", dir, files)
			}
		}
	})
}

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

// TestLeaksAreSeen leaves one thing of each kind behind and checks that the difference
// shows it.
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
			kit.Missing(t, "tools to leak with: %v %s", err, out)
		}
		var diff string
		// The process exists a moment before it executes sleep.
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
	kit.Root(t)
	t.Setenv("OVERLAY_FAIL_INSIDE", "1")
	var out strings.Builder
	keep := []string{kit.Module(t)}
	err := sandbox.Run(t.Context(), &out, keep, "-test.v=true", "-test.run="+only(t.Name()))
	if err == nil || !strings.Contains(out.String(), "as asked") {
		t.Errorf("error %v, output:\n%s", err, out.String())
	}
}
