package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// A Snapshot is everything that a boot can leave behind, one line for each thing.
type Snapshot []string

// standing are the files that the first use of a tool creates and later uses keep: the
// folder (and mount) of ip-netns, and the state of libmount and of ifupdown. The folders of
// our records stay likewise, but nothing may stay in them.
var standing = [...]string{"/run/netns", "/run/mount", "/run/network"}

// records are the folders of overlay-boot's records and locks.
var records = [...]string{"/run/overlay-boot", "/run/overlay-boot/boot",
	"/run/overlay-boot/stop", "/run/overlay-boot/subhosts", "/run/overlay-boot/pipes",
	"/run/overlay-boot/roots", "/run/overlay-boot/restart"}

// Snap takes a snapshot without the files below the folders in ignore.
func Snap(ignore ...string) (Snapshot, error) {
	var s Snapshot
	add := func(kind string, items []string) {
		for _, item := range items {
			s = append(s, kind+" "+item)
		}
	}
	for _, p := range Processes() {
		add("process", []string{p.String()})
	}
	mounts, err := Mounts(0)
	if err != nil {
		return nil, err
	}
	ignore = append(slices.Clone(ignore), standing[:]...)
	for _, m := range mounts {
		if m.Point == standing[0] {
			continue
		}
		add("mount", []string{fmt.Sprintf("%s %s %s", m.Point, m.FSType, m.Source)})
	}
	add("link", Links())
	add("netns", NetNamespaces())
	add("cgroup", Cgroups())
	add("loop", Loops())
	for _, top := range []string{"/tmp", "/run"} {
		add("file", without(Files(top), ignore))
	}
	return s, nil
}

func without(files, ignore []string) []string {
	return slices.DeleteFunc(files, func(f string) bool {
		_, path, _ := strings.Cut(f, " ")
		return slices.Contains(records[:], path) || slices.ContainsFunc(ignore, func(dir string) bool {
			return path == dir || strings.HasPrefix(path, dir+"/")
		})
	})
}

// Diff lists the lines that only later has, marked +, and those that only s has, marked -.
func (s Snapshot) Diff(later Snapshot) []string {
	count := map[string]int{}
	for _, line := range later {
		count[line]++
	}
	for _, line := range s {
		count[line]--
	}
	var diff []string
	for line, n := range count {
		for ; n > 0; n-- {
			diff = append(diff, "+ "+line)
		}
		for ; n < 0; n++ {
			diff = append(diff, "- "+line)
		}
	}
	slices.Sort(diff)
	return diff
}
