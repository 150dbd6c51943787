package fsys

import (
	"strings"

	"golang.org/x/sys/unix"
)

// MissingParts tells which components of a name need not exist.
type MissingParts byte

// The values of MissingParts.
const (
	NoneMissing MissingParts = iota
	LastMissing
	AnyMissing
)

// A Canonical makes absolute names without symbolic links, "." and "..".
type Canonical struct {
	// WorkDir returns the absolute name of the directory for relative names.
	WorkDir func() (string, error)
	Missing MissingParts
	// Logical keeps symbolic links as they are.
	Logical bool
	// MaxLinks limits the links followed in one name.
	MaxLinks int
}

// KernelLinks is the number of links that the kernel, and realpath(3), follow in one name.
const KernelLinks = 40

// A canonicalName resolves a name component by component.
type canonicalName struct {
	Canonical
	done  string // the resolved part, without a slash at its end
	rest  string // the part that is still to be resolved
	links int
}

// Of returns the canonical form of a name.
func (c Canonical) Of(name string) (string, error) {
	if name == "" {
		return "", unix.ENOENT
	}
	n := canonicalName{Canonical: c, rest: name}
	if name[0] != '/' {
		dir, err := c.WorkDir()
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
	if !n.Logical {
		target, err := ReadlinkAt(unix.AT_FDCWD, full)
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
	if n.links++; n.links > n.MaxLinks {
		if n.Missing == AnyMissing {
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

// check checks that the last component of full exists, and is a directory where it must be one.
// It accepts what n.Missing allows.
func (n *canonicalName) check(full string) error {
	last, flags := strings.Trim(n.rest, "/") == "", unix.AT_SYMLINK_NOFOLLOW
	switch {
	case n.Missing == AnyMissing:
		return nil
	case n.needsDir():
		full += "/"
	case n.Logical && !last:
		return nil
	case n.Logical:
		flags = 0
	}
	_, err := StatAt(unix.AT_FDCWD, full, flags)
	if err == unix.ENOENT && last && n.Missing == LastMissing {
		return nil
	}
	return err
}

// needsDir reports whether the rest of the name makes sense only after a directory.
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
