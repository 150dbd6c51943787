package testsuite

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"overlayboot/compat/sandbox"
)

// A bad row is a boot that must fail.
type bad struct {
	name string
	// config is the configuration; prepare is a script that causes the fault, run in the
	// base.
	config, prepare string
	// says is a pattern that standard error must match.
	says string
}

var badRows = [...]bad{
	{name: "no BASE", config: minimal + "BASE=\n", says: `Missing BASE=`},
	{name: "BASE is not there", config: minimal + "BASE=nowhere\n",
		says: `nowhere is not a directory`},
	{name: "BASE is a file", config: minimal + "BASE=file\n", prepare: "touch file",
		says: `file is not a directory`},
	{name: "no LIVE", config: minimal, prepare: "rmdir live", says: `LIVE=.*is not a directory`},
	{name: "no LOWER", config: minimal + "LOWER=/nowhere\n",
		says: `LOWER=/nowhere is not a directory`},
	{name: "no UPPER", config: minimal, prepare: "rmdir root", says: `UPPER=.*is not a directory`},
	{name: "no WORK", config: minimal, prepare: "rmdir work", says: `WORK=.*is not a directory`},
	{name: "WORK on another mount", config: minimal, prepare: "mount -t tmpfs other work",
		says: `WORK=.*not on the same mount`},
	{name: "LIVE in use", config: minimal, prepare: "mount -t tmpfs other live",
		says: `live already has a mount`},
	{name: "no such bridge", config: "CABLES= nobr=\nSTART= none\n", says: `nobr`},
	{name: "malformed MAC", config: "CABLES= =02:00:zz\nSTART= none\n", says: `02:00:zz`},
	{name: "MAC too long", config: "CABLES= =02:00:00:00:00:00:01\nSTART= none\n",
		says: `02:00:00:00:00:00:01`},
	{name: "cable without =", config: "CABLES= br0\nSTART= none\n", says: `br0`},
	{name: "command fails", config: minimal + "LOWER=!false\n", says: `bad LOWER config`},
	{name: "command prints nothing", config: minimal + "LOWER=!true\n", says: `bad LOWER config`},
	{name: "no such command", config: minimal + "LOWER=!no-such-command\n", says: `bad LOWER config`},
	{name: "upper program fails", config: minimal + "UPPER=/bin/false\n", says: `UPPER`},
	{name: "NAME with a slash", config: minimal + "NAME=a/b\n", says: `a/b`},
	{name: "NAME with a blank", config: minimal + "NAME=a b\n", says: `a b`},
	{name: "NAME too long", config: minimal + "NAME=abcdefghijklmnopqr\n", says: `abcdefghijklmnopqr`},
	{name: "full tmpfs", config: minimal + "UPPER=full/root\nWORK=full/work\n",
		prepare: `mkdir full; mount -t tmpfs -o size=64k small full; mkdir full/root full/work
			dd if=/dev/zero of=full/root/fill bs=1k 2>/dev/null || :`,
		says: `No space left|Cannot write`},
	{name: "LIMITS without a value", config: minimal + "LIMITS=pids.max\n",
		says: `bad LIMITS config: pids.max is not FILE=VALUE`},
	{name: "LIMITS of huge pages that do not exist", config: minimal + "LIMITS=hugetlb.3MB.max=0\n",
		says: `bad LIMITS config: hugetlb.3MB.max: this kernel has no huge pages of that size`},
	{name: "LIMITS of no limit", config: minimal + "LIMITS=cgroup.procs=1\n",
		says: `bad LIMITS config: cgroup.procs is no limit`},
	{name: "LIMITS with a path", config: minimal + "LIMITS=memory.max/../x=1\n",
		says: `bad LIMITS config: memory.max/../x is no limit`},
	{name: "LIMITS with a pattern", config: minimal + "LIMITS=memory.max=*\n",
		says: `bad LIMITS config: memory.max=\* is not FILE=VALUE`},
	{name: "LIMITS with a wrong value", config: minimal + "LIMITS=memory.max=5X\n",
		says: `bad LIMITS config: in memory.max=5X the value is not a number of bytes`},
	{name: "LIMITS twice", config: minimal + "LIMITS=pids.max=5 pids.max=6\n",
		says: `bad LIMITS config: pids.max is there twice`},
	{name: "LIMITS without cgroup2", config: minimal + "LIMITS=pids.max=5\n",
		prepare: "umount " + sandbox.CgroupRoot,
		says:    `bad LIMITS config: no cgroup2 is mounted`},
	{name: "LIMITS of a group", config: minimal + "LIMITS=pids.max=5\n",
		prepare: "mkdir " + sandbox.CgroupRoot + "/bad", says: `/bad was there before`},
	{name: "LIMITS from a command", config: minimal + "LIMITS=!echo pids.max=-1\n",
		says: `bad LIMITS config: in pids.max=-1 the value is not a number or max`},
	{name: "AFTER with a slash", config: minimal + "AFTER=a/b\n", says: `bad AFTER config: a/b`},
	{name: "AFTER itself", config: minimal + "AFTER=a bad\n",
		says: `bad AFTER config: bad is the subhost itself`},
	{name: "AFTER with a pattern", config: minimal + "AFTER=*\n", says: `bad AFTER config: \*`},
	{name: "AFTER a command", config: minimal + "AFTER=!echo a\n",
		says: `bad AFTER config: !echo a is a command`},
	{name: "READY relative", config: minimal + "READY=check\n",
		says: `bad READY config: check is neither a path inside`},
	{name: "READY without a port", config: minimal + "READY=tcp:\n",
		says: `bad READY config: tcp: is not tcp:PORT`},
	{name: "READY with a name", config: minimal + "READY=tcp:localhost:22\n",
		says: `bad READY config: tcp:localhost:22 is not`},
	{name: "READY with a large port", config: minimal + "READY=tcp:65536\n",
		says: `bad READY config: tcp:65536 is not`},
	{name: "READY with bare IPv6", config: minimal + "READY=tcp:::1:22\n",
		says: `bad READY config: tcp:::1:22 is not`},
	{name: "READY_TIMEOUT of nothing", config: minimal + "READY_TIMEOUT=0\n",
		says: `bad READY_TIMEOUT config: 0 is not a number of seconds`},
	{name: "RESTART at another time", config: minimal + "RESTART=never\n",
		says: `bad RESTART config: never is neither`},
	{name: "RESTART too often", config: minimal + "RESTART=always 1001\n",
		says: `bad RESTART config: 1001 is not a number of tries`},
	{name: "RESTART of two numbers", config: minimal + "RESTART=always 3 4\n",
		says: `bad RESTART config: 4 is one word too many`},
	{name: "INIT is not there", config: minimal + "INIT=/no/such/init\n", says: `INIT=/no/such/init`},
	{name: "INIT starts nothing", config: minimal + "INIT=./init\n",
		prepare: `printf '#!/bin/sh\necho exec /.reaper bad\n' >init; chmod +x init`,
		says:    `bad ended`},
	{name: "HOSTNAME with a blank", config: minimal + "HOSTNAME=a b\n",
		says: `bad HOSTNAME config: a b is no host name`},
	{name: "HOSTNAME by a command", config: minimal + "HOSTNAME=!echo a;b\n",
		says: `bad HOSTNAME config: a;b is no host name`},
	{name: "DNS with a name", config: minimal + "DNS=1.1.1.1 dns.test\n",
		says: `bad DNS config: dns.test is not an IP address`},
	{name: "DNS in a directory", config: minimal + "DNS=1.1.1.1\n",
		prepare: "mkdir -p root/etc/resolv.conf", says: `DNS: cannot write /etc/resolv.conf`},
	{name: "ADDRESS without a length", config: minimal + "ADDRESS=10.0.0.2\n",
		says: `bad ADDRESS config: 10.0.0.2 has no length`},
	{name: "ADDRESS with a gateway elsewhere",
		config: minimal + "ADDRESS=10.0.0.2/24 via 10.0.1.1\n",
		says:   `bad ADDRESS config: the gateway 10.0.1.1 is not in the network of 10.0.0.2/24`},
	{name: "two ADDRESS for one cable", config: minimal + "ADDRESS=none\nADDRESS=10.0.0.2/24\n",
		says: `bad ADDRESS config: line 2 of ADDRESS, but CABLES has 1 cables`},
	{name: "ADDRESS without a cable of a command",
		config: "CABLES=!echo =\nSTART= none\nADDRESS=none\nADDRESS=10.0.0.2/24\n",
		says:   `bad ADDRESS config: line 2 of ADDRESS, but CABLES has 1 cables`},
	{name: "read-only SHARE of nothing", config: minimal + "SHARE=/nowhere:/there:ro\n",
		says: `SHARE=/nowhere:/there:ro: special device /nowhere does not exist`},
	{name: "PREMOUNT is not there", config: minimal + "PREMOUNT=/no/such/pre\n",
		says: `PREMOUNT=/no/such/pre`},
}

