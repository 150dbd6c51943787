package testsuite

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"overlayboot/compat/sandbox"
)

const minimal = "CABLES= =\nSTART= none\n"

// checkTree compares the three levels with what the tools look for.
func checkTree(t *testing.T, s *subhost, tree sandbox.Tree) {
	t.Helper()
	p := tree.Supervisor
	if len(p.Argv) != 3 || p.Argv[0] != "/bin/sh" || p.Argv[2] != s.Conf ||
		!strings.HasSuffix(p.Argv[1], "/overlay-boot") {
		t.Errorf("supervisor's argv is %q, want /bin/sh …/overlay-boot %s", p.Argv, s.Conf)
	}
	if p.Comm != "overlay-boot" {
		t.Errorf("supervisor's comm is %q", p.Comm)
	}
	checkShell(t, s, tree)
	u := tree.Unshare
	if u.Comm != "unshare" || u.Argv[0] != "unshare" || !slices.Contains(u.Argv, "/bin/sh") {
		t.Errorf("second level is %v, want unshare … /bin/sh …", u)
	}
	if tree.Reaper.Comm != ".reaper" {
		t.Errorf("reaper's comm is %q", tree.Reaper.Comm)
	}
	// The reaper has its name a moment before it blocks the signals.
	if !sandbox.Until(func() bool {
		now, ok := sandbox.Find(s.Name)
		return ok && blocksAll(now.Reaper.SigBlk)
	}) {
		t.Errorf("the reaper does not block every signal: %s", tree.Reaper.SigBlk)
	}
	for _, kind := range []string{"mnt", "net", "pid", "ipc", "uts", "time"} {
		if tree.Reaper.NS(kind) == sandbox.Self().NS(kind) {
			t.Errorf("the reaper is in the host's %s namespace", kind)
		}
	}
	if tree.Supervisor.NS("mnt") == sandbox.Self().NS("mnt") {
		t.Error("the supervisor is in the host's mount namespace")
	}
	if tree.Supervisor.NS("net") != sandbox.Self().NS("net") {
		t.Error("the supervisor is not in the host's network")
	}
}

// checkShell checks that the supervisor has not become the machine's own shell, as it would
// if a script were executed instead of interpreted.
func checkShell(t *testing.T, s *subhost, tree sandbox.Tree) {
	t.Helper()
	if s.engine.Name != "ours" {
		return
	}
	exe, err := os.Readlink("/proc/" + strconv.Itoa(tree.Supervisor.Pid) + "/exe")
	if err != nil || slices.Contains([]string{"dash", "bash", "sh"}, filepath.Base(exe)) {
		t.Errorf("the supervisor is %q, %v: not our shell", exe, err)
	}
}

// blocksAll reports whether a mask contains all signals except those that nobody can block.
func blocksAll(mask string) bool {
	const kill, stop = 9, 19
	for sig := 1; sig <= 31; sig++ {
		digit := mask[len(mask)-1-(sig-1)/4]
		value := strings.IndexByte("0123456789abcdef", digit)
		if value>>((sig-1)%4)&1 == 0 && sig != kill && sig != stop {
			return false
		}
	}
	return true
}

func TestMinimal(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("mini", minimal)
		tree := s.boot()
		checkTree(h.t, s, tree)

		if got := s.says("tr '\\0' ' ' < /proc/1/cmdline"); got != "/.reaper mini" {
			h.t.Errorf("pid 1 inside is %q", got)
		}
		if got := s.says("hostname"); got != sandbox.Hostname {
			h.t.Errorf("hostname inside is %q", got)
		}
		if links := sandbox.Links(); !slices.Contains(links, "mini0") {
			h.t.Errorf("host's links: %q, want mini0", links)
		}
		if got := s.links(); got != "eth0 lo" {
			h.t.Errorf("links inside: %q", got)
		}
		if got := s.says("ip link show lo"); !strings.Contains(got, "LOOPBACK,UP") {
			h.t.Errorf("lo inside is not up: %s", got)
		}
		s.stop()
		s.gone()
		if left := sandbox.Files(s.Dir + "/live"); len(left) != 0 {
			h.t.Errorf("live is not empty: %q", left)
		}
	})
}

