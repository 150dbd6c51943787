package builtins

import (
	"bufio"
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

// idEntry returns the first line of a passwd or group file that has value in
// the given column.
func idEntry(file string, column int, value string) (fields []string, ok bool) {
	eachEntry(file, func(f []string) bool {
		if len(f) > column && len(f) > 2 && f[column] == value {
			fields, ok = f, true
		}
		return !ok
	})
	return fields, ok
}

// eachEntry calls f with the columns of each line until it returns false.
func eachEntry(file string, f func(fields []string) bool) {
	in, err := os.Open(file)
	if err != nil {
		return
	}
	defer in.Close()
	for s := bufio.NewScanner(in); s.Scan(); {
		if fields := strings.Split(s.Text(), ":"); !f(fields) {
			return
		}
	}
}

// lookupID finds the number of a name; a number stands for itself.
func lookupID(file, name string) (int, bool) {
	if e, ok := idEntry(file, 0, name); ok {
		n, err := strconv.ParseUint(e[2], 10, 32)
		return int(n), err == nil
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(name, "+"), 10, 32)
	return int(n), err == nil && n != 1<<32-1
}

// nameOfID is the name that belongs to a number.
func nameOfID(file string, id int) (string, bool) {
	e, ok := idEntry(file, 2, strconv.Itoa(id))
	if !ok {
		return "", false
	}
	return e[0], true
}
