package scripts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/site"
	"overlayboot/compat/sandbox/sandboxtest"
)

// listRows are texts of /etc/subhosts.conf.
var listRows = []string{
	"/srv/a.conf\n", "/srv/a.conf", "srv/a.conf # why\n", "/srv/a.conf\r\n/srv/b.conf\r\n",
	"/srv/a.conf\r /srv/b.conf\t\r\n", "/srv/*.conf\n", "srv/[!a].conf", "/srv/.*.conf", "/s*/*.conf",
	"*/a.conf", "/no/*.conf", "/no/x.conf /srv/a.conf\n", "\r\n\n#\r\n", "/srv/a\vb.conf\n", "",
	"/srv/a\u00a0b.conf", "/srv/[a.conf", "/srv/a.conf/", "/srv/?*.conf\r\n",
}

// TestSiteConfigured has the scripts, under dash, judge what the package site lists.
func TestSiteConfigured(t *testing.T) {
	script := text(t, "functions") + "configured"
	sandboxtest.TestBare(t, time.Minute, func(t *testing.T) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, dir := range []string{"/etc", "/srv"} {
			must(unix.Mount("t", dir, "tmpfs", 0, ""))
		}
		for _, name := range []string{"a", "b", ".hid", "line\nbreak"} {
			must(os.WriteFile("/srv/"+name+".conf", nil, 0o600))
		}
		must(os.Mkdir("/etc/subhosts.d", 0o755))
		must(errors.Join(os.Mkdir("/etc/subhosts.d/dir.conf", 0o755),
			unix.Mkfifo("/etc/subhosts.d/pipe.conf", 0o600),
			os.Symlink("/dev/zero", "/etc/subhosts.d/zero.conf"),
			os.Symlink("../../srv/b.conf", "/etc/subhosts.d/link.conf"),
			os.Symlink("/srv/line\nbreak.conf", "/etc/subhosts.d/to.conf")))
		for _, name := range []string{".hid.conf", ".conf", "own.conf", "other", "two\nlines.conf"} {
			must(os.WriteFile("/etc/subhosts.d/"+name, nil, 0o600))
		}
		for _, row := range listRows {
			must(os.WriteFile("/etc/subhosts.conf", []byte(row), 0o600))
			status, out, errs := run(t, exec.Command("/bin/sh", "-c", script, "overlay-boot"))
			var want []string
			for line := range strings.Lines(out) {
				if line = strings.TrimSuffix(line, "\n"); !slices.Contains(want, line) {
					want = append(want, line)
				}
			}
			got, skipped, err := site.Configured()
			if status != 0 || err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
				t.Errorf("%q: status %d, %v\nscripts: %q\nsite:    %q", row, status, err, want, got)
			}
			if n := strings.Count(errs, "its name has a line break\n"); n < 2 || n != len(skipped) {
				t.Errorf("%q: scripts: %q\nsite: %q", row, errs, skipped)
			}
		}
	})
}
