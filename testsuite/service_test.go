package testsuite

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

// recorder is a service that records its name and its argument.
const recorder = `#!/bin/sh
echo "$(basename $0) $1" >> /var/told
`

// needTools skips a test if a tool is missing.
func (h *host) needTools(tools ...string) {
	h.t.Helper()
	kit.Tools(h.t, tools...)
}

// networked makes a subhost with an address, a bridge to it and an ssh server.
func networked(h *host, config string) *subhost {
	h.t.Helper()
	h.needTools("sshd", "ssh", "ssh-keygen", "ifup", "ip", "service")
	h.sh(`ip link add br7 type bridge; ip addr add 10.77.0.1/24 dev br7; ip link set br7 up`)
	h.snap()
	s := h.subhost("served", config)
	s.Write("root/etc/network/interfaces", "auto lo\niface lo inet loopback\n"+
		"auto eth0\niface eth0 inet static\n\taddress 10.77.0.2/24\n")
	h.sh(`cd ` + s.Dir + `
ssh-keygen -q -t ed25519 -N '' -f key
mkdir -p root/root/.ssh root/etc/ssh root/etc/init.d
chmod 700 root/root root/root/.ssh
cp key.pub root/root/.ssh/authorized_keys
ssh-keygen -q -t ed25519 -N '' -f root/etc/ssh/ssh_host_ed25519_key`)
	return s
}

// ssh logs in over the bridge and runs a command.
func (s *subhost) ssh(command string) sandbox.Result {
	s.t.Helper()
	return s.exec(exec.Command("ssh", "-q", "-i", s.Dir+"/key", "-o", "BatchMode=yes",
		"-o", "ConnectTimeout=5", "-o", "StrictHostKeyChecking=no",
		"-o", "UserKnownHostsFile=/dev/null", "root@10.77.0.2", command))
}

// TestServices boots a typical subhost: with a network and services, reached by ssh.
func TestServices(t *testing.T) {
	onHost(t, func(h *host) {
		s := networked(h, "CABLES= br7=02:00:00:00:77:02\nSTART= networking first ssh last\n")
		s.Write("root/etc/init.d/first", recorder)
		s.Write("root/etc/init.d/last", recorder)
		tree := s.boot()

		var r sandbox.Result
		if !sandbox.Until(func() bool {
			r = s.ssh("tr '\\0' ' ' < /proc/1/cmdline")
			return r.Status == 0
		}) {
			h.t.Fatalf("ssh: %v\n%s", r, s.Story())
		}
		if r.Stdout != "/.reaper served " {
			h.t.Errorf("over ssh, pid 1 is %q", r.Stdout)
		}
		if got := s.ssh("hostname").Stdout; got != sandbox.Hostname+"\n" {
			h.t.Errorf("over ssh, hostname is %q", got)
		}
		if got := s.ssh("ip link show eth0").Stdout; !strings.Contains(got, "02:00:00:00:77:02") {
			h.t.Errorf("eth0's address is not the one given: %s", got)
		}
		if port := h.sh("ls /sys/class/net/br7/brif"); port != "served0\n" {
			h.t.Errorf("ports of the bridge: %q", port)
		}
		checkServer(s, tree)
		s.stop()
		s.gone()
		const want = "first start\nlast start\nlast stop\nfirst stop\n"
		if got := s.Read("root/var/told"); got != want {
			h.t.Errorf("services were told %q, want %q", got, want)
		}
	})
}

// TestDefaultServices checks that a configuration without START starts networking and ssh.
func TestDefaultServices(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		h.needTools("service")
		for _, line := range []string{"", "START=\n"} {
			s := h.subhost("std", "CABLES=\n"+line)
			for _, name := range []string{"networking", "ssh"} {
				s.Write("root/etc/init.d/"+name, recorder)
			}
			tree := s.boot()
			s.dummy(tree)
			s.stop()
			s.gone()
			want := "networking start\nssh start\nssh stop\nnetworking stop\n"
			if got := s.Read("root/var/told"); got != want {
				h.t.Errorf("with %q services were told %q, want %q", line, got, want)
			}
			must(h.t, os.RemoveAll(s.Dir))
		}
	})
}

