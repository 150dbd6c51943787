package testsuite

import (
	"strings"
	"testing"
)

// warnings boots and stops the subhost, and returns the warnings of the boot.
func (s *subhost) warnings() (list string) {
	s.t.Helper()
	r := s.run("overlay-boot", s.Conf)
	if r.Status != 0 {
		s.t.Fatalf("overlay-boot: %v\n%s", r, s.Story())
	}
	s.stop()
	for line := range strings.Lines(r.Stderr + s.Read("log")) {
		if strings.HasPrefix(line, "Warning: ") {
			list += line
		}
	}
	return list
}

// TestLowerReplaced changes LOWER between boots. There is a warning, once, if it is another
// directory, or if its list of packages is another one and UPPER has one of its own.
func TestLowerReplaced(t *testing.T) {
	const another, packages = "is another directory than at the last boot of low",
		"packages were installed or removed in LOWER="
	for _, r := range []struct{ name, change, want string }{
		{"nothing", "true", ""},
		{"a file", "echo new > tree/etc/small; mkdir tree/opt; chmod 711 tree", ""},
		{"moved", "mv tree other; ln -s other tree", ""},
		{"copied", "mv tree other; cp -a other tree", another},
		{"another file system", "mv tree other; mkdir tree; mount -t tmpfs t tree; " +
			"cp -a other/. tree", another},
		{"another directory", "cp -a tree other; sed -i s/tree/other/ low.conf", another},
		{"UPPER too", "mv tree other; cp -a other tree; rm -r root; mkdir root x y z", ""},
		{"UPPER emptied", "mv tree other; cp -a other tree; rm -r root/*", ""},
		{"WORK new", "mv tree other; cp -a other tree; rm -r work; mkdir work", ""},
		{"packages", "mkdir -p root/var/lib/dpkg; echo a > root/var/lib/dpkg/status; " +
			"touch -d 2020-01-01 tree/var/lib/dpkg/status", packages},
		{"packages of LOWER only", "touch -d 2020-01-01 tree/var/lib/dpkg/status", ""},
		{"a link in UPPER", "mkdir -p root/var/lib; ln -s " + bases + "/low/tree/var/lib/dpkg " +
			"root/var/lib/dpkg; touch -d 2020-01-01 tree/var/lib/dpkg/status", ""},
	} {
		t.Run(strings.ReplaceAll(r.name, " ", "_"), func(t *testing.T) {
			onHost(t, func(h *host) {
				h.onlyOurs()
				s := h.subhost("low", minimal+"LOWER=tree\n")
				s.smallRoot(s.Dir + "/tree")
				h.sh("cd " + s.Dir + "; mkdir -p tree/var/lib/dpkg; echo a > tree/var/lib/dpkg/status")
				if got := s.warnings(); got != "" {
					h.t.Errorf("at the first boot: %s", got)
				}
				h.sh("cd " + s.Dir + "; " + r.change)
				h.snap()
				got := s.warnings()
				if strings.Count(got, "\n") > 1 || (got == "") != (r.want == "") ||
					!strings.Contains(got, r.want) {
					h.t.Errorf("%q, want %q", got, r.want)
				}
				if got := s.warnings(); got != "" {
					h.t.Errorf("again: %s", got)
				}
				if got := h.sh("ls -A " + s.Dir + "/work"); got != "work\n" {
					h.t.Errorf("WORK has %q", got)
				}
			})
		})
	}
}

// TestLowerIsWritten boots with a LOWER that a running subhost writes to.
func TestLowerIsWritten(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		h.snap()
		writer := h.subhost("writer", minimal)
		h.sh("mkdir -p " + writer.Dir + "/root/srv/deep")
		for _, r := range []struct{ name, lower string }{
			{"upper", "/root"}, {"below", "/root/srv/deep"}, {"live", "/live"},
		} {
			s := h.subhost("s"+r.name, minimal+"LOWER="+writer.Dir+r.lower+"\n")
			writer.boot()
			// a live root of another mount namespace looks empty: that is enough for the warning
			got := h.run("overlay-boot", s.Conf)
			if strings.Count(got.Stderr, "Warning: ") != 1 ||
				!strings.Contains(got.Stderr, "Warning: the subhost writer writes to "+writer.Dir) {
				h.t.Errorf("%s: %v", r.name, got)
			}
			h.run("overlay-stop", s.Conf)
			writer.stop()
			got = h.run("overlay-boot", s.Conf)
			if strings.Contains(got.Stderr, "Warning: the subhost") {
				h.t.Errorf("%s: %v", r.name, got)
			}
			h.run("overlay-stop", s.Conf)
		}
	})
}
