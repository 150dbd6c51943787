package testsuite

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"overlayboot/compat/sandbox"
)

// TestReset takes back what a subhost has changed, and brings it again.
func TestReset(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("back", minimal)
		s.boot()
		s.says(changesInside)
		if r := h.run("overlay-reset", "-y", "back"); r.Status != 1 ||
			!strings.Contains(r.Stderr, "back is running; stop it first") {
			h.t.Errorf("while it runs: %v", r)
		}
		s.stop()
		before := h.run("overlay-diff", s.Conf).Stdout
		if r := h.run("overlay-reset", "-n", s.Conf, "/etc/services"); r.Stdout != "D /etc/services\n" {
			h.t.Errorf("-n: %v", r)
		}
		kept := bases + "/kept.tar.zst"
		if r := h.run("overlay-reset", "-y", "--backup", kept, s.Conf, "/etc/services",
			"etc/issue", "/srv/new"); r.Status != 0 {
			h.t.Fatal(r)
		}
		if r := h.run("overlay-reset", "-y", "--backup", kept, s.Conf); r.Status != 1 ||
			!strings.Contains(r.Stderr, "file exists; nothing has been changed") {
			h.t.Errorf("the backup is there: %v", r)
		}
		s.boot()
		if got := s.says("ls /etc/services /etc/issue; [ -e /srv/new ] || tail -n 1 /etc/hosts"); got !=
			"/etc/issue\n/etc/services\n# changed" {
			h.t.Errorf("inside: %q", got)
		}
		s.stop()
		if r := h.run("overlay-reset", "-y", "--restore", kept, s.Conf); r.Status != 0 {
			h.t.Error(r)
		}
		if after := h.run("overlay-diff", s.Conf).Stdout; after != before {
			h.t.Errorf("before:\n%safter the restore:\n%s", before, after)
		}
		lines, status := h.onTerminal(80, "n\n", "overlay-reset", s.Conf)
		if after := h.run("overlay-diff", s.Conf).Stdout; after != before || status != 1 ||
			!strings.Contains(lines[len(lines)-1], "nothing has been changed") {
			h.t.Errorf("the answer is no: status %d, %q", status, lines)
		}
		if lines, status := h.onTerminal(80, "y\n", "overlay-reset", s.Conf); status != 0 {
			h.t.Errorf("the answer is yes: %d, %q", status, lines)
		}
		for _, d := range []string{"root", "work"} {
			if left := sandbox.Files(s.Dir + "/" + d); len(left) != 0 {
				h.t.Errorf("left in %s: %q", d, left)
			}
		}
		s.boot()
		s.stop()
	})
}

// TestResetLocked has a boot and a reset exclude each other, and a mount by hand be noticed.
func TestResetLocked(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("held", minimal)
		h.sh("mkdir -p " + s.Dir + "/root/x /run/overlay-boot/boot; chmod 700 /run/overlay-boot")
		out := h.sh(`flock /run/overlay-boot/boot/held ` + h.engine.Dir + `/overlay-reset -y ` +
			s.Conf + ` 2>&1 || echo $?`)
		if !strings.Contains(out, "another command is at work on held") {
			h.t.Error(out)
		}
		h.sh("cd " + s.Dir +
			"; mount -t overlay -o lowerdir=/,upperdir=$PWD/root,workdir=$PWD/work o live")
		if r := h.run("overlay-reset", "-y", s.Conf); r.Status != 1 ||
			!strings.Contains(r.Stderr, "is in use") {
			h.t.Error(r)
		}
		h.sh("umount " + s.Dir + "/live; mount -t tmpfs t " + s.Dir + "/root/x")
		if r := h.run("overlay-reset", "-y", s.Conf); r.Status != 1 ||
			!strings.Contains(r.Stderr, "something is mounted at ") {
			h.t.Error(r)
		}
		h.sh("umount " + s.Dir + "/root/x; rm -f /run/overlay-boot/boot/held")
		if _, err := os.Stat(s.Dir + "/root/x"); err != nil {
			h.t.Error(err)
		}
	})
}

// TestResetHostile resets a tree that root inside has made to do harm: very deep, with names
// that are options and lines, and links that lead out.
func TestResetHostile(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("evil", minimal)
		h.sh(`mkdir /tmp/b/out; echo keep >/tmp/b/out/file; cd ` + s.Dir + `/root
ln -s /tmp/b/out link; mkdir d; ln -s /tmp/b/out d/etc; echo x >'-rf
*'; ln -s / 'a b'`)
		must(h.t, dig(s.Dir+"/root", "d", 3000))
		if r := h.run("overlay-diff", s.Conf, "deep"); r.Status != 0 ||
			strings.Count(r.Stdout, "\n") != 3001 {
			h.t.Errorf("status %d, %d lines, %s", r.Status, strings.Count(r.Stdout, "\n"), r.Stderr)
		}
		kept := bases + "/kept.tar.zst"
		for _, argv := range [][]string{{"-y", "--backup", kept}, {"-y", "--restore", kept}, {"-y"}} {
			r := h.run("overlay-reset", append(argv, s.Conf)...)
			if r.Status != 0 {
				h.t.Fatalf("%q: status %d, %s", argv, r.Status, r.Stderr)
			}
			_, err := os.Lstat(s.Dir + "/root/deep")
			if there := err == nil; there != (argv[1%len(argv)] == "--restore") {
				h.t.Errorf("%q: deep is there: %v", argv, there)
			}
		}
		if out := h.sh("cat /tmp/b/out/file"); out != "keep\n" {
			h.t.Errorf("outside: %q", out)
		}
	})
}