func TestStatusOfCommandInside(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("code", minimal)
		s.boot()
		r := s.inside("echo out; echo err >&2; exit 7")
		if r.Status != 7 || !strings.HasPrefix(r.Stdout, "out\n") ||
			!strings.Contains(r.Stderr, "err\n") {
			h.t.Errorf("%v, want status 7, out, err", r)
		}
		s.stop()
	})
}

func TestRounds(t *testing.T) {
	rounds := 50
	if testing.Short() {
		rounds = 10
	}
	onHost(t, func(h *host) {
		if h.engine.Name != "ours" {
			rounds = 3
		}
		s := h.subhost("round", minimal)
		for i := range rounds {
			tree := s.boot()
			if i == 0 {
				checkTree(h.t, s, tree)
			}
			s.stop()
			s.gone()
			if h.t.Failed() {
				h.t.Fatalf("round %d of %d\n%s", i+1, rounds, s.Story())
			}
		}
	})
}

// TestDefaultMounts checks the mounts of a subhost with a default configuration.
func TestDefaultMounts(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("mounts", minimal)
		tree := s.boot()
		at := s.mounts(tree)
		for point, fstype := range map[string]string{
			"/": "overlay", "/proc": "proc", "/sys": "sysfs", "/run": "tmpfs",
			"/dev": "tmpfs", "/dev/pts": "devpts",
		} {
			if at[point].FSType != fstype {
				h.t.Errorf("%s is %q, want %s", point, at[point].FSType, fstype)
			}
		}
		if m := at["/run"]; !strings.Contains(m.Options, "size=51200k") {
			h.t.Errorf("/run has options %s, want 50M", m.Options)
		}
		for point := range at {
			if strings.HasPrefix(point, bases) || strings.HasPrefix(point, "/tmp") {
				h.t.Errorf("a mount of the host is inside: %s", point)
			}
		}
		root := s.says("stat -c %F%a /run/lock /dev/null /dev/shm")
		if root != "directory1777\ncharacter special file666\ndirectory1777" {
			h.t.Errorf("inside: %q", root)
		}
		s.stop()
	})
}

// TestRamSize checks a configured size of /run, and RAM_SIZE=none.
func TestRamSize(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("ram", minimal+"RAM_SIZE=7M\n")
		if m := s.mounts(s.boot())["/run"]; !strings.Contains(m.Options, "size=7168k") {
			h.t.Errorf("/run has options %s, want 7M", m.Options)
		}
		s.stop()
		s.gone()
		s = h.subhost("noram", minimal+"RAM_SIZE=none\n")
		if m, ok := s.mounts(s.boot())["/run"]; ok {
			h.t.Errorf("/run is a mount: %v", m)
		}
		s.stop()
	})
}

// TestOwnRun checks that a tmpfs that is already on /run is used as it is.
func TestOwnRun(t *testing.T) {
	onHost(t, func(h *host) {
		h.needTools("bash", "ldd")
		s := h.subhost("ownrun", minimal+"RAM_SIZE=7M\n"+
			"LOWER="+bases+"/ownrun/live\nUPPER="+bases+"/ownrun/root\n")
		h.notOriginal()
		s.smallRoot(s.Dir + "/tree")
		h.sh("cd " + s.Dir + "; mount --bind tree live; mount -t tmpfs -o size=3M mine live/run")
		h.snap()
		tree := s.boot()
		if m := s.mounts(tree)["/run"]; m.Source != "mine" {
			h.t.Errorf("/run is %v", m)
		}
		mounts, err := sandbox.Mounts(tree.Reaper.Pid)
		must(h.t, err)
		mounts = slices.DeleteFunc(mounts, func(m sandbox.Mount) bool { return m.Point != "/run" })
		if len(mounts) != 1 {
			h.t.Errorf("/run is mounted over: %v", mounts)
		}
		s.stop()
	})
}

// TestDefaultNames boots a configuration without NAME and LOG.
func TestDefaultNames(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("plain", minimal)
		s.Write("plain.conf", "BASE=.\nCABLES=\nSTART= none\n")
		s.boot()
		const log = "/tmp/overlay-plain.log"
		if _, err := os.Stat(log); err != nil {
			h.t.Errorf("no default log: %v", err)
		}
		s.stop()
		os.Remove(log)
	})
}
