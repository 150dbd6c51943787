package compat

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"overlayboot/compat/sandbox"
)

// A witness observes everything in the sandbox at a moment and adds it to the trace.
type witness struct {
	trace  *Trace
	areas  []string
	moment string
	roles  []role
}

func (w *witness) observe() {
	w.roles = roles()
	for _, r := range w.roles {
		w.process(r)
	}
	w.mountTables()
	w.hostnames()
	w.networks()
	w.cgroups()
	for _, area := range w.areas {
		w.tree("files", area, area)
	}
	for _, dir := range []string{"/run", "/tmp"} {
		w.tree("files", dir, dir)
	}
	w.tree("root", fmt.Sprintf("/proc/self/fd/%d", sandbox.Changes), "")
	w.insides()
}

func (w *witness) add(where, key, value string) { w.trace.add(w.moment, where, key, value) }

// A role is a process under a name that is the same in every run: the commands on the path
// from the sandbox's first process to it.
type role struct {
	sandbox.Process
	name string
}

func roles() []role {
	list := sandbox.Processes()
	known := map[int]bool{}
	for _, p := range list {
		known[p.Pid] = true
	}
	var named []role
	var below func(parent int, prefix string)
	below = func(parent int, prefix string) {
		var children []sandbox.Process
		for _, p := range list {
			if p.PPid == parent || parent == 0 && !known[p.PPid] {
				children = append(children, p)
			}
		}
		slices.SortStableFunc(children, func(a, b sandbox.Process) int {
			return strings.Compare(a.Comm+"\x00"+strings.Join(a.Argv, "\x00"),
				b.Comm+"\x00"+strings.Join(b.Argv, "\x00"))
		})
		count := map[string]int{}
		for _, p := range children {
			name := prefix + p.Comm
			if count[p.Comm]++; count[p.Comm] > 1 {
				name += fmt.Sprintf("#%d", count[p.Comm])
			}
			named = append(named, role{p, name})
			below(p.Pid, name+">")
		}
	}
	below(0, "")
	return named
}

// roleOf returns the name of the process with a process ID.
func (w *witness) roleOf(pid string) string {
	for _, r := range w.roles {
		if fmt.Sprint(r.Pid) == pid {
			return r.name
		}
	}
	return "another"
}

// distinct calls f for the first process of each namespace of a kind, except the sandbox's
// own. A zombie is in no namespace.
func (w *witness) distinct(kind string, f func(r role)) {
	seen := map[string]bool{sandbox.Self().NS(kind): true}
	for _, r := range w.roles {
		if ns := r.NS(kind); strings.HasPrefix(ns, kind+":[") && !seen[ns] {
			seen[ns] = true
			f(r)
		}
	}
}

// mountTables records the mounts of the host and of each other mount namespace.
func (w *witness) mountTables() {
	w.add("mounts", "host", mountTable("self"))
	w.distinct("mnt", func(r role) {
		w.add("mounts", r.name, mountTable(fmt.Sprint(r.Pid)))
	})
}

// peerGroup matches a field of mountinfo with the number of a peer group.
var peerGroup = regexp.MustCompile(`(shared|master|propagate_from):\d+`)

// mountTable returns a mountinfo in which parent mounts have their path instead of a number,
// peer groups are numbered in the order of appearance, and a namespace has its user instead of
// its number, which the kernel gives to another one as soon as it is free.
func mountTable(who string) string {
	text, err := os.ReadFile("/proc/" + who + "/mountinfo")
	if err != nil {
		return err.Error()
	}
	points, peers := map[string]string{}, map[string]string{}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, line := range lines {
		if f := strings.Fields(line); len(f) > 4 {
			points[f[0]] = f[4]
		}
	}
	for i, line := range lines {
		f := strings.Fields(line)
		if len(f) < 5 {
			continue
		}
		parent, known := points[f[1]]
		if !known {
			parent = "outside"
		}
		major, _, _ := strings.Cut(f[2], ":")
		rest := peerGroup.ReplaceAllStringFunc(strings.Join(f[3:], " "), func(s string) string {
			kind, id, _ := strings.Cut(s, ":")
			if peers[id] == "" {
				peers[id] = fmt.Sprint(len(peers) + 1)
			}
			return kind + ":" + peers[id]
		})
		rest = namespace.ReplaceAllStringFunc(rest, namespaceUser)
		lines[i] = "on " + parent + " major " + major + " " + rest
	}
	return strings.Join(lines, "\n")
}