// dig makes a directory "deep", and as many others, one in the other.
func dig(in, inner string, depth int) error {
	root, err := os.OpenRoot(in)
	for name := "deep"; err == nil; name = inner {
		if err = root.Mkdir(name, 0o755); err != nil || depth == 0 {
			break
		}
		depth--
		var sub *os.Root
		sub, err = root.OpenRoot(name)
		root.Close()
		root = sub
	}
	return err
}

// otherNames are configurations that have the UPPER of the subhost "mine" under another name.
var otherNames = map[string]string{
	"command": "printf 'NAME=!echo other\n' | cat - mine.conf > n.conf; echo n.conf",
	"link":    "ln -s mine.conf other.conf; echo other.conf",
	"copy":    "cp mine.conf other.conf; echo other.conf",
}

// TestResetClaims has a reset and a boot under another name exclude each other.
func TestResetClaims(t *testing.T) {
	for name, make := range otherNames {
		t.Run(name, func(t *testing.T) {
			onHost(t, func(h *host) {
				h.onlyOurs()
				s := h.subhost("mine", minimal)
				s.Write("root/file", "kept")
				other := s.Dir + "/" + strings.TrimSpace(h.sh("cd "+s.Dir+"; "+make))
				h.sh("mkfifo " + bases + "/pipe")
				c := s.begin("overlay-reset", "-y", "--restore", bases+"/pipe", s.Conf)
				if !sandbox.Until(func() bool { return len(sandbox.Files("/run/overlay-boot/roots")) > 0 }) {
					h.t.Fatal("overlay-reset claims nothing")
				}
				if r := h.run("overlay-boot", other); r.Status != 1 ||
					!strings.Contains(r.Stderr, s.Dir+"/root is in use by another subhost (mine)\n") {
					h.t.Errorf("a boot under another name: %v", r)
				}
				if r := h.run("overlay-boot", s.Conf); r.Status != 1 ||
					!strings.Contains(r.Stderr, "mine is being reset\n") {
					h.t.Errorf("a boot: %v", r)
				}
				if r := h.run("overlay-clean", "-n"); r.Stdout != "" {
					h.t.Errorf("overlay-clean: %v", r)
				}
				h.sh(": > " + bases + "/pipe")
				c.end()
				if left := sandbox.Files("/run/overlay-boot/roots"); len(left) != 0 {
					h.t.Errorf("left: %q", left)
				}
				out := h.sh(`cd /run/overlay-boot; stat -c %d-%i ` + s.Dir + `/root >/tmp/b/inode
echo other > roots/$(cat /tmp/b/inode)
sh -c 'set -- $(cat /proc/$$/stat); printf "STATE=starting\nBOOTER=$$ ${22}\n" > subhosts/other
exec "$0" -y ` + s.Conf + `' ` + h.engine.Dir + `/overlay-reset 2>&1 || echo $?
rm roots/* subhosts/other`)
				if out != "overlay-reset: UPPER="+s.Dir+
					"/root is in use by the subhost other; stop it first\n1\n" {
					h.t.Errorf("a boot has it: %s", out)
				}
				if got := s.Read("root/file"); got != "kept" {
					h.t.Errorf("the file: %q", got)
				}
			})
		})
	}
}