func TestBadInput(t *testing.T) {
	for _, r := range badRows {
		t.Run(strings.ReplaceAll(r.name, " ", "_"), func(t *testing.T) {
			onHost(t, func(h *host) {
				h.notOriginal()
				s := h.subhost("bad", r.config)
				if r.prepare != "" {
					h.sh("cd " + s.Dir + "; " + r.prepare)
				}
				h.snap()
				h.refused(s, r)
			})
		})
	}
}

// refused boots a subhost that cannot be booted.
func (h *host) refused(s *subhost, r bad) {
	h.t.Helper()
	got := h.run("overlay-boot", s.Conf)
	if got.Status == 0 {
		h.t.Errorf("exit status 0")
	}
	if !regexp.MustCompile(r.says).MatchString(got.Stderr) {
		text, _ := os.ReadFile(s.Log())
		h.t.Errorf("no %q in: %v\nlog: %s", r.says, got, text)
	}
	h.clean()
	if _, runs := sandbox.Find("bad"); runs {
		h.t.Error("it runs")
	}
}

// TestBadArguments checks faults in the arguments, before any configuration is read.
func TestBadArguments(t *testing.T) {
	for _, r := range []struct{ name, args, says string }{
		{"nothing", "", `Cannot use|[Uu]sage`},
		{"no such file", bases + "/none.conf", `Cannot use ` + bases + `/none.conf`},
		{"a directory", bases, `Cannot use ` + bases},
		{"unknown option", "--no-such-option " + bases + "/none.conf", `[Uu]sage`},
		{"scripts without a folder", "--scripts", `[Uu]sage`},
		{"scripts not there", "--scripts /nowhere " + bases + "/none.conf", `/nowhere`},
	} {
		t.Run(strings.ReplaceAll(r.name, " ", "_"), func(t *testing.T) {
			onHost(t, func(h *host) {
				h.onlyOurs()
				must(h.t, os.MkdirAll(bases, 0o755))
				got := h.run("overlay-boot", strings.Fields(r.args)...)
				if got.Status == 0 || !regexp.MustCompile(r.says).MatchString(got.Stderr) {
					h.t.Errorf("%v, want %q", got, r.says)
				}
			})
		})
	}
}

