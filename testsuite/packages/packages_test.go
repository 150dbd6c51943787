package packages

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// TestReproducible builds one commit in two trees that differ in their path, in the times and
// modes of the files, and in the environment. The packages are the same to the byte.
func TestReproducible(t *testing.T) {
	first := one(t)
	second := filepath.Join(os.Getenv(packagesVar), "another place", "two")
	sh(t, "/", `umask 077
git clone -q "$1" "$2"
find "$2" -path '*/.git' -prune -o -type f -exec touch -d 2001-02-03 {} +
cd "$2"
export TZ=Asia/Tokyo LC_ALL=C.UTF-8 USER=somebody HOSTNAME=elsewhere
make -s deb rpm apk >build.out 2>&1 || { cat build.out; exit 1; }`, first, second)
	list, err := filepath.Glob(first + "/dist/overlay-boot-go*")
	must(t, err)
	if len(list) != 6 {
		t.Errorf("built: %q, want three packages for each of two architectures", list)
	}
	for _, file := range list {
		sh(t, "/", `cmp "$1" "$2"`, file, second+"/dist/"+filepath.Base(file))
	}
	const version = `\d+\.\d+\.\d+`
	const snapshot = version + `~git\d{12}\.[0-9a-f]{10}`
	names := regexp.MustCompile(`^overlay-boot-go(_` + snapshot + `_(amd64|arm64)\.deb|-` + snapshot +
		`-1\.(x86_64|aarch64)\.rpm|_` + version + `_git\d{8}_(x86_64|aarch64)\.apk)$`)
	for _, file := range list {
		if !names.MatchString(filepath.Base(file)) {
			t.Errorf("%s: not the version that was expected", filepath.Base(file))
		}
	}
}

// versionRows are what version.sh prints in a tree after some commands.
var versionRows = []struct{ change, want, apk string }{
	{"", `R~git200102030405\.[0-9a-f]{10}`, `R_git20010203`},
	{"echo >>f", `R~git200102030405\.[0-9a-f]{10}\.dirty`, `R_git20010203`},
	{"git checkout -q f; git tag v$R", `R`, `R`},
	{"echo >>f", `R~git200102030405\.[0-9a-f]{10}\.dirty`, `R_git20010203`},
	{"git checkout -q f; git tag -d v$R; git tag v9.9.9", ``, ``},
	{"rm -rf .git", `R`, `R`},
}

// TestVersion checks the versions of trees, and that dpkg puts them in order.
func TestVersion(t *testing.T) {
	kit.Tools(t, "git")
	dir := t.TempDir()
	sh(t, kit.Module(t), `mkdir "$1/packaging"; cp packaging/version.sh "$1/packaging/"
cd "$1"; git init -q .; echo >f; git add .
export TZ=Asia/Tokyo GIT_COMMITTER_DATE="2001-02-03T04:05:06Z"
git -c user.name=x -c user.email=x@localhost commit -qm x`, dir)
	release := strings.TrimSpace(sh(t, dir, "sed -n s/^RELEASE=//p packaging/version.sh"))
	for _, r := range versionRows {
		sh(t, dir, "R="+release+"; "+r.change)
		for arg, want := range map[string]string{"": r.want, "apk": r.apk} {
			got := strings.TrimSpace(sh(t, dir, "sh packaging/version.sh "+arg+" 2>/dev/null || :"))
			want = "^" + strings.ReplaceAll(want, "R", regexp.QuoteMeta(release)) + "$"
			if !regexp.MustCompile(want).MatchString(got) {
				t.Errorf("after %q, version.sh %s: %q, want %s", r.change, arg, got, want)
			}
		}
	}
	kit.Tools(t, "dpkg")
	for _, later := range []string{release, release + "~git200102030406.0", "0.14.1~git1.0"} {
		sh(t, "/", `dpkg --compare-versions "$1" lt "$2"`, release+"~git200102030405.ff", later)
	}
}

// TestLintian has Debian's checker look at the packages; what it may find is in
// packaging/deb/lintian-overrides, with reasons.
func TestLintian(t *testing.T) {
	kit.Tools(t, "lintian")
	tree := one(t)
	out := sh(t, tree+"/dist", "lintian --allow-root --fail-on error,warning *.deb 2>&1 || :")
	if out != "" {
		t.Error(out)
	}
}

// TestContents checks that a package holds what make install has installed, with the documents
// of Debian's policy, and no file of the build's owner.
func TestContents(t *testing.T) {
	kit.Tools(t, "dpkg-deb")
	tree := one(t)
	for _, arch := range []string{"amd64", "arm64"} {
		file := only(t, tree+"/dist/*_"+arch+".deb")
		sh(t, tree, `make -s install DESTDIR="$PWD/plain" PREFIX=/usr GOARCH=$1 BIN="$PWD/dist/$1/bin"
rm -rf unpacked
dpkg-deb -x "$2" unpacked
find unpacked -name '*.gz' -path '*/man/*' -exec gunzip {} +
rm -r unpacked/usr/share/doc unpacked/usr/share/lintian
diff -r --no-dereference plain unpacked
dpkg-deb -c "$2" | awk '$2 != "root/root" {print; bad = 1} END {exit bad}'
rm -r plain`, arch, file)
		if got := sh(t, tree, `dpkg-deb -I "$1" conffiles`, file); got !=
			"/etc/init.d/subhosts\n/etc/subhosts.conf\n" &&
			got != "/etc/subhosts.conf\n/etc/init.d/subhosts\n" {
			t.Errorf("%s: conffiles %q", arch, got)
		}
	}
}
