package testsuite

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"overlayboot/compat/sandbox"
)

// onEngines runs a test on a host with the program, and on one with the exported scripts under
// dash.
func onEngines(t *testing.T, body func(h *host)) {
	for _, engine := range []string{"ours", "dash"} {
		t.Run(engine, func(t *testing.T) {
			onHost(t, func(h *host) {
				h.onlyOurs()
				if engine == "dash" {
					h.needTools("dash", "unshare", "nsenter", "ip", "timeout", "setsid", "pgrep")
					dir := bases + "/.set"
					h.export(dir)
					h.engine = withPath(sandbox.Engine{Name: "dash", Dir: dir})
					h.snap()
				}
				body(h)
			})
		})
	}
}

// A call is a tool at work.
type call struct {
	*exec.Cmd
	stderr *os.File
}

// begin starts a tool, whose standard error goes to a file.
func (s *subhost) begin(tool string, args ...string) *call {
	s.t.Helper()
	file, err := os.CreateTemp(s.Dir, "stderr")
	must(s.t, err)
	c := &call{s.engine.Command(tool, args...), file}
	c.Stdout, c.Stderr = file, file
	must(s.t, c.Start())
	return c
}

// end waits for the end of the tool, and returns its status and standard error.
func (c *call) end() (status int, stderr string) {
	_ = c.Wait() // the status is returned
	text, _ := os.ReadFile(c.stderr.Name())
	return c.ProcessState.ExitCode(), string(text)
}

// recorded returns the last value of a key in the record of a subhost.
func recorded(name, key string) (value string) {
	text, _ := os.ReadFile("/run/overlay-boot/subhosts/" + name)
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, key+"="); ok {
			value = strings.TrimSuffix(v, "\n")
		}
	}
	return value
}

// awaits waits until a key in the record has the value.
func (s *subhost) awaits(key, value string) {
	s.t.Helper()
	if !sandbox.Until(func() bool { return recorded(s.Name, key) == value }) {
		s.t.Fatalf("%s is %q, want %q\n%s", key, recorded(s.Name, key), value, s.Story())
	}
}

// TestReadyLate checks that overlay-boot waits until the check succeeds, which runs as the
// services do, and that the subhost can be entered meanwhile.
func TestReadyLate(t *testing.T) {
	onEngines(t, func(h *host) {
		s := h.subhost("late", "CABLES=\nSTART= none\nREADY= /check and more\n")
		s.Script("root/check", `echo "$# $(cat /proc/1/comm) ${container}" >> /called
ls -l /proc/self/fd >> /called
[ -e /up ]`)
		c := s.begin("overlay-boot", s.Conf)
		s.awaits("READY", "waiting")
		if got := s.says("[ ! -e /up ] && echo here"); got != "here" {
			h.t.Errorf("inside: %q", got)
		}
		if c.ProcessState != nil || recorded("late", "STATE") != "running" {
			h.t.Errorf("STATE=%s", recorded("late", "STATE"))
		}
		s.says("> /up")
		if status, stderr := c.end(); status != 0 || recorded("late", "READY") != "yes" ||
			!strings.HasSuffix(stderr, "\nWaiting until late is ready\n") {
			h.t.Errorf("status %d, %s", status, stderr)
		}
		called := s.Read("root/called")
		if !strings.HasPrefix(called, "2 .reaper overlay-boot\n") || strings.Contains(called, "/tmp/b") {
			h.t.Errorf("the check saw %s", called)
		}
		if _, err := os.Stat("/run/overlay-boot/pipes/late"); err == nil {
			h.t.Error("what the check said is still there")
		}
		s.stop()
	})
}

// TestReadyNever checks that a subhost which is not ready in time is stopped, its services
// first, and that overlay-boot tells what the check has said.
func TestReadyNever(t *testing.T) {
	onEngines(t, func(h *host) {
		s := h.subhost("never", "CABLES=\nSTART= /svc\nREADY= /check\nREADY_TIMEOUT= 1\n")
		s.Script("root/svc", "echo $1 >> /told\n"+
			"sleep 1000 &\n[ $1 = stop ] || exit 0") // the stop leaves one with its output
		for _, check := range []string{"echo no luck; exit 3", "echo no luck; sleep 1000",
			"trap '' TERM; echo no luck; sleep 1000", "echo no luck; setsid sleep 1000 & exit 1",
			"seq 10000; echo no luck; exit 9",
			"yes | head -c 3000000; echo no luck; exit 9",
			"head -c 3000000 /dev/zero | tr '\\000' x; echo; echo no luck; sleep 1000"} {
			s.Script("root/check", check)
			r := s.run("overlay-boot", s.Conf)
			if r.Status != 1 || !strings.HasSuffix(r.Stderr, "\nnever was not ready, and was stopped; "+
				s.Log()+" says:\nREADY=/check did not succeed within 1 s\n"+
				"at last it said: no luck\n") {
				h.t.Errorf("%s: %v\n%s", check, r, s.Story())
			}
			s.gone()
		}
		if got := s.Read("root/told"); got != strings.Repeat("start\nstop\n", 7) {
			h.t.Errorf("the service was told %q", got)
		}
	})
}