// TestNotRoot boots as an ordinary user on a host without sudo.
func TestNotRoot(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.sh("mkdir -p " + bases + "/bin; cp " + h.engine.Dir + "/overlay-boot " + bases + "/bin")
		s := h.subhost("user", minimal)
		cmd := exec.Command(bases+"/bin/overlay-boot", s.Conf)
		cmd.Env = append(os.Environ(), "PATH="+bases+"/nothing")
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Credential: &syscall.Credential{Uid: 65534, Gid: 65534},
		}
		r := h.exec(cmd)
		if r.Status == 0 || !strings.Contains(r.Stderr, "root") {
			h.t.Errorf("%v", r)
		}
	})
}

// TestSudo boots as an ordinary user on a host with sudo. sudo must be asked to run the
// program itself, since the scripts are in no file.
func TestSudo(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		bin := bases + "/bin"
		h.sh("mkdir -p " + bin + "; cp " + h.engine.Dir + "/overlay-boot " + bin +
			"; ln -s overlay-boot " + bin + "/overlay-stop" +
			"; printf '#!/bin/sh\\necho \"[$*]\"\\n' > " + bin + "/sudo; chmod 755 " + bin + "/sudo")
		for _, r := range []struct{ argv, want string }{
			{bin + "/overlay-boot a.conf", "[" + bin + "/overlay-boot a.conf]\n"},
			{bin + "/overlay-stop --scripts /s a.conf", "[" + bin + "/overlay-stop --scripts /s a.conf]\n"},
		} {
			argv := strings.Fields(r.argv)
			cmd := exec.Command(argv[0], argv[1:]...)
			cmd.Env = []string{"PATH=" + bin}
			cmd.SysProcAttr = &syscall.SysProcAttr{
				Credential: &syscall.Credential{Uid: 65534, Gid: 65534},
			}
			if got := h.exec(cmd); got.Stdout != r.want {
				h.t.Errorf("%s: %v, want %q", r.argv, got, r.want)
			}
		}
	})
}

