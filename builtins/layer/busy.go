package layer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/mountinfo"
)

// free checks that no overlay has UPPER or WORK, in whatever mount namespace: a subhost of the
// original has no record. Nor may anything be mounted in UPPER, which would be in the way.
func (p *place) free() error {
	var upper unix.Stat_t
	if err := unix.Stat(p.upper, &upper); err != nil {
		return fmt.Errorf("UPPER=%s: %w", p.upper, err)
	}
	seen := map[string]bool{}
	tables, err := filepath.Glob("/proc/[0-9]*/mountinfo")
	if err != nil {
		return err
	}
	for _, table := range tables {
		process := filepath.Dir(table)
		ns, err := os.Readlink(process + "/ns/mnt")
		if err != nil || seen[ns] {
			continue // it has ended
		}
		text, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		seen[ns] = true
		for _, e := range mountinfo.Parse(text) {
			if e.FSType == "overlay" && p.isUsedBy(process, e, upper) {
				return fmt.Errorf("UPPER=%s is in use: process %s has an overlay of it at %s",
					p.upper, filepath.Base(process), e.Target)
			}
		}
	}
	return p.unmounted()
}

// isUsedBy reports whether an overlay among the mounts of a process has the upper directory.
func (p *place) isUsedBy(process string, e mountinfo.Entry, upper unix.Stat_t) bool {
	o := parseOverlay(e.Superblocks)
	if o.upper == "" {
		return false
	}
	if o.upper == p.upper || o.work == p.work {
		return true
	}
	var st unix.Stat_t
	return unix.Stat(process+"/root"+o.upper, &st) == nil && fsys.SameFile(st, upper)
}

// unmounted checks that nothing is mounted in the upper directory.
func (p *place) unmounted() error {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for _, e := range mountinfo.Parse(text) {
		if mountinfo.IsBelow(e.Target, p.upper) || mountinfo.IsBelow(e.Target, p.work) {
			return fmt.Errorf("something is mounted at %s, which is in the way",
				quotePath(strings.TrimSuffix(e.Target, "/")))
		}
	}
	return nil
}
