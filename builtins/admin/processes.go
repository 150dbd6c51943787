package admin

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/site"
	"overlayboot/builtins/process"
)

// userHZ is the number of ticks a second in /proc. It is a constant of the kernel's interface.
const userHZ = 100

// A proc is a process as /proc/PID/stat shows it.
type proc struct {
	pid, parent int
	comm        string
	state       byte
	start       uint64 // in ticks since the boot of the host
	ticks       uint64 // of the processor, with those of the children that have ended
	isKernel    bool
}

// A procTable holds all processes, read once.
type procTable struct {
	byPid    map[int]*proc
	children map[int][]int
	// spaces are the pid namespaces of processes, as far as somebody has asked.
	spaces map[int]string
}

// readProcs reads the processes.
func readProcs() (*procTable, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	t := &procTable{map[int]*proc{}, map[int][]int{}, map[int]string{}}
	var r process.ProcReader
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		text, err := r.File("/proc/" + name + "/stat")
		if err != nil {
			continue // it has ended
		}
		if p, ok := parseStat(pid, string(text)); ok {
			t.byPid[pid] = p
			t.children[p.parent] = append(t.children[p.parent], pid)
		}
	}
	return t, nil
}

// parseStat reads proc_pid_stat(5).
func parseStat(pid int, text string) (*proc, bool) {
	const kernelThread = 0x200000 // PF_KTHREAD
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return nil, false
	}
	f := strings.Fields(text[end+1:]) // from field 3 on
	if len(f) < 22 {
		return nil, false
	}
	number := func(field int) uint64 { n, _ := strconv.ParseUint(f[field-3], 10, 64); return n }
	return &proc{pid: pid, comm: text[open+1 : end], state: f[0][0], parent: int(number(4)),
		ticks: number(14) + number(15) + number(16) + number(17), start: number(22),
		isKernel: number(9)&kernelThread != 0}, true
}

// resident returns the number of pages that a process has in memory. That in its stat is
// late by dozens of pages.
func (p *proc) resident() (pages uint64) {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(p.pid) + "/statm")
	if f := strings.Fields(string(text)); len(f) > 1 {
		pages, _ = strconv.ParseUint(f[1], 10, 64)
	}
	return pages
}

// alive returns the process of a record's key if exactly that one runs. One without a start
// time counts by its number.
func (t *procTable) alive(r site.Record, key string) (p *proc, ok bool) {
	known, ok := r.Process(key)
	if !ok {
		return nil, false
	}
	p, ok = t.byPid[known.Pid]
	if !ok || known.Start != 0 && p.start != known.Start || p.state == 'Z' || p.state == 'X' {
		return nil, false
	}
	return p, true
}

// space returns the pid namespace of a process, "" if it has ended.
func (t *procTable) space(pid int) string {
	link, ok := t.spaces[pid]
	if !ok {
		link, _ = os.Readlink("/proc/" + strconv.Itoa(pid) + "/ns/pid")
		t.spaces[pid] = link
	}
	return link
}

// members returns the processes of the subhosts with these first processes: those that
// descend from it, and those that have entered its pid namespace, with all that these started.
func (t *procTable) members(firsts []int) map[int][]*proc {
	found := map[int][]*proc{}
	seen := map[int]bool{}
	var add func(first, pid int)
	add = func(first, pid int) {
		p := t.byPid[pid]
		if seen[pid] || p == nil {
			return
		}
		seen[pid] = true
		if p.state != 'Z' && p.state != 'X' {
			found[first] = append(found[first], p)
		}
		for _, child := range t.children[pid] {
			add(first, child)
		}
	}
	of := map[string]int{}
	for _, first := range firsts {
		add(first, first)
		if space := t.space(first); space != "" {
			of[space] = first
		}
	}
	if len(of) == 0 {
		return found
	}
	for pid, p := range t.byPid {
		if seen[pid] || p.isKernel {
			continue
		}
		if first, ok := of[t.space(pid)]; ok {
			add(first, pid)
		}
	}
	return found
}

// isOfHost reports whether a process belongs to root and to our own pid namespace. Any other
// process may have taken the name of a tool.
func (t *procTable) isOfHost(pid int) bool {
	var st unix.Stat_t
	err := unix.Stat("/proc/"+strconv.Itoa(pid), &st)
	space := t.space(pid)
	return err == nil && int(st.Uid) == os.Geteuid() && space != "" && space == t.space(os.Getpid())
}
