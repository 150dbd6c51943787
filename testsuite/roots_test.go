package testsuite

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

// smallRoot creates a tree with little more than a shell.
func (s *subhost) smallRoot(dir string) {
	s.t.Helper()
	s.needTools("bash", "ldd")
	s.sh(`mkdir -p ` + dir + `; cd ` + dir + `
mkdir -p proc sys dev run tmp etc usr/bin usr/sbin usr/lib usr/lib64 root var
ln -sfn usr/bin bin; ln -sfn usr/sbin sbin; ln -sfn usr/lib lib; ln -sfn usr/lib64 lib64
touch etc/adjtime
for tool in sh bash cat mkfifo chroot umount mount printf; do
	path=$(command -v $tool); case $path in /*) ;; *) path=/usr/bin/$tool;; esac
	[ -e usr/bin/$tool ] || cp -L $path usr/bin/$tool
	for lib in $(ldd $path | grep -oE '/[^ ]*'); do
		mkdir -p ./${lib%/*}; [ -e ./$lib ] || cp -L $lib ./$lib
	done
done
echo small > etc/small`)
}

// checkSmall checks that the subhost runs on the small root.
func (s *subhost) checkSmall() {
	s.t.Helper()
	if got := s.says("cat /etc/small"); got != "small" {
		s.t.Errorf("/etc/small inside is %q, want the small root's\n%s", got, s.Story())
	}
}

// foreign returns the tree that `make testdeps` creates with debootstrap.
func foreign(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../.cache/minbase")
	must(t, err)
	if _, err := os.Stat(dir + "/etc/debian_version"); err != nil {
		kit.Missing(t, "a debootstrap'd tree (make testdeps): %v", err)
	}
	return dir
}

func TestForeignRoot(t *testing.T) {
	onHost(t, func(h *host) {
		lower := foreign(h.t)
		s := h.subhost("foreign", minimal+"LOWER="+lower+"\n")
		tree := s.boot()
		checkTree(h.t, s, tree)
		if got := s.says("ls /var/log/bootstrap.log; type sshd || echo no sshd"); !strings.HasPrefix(
			got, "/var/log/bootstrap.log\n") || !strings.HasSuffix(got, "no sshd") {
			h.t.Errorf("this is not the foreign root: %q", got)
		}
		s.says("echo new > /etc/in-upper")
		s.stop()
		s.gone()
		if s.Read("root/etc/in-upper") != "new\n" {
			h.t.Error("what was written inside is not in UPPER")
		}
		if _, err := os.Stat(lower + "/etc/in-upper"); err == nil {
			h.t.Error("what was written inside is in LOWER")
		}
	})
}

// TestLiveIsLower boots with a root that is mounted before the boot.
func TestLiveIsLower(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("pre", minimal+"LOWER="+bases+"/pre/live\nUPPER="+bases+"/pre/root\n")
		s.smallRoot(s.Dir + "/tree")
		h.sh("mount --bind " + s.Dir + "/tree " + s.Dir + "/live")
		h.snap()
		m := s.mounts(s.boot())["/"]
		if m.FSType == "overlay" {
			h.t.Errorf("an overlay was mounted: %v", m)
		}
		s.checkSmall()
		s.stop()
		s.gone()
	})
}

// TestUpperIsLower checks that the root is then a bind mount on LIVE.
func TestUpperIsLower(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("bind", minimal+"UPPER="+bases+"/bind/root\nLOWER="+bases+"/bind/root\n")
		s.smallRoot(s.Dir + "/root")
		if m := s.mounts(s.boot())["/"]; m.FSType == "overlay" || !strings.HasSuffix(m.Root, "/root") {
			h.t.Errorf("the root is %v, want a bind of UPPER", m)
		}
		s.checkSmall()
		s.stop()
	})
}

