package subhost_test

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native/nativetest"
)

// lowerRows change something between overlay-lower --remember l u w and overlay-lower l u w.
var lowerRows = [...]struct{ change, says string }{
	{":", ""},
	{"touch l/new u/new w/new; chmod 700 l u w", ""},
	{"mv l other; mv other l", ""},
	{"mv l other; mkdir l", "replaced\n"},
	{"mv l other; cp -a other l", "replaced\n"},
	{"mount -t tmpfs t l", "replaced\n"},
	{"mv l other; mkdir l; rm u/file", ""},
	{"mv l other; mkdir l; rm u/file; touch u/.reaper", ""},
	{"mv l other; mkdir l; rm u/file; touch u/.reaper u/.x", "replaced\n"},
	{"mv u other; cp -a other u; mv l other2; mkdir l", ""},
	{"mv w other; mkdir w; mv l other2; mkdir l", ""},
	{"rm -r l/var", ""},
	{"touch -d 2001-01-01 l/var/lib/dpkg/status", ""},
	{"cp -a l/var u; touch -d 2001-01-01 l/var/lib/dpkg/status", "packages /var/lib/dpkg/status\n"},
	{"cp -a l/lib u; touch l/lib/apk/db/installed l/var/lib/dpkg/status",
		"packages /lib/apk/db/installed\n"},
	{"cp -a l/var u; mv l other; cp -a other l; touch l/var/lib/dpkg/status",
		"replaced\npackages /var/lib/dpkg/status\n"},
	// a list that the new LOWER does not have, and one that a link of root inside leads to
	{"mv l other; mkdir l; cp -a other/var u", "replaced\n"},
	{"mkdir -p u/var/lib; ln -s /mnt/l/var/lib/dpkg u/var/lib; touch l/var/lib/dpkg/status", ""},
}

// lowerTexts are values of the attribute that overlay-lower has not written, and what it says.
var lowerTexts = [...]struct{ text, says string }{
	{"lower.inode=0 x upper.nothing=1 =", "replaced\n"},
	{"lower.inode=0 upper.inode=0", ""},
	{"lower.nothing=0", ""},
	{"", ""},
	{strings.Repeat("x", 5000), ""},
}

// TestLower checks what overlay-lower prints after each change, and that it prints nothing when
// it has been told to remember that.
func TestLower(t *testing.T) {
	inBelowSandbox(t, func(t *testing.T) {
		for _, r := range lowerRows {
			t.Run(r.change, func(t *testing.T) {
				nativetest.Shell(t, `umount /mnt/l 2>/dev/null || :; cd /mnt; rm -rf l u w other other2
mkdir l u w; touch u/file; mkdir -p l/var/lib/dpkg l/lib/apk/db
touch -d 2000-01-01 l/var/lib/dpkg/status l/lib/apk/db/installed`)
				lower := func(how ...string) string {
					o := callIn(t, "", append(append([]string{"overlay-lower"}, how...), "l", "u", "w")...)
					if o.Status != 0 || o.Stderr != "" {
						t.Errorf("%q: %v", how, o)
					}
					return o.Stdout
				}
				if said := lower() + lower("--remember"); said != "" {
					t.Errorf("the first time: %q", said)
				}
				nativetest.Shell(t, "cd /mnt; "+r.change)
				if said := lower() + lower(); said != r.says+r.says {
					t.Errorf("%q, want %q twice", said, r.says)
				}
				if said := lower("-r") + lower(); said != "" {
					t.Errorf("remembered, and still: %q", said)
				}
			})
		}
	})
}

func TestLowerReads(t *testing.T) {
	inBelowSandbox(t, func(t *testing.T) {
		nativetest.Shell(t, "cd /mnt; mkdir l u w; touch u/file")
		for _, r := range lowerTexts {
			if err := unix.Setxattr("/mnt/w", "trusted.overlay-boot.lower", []byte(r.text),
				0); err != nil {
				t.Fatal(err)
			}
			if o := callIn(t, "", "overlay-lower", "l", "u", "w"); o.Status != 0 || o.Stderr != "" ||
				o.Stdout != r.says {
				t.Errorf("%.40q: %v, want %q", r.text, o, r.says)
			}
		}
	})
}

// TestLowerRefuses checks the statuses of what cannot be done. A proc file system has no such
// attributes.
func TestLowerRefuses(t *testing.T) {
	inBelowSandbox(t, func(t *testing.T) {
		nativetest.Shell(t, "cd /mnt; mkdir l u w p; touch f; mount -t proc p p")
		for _, r := range []struct {
			argv   []string
			status int
			says   string
		}{
			{[]string{"l", "u"}, 2, "overlay-lower: usage: overlay-lower [--remember] LOWER UPPER WORK\n"},
			{[]string{"--forget", "l", "u", "w"}, 2, "overlay-lower: option '--forget' is unknown\n"},
			{[]string{"l", "u", "none"}, 1, "overlay-lower: cannot open none: No such file or directory\n"},
			{[]string{"l", "f", "w"}, 1, "overlay-lower: cannot open f: Not a directory\n"},
			{[]string{"--remember", "l", "u", "p"}, 1, ""},
			{[]string{"l", "u", "p"}, 0, ""},
		} {
			o := callIn(t, "", append([]string{"overlay-lower"}, r.argv...)...)
			if o.Status != r.status || o.Stderr != r.says || o.Stdout != "" {
				t.Errorf("%q: %v", r.argv, o)
			}
		}
	})
}
