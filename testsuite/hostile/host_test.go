package hostile

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

const (
	// bases is the folder of the subhosts.
	bases = "/tmp/b"
	// tools is the folder of the program in a sandbox.
	tools = "/opt/tools"
	// watched is a tree of the host that nobody inside may touch.
	watched = "/opt/watched"
	// records is the folder in which the program records running subhosts.
	records = "/run/overlay-boot"

	// limit bounds one test, and patience one command.
	limit    = 4 * time.Minute
	patience = 100 * time.Second
	// soon bounds how long the kernel may take to clean up after processes that have ended.
	soon = 15 * time.Second
)

// names are the names that the program is called by.
var names = [...]string{"overlay-stop", "overlay-go", "overlay-share", "overlay-sh"}

// A host is the sandbox from a test's point of view, and its state at the start.
type host struct {
	t      *testing.T
	engine sandbox.Engine
	start  sandbox.Snapshot
	files  []string
}

// onHost runs a test in a sandbox and checks at the end that nothing is left behind and
// that the host's files are unchanged.
func onHost(t *testing.T, body func(h *host)) {
	t.Helper()
	var root sandbox.Root
	if !sandbox.Inside() {
		root = furniture(t)
	}
	sandboxtest.TestPrivate(t, limit, root, func(t *testing.T) {
		h := newHost(t)
		body(h)
		if !t.Failed() {
			h.clean()
		}
	})
}

// furniture returns the root of the sandbox with copies of the program and the scripts.
func furniture(t *testing.T) sandbox.Root {
	t.Helper()
	top := kit.Module(t)
	root := sandbox.Root{Copies: []sandbox.Copy{
		{From: kit.Bin(t) + "/overlay-boot", To: tools + "/overlay-boot"},
		{From: top + "/scripts/init.d/subhosts", To: tools + "/subhosts"},
	}}
	original := os.Getenv("OVERLAY_ORIGINAL")
	if original == "" {
		original = top + "/.original/x/var/lib/overlay-boot"
	}
	if _, err := os.Stat(original + "/functions"); err == nil {
		root.Copies = append(root.Copies, sandbox.Copy{From: original, To: tools + "/original"})
	}
	return root
}

func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{t: t, engine: sandbox.Engine{Name: "ours", Dir: tools,
		Env: []string{"PATH=" + tools + ":" + sandbox.Path}}}
	for _, name := range names {
		must(t, os.Symlink("overlay-boot", tools+"/"+name))
	}
	must(t, copyFile("/proc/self/exe", tools+"/attacker"))
	h.sh("mkdir -p " + bases + " /run/netns; rm -rf /var/lib/overlay-boot /etc/overlay-boot " +
		"/etc/subhosts.conf /.reaper")
	h.watch()
	h.snap()
	return h
}

// watch creates the watched tree, and replaces an existing one.
func (h *host) watch() {
	h.t.Helper()
	h.sh("rm -rf " + watched + "; mkdir -p " + watched + "/dir/sub; cd " + watched +
		"; echo precious > file; echo precious > dir/file")
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o755)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// snap makes the present state the one to return to.
func (h *host) snap() {
	h.t.Helper()
	var err error
	h.start = h.look()
	h.files, err = changedFiles()
	must(h.t, err)
}

// look returns a snapshot without the loop devices, which belong to the machine.
func (h *host) look() sandbox.Snapshot {
	h.t.Helper()
	now, err := sandbox.Snap(bases, records)
	must(h.t, err)
	return slices.DeleteFunc(now, func(line string) bool {
		return strings.HasPrefix(line, "loop ")
	})
}

// own are the files in which the host's tools keep their own state.
var own = [...]string{"/etc/mtab", "/etc/.pwd.lock"}

// changedFiles lists the files written to the root, with their content. The root is an
// overlay, and its upper layer has these files.
func changedFiles() ([]string, error) {
	top := fmt.Sprintf("/proc/self/fd/%d/", sandbox.Changes)
	var list []string
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		name := "/" + strings.TrimPrefix(path, top)
		if errors.Is(err, fs.ErrNotExist) || slices.Contains(own[:], name) {
			return nil
		}
		if err == nil {
			var line string
			line, err = describe(path, name, d)
			list = append(list, line)
		}
		return err
	})
	return list, err
}

func describe(path, name string, d fs.DirEntry) (string, error) {
	info, err := d.Info()
	if err != nil {
		return "", err
	}
	line := fmt.Sprintf("%v %s", info.Mode(), name)
	switch info.Mode().Type() {
	case fs.ModeSymlink:
		to, err := os.Readlink(path)
		return line + " -> " + to, err
	case 0:
		text, err := os.ReadFile(path)
		return fmt.Sprintf("%s %d %x", line, len(text), sha256.Sum256(text)), err
	}
	return line, nil
}

// clean fails the test if anything is left of a subhost, or if a file of the host has
// changed.
func (h *host) clean() {
	h.t.Helper()
	var diff []string
	for end := time.Now().Add(soon); ; h.pause(2) {
		if diff = h.start.Diff(h.look()); len(diff) == 0 || time.Now().After(end) {
			break
		}
	}
	if len(diff) > 0 {
		h.t.Errorf("left behind (+) or lost (-):\n%s", strings.Join(diff, "\n"))
	}
	h.untouched()
	if left := sandbox.Files(records + "/subhosts"); len(left) > 0 {
		h.t.Errorf("records are left: %q", left)
	}
}