// TestPlainRoot boots with one plain directory as LIVE, UPPER and LOWER.
func TestPlainRoot(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		dir := bases + "/flat/root"
		s := h.subhost("flat", fmt.Sprintf("%sUPPER=%s\nLOWER=%s\nLIVE=%s\n", minimal, dir, dir, dir))
		s.smallRoot(dir)
		s.boot()
		s.checkSmall()
		s.stop()
	})
}

// upperProgram is a program for UPPER that creates its directory and records the actions
// that it is run for.
const upperProgram = `#!/bin/sh
cd "${0%/*}"
echo "$ACTION" >> told
case $ACTION in
setup) mkdir -p made/root; echo "$PWD/made/root" ;;
teardown) [ ! -e live/.reaper ] || echo "live is still mounted" >> told ;;
esac
`

// TestUpperProgram checks that the program in UPPER runs before mounting and again when the
// subhost ends, however it ends. If the supervisor is dead, overlay-stop runs it.
func TestUpperProgram(t *testing.T) {
	for _, way := range []struct {
		name string
		end  func(s *subhost, tree sandbox.Tree)
	}{
		{"stop", func(s *subhost, _ sandbox.Tree) { s.stop() }},
		{"kill the reaper", func(s *subhost, tree sandbox.Tree) { s.kill("KILL", tree.Reaper.Pid) }},
		{"kill unshare", func(s *subhost, tree sandbox.Tree) { s.kill("KILL", tree.Unshare.Pid) }},
		{"write to the dummy", func(s *subhost, tree sandbox.Tree) {
			s.dummy(tree)
			s.inside("echo > /run/dummy_service")
		}},
		{"signal to the dummy", func(s *subhost, tree sandbox.Tree) {
			s.kill("TERM", s.dummy(tree).Pid)
		}},
		{"kill the supervisor and stop", func(s *subhost, tree sandbox.Tree) {
			s.kill("KILL", tree.Supervisor.Pid)
			s.stop()
		}},
		{"kill everything and stop", func(s *subhost, tree sandbox.Tree) {
			s.kill("KILL", tree.Supervisor.Pid)
			s.kill("KILL", tree.Reaper.Pid)
			sandbox.Until(func() bool { return unix.Kill(tree.Unshare.Pid, 0) != nil })
			s.stopsNothing()
		}},
	} {
		t.Run(strings.ReplaceAll(way.name, " ", "_"), func(t *testing.T) {
			onHost(t, func(h *host) {
				h.notOriginal()
				s := h.subhost("prog", minimal+"UPPER="+bases+"/prog/upper.sh\n")
				s.Write("upper.sh", upperProgram)
				tree := s.boot()
				if got := s.Read("told"); got != "setup\n" {
					h.t.Errorf("the program was told %q so far", got)
				}
				way.end(s, tree)
				s.gone()
				if got := s.Read("told"); got != "setup\nteardown\n" {
					h.t.Errorf("the program was told %q", got)
				}
				if _, err := os.Stat(s.Dir + "/made/root/.reaper"); err != nil {
					h.t.Errorf("the directory was not used: %v", err)
				}
				s.stopsNothing()
				if got := s.Read("told"); got != "setup\nteardown\n" {
					h.t.Errorf("stopping what has ended told the program %q", got)
				}
			})
		})
	}
}

