package hostile

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// A plant is a file that root inside leaves where the next boot will look.
type plant struct {
	name string
	// script creates it in the root of the running subhost.
	script string
	// config is added for the next boot.
	config string
	// proof is a script that must print "seen" in the next boot, if that succeeds.
	proof string
}

const shared = "/opt/shared"

// noTmp removes /tmp. In the root that is the machine's own /tmp, which others use at the
// same time.
const noTmp = "for I in 1 2 3 4 5 6 7 8 9; do rm -rf tmp && break; done"

// unmounted returns a script that removes a mount and puts a symbolic link in its place.
func unmounted(dir, to string) string {
	return "umount -l " + dir + " || : ; rm -rf " + dir + " || : ; ln -s " + to + " " + dir
}

var plants = [...]plant{
	{name: "interfaces to a new file",
		script: "mkdir -p etc/network; rm -f etc/network/interfaces; ln -s " +
			watched + "/new etc/network/interfaces"},
	{name: "interfaces to a new file above",
		script: "mkdir -p etc/network; rm -f etc/network/interfaces; " +
			"ln -s ../../../../../../../.." + watched + "/new etc/network/interfaces"},
	{name: "interfaces is a fifo", script: "mkdir -p etc/network; rm -f etc/network/interfaces; " +
		"mkfifo etc/network/interfaces"},
	{name: "interfaces is a folder",
		script: "rm -rf etc/network/interfaces; mkdir -p etc/network/interfaces"},
	{name: "network", script: "rm -rf etc/network; ln -s " + watched + "/dir etc/network"},
	{name: "etc", script: "umount -l etc/adjtime; rm -rf etc; ln -s " + watched + "/dir etc"},
	{name: "run", script: unmounted("/run", watched+"/dir")},
	{name: "run above", script: unmounted("/run", "../../../../.."+watched+"/dir")},
	{name: "everything above",
		script: "for D in usr/local bin sbin lib root home var/lib ; do rm -rf $D || : ; " +
			"ln -s ../../../../../../.." + watched + "/dir $D || : ; done"},
	{name: "run, no memory", script: unmounted("/run", watched+"/dir"), config: "RAM_SIZE=none\n"},
	{name: "dev", script: unmounted("/dev", watched+"/dir")},
	{name: "sys", script: unmounted("/sys", watched+"/dir")},
	{name: "proc", script: unmounted("/proc", watched+"/dir")},
	{name: "tmp", script: noTmp + "; ln -s " + watched + "/dir tmp"},
	{name: "tmp to the root", script: noTmp + "; ln -s / tmp"},
	{name: "tmp to proc", script: noTmp + "; ln -s /proc tmp"},
	{name: "dev is a file", script: "umount -l /dev; rm -rf /dev; : > /dev"},
	{name: "proc to dev", script: unmounted("/proc", "/dev")},
	{name: "run dangling", script: unmounted("/run", watched+"/made/deep")},
	{name: "dev to itself", script: unmounted("/dev", "/dev")},
	{name: "adjtime", script: "umount -l etc/adjtime; rm -f etc/adjtime; ln -s " + watched +
		"/file etc/adjtime"},
	{name: "adjtime is a fifo",
		script: "umount -l etc/adjtime; rm -f etc/adjtime; mkfifo etc/adjtime"},
	{name: "reaper, dangling", script: "rm -f .reaper; ln -s " + watched + "/new .reaper"},
	{name: "reaper is a fifo", script: "rm -f .reaper; mkfifo .reaper"},
	{name: "reaper is a folder", script: "rm -f .reaper; mkdir .reaper"},
	{name: "no reaper, and a root that is a link", script: "rm -f .reaper; " + noTmp +
		"; ln -s .. tmp"},
	{name: "target", script: "ln -s " + watched + "/dir mnt/t", config: "SHARE=" + shared +
		":/mnt/t\n",
		proof: "grep -q shared " + watched + "/dir/in && echo seen"},
	{name: "target, dangling", script: "ln -s " + watched + "/new mnt/t",
		config: "SHARE=" + shared + ":/mnt/t\n"},
	{name: "target of a file", script: "ln -s " + watched + "/file mnt/t",
		config: "SHARE=" + shared + "/in:/mnt/t\n"},
	{name: "target of a file, dangling", script: "ln -s " + watched + "/new mnt/t",
		config: "SHARE=" + shared + "/in:/mnt/t\n"},
	{name: "target of a file is a fifo", script: "mkfifo mnt/t",
		config: "SHARE=" + shared + "/in:/mnt/t\n"},
	{name: "folder of a target", script: "rm -rf mnt; ln -s " + watched + " mnt",
		config: "SHARE=" + shared + ":/mnt/t/deep\n", proof: "cat " + watched +
			"/t/deep/in > /dev/null && echo seen"},
	{name: "folder of a target, chained", config: "SHARE=" + shared + ":/mnt/t\n",
		script: "rm -rf mnt; ln -s ../a mnt; ln -s b/c a; mkdir b; ln -s ../../../.." + watched +
			" b/c",
		proof: "cat " + watched + "/t/in > /dev/null && echo seen"},
	{name: "target to itself", script: "rm -rf mnt; ln -s mnt mnt",
		config: "SHARE=" + shared + ":/mnt/t\n"},
	{name: "target in proc", script: "ln -s /proc/1/root" + watched + " mnt/t",
		config: "SHARE=" + shared + ":/mnt/t/new\n"},
	{name: "Debian's own link", script: "rm -rf var/run; ln -s /run var/run",
		config: "SHARE=" + shared + ":/var/run/shared\n",
		proof:  "cat /run/shared/in > /dev/null && echo seen"},
	{name: "everything at once", script: "rm -rf mnt etc/network; ln -s " + watched +
		" mnt; ln -s " +
		watched + "/dir etc/network; " + noTmp + "; ln -s " + watched + "/dir tmp; " +
		unmounted("/dev", watched+"/dir") + "; " + unmounted("/run", watched+"/dir")},
}