// TestResetNested has others use directories below the UPPER that is reset.
func TestResetNested(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		inner := h.subhost("inner", minimal)
		inner.boot()
		h.sh("mkdir -p /tmp/o/work /tmp/o/live /tmp/o/root/a/b/u /tmp/o/root/w /tmp/o/m")
		defer h.sh("rm -r /tmp/o")
		config := "BASE=.\nLOWER=/usr\nWORK=/tmp/o/work\nLIVE=/tmp/o/live\nUPPER="
		must(h.t, os.WriteFile("/tmp/o/outer.conf", []byte(config+"/tmp/b\n"), 0o644))
		must(h.t, os.WriteFile("/tmp/o/other.conf", []byte(config+"/tmp/o/root\n"), 0o644))
		must(h.t, os.WriteFile("/tmp/b/kept", nil, 0o644))
		for _, argv := range []string{"-y /tmp/o/outer.conf", "-y /tmp/o/outer.conf /inner/root",
			"-y --restore /tmp/b/kept /tmp/o/outer.conf"} {
			r := h.run("overlay-reset", strings.Fields(argv)...)
			if r.Status != 1 || !strings.Contains(r.Stderr, " has an overlay at ") || r.Stdout != "" {
				h.t.Errorf("overlay-reset %s: %v", argv, r)
			}
		}
		if got := inner.says("echo here"); got != "here" {
			h.t.Errorf("inside: %q", got)
		}
		inner.stop()
		// another path leads to UPPER, in another namespace
		out := h.sh(`unshare -m sh -c 'mount --bind /tmp/o/root /mnt
mount -t overlay -o lowerdir=/usr,upperdir=/mnt/a/b/u,workdir=/mnt/w o /tmp/o/m; exec sleep 999' &
until grep -q " overlay o " /proc/$!/mountinfo; do kill -0 $!; done
` + h.engine.Dir + `/overlay-reset -y /tmp/o/other.conf /w 2>&1 || echo $?; kill $!`)
		if !strings.Contains(out, " has an overlay at ") || !strings.HasSuffix(out, "\n1\n") {
			h.t.Error(out)
		}
		// a subhost without an overlay has a claim
		out = h.sh(`cd /run/overlay-boot; C=roots/$(stat -c %d-%i /tmp/o/root/a/b/u); echo other > $C
sh -c 'set -- $(cat /proc/$$/stat); printf "STATE=starting\nBOOTER=$$ ${22}\n" > subhosts/other
exec "$0" -y /tmp/o/other.conf' ` + h.engine.Dir + `/overlay-reset 2>&1 || echo $?
rm $C subhosts/other; ls -d /tmp/o/root/a/b/u`)
		if out != "overlay-reset: UPPER has a directory of the subhost other in it, /a/b/u; "+
			"stop that first\n1\n/tmp/o/root/a/b/u\n" {
			h.t.Error(out)
		}
		if r := h.run("overlay-reset", "-y", "/tmp/o/other.conf"); r.Status != 0 {
			h.t.Error(r)
		}
	})
}

// TestResetKilled has overlay-clean and a boot go on behind a reset that was killed.
func TestResetKilled(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("mine", minimal)
		h.sh("mkfifo " + bases + "/pipe")
		for _, next := range []string{"overlay-clean", "overlay-boot"} {
			c := s.begin("overlay-reset", "-y", "--restore", bases+"/pipe", s.Conf)
			if !sandbox.Until(func() bool { return len(sandbox.Files("/run/overlay-boot/roots")) > 0 }) {
				h.t.Fatal("overlay-reset claims nothing")
			}
			h.kill("KILL", c.Process.Pid)
			c.end()
			if next == "overlay-boot" {
				s.boot()
				s.stop()
			} else if r := h.run(next, "-y"); r.Status != 0 {
				h.t.Errorf("%v", r)
			}
			if left := sandbox.Files("/run/overlay-boot/roots"); len(left) != 0 {
				h.t.Errorf("left behind %s: %q", next, left)
			}
		}
	})
}

// TestResetEnded ends a reset that writes a backup: there is none then, and nothing is changed.
func TestResetEnded(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("big", minimal)
		h.sh("dd if=/dev/urandom of=" + s.Dir + "/root/data bs=1M count=64 2>/dev/null")
		h.sh("mkdir " + bases + "/kept")
		defer h.sh("rm -rf /run/overlay-boot/boot/big /run/overlay-boot/roots/*")
		kept := bases + "/kept/backup"
		for _, signal := range []string{"INT", "TERM", "HUP", "KILL"} {
			c := s.begin("overlay-reset", "-y", "--backup", kept, s.Conf)
			fds := "/proc/" + strconv.Itoa(c.Process.Pid) + "/fd"
			if !sandbox.Until(func() bool {
				out, _ := exec.Command("find", fds, "-lname", bases+"/kept/*").Output()
				return len(out) > 0
			}) {
				h.t.Fatal("overlay-reset writes no backup")
			}
			h.kill(signal, c.Process.Pid)
			status, stderr := c.end()
			if status == 0 {
				return // the backup was faster
			}
			if left := sandbox.Files(bases + "/kept"); len(left) != 0 {
				h.t.Errorf("%s: status %d, %s, left: %q", signal, status, stderr, left)
			}
		}
		if got := h.sh("stat -c %s " + s.Dir + "/root/data"); got != "67108864\n" {
			h.t.Errorf("the file: %s", got)
		}
	})
}

// TestDeep compares, keeps and brings back directories whose paths have 200 MB in all. None of the
// tools may keep all of them.
func TestDeep(t *testing.T) {
	const limit = 250 << 10 // in kB
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("deep", minimal)
		must(h.t, dig(s.Dir+"/root", strings.Repeat("n", 100), 2000))
		kept := bases + "/kept"
		for _, argv := range []string{"overlay-diff -0", "overlay-diff -u", "overlay-diff -s",
			"overlay-reset -y --backup " + kept, "overlay-reset -y --restore " + kept} {
			words := strings.Fields(argv + " " + s.Conf)
			cmd := h.engine.Command(words[0], words[1:]...)
			err := cmd.Run()
			used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			if err != nil || !ok || used.Maxrss > limit {
				h.t.Errorf("%s: %v, %d kB", argv, err, used.Maxrss)
			}
		}
	})
}
