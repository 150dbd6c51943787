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

// A witness looks at everything in the sandbox at a moment, and adds it to the
// trace.
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

// A role is a process with a name that is the same in every run: the commands on
// the way to it from the sandbox's first process.
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

// roleOf names a process by its number.
func (w *witness) roleOf(pid string) string {
	for _, r := range w.roles {
		if fmt.Sprint(r.Pid) == pid {
			return r.name
		}
	}
	return "another"
}

// distinct calls f for the first process of each namespace of a kind other than
// the sandbox's own. A zombie is in none.
func (w *witness) distinct(kind string, f func(r role)) {
	seen := map[string]bool{sandbox.Self().NS(kind): true}
	for _, r := range w.roles {
		if ns := r.NS(kind); strings.HasPrefix(ns, kind+":[") && !seen[ns] {
			seen[ns] = true
			f(r)
		}
	}
}

// mountTables notes the host's mounts and those of each other namespace.
func (w *witness) mountTables() {
	w.add("mounts", "host", mountTable("self"))
	w.distinct("mnt", func(r role) {
		w.add("mounts", r.name, mountTable(fmt.Sprint(r.Pid)))
	})
}

// mountTable is a mountinfo with the names of parents for their numbers, and
// peer groups in the order in which they are met.
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
	group := regexp.MustCompile(`(shared|master|propagate_from):\d+`)
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
		rest := group.ReplaceAllStringFunc(strings.Join(f[3:], " "), func(s string) string {
			kind, id, _ := strings.Cut(s, ":")
			if peers[id] == "" {
				peers[id] = fmt.Sprint(len(peers) + 1)
			}
			return kind + ":" + peers[id]
		})
		lines[i] = "on " + parent + " major " + major + " " + rest
	}
	return strings.Join(lines, "\n")
}

// hostnames notes the host's name and that of each other such namespace.
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

// networks notes links, addresses, routes and neighbours of each namespace.
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
		w.add("net "+who, q.key, strings.TrimSpace(string(out)))
	}
}

// cgroups notes each group with its processes.
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

// insides notes what the root of each other mount namespace has of its own.
func (w *witness) insides() {
	w.distinct("mnt", func(r role) {
		top := fmt.Sprintf("/proc/%d/root", r.Pid)
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
