package admin

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"overlayboot/builtins/base/mountinfo"
)

// cgroup2 is where cgroup v2 is mounted on most hosts.
const cgroup2 = "/sys/fs/cgroup"

// measure reads how much memory and time a subhost uses: from its group if the boot made one
// and the kernel accounts for it, otherwise as the sum over its processes. Their resident sets
// are added, so that what they share counts for each. The proportional set sizes would need a
// walk over all their pages, during which the kernel lets them map nothing.
func (s *survey) measure(h *subhost) {
	group := s.groupOf(h)
	var ticks uint64
	for _, p := range h.processes {
		ticks += p.ticks
	}
	h.cpu = measure{float64(ticks) / userHZ, fromProcesses}
	if bytes, ok := groupMemory(group); ok {
		h.memory = measure{bytes, fromGroup}
	} else {
		var pages uint64
		for _, p := range h.processes {
			pages += p.resident()
		}
		h.memory = measure{float64(pages) * float64(os.Getpagesize()), fromRSS}
	}
	if h.record["CGROUP"] != group {
		return // it is older than the subhost, and has counted before
	}
	if seconds, ok := groupCPU(group); ok {
		h.cpu = measure{seconds, fromGroup}
	}
}

// groupMemory returns the bytes that a group uses; ok is false if the kernel does not count
// them.
func groupMemory(dir string) (bytes float64, ok bool) {
	if dir == "" {
		return 0, false
	}
	text, err := os.ReadFile(filepath.Join(dir, "memory.current"))
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	return float64(n), err == nil
}

// groupCPU returns the seconds that processors worked for a group.
func groupCPU(dir string) (seconds float64, ok bool) {
	if dir == "" {
		return 0, false
	}
	text, err := os.ReadFile(filepath.Join(dir, "cpu.stat"))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, "usage_usec "); found {
			n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 64)
			return float64(n) / 1e6, err == nil
		}
	}
	return 0, false
}

// groupOf returns the directory of the group of a subhost that runs, "" if it is in none of
// its own.
func (s *survey) groupOf(h *subhost) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(h.init) + "/cgroup")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		path, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "0::")
		if ok && filepath.Base(path) == h.name {
			return s.groups() + path
		}
	}
	return ""
}

// groups returns where cgroup v2 is mounted.
func (s *survey) groups() string {
	if s.cgroupRoot == "" {
		s.cgroupRoot = cgroup2
		text, _ := os.ReadFile("/proc/self/mountinfo")
		for _, m := range mountinfo.Parse(text) {
			if m.FSType == "cgroup2" {
				s.cgroupRoot = m.Target
				break
			}
		}
	}
	return s.cgroupRoot
}
