package site

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Records is the directory of the records, locks and claims; only root can read it.
const Records = "/run/overlay-boot"

// A Record is what a boot has written down about its subhost: the last value of each key.
type Record map[string]string

// ReadRecord reads the record of the subhost with a name. Without one, the error is
// fs.ErrNotExist.
func ReadRecord(name string) (Record, error) {
	text, err := readFile(filepath.Join(Records, "subhosts", name))
	if err != nil {
		return nil, err
	}
	return ParseRecord(string(text)), nil
}

// ParseRecord reads lines KEY=value. A last line without its line break is still being
// written, and does not count.
func ParseRecord(text string) Record {
	r := Record{}
	for line := range strings.Lines(text) {
		line, whole := strings.CutSuffix(line, "\n")
		if key, value, ok := strings.Cut(line, "="); ok && whole {
			r[key] = value
		}
	}
	return r
}

// RecordNames returns the names of the subhosts that have a record, sorted.
func RecordNames() ([]string, error) {
	list, err := os.ReadDir(filepath.Join(Records, "subhosts"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	names := make([]string, 0, len(list))
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	return names, err
}

// A Process is a process that a record names: its number, and its start time in clock ticks
// since the boot of the host, which together are unique.
type Process struct {
	Pid   int
	Start uint64
}

// Process returns the process of a key: BOOTER, SUPERVISOR, UNSHARE, INIT or COPIER. ok is
// false if the record does not name one.
func (r Record) Process(key string) (p Process, ok bool) {
	words := strings.Fields(r[key])
	if len(words) == 0 || len(words) > 2 {
		return p, false
	}
	var err error
	if p.Pid, err = strconv.Atoi(words[0]); err != nil {
		return p, false
	}
	if len(words) == 2 {
		p.Start, err = strconv.ParseUint(words[1], 10, 64)
	}
	return p, err == nil
}

// Alive reports whether exactly this process runs. A zombie does not, and a process without a
// start time is not known well enough.
func (p Process) Alive() bool {
	state, start, ok := Stat(p.Pid)
	return ok && p.Start == start && state != 'Z' && state != 'X'
}

// Stat returns the state and the start time of a process, from proc_pid_stat(5).
func Stat(pid int) (state byte, start uint64, ok bool) {
	const stateField, startField = 0, 19 // behind the name
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0, false
	}
	_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
	fields := strings.Fields(rest)
	if len(fields) <= startField {
		return 0, 0, false
	}
	start, err = strconv.ParseUint(fields[startField], 10, 64)
	return fields[stateField][0], start, err == nil
}

// Alive reports whether the process of a key runs.
func (r Record) Alive(key string) bool {
	p, ok := r.Process(key)
	return ok && p.Alive()
}

// Runs reports whether the subhost runs; Starts whether it is still being started. If neither,
// the record is what a boot or a subhost has left that was killed.
func (r Record) Runs() bool { return !r.isBooted() && r.Alive("UNSHARE") }

// Starts reports whether the subhost is still being started, or will be booted again.
func (r Record) Starts() bool {
	return r.isBooted() && (r.Alive("BOOTER") || r.Alive("SUPERVISOR"))
}

// isBooted reports whether the record is that of a boot, or of a pause before the next one.
func (r Record) isBooted() bool { return r["STATE"] == "starting" || r["STATE"] == "restarting" }

// sameFile reports whether two paths lead to one file, or are the same.
func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	x, err := os.Stat(a)
	y, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}

// RunningWith returns the name and the record of the subhost that runs or is being started with
// a configuration; the record is nil if none does. The file may have another NAME by now.
func RunningWith(config string) (name string, r Record) {
	names, _ := RecordNames()
	for _, name := range names {
		r, err := ReadRecord(name)
		if err == nil && (r.Runs() || r.Starts()) && sameFile(r["CONFIG"], config) {
			return name, r
		}
	}
	return "", nil
}