// checkServer checks that the ssh server is in the subhost, as a child of the reaper.
func checkServer(s *subhost, tree sandbox.Tree) {
	s.t.Helper()
	list := sandbox.Processes()
	i := slices.IndexFunc(list, func(p sandbox.Process) bool {
		return p.Comm == "sshd" && p.PPid == tree.Reaper.Pid
	})
	switch {
	case i < 0:
		s.t.Errorf("no sshd below the reaper: %v", list)
	case list[i].NS("net") != tree.Reaper.NS("net"):
		s.t.Errorf("sshd is in another network than the reaper")
	}
}

// TestServerEnds checks that a subhost with services has no dummy service, and lives as
// long as the services do.
func TestServerEnds(t *testing.T) {
	onHost(t, func(h *host) {
		s := networked(h, "CABLES= br7=\nSTART= ssh\n")
		tree := s.boot()
		for _, p := range sandbox.Processes() {
			if p.Comm == "dummy_service" {
				h.t.Errorf("a dummy service runs beside sshd")
			}
		}
		for _, p := range sandbox.Processes() {
			if p.Comm == "sshd" && p.PPid == tree.Reaper.Pid {
				h.kill("TERM", p.Pid)
			}
		}
		s.gone()
	})
}

// startWords are values of START that the subhost's shell reads, with quotes, options, patterns
// and substitutions.
var startWords = []string{
	`"/svc --opt" other`, `'/svc --a' '/svc --b' "/svc c d"`, "`echo /svc` other", `/sv* other`,
	`$(echo other /svc)`, `other /svc\ x`, `/svc other last /svc`,
}

// TestServiceWords checks that a stop tells the services the same as the start did, in reverse
// order.
func TestServiceWords(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		h.needTools("service")
		const recorder = "#!/bin/sh\necho \"$0 $*\" | sed 's/ [a-z]*$//' >> /var/$(eval echo \\$$#)\n"
		for _, words := range startWords {
			s := h.subhost("words", "CABLES=\nSTART= "+words+"\n")
			s.Write("root/svc", recorder)
			for _, name := range []string{"other", "last"} {
				s.Write("root/etc/init.d/"+name, recorder)
			}
			must(h.t, os.Mkdir(s.Dir+"/root/var", 0o755))
			s.boot()
			s.stop()
			s.gone()
			began := strings.Split(strings.TrimSpace(s.Read("root/var/start")), "\n")
			ended := strings.Split(strings.TrimSpace(s.Read("root/var/stop")), "\n")
			slices.Reverse(ended)
			if len(began) < 2 || !slices.Equal(began, ended) {
				h.t.Errorf("START= %s\nstarted: %q\nstopped: %q", words, began, ended)
			}
			must(h.t, os.RemoveAll(s.Dir))
		}
	})
}

// A startRow is a value of START, as the configuration has it, and what its programs are told at
// the start and at the stop, one call after the other. Without any, the boot fails.
type startRow struct{ value, start, stop string }

// startRows are the examples of overlay-boot(8), WORDS OF START.
var startRows = []startRow{
	{`/svc/a /svc/b`, "a(start) b(start)", "b(stop) a(stop)"},
	{`'/svc/a --opt'`, "a(--opt start)", "a(--opt stop)"},
	{`'/svc/s p'`, "s(p start)", "s(p stop)"},
	{`'/svc/s\\ p'`, "s p(start)", "s p(stop)"},
	{`'/svc/a;/svc/b'`, "a() b(start)", "a() b(stop)"},
	{`/svc/a;/svc/b`, "", ""},
	{`/svc/a&`, "", ""},
	{`/svc/a # no comment`, "", ""},
	{`"/svc/a`, "", ""},
	{`'/svc/a;exit 3' /svc/b`, "", ""},
}

// TestStartWords checks what the manual says about the words of START.
func TestStartWords(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		for _, r := range startRows {
			s := h.subhost("words", "CABLES=\nSTART="+r.value+"\n")
			for _, name := range []string{"a", "b", "s", "s p"} {
				s.Write("root/svc/"+name, "#!/bin/sh\nprintf ' %s' \"${0##*/}($*)\" >>/told\n")
			}
			if r.start == "" {
				if got := s.run("overlay-boot", s.Conf); got.Status != 1 {
					h.t.Errorf("START=%s: %v", r.value, got)
				}
			} else {
				s.boot()
				s.stop()
				if got, want := s.Read("root/told"), " "+r.start+" "+r.stop; got != want {
					h.t.Errorf("START=%s: told%s, want%s", r.value, got, want)
				}
			}
			s.gone()
			must(h.t, os.RemoveAll(s.Dir))
		}
	})
}
