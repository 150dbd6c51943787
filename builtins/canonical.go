package builtins

import (
	"strings"

	"golang.org/x/sys/unix"
)

// missingParts says which components of a name need not exist.
type missingParts byte

const (
	noneMissing missingParts = iota
	lastMissing
	anyMissing
)

// maxLinks bounds the links followed in one name. The GNU tools look for real
// loops instead; the kernel itself refuses to follow more than 40.
const maxLinks = 255

// A canonicalName walks a name component by component.
type canonicalName struct {
	done    string // what is resolved, without a slash at its end
	rest    string // what is not
	missing missingParts
	// logical leaves symbolic links as they are.
	logical bool
	links   int
}

// canonical returns the absolute name without symbolic links, "." and "..".
func (c *Call) canonical(name string, missing missingParts, logical bool) (string, error) {
	if name == "" {
		return "", unix.ENOENT
	}
	n := canonicalName{rest: name, missing: missing, logical: logical}
	if name[0] != '/' {
		dir, err := c.workDir()
		if err != nil {
			return "", err
		}
		n.done = strings.TrimRight(dir, "/")
	}
	for {
		n.rest = strings.TrimLeft(n.rest, "/")
		if n.rest == "" {
			break
		}
		if err := n.step(); err != nil {
			return "", err
		}
	}
	if n.done == "" {
		return "/", nil
	}
	return n.done, nil
}

func (n *canonicalName) step() error {
	part := n.rest
	if i := strings.IndexByte(part, '/'); i >= 0 {
		part = part[:i]
	}
	n.rest = n.rest[len(part):]
	switch part {
	case ".":
		return nil
	case "..":
		if i := strings.LastIndexByte(n.done, '/'); i >= 0 {
			n.done = n.done[:i]
		}
		return nil
	}
	full := n.done + "/" + part
	if !n.logical {
		target, err := readlinkAt(unix.AT_FDCWD, full)
		if err == nil {
			return n.follow(full, target)
		}
	}
	if err := n.check(full); err != nil {
		return err
	}
	n.done = full
	return nil
}

func (n *canonicalName) follow(full, target string) error {
	if n.links++; n.links > maxLinks {
		if n.missing == anyMissing {
			n.done = full
			return nil
		}
		return unix.ELOOP
	}
	if strings.HasPrefix(target, "/") {
		n.done = ""
	}
	n.rest = target + n.rest
	return nil
}

// check looks whether the component that full ends with may stay as it is.
func (n *canonicalName) check(full string) error {
	last, flags := strings.Trim(n.rest, "/") == "", unix.AT_SYMLINK_NOFOLLOW
	switch {
	case n.missing == anyMissing:
		return nil
	case n.needsDir():
		full += "/"
	case n.logical && !last:
		return nil
	case n.logical:
		flags = 0
	}
	_, err := statAt(unix.AT_FDCWD, full, flags)
	if err == unix.ENOENT && last && n.missing == lastMissing {
		return nil
	}
	return err
}

// needsDir says whether what follows makes sense after a directory only.
func (n *canonicalName) needsDir() bool {
	for rest := n.rest; strings.HasPrefix(rest, "/"); {
		rest = strings.TrimLeft(rest, "/")
		part, _, more := strings.Cut(rest, "/")
		if part == "" || part == ".." || part == "." && !more {
			return true
		}
		if part != "." {
			return false
		}
		rest = rest[1:]
	}
	return false
}
