package admin

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/site"
)

// judge sets the state of a subhost with a record, and its processes.
func (s *survey) judge(h *subhost) {
	r := h.record
	h.supervisor, h.init, h.broken, h.hasLost = 0, 0, nil, false
	supervisor, supervised := s.procs.alive(r, "SUPERVISOR")
	if supervised {
		h.supervisor = supervisor.pid
	}
	if p, ok := s.procs.alive(r, "INIT"); ok {
		h.init = p.pid
	}
	booter, booting := s.procs.alive(r, "BOOTER")
	_, runs := s.procs.alive(r, "UNSHARE")
	switch {
	case r["STATE"] == "restarting" && (booting || supervised):
		h.state = restarting
		if !supervised { // it was the supervisor, and boots now
			h.supervisor = booter.pid
		}
	case r["STATE"] == "starting" && (booting || supervised):
		h.state = starting
	case runs && supervised && isStopped(h.name):
		h.state = stopping
	case runs && supervised && r["READY"] == "waiting":
		h.state = waiting
	case runs && supervised:
		h.state = running
	case supervised:
		h.state = stopping // it takes down what is left
	default:
		h.state, h.hasLost = broken, true
		reason := "supervisor died"
		if r["STATE"] == "starting" {
			reason = "boot died"
		}
		h.broken = []string{reason}
	}
}

// isStopped reports whether an overlay-stop is at work on a name.
func isStopped(name string) bool {
	var st unix.Stat_t
	if unix.Stat(filepath.Join(site.Records, "stop", name), &st) != nil {
		return false
	}
	locks, _ := os.ReadFile("/proc/locks")
	dev := uint64(st.Dev)
	file := fmt.Sprintf(" %02x:%02x:%d ", unix.Major(dev), unix.Minor(dev), st.Ino)
	for line := range strings.Lines(string(locks)) {
		if strings.Contains(line, " FLOCK ") && strings.Contains(line, file) &&
			!strings.Contains(line, " -> ") {
			return true
		}
	}
	return false
}

// judgeLeft adds what is left of a subhost that has lost its supervisor. A stopped one that has
// interfaces on the host is broken, too: the original leaves them.
func (s *survey) judgeLeft(h *subhost) {
	switch {
	case h.hasLost:
		h.broken = append(h.broken, s.left(h)...)
	case h.state == stopped && !s.hasNamesake(h):
		if left := s.leftCables(h); len(left) > 0 {
			h.state, h.broken = broken, append(left, s.leftPlaces(h, true, s.groups()+"/"+h.name)...)
		}
	}
}

// hasNamesake reports whether another subhost has the name, and so the interfaces of that name.
func (s *survey) hasNamesake(h *subhost) bool {
	return slices.ContainsFunc(s.list, func(other *subhost) bool {
		return other != h && other.name == h.name && other.state != stopped
	})
}

// left lists what is left of a subhost.
func (s *survey) left(h *subhost) (list []string) {
	switch n := len(h.processes); {
	case n == 1:
		list = append(list, "1 process")
	case n > 1:
		list = append(list, strconv.Itoa(n)+" processes")
	}
	list = append(list, s.leftCables(h)...)
	r := h.record
	if r == nil {
		return append(list, s.leftPlaces(h, true, s.groupOf(h))...)
	}
	list = append(list, s.leftPlaces(h, r["NETNS"] != "", r["CGROUP"])...)
	if exists(r["TEMP"]) {
		list = append(list, "log folder "+r["TEMP"])
	}
	if slices.ContainsFunc(strings.Fields(r["CLAIMS"]), func(path string) bool {
		return site.ReadClaim(path).Owner == h.name
	}) {
		list = append(list, "claims")
	}
	if r["PROGRAM"] != "" {
		list = append(list, "teardown by "+r["PROGRAM"])
	}
	if len(list) == 0 {
		list = append(list, "record")
	}
	return list
}

// leftCables lists the interfaces on the host.
func (s *survey) leftCables(h *subhost) (list []string) {
	for _, c := range h.cables {
		if c.exists && c.vlan == "" {
			list = append(list, "cable "+c.host)
		}
	}
	return list
}

// leftPlaces lists the network namespace, if the boot made it, and the group.
func (s *survey) leftPlaces(h *subhost, netns bool, group string) (list []string) {
	if netns && exists(filepath.Join(netnsFolder, h.name)) {
		list = append(list, "netns")
	}
	if exists(group) {
		list = append(list, "group")
	}
	return list
}

func exists(path string) bool {
	if path == "" {
		return false
	}
	_, err := os.Lstat(path)
	return err == nil
}
