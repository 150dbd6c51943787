// Package packages tests the packages that make builds: what they hold, that two builds are
// the same, and that installing and removing them leaves running subhosts alone; and the files
// for systemd, OpenRC and runit that they bring, each with the real init of Debian.
package packages

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

// A test in a sandbox finds here what was made outside.
const (
	packagesVar = "OVERLAY_PACKAGES" // the folder of built packages; yours is used again, and kept
	moduleVar   = "OVERLAY_PACKAGES_MODULE"
)

// limit bounds one test in a sandbox.
const limit = 3 * time.Minute

// inRoot are the packages of Debian that the root for the tests has: the inits, and what the
// original depends on.
var inRoot = []string{"systemd", "systemd-sysv", "openrc", "runit", "mount", "iproute2",
	"ifupdown", "procps"}

func TestMain(m *testing.M) {
	if os.Getenv(packagesVar) != "" {
		sandboxtest.Main(m)
		return
	}
	status := 1
	defer func() { os.Exit(status) }()
	// not /tmp: a sandbox has its own
	dir, err := os.MkdirTemp("/var/tmp", "overlay-packages-") // a sandbox has a /tmp of its own
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer os.RemoveAll(dir)
	os.Setenv(packagesVar, dir)
	status = m.Run()
}

// prepared makes sure that there are packages and a root, and returns the folder of the
// packages and that of the sources. The packages are built once, in the first of two trees.
func prepared(t *testing.T) (packages, module string) {
	t.Helper()
	dir := os.Getenv(packagesVar)
	if sandbox.Inside() {
		return dir + "/one/dist", os.Getenv(moduleVar)
	}
	module = kit.Module(t)
	t.Setenv(moduleVar, module)
	kit.Root(t)
	args := append([]string{module + "/testsuite/packages/prepare.sh",
		module + "/.cache/packages"}, inRoot...)
	if out, err := exec.Command("sh", args...).CombinedOutput(); err != nil {
		kit.Missing(t, "a root of Debian: %v\n%s", err, out)
	}
	one(t)
	return dir + "/one/dist", module
}

// one builds packages in a copy of the tree, and returns the path of the copy. The copy is of
// one commit, so that the state of this tree does not matter.
func one(t *testing.T) string {
	t.Helper()
	kit.Tools(t, "git", "make", "go")
	tree := os.Getenv(packagesVar) + "/one"
	if _, err := os.Stat(tree); err == nil {
		return tree
	}
	sh(t, kit.Module(t), `mkdir "$1"
git ls-files -z --cached --others --exclude-standard |
	tar --null --no-recursion -T - --ignore-failed-read -c | tar -x -C "$1"
cd "$1"
rm -f .cache
git init -q .
git add -A
git -c user.name=tester -c user.email=tester@localhost commit -qm "a commit"`, tree)
	build(t, tree)
	return tree
}

// build builds all packages of a tree.
func build(t *testing.T, tree string) {
	t.Helper()
	sh(t, tree, "make -s deb rpm apk >build.out 2>&1 || { cat build.out; exit 1; }")
}

// sh runs a script in a folder with arguments, which must succeed, and returns its output.
func sh(t *testing.T, dir, script string, args ...string) string {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"-ec", script, "sh"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v: %s", script, err, out)
	}
	return string(out)
}

// only returns the only file that a pattern names.
func only(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found[0]
}
