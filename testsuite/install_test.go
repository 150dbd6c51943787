package testsuite

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"overlayboot/compat/kit"
	"overlayboot/scripts"
)

// TestInstall installs twice into a folder. The second time an administrator's files exist,
// and must stay.
func TestInstall(t *testing.T) {
	for _, tool := range []string{"make", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			kit.Missing(t, "%v", err)
		}
	}
	dest := t.TempDir()
	install := func() {
		t.Helper()
		cmd := exec.Command("make", "-C", "..", "install", "DESTDIR="+dest, "PREFIX=/opt/ob")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	install()
	checkInstalled(t, dest)
	changed := map[string]string{
		"etc/subhosts.conf":                          "/mine.conf\n",
		"etc/init.d/subhosts":                        "#!/bin/sh\n",
		"etc/overlay-boot/scripts/overlay-postmount": "#!/bin/sh\n",
	}
	for path, text := range changed {
		must(t, os.WriteFile(filepath.Join(dest, path), []byte(text), 0o755))
	}
	install()
	for path, text := range changed {
		if got, err := os.ReadFile(filepath.Join(dest, path)); string(got) != text {
			t.Errorf("%s is now %q, %v", path, got, err)
		}
	}
}

const unit = "/opt/ob/lib/systemd/system/subhosts@.service"

func checkInstalled(t *testing.T, dest string) {
	t.Helper()
	names := []string{
		"overlay-stop", "overlay-go", "overlay-share", "overlay-diskfile", "overlay-sh", "overlay-log",
		"overlay-restart", "overlay-wait", "overlay-clean",
	}
	for _, name := range names {
		if to, err := os.Readlink(dest + "/opt/ob/sbin/" + name); to != "overlay-boot" {
			t.Errorf("%s leads to %q, %v", name, to, err)
		}
	}
	for _, name := range scripts.Names() {
		if _, err := os.Stat(dest + "/opt/ob/share/overlay-boot/scripts/" + name); err != nil {
			t.Error(err)
		}
	}
	for name, section := range commands {
		page := "/opt/ob/share/man/man" + section + "/" + name + "." + section
		if _, err := os.Stat(dest + page); err != nil {
			t.Error(err)
		}
	}
	for _, path := range []string{
		"/opt/ob/sbin/overlay-boot", "/opt/ob/sbin/overlay-compat",
		"/etc/init.d/subhosts", "/etc/subhosts.conf", "/etc/overlay-boot/scripts", unit,
		"/opt/ob/share/zsh/vendor-completions/_overlay-boot",
		"/opt/ob/share/bash-completion/completions/overlay-stop",
		"/opt/ob/share/fish/vendor_completions.d/overlay-stop.fish",
	} {
		if _, err := os.Stat(dest + path); err != nil {
			t.Error(err)
		}
	}
	for _, file := range []string{unit, "/opt/ob/share/overlay-boot/openrc/subhost",
		"/opt/ob/share/overlay-boot/runit/run", "/opt/ob/share/overlay-boot/runit/finish"} {
		text, _ := os.ReadFile(dest + file)
		if !strings.Contains(string(text), "/opt/ob/sbin/overlay-") ||
			strings.Contains(string(text), "/usr/s") {
			t.Errorf("%s does not start what is installed:\n%s", file, text)
		}
	}
	if left, _ := os.ReadDir(dest + "/etc/overlay-boot/scripts"); len(left) != 0 {
		t.Errorf("overrides were installed: %v", left)
	}
}

// TestManPages has mandoc look for mistakes in the manual pages.
func TestManPages(t *testing.T) {
	kit.Tools(t, "mandoc")
	pages, err := filepath.Glob("../scripts/man/*.[1-8]")
	if err != nil || len(pages) < len(commands) {
		t.Fatalf("pages: %q, %v", pages, err)
	}
	out, err := exec.Command("mandoc", append([]string{"-Tlint", "-Wwarning"}, pages...)...).
		CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
