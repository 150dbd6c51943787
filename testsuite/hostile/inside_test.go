package hostile

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

// probed makes a subhost with a service that records its environment, its umask, its working
// directory, its status and the key that it finds.
func (h *host) probed(name, config string) *subhost {
	h.t.Helper()
	s := h.subhost(name, "CABLES= =\nSTART= /service\n"+config)
	s.Script("root/service", `[ "$1" = start ] || exit 0
env > /environment; umask > /umask; pwd -P > /cwd
cat /proc/self/status > /status
(`+attackInside("key")+`) > /key 2>&1
sleep 1000 &`)
	return s
}

// status returns the value of a key in a status file of /proc.
func status(text, key string) string {
	for _, line := range strings.Split(text, "\n") {
		if value, ok := strings.CutPrefix(line, key+":\t"); ok {
			return value
		}
	}
	return ""
}

func statusOf(pid int, key string) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return status(string(text), key)
}

// usual are the variables of every process inside, and those that shells create.
var usual = [...]string{"PATH", "TERM", "HOME", "LANG", "container", "PWD", "SHLVL", "_"}

// TestEnvironment checks that processes inside have no variable of the booting user, except
// those that the configuration names.
func TestEnvironment(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.probed("env", "ENVIRONMENT= GIVEN OWN=mine\n")
		cmd := s.engine.Command("overlay-boot", s.Conf)
		cmd.Env = append(cmd.Env, "SECRET=token", "GIVEN=wanted", "LD_PRELOAD=", "CONFIG=x",
			"NAME=y", "container=oops", "SSH_AUTH_SOCK=/tmp/agent", "HOME=/home/admin")
		tree := s.booted(h.exec(cmd))
		given := strings.TrimSpace(s.Read("root/environment"))
		lists := map[string][]string{"a service": strings.Split(given, "\n")}
		for _, p := range members(tree) {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.Pid))
			must(h.t, err)
			lists[p.String()] = strings.Split(strings.Trim(string(text), "\x00"), "\x00")
		}
		for who, list := range lists {
			for _, word := range list {
				key, _, _ := strings.Cut(word, "=")
				if word != "" && key != "GIVEN" && key != "OWN" && !slices.Contains(usual[:], key) {
					h.t.Errorf("%s has %s", who, word)
				}
			}
		}
		for _, want := range []string{"container=overlay-boot", "GIVEN=wanted", "OWN=mine"} {
			if !slices.Contains(lists["a service"], want) {
				h.t.Errorf("a service has not %s but %q", want, lists["a service"])
			}
		}
		if home := slices.Contains(lists["a service"], "HOME=/home/admin"); home {
			h.t.Error("a service has the administrator's HOME")
		}
		s.stop()
	})
}

// TestCallersWays checks that the booting user's umask, ignored and blocked signals (all that
// there are) and working directory do not reach the processes inside.
func TestCallersWays(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.probed("ways", "")
		cmd := exec.Command("/bin/sh", "-c", `umask 077
cd /usr/lib && exec env --ignore-signal --block-signal overlay-boot "$1"`, "-", s.Conf)
		// GNU env does not change these two. The process is this test's own.
		sandbox.SetIgnored(32, true)
		sandbox.SetIgnored(33, true)
		cmd.Env = append(os.Environ(), h.engine.Env...)
		tree := s.booted(h.exec(cmd))
		if got := strings.TrimSpace(s.Read("root/umask")); got != "0022" {
			h.t.Errorf("umask of a service: %s", got)
		}
		if got := strings.TrimSpace(s.Read("root/cwd")); got != "/" {
			h.t.Errorf("working directory of a service: %s", got)
		}
		service := s.Read("root/status")
		h.noSignal("a service ignores", status(service, "SigIgn"))
		h.noSignal("a service blocks", status(service, "SigBlk"))
		h.noSignal("pid 1 ignores", statusOf(tree.Reaper.Pid, "SigIgn"))
		if mask := statusOf(tree.Reaper.Pid, "Umask"); mask != "0022" {
			h.t.Errorf("umask of pid 1: %s", mask)
		}
		if proc := fmt.Sprintf("/proc/%d/", tree.Reaper.Pid); !sameFile(proc+"cwd", proc+"root") {
			h.t.Error("the working directory of pid 1 is not its root")
		}
		for path, want := range map[string]string{"/dev": "755", "/run": "755", "/": "755",
			"/tmp": "1777"} {
			if got := s.says("stat -c %a " + path); got != want {
				h.t.Errorf("mode of %s: %s, want %s", path, got, want)
			}
		}
		s.stop()
	})
}

