package layer

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// A Node is a file of a tree: a name in a directory, with what stat(2) says of it. It can be
// read as long as the function that got it has not returned.
type Node struct {
	Stat unix.Stat_t
	dir  *dir
	name string
	// xattrs are the names of the extended attributes, once they have been listed.
	xattrs []string
	listed bool
}

// lookup returns a file of the directory, nil if there is none.
func (d *dir) lookup(name string) (*Node, error) {
	if d == nil {
		return nil, nil
	}
	st, err := fsys.StatAt(d.fd(), name, unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		if vanished(err) || err == unix.ENAMETOOLONG {
			return nil, nil
		}
		return nil, &os.PathError{Op: "stat", Path: name, Err: err}
	}
	return &Node{Stat: st, dir: d, name: name}, nil
}

// node returns the directory itself as a file.
func (d *dir) node() (*Node, error) { return d.lookup(".") }

// Type returns the type bits of the mode.
func (n *Node) Type() uint32 { return fsys.Type(n.Stat) }

// IsDir reports whether the file is a directory.
func (n *Node) IsDir() bool { return n != nil && n.Type() == unix.S_IFDIR }

// sameType reports whether both nodes are files, of the same type.
func (n *Node) sameType(o *Node) bool { return n != nil && o != nil && n.Type() == o.Type() }

// isFile reports whether it is a regular file.
func (n *Node) isFile() bool { return n != nil && n.Type() == unix.S_IFREG }

// sameAs reports whether two nodes are one file.
func (n *Node) sameAs(o *Node) bool {
	return n != nil && o != nil && fsys.SameFile(n.Stat, o.Stat)
}

// Target returns what a symbolic link points to.
func (n *Node) Target() (string, error) { return fsys.ReadlinkAt(n.dir.fd(), n.name) }

// Open opens a regular file for reading, and makes sure that it is the one of the node.
func (n *Node) Open() (*os.File, error) {
	fd := -1
	err := fsys.Retry(func() (err error) {
		fd, err = unix.Openat(n.dir.fd(), n.name, unix.O_RDONLY|unix.O_NOFOLLOW|
			unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || !fsys.SameFile(st, n.Stat) {
		unix.Close(fd)
		return nil, unix.ESTALE
	}
	return os.NewFile(uintptr(fd), n.name), nil
}

// path returns a path that leads to the file, for the system calls about extended attributes.
func (n *Node) path() string {
	return "/proc/self/fd/" + strconv.Itoa(n.dir.fd()) + "/" + n.name
}

// XattrNames returns the names of all extended attributes, those of overlay among them.
func (n *Node) XattrNames() ([]string, error) {
	if n.listed {
		return n.xattrs, nil
	}
	buf, err := grow(func(buf []byte) (int, error) { return unix.Llistxattr(n.path(), buf) })
	if err != nil {
		if vanished(err) || err == unix.ENOTSUP {
			err = nil
		}
		return nil, err
	}
	n.listed = true
	if text := strings.TrimSuffix(string(buf), "\x00"); text != "" {
		n.xattrs = strings.Split(text, "\x00")
	}
	return n.xattrs, nil
}

// Xattr returns the value of an extended attribute; ok is false if there is none.
func (n *Node) Xattr(name string) (value string, ok bool, err error) {
	buf, err := grow(func(buf []byte) (int, error) {
		return unix.Lgetxattr(n.path(), name, buf)
	})
	if err == unix.ENODATA || err == unix.ENOTSUP || vanished(err) {
		return "", false, nil
	}
	return string(buf), err == nil, err
}

// grow calls a function of which nobody knows how much it returns.
func grow(call func([]byte) (int, error)) ([]byte, error) {
	for size := 512; ; size *= 4 {
		buf := make([]byte, size)
		n, err := call(buf)
		if err == unix.ERANGE && size < 1<<20 {
			continue
		}
		if err == unix.EINTR {
			size /= 4
			continue
		}
		return buf[:max(n, 0)], err
	}
}
