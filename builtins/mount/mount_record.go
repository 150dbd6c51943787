package mount

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/mountinfo"
)

// forgetMount removes an unmounted target from libmount's table.
func forgetMount(target string) {
	mountinfo.ChangeUtab(false, func(entries []mountinfo.UserEntry) []mountinfo.UserEntry {
		for i := len(entries) - 1; i >= 0; i-- {
			if entries[i].Target == target {
				return slices.Delete(entries, i, i+1)
			}
		}
		return entries
	})
}

// keepOptions records in libmount's table the options that only libmount's tools know.
func (r *mountRequest) keepOptions() {
	switch {
	case r.stateless || r.c.Below != nil:
		return
	case r.flags&unix.MS_MOVE != 0:
		mountinfo.ChangeUtab(true, func(entries []mountinfo.UserEntry) []mountinfo.UserEntry {
			for i := range entries {
				if entries[i].Target == r.source {
					entries[i].Target = r.target
				}
			}
			return entries
		})
		return
	case len(r.user) == 0 || r.onlyPropagates():
		return
	}
	entry := mountinfo.UserEntry{Source: r.source, Target: r.target, Root: "/",
		Options: strings.Join(r.user, ",")}
	table, _ := r.c.MountTable()
	if e, ok := mountinfo.At(table, r.target); ok && !r.fake {
		entry.Source, entry.Root = e.Source, e.Root
	}
	if r.flags&unix.MS_BIND != 0 && r.flags&unix.MS_REMOUNT == 0 {
		entry.Bind = r.source
	}
	mountinfo.ChangeUtab(true, func(entries []mountinfo.UserEntry) []mountinfo.UserEntry {
		if r.flags&unix.MS_REMOUNT != 0 {
			for i := range entries {
				if entries[i].Target == entry.Target {
					entries[i].Options = entry.Options
					return entries
				}
			}
		}
		return append(entries, entry)
	})
}