// TestReadyLong checks that a check which prints without line breaks fills no memory: what is
// kept of it has a limit, as the message shows. Backslashes in READY are shown as they are.
func TestReadyLong(t *testing.T) {
	onEngines(t, func(h *host) {
		for _, check := range []string{`/usr/bin/tr "\\000" x </dev/zero`,
			`/usr/bin/tr "\\000" "\\n" </dev/zero`, `/bin/false \\101\\n\\c\\t`} {
			s := h.subhost("long", "CABLES=\nSTART= none\nREADY_TIMEOUT= 2\nREADY= "+check+"\n")
			r := s.run("overlay-boot", s.Conf)
			want := "READY=" + strings.ReplaceAll(check, `\\`, `\`) + " did not succeed within 2 s\n"
			if r.Status != 1 || !strings.Contains(r.Stderr, want) || len(r.Stderr) > 6000 {
				h.t.Errorf("%s: status %d, %d bytes: %.500s", check, r.Status, len(r.Stderr), r.Stderr)
			}
			if log := s.Read("log"); len(log) > 10000 {
				h.t.Errorf("%s: the log has %d bytes", check, len(log))
			}
			s.gone()
			must(h.t, os.RemoveAll(s.Dir))
		}
		s := h.subhost("much", "CABLES=\nSTART= none\nREADY= /usr/bin/head -c 1000000000 /dev/zero\n")
		s.boot()
		s.stop()
	})
}

// listener is a service that listens at a place after a while. It says what it does.
const listener = `#!/bin/sh
[ "$1" = start ] || exit 0
perl -e 'use IO::Socket::IP; open(STDOUT, ">", "/began"); close(STDOUT);
until (-e "/go") { select(undef, undef, undef, 0.01) }
my $l = IO::Socket::IP->new(Listen => 5, LocalAddr => "%s", LocalPort => %d) or die "$@";
while (my $c = $l->accept) { close($c) }' &
`

// TestReadyTCP checks that overlay-boot waits for a connection.
func TestReadyTCP(t *testing.T) {
	for _, r := range []struct{ ready, address string }{
		{"tcp:77", "127.0.0.1"}, {"tcp:127.0.0.2:77", "127.0.0.2"}, {"tcp:[::1]:77", "::1"},
	} {
		onHost(t, func(h *host) {
			h.onlyOurs()
			h.needTools("perl")
			s := h.subhost("port", "CABLES=\nSTART= /svc\nREADY= "+r.ready+"\n")
			s.Write("root/svc", fmt.Sprintf(listener, r.address, 77))
			c := s.begin("overlay-boot", s.Conf)
			s.awaits("READY", "waiting")
			s.says("> /go")
			if status, stderr := c.end(); status != 0 || recorded("port", "READY") != "yes" {
				h.t.Errorf("%s: status %d, %s\n%s", r.ready, status, stderr, s.Story())
			}
			s.stop()
		})
	}
}

// TestReadyGivenUp checks what ends the wait for a check that never succeeds. Nothing is left.
func TestReadyGivenUp(t *testing.T) {
	onEngines(t, func(h *host) {
		for _, check := range []string{"exit 1", "sleep 1000"} {
			for _, r := range []struct {
				how    string
				status int
				says   string
			}{
				{"INT", 128 + int(syscall.SIGINT), ""}, {"TERM", 128 + int(syscall.SIGTERM), ""},
				{"stop", 1, "waits ended\n"}, {"end", 1, "waits ended\n"},
			} {
				s := h.subhost("waits", "CABLES=\nSTART= none\nREADY= /check\n")
				s.Script("root/check", check)
				c := s.begin("overlay-boot", s.Conf)
				s.awaits("READY", "waiting")
				switch r.how {
				case "stop":
					s.stop()
				case "end":
					tree := s.running(sandbox.Result{})
					h.kill("KILL", tree.Reaper.Pid)
				default:
					h.kill(r.how, c.Process.Pid)
				}
				status, stderr := c.end()
				if status != r.status || !strings.Contains(stderr, r.says) {
					h.t.Errorf("%s, %s: status %d, %s", check, r.how, status, stderr)
				}
				s.gone()
				must(h.t, os.RemoveAll(s.Dir))
			}
		}
	})
}

// TestReadyRecord checks that the record of a subhost without the new variables has no new key.
func TestReadyRecord(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("old", minimal)
		s.boot()
		text := h.sh("sed 's/=.*//' /run/overlay-boot/subhosts/old | sort -u")
		keys := strings.Fields(text)
		for _, key := range []string{"READY", "RESTARTS"} {
			if slices.Contains(keys, key) {
				h.t.Errorf("the record has %s: %q", key, keys)
			}
		}
		s.stop()
	})
}
