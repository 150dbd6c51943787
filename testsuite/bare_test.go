package testsuite

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// TestNoTools boots on a host that has our program and nothing else: no shell,
// no mount, no ip. The root is a tree with nothing in it either.
func TestNoTools(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("bare", minimal+"LOWER="+bases+"/bare/tree\n")
		for _, dir := range []string{"proc", "sys", "dev", "run", "tmp", "etc"} {
			must(h.t, os.MkdirAll(s.base+"/tree/"+dir, 0o755))
		}
		s.write("tree/etc/bare", "yes\n")
		s.coverTools()
		h.engine = sandbox.Engine{Name: "ours", Dir: "/usr/sbin", Env: []string{"PATH="}}
		h.snap()

		tree := s.boot()
		checkTree(h.t, s, tree)
		at := s.mounts(tree)
		for _, point := range []string{"/proc", "/dev", "/dev/pts", "/sys", "/run"} {
			if at[point].FSType == "" {
				h.t.Errorf("%s is not mounted", point)
			}
		}
		if !s.hasInside(tree, "/etc/bare") {
			h.t.Error("LOWER is not the root")
		}
		s.stop()
		s.gone()

		// A command in a process of its own, which has the shell's files.
		r := h.run("overlay-sh", "-c", "exec 3</tmp/b/bare/tree/etc/bare; cat /dev/fd/3")
		if r.Stdout != "yes\n" || r.Status != 0 {
			h.t.Errorf("a file by the name of its descriptor: %v", r)
		}
	})
}

// hasInside looks for a file through the list of the reaper's root.
func (s *subhost) hasInside(tree sandbox.Tree, path string) bool {
	s.t.Helper()
	files := sandbox.Files("/proc/" + strconv.Itoa(tree.Reaper.Pid) + "/root/etc")
	for _, f := range files {
		if strings.HasSuffix(f, path) {
			return true
		}
	}
	return false
}

// coverTools hides every program of the machine and then shows ours in /usr/sbin.
func (s *subhost) coverTools() {
	s.t.Helper()
	must(s.t, os.CopyFS(bases+"/.bin", os.DirFS(s.engine.Dir)))
	for _, dir := range []string{"/usr", "/bin", "/sbin", "/lib", "/lib64"} {
		// most of them are links into /usr
		if info, err := os.Lstat(dir); err == nil && info.IsDir() {
			must(s.t, unix.Mount("tmpfs", dir, "tmpfs", 0, "mode=755"))
		}
	}
	must(s.t, os.MkdirAll("/usr/sbin", 0o755))
	must(s.t, os.CopyFS("/usr/sbin", os.DirFS(bases+"/.bin")))
}
