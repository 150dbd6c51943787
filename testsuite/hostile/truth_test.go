package hostile

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// A failure is a boot that must end with status 1, a reason, and nothing left.
type failure struct {
	name string
	// config is the configuration; prepare is a script that causes the fault, run in the
	// base.
	config, prepare string
	// env is added to overlay-boot's environment.
	env string
	// says is a pattern that standard error must match.
	says string
}

var failures = [...]failure{
	{name: "START that is no shell", config: "CABLES= =\nSTART= \"\n",
		says: `(?i)unterminated|quot|syntax`},
	{name: "START with a parenthesis", config: "CABLES= =\nSTART= a)\n", says: `no shell can read`},
	{name: "no such reaper", config: minimal, env: "REAPER=/nonexistent", says: `/nonexistent`},
	{name: "reaper that is a directory", config: minimal, env: "REAPER=/etc", says: `/etc`},
	{name: "INIT that fails", config: minimal + "INIT=/bin/false\n", says: `INIT`},
	{name: "INIT that prints nothing", config: minimal + "INIT=/bin/true\n", says: `INIT`},
	{name: "INIT of a command that is not there", config: minimal +
		"INIT=/bin/echo exec /no/such\n",
		says: `/no/such`},
	{name: "INIT of a text that ends", config: minimal + "INIT=/bin/echo true\n", says: `.`},
	{name: "INIT of a text that fails", config: minimal + "INIT=/bin/echo exit 3\n", says: `.`},
	{name: "INIT that ends at once", config: minimal + "INIT=/bin/echo exec /bin/true\n",
		says: `.`},
	{name: "a late command fails", config: "CABLES= =\nSTART= !false\n", says: `START`},
	{name: "a late command is not there", config: minimal + "RAM_SIZE= !no-such\n",
		says: `RAM_SIZE`},
	{name: "RAM_SIZE that is none", config: minimal + "RAM_SIZE= much\n",
		says: `(?i)/run|RAM_SIZE|tmpfs`},
	{name: "reaper that cannot be executed", config: minimal, says: `/.reaper`,
		prepare: "echo nothing > root/.reaper"},
	{name: "POSTMOUNT of ours fails", config: minimal, says: `(?i)dev`,
		prepare: "echo file > root/dev"},
}

func TestFailures(t *testing.T) {
	onHost(t, func(h *host) {
		for _, f := range failures {
			h.part(f.name, func(h *host) {
				s := h.subhost("fails", f.config)
				if f.prepare != "" {
					h.sh("cd " + s.Dir + "; " + f.prepare)
				}
				cmd := h.engine.Command("overlay-boot", s.Conf)
				cmd.Env = append(cmd.Env, f.env)
				r := h.exec(cmd)
				if s.judge(r) || r.Status != 1 ||
					!regexp.MustCompile(f.says).MatchString(r.Stderr) {
					h.t.Errorf("%v\nwant status 1 and %q\n%s", r, f.says, s.Story())
				}
				s.afterwards()
			})
		}
	})
}

// part runs a row of a test on the same host. Each row starts with empty bases.
func (h *host) part(name string, body func(h *host)) {
	h.t.Helper()
	if !h.t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
		part := *h
		part.t = t
		defer part.reset()
		body(&part)
	}) {
		h.watch()
		h.snap() // other changes are reported once
	}
}

// reset removes what a failed test may have left, so that the next one does not fail for
// the same reason.
func (h *host) reset() {
	h.t.Helper()
	if h.t.Failed() {
		for _, p := range sandbox.Processes() {
			if !slices.Contains(h.start, "process "+p.String()) {
				_ = unix.Kill(p.Pid, unix.SIGKILL)
			}
		}
		h.sh(`for N in /run/netns/* ; do [ ! -e "$N" ] || ip netns del "${N##*/}" || : ; done
			for L in /sys/class/net/* ; do case $L in */lo) ;; *) ip link del "${L##*/}" || : ;; esac ; done
			find /sys/fs/cgroup -mindepth 1 -depth -type d -exec rmdir {} + 2> /dev/null || :
			rm -rf ` + records)
	}
	must(h.t, os.RemoveAll(bases))
	must(h.t, os.MkdirAll(bases, 0o755))
}

// afterwards checks that a subhost whose boot has failed can boot once the cause is
// removed.
func (s *subhost) afterwards() {
	s.t.Helper()
	if r := s.run("overlay-stop", s.Conf); r.Status == 0 {
		s.t.Errorf("stopped what does not run: %v", r)
	}
	s.sh("cd " + s.Dir + "; rm -rf root; mkdir root")
	s.Configure(minimal)
	s.alive(s.boot())
	s.stop()
	s.clean()
}

// TestReadOnlyRoot boots a read-only root that lacks some of the necessary folders.
func TestReadOnlyRoot(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("ro", minimal+"LOWER="+bases+"/ro/tree\nUPPER="+bases+"/ro/tree\n")
		h.sh("mkdir -p " + s.Dir + "/tree/etc; cd " + s.Dir + "; mount --bind tree tree" +
			"; mount -o remount,ro,bind tree")
		h.snap()
		if r := s.run("overlay-boot", s.Conf); s.judge(r) || r.Status != 1 ||
			!strings.Contains(r.Stderr, "ead-only") {
			h.t.Errorf("%v", r)
		}
	})
}

// both runs two commands at the same time.
func both(a, b func() sandbox.Result) (ra, rb sandbox.Result) {
	var wg sync.WaitGroup
	wg.Go(func() { ra = a() })
	rb = b()
	wg.Wait()
	return ra, rb
}