// TestPlanted checks that files that root inside leaves in the root do not lead the next
// boot to the host's files.
func TestPlanted(t *testing.T) {
	onHost(t, func(h *host) {
		h.sh("mkdir " + shared + "; echo shared > " + shared +
			"/in; rm -rf /etc/network/interfaces" +
			"; [ -e /etc/adjtime ] || : > /etc/adjtime")
		h.snap()
		for _, p := range plants {
			h.part(p.name, func(h *host) {
				s := h.subhost("plant", minimal)
				s.boot()
				if r := s.inside("set -e; cd /; " + p.script); r.Status != 0 {
					h.t.Fatalf("planting: %v", r)
				}
				s.stop()
				s.clean()
				s.Configure(minimal + p.config)
				s.next(p)
			})
		}
	})
}

// next boots the prepared subhost, and judges the boot.
func (s *subhost) next(p plant) {
	s.t.Helper()
	r := s.run("overlay-boot", s.Conf)
	if r.Status == 0 {
		tree := s.booted(r)
		s.ownMounts(tree.Supervisor.Pid)
		s.ownMounts(tree.Reaper.Pid)
		if p.proof != "" && s.says(p.proof) != "seen" {
			s.t.Errorf("not seen: %v\n%s", s.inside(p.proof), s.Story())
		}
	}
	if s.judge(r) {
		s.t.Log("booted")
	} else {
		s.t.Logf("refused: %s", reason(r))
	}
}

// ownMounts checks that a process of a subhost has no mount over the host's files, and no
// mount of the host's root.
func (s *subhost) ownMounts(pid int) {
	s.t.Helper()
	list, err := sandbox.Mounts(pid)
	must(s.t, err)
	inside := sandbox.Process{Pid: pid}.NS("pid") != sandbox.Self().NS("pid")
	for _, m := range list {
		ofHost := strings.HasPrefix(m.Point, watched) || strings.HasPrefix(m.Point, "/run/shared")
		if !inside && ofHost {
			s.t.Errorf("mounted over the host's files: %v", m)
		}
		if inside && m.Point != "/" && m.Root == "/" && m.FSType == "overlay" {
			s.t.Errorf("a root is mounted inside: %v", m)
		}
	}
}

// TestPlantedLog has a user plant symbolic links at the path of the log as fast as
// possible: nothing must be written through one. The folder is sticky and writable by the
// user's group, but not by everybody, since the kernel's own protection
// (fs.protected_symlinks) covers only folders that everybody may write to.
func TestPlantedLog(t *testing.T) {
	onHost(t, func(h *host) {
		const user = 65534
		dir := bases + "/group"
		must(h.t, os.Mkdir(dir, 0o755))
		must(h.t, os.Chown(dir, 0, user))
		must(h.t, os.Chmod(dir, 0o775|os.ModeSticky))
		s := h.subhost("log", minimal+"LOG="+dir+"/log\nUPPER=/bin/false\n")
		h.snap()
		cmd := attacker("links", watched+"/file", dir+"/log")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user,
			Gid: user}}
		must(h.t, cmd.Start())
		planted := 0
		for range often(400, 40) {
			r := s.run("overlay-boot", s.Conf)
			if r.Status != 1 || reason(r) == "" {
				h.t.Errorf("%v", r)
			}
			if strings.Contains(r.Stderr, "symbolic link") {
				planted++
			}
			h.untouched()
			if h.t.Failed() {
				break
			}
		}
		must(h.t, cmd.Process.Kill())
		_ = cmd.Wait()
		os.Remove(dir + "/log")
		h.t.Logf("%d times there was a link", planted)
	})
}

