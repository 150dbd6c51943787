package testsuite

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"overlayboot/compat/sandbox"
)

// configure lists subhosts for the host: each word of list stands in /etc/subhosts.conf, and
// each file of links is /etc/subhosts.d/NUMBER.conf, a link.
func (h *host) configure(list string, links ...string) {
	h.t.Helper()
	h.sh("rm -rf /etc/subhosts.d; mkdir -p /etc/subhosts.d")
	must(h.t, os.WriteFile("/etc/subhosts.conf", []byte(list), 0o644))
	for i, file := range links {
		must(h.t, os.Symlink(file, "/etc/subhosts.d/"+string(rune('a'+i))+".conf"))
	}
	h.snap()
}

// in runs a tool in a directory.
func (h *host) in(dir, tool string, args ...string) sandbox.Result {
	h.t.Helper()
	cmd := h.engine.Command(tool, args...)
	cmd.Dir = dir
	return h.exec(cmd)
}

// status fails the test unless a result has this status, and a line of standard error with the
// text says.
func (h *host) status(what string, r sandbox.Result, want int, says string) {
	h.t.Helper()
	if r.Status != want || !strings.Contains(r.Stderr, says) {
		h.t.Errorf("%s: %v\nwant status %d, %q", what, r, want, says)
	}
}

const neither = " is neither a configuration file nor the name of a subhost; overlay-list shows" +
	" those that are known\n"

// TestNamed boots, enters, shares into and stops subhosts by a name, and by a file where a name
// is usual.
func TestNamed(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		file, other := h.subhost("file", minimal), h.subhost("other", minimal+"NAME=named\n")
		linked := h.subhost("linked", minimal)
		h.configure("# "+bases+"/no.conf\n"+bases+"/f*/file.conf # one\n"+other.Conf+"\n", linked.Conf)
		for name, s := range map[string]*subhost{"file": file, "named": other, "linked": linked} {
			s.Name = name
			h.status("boot", h.in("/", "overlay-boot", name), 0, "NAME="+name+"\n")
			s.running(sandbox.Result{})
			h.status("boot twice", h.in("/", "overlay-boot", name), 1, name+" is running already\n")
			for _, word := range []string{name, s.Conf, filepath.Base(s.Conf)} {
				cmd := h.engine.Command("overlay-go", word)
				cmd.Dir, cmd.Stdin = s.Dir, strings.NewReader("exit 7\n")
				h.status("go "+word, h.exec(cmd), 7, "")
				want := "Sharing /opt with subhost " + name + "\n"
				if h.engine.Name != "ours" {
					continue // another shell cannot share
				}
				if r := h.in(s.Dir, "overlay-share", "/opt", word); r.Status != 0 || r.Stdout != want {
					h.t.Errorf("share %s: %v", word, r)
				}
			}
			h.status("stop", h.in("/", "overlay-stop", name), 0, "")
			s.gone()
			h.status("stop twice", h.in("/", "overlay-stop", name), 1, name+" is not running\n")
			h.status("go", h.in("/", "overlay-go", name), 1, name+" is not running\n")
		}
	})
}

// TestNamedByItsRecord finds a subhost that runs and is not configured, also when its file has
// another name since, and what is left of one that is dead.
func TestNamedByItsRecord(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("known", minimal)
		h.configure("")
		h.status("boot", h.in("/", "overlay-boot", "known"), 1, "known"+neither)
		h.status("boot", h.in("/", "overlay-boot", "known.conf"), 1, "known.conf"+neither)
		tree := s.boot()
		for _, pid := range []int{tree.Supervisor.Pid, tree.Unshare.Pid, tree.Reaper.Pid} {
			must(h.t, syscall.Kill(pid, syscall.SIGKILL))
		}
		h.status("stop", h.in("/", "overlay-stop", "known"), 1, "known is not running\n")
		s.gone()
		h.status("stop again", h.in("/", "overlay-stop", "known"), 1, "known"+neither)
		s.boot()
		h.status("stop", h.in("/", "overlay-stop", "known"), 0, "")
		s.gone()
	})
}

