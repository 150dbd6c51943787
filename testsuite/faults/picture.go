package faults

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// A picture is a list of everything that exists, one line each, without the numbers that
// differ between boots.
type picture []string

var number = regexp.MustCompile(`[0-9]+`)

func (p *picture) add(format string, args ...any) {
	*p = append(*p, fmt.Sprintf(format, args...))
}

// bag counts the lines.
func (p picture) bag() map[string]int {
	bag := map[string]int{}
	for _, line := range p {
		bag[line]++
	}
	return bag
}

// A normal has the lines that all pictures of good runs share (Least), and those that any
// of them has (Most).
type normal struct {
	Least, Most map[string]int
}

func newNormal(pictures ...picture) *normal {
	n := &normal{Least: map[string]int{}, Most: map[string]int{}}
	for i, p := range pictures {
		bag := p.bag()
		for line, count := range bag {
			n.Most[line] = max(n.Most[line], count)
			if i == 0 {
				n.Least[line] = count
			}
		}
		for line := range n.Least {
			n.Least[line] = min(n.Least[line], bag[line])
		}
	}
	return n
}

// join returns the normal of both sets of pictures.
func (n *normal) join(other *normal) *normal {
	if n == nil {
		return other
	}
	j := &normal{Least: map[string]int{}, Most: map[string]int{}}
	for line, count := range n.Least {
		j.Least[line] = min(count, other.Least[line])
	}
	for _, most := range []map[string]int{n.Most, other.Most} {
		for line, count := range most {
			j.Most[line] = max(j.Most[line], count)
		}
	}
	return j
}

// diff lists the lines of a picture beyond the normal with a +, and the missing ones with a
// -.
func (n *normal) diff(p picture) []string {
	bag := p.bag()
	var diff []string
	for line, count := range bag {
		if count > n.Most[line] {
			diff = append(diff, "+ "+line)
		}
	}
	for line, count := range n.Least {
		if bag[line] < count {
			diff = append(diff, "- "+line)
		}
	}
	slices.Sort(diff)
	return diff
}

// outside returns a picture of everything that a boot may leave on the host, except in
// bases.
func outside() (picture, error) {
	var p picture
	for _, proc := range sandbox.Processes() {
		p.add("process %s %q", proc.Comm, numberless(proc.Argv))
	}
	mounts, err := sandbox.Mounts(0)
	if err != nil {
		return nil, err
	}
	for _, m := range mounts {
		if m.Point != "/run/netns" { // the first use of ip-netns creates it permanently
			p.add("mount %s %s %s", m.Point, m.FSType, number.ReplaceAllString(m.Source, "N"))
		}
	}
	if err := p.links("link", netns.None()); err != nil {
		return nil, err
	}
	for _, name := range sandbox.NetNamespaces() {
		p.add("netns %s", name)
	}
	for _, group := range sandbox.Cgroups() {
		p.add("cgroup %s", group)
	}
	for _, top := range []string{"/run", "/tmp"} {
		p.files("file", top, func(path string) bool {
			return slices.Contains(standing[:], path) || path == bases
		})
	}
	p.files("changed", fmt.Sprintf("/proc/self/fd/%d/", sandbox.Changes),
		func(path string) bool { return strings.HasSuffix(path, fixtures) })
	return p, nil
}

// standing are files that stay for the next use: the folder of ip-netns, the state of
// libmount and of ifupdown.
var standing = [...]string{"/run/netns", "/run/mount", "/run/network"}

// places are the folders of the records about running subhosts.
var places = [...]string{records, records + "/subhosts", records + "/boot", records + "/stop",
	records + "/pipes", records + "/roots", records + "/restart"}

// links lists the links of a network namespace; netns.None() stands for the present one.
func (p *picture) links(kind string, ns netns.NsHandle) error {
	handle, err := netlink.NewHandleAt(ns)
	if err != nil {
		return err
	}
	defer handle.Close()
	list, err := handle.LinkList()
	if err != nil {
		return err
	}
	names := map[int]string{}
	for _, l := range list {
		names[l.Attrs().Index] = l.Attrs().Name
	}
	for _, l := range list {
		a := l.Attrs()
		p.add("%s %s %s %v master %q", kind, a.Name, l.Type(), a.Flags&^(1<<5), names[a.MasterIndex])
		if strings.HasPrefix(a.Name, "eth") {
			p.add("%s %s %v", kind, a.Name, a.HardwareAddr)
		}
	}
	return nil
}

// files lists the files below a folder with their modes.
func (p *picture) files(kind, top string, skip func(string) bool) {
	_ = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == top {
			return nil
		}
		if skip != nil && skip(path) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains(places[:], path) {
			p.file(kind, top, path)
		}
		return nil
	})
}

func (p *picture) file(kind, top, path string) {
	info, err := os.Lstat(path)
	if err != nil {
		return
	}
	target, _ := os.Readlink(path)
	name := strings.TrimPrefix(path, top)
	if filepath.Dir(path) == records+"/roots" {
		name = "claim of " + claimed(filepath.Base(path))
	}
	p.add("%s %s %v %s %s", kind, name, info.Mode(), target, digest(path, info))
}

