package testsuite

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

// bases is the folder of all subhosts. The tests may leave files below it.
const bases = "/tmp/b"

// limit bounds one test.
const limit = 3 * time.Minute

// A host is the sandbox from a test's point of view: a way to run the tools, and the state
// at the start.
type host struct {
	t      *testing.T
	engine sandbox.Engine
	start  sandbox.Snapshot
}

// onHost runs a test in a sandbox and checks at the end that nothing is left behind.
func onHost(t *testing.T, body func(h *host)) {
	t.Helper()
	sandboxtest.Test(t, limit, func(t *testing.T) {
		h := newHost(t)
		body(h)
		if !t.Failed() {
			h.clean()
		}
	})
}

func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{t: t}
	if dir := os.Getenv("OVERLAY_UNDER_DASH"); dir != "" {
		h.engine = underDash(t, dir)
	} else {
		h.engine = ours(t)
	}
	h.snap()
	return h
}

// snap makes the present state the one to return to.
func (h *host) snap() {
	h.t.Helper()
	var err error
	if h.start, err = sandbox.Snap(bases); err != nil {
		h.t.Fatal(err)
	}
}

// ours returns the engine of the built program.
func ours(t *testing.T) sandbox.Engine {
	t.Helper()
	return withPath(sandbox.Engine{Name: "ours", Dir: kit.Bin(t)})
}

// underDash returns the engine of a script set run by the system's shell. The set is copied
// below bases, because a boot unmounts everything else before it is done with the scripts.
func underDash(t *testing.T, dir string) sandbox.Engine {
	t.Helper()
	const to = bases + "/.engine"
	must(t, os.MkdirAll(to, 0o755))
	must(t, os.CopyFS(to, os.DirFS(dir)))
	return withPath(sandbox.Engine{Name: "dash", Dir: to})
}

func withPath(e sandbox.Engine) sandbox.Engine {
	e.Env = append(e.Env, "PATH="+e.Dir+":"+sandbox.Path)
	return e
}

// onlyOurs skips a test that is about the program, not about the scripts, if a script set
// is tested.
func (h *host) onlyOurs() {
	if h.engine.Name != "ours" {
		kit.NotAbout(h.t, "a test of the program, with a set of scripts")
	}
}

// isOriginal reports whether the original's scripts are under test, with the system's
// shell.
func (h *host) isOriginal() bool {
	text, err := os.ReadFile(h.engine.Dir + "/overlay-boot")
	return h.engine.Name != "ours" && (err != nil || strings.Contains(string(text), "hostelf"))
}

// notOriginal skips a test of our scripts if the original's are under test.
func (h *host) notOriginal() {
	if h.isOriginal() {
		kit.NotAbout(h.t, "a test of our scripts, with the original's")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// clean fails the test if anything is left of a subhost.
func (h *host) clean() {
	h.t.Helper()
	sandboxtest.AssertClean(h.t, h.start, bases)
}

// run runs one of the tools.
func (h *host) run(tool string, args ...string) sandbox.Result {
	h.t.Helper()
	return h.exec(h.engine.Command(tool, args...))
}

func (h *host) exec(cmd *exec.Cmd) sandbox.Result {
	h.t.Helper()
	r, err := sandbox.Exec(cmd)
	must(h.t, err)
	return r
}

// sh runs a script of the test itself with the machine's tools.
func (h *host) sh(script string) string {
	h.t.Helper()
	r := h.exec(exec.Command("/bin/sh", "-ec", script))
	if r.Status != 0 {
		h.t.Fatalf("%s\n%v", script, r)
	}
	return r.Stdout
}

// A subhost is a base with the host on which it boots.
type subhost struct {
	*host
	*sandboxtest.Base
}

func (h *host) subhost(name, config string) *subhost {
	h.t.Helper()
	return &subhost{h, sandboxtest.NewBase(h.t, bases, name, config)}
}

// boot boots the subhost and waits for the reaper. What boots must pass overlay-check.
func (s *subhost) boot() sandbox.Tree {
	s.t.Helper()
	s.accepted()
	r := s.run("overlay-boot", s.Conf)
	if r.Status != 0 {
		s.t.Fatalf("overlay-boot: %v\n%s", r, s.Story())
	}
	return s.running(r)
}

// running waits for the reaper after a boot with the result r.
func (s *subhost) running(r sandbox.Result) sandbox.Tree {
	s.t.Helper()
	tree, err := sandbox.WaitRunning(s.Name)
	if err != nil {
		s.t.Fatalf("%v\noverlay-boot: %v\n%s", err, r, s.Story())
	}
	return tree
}

func (s *subhost) stop() sandbox.Result {
	s.t.Helper()
	r := s.run("overlay-stop", s.Conf)
	if r.Status != 0 {
		s.t.Fatalf("overlay-stop: %v\n%s", r, s.Story())
	}
	return r
}

// gone waits until nothing of the subhost is left.
func (s *subhost) gone() {
	s.t.Helper()
	s.clean()
}

// inside runs a script in the subhost through overlay-go.
func (s *subhost) inside(script string) sandbox.Result {
	s.t.Helper()
	cmd := s.engine.Command("overlay-go", s.Name)
	cmd.Stdin = strings.NewReader(script + "\n")
	return s.exec(cmd)
}

// says runs a script in the subhost and returns its output, without the word that
// overlay-go itself prints at the end.
func (s *subhost) says(script string) string {
	s.t.Helper()
	r := s.inside(script)
	return strings.TrimSuffix(strings.TrimSpace(strings.TrimSuffix(r.Stdout, "done\n")), "\n")
}

// mounts returns the mounts of the running subhost, by mount point.
func (s *subhost) mounts(tree sandbox.Tree) map[string]sandbox.Mount {
	s.t.Helper()
	list, err := sandbox.Mounts(tree.Reaper.Pid)
	must(s.t, err)
	at := map[string]sandbox.Mount{}
	for _, m := range list {
		at[m.Point] = m
	}
	return at
}

// links returns the names of the links inside, sorted.
func (s *subhost) links() string {
	s.t.Helper()
	names := strings.Fields(s.says("sed -n 's/^ *\\([^:]*\\):.*/\\1/p' /proc/net/dev"))
	slices.Sort(names)
	return strings.Join(names, " ")
}
