package layer

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"strings"

	"golang.org/x/sys/unix"
)

// Aspects are the respects in which two files differ.
type Aspects uint

// The respects.
const (
	Type Aspects = 1 << iota
	Content
	Mode
	Owner
	Target
	Device
	Xattrs
	Time
)

// aspectNames are the words for the aspects, in their order.
var aspectNames = [...]string{
	"type", "content", "mode", "owner", "target", "device", "xattrs", "time",
}

// Words returns the words for the aspects.
func (a Aspects) Words() (words []string) {
	for i, word := range aspectNames {
		if a>>i&1 != 0 {
			words = append(words, word)
		}
	}
	return words
}

// String returns the words in one text.
func (a Aspects) String() string { return strings.Join(a.Words(), ",") }

// compare visits a path if the file there is not the one of the lower directory.
func (w *walker) compare(at *trail, now merged, base *Node) error {
	if now.node == nil && base == nil || !w.wants(at) {
		return nil
	}
	c := Change{Kind: Changed, New: now.node, Data: now.data, Old: base}
	switch {
	case now.node == nil:
		c.Kind = Removed
	case base == nil:
		c.Kind = Added
	default:
		var err error
		if c.What, err = w.aspects(now, base); err != nil {
			if vanished(err) {
				return nil
			}
			return fmt.Errorf("cannot compare /%s: %w", at, err)
		}
		if c.What == 0 {
			return nil
		}
	}
	c.Path = at.String()
	return w.visit(&c)
}

// aspects returns the respects in which a file differs from that of the lower directory.
func (w *walker) aspects(now merged, base *Node) (a Aspects, err error) {
	n, o := &now.node.Stat, &base.Stat
	if now.node.Type() != base.Type() {
		return Type, nil
	}
	if n.Mode != o.Mode {
		a |= Mode
	}
	if n.Uid != o.Uid || n.Gid != o.Gid {
		a |= Owner
	}
	differs := false
	switch now.node.Type() {
	case unix.S_IFREG:
		if differs, err = contentDiffers(now, base); differs {
			a |= Content
		}
	case unix.S_IFLNK:
		var was, is string
		if is, err = now.node.Target(); err != nil {
			return 0, err
		}
		if was, err = base.Target(); was != is {
			a |= Target
		}
	case unix.S_IFBLK, unix.S_IFCHR:
		if n.Rdev != o.Rdev {
			a |= Device
		}
	}
	if err != nil {
		return 0, err
	}
	if w.Times && !now.node.IsDir() && n.Mtim != o.Mtim {
		a |= Time
	}
	differs, err = w.xattrsDiffer(now.node, base)
	if differs {
		a |= Xattrs
	}
	return a, err
}

func (w *walker) xattrsDiffer(now, base *Node) (bool, error) {
	if now.sameAs(base) {
		return false, nil
	}
	is, err := w.Format.shownXattrs(now)
	if err != nil {
		return false, err
	}
	was, err := w.Format.shownXattrs(base)
	return !maps.Equal(is, was), err
}

// contentDiffers compares regular files. A file whose content is nowhere to be found differs.
func contentDiffers(now merged, base *Node) (bool, error) {
	if now.node.Stat.Size != base.Stat.Size || !now.data.isFile() {
		return true, nil
	}
	if now.data.sameAs(base) || base.Stat.Size == 0 {
		return false, nil
	}
	a, err := now.data.Open()
	if err != nil {
		return false, err
	}
	defer a.Close()
	b, err := base.Open()
	if err != nil {
		return false, err
	}
	defer b.Close()
	return readersDiffer(a, b, base.Stat.Size)
}

// compareBlock is how much of two files is in memory at a time.
const compareBlock = 64 << 10

func readersDiffer(a, b io.Reader, size int64) (bool, error) {
	block := make([]byte, 2*min(compareBlock, size+1))
	p, q := block[:len(block)/2], block[len(block)/2:]
	for {
		n, errA := io.ReadFull(a, p)
		m, errB := io.ReadFull(b, q)
		if !bytes.Equal(p[:n], q[:m]) {
			return true, nil
		}
		if errA != nil || errB != nil {
			return false, unlessEnd(errA, errB)
		}
	}
}

// unlessEnd returns the first error that is not the end of a file.
func unlessEnd(list ...error) error {
	for _, err := range list {
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
	}
	return nil
}