// noSignal demands that a mask of signals, of which it says whose it is, has none but CHLD.
func (h *host) noSignal(whose, mask string) {
	h.t.Helper()
	bits, err := strconv.ParseUint(mask, 16, 64)
	must(h.t, err)
	for sig := unix.SIGHUP; sig <= 64; sig++ {
		if bits>>(sig-1)&1 == 1 && sig != unix.SIGCHLD {
			h.t.Errorf("%s signal %d %s", whose, sig, unix.SignalName(sig))
		}
	}
}

func sameFile(a, b string) bool {
	first, err1 := os.Stat(a)
	second, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(first, second)
}

// TestOwnThings checks that the subhost has its own /sys, cgroups and /tmp.
func TestOwnThings(t *testing.T) {
	onHost(t, func(h *host) {
		h.sh("ip link add visible type veth peer name hidden")
		h.snap()
		s := h.subhost("own", minimal)
		must(h.t, unix.Mknod(s.Dir+"/root/tmp", unix.S_IFCHR, 0)) // an overlay's whiteout
		tree := s.boot()
		if got := s.says("ls /sys/class/net"); got != "eth0\nlo" {
			h.t.Errorf("/sys/class/net inside: %q", got)
		}
		if got := s.says("stat -c %a /tmp"); got != "1777" {
			h.t.Errorf("/tmp, which was not there: %s", got)
		}
		if got := s.says("grep ^0: /proc/1/cgroup"); !strings.HasSuffix(got, ":/") {
			h.t.Errorf("the group inside: %q", got)
		}
		for _, kind := range []string{"cgroup", "mnt", "net", "pid", "ipc", "uts", "time"} {
			if tree.Reaper.NS(kind) == sandbox.Self().NS(kind) {
				h.t.Errorf("pid 1 is in the host's %s namespace", kind)
			}
		}
		s.stop()
	})
}

// TestKeyring checks that the keys of the booting user are not available inside.
func TestKeyring(t *testing.T) {
	onHost(t, func(h *host) {
		runtime.LockOSThread() // the boot has this thread's keyring; the thread ends with the test
		if _, err := unix.KeyctlJoinSessionKeyring(keyName); err != nil {
			kit.Cannot(h.t, "the kernel has no keyrings: %v", err)
		}
		_, err := unix.AddKey("user", keyName, []byte("secret"), unix.KEY_SPEC_SESSION_KEYRING)
		must(h.t, err)
		if r := h.exec(attacker("key")); r.Status != 1 {
			h.t.Fatalf("the test is wrong: %v", r)
		}
		s := h.probed("keys", "")
		s.boot()
		if got := s.Read("root/key"); !strings.HasPrefix(got, "no key") {
			h.t.Errorf("a service: %q", got)
		}
		s.stop()
	})
}

// protected are files through which root inside could act on the host. Opening one to
// append changes nothing.
var protected = [...]string{"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
	"/proc/sys/vm/overcommit_memory", "/proc/sys/fs/file-max", "/proc/sysrq-trigger",
	"/proc/irq/default_smp_affinity", "/sys/kernel/uevent_helper", "/sys/power/state",
	"/sys/kernel/mm/transparent_hugepage/enabled"}

// opens returns the files that root inside can open for writing.
func (s *subhost) opens() []string {
	s.t.Helper()
	return strings.Fields(s.says("for F in " + strings.Join(protected[:], " ") +
		"; do [ ! -e $F ] || { : >> $F ; } 2>/dev/null && [ -e $F ] && echo $F; done"))
}

