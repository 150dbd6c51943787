package layer

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/sys/unix"
)

// textLimit is the size of the largest file that is compared line by line.
const textLimit = 1 << 20

// A textReport prints differences for patch(1), in the form of git: the headers also tell modes,
// symbolic links, and files that are empty. Directories, devices and owners are not in it.
type textReport struct{ out *bufio.Writer }

func (r *textReport) below() bool { return true }
func (r *textReport) end() error  { return nil }

func (r *textReport) change(c *Change) error {
	was, isText, err := textOf(c.Old, c.Old)
	if err != nil {
		return ignoreVanished(err)
	}
	is, isTextToo, err := textOf(c.New, c.Data)
	if err != nil {
		return ignoreVanished(err)
	}
	if isText == noText && isTextToo == noText {
		return nil
	}
	// git has no change of the type of a file: it removes the one and adds the other. A link is
	// written likewise, since patch takes a change of its text for that of a file.
	if isText != noText && isTextToo != noText && c.Old.isFile() && c.New.isFile() {
		return r.file(c.Path, c.Old, c.New, was, is, max(isText, isTextToo))
	}
	if isText != noText && (was != is || !c.Old.sameType(c.New)) {
		if err := r.file(c.Path, c.Old, nil, was, "", isText); err != nil {
			return err
		}
	}
	if isTextToo != noText && (was != is || !c.Old.sameType(c.New)) {
		return r.file(c.Path, nil, c.New, "", is, isTextToo)
	}
	return nil
}

func ignoreVanished(err error) error {
	if vanished(err) {
		return nil
	}
	return err
}

// A textKind tells whether a file can be shown.
type textKind byte

const (
	noText   textKind = iota // neither a regular file nor a link, or no file at all
	isText                   // it can
	isBinary                 // it has null bytes at its beginning
	isLarge                  // it is too large
)

// textOf returns the content of a file.
func textOf(n, data *Node) (string, textKind, error) {
	switch {
	case n == nil:
		return "", noText, nil
	case n.Type() == unix.S_IFLNK:
		target, err := n.Target()
		return target, isText, err
	case !n.isFile():
		return "", noText, nil
	case n.Stat.Size > textLimit:
		return "", isLarge, nil
	case !data.isFile():
		return "", isBinary, nil
	}
	f, err := data.Open()
	if err != nil {
		return "", noText, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, textLimit+1))
	switch {
	case err != nil:
		return "", noText, err
	case len(text) > textLimit:
		return "", isLarge, nil
	case bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0:
		return "", isBinary, nil
	}
	return string(text), isText, nil
}

// file prints the difference of two files, of which one may be absent.
func (r *textReport) file(path string, old, now *Node, was, is string, kind textKind) error {
	var b strings.Builder
	a, z := quotePath("a/"+path), quotePath("b/"+path)
	if strings.Contains(path, " ") { // without quotes, patch would not know where the names end
		fmt.Fprintf(&b, "diff --git %s %s\n", quoted("a/"+path), quoted("b/"+path))
	} else {
		fmt.Fprintf(&b, "diff --git %s %s\n", a, z)
	}
	switch {
	case old == nil:
		fmt.Fprintf(&b, "new file mode %06o\n", gitMode(now))
		a = "/dev/null"
	case now == nil:
		fmt.Fprintf(&b, "deleted file mode %06o\n", gitMode(old))
		z = "/dev/null"
	case gitMode(old) != gitMode(now):
		fmt.Fprintf(&b, "old mode %06o\nnew mode %06o\n", gitMode(old), gitMode(now))
	case kind == isBinary || kind == isLarge:
		b.WriteString("dissimilarity index 100%\n") // git wants a header, to know the part for one
	}
	switch kind {
	case isBinary:
		fmt.Fprintf(&b, "Binary files %s and %s differ\n", a, z)
	case isLarge:
		fmt.Fprintf(&b, "Files %s and %s, too large to be compared by lines, differ\n", a, z)
	default:
		if was == is && (old == nil || now == nil) {
			// without hunks this tells patch what the file was or is
			fmt.Fprintf(&b, "index %s..%s\n", emptyName(old), emptyName(now))
		}
		if was != is {
			fmt.Fprintf(&b, "--- %s\n+++ %s\n", ended(a), ended(z))
			writeHunks(&b, was, is)
		} else if old != nil && now != nil && gitMode(old) == gitMode(now) {
			return nil // only owners or attributes differ
		}
	}
	_, err := r.out.WriteString(b.String())
	return err
}

// emptyName returns what git calls the content of an empty file, or of none.
func emptyName(n *Node) string {
	if n == nil {
		return "0000000"
	}
	return "e69de29"
}

// gitMode returns the mode of a file as git has it: links have no permissions.
func gitMode(n *Node) uint32 {
	if n.Type() == unix.S_IFLNK {
		return unix.S_IFLNK
	}
	return n.Stat.Mode & (unix.S_IFMT | 0o777)
}

// ended returns a name for a header line. Without a tab behind it, patch takes the last word of
// a name with a blank for a date.
func ended(name string) string {
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}
