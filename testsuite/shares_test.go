package testsuite

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// TestReadOnlyShares checks what the forms of SHARE mean, by a file that is made in each.
func TestReadOnlyShares(t *testing.T) {
	for _, r := range []struct{ share, inside, writable string }{
		{"$D/data:/shut:ro", "/shut", "no"},
		{"$D/data::ro", "$D/data", "no"},
		{"data::ro", "$D/data", "no"},
		{"$D/data:shut:ro", "/shut", "no"},
		{"$D/data:/a:b:ro", "/a:b", "no"},
		// as before
		{"$D/data", "$D/data", "yes"},
		{"$D/data:/open", "/open", "yes"},
		{"$D/data:ro", "/ro", "yes"},
		{"$D/data::rw", "/:rw", "yes"},
		{"$D/data:/a:b", "/a:b", "yes"},
		{"$D/data:/open:ro/", "/open:ro", "yes"},
	} {
		t.Run(strings.ReplaceAll(r.share, "/", "_"), func(t *testing.T) {
			onHost(t, func(h *host) {
				h.notOriginal()
				s := h.subhost("ro", "CABLES=\nSTART= none\n")
				in := strings.NewReplacer("$D", s.Dir)
				must(h.t, os.Mkdir(s.Dir+"/data", 0o755))
				s.Configure("CABLES=\nSTART= none\nSHARE=" + in.Replace(r.share) + "\n")
				s.boot()
				got := s.says("touch '" + in.Replace(r.inside) + "/new' && echo yes || echo no")
				_, err := os.Stat(s.Dir + "/data/new")
				if got != r.writable || (err == nil) != (got == "yes") {
					h.t.Errorf("writable: %s, want %s; on the host: %v\n%s", got, r.writable, err,
						s.Story())
				}
				must(h.t, os.WriteFile(s.Dir+"/data/host", nil, 0o644))
				s.stop()
			})
		})
	}
}

// TestReadOnlyHolds checks for whom a read-only share holds: SECURITY.md says that root inside
// can undo it, and that a process without sys_admin cannot. The host's mount stays as it is.
func TestReadOnlyHolds(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		h.needTools("setpriv")
		s := h.subhost("ro", "CABLES=\nSTART= none\nSHARE="+bases+"/ro/data:/shut:ro\n")
		h.sh("mkdir " + s.Dir + "/data; mount -t tmpfs d " + s.Dir + "/data; mkdir " + s.Dir +
			"/data/m; mount -t tmpfs m " + s.Dir + "/data/m; touch " + s.Dir + "/data/m/below")
		h.snap()
		s.boot()
		const try = "mount -o remount,bind,rw /shut 2>/dev/null; touch /shut/$0 2>/dev/null && echo $0"
		got := s.says("setpriv --bounding-set=-sys_admin sh -c '" + try + "' less; " +
			"ls /shut/m; touch /shut/m/x 2>/dev/null && echo below; sh -c '" + try + "' root")
		if got != "root" {
			h.t.Errorf("%q could write, want root only; and no mount below is there", got)
		}
		if _, err := os.Stat(s.Dir + "/data/root"); err != nil {
			h.t.Error(err)
		}
		s.stop()
	})
}

// TestShareReadOnly is overlay-share -r.
func TestShareReadOnly(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("ro", "CABLES=\nSTART= none\n")
		h.sh("mkdir " + s.Dir + "/a " + s.Dir + "/b " + s.Dir + "/c")
		s.boot()
		for _, args := range []string{"-r " + s.Dir + "/a ro", "--read-only -- " + s.Dir + "/b ro",
			s.Dir + "/c ro"} {
			if r := h.run("overlay-share", strings.Fields(args)...); r.Status != 0 ||
				strings.HasSuffix(r.Stdout, "read-only\n") != strings.HasPrefix(args, "-") {
				h.t.Error(r)
			}
		}
		got := s.says("cd " + s.Dir + "; for d in a b c; do touch $d/new 2>/dev/null && echo $d; done")
		if got != "c" {
			h.t.Errorf("%q are writable, want c", got)
		}
		s.stop()
	})
}