// TestFake checks that a process inside that looks like a supervisor is not taken for one.
// Its configuration must not be executed, nobody must enter it, and it must not disturb
// others.
func TestFake(t *testing.T) {
	onHost(t, func(h *host) {
		h.sh("mkdir -p /usr/local/sbin; : > /usr/local/sbin/x; rm /usr/local/sbin/x")
		h.snap()
		attacker, victim := h.subhost("attacker", minimal), h.subhost("victim", minimal)
		attacker.Script("root/x/overlay-boot", "/x/unshare --kill-child &\nwait")
		attacker.Script("root/x/unshare", "sleep 1000 &\nwait")
		evil := "BASE=!touch " + watched + "/ran\nNAME=!touch " + watched + "/ran\n" +
			"LOG=" + bases + "/attacker/log\nSTART=none\n"
		conf := attacker.Dir + "/root/evil.conf"
		must(h.t, os.WriteFile(conf, []byte(evil), 0o644))
		before := attacker.boot()
		for _, path := range []string{conf, victim.Conf} {
			attacker.says("setsid /x/overlay-boot " + path + " > /dev/null 2>&1 < /dev/null &")
		}
		h.find("fake", func(p sandbox.Process) bool { return p.Comm == "sleep" })

		h.checkLists(attacker.Conf)
		r := h.run("overlay-go", "victim")
		if r.Status == 0 || !strings.Contains(r.Stderr, "victim is neither a configuration") {
			h.t.Errorf("entered: %v", r)
		}
		r = h.run("overlay-stop", victim.Conf)
		if r.Status == 0 || !strings.Contains(r.Stderr, "is not running") {
			h.t.Errorf("stopped: %v", r)
		}
		tree := victim.boot()
		victim.alive(tree)
		h.checkLists(attacker.Conf, victim.Conf)
		victim.stop()
		if after, runs := sandbox.Find("attacker"); !runs || after.Reaper.Pid != before.Reaper.Pid {
			h.t.Errorf("the attacker's subhost was %v and is %v", before, after)
		}
		victim.boot()
		r = h.subhosts("stop")
		for _, s := range []*subhost{attacker, victim} {
			if _, runs := sandbox.Find(s.Name); runs || r.Status != 0 {
				h.t.Errorf("%s runs: %v; %v", s.Name, runs, r)
			}
		}
	})
}

// subhosts runs the host's init script.
func (h *host) subhosts(word string) sandbox.Result {
	h.t.Helper()
	// The init script sets its own PATH.
	h.sh("mkdir -p /usr/local/sbin; for T in boot stop go; do ln -sfn " + tools +
		"/overlay-$T /usr/local/sbin/overlay-$T; done")
	defer h.sh("rm /usr/local/sbin/overlay-*")
	cmd := exec.Command("/bin/sh", tools+"/subhosts", word)
	cmd.Env = append(os.Environ(), "SUBHOSTS_CONF=/nowhere")
	return h.exec(cmd)
}

// checkLists compares the lists of running subhosts.
func (h *host) checkLists(want ...string) {
	h.t.Helper()
	for who, list := range map[string]string{
		"overlay-go": h.run("overlay-go").Stdout, "subhosts": h.subhosts("status").Stdout,
	} {
		list = strings.TrimPrefix(list, "Select subhost: ")
		for _, path := range strings.Fields(list) {
			if filepath.Base(path) == "evil.conf" {
				h.t.Errorf("%s lists %s", who, path)
			}
		}
		if got := len(strings.Fields(list)); got != len(want) {
			h.t.Errorf("%s lists %q, want %q", who, list, want)
		}
		for _, path := range want {
			if !strings.Contains(list, path+"\n") {
				h.t.Errorf("%s lists %q, want %q", who, list, want)
			}
		}
	}
}

// TestForeignRecord checks that the folders of the records belong to root and are closed to
// others, so that nobody else can make a record.
func TestForeignRecord(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("rec", minimal)
		s.boot()
		for _, path := range []string{records, records + "/subhosts"} {
			info, err := os.Lstat(path)
			must(h.t, err)
			st, _ := info.Sys().(*syscall.Stat_t)
			if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || st.Uid != 0 {
				h.t.Errorf("%s: %v, of user %d", path, info.Mode(), st.Uid)
			}
		}
		if err := unix.Access(records+"/subhosts/rec", unix.F_OK); err != nil {
			h.t.Errorf("no record: %v", err)
		}
		s.stop()
	})
}

