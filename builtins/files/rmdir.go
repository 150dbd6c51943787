package files

import (
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var rmdirOptions = []native.Option{
	{Key: 'p', Long: "parents"}, {Key: 'v', Long: "verbose"},
	{Key: native.LongOnly, Long: "ignore-fail-on-non-empty"},
}

// Rmdir is rmdir(1).
func Rmdir(c *native.Call) int {
	opts, names, problem := c.Options(rmdirOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	parents, verbose, ignore := false, false, false
	for _, o := range opts {
		switch o.Key {
		case 'p':
			parents = true
		case 'v':
			verbose = true
		default:
			ignore = true
		}
	}
	if len(names) == 0 {
		return c.UsageError(1, "missing operand")
	}
	status := 0
	for _, name := range names {
		what := ""
		for first := true; first || parents; first = false {
			if !first {
				name = fsys.TrimSlashes(name)
				if name == "/" || !strings.Contains(name, "/") {
					break
				}
				name, what = fsys.DirPart(name), "directory "
			}
			if verbose {
				c.Say("%s: removing directory, %s\n", c.Name(), native.QuoteAlways(name))
			}
			err := unix.Unlinkat(c.Dir, name, unix.AT_REMOVEDIR)
			if err == nil {
				continue
			}
			if !ignore || !notEmpty(c, name, err) {
				why := clib.Strerror(err)
				if err == unix.ENOTDIR {
					if what != "" && isLink(c, name) {
						what = ""
					}
					if strings.HasSuffix(name, "/") && leadsToDir(c, strings.TrimRight(name, "/")) {
						why = "Symbolic link not followed"
					}
				}
				c.Errorf("failed to remove %s%s: %s", what, native.QuoteAlways(name), why)
				status = 1
			}
			break
		}
	}
	return status
}

func isLink(c *native.Call, name string) bool {
	st, err := c.Lstat(name)
	return err == nil && fsys.Type(st) == unix.S_IFLNK
}

// leadsToDir reports whether name is a symbolic link to a directory or to a missing file.
func leadsToDir(c *native.Call, name string) bool {
	_, err := c.Stat(name)
	return isLink(c, name) && (err == unix.ENOENT || c.IsDir(name))
}

// notEmpty reports whether a directory could not be removed because it is not empty. The system
// may have reported another reason first.
func notEmpty(c *native.Call, name string, err error) bool {
	switch err {
	case unix.ENOTEMPTY, unix.EEXIST:
		return true
	case unix.EACCES, unix.EPERM, unix.EROFS, unix.EBUSY:
		dir, err := fsys.OpenDirAt(c.Dir, name, unix.O_NOFOLLOW)
		if err != nil {
			return false
		}
		defer dir.Close()
		names, _ := dir.Readdirnames(1)
		return len(names) > 0
	}
	return false
}
