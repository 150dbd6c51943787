package testsuite

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

// limitValues are words of LIMITS, each with the content of the file that it sets. A machine has
// the controllers of some of them.
var limitValues = []struct{ file, value, content string }{
	{"hugetlb.2MB.max", "4M", "4194304"}, {"pids.max", "77", "77"},
	{"memory.max", "64M", "67108864"}, {"cpu.max", "50%", "50000 100000"},
	{"cpu.weight", "200", "200"}, {"io.weight", "200", "default 200"},
}

// passOn has the group of this process give its controllers to the sandboxes below it, until the
// test ends.
func passOn(t *testing.T) {
	t.Helper()
	text, _ := os.ReadFile("/proc/self/mounts")
	root := ""
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); f[2] == "cgroup2" && root == "" {
			root = f[1]
		}
	}
	control := filepath.Join(root, "cgroup.subtree_control")
	have, _ := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	on, _ := os.ReadFile(control)
	for _, c := range strings.Fields(string(have)) {
		if slices.Contains(strings.Fields(string(on)), c) {
			continue
		}
		if os.WriteFile(control, []byte("+"+c), 0) == nil {
			t.Cleanup(func() { _ = os.WriteFile(control, []byte("-"+c), 0) })
		}
	}
}

// TestLimitsSet checks that limits are set in the group of the subhost, where the host has the
// controller, that a group with processes of its own is told of, and that the boot is refused
// where the controller is missing.
func TestLimitsSet(t *testing.T) {
	if !sandbox.Inside() {
		passOn(t)
	}
	onEngines(t, func(h *host) {
		controllers := strings.Fields(h.sh("cat " + sandbox.CgroupRoot + "/cgroup.controllers"))
		set, busy := 0, true
		for _, r := range limitValues {
			name, _, _ := strings.Cut(r.file, ".")
			s := h.subhost("limited", "CABLES=\nSTART= none\nLIMITS= "+r.file+"="+r.value+"\n")
			got := s.run("overlay-boot", s.Conf)
			if !slices.Contains(controllers, name) {
				if got.Status != 1 || !strings.Contains(got.Stderr, "needs the controller "+name) {
					h.t.Errorf("%s: %v", r.file, got)
				}
				h.clean()
				continue
			}
			if busy {
				if got.Status != 1 || !strings.Contains(got.Stderr+s.Story(), "the controller "+
					name+" cannot be turned on in ") {
					h.t.Errorf("%s: %v\n%s", r.file, got, s.Story())
				}
				h.clean()
				h.sh("cd " + sandbox.CgroupRoot + "; mkdir tests; for p in $(cat cgroup.procs); do" +
					" echo $p > tests/cgroup.procs || :; done")
				h.snap()
				busy = false
				got = s.run("overlay-boot", s.Conf)
			}
			content, _ := os.ReadFile(sandbox.CgroupRoot + "/limited/" + r.file)
			if got.Status != 0 || string(content) != r.content+"\n" {
				h.t.Errorf("%s: %q, want %q; %v\n%s", r.file, content, r.content, got, s.Story())
			}
			set++
			s.stop()
			s.gone()
		}
		if set == 0 {
			kit.Cannot(h.t, "set limits: no controller of cgroup v2 can be had here")
		}
	})
}
