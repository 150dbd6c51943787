package admin

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/process"
)

// Subhosts of the original have no record. As list_running and find_original in the scripts,
// this file finds them by their processes: a shell with the script overlay-boot, its child
// unshare, and the child of that. One whose overlay-boot was killed has only the last two.

// An unrecorded is a subhost without a record.
type unrecorded struct {
	name, config              string
	supervisor, unshare, init int // process numbers, 0 for none
}

// unrecorded lists the subhosts without a record. known are the supervisors and unshares of
// those that have one.
func (s *survey) unrecorded(known map[int]bool) (list []unrecorded) {
	taken := map[int]bool{}
	for _, pid := range s.pidsNamed("overlay-boot") {
		unshare := s.childNamed(pid, "unshare")
		argv := arguments(pid)
		if known[pid] || known[unshare] || unshare == 0 || len(argv) < 3 ||
			filepath.Base(argv[1]) != "overlay-boot" || !s.procs.isOfHost(pid) {
			continue
		}
		taken[unshare] = true
		u := unrecorded{config: argv[2], supervisor: pid, unshare: unshare, init: s.onlyChild(unshare)}
		u.name = s.nameOf(u.config)
		list = append(list, u)
	}
	return append(list, s.orphans(known, taken)...)
}

// orphans lists the subhosts whose overlay-boot died: an unshare in a network namespace that
// has the name of the subhost.
func (s *survey) orphans(known, taken map[int]bool) (list []unrecorded) {
	var spaces map[fileID]string
	for _, pid := range s.pidsNamed("unshare") {
		if known[pid] || taken[pid] || !s.procs.isOfHost(pid) ||
			!slices.Contains(arguments(pid), "--kill-child") {
			continue
		}
		if spaces == nil {
			spaces = namedSpaces()
		}
		id, ok := idOf("/proc/" + strconv.Itoa(pid) + "/ns/net")
		if name := spaces[id]; ok && name != "" {
			list = append(list, unrecorded{name: name, unshare: pid, init: s.onlyChild(pid)})
		}
	}
	return list
}

// A fileID tells which file it is.
type fileID struct{ dev, ino uint64 }

func idOf(path string) (id fileID, ok bool) {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return id, false
	}
	return fileID{uint64(st.Dev), st.Ino}, true
}

// netnsFolder is where network namespaces have names.
const netnsFolder = "/run/netns"

// namedSpaces returns the names of the network namespaces.
func namedSpaces() map[fileID]string {
	names := map[fileID]string{}
	list, _ := os.ReadDir(netnsFolder)
	for _, entry := range list {
		if id, ok := idOf(filepath.Join(netnsFolder, entry.Name())); ok {
			names[id] = entry.Name()
		}
	}
	return names
}

// pidsNamed returns the processes with a name, sorted.
func (s *survey) pidsNamed(comm string) (list []int) {
	for pid, p := range s.procs.byPid {
		if p.comm == comm && p.state != 'Z' && p.state != 'X' {
			list = append(list, pid)
		}
	}
	slices.Sort(list)
	return list
}

// childNamed returns a child with a name, or 0.
func (s *survey) childNamed(pid int, comm string) int {
	for _, child := range s.procs.children[pid] {
		if s.procs.byPid[child].comm == comm {
			return child
		}
	}
	return 0
}

// onlyChild returns a child, or 0.
func (s *survey) onlyChild(pid int) int {
	if children := s.procs.children[pid]; len(children) > 0 {
		return slices.Min(children)
	}
	return 0
}

// arguments returns the arguments of a process.
func arguments(pid int) []string {
	var r process.ProcReader // reads no more than a sane process can have
	text, err := r.File("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil || len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
}

// isStarting reports whether a subhost without a record is still being started: its pid 1 has
// the root of the host, or is a shell. One that is a shell for long is a program of its own.
func (s *survey) isStarting(u unrecorded) bool {
	p := s.procs.byPid[u.init]
	if p == nil {
		return true
	}
	root, ok := idOf("/proc/" + strconv.Itoa(u.init) + "/root")
	if host, hostOK := idOf("/"); ok && hostOK && root == host {
		return true
	}
	const soon = 2 * userHZ
	isShell := p.comm == "sh" || p.comm == "dash" || strings.HasPrefix(p.comm, "ld-linux") ||
		p.comm == "chroot" || p.comm == "unshare"
	return isShell && s.now < p.start+soon
}
