// Package fsys has helpers for files: system calls that are repeated after a signal, and names.
package fsys

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// An Error describes a problem with a file that is not an error of the system.
type Error string

// Error returns the text.
func (e Error) Error() string { return string(e) }

// Retry repeats a system call that a signal interrupted.
func Retry(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// StatAt is fstatat(2).
func StatAt(dir int, name string, flags int) (st unix.Stat_t, err error) {
	err = Retry(func() error { return unix.Fstatat(dir, name, &st, flags) })
	return st, err
}

// Type returns the file type bits of a status.
func Type(st unix.Stat_t) uint32 { return st.Mode & unix.S_IFMT }

// SameFile reports whether two statuses are of the same file.
func SameFile(a, b unix.Stat_t) bool { return a.Dev == b.Dev && a.Ino == b.Ino }

// ReadlinkAt is readlinkat(2) for a symbolic link of any length.
func ReadlinkAt(dir int, name string) (string, error) {
	for size := 256; ; size *= 4 {
		buf := make([]byte, size)
		n, err := unix.Readlinkat(dir, name, buf)
		if err != nil {
			return "", err
		}
		if n < size {
			return string(buf[:n]), nil
		}
	}
}

// OpenDirAt opens a directory for reading. It fails for any other file.
func OpenDirAt(dir int, name string, flags int) (*os.File, error) {
	fd := -1
	err := Retry(func() (err error) {
		fd, err = unix.Openat(dir, name,
			unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NONBLOCK|flags, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// TrimSlashes removes slashes from the end, but never the first character.
func TrimSlashes(name string) string {
	for len(name) > 1 && name[len(name)-1] == '/' {
		name = name[:len(name)-1]
	}
	return name
}

// LastPart returns the last component of a name, "/" for the root.
func LastPart(name string) string {
	name = TrimSlashes(name)
	if i := strings.LastIndexByte(name, '/'); i >= 0 && name != "/" {
		return name[i+1:]
	}
	return name
}

// JoinName joins a directory and a name, as messages show them.
func JoinName(dir, name string) string {
	if strings.HasSuffix(dir, "/") {
		return dir + strings.TrimLeft(name, "/")
	}
	return dir + "/" + strings.TrimLeft(name, "/")
}

// smallCopy and largeCopy are buffer sizes. Most copied data is short, so the large buffer is
// made only after the small one was full.
const smallCopy, largeCopy = 4 << 10, 128 << 10

// CopyStream copies to the end of in, and tells which side failed.
func CopyStream(out io.Writer, in io.Reader) (readErr, writeErr error) {
	buf := make([]byte, smallCopy)
	for {
		n, err := in.Read(buf)
		if n > 0 {
			if _, err := out.Write(buf[:n]); err != nil {
				return nil, err
			}
		}
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return err, nil
		}
		if n == smallCopy {
			buf = make([]byte, largeCopy)
		}
	}
}

// An Inode identifies a file.
type Inode struct{ Dev, ino uint64 }

// InodeOf returns the identity of the file with that status.
func InodeOf(st unix.Stat_t) Inode { return Inode{st.Dev, st.Ino} }

// DirPart returns a name without its last component, "." if there is only one.
func DirPart(name string) string {
	name = TrimSlashes(name)
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return "."
	}
	return TrimSlashes(name[:i+1])
}

// RandomName returns n random letters and digits, for the name of a temporary file that nobody
// can guess.
func RandomName(n int) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	name := make([]byte, n)
	for i := range name {
		name[i] = letters[rand.IntN(len(letters))]
	}
	return string(name)
}

// Exists reports whether a file exists. It follows symbolic links.
func Exists(name string) bool {
	var st unix.Stat_t
	return unix.Stat(name, &st) == nil
}

// Errno returns the error number inside an error that also names the place, or err itself if it
// has none.
func Errno(err error) error {
	if err == nil {
		return nil
	}
	if u, ok := err.(interface{ Unwrap() error }); ok {
		if errno, ok := u.Unwrap().(unix.Errno); ok {
			return errno
		}
	}
	return err
}
