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

// A plant is what root inside puts where the next boot will look.
type plant struct {
	name string
	// script makes it, in the root of the subhost that runs.
	script string
	// config is added for the next boot.
	config string
	// proof is a script that must print "seen" in the next boot, if that succeeds.
	proof string
}

const shared = "/opt/shared"

// noTmp removes /tmp. What is below the root's is the machine's, where others work.
const noTmp = "for I in 1 2 3 4 5 6 7 8 9; do rm -rf tmp && break; done"

// unmounted is a script that takes a mount away and has a link in its place.
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

// TestPlanted: what root inside leaves in the root does not lead the next boot to the
// host's files.
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
				s.configure(minimal + p.config)
				s.next(p)
			})
		}
	})
}

// next boots what was prepared, and judges it.
func (s *subhost) next(p plant) {
	s.t.Helper()
	r := s.run("overlay-boot", s.conf)
	if r.Status == 0 {
		tree := s.booted(r)
		s.ownMounts(tree.Supervisor.Pid)
		s.ownMounts(tree.Reaper.Pid)
		if p.proof != "" && s.says(p.proof) != "seen" {
			s.t.Errorf("not seen: %v\n%s", s.inside(p.proof), s.story())
		}
	}
	if s.judge(r) {
		s.t.Log("booted")
	} else {
		s.t.Logf("refused: %s", reason(r))
	}
}

// ownMounts sees that a process of a subhost has no mounts over the host's files, and
// none of the host's root.
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

// TestPlantedLog: a user who plants links where the log goes, as fast as he can, gets
// nothing written. The folder is his group's and sticky, and not the world's: the kernel's
// own protection (fs.protected_symlinks) is for those that anybody may write to.
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
			r := s.run("overlay-boot", s.conf)
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

// TestFake: a process inside that looks like a supervisor is none. Its configuration is
// not executed, nobody enters it, and it is in nobody's way.
func TestFake(t *testing.T) {
	onHost(t, func(h *host) {
		h.sh("mkdir -p /usr/local/sbin; : > /usr/local/sbin/x; rm /usr/local/sbin/x")
		h.snap()
		attacker, victim := h.subhost("attacker", minimal), h.subhost("victim", minimal)
		attacker.script("root/x/overlay-boot", "/x/unshare --kill-child &\nwait")
		attacker.script("root/x/unshare", "sleep 1000 &\nwait")
		evil := "BASE=!touch " + watched + "/ran\nNAME=!touch " + watched + "/ran\n" +
			"LOG=" + bases + "/attacker/log\nSTART=none\n"
		conf := attacker.base + "/root/evil.conf"
		must(h.t, os.WriteFile(conf, []byte(evil), 0o644))
		before := attacker.boot()
		for _, path := range []string{conf, victim.conf} {
			attacker.says("setsid /x/overlay-boot " + path + " > /dev/null 2>&1 < /dev/null &")
		}
		h.find("fake", func(p sandbox.Process) bool { return p.Comm == "sleep" })

		h.checkLists(attacker.conf)
		r := h.run("overlay-go", "victim")
		if r.Status == 0 || !strings.Contains(r.Stderr, "victim is not running") {
			h.t.Errorf("entered: %v", r)
		}
		r = h.run("overlay-stop", victim.conf)
		if r.Status == 0 || !strings.Contains(r.Stderr, "is not running") {
			h.t.Errorf("stopped: %v", r)
		}
		tree := victim.boot()
		victim.alive(tree)
		h.checkLists(attacker.conf, victim.conf)
		victim.stop()
		if after, runs := sandbox.Find("attacker"); !runs || after.Reaper.Pid != before.Reaper.Pid {
			h.t.Errorf("the attacker's subhost was %v and is %v", before, after)
		}
		victim.boot()
		r = h.subhosts("stop")
		for _, s := range []*subhost{attacker, victim} {
			if _, runs := sandbox.Find(s.name); runs || r.Status != 0 {
				h.t.Errorf("%s runs: %v; %v", s.name, runs, r)
			}
		}
	})
}

// subhosts is what the host runs when it starts and stops.
func (h *host) subhosts(word string) sandbox.Result {
	h.t.Helper()
	// It has a PATH of its own.
	h.sh("mkdir -p /usr/local/sbin; for T in boot stop go; do ln -sfn " + tools +
		"/overlay-$T /usr/local/sbin/overlay-$T; done")
	defer h.sh("rm /usr/local/sbin/overlay-*")
	cmd := exec.Command("/bin/sh", tools+"/subhosts", word)
	cmd.Env = append(os.Environ(), "SUBHOSTS_CONF=/nowhere")
	return h.exec(cmd)
}

// checkLists compares what is listed as running.
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

// TestForeignRecord: a record that a user could have made is not believed, and a link in
// the place of the records is not followed.
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

// TestSharedInto: a folder that is shared into a running subhost goes to where that means
// it to be, and not to where its links would lead on the host.
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

// trojans are the commands that a boot runs when it is in the new root, or near it.
const trojans = "umount mount pivot_root chroot sh cat mkfifo overlay-below overlay-bind " +
	"overlay-reaper overlay-release overlay-root overlay-dummy setpriv env unshare nsenter setsid test mkdir flock waitpid ls readlink stat id " +
	"overlay-await overlay-became"

// TestTrojan: a command that root inside has put where it is found first is run by nobody
// who can reach the host.
func TestTrojan(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("trojan", minimal)
		const reach = `for UP in /.. /../.. ../../../../../../../.. /proc/1/root /proc/1/cwd/.. /tmp /old ; do
	for TOP in $UP $UP/.. ; do
		[ ! -e $TOP` + bases + `/trojan/trojan.conf ] || : > $TOP` + watched + `/$1
	done
done 2>/dev/null
shift; exec "$@"`
		s.script("root/reach", reach)
		for _, dir := range []string{"usr/local/sbin", "usr/local/bin"} {
			for _, name := range strings.Fields(trojans) {
				s.script("root/"+dir+"/"+name, "[ -x /usr/bin/"+name+" ] && P=/usr/bin/"+name+
					" || P=/usr/sbin/"+name+"\nexec /reach "+name+` "$P" "$@"`)
			}
		}
		r := s.run("overlay-boot", s.conf)
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

// TestExecutable: the program itself, which runs inside for a moment at a boot and when
// somebody enters, cannot be changed from there.
func TestExecutable(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("exe", "CABLES=\nSTART= /service\n")
		s.script("root/service", `[ "$1" = start ] || exit 0
readlink /proc/1/exe > /said
chmod 4777 /proc/1/exe 2>> /said
/grab > /dev/null 2>&1 &`)
		// What enters is tried again and again, by all that there is to name it.
		s.script("root/grab", `while : ; do
	for P in /proc/[0-9]* ; do
		case $(readlink $P/exe) in *overlay*) chmod 4777 $P/exe ;; esac
	done
done`)
		r := s.run("overlay-boot", s.conf)
		h.t.Log(s.read("root/said"))
		h.untouched()
		s.booted(r)
		h.untouched()
		for _, shell := range []string{"bash", "sh"} {
			h.sh("ln -sf /proc/self/exe " + s.base + "/root/" + shell)
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
