package mount

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/mountinfo"
)

// defaultFstab is the usual table of mounts, fstab(5).
const defaultFstab = "/etc/fstab"

// mountSomeFailed is the exit status of mount -a if only some mounts succeeded.
const mountSomeFailed = 64

// An fstabEntry is a line of fstab.
type fstabEntry struct{ source, target, fstype, options string }

// readFstab reads a table; bad has the numbers of its invalid lines.
func readFstab(name string) (entries []fstabEntry, bad []int, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if !validFstabLine(f) {
			bad = append(bad, n)
			continue
		}
		e := fstabEntry{source: mountinfo.Unmangle(f[0]), target: mountinfo.Unmangle(f[1]),
			fstype: mountinfo.Unmangle(f[2])}
		if len(f) > 3 {
			e.options = mountinfo.Unmangle(f[3])
		}
		entries = append(entries, e)
	}
	return entries, bad, nil
}

func validFstabLine(f []string) bool {
	if len(f) < 3 {
		return false
	}
	for i := 4; i < min(len(f), 6); i++ {
		if _, err := strconv.Atoi(f[i]); err != nil {
			return false
		}
	}
	return true
}

// fstabPath returns the name of the table for the request.
func (r *mountRequest) fstabPath() string {
	if r.fstab != "" {
		return r.fstab
	}
	return defaultFstab
}

// badFstab reports the invalid lines of a table.
func (r *mountRequest) badFstab(lines []int) {
	for _, n := range lines {
		r.c.Errorf("%s: parse error at line %d -- ignored", r.fstabPath(), n)
	}
}

// A plannedMount is an entry of fstab with the decision about it.
type plannedMount struct {
	entry   fstabEntry
	ignored bool
	already bool
	request *mountRequest
}

// mountAll is mount -a: it makes the mounts of fstab that do not exist yet.
func (r *mountRequest) mountAll() int {
	entries, bad, err := readFstab(r.fstabPath())
	if err != nil {
		r.c.Errorf("%s: failed to parse", r.fstabPath())
		return mountUsage
	}
	table, _ := r.c.MountTable()
	var plan []plannedMount
	for _, e := range entries {
		p := r.plan(e, table)
		if p.request != nil {
			if problem := p.request.toolOnly(); problem != "" {
				return r.c.Unsupported("%s", problem)
			}
		}
		plan = append(plan, p)
	}
	r.badFstab(bad)
	return r.carryOut(plan)
}

// plan decides about one entry.
func (r *mountRequest) plan(e fstabEntry, table []mountinfo.Entry) plannedMount {
	p := plannedMount{entry: e}
	options := splitOptions(e.options)
	switch {
	case e.fstype == "swap", e.target == "/", e.target == "root", hasMountOption(options, "noauto"),
		!typeMatches(e.fstype, r.fstype),
		r.testOptions != "" && e.options == "", !optionsMatch(e.options, r.testOptions):
		p.ignored = true
		return p
	}
	one := &mountRequest{c: r.c, fake: r.fake, stateless: r.stateless, source: e.source,
		target: e.target, hasTarget: true, fstype: e.fstype}
	if one.problem = one.add(e.options); one.problem == "" {
		one.problem = one.add(strings.Join(r.given, ","))
	}
	if p.already = one.isMounted(table); !p.already {
		p.request = one
	}
	return p
}

// toolOnly names the part of an entry that only the tool can handle.
func (r *mountRequest) toolOnly() string {
	if tag, _, ok := strings.Cut(r.source, "="); ok && isTag(tag) {
		return "source " + tag + "="
	}
	if r.problem == "" && r.hasHelper() {
		return "file system type '" + r.fstype + "'"
	}
	return r.problem
}

// isMounted reports whether the requested mount exists already.
func (r *mountRequest) isMounted(table []mountinfo.Entry) bool {
	target, _ := mountPath(r.target)
	source, root := r.source, ""
	if r.flags&unix.MS_BIND != 0 {
		path, _ := mountPath(source)
		if e, ok := mountOf(table, path); ok {
			source = e.Source
			root = strings.TrimSuffix(e.Root, "/") + "/" +
				strings.TrimPrefix(strings.TrimPrefix(path, strings.TrimSuffix(e.Target, "/")), "/")
			if root = strings.TrimSuffix(root, "/"); root == "" {
				root = "/"
			}
		}
	} else if !virtualType(r.fstype) {
		source, _ = mountPath(source)
	}
	for _, e := range table {
		if e.Target == target && (e.Source == source || e.Source == r.source ||
			backingFile(e.Source) == source) && (root == "" || e.Root == root) {
			return true
		}
	}
	return false
}

// mountOf returns the mount that a path is on.
func mountOf(table []mountinfo.Entry, path string) (best mountinfo.Entry, ok bool) {
	for _, e := range table {
		below := strings.HasPrefix(path, strings.TrimSuffix(e.Target, "/")+"/") || path == e.Target
		if below && len(e.Target) >= len(best.Target) {
			best, ok = e, true
		}
	}
	return best, ok
}

// carryOut makes the planned mounts, one after the other.
func (r *mountRequest) carryOut(plan []plannedMount) int {
	done, failed := 0, 0
	for _, p := range plan {
		said := ""
		switch {
		case p.ignored:
			said = "ignored"
		case p.already:
			said = "already mounted"
		case p.request.run() != 0:
			failed++
		case !p.request.missing:
			said = "successfully mounted"
			done++
		default:
			done++
		}
		if said != "" && r.verbose {
			fmt.Fprintf(r.c.Stdout, "%-25s: %s\n", p.entry.target, said)
		}
	}
	switch {
	case failed == 0:
		return 0
	case done == 0:
		return MountFail
	}
	return mountSomeFailed
}