// TestNamedTwice refuses a name that two configured files have, unless one of them runs.
func TestNamedTwice(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		a, b := h.subhost("aa", minimal+"NAME=same\n"), h.subhost("bb", minimal+"NAME=same\n")
		a.Name = "same"
		h.configure(a.Conf+" "+a.Conf, a.Conf, b.Conf)
		says := a.Conf + " and " + b.Conf + " are both configured as same; give the file that is meant\n"
		for _, tool := range []string{"overlay-boot", "overlay-stop", "overlay-go"} {
			h.status(tool, h.in("/", tool, "same"), 1, says)
		}
		a.boot()
		h.status("stop", h.in("/", "overlay-stop", "same"), 0, "")
		a.gone()
	})
}

// TestFileOrName checks which of a file and a name of the same spelling is meant.
func TestFileOrName(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s, other := h.subhost("word", minimal), h.subhost("second", minimal)
		h.configure(s.Conf)
		h.sh("mkdir -p " + bases + "/dirs/word; cp " + other.Conf + " " + other.Dir + "/word")
		h.status("boot beside a directory", h.in(bases+"/dirs", "overlay-boot", "word"), 0, "")
		s.running(sandbox.Result{})
		h.status("boot beside a file", h.in(other.Dir, "overlay-boot", "word"), 1,
			"word is running already\n") // the file has no NAME, and so it is its own name
		h.status("go beside a file", h.in(other.Dir, "overlay-go", "word"), 0, "")
		h.status("a path", h.in("/", "overlay-boot", "./word"), 1, "Cannot use //word\n")
		h.status("stop", h.in(bases+"/dirs", "overlay-stop", "word"), 0, "")
		s.gone()
	})
}

// TestLinkedFile gives the path of a link in /etc/subhosts.d to the tools: it means the file to
// which it leads, where a link elsewhere has its own folder.
func TestLinkedFile(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("far", minimal)
		const link = "/etc/subhosts.d/a.conf"
		h.configure("", s.Conf)
		for _, list := range []string{"", link + "\n"} {
			must(h.t, os.WriteFile("/etc/subhosts.conf", []byte(list), 0o644))
			for i, word := range []string{link, "a.conf", "./a.conf", "../subhosts.d/a.conf", "far"} {
				h.status("check "+word, h.in("/etc/subhosts.d", "overlay-check", "--strict", word), 0, "")
				h.status("diff "+word, h.in("/etc/subhosts.d", "overlay-diff", word), 0, "")
				h.status("boot "+word, h.in("/etc/subhosts.d", "overlay-boot", word), 0, "NAME=far\n")
				if got := recorded("far", "CONFIG"); got != s.Conf {
					h.t.Errorf("%s: booted from %s", word, got)
				}
				h.status("diff "+word, h.in("/etc/subhosts.d", "overlay-diff", word), 0, "")
				if i == 0 {
					h.status("restart", h.run("overlay-restart", word), 0, "NAME=far\n")
					h.status("wait", h.run("overlay-wait", "--up", word), 0, "")
				}
				h.status("stop "+word, h.in("/etc/subhosts.d", "overlay-stop", word), 0, "")
				s.gone()
			}
		}
		h.sh("mkdir -p /etc/other /etc/subhosts.d/sub; ln -s " + s.Conf + " /etc/other/a.conf; " +
			"ln -s " + s.Conf + " /etc/subhosts.d/sub/a.conf")
		h.snap()
		for _, dir := range []string{"/etc/other", "/etc/subhosts.d/sub"} {
			h.status(dir, h.run("overlay-boot", dir+"/a.conf"), 1, "LIVE="+dir+"/live is not a directory")
		}
		h.sh("rm -r /etc/other /etc/subhosts.d /etc/subhosts.conf")
		h.snap()
	})
}
