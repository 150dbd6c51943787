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
	"unicode/utf8"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

func TestMain(m *testing.M) { sandboxtest.Main(m) }

// few are the packages that a plain test run installs.
var few = []string{"ca-certificates", "openssh-server", "cron", "fakeroot", "dpkg-dev", "make",
	"logrotate", "ucf", "initramfs-tools", "udev", "procps", "gcc", "libc6-dev", "ifupdown"}

// many are packages with extensive maintainer scripts, and those that two builds need.
var many = append([]string{"squid", "nginx", "postgresql", "exim4", "mdadm", "locales", "dbus",
	"rsyslog", "apache2", "mariadb-server", "samba", "bind9", "dovecot-imapd", "php-fpm",
	"python3", "tzdata", "wamerican", "wbritish", "fontconfig", "man-db", "isc-dhcp-server",
	"dnsmasq", "ntpsec", "nfs-kernel-server", "rpcbind", "lvm2", "cryptsetup",
	"keyboard-configuration", "console-setup", "sgml-base", "xml-core", "tex-common",
	"ssl-cert", "sysvinit-core", "bash-completion", "quota", "haveged", "smartmontools",
	"fail2ban", "debhelper", "texinfo", "gettext", "libselinux1-dev", "libacl1-dev", "bison",
	"autoconf-dickey"}, few...)

// sources are source packages that are configured. The long run has more, and also builds
// packages of some.
var (
	sources    = []string{"mawk", "iproute2", "dash"}
	sourcesAll = []string{"mawk", "iproute2", "dash", "grep", "sed"}
)

// succeed are the steps that must run and succeed in every run, and succeedAll those of the
// long run.
var succeed = []string{"install", "audit", "states", "ca-certificates", "update-initramfs",
	"lsinitramfs", "unmkinitramfs", "build-package", "package-contents", "package-files",
	"configure-mawk", "configure-iproute2", "configure-dash", "service-ssh-stop", "cron-list",
	"cron-dpkg", "logrotate", "ifup", "ifdown", "again", "remove", "install-back", "purge",
	"left", "audit-left", "started-ssh-2-status", "started-ssh-4-stop"}

var succeedAll = append([]string{"source-mawk", "source-mawk-contents", "source-sed",
	"source-sed-contents", "reconfigure-locales", "reconfigure-tzdata", "cron-man-db",
	"configure-grep"}, succeed...)

const rootVar = "OVERLAY_REALWORLD_ROOT"

// TestRealWorld compares a root whose /bin/sh is dash with one whose /bin/sh is ours.
// OVERLAY_REALWORLD=all installs many packages; a list of names installs those.
func TestRealWorld(t *testing.T) {
	top := os.Getenv(rootVar)
	if top == "" {
		top = kit.Module(t)
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
		kit.Missing(t, "the packages: %v\n%s", err, end(string(out)))
	}
	args = append([]string{filepath.Join(top, "testsuite/suites/fetch.sh"),
		filepath.Join(top, ".cache/suites")}, sourcesOf(own)...)
	if out, err := exec.Command("sh", args...).CombinedOutput(); err != nil {
		kit.Missing(t, "the sources of %v: %v\n%s", sources, err, end(string(out)))
	}
}

func sourcesOf(own string) []string {
	if strings.HasSuffix(own, "/many") {
		return sourcesAll
	}
	return sources
}

func end(s string) string { return s[max(0, len(s)-3000):] }

// A world is the result of one root.
type world struct{ files, steps map[string]string }

