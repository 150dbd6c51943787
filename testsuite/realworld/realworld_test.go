package realworld

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

func TestMain(m *testing.M) { sandboxtest.Main(m) }

// few are what a plain test run installs.
var few = []string{"ca-certificates", "openssh-server", "cron", "fakeroot", "dpkg-dev", "make",
	"logrotate", "ucf"}

// many are packages whose maintainer scripts do a lot.
var many = append([]string{"squid", "nginx", "postgresql", "exim4", "mdadm", "initramfs-tools",
	"locales", "dbus", "rsyslog", "apache2", "mariadb-server", "samba", "bind9", "dovecot-imapd",
	"php-fpm", "python3", "tzdata", "wamerican", "wbritish", "fontconfig", "man-db", "ifupdown",
	"isc-dhcp-server", "dnsmasq", "ntpsec", "nfs-kernel-server", "rpcbind", "lvm2", "cryptsetup",
	"keyboard-configuration", "console-setup", "sgml-base", "xml-core", "tex-common",
	"ssl-cert", "udev", "sysvinit-core", "bash-completion", "gcc", "libc6-dev", "quota",
	"haveged", "smartmontools", "fail2ban"}, few...)

// sources are configured in the long run.
var sources = []string{"sed", "grep", "mawk"}

const rootVar = "OVERLAY_REALWORLD_ROOT"

// TestRealWorld compares a root whose /bin/sh is dash with one where it is ours.
// OVERLAY_REALWORLD=all installs many packages, a list of names those.
func TestRealWorld(t *testing.T) {
	top := os.Getenv(rootVar)
	if top == "" {
		top = sandboxtest.ModuleRoot(t)
		t.Setenv(rootVar, top)
	}
	packages := few
	switch asked := os.Getenv("OVERLAY_REALWORLD"); asked {
	case "":
	case "all":
		packages = many
	default:
		packages = strings.Fields(asked)
	}
	cache := filepath.Join(top, ".cache/realworld")
	if !sandbox.Inside() && os.Geteuid() == 0 {
		prepare(t, top, cache, packages)
	}
	sandboxtest.Test(t, time.Hour, func(t *testing.T) { compare(t, top, cache, packages) })
}

func prepare(t *testing.T, top, cache string, packages []string) {
	t.Helper()
	own := cache + "/few"
	if len(packages) != len(few) {
		own = cache + "/many"
	}
	args := append([]string{filepath.Join(top, "testsuite/realworld/prepare.sh"), own}, packages...)
	if out, err := exec.Command("sh", args...).CombinedOutput(); err != nil {
		sandboxtest.Missing(t, "the packages: %v\n%s", err, end(string(out)))
	}
	if len(packages) == len(few) {
		return
	}
	args = append([]string{filepath.Join(top, "testsuite/suites/fetch.sh"),
		filepath.Join(top, ".cache/suites")}, sources...)
	if out, err := exec.Command("sh", args...).CombinedOutput(); err != nil {
		sandboxtest.Missing(t, "the sources of %v: %v\n%s", sources, err, end(string(out)))
	}
}

func end(s string) string { return s[max(0, len(s)-3000):] }

// A world is what came of one root.
type world struct{ files, steps map[string]string }

func compare(t *testing.T, top, cache string, packages []string) {
	own := cache + "/few"
	if len(packages) != len(few) {
		own = cache + "/many"
	}
	var worlds []world
	for _, shell := range [...]string{"", filepath.Join(top, "bin/overlay-boot")} {
		start := time.Now()
		worlds = append(worlds, live(t, top, own, shell, packages))
		t.Logf("%d packages with /bin/sh %q: %d files, %d steps, %.0f s", len(packages), shell,
			len(worlds[len(worlds)-1].files), len(worlds[len(worlds)-1].steps),
			time.Since(start).Seconds())
	}
	differ(t, "file", worlds[0].files, worlds[1].files)
	differ(t, "step", worlds[0].steps, worlds[1].steps)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, end(string(out)))
	}
}

