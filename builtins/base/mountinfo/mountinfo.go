// Package mountinfo reads the tables of mounts: the kernel's, and the one in which libmount
// keeps options of its own.
package mountinfo

import (
	"bytes"
	"strconv"
	"strings"
)

// An Entry is a line of /proc/self/mountinfo, see proc(5).
type Entry struct {
	ID, Parent  int
	Device      string
	Root        string
	Target      string
	VFSOptions  string
	Optional    string
	FSType      string
	Source      string
	Superblocks string
	User        string // options that the kernel does not know
}

// Parse parses the text of /proc/self/mountinfo.
func Parse(text []byte) (table []Entry) {
	table = make([]Entry, 0, bytes.Count(text, []byte("\n")))
	for line := range strings.Lines(string(text)) {
		if e, ok := parseLine(strings.TrimSuffix(line, "\n")); ok {
			table = append(table, e)
		}
	}
	return table
}

func parseLine(line string) (e Entry, ok bool) {
	before, after, ok := strings.Cut(line, " - ")
	if !ok {
		return e, false
	}
	var head, tail [7]string // no slices, since there may be thousands of lines
	if cutFields(head[:7], before) < 6 || cutFields(tail[:3], after) < 3 {
		return e, false
	}
	e.ID, _ = strconv.Atoi(head[0])
	e.Parent, _ = strconv.Atoi(head[1])
	e.Device = head[2]
	e.Root, e.Target, e.VFSOptions = Unmangle(head[3]), Unmangle(head[4]), head[5]
	e.Optional = head[6]
	e.FSType, e.Source = Unmangle(tail[0]), Unmangle(tail[1])
	e.Superblocks = Unmangle(tail[2])
	return e, true
}

// cutFields splits a line at blanks into the given number of fields, as strings.SplitN does. It
// returns the number of fields found.
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

// Options returns the options of the mount and of its file system in one list, as mount(8)
// shows them. The list has "ro" if either is read-only.
func (e Entry) Options() string {
	mode := "rw"
	var all []string
	for o := range strings.SplitSeq(e.VFSOptions+","+e.Superblocks+","+e.User, ",") {
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

// Unmangle decodes the octal escapes of /proc/self/mountinfo.
func Unmangle(s string) string {
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

// At returns the topmost mount on target.
func At(table []Entry, target string) (Entry, bool) {
	for i := len(table) - 1; i >= 0; i-- {
		if table[i].Target == target {
			return table[i], true
		}
	}
	return Entry{}, false
}