func compare(t *testing.T, top, cache string, packages []string) {
	own, wanted := cache+"/few", succeed
	if len(packages) != len(few) {
		own, wanted = cache+"/many", succeedAll
	}
	shells := map[string]string{"dash": "", "ours": filepath.Join(top, "bin/overlay-boot")}
	worlds := map[string]*world{"dash": {}, "ours": {}}
	t.Cleanup(func() { run(t, "umount", "-R", "-l", worldDir+"dash", worldDir+"ours") })
	t.Run("worlds", func(t *testing.T) {
		for name, shell := range shells {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				start := time.Now()
				w := live(t, top, own, name, shell, packages)
				w.check(t, wanted, packages)
				*worlds[name] = w
				t.Logf("%d packages on %s: %d files, %d steps, %.0f s", len(packages), name,
					len(w.files), len(w.steps), time.Since(start).Seconds())
			})
		}
	})
	if t.Failed() && (worlds["dash"].files == nil || worlds["ours"].files == nil) {
		return
	}
	dash, ours := worlds["dash"], worlds["ours"]
	for _, name := range differences(dash.steps, ours.steps) {
		t.Errorf("step %s:\n%s", name, lines(dash.steps[name], ours.steps[name]))
	}
	for _, name := range differences(dash.files, ours.files) {
		t.Errorf("file %s:\n%s%s", name, lines(dash.files[name], ours.files[name]),
			lines(readable(worldDir+"dash/root"+name), readable(worldDir+"ours/root"+name)))
	}
}

const worldDir = "/tmp/world/"

// readable returns the content of a small text file, or "" if it is not there or not text.
func readable(file string) string {
	if st, err := os.Lstat(file); err != nil || !st.Mode().IsRegular() || st.Size() > 1<<20 {
		return ""
	}
	text, err := os.ReadFile(file)
	if err != nil || !utf8.Valid(text) {
		return ""
	}
	return string(text)
}

// failed returns the wanted steps that did not run or did not succeed.
func (w world) failed(wanted []string) []string {
	return slices.DeleteFunc(slices.Clone(wanted), func(name string) bool {
		return strings.HasSuffix(w.steps[name], "\nstatus 0\n")
	})
}