// answer serves a socket of the host until it is closed: it sends the name to each client.
func answer(t *testing.T, path, name string) net.Listener {
	t.Helper()
	l, err := net.Listen("unix", path)
	must(t, err)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(name + "\n"))
			_ = c.Close()
		}
	}()
	return l
}

// TestShareSocket connects from inside to a server on the host, and again when the server has
// been started anew: by the file that was shared nobody is reached then, by its directory the
// new server is. A read-only share of the directory does not prevent a connection.
func TestShareSocket(t *testing.T) {
	onHost(t, func(h *host) {
		h.needTools("perl")
		s := h.subhost("sock", "CABLES=\nSTART= none\nSHARE="+bases+"/sock/s/socket:/srv/file\n"+
			"SHARE="+bases+"/sock/s:/srv/dir:ro\n")
		if h.isOriginal() {
			return
		}
		must(h.t, os.Mkdir(s.Dir+"/s", 0o755))
		client := `for s in file dir/socket; do perl -MIO::Socket::UNIX -e '
$c = IO::Socket::UNIX->new(Peer => "/srv/$ARGV[0]") or print("$!\n"), exit; print <$c>' $s; done`
		l := answer(h.t, s.Dir+"/s/socket", "first")
		s.boot()
		if got := s.says(client); got != "first\nfirst" {
			h.t.Errorf("%q\n%s", got, s.Story())
		}
		must(h.t, l.Close()) // removes the socket
		l = answer(h.t, s.Dir+"/s/socket", "second")
		defer l.Close()
		if got := s.says(client); got != unixError(unix.ECONNREFUSED)+"\nsecond" {
			h.t.Errorf("after a restart: %q", got)
		}
		s.stop()
	})
}

// unixError is the text of perl for an error.
func unixError(err unix.Errno) string {
	text := []rune(err.Error())
	return strings.ToUpper(string(text[:1])) + string(text[1:])
}

// TestSharesOfOldKernels has mount_setattr(2) fail, as on Linux before 5.12: shares are made all
// the same, private and read-only where that was asked for.
func TestSharesOfOldKernels(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.needTools("strace")
		s := h.subhost("old", "CABLES=\nSTART= none\nSHARE="+bases+"/old/a:/dir:ro\n"+
			"SHARE="+bases+"/old/f:/file:ro\nSHARE="+bases+"/old/b:/b\n")
		h.sh("cd " + s.Dir + "; mkdir a b c d; touch f; mount --make-rshared /")
		old := func(tool string, args ...string) {
			cmd := h.engine.Command(tool, args...)
			argv := append([]string{"-DDD", "-f", "-qq", "-o", s.Dir + "/trace", "-e",
				"inject=mount_setattr:error=ENOSYS", cmd.Path}, args...)
			strace := exec.Command("strace", argv...)
			strace.Env, strace.Dir = cmd.Env, cmd.Dir
			if r := h.exec(strace); r.Status != 0 {
				h.t.Fatalf("%s: %v\n%s", tool, r, s.Story())
			}
		}
		old("overlay-boot", s.Conf)
		old("overlay-share", "-r", s.Dir+"/c", "old")
		old("overlay-share", s.Dir+"/d", "old")
		got := s.says("for f in /dir/x /file /b/x " + s.Dir + "/c/x " + s.Dir + "/d/x; do " +
			"{ echo >$f; } 2>/dev/null && echo $f; done; grep -c shared: /proc/self/mountinfo")
		if want := "/b/x\n" + s.Dir + "/d/x\n0"; got != want {
			h.t.Errorf("%q, want %q\n%s", got, want, s.Story())
		}
		if text, _ := os.ReadFile(s.Dir + "/trace"); !strings.Contains(string(text), "INJECTED") {
			h.t.Errorf("no call was made to fail: %s", text)
		}
		s.stop()
		sandbox.Until(func() bool { return !straceRuns() })
	})
}
