package native

import (
	"os"
	"strconv"
	"strings"
)

// The files with the users and the groups; nss.go has the other sources.
const (
	PasswdFile = "/etc/passwd"
	GroupFile  = "/etc/group"
)

// idText returns the contents of a passwd or group file. Below a root it is the file of the
// caller.
func (c *Call) idText(file string) []byte {
	if c.Below != nil {
		return c.Below.ids[file]
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

// idEntry returns the first line of a passwd or group file that has the value in the given
// column.
func idEntry(text []byte, column int, value string) (fields []string, ok bool) {
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) > column && len(f) > 2 && f[column] == value {
			return f, true
		}
	}
	return nil, false
}

// lookupID returns the number of a name; a number stands for itself.
func lookupID(text []byte, name string) (int, bool) {
	if e, ok := idEntry(text, 0, name); ok {
		n, err := strconv.ParseUint(e[2], 10, 32)
		return int(n), err == nil
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(name, "+"), 10, 32)
	return int(n), err == nil && n != 1<<32-1
}