// check checks that the work to be compared has been done at all.
func (w world) check(t *testing.T, wanted, packages []string) {
	t.Helper()
	for _, name := range w.failed(wanted) {
		t.Errorf("step %s:\n%s", name, end(w.steps[name]))
	}
	states := "\n" + w.steps["states"]
	for _, p := range packages {
		_, after, _ := strings.Cut(states, "\n"+p+" ")
		if state, _, _ := strings.Cut(after, "\n"); !strings.HasSuffix(state, "install ok installed") {
			t.Errorf("%s is not installed: %q", p, state)
		}
	}
	for _, dir := range [...]string{"/etc/", "/initrd/", "/build/tiny-files/", "/build/mawk/",
		"/build/iproute2/", "/build/dash/", purged + "/etc/"} {
		n := 0
		for name := range w.files {
			if strings.HasPrefix(name, dir) {
				n++
			}
		}
		if n < 5 {
			t.Errorf("only %d files in %s", n, dir)
		}
	}
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

// purged is a prefix for the names of the files as they are after all packages are purged.
const purged = "when purged: "

// live creates a root, runs the steps in it, and returns the result. The changes to the
// root stay in memory. Outputs and times are kept beside the packages.
func live(t *testing.T, top, own, name, shell string, packages []string) world {
	t.Helper()
	work := worldDir + name
	must(t, os.MkdirAll(work, 0o755))
	run(t, "mount", "-t", "tmpfs", "-o", "mode=755", "world", work)
	root := furnish(t, work, top, own, shell)
	must(t, os.WriteFile(root+"/inside.sh", text(t, top+"/testsuite/realworld/inside.sh"), 0o644))
	p := compile()
	inside(t, root, "use", packages)
	files, err := p.tree(root)
	must(t, err)
	inside(t, root, "purge", packages)
	left, err := p.tree(root)
	must(t, err)
	for name, what := range left {
		if !strings.HasPrefix(name, "/build/") {
			files[purged+name] = what
		}
	}
	probed := string(text(t, root+"/probe"))
	ours := strings.Count(probed, " 2 ") // the same number twice
	if want := map[bool]int{true: 4}[shell != ""]; ours != want {
		t.Errorf("%d commands of the shell's own, not %d:\n%s", ours, want, probed)
	}
	w := world{files, steps(t, p, root)}
	keep(t, own+"/last/"+name, root, w)
	return w
}

// keep writes the files to be inspected after the run.
func keep(t *testing.T, dir, root string, w world) {
	t.Helper()
	must(t, os.RemoveAll(dir))
	must(t, os.MkdirAll(dir, 0o755))
	run(t, "cp", "-r", root+"/steps", root+"/times", dir)
	var list strings.Builder
	for _, name := range slices.Sorted(maps.Keys(w.files)) {
		fmt.Fprintf(&list, "%s %s\n", name, w.files[name])
	}
	must(t, os.WriteFile(dir+"/files", []byte(list.String()), 0o644))
}

// inside runs a phase of inside.sh.
func inside(t *testing.T, root, phase string, packages []string) {
	t.Helper()
	cmd := exec.Command("unshare", append([]string{"--mount", "--pid", "--net", "--uts", "--ipc",
		"--fork", "--kill-child", "--mount-proc=" + root + "/proc", "sh", "-c",
		`ip link set lo up; exec chroot "$0" bash /inside.sh "$@"`, root, phase}, packages...)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Logf("the steps: %v\n%s", err, end(string(out)))
	}
}

func text(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	must(t, err)
	return b
}

// furnish mounts a root with the requested shell.
func furnish(t *testing.T, work, top, own, shell string) string {
	t.Helper()
	root := work + "/root"
	must(t, os.Mkdir(root, 0o755))
	overlay(t, own+"/base", work+"/base", root)
	// A world needs its own copy, since apt locks the folder.
	overlay(t, own+"/archives", work+"/archives", root+"/var/cache/apt/archives")
	devices(t, root+"/dev")
	for _, dir := range [...]string{"/run", "/tmp"} {
		run(t, "mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", root+dir)
	}
	run(t, "mount", "-t", "sysfs", "-o", "ro", "sysfs", root+"/sys")
	must(t, os.WriteFile(root+"/usr/sbin/policy-rc.d", []byte("#!/bin/sh\nexit 101\n"), 0o755))
	must(t, os.Mkdir(root+"/sources", 0o755))
	for _, s := range sourcesOf(own) {
		run(t, "cp", "-a", filepath.Join(top, ".cache/suites", s), root+"/sources/")
	}
	if shell != "" {
		run(t, "cp", shell, root+"/usr/bin/overlay-sh")
		run(t, "ln", "-sfn", "overlay-sh", root+"/usr/bin/sh")
	}
	return root
}

// overlay mounts lower at target; changes go to store.
func overlay(t *testing.T, lower, store, target string) {
	t.Helper()
	must(t, os.MkdirAll(store+"/upper", 0o755))
	must(t, os.MkdirAll(store+"/work", 0o755))
	run(t, "mount", "-t", "overlay", "-o",
		"lowerdir="+lower+",upperdir="+store+"/upper,workdir="+store+"/work", "overlay", target)
}

// devices creates the devices that a root needs, and none of the machine's disks.
func devices(t *testing.T, dir string) {
	t.Helper()
	run(t, "mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", dir)
	for name, minor := range map[string]string{
		"null": "3", "zero": "5", "full": "7", "random": "8", "urandom": "9"} {
		run(t, "mknod", "-m", "666", dir+"/"+name, "c", "1", minor)
	}
	run(t, "mknod", "-m", "666", dir+"/tty", "c", "5", "0")
	for _, name := range [...]string{"/pts", "/shm"} {
		must(t, os.Mkdir(dir+name, 0o755))
	}
	run(t, "mount", "-t", "devpts", "-o", "newinstance,ptmxmode=666,mode=620,gid=5", "devpts",
		dir+"/pts")
	run(t, "mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", dir+"/shm")
	for name, to := range map[string]string{"ptmx": "pts/ptmx", "fd": "/proc/self/fd",
		"stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"} {
		must(t, os.Symlink(to, dir+"/"+name))
	}
}

// steps returns the outputs of the steps by name.
func steps(t *testing.T, p patterns, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := filepath.Glob(root + "/steps/*")
	must(t, err)
	for _, f := range files {
		all[filepath.Base(f)] = p.text(string(text(t, f)))
	}
	return all
}

// differences returns the names whose values differ between two worlds.
func differences(dash, ours map[string]string) []string {
	all := map[string]bool{}
	for name := range dash {
		all[name] = true
	}
	for name := range ours {
		all[name] = true
	}
	var found []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a, inDash := dash[name]
		b, inOurs := ours[name]
		if a != b || inDash != inOurs {
			found = append(found, name)
		}
	}
	return found
}

// lines returns the lines in which two texts differ.
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