// TestReadOnly checks that root inside cannot write to the host's files in /proc and /sys,
// that it can write to the subhost's, and that one variable makes the others writable
// again.
func TestReadOnly(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("ro", minimal)
		s.boot()
		if got := s.opens(); len(got) > 0 {
			h.t.Errorf("these can be written to: %q", got)
		}
		const forward = "/proc/sys/net/ipv4/ip_forward"
		if got := s.says("echo 1 > " + forward + " && cat " + forward); got != "1" {
			h.t.Errorf("the subhost cannot forward: %q", got)
		}
		r := s.inside("echo x > /proc/sys/kernel/core_pattern")
		if !strings.Contains(r.Stderr, "ead-only") {
			h.t.Errorf("the refusal: %v", r)
		}
		s.stop()
		s.clean()
		s.Configure(minimal + "WRITABLE= all\n")
		s.boot()
		if !slices.Contains(s.opens(), protected[0]) {
			h.t.Error("WRITABLE=all gives nothing back")
		}
		s.stop()
		s.clean()
		s.Configure(minimal + "WRITABLE= /proc/sys/kernel\n")
		s.boot()
		for _, path := range s.opens() {
			if !strings.HasPrefix(path, "/proc/sys/kernel/") {
				h.t.Errorf("with WRITABLE=/proc/sys/kernel: %s can be written to", path)
			}
		}
		if !slices.Contains(s.opens(), protected[0]) {
			h.t.Error("WRITABLE=/proc/sys/kernel gives nothing back")
		}
		s.stop()
	})
}

// capabilities maps names of capabilities to their numbers.
var capabilities = map[string]int{"sys_module": unix.CAP_SYS_MODULE,
	"sys_rawio": unix.CAP_SYS_RAWIO,
	"sys_boot":  unix.CAP_SYS_BOOT, "mac_admin": unix.CAP_MAC_ADMIN,
	"mac_override": unix.CAP_MAC_OVERRIDE, "wake_alarm": unix.CAP_WAKE_ALARM,
	"sys_time": unix.CAP_SYS_TIME, "mknod": unix.CAP_MKNOD}

var dropRows = [...]struct{ config, dropped string }{
	{"", "sys_module sys_rawio sys_boot mac_admin mac_override wake_alarm"},
	{"DROP=\n", "sys_module sys_rawio sys_boot mac_admin mac_override wake_alarm"},
	{"DROP= none\n", ""},
	{"DROP= sys_time mknod\n", "sys_time mknod"},
	{"DROP= cap_sys_time mknod\n", "sys_time mknod"},
}

// TestDrop checks that pid 1, services and users who enter have the same capabilities: the
// caller's without the dropped ones.
func TestDrop(t *testing.T) {
	onHost(t, func(h *host) {
		for _, row := range dropRows {
			h.part("with "+strings.TrimSpace(row.config), func(h *host) {
				want, err := strconv.ParseUint(statusOf(os.Getpid(), "CapBnd"), 16, 64)
				must(h.t, err)
				for _, name := range strings.Fields(row.dropped) {
					want &^= 1 << capabilities[name]
				}
				s := h.probed("drop", row.config)
				tree := s.boot()
				entered := s.says("cat /proc/self/status")
				for _, key := range []string{"CapBnd", "CapEff", "CapPrm"} {
					for who, got := range map[string]string{"pid 1": statusOf(tree.Reaper.Pid, key),
						"a service":  status(s.Read("root/status"), key),
						"who enters": status(entered, key)} {
						if n, err := strconv.ParseUint(got, 16, 64); err != nil || n != want {
							h.t.Errorf("%s of %s: %s, want %016x", key, who, got, want)
						}
					}
				}
				s.stop()
				s.clean()
			})
		}
		h.part("an unknown name", func(h *host) {
			s := h.subhost("drop", minimal+"DROP= sys_nothing\n")
			r := s.run("overlay-boot", s.Conf)
			if s.judge(r) || !strings.Contains(r.Stderr, "sys_nothing") {
				h.t.Errorf("%v", r)
			}
		})
	})
}