// live makes a root, runs the steps in it, and says what it is then. Its changes are in
// memory.
func live(t *testing.T, top, own, shell string, packages []string) world {
	t.Helper()
	work := "/tmp/world"
	must(t, os.MkdirAll(work, 0o755))
	run(t, "mount", "-t", "tmpfs", "-o", "mode=755", "world", work)
	defer run(t, "umount", "-R", "-l", work)
	root := furnish(t, work, top, own, shell)
	must(t, os.WriteFile(root+"/inside.sh", text(t, top+"/testsuite/realworld/inside.sh"), 0o644))
	cmd := exec.Command("unshare", append([]string{"--mount", "--pid", "--net", "--uts", "--ipc",
		"--fork", "--kill-child", "--mount-proc=" + root + "/proc", "sh", "-c",
		`ip link set lo up; exec chroot "$0" bash /inside.sh "$@"`, root}, packages...)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Logf("the steps: %v\n%s", err, end(string(out)))
	}
	p := compile()
	files, err := p.tree(root)
	must(t, err)
	return world{files, steps(t, p, root)}
}

func text(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	must(t, err)
	return b
}

// furnish mounts a root with the shell asked for.
func furnish(t *testing.T, work, top, own, shell string) string {
	t.Helper()
	root := work + "/root"
	for _, dir := range [...]string{work + "/upper", work + "/work", root} {
		must(t, os.Mkdir(dir, 0o755))
	}
	run(t, "mount", "-t", "overlay", "-o", "lowerdir="+own+"/base,upperdir="+work+
		"/upper,workdir="+work+"/work", "overlay", root)
	run(t, "mount", "--bind", own+"/archives", root+"/var/cache/apt/archives")
	run(t, "mount", "--rbind", "/dev", root+"/dev")
	for _, dir := range [...]string{"/run", "/tmp"} {
		run(t, "mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", root+dir)
	}
	run(t, "mount", "-t", "sysfs", "-o", "ro", "sysfs", root+"/sys")
	must(t, os.WriteFile(root+"/usr/sbin/policy-rc.d", []byte("#!/bin/sh\nexit 101\n"), 0o755))
	must(t, os.Mkdir(root+"/sources", 0o755))
	for _, s := range sources {
		if from := filepath.Join(top, ".cache/suites", s); own[len(own)-1] == 'y' {
			run(t, "cp", "-a", from, root+"/sources/")
		}
	}
	if shell != "" {
		run(t, "cp", shell, root+"/usr/bin/overlay-sh")
		run(t, "ln", "-sfn", "overlay-sh", root+"/usr/bin/sh")
	}
	return root
}

// steps are the outputs.
func steps(t *testing.T, p patterns, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := filepath.Glob(root + "/steps/*")
	must(t, err)
	for _, f := range files {
		all[filepath.Base(f)] = p.text(string(text(t, f)))
	}
	if len(all) == 0 {
		t.Error("no step was taken")
	}
	if !strings.Contains(all["install"], "status 0") {
		t.Errorf("not installed:\n%s", end(all["install"]))
	}
	return all
}

// differ reports the differences between two worlds.
func differ(t *testing.T, what string, dash, ours map[string]string) {
	t.Helper()
	names := map[string]bool{}
	for name := range dash {
		names[name] = true
	}
	for name := range ours {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if dash[name] != ours[name] {
			t.Errorf("%s %s:\n%s", what, name, lines(dash[name], ours[name]))
		}
	}
}

// lines are those in which two texts differ.
func lines(a, b string) string {
	var out strings.Builder
	for _, side := range [...]struct{ sign, in, other string }{{"dash", a, b}, {"ours", b, a}} {
		other := map[string]bool{}
		for _, l := range strings.Split(side.other, "\n") {
			other[l] = true
		}
		n := 0
		for _, l := range strings.Split(side.in, "\n") {
			if !other[l] && n < 20 {
				fmt.Fprintf(&out, "    %s: %s\n", side.sign, l)
				n++
			}
		}
	}
	return out.String()
}
