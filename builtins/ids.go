package builtins

import (
	"os"
	"strconv"
	"strings"
)

// User and group names come straight from the two files; see nss.go for others.
const (
	passwdFile = "/etc/passwd"
	groupFile  = "/etc/group"
)

// idText returns a passwd or group file, the caller's also below a root.
func (c *Call) idText(file string) []byte {
	if c.below != nil {
		return c.below.ids[file]
	}
	text, ok := c.idTexts[file]
	if !ok {
		text, _ = os.ReadFile(file)
		if c.idTexts == nil {
			c.idTexts = map[string][]byte{}
		}
		c.idTexts[file] = text
	}
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
