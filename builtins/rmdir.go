package builtins

import (
	"strings"

	"golang.org/x/sys/unix"
)

var rmdirOptions = []option{
	{'p', "parents", noArg}, {'v', "verbose", noArg},
	{longOnly, "ignore-fail-on-non-empty", noArg},
}

// runRmdir is rmdir(1).
func runRmdir(c *Call) int {
	opts, names, problem := c.options(rmdirOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	parents, verbose, ignore := false, false, false
	for _, o := range opts {
		switch o.key {
		case 'p':
			parents = true
		case 'v':
			verbose = true
		default:
			ignore = true
		}
	}
	if len(names) == 0 {
		return c.usageError(1, "missing operand")
	}
	status := 0
	for _, name := range names {
		what := ""
		for first := true; first || parents; first = false {
			if !first {
				name = trimSlashes(name)
				if name == "/" || !strings.Contains(name, "/") {
					break
				}
				name, what = dirPart(name), "directory "
			}
			if verbose {
				c.say("%s: removing directory, %s\n", c.Name(), quoteAlways(name))
			}
			err := unix.Unlinkat(c.Dir, name, unix.AT_REMOVEDIR)
			if err == nil {
				continue
			}
			if !ignore || !c.notEmpty(name, err) {
				why := Strerror(err)
				if err == unix.ENOTDIR {
					if what != "" && c.isLink(name) {
						what = ""
					}
					if strings.HasSuffix(name, "/") && c.leadsToDir(strings.TrimRight(name, "/")) {
						why = "Symbolic link not followed"
					}
				}
				c.Errorf("failed to remove %s%s: %s", what, quoteAlways(name), why)
				status = 1
			}
			break
		}
	}
	return status
}

func (c *Call) isLink(name string) bool {
	st, err := c.lstat(name)
	return err == nil && fileType(st) == unix.S_IFLNK
}

// leadsToDir says whether name is a link to a directory, or to nothing.
func (c *Call) leadsToDir(name string) bool {
	_, err := c.stat(name)
	return c.isLink(name) && (err == unix.ENOENT || c.isDir(name))
}

// notEmpty says whether a directory could not be removed for what is in it. The system may
// have seen another reason first.
func (c *Call) notEmpty(name string, err error) bool {
	switch err {
	case unix.ENOTEMPTY, unix.EEXIST:
		return true
	case unix.EACCES, unix.EPERM, unix.EROFS, unix.EBUSY:
		dir, err := openDirAt(c.Dir, name, unix.O_NOFOLLOW)
		if err != nil {
			return false
		}
		defer dir.Close()
		names, _ := dir.Readdirnames(1)
		return len(names) > 0
	}
	return false
}
