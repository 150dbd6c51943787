package files

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// A destination is the place where cp, mv and ln put files: a directory, or one new name.
type destination struct {
	dir    string // argument of -t, or the last operand
	hasDir bool
	noDir  bool   // -T
	name   string // the new name, if there is no directory
	// noFollow does not take a symbolic link for a directory: ln -n.
	noFollow bool
	// forLinks selects the messages of ln.
	forLinks bool
}

// resolveDestination removes the destination from the operands. A status other than 0 ends the
// command.
func resolveDestination(c *native.Call, to *destination, args []string) (
	names []string, status int) {
	if to.hasDir && to.noDir {
		letters := [2]string{" (-t)", " (-T)"}
		if to.forLinks {
			letters = [2]string{}
		}
		c.Errorf("cannot combine --target-directory%s and --no-target-directory%s",
			letters[0], letters[1])
		return nil, 1
	}
	if to.hasDir {
		return args, checkOptionTarget(c, to)
	}
	if len(args) == 1 {
		return nil, c.UsageError(1, "missing destination file operand after %s",
			native.QuoteAlways(args[0]))
	}
	last := args[len(args)-1]
	if to.noDir && len(args) > 2 {
		c.Errorf("extra operand %s", native.QuoteAlways(args[2]))
		fmt.Fprintf(c.Stderr, "Try '%s --help' for more information.\n", c.Name())
		return nil, 1
	}
	if !to.noDir && takesFiles(c, to, last) {
		to.dir, to.hasDir = last, true
		return args[:len(args)-1], 0
	}
	if len(args) > 2 {
		return nil, checkTarget(c, last)
	}
	to.name = last
	return args[:1], 0
}

func takesFiles(c *native.Call, to *destination, last string) bool {
	if to.noFollow {
		if st, err := c.Lstat(last); err == nil && fsys.Type(st) == unix.S_IFLNK {
			return false
		}
	}
	return c.IsDir(last)
}

// checkOptionTarget checks the directory of -t.
func checkOptionTarget(c *native.Call, to *destination) int {
	st, err := c.Stat(to.dir)
	isDir := err == nil && fsys.Type(st) == unix.S_IFDIR
	switch {
	case isDir:
		return 0
	case to.forLinks && err != nil:
		c.Errorf("failed to access %s: %s", native.QuoteAlways(to.dir), clib.Strerror(err))
	case to.forLinks:
		c.Errorf("target %s is not a directory", native.QuoteAlways(to.dir))
	case err != nil:
		c.Errorf("target directory %s: %s", native.QuoteAlways(to.dir), clib.Strerror(err))
	default:
		c.Errorf("target directory %s: %s", native.QuoteAlways(to.dir), clib.Strerror(unix.ENOTDIR))
	}
	return 1
}

func checkTarget(c *native.Call, dir string) int {
	st, err := c.Stat(dir)
	if err == nil && fsys.Type(st) != unix.S_IFDIR {
		err = unix.ENOTDIR
	}
	if err != nil {
		c.Errorf("target %s: %s", native.QuoteAlways(dir), clib.Strerror(err))
		return 1
	}
	return 0
}

// of returns the new name of a file.
func (to *destination) of(name string) string {
	if !to.hasDir {
		return to.name
	}
	dir := to.dir
	for strings.HasSuffix(dir, "//") {
		dir = dir[:len(dir)-1]
	}
	return fsys.JoinName(dir, fsys.LastPart(name))
}
