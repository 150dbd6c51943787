package scripts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
	"/etc/subhosts.d/link.conf", "/srv/link.conf /srv/../etc/subhosts.d/l*",
	"/srv/d/link.conf /srv/d//link.conf /etc/subhosts.d/zero.conf /etc/subhosts.d/to.conf",
}

// linkRows are words for a configuration, in the directory /srv.
var linkRows = []string{
	"/etc/subhosts.d/link.conf", "../etc/subhosts.d/link.conf", "/etc/../etc/subhosts.d//link.conf",
	"d/link.conf", "./d/link.conf", "/srv/d/link.conf", "/srv/link.conf", "link.conf", "./link.conf",
	"/etc/subhosts.d/gone.conf", "/etc/subhosts.d/zero.conf", "/etc/subhosts.d/own.conf",
	"/etc/subhosts.d/sub/in.conf", "/etc/subhosts.d/link.conf/", "/etc/subhosts.d/twice.conf",
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
			os.Symlink("/srv/line\nbreak.conf", "/etc/subhosts.d/to.conf"),
			os.Symlink("link.conf", "/etc/subhosts.d/twice.conf"),
			os.Mkdir("/etc/subhosts.d/sub", 0o755),
			os.Symlink("/srv/a.conf", "/etc/subhosts.d/sub/in.conf"),
			os.Symlink("a.conf", "/srv/link.conf"), os.Symlink("/etc/subhosts.d", "/srv/d")))
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
		followed(t)
	})
}

// followed has the scripts judge which file the package site takes for a word.
func followed(t *testing.T) {
	t.Helper()
	script := text(t, "functions") + `cd /srv; find_config "$1"; realpath -sm "$CONFIG_PATH"`
	if err := os.Symlink("/srv/no.conf", "/etc/subhosts.d/gone.conf"); err != nil {
		t.Fatal(err)
	}
	changed := 0
	for _, word := range linkRows {
		status, out, errs := run(t, exec.Command("/bin/sh", "-c", script, "overlay-boot", word))
		got, err := site.Find(word, "/srv", false)
		want := strings.TrimSuffix(out, "\n")
		if status != 0 || err != nil || filepath.Clean(got) != want {
			t.Errorf("%s: status %d, %v\nscripts: %s%s\nsite:    %s", word, status, err, want, errs, got)
		}
		if want == "/srv/b.conf" {
			changed++
		}
	}
	if changed != 7 {
		t.Errorf("%d of %d words mean the file of the link", changed, len(linkRows))
	}
}