// untouched fails the test if a file of the host, outside the bases, has changed.
func (h *host) untouched() {
	h.t.Helper()
	now, err := changedFiles()
	must(h.t, err)
	if diff := sandbox.Snapshot(h.files).Diff(now); len(diff) > 0 {
		h.t.Errorf("the host's files have changed:\n%s", strings.Join(diff, "\n"))
	}
}

// exec runs a command to its end, and fails the test if the command does not end.
func (h *host) exec(cmd *exec.Cmd) sandbox.Result {
	h.t.Helper()
	r, err := runLimited(cmd)
	if err != nil {
		h.t.Errorf("%v", err)
	}
	return r
}

// runLimited is exec for a command that runs at the same time as the test.
func runLimited(cmd *exec.Cmd) (sandbox.Result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		if cmd.Process != nil {
			cmd.Process.Kill()
		}
	})
	defer stop()
	r, err := sandbox.Exec(cmd)
	if err == nil && ctx.Err() != nil {
		err = fmt.Errorf("%q did not end in %v: %v", cmd.Args, patience, r)
	}
	return r, err
}

func (h *host) run(tool string, args ...string) sandbox.Result {
	h.t.Helper()
	return h.exec(h.engine.Command(tool, args...))
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

// minimal is the configuration of a subhost that has everything and does nothing.
const minimal = "CABLES= =\nSTART= none\n"

func (s *subhost) boot() sandbox.Tree {
	s.t.Helper()
	return s.booted(s.run("overlay-boot", s.Conf))
}

// booted checks that a boot that has ended told the truth when it reported success: the
// subhost must be there at once.
func (s *subhost) booted(r sandbox.Result) sandbox.Tree {
	s.t.Helper()
	tree, ok := sandbox.Find(s.Name)
	if r.Status != 0 || !ok {
		s.t.Fatalf("overlay-boot %s: runs: %v; %v\n%s", s.Conf, ok, r, s.Story())
	}
	return tree
}

func (s *subhost) stop() {
	s.t.Helper()
	if r := s.run("overlay-stop", s.Conf); r.Status != 0 {
		s.t.Fatalf("overlay-stop: %v\n%s", r, s.Story())
	}
}

// inside runs a script in the subhost through overlay-go.
func (s *subhost) inside(script string) sandbox.Result {
	s.t.Helper()
	return s.exec(s.enter(script))
}

func (s *subhost) enter(script string) *exec.Cmd {
	cmd := s.engine.Command("overlay-go", s.Name)
	cmd.Stdin = strings.NewReader(script + "\n")
	return cmd
}

// says returns the output of a script in the subhost, without overlay-go's own word.
func (s *subhost) says(script string) string {
	s.t.Helper()
	return strings.TrimSpace(strings.TrimSuffix(s.inside(script).Stdout, "done\n"))
}

// members returns the processes of a running subhost.
func members(tree sandbox.Tree) []sandbox.Process {
	ns := tree.Reaper.NS("pid")
	return slices.DeleteFunc(sandbox.Processes(), func(p sandbox.Process) bool {
		return p.NS("pid") != ns
	})
}

// judge checks the end of a boot against the one rule. Either the status is 0, the subhost
// is up, and after a stop nothing is left; or the status is another, with a reason, and
// nothing is left.
func (s *subhost) judge(r sandbox.Result) (up bool) {
	s.t.Helper()
	tree, runs := sandbox.Find(s.Name)
	switch {
	case r.Status == 0 && !runs:
		s.t.Errorf("status 0, and it does not run: %v\n%s", r, s.Story())
	case r.Status != 0 && runs:
		s.t.Errorf("status %d, and it runs: %v", r.Status, r)
	case r.Status != 0 && r.Status < 128 && reason(r) == "":
		s.t.Errorf("status %d without a reason: %v\n%s", r.Status, r, s.Story())
	case runs:
		s.alive(tree)
	}
	s.untouched()
	if runs {
		s.stop()
	}
	s.clean()
	return runs
}

// alive enters the subhost, and checks that it arrives there.
func (s *subhost) alive(tree sandbox.Tree) {
	s.t.Helper()
	got := s.says("readlink /proc/self/ns/mnt; cat /proc/1/comm")
	if want := tree.Reaper.NS("mnt") + "\n.reaper"; got != want {
		s.t.Errorf("overlay-go is in %q, want %q\n%s", got, want, s.Story())
	}
}

// reason returns what overlay-boot writes besides the values that it shows first.
func reason(r sandbox.Result) string {
	lines := strings.Split(strings.TrimSpace(r.Stderr), "\n")
	for _, shown := range []string{"NAME=", "LOG=", "Logging to "} {
		i := slices.IndexFunc(lines, func(line string) bool {
			return strings.HasPrefix(line, shown)
		})
		if i >= 0 {
			lines = slices.Delete(lines, i, i+1)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// find waits for a process.
func (h *host) find(what string, is func(sandbox.Process) bool) sandbox.Process {
	h.t.Helper()
	var list []sandbox.Process
	i := -1
	if !sandbox.Until(func() bool {
		list = sandbox.Processes()
		i = slices.IndexFunc(list, is)
		return i >= 0
	}) {
		h.t.Fatalf("no %s among %v", what, list)
	}
	return list[i]
}

// exists waits for a file.
func (h *host) exists(path string) {
	h.t.Helper()
	if !sandbox.Until(func() bool { return unix.Access(path, unix.F_OK) == nil }) {
		h.t.Fatalf("there is no %s", path)
	}
}
