package builtins

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// A mountEntry is a line of /proc/self/mountinfo, see proc(5).
type mountEntry struct {
	id, parent  int
	device      string
	root        string
	target      string
	vfsOptions  string
	optional    string
	fstype      string
	source      string
	superblocks string
	user        string // options that the kernel does not know
}

// mountTable reads the mounts that the process sees, oldest first.
func (c *Call) mountTable() ([]mountEntry, error) {
	if c.below != nil {
		return c.below.mountTable()
	}
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	table := parseMounts(text)
	addUserOptions(table)
	return table, nil
}

func parseMounts(text []byte) (table []mountEntry) {
	table = make([]mountEntry, 0, bytes.Count(text, []byte("\n")))
	for line := range strings.Lines(string(text)) {
		if e, ok := parseMount(strings.TrimSuffix(line, "\n")); ok {
			table = append(table, e)
		}
	}
	return table
}

func parseMount(line string) (e mountEntry, ok bool) {
	before, after, ok := strings.Cut(line, " - ")
	if !ok {
		return e, false
	}
	var head, tail [7]string // no slices: there may be thousands of lines
	if cutFields(head[:7], before) < 6 || cutFields(tail[:3], after) < 3 {
		return e, false
	}
	e.id, _ = strconv.Atoi(head[0])
	e.parent, _ = strconv.Atoi(head[1])
	e.device = head[2]
	e.root, e.target, e.vfsOptions = unmangle(head[3]), unmangle(head[4]), head[5]
	e.optional = head[6]
	e.fstype, e.source = unmangle(tail[0]), unmangle(tail[1])
	e.superblocks = unmangle(tail[2])
	return e, true
}

// cutFields splits a line at blanks, as strings.SplitN does for so many fields, and returns
// how many there are.
func cutFields(fields []string, line string) int {
	for i := range fields {
		field, rest, more := strings.Cut(line, " ")
		if !more || i == len(fields)-1 {
			fields[i] = line
			return i + 1
		}
		fields[i], line = field, rest
	}
	return len(fields)
}

// options are those of the mount and those of its file system in one list, as
// mount(8) shows them: read-only when either is.
func (e mountEntry) options() string {
	mode := "rw"
	var all []string
	for o := range strings.SplitSeq(e.vfsOptions+","+e.superblocks+","+e.user, ",") {
		switch o {
		case "ro":
			mode = "ro"
		case "rw", "":
		default:
			all = append(all, o)
		}
	}
	return strings.Join(append([]string{mode}, all...), ",")
}

// unmangle undoes the octal escapes of /proc/self/mountinfo.
func unmangle(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// mountAt returns the topmost mount on target.
func mountAt(table []mountEntry, target string) (mountEntry, bool) {
	for i := len(table) - 1; i >= 0; i-- {
		if table[i].target == target {
			return table[i], true
		}
	}
	return mountEntry{}, false
}