// TestDiskfile boots with LOWER in an image file: the whole file, a partition, and a
// subtree.
func TestDiskfile(t *testing.T) {
	for _, r := range []struct{ name, lower, script string }{
		{"whole", "!overlay-diskfile mnt/ disk.img",
			`mke2fs -q -t ext4 -d tree disk.img 64M`},
		{"partition", "!overlay-diskfile mnt/ disk.img 2", `
mke2fs -q -t ext4 -d tree part.img 64M
truncate -s 80M disk.img
printf 'start=2048,size=4096\nstart=8192,size=131072\n' | sfdisk -q disk.img
dd if=part.img of=disk.img bs=512 seek=8192 conv=notrunc,sparse status=none`},
		{"subtree", "!overlay-diskfile mnt/some/path disk.img", `
mkdir -p deep/some; mv tree deep/some/path
mke2fs -q -t ext4 -d deep disk.img 64M`},
	} {
		t.Run(r.name, func(t *testing.T) {
			onHost(t, func(h *host) {
				h.needTools("mke2fs", "sfdisk")
				s := h.subhost("disk", minimal+"LOWER="+r.lower+"\n")
				s.smallRoot(s.Dir + "/tree")
				h.sh("cd " + s.Dir + "; mkdir mnt; " + r.script)
				tree := s.boot()
				s.checkSmall()
				if list := sandbox.Loops(); !strings.Contains(strings.Join(list, "\n"), "disk.img") {
					h.t.Errorf("no loop device: %q", list)
				}
				if tree.Supervisor.NS("mnt") == sandbox.Self().NS("mnt") {
					h.t.Error("the image is mounted on the host")
				}
				s.stop()
				s.gone()
			})
		})
	}
}

// TestShare checks SHARE of directories and files, under the same and under other names.
func TestShare(t *testing.T) {
	onHost(t, func(h *host) {
		dir := bases + "/outside"
		h.sh("mkdir -p " + dir + "/d " + dir + "/other " + dir + "/later; cd " + dir +
			"; echo a > d/in; echo b > file; echo c > other/in; echo l > later/in")
		s := h.subhost("share", minimal+"SHARE="+dir+"/d\nSHARE= "+dir+"/other:/mnt/elsewhere\n"+
			"SHARE = "+dir+"/file\nSHARE="+dir+"/file:/mnt/deep/file2\n")
		s.boot()
		got := s.says("cd " + dir + "; cat d/in /mnt/elsewhere/in file /mnt/deep/file2")
		if got != "a\nc\nb\nb" {
			h.t.Errorf("shared: %q\n%s", got, s.Story())
		}
		s.says("echo from inside > " + dir + "/d/new")
		if text, err := os.ReadFile(dir + "/d/new"); err != nil || string(text) != "from inside\n" {
			h.t.Errorf("written inside: %q %v", text, err)
		}
		s.stop()
		s.gone()
	})
}

// TestShareLater shares a directory with a running subhost.
func TestShareLater(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("late", minimal)
		s.boot()
		dir := s.shareLater()
		if r := s.run("overlay-share", dir+"/in", s.Name); r.Status == 0 {
			h.t.Errorf("a file was shared: %v", r)
		}
		s.stop()
	})
}

// A refusedPlace is a path at which nothing of the host may be shared, with the reason.
type refusedPlace struct{ dir, says string }

// The last ones pass links inside, which placeLinks makes.
var refusedPlaces = [...]refusedPlace{
	{"/", "would cover the whole root"},
	{"/usr/../.", "would cover the whole root"},
	{"/proc", "would be covered by /proc"},
	{"/proc/sys/kernel", "would be covered by /proc"},
	{"/usr/../proc/irq", "would be covered by /proc"},
	{bases + "/inside/up", "would cover the whole root"},
	{bases + "/inside/sys", "would be covered by /proc"},
	{bases + "/inside/reaper", "would cover the reaper"},
	{bases + "/inside/reaper/below", "would cover the reaper"},
}

const placeLinks = `mkdir -p BASES/inside/up BASES/inside/sys BASES/inside/reaper/below
	D=BASES/placed/root/BASES/inside; mkdir -p $D
	ln -s ../../.. $D/up; ln -s /proc/sys/net $D/sys; ln -s /.reaper $D/reaper`

