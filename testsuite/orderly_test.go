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

// stopper is a service that records what it is told. What it does at a stop depends on its
// name: it is quick, or slow, or hangs until a signal comes, or does not even react to one.
const stopper = `#!/bin/sh
echo "${0##*/} $1" >> /var/told
[ "$1" = stop ] || exit 0
[ ! -e /var/quick ] || exit 0
case ${0##*/} in
    slow*) sleep 0.7 ;;
    hangs*) sleep 7777 ;;
    deaf*) trap '' TERM; while :; do sleep 7777; done ;;
esac
exit 3
`

// stopperHost makes a host with services of those names, all of which START has. Each script
// of a service has only a second to stop.
func stopperHost(h *host, engine string, names ...string) *subhost {
	h.t.Helper()
	h.needTools("service", "timeout", "setsid", "pgrep")
	dir := bases + "/.set"
	h.export(dir)
	h.sh(`cd ` + dir + `
sed -i 's/sleep 60/sleep 2/; s/sleep 70/sleep 4/; s/-k 5 60/-k 0.5 1/' functions overlay-stop`)
	if engine == "dash" {
		h.needTools("dash", "unshare", "nsenter", "ip")
		h.engine = withPath(sandbox.Engine{Name: "dash", Dir: dir})
	} else {
		h.engine.Env = append(h.engine.Env, "OVERLAY_SCRIPTS="+dir)
	}
	h.snap()
	start := ""
	for _, name := range names {
		start += " " + name
	}
	s := h.subhost("orderly", "CABLES=\nSTART="+start+"\n")
	must(h.t, os.MkdirAll(s.Dir+"/root/var", 0o755))
	for _, name := range names {
		if strings.HasPrefix(name, "/") {
			s.Write("root"+name, stopper)
		} else {
			s.Write("root/etc/init.d/"+name, stopper)
		}
	}
	return s
}

// TestStopTakesLong checks that each stop script is called, has a time of its own, and that
// overlay-stop tells which one it has ended.
func TestStopTakesLong(t *testing.T) {
	for _, engine := range []string{"ours", "dash"} {
		t.Run(engine, func(t *testing.T) {
			onHost(t, func(h *host) {
				h.onlyOurs()
				s := stopperHost(h, engine, "/slow1", "/slow2", "hangs1", "/slow3", "/deaf1", "slow4",
					"/hangs2", "/quick1")
				s.boot()
				r := s.run("overlay-stop", s.Conf)
				s.gone()
				for _, want := range []string{"hangs1", "/hangs2", "/deaf1"} {
					if !strings.Contains(r.Stderr, "\n"+want+" stop was ended after ") {
						h.t.Errorf("not told that %s was ended", want)
					}
				}
				if r.Status != 1 || strings.Count(r.Stderr, " was ended ") != 3 ||
					!strings.HasSuffix(r.Stderr, "Not all services of orderly were stopped "+
						"in an orderly way\n") {
					h.t.Errorf("overlay-stop: %v", r)
				}
				const want = "quick1 hangs2 slow4 deaf1 slow3 hangs1 slow2 slow1"
				if got := stopsTold(s); got != want {
					h.t.Errorf("told to stop: %s, want %s", got, want)
				}
			})
		})
	}
}

// TestStopCutShort checks that overlay-stop says so if the subhost ends before all of its
// services were told to stop.
func TestStopCutShort(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := stopperHost(h, "ours", "/quick1", "/hangs1")
		tree := s.boot()
		cmd := s.engine.Command("overlay-stop", s.Conf)
		var said strings.Builder
		cmd.Stderr = &said
		must(h.t, cmd.Start())
		waitTold(s, 1)
		h.kill("KILL", tree.Reaper.Pid)
		err := cmd.Wait()
		s.gone()
		if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said.String(), "Not all services") {
			h.t.Errorf("overlay-stop: %v, %s", err, said.String())
		}
	})
}

// TestStopInterrupted checks that an overlay-stop that is ended by a signal leaves no stop
// script running, and that the next one can stop the subhost.
func TestStopInterrupted(t *testing.T) {
	for _, engine := range []string{"ours", "dash"} {
		t.Run(engine, func(t *testing.T) {
			onHost(t, func(h *host) {
				h.onlyOurs()
				for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT,
					syscall.SIGHUP, syscall.SIGQUIT} {
					for _, name := range []string{"/deaf1", "hangs1"} {
						s := stopperHost(h, engine, "/quick1", name)
						s.boot()
						s.interruptStop(signal)
						s.says("> /var/quick")
						s.stop()
						s.gone()
						name = strings.TrimPrefix(name, "/")
						if got, want := stopsTold(s), name+" "+name+" quick1"; got != want {
							h.t.Errorf("%v: told to stop: %s, want %s", signal, got, want)
						}
						must(h.t, os.RemoveAll(s.Dir))
						must(h.t, os.RemoveAll(bases+"/.set"))
						h.engine = ours(t)
					}
				}
			})
		})
	}
}

// interruptStop calls overlay-stop and ends it by a signal while a stop script runs.
func (s *subhost) interruptStop(signal syscall.Signal) {
	s.t.Helper()
	cmd := s.engine.Command("overlay-stop", s.Conf)
	must(s.t, cmd.Start())
	waitTold(s, 1)
	time.Sleep(50 * time.Millisecond) // until the script sleeps
	must(s.t, cmd.Process.Signal(signal))
	_ = cmd.Wait() // the status is looked at
	if got := cmd.ProcessState.ExitCode(); got != 128+int(signal) {
		s.t.Errorf("%v: overlay-stop: %v", signal, cmd.ProcessState)
	}
	for _, p := range sandbox.Processes() {
		if argv := fmt.Sprint(p.Argv); strings.Contains(argv, "7777") || strings.Contains(argv, "stop") {
			s.t.Errorf("%v: left: %v", signal, p)
		}
	}
}

// waitTold waits until that many services were told to stop.
func waitTold(s *subhost, n int) {
	s.t.Helper()
	if !sandbox.Until(func() bool { return len(strings.Fields(stopsTold(s))) >= n }) {
		s.t.Fatalf("told to stop: %s", stopsTold(s))
	}
}

// stopsTold returns the names of the services that were told to stop.
func stopsTold(s *subhost) string {
	text, _ := os.ReadFile(s.Dir + "/root/var/told")
	var names []string
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutSuffix(line, " stop\n"); ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}