// TestUnreadableConfig runs as root without the capabilities that let root read every file.
func TestUnreadableConfig(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.needTools("setpriv")
		s := h.subhost("secret", minimal)
		h.sh("chown 65534 " + s.Conf + "; chmod 0 " + s.Conf)
		r := h.exec(exec.Command("setpriv", "--bounding-set",
			"-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search",
			h.engine.Dir+"/overlay-boot", s.Conf))
		if r.Status == 0 || !strings.Contains(r.Stderr, "Cannot use "+s.Conf) {
			h.t.Errorf("%v", r)
		}
	})
}

// TestNoOverlay checks the message about a kernel without the overlay file system.
func TestNoOverlay(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("nooly", minimal)
		h.sh("grep -v overlay /proc/filesystems > " + bases + "/fs; mount --bind " + bases +
			"/fs /proc/filesystems")
		h.snap()
		r := h.run("overlay-boot", s.Conf)
		if r.Status == 0 || !strings.Contains(r.Stderr, "overlay file system") {
			h.t.Errorf("%v", r)
		}
	})
}

// TestPlantedLog checks that a file that another user planted at the path of the log is not
// written to.
func TestPlantedLog(t *testing.T) {
	for _, r := range []struct{ name, plant string }{
		{"file", "echo mine > log; chown 65534 log"},
		{"symlink", "echo mine > target; ln -s $PWD/target log; chown -h 65534 log"},
		{"fifo", "mkfifo log; chown 65534 log"},
	} {
		t.Run(r.name, func(t *testing.T) {
			onHost(t, func(h *host) {
				h.notOriginal()
				dir := bases + "/world"
				h.sh("mkdir -p " + dir + "; chmod 1777 " + dir + "; cd " + dir + "; " + r.plant)
				s := h.subhost("plant", "LOG="+dir+"/log\n"+minimal)
				got := h.run("overlay-boot", s.Conf)
				if got.Status == 0 || !strings.Contains(got.Stderr, dir+"/log") {
					h.t.Errorf("%v", got)
				}
				h.clean()
				text := h.sh("cd " + dir + "; for f in log target; do [ ! -f $f ] || cat $f; done")
				if strings.Trim(text, "mine\n") != "" {
					h.t.Errorf("it was written to: %q", text)
				}
			})
		})
	}
}

// TestOddNames checks that names of more than 12 characters, or with other characters than
// printable ASCII, only cause a warning if they can work.
func TestOddNames(t *testing.T) {
	for _, name := range []string{"thirteenchars", "gr\u00fcn"} {
		t.Run(name, func(t *testing.T) {
			onHost(t, func(h *host) {
				h.notOriginal()
				s := h.subhost(name, minimal)
				r := s.run("overlay-boot", s.Conf)
				s.running(r)
				const warning = " should be at most 12 printable ASCII characters\n"
				if !strings.Contains(r.Stderr, "Warning: NAME="+name+warning) || r.Status != 0 {
					h.t.Errorf("no warning: %v", r)
				}
				s.stop()
			})
		})
	}
}

// TestNameInUse checks that another configuration with the name of a running subhost is
// refused, and that the running subhost is unharmed.
func TestNameInUse(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("taken", minimal)
		before := s.boot()
		other := h.subhost("other", "NAME=taken\nCABLES=\nSTART= none\n")
		r := other.run("overlay-boot", other.Conf)
		if r.Status == 0 || !strings.Contains(r.Stderr, "taken is running already") {
			h.t.Errorf("%v", r)
		}
		if after, ok := sandbox.Find("taken"); !ok || after.Reaper.Pid != before.Reaper.Pid {
			h.t.Errorf("the subhost was %v and is %v", before, after)
		}
		if got := s.links(); got != "eth0 lo" {
			h.t.Errorf("links inside: %q", got)
		}
		s.stop()
	})
}