// TestSharePlaces checks that SHARE and overlay-share refuse the same places.
func TestSharePlaces(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("placed", minimal)
		h.sh(strings.ReplaceAll(placeLinks, "BASES", bases))
		h.snap()
		for _, p := range refusedPlaces {
			s.Configure(minimal + "SHARE=" + bases + ":" + p.dir + "\n")
			h.refused(s, bad{says: "bad SHARE config: \\S+ " + p.says})
		}
		s.Configure(minimal)
		s.boot()
		before := s.says("cat /proc/self/mounts; ls / /proc/sys")
		for _, p := range refusedPlaces {
			r := s.run("overlay-share", p.dir, s.Name)
			if r.Status != 1 || r.Stdout != "" || !strings.HasSuffix(r.Stderr, " "+p.says+"\n") {
				h.t.Errorf("overlay-share %s: %v, want %q", p.dir, r, p.says)
			}
		}
		if after := s.says("cat /proc/self/mounts; ls / /proc/sys"); after != before {
			h.t.Errorf("it was\n%s\nand is\n%s", before, after)
		}
		s.stop()
	})
}

// TestShareLinks checks that SHARE and overlay-share show a symbolic link of the host at the same
// path: an absolute one at its own, a relative one at that of its target. A link inside that has
// the same path leads to a place inside.
func TestShareLinks(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.sh("mkdir -p " + bases + "/linked/up/root/tmp " + bases + "/out/target/below; cd " + bases +
			"/out; echo t > target/in; echo b > target/below/in; ln -s target link")
		links := []string{bases + "/out/link", bases + "/out/../out/link/below", bases + "/out/link/."}
		for _, link := range append(links, "link") {
			var looks [2]string
			for n := range looks {
				s := h.subhost("linked", minimal)
				s.Configure(minimal + "BASE=.\n")
				if n == 0 {
					s.Configure(minimal + "SHARE=" + link + "\n")
					h.sh("ln -s " + bases + "/out/target " + s.Dir + "/link")
				}
				s.boot()
				if n == 1 {
					cmd := s.engine.Command("overlay-share", link, s.Name)
					cmd.Dir = bases + "/out"
					if r := h.exec(cmd); r.Status != 0 || r.Stderr != "" {
						h.t.Errorf("overlay-share %s: %v", link, r)
					}
				}
				looks[n] = s.says("cd " + bases + "; find . | sort; grep " + bases + " /proc/self/mounts; " +
					"cat out/*/in out/*/*/in")
				s.stop()
				must(h.t, os.RemoveAll(s.Dir))
			}
			if looks[0] != looks[1] || !strings.Contains(looks[0], "/in") {
				h.t.Errorf("%s by SHARE:\n%s\nby overlay-share:\n%s", link, looks[0], looks[1])
			}
		}
	})
}

// TestShareLinkInside checks that a link inside leads what overlay-share shows to another place
// inside, never to one on the host.
func TestShareLinkInside(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.sh("mkdir -p " + bases + "/out/target; cd " + bases + "/out; echo t > target/in; " +
			"ln -s target link; mkdir " + bases + "/victim")
		s := h.subhost("inside", minimal)
		s.boot()
		s.says("mkdir -p " + bases + "/out " + bases + "/victim; ln -s ../victim " + bases + "/out/link")
		if r := s.run("overlay-share", bases+"/out/link", s.Name); r.Status != 0 {
			h.t.Errorf("overlay-share: %v", r)
		}
		if got := s.says("cat " + bases + "/victim/in"); got != "t" {
			h.t.Errorf("inside: %q", got)
		}
		look := "ls " + bases + "/victim; grep -c victim /proc/self/mounts || true"
		if got := h.sh(look); got != "0\n" {
			h.t.Errorf("on the host: %q", got)
		}
		s.stop()
	})
}

// shareLater shares a directory with the running subhost and returns its path.
func (s *subhost) shareLater() string {
	s.t.Helper()
	dir := bases + "/outside"
	s.sh("mkdir -p " + dir + "; echo late > " + dir + "/in")
	if r := s.run("overlay-share", dir, s.Name); r.Status != 0 {
		s.t.Errorf("overlay-share: %v", r)
	}
	if got := s.says("cat " + dir + "/in"); got != "late" {
		s.t.Errorf("inside: %q", got)
	}
	return dir
}
