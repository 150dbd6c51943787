package builtins

import (
	"os"
	"strconv"
	"strings"
)

// User and group names come straight from the two files: a static program has
// no use for the C library's name services.
const (
	passwdFile = "/etc/passwd"
	groupFile  = "/etc/group"
)

// idText returns a passwd or group file, the caller's also below a root.
func (c *Call) idText(file string) []byte {
	if c.below != nil {
		return c.below.ids[file]
	}
	text, _ := os.ReadFile(file)
	return text
}

// idEntry returns the first line of a passwd or group file that has value in
// the given column.
func idEntry(text []byte, column int, value string) (fields []string, ok bool) {
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) > column && len(f) > 2 && f[column] == value {
			return f, true
		}
	}
	return nil, false
}

// lookupID finds the number of a name; a number stands for itself.
func lookupID(text []byte, name string) (int, bool) {
	if e, ok := idEntry(text, 0, name); ok {
		n, err := strconv.ParseUint(e[2], 10, 32)
		return int(n), err == nil
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(name, "+"), 10, 32)
	return int(n), err == nil && n != 1<<32-1
}

// nameOfID is the name that belongs to a number.
func nameOfID(file string, id int) (string, bool) {
	text, _ := os.ReadFile(file)
	e, ok := idEntry(text, 2, strconv.Itoa(id))
	if !ok {
		return "", false
	}
	return e[0], true
}
