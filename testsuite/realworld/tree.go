// Package realworld installs packages of Debian in roots that differ in /bin/sh alone, uses
// what they bring, and compares all that came of it.
package realworld

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// A rule leaves out what two runs on the same shell do not have alike.
type rule struct{ pattern, reason string }

// leftOut are paths that are not compared at all.
var leftOut = [...]rule{
	{`^/(usr/)?bin/(sh|overlay-sh)$`, "the shell itself"},
	{`^/(proc|sys|dev|run|tmp|steps|sources)(/|$)`, "not files of the root, or told elsewhere"},
	{`^/var/cache/apt/`, "apt's own caches"},
	{`^/var/log/`, "full of dates; the output of the steps is compared"},
	{`^/var/cache/(ldconfig|fontconfig|man)/`, "made from the times of files"},
	{`^/var/lib/systemd/(catalog/database|deb-systemd-)`, "has the times of files"},
	{`^/etc/ssl/(private/ssl-cert-snakeoil\.key|certs/ssl-cert-snakeoil\.pem)$`, "a key"},
	{`^/etc/ssl/certs/[0-9a-f]{8}\.0$`, "named by the key above"},
	{`^/etc/ssh/ssh_host_.*_key(\.pub)?$`, "a key"},
	{`^/etc/(bind|postgresql)/.*(rndc\.key)$`, "a key"},
	{`^/var/lib/(mysql|postgresql|samba)/`, "databases: keys, dates, identifiers"},
	{`^/etc/(machine-id|hostname)$|^/var/lib/dbus/machine-id$`, "made by chance"},
	{`^/etc/shadow-?$|^/etc/gshadow-?$`, "has the day of the last change"},
	{`^/var/lib/(ucf/cache|dpkg/(info/.*-old|.*-old))`, "of the run before"},
	{`^/etc/mdadm/mdadm\.conf$`, "has the date of its making"},
	{`^/boot/initrd\.img-`, "has dates; its contents are compared by name"},
	{`\.pyc$`, "has the times of files"},
	{`^/build/.*/(config\.log|confdefs.*)$`, "has process ids and dates"},
	{`^/build/.*/configure\.lineno$`, "made for shells whose LINENO is not as configure wants it"},
	{`^/build/.*\.(buildinfo|changes|deb)$`, "has dates and sums; its contents are compared"},
	{`^/etc/ld\.so\.cache$|^/usr/share/(mime/mime\.cache|icons/.*\.cache)$`, "a cache"},
	{`^/etc/exim4/exim4\.conf\.template\.tmp|^/var/spool/`, "work files"},
	{`^/(etc|var/lib)/(aliases\.db|apache2/.*_(module|site|conf)/)`, "has the date"},
}

// normal are texts in the output of the steps that differ by themselves.
var normal = [...]struct{ pattern, as, reason string }{
	{`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +[A-Z0-9][a-z0-9]* +[A-Z0-9][a-z0-9]* [0-9: ]*( UTC)?( [0-9]{4})?`, "DATE", "a date"},
	{`[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+`, "DATE", "a date"},
	{`\b[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{4,5}\b`, "DATE", "ls's date"},
	{`SHA256:[A-Za-z0-9+/]+`, "KEY", "of a key made by chance"},
	{`(?m)^(Fetched|Need to get|Get:|After this).*\n`, "", "apt's speed"},
	{`/tmp/[A-Za-z0-9_.-]+`, "/tmp/X", "a name made by chance"},
	{`\b(pid|PID|process) ?[0-9]+`, "PID", "a process"},
	{`[0-9.]+ ?(seconds|ms)`, "TIME", "a time"},
	{`mkinitramfs_[A-Za-z0-9]+`, "mkinitramfs_X", "a name made by chance"},
}

// patterns are the compiled tables.
type patterns struct {
	leftOut []*regexp.Regexp
	normal  []*regexp.Regexp
}

func compile() patterns {
	var p patterns
	for _, r := range leftOut {
		p.leftOut = append(p.leftOut, regexp.MustCompile(r.pattern))
	}
	for _, n := range normal {
		p.normal = append(p.normal, regexp.MustCompile(n.pattern))
	}
	return p
}

// text is an output without what differs by itself.
func (p patterns) text(s string) string {
	for i, re := range p.normal {
		s = re.ReplaceAllString(s, normal[i].as)
	}
	return s
}

func (p patterns) skips(name string) bool {
	for _, re := range p.leftOut {
		if re.MatchString(name) {
			return true
		}
	}
	return false
}

// tree says of every file below root its kind, mode, owner and contents.
func (p patterns) tree(root string) (map[string]string, error) {
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := "/" + strings.TrimPrefix(strings.TrimPrefix(path, root), "/")
		if err != nil {
			return err
		}
		if p.skips(name) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		all[name], err = describe(path)
		return err
	})
	return all, err
}

// describe is a line about a file.
func describe(path string) (string, error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return "", err
	}
	line := fmt.Sprintf("%06o %d:%d", st.Mode, st.Uid, st.Gid)
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s %d %.8x", line, len(text), sha256.Sum256(text)), nil
	case unix.S_IFLNK:
		to, err := os.Readlink(path)
		return line + " -> " + to, err
	case unix.S_IFCHR, unix.S_IFBLK:
		return fmt.Sprintf("%s dev %d", line, st.Rdev), nil
	}
	return line, nil
}
