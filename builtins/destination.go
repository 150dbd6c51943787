package builtins

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// A destination is where cp, mv and ln put things: in a directory, or under
// one new name.
type destination struct {
	dir    string // of option -t, or the last operand
	hasDir bool
	noDir  bool   // option -T
	name   string // the new name where there is no directory
	// noFollow takes a link to a directory for no directory: ln -n.
	noFollow bool
	// forLinks chooses the words of ln.
	forLinks bool
}

// resolveDestination takes the destination off the operands; a status other
// than 0 ends the command.
func (c *Call) resolveDestination(to *destination, args []string) (names []string, status int) {
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
		return args, c.checkOptionTarget(to)
	}
	if len(args) == 1 {
		return nil, c.usageError(1, "missing destination file operand after %s",
			quoteAlways(args[0]))
	}
	last := args[len(args)-1]
	if to.noDir && len(args) > 2 {
		c.Errorf("extra operand %s", quoteAlways(args[2]))
		fmt.Fprintf(c.Stderr, "Try '%s --help' for more information.\n", c.Name())
		return nil, 1
	}
	if !to.noDir && c.takesFiles(to, last) {
		to.dir, to.hasDir = last, true
		return args[:len(args)-1], 0
	}
	if len(args) > 2 {
		return nil, c.checkTarget(last)
	}
	to.name = last
	return args[:1], 0
}

func (c *Call) takesFiles(to *destination, last string) bool {
	if to.noFollow {
		if st, err := c.lstat(last); err == nil && fileType(st) == unix.S_IFLNK {
			return false
		}
	}
	return c.isDir(last)
}

// checkOptionTarget looks at the directory of option -t.
func (c *Call) checkOptionTarget(to *destination) int {
	st, err := c.stat(to.dir)
	isDir := err == nil && fileType(st) == unix.S_IFDIR
	switch {
	case isDir:
		return 0
	case to.forLinks && err != nil:
		c.Errorf("failed to access %s: %s", quoteAlways(to.dir), Strerror(err))
	case to.forLinks:
		c.Errorf("target %s is not a directory", quoteAlways(to.dir))
	case err != nil:
		c.Errorf("target directory %s: %s", quoteAlways(to.dir), Strerror(err))
	default:
		c.Errorf("target directory %s: %s", quoteAlways(to.dir), Strerror(unix.ENOTDIR))
	}
	return 1
}

func (c *Call) checkTarget(dir string) int {
	st, err := c.stat(dir)
	if err == nil && fileType(st) != unix.S_IFDIR {
		err = unix.ENOTDIR
	}
	if err != nil {
		c.Errorf("target %s: %s", quoteAlways(dir), Strerror(err))
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
	return joinName(dir, lastPart(name))
}
