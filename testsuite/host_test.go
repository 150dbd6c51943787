package testsuite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

// bases is where subhosts live; what happens below it is the tests' own affair.
const bases = "/tmp/b"

// limit is what one test may take.
const limit = 3 * time.Minute

// A host is the sandbox seen by a test: a way to run the tools, and how it
// looked before.
type host struct {
	t      *testing.T
	engine sandbox.Engine
	start  sandbox.Snapshot
}

// onHost runs a test in a sandbox and checks at its end that nothing is left.
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
	h := &host{t: t, engine: ours(t)}
	if dir := os.Getenv("OVERLAY_UNDER_DASH"); dir != "" {
		h.engine = underDash(t, dir)
	}
	h.snap()
	return h
}

// snap makes what there is now the state to return to.
func (h *host) snap() {
	h.t.Helper()
	var err error
	if h.start, err = sandbox.Snap(bases); err != nil {
		h.t.Fatal(err)
	}
}

// ours is the built program.
func ours(t *testing.T) sandbox.Engine {
	t.Helper()
	dir := os.Getenv("OVERLAY_BIN")
	if dir == "" {
		dir, _ = filepath.Abs("../bin")
	}
	if _, err := os.Stat(dir + "/overlay-boot"); err != nil && os.Getenv("OVERLAY_UNDER_DASH") == "" {
		sandboxtest.Missing(t, "the program: %v (make build)", err)
	}
	return withPath(sandbox.Engine{Name: "ours", Dir: dir})
}

// underDash is a script set run by the system. It is copied to where the bases
// are, because a boot unmounts everything else before it is done with it.
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

// onlyOurs leaves a test out that is about the program, not about the scripts.
func (h *host) onlyOurs() {
	if h.engine.Name != "ours" {
		h.t.Skip("this is not about the scripts")
	}
}

// isOriginal tells whether the original's scripts are tested, by the system's
// shell.
func (h *host) isOriginal() bool {
	text, err := os.ReadFile(h.engine.Dir + "/overlay-boot")
	return h.engine.Name != "ours" && (err != nil || strings.Contains(string(text), "hostelf"))
}

// notOriginal leaves a test out for a script set that is not ours.
func (h *host) notOriginal() {
	if h.isOriginal() {
		h.t.Skip("the original does not do this")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// clean fails when anything is left of what was booted.
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

// A subhost is a base folder with a configuration.
type subhost struct {
	*host
	name, base, conf string
}

// subhost makes the base with its three folders. The configuration gets a BASE
// and a LOG in it, unless it has its own.
func (h *host) subhost(name, config string) *subhost {
	h.t.Helper()
	s := &subhost{h, name, filepath.Join(bases, name), filepath.Join(bases, name, name+".conf")}
	for _, dir := range []string{"live", "root", "work"} {
		must(h.t, os.MkdirAll(filepath.Join(s.base, dir), 0o755))
	}
	s.configure(config)
	return s
}

func (s *subhost) configure(config string) {
	s.t.Helper()
	for _, line := range []string{"BASE=.\n", "LOG=" + s.log() + "\n"} {
		key, _, _ := strings.Cut(line, "=")
		if !strings.Contains("\n"+config, "\n"+key+"=") {
			config = line + config
		}
	}
	must(s.t, os.WriteFile(s.conf, []byte(config+"\n"), 0o644))
}

func (s *subhost) log() string { return filepath.Join(s.base, "log") }

// write makes a file in the base, executable when it is a script.
func (s *subhost) write(path, text string) string {
	s.t.Helper()
	path = filepath.Join(s.base, path)
	must(s.t, os.MkdirAll(filepath.Dir(path), 0o755))
	mode := os.FileMode(0o644)
	if strings.HasPrefix(text, "#!") {
		mode = 0o755
	}
	must(s.t, os.WriteFile(path, []byte(text), mode))
	return path
}

func (s *subhost) read(path string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.base, path))
	must(s.t, err)
	return string(text)
}

// boot boots and waits for the reaper.
func (s *subhost) boot() sandbox.Tree {
	s.t.Helper()
	r := s.run("overlay-boot", s.conf)
	if r.Status != 0 {
		s.t.Fatalf("overlay-boot: %v\n%s", r, s.story())
	}
	return s.running(r)
}

// running waits for the reaper.
func (s *subhost) running(r sandbox.Result) sandbox.Tree {
	s.t.Helper()
	tree, err := sandbox.WaitRunning(s.name)
	if err != nil {
		s.t.Fatalf("%v\noverlay-boot: %v\n%s", err, r, s.story())
	}
	return tree
}

// story is the log, for failures.
func (s *subhost) story() string {
	text, err := os.ReadFile(s.log())
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("log of %s:\n%s", s.name, text)
}

func (s *subhost) stop() sandbox.Result {
	s.t.Helper()
	r := s.run("overlay-stop", s.conf)
	if r.Status != 0 {
		s.t.Fatalf("overlay-stop: %v\n%s", r, s.story())
	}
	return r
}

// gone waits until nothing of the subhost is left.
func (s *subhost) gone() {
	s.t.Helper()
	s.clean()
}

// inside runs a script in the subhost by overlay-go.
func (s *subhost) inside(script string) sandbox.Result {
	s.t.Helper()
	cmd := s.engine.Command("overlay-go", s.name)
	cmd.Stdin = strings.NewReader(script + "\n")
	return s.exec(cmd)
}

// says runs a script in the subhost and returns what it prints, without the word
// that overlay-go itself ends with.
func (s *subhost) says(script string) string {
	s.t.Helper()
	r := s.inside(script)
	return strings.TrimSuffix(strings.TrimSpace(strings.TrimSuffix(r.Stdout, "done\n")), "\n")
}

// mounts are those of the running subhost, by mount point.
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

// links are the names of the links inside, sorted.
func (s *subhost) links() string {
	s.t.Helper()
	names := strings.Fields(s.says("sed -n 's/^ *\\([^:]*\\):.*/\\1/p' /proc/net/dev"))
	slices.Sort(names)
	return strings.Join(names, " ")
}
