package testsuite

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"overlayboot/compat/sandbox"
)

// tellingUpper is a program for UPPER that records in /tmp/told the actions that it is
// called for.
const tellingUpper = `#!/bin/sh
echo "$ACTION" >>/tmp/told
[ "$ACTION" = setup ] && echo "${CONFIG%/*}/root"
exit 0
`

func told(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/tmp/told")
	must(t, err)
	must(t, os.Remove("/tmp/told"))
	return strings.Join(strings.Fields(string(text)), " ")
}

// TestTeardownOnce ends boots at various moments around the start of the subhost. The
// subhost must end each time, and then the teardown must run exactly once.
func TestTeardownOnce(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("once", minimal+"UPPER=./up\n")
		s.Write("up", tellingUpper)
		h.snap()
		top := h.sh("awk '$3 == \"cgroup2\" {print $2; exit}' /proc/mounts")
		group := strings.TrimSpace(top) + "/once"
		ended := 0
		for n := range 40 {
			cmd := h.engine.Command("overlay-boot", s.Conf)
			must(h.t, cmd.Start())
			exited := make(chan error, 1)
			go func() { exited <- cmd.Wait() }()
			sandbox.Until(func() bool { return exists(group) || len(exited) > 0 })
			time.Sleep(time.Duration(n) * time.Millisecond)
			_ = cmd.Process.Signal(syscall.SIGTERM)
			begun := time.Now()
			if <-exited == nil {
				s.stop()
			} else {
				ended++
			}
			if got := told(h.t); got != "setup teardown" {
				h.t.Errorf("TERM %d ms after the group was there: %s, by %v", n, got, time.Since(begun))
			}
			s.gone()
		}
		if ended == 0 {
			h.t.Error("no boot was ended by the signal")
		}
	})
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// TestTeardownPlaces checks that the teardown still finds its interpreter, its directory
// and the configuration, although each is on a mount that the supervisor does not need
// itself.
func TestTeardownPlaces(t *testing.T) {
	onHost(t, func(h *host) {
		h.sh(`mkdir -p /opt/there /tmp/own /tmp/conf
			mount -t tmpfs opt /opt/there; mkdir /opt/there/bin; cp /bin/dash /opt/there/bin/mysh
			mount -t tmpfs own /tmp/own; mkdir -p /tmp/own/sub; echo in >/tmp/own/sub/inbase
			mount -t tmpfs conf /tmp/conf`)
		base := bases + "/places"
		for i, where := range []string{"/tmp/own", "/tmp/own/sub"} {
			conf := fmt.Sprintf("/tmp/conf/places%d.conf", i)
			h.sh("mkdir -p " + base + "/live " + base + "/root " + base + "/work")
			program := "#!/opt/there/bin/mysh\necho \"$ACTION $(pwd) $(ls . | " +
				"tr '\\n' ' ')$(grep -c BASE $CONFIG)\" >>/tmp/told\n" +
				"[ \"$ACTION\" = setup ] && echo " + base + "/root\nexit 0\n"
			must(h.t, os.WriteFile(base+"/up", []byte(program), 0o755))
			must(h.t, os.WriteFile(conf, []byte(minimal+"BASE="+where+"\nUPPER="+base+"/up\nLIVE="+base+
				"/live\nWORK="+base+"/work\nLOG="+base+"/log\nNAME=places\n"), 0o644))
			h.snap()
			for _, tool := range []string{"overlay-boot", "overlay-stop"} {
				if r := h.run(tool, conf); r.Status != 0 {
					h.t.Fatalf("%s: %v", tool, r)
				}
			}
			got := told(h.t)
			setup, teardown, _ := strings.Cut(got, "teardown")
			if strings.TrimSpace(strings.TrimPrefix(setup, "setup")) != strings.TrimSpace(teardown) ||
				!strings.Contains(got, "/tmp/own") || strings.Count(got, " 1") != 2 {
				h.t.Errorf("with BASE=%s: %q", where, got)
			}
			h.clean()
		}
	})
}

// TestSetupKilled checks that the teardown also runs if the signal that ends the boot ends
// the setup, which then cannot undo its work.
func TestSetupKilled(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("cut", minimal+"UPPER=./up\n")
		s.Write("up",
			"#!/bin/sh\necho \"$ACTION\" >>/tmp/told\n[ \"$ACTION\" != setup ] || exec sleep 60\n")
		h.snap()
		cmd := h.engine.Command("overlay-boot", s.Conf)
		must(h.t, cmd.Start())
		sandbox.Until(func() bool { return exists("/tmp/told") })
		time.Sleep(200 * time.Millisecond)
		must(h.t, cmd.Process.Signal(syscall.SIGTERM))
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 128+15 {
			h.t.Errorf("overlay-boot: %v", err)
		}
		if got := told(h.t); got != "setup teardown" {
			h.t.Errorf("called for %s", got)
		}
		s.gone()
	})
}