// claimed returns the directory of a subhost for the name of a claim. The name consists of
// the directory's device and inode numbers, which differ in each boot.
func claimed(name string) string {
	dirs, _ := filepath.Glob("/tmp/b/*/*")
	for _, dir := range dirs {
		var st unix.Stat_t
		if unix.Lstat(dir, &st) == nil && fmt.Sprintf("%d-%d", st.Dev, st.Ino) == name {
			return dir
		}
	}
	return "what is not there: " + name
}

// digest returns a short form of a small file's content.
func digest(path string, info fs.FileInfo) string {
	const small = 64 << 10
	if !info.Mode().IsRegular() || info.Size() > small {
		return ""
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	if strings.HasPrefix(path, records) {
		return strings.Join(lastOfEach(string(text)), " ")
	}
	if strings.Contains(path, "/run/") { // mostly numbers of processes
		text = number.ReplaceAll(text, []byte("N"))
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))[:8]
}

// lastOfEach returns the content of a record: of several lines with one name, the last
// counts.
func lastOfEach(text string) []string {
	last := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		key, value, ok := strings.Cut(line, "=")
		if ok && value == "" {
			delete(last, key)
		} else if ok {
			if !strings.Contains(value, bases) {
				value = number.ReplaceAllString(value, "N")
			}
			last[key] = key + "=" + value
		}
	}
	return slices.Sorted(maps.Values(last))
}

func numberless(argv []string) []string {
	var list []string
	for _, a := range argv {
		if !strings.HasPrefix(a, bases) {
			a = number.ReplaceAllString(a, "N")
		}
		list = append(list, a)
	}
	return list
}

// kept lists the files in the subhost's own folders after its end.
func kept() picture {
	var p picture
	p.files("left", base+"/live", nil)
	return p
}

// reaper returns pid 1 of a subhost.
func reaper() (int, bool) {
	for _, proc := range sandbox.Processes() {
		if f := fields(proc.Pid, "NSpid"); len(f) == 2 && f[1] == "1" {
			return proc.Pid, true
		}
	}
	return 0, false
}

// fields returns the words of a line in a process's status file.
func fields(pid int, key string) []string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for _, line := range strings.Split(string(text), "\n") {
		if value, ok := strings.CutPrefix(line, key+":"); ok {
			return strings.Fields(value)
		}
	}
	return nil
}

// inside returns a picture of the running subhost.
func inside() (picture, bool) {
	pid, ok := reaper()
	if !ok {
		return nil, false
	}
	p := kept()
	for _, proc := range sandbox.Processes() {
		if f := fields(proc.Pid, "NSpid"); len(f) == 2 {
			p.process(proc)
		}
	}
	mounts, err := sandbox.Mounts(pid)
	if err != nil {
		return nil, false
	}
	for _, m := range mounts {
		// the kernel adds ",uuid=on" if an earlier boot used the same folders
		options := strings.TrimSuffix(m.Options, ",uuid=on")
		p.add("inside mount %s %s %s %s", m.Point, m.FSType, m.Source, options)
	}
	ns, err := netns.GetFromPid(pid)
	if err == nil {
		err = p.links("inside link", ns)
		ns.Close()
	}
	if err != nil {
		return nil, false
	}
	root := fmt.Sprintf("/proc/%d/root", pid)
	for _, dir := range [...]string{"/dev", "/run", share, extra} {
		p.files("inside file "+dir, root+dir, nil)
	}
	p.file("inside file", root, root+shareFile)
	p.files("upper", base+"/root", nil)
	return p, true
}

// process adds one process of the subhost.
func (p *picture) process(proc sandbox.Process) {
	who := fmt.Sprintf("inside %s %q", proc.Comm, numberless(proc.Argv))
	p.add("%s", who)
	for _, key := range []string{"Uid", "Gid", "Groups", "Umask", "SigIgn", "CapInh", "CapPrm",
		"CapEff", "CapBnd", "CapAmb", "NoNewPrivs"} {
		p.add("%s %s %v", who, key, fields(proc.Pid, key))
	}
	for _, kind := range []string{"mnt", "net", "ipc", "uts", "pid", "cgroup"} {
		link, _ := os.Readlink(fmt.Sprintf("/proc/self/ns/%s", kind))
		p.add("%s of its own: %s %v", who, kind, link != proc.NS(kind))
	}
	dir := fmt.Sprintf("/proc/%d/", proc.Pid)
	env, _ := os.ReadFile(dir + "environ")
	for _, v := range bytes.Split(env, []byte{0}) {
		if name, _, ok := strings.Cut(string(v), "="); ok && name != "_" {
			p.add("%s environment %s", who, name)
		}
	}
	fds, _ := os.ReadDir(dir + "fd")
	for _, fd := range fds {
		to, _ := os.Readlink(dir + "fd/" + fd.Name())
		p.add("%s fd %s %s", who, fd.Name(), number.ReplaceAllString(to, "N"))
	}
	group, _ := os.ReadFile(dir + "cgroup")
	for _, line := range strings.Split(string(group), "\n") {
		if strings.HasPrefix(line, "0::") {
			p.add("%s %s", who, line)
		}
	}
}
