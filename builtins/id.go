package builtins

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

var idOptions = []option{
	{'u', "user", noArg}, {'g', "group", noArg}, {'G', "groups", noArg}, {'n', "name", noArg},
	{'r', "real", noArg}, {'a', "", noArg},
}

// runId is id(1) for the calling process; of another user only the single
// numbers and names.
func runId(c *Call) int {
	opts, users, problem := c.options(idOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	what, names, real := rune(0), false, false
	for _, o := range opts {
		switch o.key {
		case 'u', 'g', 'G':
			if what != 0 && what != o.key {
				c.Errorf("cannot print \"only\" of more than one choice")
				return 1
			}
			what = o.key
		case 'n':
			names = true
		case 'r':
			real = true
		}
	}
	if len(users) > 0 {
		return c.Unsupported("user %s", quoteText(users[0]))
	}
	if what == 0 && (names || real) {
		c.Errorf("cannot print only names or real IDs in default format")
		return 1
	}
	w := c.buffered()
	status := 0
	switch what {
	case 0:
		c.writeIDs(w)
	case 'u':
		status = c.printIDs(w, passwdFile, names, pickID(real, unix.Getuid(), unix.Geteuid()))
	case 'g':
		status = c.printIDs(w, groupFile, names, pickID(real, unix.Getgid(), unix.Getegid()))
	default:
		status = c.printIDs(w, groupFile, names, groupIDs()...)
	}
	return c.flush(w, status)
}

func pickID(real bool, id, effective int) int {
	if real {
		return id
	}
	return effective
}

// groupIDs are all groups of the process, its own ones first.
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

func (c *Call) printIDs(w *bufio.Writer, file string, names bool, ids ...int) int {
	status := 0
	for i, id := range ids {
		if i > 0 {
			w.WriteByte(' ')
		}
		text := strconv.Itoa(id)
		if names {
			if name, ok := c.idName(file, id); ok {
				text = name
			} else {
				kind := map[bool]string{true: "user", false: "group"}[file == passwdFile]
				c.Errorf("cannot find name for %s ID %d", kind, id)
				status = 1
			}
		}
		w.WriteString(text)
	}
	w.WriteByte('\n')
	return status
}

// writeIDs is the default line: uid=0(root) gid=0(root) groups=0(root).
func (c *Call) writeIDs(w *bufio.Writer) {
	uid, gid := unix.Getuid(), unix.Getgid()
	fmt.Fprintf(w, "uid=%s gid=%s", c.idWithName(passwdFile, uid), c.idWithName(groupFile, gid))
	if e := unix.Geteuid(); e != uid {
		fmt.Fprintf(w, " euid=%s", c.idWithName(passwdFile, e))
	}
	if e := unix.Getegid(); e != gid {
		fmt.Fprintf(w, " egid=%s", c.idWithName(groupFile, e))
	}
	var groups []string
	for _, g := range groupIDs() {
		groups = append(groups, c.idWithName(groupFile, g))
	}
	fmt.Fprintf(w, " groups=%s\n", strings.Join(groups, ","))
}

func (c *Call) idWithName(file string, id int) string {
	if name, ok := c.idName(file, id); ok {
		return fmt.Sprintf("%d(%s)", id, name)
	}
	return strconv.Itoa(id)
}