// namespace matches the name of a namespace, as in mountinfo and in the links of /proc/PID/ns.
var namespace = regexp.MustCompile(`\b([a-z_]+):\[\d+\]`)

// namespaceUser returns the name of a namespace with the host or another as its user instead of
// its number. The facts of processes tell which of them are in it.
func namespaceUser(name string) string {
	kind, _, _ := strings.Cut(name, ":")
	if name == sandbox.Self().NS(kind) {
		return kind + ":[host]"
	}
	return kind + ":[another]"
}

// hostnames records the hostname of the host and of each other UTS namespace.
func (w *witness) hostnames() {
	w.hostname("host", "self")
	w.distinct("uts", func(r role) { w.hostname(r.name, fmt.Sprint(r.Pid)) })
}

func (w *witness) hostname(who, pid string) {
	out, err := exec.Command("nsenter", "--uts=/proc/"+pid+"/ns/uts", "uname", "-n").CombinedOutput()
	if err != nil {
		out = append(out, err.Error()...)
	}
	w.add("hostname", who, strings.TrimSpace(string(out)))
}

// networks records links, addresses, routes and rules of each network namespace.
func (w *witness) networks() {
	w.add("netns", "", strings.Join(sandbox.NetNamespaces(), "\n"))
	w.network("host", "/proc/self/ns/net")
	for _, name := range sandbox.NetNamespaces() {
		w.network("netns "+name, "/run/netns/"+name)
	}
	w.distinct("net", func(r role) {
		w.network(r.name, fmt.Sprintf("/proc/%d/ns/net", r.Pid))
	})
}

func (w *witness) network(who, ns string) {
	for _, q := range []struct{ key, args string }{
		{"link", "-d -o link"}, {"addr", "-o addr"}, {"route", "route show table all"},
		{"route6", "-6 route show table all"}, {"rule", "rule"},
	} {
		args := append([]string{"--net=" + ns, "ip"}, strings.Fields(q.args)...)
		out, err := exec.Command("nsenter", args...).CombinedOutput()
		if err != nil {
			out = append(out, err.Error()...)
		}
		text := timer.ReplaceAllString(string(out), "$1 <time>")
		w.add("net "+who, q.key, withoutTrailing(text))
	}
}

// timer matches a timer of a bridge, which goes on from one moment to the next.
var timer = regexp.MustCompile(`\b(\w+_timer) +\d+\.\d+`)

// withoutTrailing removes the blanks that ip(8) writes at the end of a line.
func withoutTrailing(text string) string {
	list := lines(strings.TrimSpace(text))
	for i, line := range list {
		list[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(list, "\n")
}

// cgroups records each cgroup with its processes.
func (w *witness) cgroups() {
	for _, g := range sandbox.Cgroups() {
		_, dir, _ := strings.Cut(g, " ")
		text, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
		var members []string
		for _, pid := range strings.Fields(string(text)) {
			members = append(members, w.roleOf(pid))
		}
		slices.Sort(members)
		w.add("cgroup", dir, strings.Join(members, "\n"))
	}
}

// insides records the files of each other mount namespace that has a root of its own. A
// namespace with the host's root has the host's files, which are recorded already.
func (w *witness) insides() {
	host, _ := os.Stat("/")
	w.distinct("mnt", func(r role) {
		top := fmt.Sprintf("/proc/%d/root", r.Pid)
		if root, err := os.Stat(top + "/."); err == nil && os.SameFile(root, host) {
			return
		}
		entries, err := os.ReadDir(top)
		if err != nil {
			w.add("inside "+r.name, "", err.Error())
		}
		for _, e := range entries {
			w.file("inside "+r.name, filepath.Join(top, e.Name()), "/"+e.Name())
		}
		for _, dir := range []string{"/dev", "/run"} {
			w.tree("inside "+r.name, top+dir, dir)
		}
	})
}
