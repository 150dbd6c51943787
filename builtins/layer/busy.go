package layer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/mountinfo"
)

// free checks that no overlay has UPPER or WORK, or a directory below what goes of them, in
// whatever mount namespace: a subhost of the original has no record. Nor may anything be mounted
// in UPPER, which would be in the way.
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
			if e.FSType != "overlay" {
				continue
			}
			if p.isUsedBy(process, e, upper) {
				return fmt.Errorf("UPPER=%s is in use: process %s has an overlay of it at %s",
					p.upper, filepath.Base(process), e.Target)
			}
			if at := p.below(process, e); at != "" {
				return fmt.Errorf("process %s has an overlay at %s, whose directory %s is in one that "+
					"goes with UPPER=%s", filepath.Base(process), e.Target, at, p.upper)
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

// below returns the directory of an overlay, among the mounts of a process, that is below one of
// those of which files go, or "".
func (p *place) below(process string, e mountinfo.Entry) string {
	o := parseOverlay(e.Superblocks)
	for _, at := range append([]string{o.upper, o.work, e.Target}, o.lower...) {
		if at == "" {
			continue
		}
		for _, top := range p.emptied() {
			if isAtOrBelow(at, top) {
				return at
			}
		}
		if p.isWithin(process + "/root" + at) {
			return at
		}
	}
	return ""
}

// emptied are the directories of which files go.
func (p *place) emptied() []string {
	return []string{p.upper, p.work + "/work", p.work + "/index", p.work + "/" + trashName}
}

// isWithin reports whether one of the directories is above another one. It goes up by "..", so
// that neither links, nor another root of the process, nor the mount of a part hide it.
func (p *place) isWithin(at string) bool {
	var tops []fsys.Inode
	for _, top := range p.emptied() {
		var st unix.Stat_t
		if unix.Stat(top, &st) == nil {
			tops = append(tops, fsys.InodeOf(st))
		}
	}
	fd, err := unix.Open(at, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	var last fsys.Inode
	for err == nil {
		var st unix.Stat_t
		if err = unix.Fstat(fd, &st); err != nil {
			break
		}
		id := fsys.InodeOf(st)
		if slices.Contains(tops, id) {
			unix.Close(fd)
			return true
		}
		if id == last {
			break // the top
		}
		last = id
		up, openErr := unix.Openat(fd, "..", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		unix.Close(fd)
		fd, err = up, openErr
	}
	if fd >= 0 {
		unix.Close(fd)
	}
	return false
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