// tool returns a function that runs a tool, for both.
func (s *subhost) tool(name string) func() sandbox.Result {
	return func() sandbox.Result {
		r, err := runLimited(s.engine.Command(name, s.Conf))
		if err != nil {
			r.Stderr += err.Error()
		}
		return r
	}
}

var othersTurn = regexp.MustCompile(`is running already|is being started`)

// TestTwoBoots checks that one of two boots wins, and that the other says so and does not
// touch the first.
func TestTwoBoots(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("two", minimal)
		for i := range often(50, 25) {
			a, b := both(s.tool("overlay-boot"), s.tool("overlay-boot"))
			if a.Status != 0 {
				a, b = b, a
			}
			tree, runs := sandbox.Find("two")
			if a.Status != 0 || b.Status == 0 || !othersTurn.MatchString(b.Stderr) || !runs {
				h.t.Fatalf("round %d: runs: %v\n%v\nand %v\n%s", i, runs, a, b, s.Story())
			}
			s.alive(tree)
			if links := s.says("ls /sys/class/net"); links != "eth0\nlo" {
				h.t.Errorf("round %d: links inside: %q", i, links)
			}
			s.stop()
			s.clean()
		}
	})
}

// TestBootAndStop checks that a boot and a stop at the same time both tell the truth,
// whichever is first.
func TestBootAndStop(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("bs", minimal)
		seen := map[string]int{}
		for i := range often(100, 30) {
			a, b := both(s.tool("overlay-boot"), func() sandbox.Result {
				h.pause(i % 10 * 12)
				return s.tool("overlay-stop")()
			})
			_, runs := sandbox.Find("bs")
			seen[fmt.Sprintf("boot %d, stop %d, runs %v", a.Status, b.Status, runs)]++
			if want := a.Status == 0 && b.Status != 0; runs != want {
				h.t.Errorf("round %d: runs: %v, boot %v\nstop %v\n%s", i, runs, a, b, s.Story())
			}
			if a.Status != 0 && reason(a) == "" || b.Status != 0 && reason(b) == "" {
				h.t.Errorf("round %d: without a reason: boot %v\nstop %v", i, a, b)
			}
			if runs {
				s.stop()
			}
			s.clean()
			if h.t.Failed() {
				return
			}
		}
		h.t.Log(seen)
	})
}

// TestTwoStops checks that both of two stops return when nothing is left. One may say that
// there was nothing to stop.
func TestTwoStops(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("ss", minimal)
		for i := range often(50, 15) {
			s.boot()
			a, b := both(s.tool("overlay-stop"), s.tool("overlay-stop"))
			for _, r := range []sandbox.Result{a, b} {
				if r.Status != 0 && !strings.Contains(r.Stderr, "is not running") {
					h.t.Errorf("round %d: %v\n%s", i, r, s.Story())
				}
			}
			if _, runs := sandbox.Find("ss"); runs || a.Status != 0 && b.Status != 0 {
				h.t.Fatalf("round %d: runs: %v, %v\nand %v", i, runs, a, b)
			}
			s.clean()
		}
	})
}

// TestEnterAtOnce enters a subhost as soon as its boot has ended, on a busy machine. The
// shell must be inside, and must not end the subhost.
func TestEnterAtOnce(t *testing.T) {
	onHost(t, func(h *host) {
		defer h.busy(6)()
		s := h.subhost("once", minimal)
		for i := range often(200, 15) {
			r := s.run("overlay-boot", s.Conf)
			got := s.inside("readlink /proc/self/ns/mnt /proc/self/ns/uts; stat -c %d:%i /")
			tree := s.booted(r)
			want := tree.Reaper.NS("mnt") + "\n" + tree.Reaper.NS("uts") + "\n" +
				h.inode(fmt.Sprintf("/proc/%d/root/", tree.Reaper.Pid)) + "\n"
			if strings.TrimSuffix(got.Stdout, "done\n") != want || got.Status != 0 {
				h.t.Fatalf("round %d: %v\nwant %s\n%s", i, got, want, s.Story())
			}
			s.alive(tree)
			s.stop()
		}
	})
}

func (h *host) inode(path string) string {
	return strings.TrimSpace(h.sh("stat -L -c %d:%i " + path))
}

const whereAmI = `echo "mnt:$(readlink /proc/self/ns/mnt) $(cat /proc/1/comm)"`

// TestEnterWhileStarting checks that a shell that enters a subhost that is still starting
// is inside it, or is refused.
func TestEnterWhileStarting(t *testing.T) {
	onHost(t, func(h *host) {
		defer h.busy(2)()
		outside := "mnt:" + sandbox.Self().NS("mnt") + " "
		s := h.subhost("early", minimal)
		refused := 0
		for i := range often(100, 15) {
			boot, enter := both(s.tool("overlay-boot"), func() sandbox.Result {
				h.pause(i % 12 * 10)
				r, err := runLimited(s.enter(whereAmI))
				if err != nil {
					r.Stderr += err.Error()
				}
				return r
			})
			tree := s.booted(boot)
			got := strings.TrimSuffix(enter.Stdout, "done\n")
			switch want := "mnt:" + tree.Reaper.NS("mnt") + " .reaper\n"; {
			case strings.HasPrefix(got, outside):
				h.t.Errorf("round %d: the host was entered", i)
			case enter.Status != 0 && got == "" && reason(enter) != "":
				refused++
			case got != want:
				h.t.Errorf("round %d: %v, want %q", i, enter, want)
			}
			s.alive(tree)
			s.stop()
			if h.t.Failed() {
				return
			}
		}
		h.t.Logf("%d refused", refused)
	})
}
