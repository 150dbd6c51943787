package sandbox

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Process is a process as /proc shows it.
type Process struct {
	Pid, PPid int
	Comm      string
	Argv      []string
	// SigBlk and SigIgn are signal masks as /proc writes them.
	SigBlk, SigIgn string
	// State is the letter that ps shows.
	State string
}

// String returns one line about the process, much as ps prints it.
func (p Process) String() string {
	return fmt.Sprintf("%d(%d) %s %s %q", p.Pid, p.PPid, p.State, p.Comm, p.Argv)
}

// NS returns the name of the namespace of a kind ("mnt", "net", ...) that the process is
// in.
func (p Process) NS(kind string) string {
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", p.Pid, kind))
	if err != nil {
		return err.Error()
	}
	return link
}

// Processes lists all processes except those of the sandbox itself, by process ID.
func Processes() []Process {
	entries, _ := os.ReadDir("/proc")
	var list []Process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == 1 || pid == os.Getpid() {
			continue
		}
		if p, ok := process(pid); ok {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b Process) int { return a.Pid - b.Pid })
	return list
}

// process reads the data of a process. It returns false if the process ends meanwhile.
func process(pid int) (Process, bool) {
	dir := fmt.Sprintf("/proc/%d/", pid)
	cmdline, err1 := os.ReadFile(dir + "cmdline")
	status, err2 := os.ReadFile(dir + "status")
	if err1 != nil || err2 != nil {
		return Process{}, false
	}
	p := Process{Pid: pid}
	if len(cmdline) > 0 {
		p.Argv = strings.Split(string(bytes.TrimSuffix(cmdline, []byte{0})), "\x00")
	}
	for _, line := range strings.Split(string(status), "\n") {
		key, value, _ := strings.Cut(line, ":\t")
		switch key {
		case "Name":
			p.Comm = value
		case "PPid":
			p.PPid, _ = strconv.Atoi(value)
		case "SigBlk":
			p.SigBlk = value
		case "SigIgn":
			p.SigIgn = value
		case "State":
			p.State = value[:1]
		}
	}
	return p, true
}

// A Mount is one line of a mountinfo, without its numbers.
type Mount struct {
	Root, Point, FSType, Source, Options string
}

// Mounts returns the mountinfo of a process; pid 0 stands for the caller.
func Mounts(pid int) ([]Mount, error) {
	who := "self"
	if pid != 0 {
		who = strconv.Itoa(pid)
	}
	text, err := os.ReadFile("/proc/" + who + "/mountinfo")
	if err != nil {
		return nil, err
	}
	var list []Mount
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		left, right, _ := strings.Cut(line, " - ")
		l, r := strings.Fields(left), strings.Fields(right)
		if len(l) < 6 || len(r) < 3 {
			return nil, fmt.Errorf("mountinfo: %q", line)
		}
		list = append(list, Mount{l[3], l[4], r[0], r[1], r[2]})
	}
	return list, nil
}

// Links lists the network links of the sandbox.
func Links() []string { return names("/sys/class/net") }

// NetNamespaces lists the named network namespaces.
func NetNamespaces() []string { return names("/run/netns") }

// Loops lists the loop devices in use, with their backing files. They belong to the whole
// machine, not to the sandbox.
func Loops() []string {
	var list []string
	files, _ := filepath.Glob("/sys/block/loop*/loop/backing_file")
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil {
			device := filepath.Base(filepath.Dir(filepath.Dir(f)))
			list = append(list, device+" "+strings.TrimSpace(string(text)))
		}
	}
	return list
}

// Cgroups lists the cgroups below the sandbox's own.
func Cgroups() []string {
	return tree(CgroupRoot, func(d fs.DirEntry) bool { return d.IsDir() })
}

// Files lists all files below a folder, each with its type.
func Files(top string) []string {
	return tree(top, func(fs.DirEntry) bool { return true })
}

func tree(top string, take func(fs.DirEntry) bool) []string {
	var list []string
	_ = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != top && take(d) {
			list = append(list, fmt.Sprintf("%s %s", d.Type(), path))
		}
		return nil
	})
	return list
}

func names(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// Self returns the calling process.
func Self() Process {
	p, _ := process(os.Getpid())
	return p
}
