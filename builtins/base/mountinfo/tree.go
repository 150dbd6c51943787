package mountinfo

import (
	"bytes"
	"strings"
)

// MayShowKernel reports whether a table of mounts has a kernel file system at or below a
// directory. There is seldom one, and this search is cheaper than parsing the whole table.
func MayShowKernel(text []byte, here string) bool {
	for line := range bytes.Lines(text) {
		_, after, _ := bytes.Cut(line, []byte(" - "))
		kind, _, _ := bytes.Cut(after, []byte(" "))
		if !KernelFiles(string(kind)) {
			continue
		}
		if e, ok := parseLine(string(line)); ok && Holds(here, e.Target) {
			return true
		}
	}
	return false
}

// IsBelow reports whether a clean name is below dir.
func IsBelow(name, dir string) bool {
	return strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/") && name != dir
}

// Covered reports whether no name leads to a mount: another mount is on its root, or another
// mount in the same parent mount is at a directory above it. The second rule also applies to
// each mount that it is in.
func Covered(table []Entry, e Entry) bool {
	for _, over := range table {
		if over.Parent == e.ID && over.Target == e.Target && over.ID != e.ID {
			return true
		}
	}
	for range table { // no path upwards can be longer
		up := -1
		for i, other := range table {
			if other.Parent == e.Parent && other.ID != e.ID && IsBelow(e.Target, other.Target) {
				return true
			}
			if other.ID == e.Parent && other.ID != e.ID {
				up = i
			}
		}
		if up < 0 {
			return false
		}
		e = table[up]
	}
	return false
}

// KernelFiles reports whether the files of a file system type belong to the kernel: a write
// acts on the machine, and links lead to processes.
func KernelFiles(fstype string) bool {
	switch fstype {
	case "proc", "sysfs", "debugfs", "tracefs", "securityfs", "configfs", "cgroup", "cgroup2",
		"bpf", "pstore", "efivarfs", "binfmt_misc", "fusectl", "selinuxfs", "smackfs",
		"nsfs", "resctrl", "xenfs":
		return true
	}
	return false
}

// Holds reports whether a name is target itself or below it.
func Holds(target, name string) bool { return name == target || IsBelow(name, target) }
