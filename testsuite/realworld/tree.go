// Package realworld installs packages of Debian in roots that differ only in /bin/sh, uses
// the packages, and compares all results.
package realworld

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A rule excludes something that differs between two runs with the same shell.
type rule struct{ pattern, reason string }

// leftOut are paths that are not compared at all.
var leftOut = [...]rule{
	{`^/(usr/)?bin/(sh|overlay-sh)$`, "the shell itself"},
	{`^/(proc|sys|dev|run|tmp|steps|sources)(/|$)|^/(times|probe|base\.list|inside\.sh)$`,
		"not files of the root, or told elsewhere"},
	{`^/var/cache/apt/`, "apt's own caches"},
	{`^/etc/ssl/certs/[0-9a-f]{8}\.0$`, "named by the key that was made by chance"},
	{`^/var/lib/(mysql|postgresql)/`, "databases: files named by time and chance"},
	{`^/build/.*/configure\.lineno$`,
		"made for shells whose LINENO is not as configure wants it"},
}

// byChance are files whose kind, mode and owner are compared, but not the contents.
var byChance = [...]rule{
	{`^/var/log/`, "full of dates; the output of the steps is compared"},
	{`^/var/cache/(ldconfig|fontconfig|man)/`, "made from the times of files"},
	{`^/var/lib/systemd/(catalog/database|deb-systemd-)`, "has the times of files"},
	{`^/etc/ssl/(private/ssl-cert-snakeoil\.key|certs/ssl-cert-snakeoil\.pem)$`, "a key"},
	{`^/etc/ssh/ssh_host_.*_key(\.pub)?$`, "a key"},
	{`^/etc/bind/rndc\.key$`, "a key"},
	{`^/var/lib/samba/`, "databases: keys, dates, identifiers"},
	{`^/etc/(machine-id|hostname)$|^/var/lib/dbus/machine-id$`, "made by chance"},
	{`^/var/lib/urandom/random-seed$`, "made by chance"},
	{`^/var/lib/ucf/cache/`, "of the run before"},
	{`^/boot/initrd\.img-`, "has dates; what is in it is compared"},
	{`\.pyc$`, "has the times of files"},
	{`^/build/.*/(config\.log|confdefs.*)$`, "has process ids and dates"},
	{`^/build/.*\.(buildinfo|changes|deb)$`, "has dates and sums; its contents are compared"},
	{`/etc/ld\.so\.cache$|/ld\.so/aux-cache$`, "has the times of files"},
	{`^/usr/share/(mime/mime\.cache|icons/.*\.cache)$`, "a cache"},
	{`^/var/(spool|backups)/`, "work files, compressed with the time"},
	{`^/(etc|var/lib)/(aliases\.db|apache2/.*_(module|site|conf)/)`, "has the date"},
}

// dated are files whose contents are compared after the texts in normal are replaced.
var dated = [...]rule{
	{`^/etc/shadow-?$`, "has the day of the last change"},
	{`^/etc/mdadm/mdadm\.conf$`, "has the date of its making"},
	{`^/var/lib/logrotate/status$`, "has the date of the run"},
	{`^/build/.*/config\.status$`, "has numbers of lines from a shell without a good LINENO"},
}

// normal are texts in the output of the steps that differ by themselves.
var normal = [...]struct{ pattern, as, reason string }{
	{`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +[A-Z0-9][a-z0-9]* +[A-Z0-9][a-z0-9]* ` +
		`[0-9: ]*( UTC)?( [0-9]{4})?`, "DATE", "a date"},
	{`[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[ T][0-9:.]+`, "DATE", "a date"},
	{`[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}-[0-9:]+`, "DATE", "logrotate's date"},
	{`("|as_lineno-|as_me:)(\$LINENO|[0-9]{3,5})\b`, "${1}LINENO", "a line of configure"},
	{`(?m)^([^:\n]+:[^:\n]*:)[0-9]{5}:0:`, "${1}DAY:0:", "the day of a password"},
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
	leftOut, byChance, dated, normal []*regexp.Regexp
}

func compile() patterns {
	var p patterns
	p.leftOut, p.byChance, p.dated = rules(leftOut[:]), rules(byChance[:]), rules(dated[:])
	for _, n := range normal {
		p.normal = append(p.normal, regexp.MustCompile(n.pattern))
	}
	return p
}

func rules(table []rule) []*regexp.Regexp {
	var all []*regexp.Regexp
	for _, r := range table {
		all = append(all, regexp.MustCompile(r.pattern))
	}
	return all
}

// text returns an output without the texts that differ by themselves.
func (p patterns) text(s string) string {
	for i, re := range p.normal {
		s = re.ReplaceAllString(s, normal[i].as)
	}
	return s
}

func matches(rules []*regexp.Regexp, name string) bool {
	return slices.ContainsFunc(rules, func(re *regexp.Regexp) bool { return re.MatchString(name) })
}

// tree returns kind, mode, owner and contents of every file below root.
func (p patterns) tree(root string) (map[string]string, error) {
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := "/" + strings.TrimPrefix(strings.TrimPrefix(path, root), "/")
		if err != nil {
			return err
		}
		if matches(p.leftOut, name) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		all[name], err = p.describe(path, name)
		return err
	})
	return all, err
}

// describe returns one line about a file.
func (p patterns) describe(path, name string) (string, error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return "", err
	}
	line := fmt.Sprintf("%06o %d:%d", st.Mode, st.Uid, st.Gid)
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		if matches(p.byChance, name) {
			return line, nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if matches(p.dated, name) {
			text = []byte(p.text(string(text)))
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
