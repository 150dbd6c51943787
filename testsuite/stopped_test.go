package testsuite

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// TestStopBooterKilled checks that a boot continues if its overlay-boot is killed before
// the supervisor is recorded. overlay-stop must wait for the boot, and stop the subhost.
func TestStopBooterKilled(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("killed", minimal)
		for range 5 {
			booter := s.engine.Command("overlay-boot", s.Conf)
			must(h.t, booter.Start())
			supervisor := s.supervisorUnknown(booter.Process.Pid)
			must(h.t, booter.Process.Kill())
			_ = booter.Wait() // killed, so Wait returns an error
			go func() {
				time.Sleep(200 * time.Millisecond)
				_ = unix.Kill(supervisor, unix.SIGCONT)
			}()
			if r := s.run("overlay-stop", s.Conf); r.Status != 0 {
				h.t.Errorf("overlay-stop: %v", r)
			}
			s.gone()
		}
	})
}

// supervisorUnknown suspends the supervisor of a boot before it has written its record.
func (s *subhost) supervisorUnknown(booter int) (pid int) {
	s.t.Helper()
	record := "/run/overlay-boot/subhosts/" + s.Name
	if !sandbox.Until(func() bool {
		text, _ := os.ReadFile(record)
		_, after, recorded := strings.Cut(string(text), "COPIER=")
		if !recorded {
			return false
		}
		copier, _, _ := strings.Cut(after, "\n") // it may have the name of the booter, too
		for _, p := range sandbox.Processes() {
			if p.PPid == booter && p.Comm == "overlay-boot" && strconv.Itoa(p.Pid) != copier &&
				unix.Kill(p.Pid, unix.SIGSTOP) == nil {
				pid = p.Pid
			}
		}
		return pid != 0
	}) {
		s.t.Fatal("no supervisor")
	}
	if text, _ := os.ReadFile(record); strings.Contains(string(text), "SUPERVISOR=") {
		s.t.Log("the supervisor was quicker: " + strconv.Itoa(pid))
	}
	return pid
}

// TestStopKeepsPrepared checks that overlay-stop keeps a network namespace and links that
// somebody has prepared, whether a subhost of that name ran before or not.
func TestStopKeepsPrepared(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("prepared", minimal)
		h.sh("ip netns add prepared; ip link add prepared7 type veth peer name preparedp")
		h.snap()
		s.stopsNothing()
		s.boot()
		s.stop()
		s.stopsNothing()
		h.sh("ip link add prepared0 type veth peer name preparedq")
		s.stopsNothing()
		for _, name := range []string{"/run/netns/prepared", "/sys/class/net/prepared7",
			"/sys/class/net/prepared0"} {
			if _, err := os.Stat(name); err != nil {
				h.t.Error(err)
			}
		}
		h.sh("ip netns del prepared; ip link del prepared7; ip link del prepared0")
		h.snap()
	})
}

// TestChangedBeginning checks that a changed hook of the script set runs with the change
// even if the change is where the hook reads the configuration.
func TestChangedBeginning(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("begins", minimal)
		h.export(bases + "/.export")
		must(h.t, os.MkdirAll(overrides, 0o755))
		h.sh("cd " + overrides + "; for f in overlay-postmount overlay-init; do\n" +
			"sed 's/^subhost_config$/&\\nRAM_SIZE=10M; echo $ACTION >>marks/' " + bases +
			"/.export/$f >$f; chmod 755 $f; done")
		h.snap()
		tree := s.boot()
		if size := s.mounts(tree)["/run"].Options; !strings.Contains(size, "size=10240k") {
			h.t.Errorf("/run: %s", size)
		}
		s.stop()
		marks, err := os.ReadFile(filepath.Join(s.Dir, "marks"))
		if want := "overlay-postmount\noverlay-init\n"; string(marks) != want {
			h.t.Errorf("marks: %q %v, want %q", marks, err, want)
		}
	})
}
