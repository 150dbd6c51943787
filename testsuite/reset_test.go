package testsuite

import (
	"os"
	"strings"
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
		must(h.t, dig(s.Dir+"/root", 3000))
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

// dig makes directories, one in the other.
func dig(in string, depth int) error {
	root, err := os.OpenRoot(in)
	for name := "deep"; err == nil; name = "d" {
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