// TestSharedInto checks that a folder shared into a running subhost appears at its path
// inside, and not where symbolic links on that path would lead on the host.
func TestSharedInto(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("into", minimal)
		tree := s.boot()
		must(h.t, os.MkdirAll(bases+"/later/deep", 0o755))
		for _, link := range []string{watched + "/dir", "../../../../../.." + watched + "/dir",
			"/proc/1/root" + watched, "/proc/1/cwd", watched + "/new", "deep", "later"} {
			s.says("rm -rf " + bases + "; mkdir -p " + bases + "; ln -s " + link + " " + bases +
				"/later")
			r := s.run("overlay-share", bases+"/later", "into")
			h.t.Logf("%s: status %d, %s", link, r.Status, reason(r))
			if r.Status != 0 && reason(r) == "" {
				h.t.Errorf("%s: no reason: %v", link, r)
			}
			h.untouched()
			s.ownMounts(tree.Supervisor.Pid)
			s.alive(tree)
			s.says("umount -l " + watched + "/dir 2> /dev/null")
		}
		s.stop()
	})
}

// trojans are the commands that a boot runs in the new root, or near it.
const trojans = "umount mount pivot_root chroot sh cat mkfifo overlay-below overlay-bind " +
	"overlay-lower hostname " +
	"overlay-reaper overlay-release overlay-root overlay-dummy setpriv env unshare nsenter " +
	"setsid test mkdir flock waitpid ls readlink stat id " +
	"overlay-await overlay-became overlay-connect overlay-diff overlay-reset timeout"

// TestTrojan has root inside put commands where they are found first. No process that can
// reach the host may run them.
func TestTrojan(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("trojan", minimal+"HOSTNAME= victim\nDNS= 10.0.0.1\n"+
			"ADDRESS= 10.0.0.2/24\nSHARE= "+bases+"::ro\n")
		const reach = `for UP in /.. /../.. ../../../../../../../.. /proc/1/root /proc/1/cwd/.. \
	/tmp /old ; do
	for TOP in $UP $UP/.. ; do
		[ ! -e $TOP` + bases + `/trojan/trojan.conf ] || : > $TOP` + watched + `/$1
	done
done 2>/dev/null
shift; exec "$@"`
		s.Script("root/reach", reach)
		for _, dir := range []string{"usr/local/sbin", "usr/local/bin"} {
			for _, name := range strings.Fields(trojans) {
				s.Script("root/"+dir+"/"+name, "[ -x /usr/bin/"+name+" ] && P=/usr/bin/"+name+
					" || P=/usr/sbin/"+name+"\nexec /reach "+name+` "$P" "$@"`)
			}
		}
		r := s.run("overlay-boot", s.Conf)
		h.untouched()
		if r.Status == 0 {
			s.booted(r)
			s.run("overlay-go", "trojan")
			must(h.t, os.MkdirAll(bases+"/later", 0o755))
			s.run("overlay-share", bases+"/later", "trojan")
			h.untouched()
			s.stop()
		}
		h.untouched()
	})
}

// TestExecutable checks that the program itself, which runs inside for a moment at a boot
// and when somebody enters, cannot be changed from there.
func TestExecutable(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("exe", "CABLES=\nSTART= /service\n")
		s.Script("root/service", `[ "$1" = start ] || exit 0
readlink /proc/1/exe > /said
chmod 4777 /proc/1/exe 2>> /said
/grab > /dev/null 2>&1 &`)
		// The script attacks every entering process again and again, through its path in
		// /proc.
		s.Script("root/grab", `while : ; do
	for P in /proc/[0-9]* ; do
		case $(readlink $P/exe) in *overlay*) chmod 4777 $P/exe ;; esac
	done
done`)
		r := s.run("overlay-boot", s.Conf)
		h.t.Log(s.Read("root/said"))
		h.untouched()
		s.booted(r)
		h.untouched()
		for _, shell := range []string{"bash", "sh"} {
			h.sh("ln -sf /proc/self/exe " + s.Dir + "/root/" + shell)
			s.says("mount --bind /" + shell + " /bin/" + shell +
				"; ln -sf /proc/self/exe /bin/" + shell)
			for range often(20, 5) {
				s.inside("sleep 0.1; for P in /proc/[0-9]* ; do chmod 4777 $P/exe ; done")
			}
			h.untouched()
		}
		s.stop()
	})
}
