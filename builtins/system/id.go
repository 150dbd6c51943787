package system

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
)

var idOptions = []native.Option{
	{Key: 'u', Long: "user"}, {Key: 'g', Long: "group"}, {Key: 'G', Long: "groups"},
	{Key: 'n', Long: "name"}, {Key: 'r', Long: "real"}, {Key: 'a'},
}

// ID is id(1) for the calling process. Requests about other users are left to the system's
// tool.
func ID(c *native.Call) int {
	opts, users, problem := c.Options(idOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	what, names, ofReal := rune(0), false, false
	for _, o := range opts {
		switch o.Key {
		case 'u', 'g', 'G':
			if what != 0 && what != o.Key {
				c.Errorf("cannot print \"only\" of more than one choice")
				return 1
			}
			what = o.Key
		case 'n':
			names = true
		case 'r':
			ofReal = true
		}
	}
	if len(users) > 0 {
		return c.Unsupported("user %s", native.QuoteText(users[0]))
	}
	if what == 0 && (names || ofReal) {
		c.Errorf("cannot print only names or real IDs in default format")
		return 1
	}
	w := c.Buffered()
	status := 0
	switch what {
	case 0:
		writeIDs(c, w)
	case 'u':
		status = printIDs(c, w, native.PasswdFile, names, pickID(ofReal, unix.Getuid(), unix.Geteuid()))
	case 'g':
		status = printIDs(c, w, native.GroupFile, names, pickID(ofReal, unix.Getgid(), unix.Getegid()))
	default:
		status = printIDs(c, w, native.GroupFile, names, groupIDs()...)
	}
	return c.Flush(w, status)
}

func pickID(ofReal bool, id, effective int) int {
	if ofReal {
		return id
	}
	return effective
}

// groupIDs returns all groups of the process. The real and the effective group come first.
func groupIDs() []int {
	ids := []int{unix.Getgid()}
	if g := unix.Getegid(); g != ids[0] {
		ids = append(ids, g)
	}
	more, _ := unix.Getgroups()
	for _, g := range more {
		if !slices.Contains(ids, g) {
			ids = append(ids, g)
		}
	}
	return ids
}

func printIDs(c *native.Call, w *bufio.Writer, file string, names bool, ids ...int) int {
	status := 0
	for i, id := range ids {
		if i > 0 {
			w.WriteByte(' ')
		}
		text := strconv.Itoa(id)
		if names {
			if name, ok := c.NameOfID(file, id); ok {
				text = name
			} else {
				kind := map[bool]string{true: "user", false: "group"}[file == native.PasswdFile]
				c.Errorf("cannot find name for %s ID %d", kind, id)
				status = 1
			}
		}
		w.WriteString(text)
	}
	w.WriteByte('\n')
	return status
}

// writeIDs writes the default line: uid=0(root) gid=0(root) groups=0(root).
func writeIDs(c *native.Call, w *bufio.Writer) {
	uid, gid := unix.Getuid(), unix.Getgid()
	fmt.Fprintf(w, "uid=%s gid=%s", idWithName(c, native.PasswdFile, uid),
		idWithName(c, native.GroupFile, gid))
	if e := unix.Geteuid(); e != uid {
		fmt.Fprintf(w, " euid=%s", idWithName(c, native.PasswdFile, e))
	}
	if e := unix.Getegid(); e != gid {
		fmt.Fprintf(w, " egid=%s", idWithName(c, native.GroupFile, e))
	}
	var groups []string
	for _, g := range groupIDs() {
		groups = append(groups, idWithName(c, native.GroupFile, g))
	}
	fmt.Fprintf(w, " groups=%s\n", strings.Join(groups, ","))
}

func idWithName(c *native.Call, file string, id int) string {
	if name, ok := c.NameOfID(file, id); ok {
		return fmt.Sprintf("%d(%s)", id, name)
	}
	return strconv.Itoa(id)
}
