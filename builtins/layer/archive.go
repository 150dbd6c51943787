package layer

import (
	"archive/tar"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// xattrRecord is the prefix of the records that hold extended attributes, in the archives of
// star, GNU tar and this package. GNU tar escapes "%" and "=" in their names.
const xattrRecord = "SCHILY.xattr."

// An archiver writes files of an upper directory to a tar archive as they are there, with the
// marks of overlay.
type archiver struct {
	*tar.Writer
	raw   io.Writer // below the tar.Writer, for what that cannot write
	links map[fsys.Inode]link
	warn  func(path string)
}

// A link is a file with several names, of which one is in the archive.
type link struct {
	path *trail
	left uint64 // the names that have not been seen
}

func newArchiver(w io.Writer, warn func(string)) *archiver {
	return &archiver{Writer: tar.NewWriter(w), raw: w, links: map[fsys.Inode]link{}, warn: warn}
}

// tree writes a file and, if it is a directory, all in it.
func (a *archiver) tree(at *trail, n *Node, edit func(*tar.Header)) error {
	if err := a.file(at, n, edit); err != nil {
		return cannotKeep(at.String(), err)
	}
	if !n.IsDir() {
		return nil
	}
	d, err := n.dir.open(n.name)
	if err != nil {
		return cannotKeep(at.String(), err)
	}
	defer d.close()
	names, err := d.names()
	if err != nil {
		return cannotKeep(at.String(), err)
	}
	for _, name := range names {
		inner, err := d.lookup(name)
		if err != nil {
			return cannotKeep(at.to(name).String(), err)
		}
		if inner == nil {
			continue
		}
		if err := a.tree(at.to(name), inner, nil); err != nil {
			return err
		}
	}
	return nil
}

// cannotKeep names the file of an error.
func cannotKeep(at string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", quotePath("/"+at), fsys.Errno(err))
}

// file writes one file. edit may change the header.
func (a *archiver) file(at *trail, n *Node, edit func(*tar.Header)) error {
	if n.Type() == unix.S_IFSOCK {
		a.warn(at.String())
		return nil
	}
	h, err := header(at.String(), n)
	if err != nil {
		return err
	}
	if first, ok := a.linked(at, n); ok {
		h.Typeflag, h.Linkname, h.Size, h.PAXRecords = tar.TypeLink, first.String(), 0, nil
	}
	if edit != nil {
		edit(h)
	}
	if h.Typeflag != tar.TypeReg {
		return a.WriteHeader(h)
	}
	f, err := n.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	if n.Stat.Blocks*512 < n.Stat.Size {
		if parts, err := dataParts(f, n.Stat.Size); err == nil &&
			!isWhole(parts, n.Stat.Size) {
			return a.sparse(h, f, parts)
		}
	}
	if err := a.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.CopyN(a, f, h.Size)
	return err
}

// linked returns the path under which the archive has the file already.
func (a *archiver) linked(at *trail, n *Node) (first *trail, ok bool) {
	if n.IsDir() || n.Stat.Nlink < 2 {
		return nil, false
	}
	id := fsys.InodeOf(n.Stat)
	l, ok := a.links[id]
	if !ok {
		a.links[id] = link{at, uint64(n.Stat.Nlink) - 1}
		return nil, false
	}
	if l.left--; l.left == 0 {
		delete(a.links, id)
	} else {
		a.links[id] = l
	}
	return l.path, true
}

// header describes a file.
func header(at string, n *Node) (*tar.Header, error) {
	st := n.Stat
	h := &tar.Header{Name: at, Mode: int64(st.Mode & 0o7777), Uid: int(st.Uid), Gid: int(st.Gid),
		ModTime: time.Unix(st.Mtim.Unix()), Format: tar.FormatPAX, PAXRecords: map[string]string{}}
	var err error
	switch n.Type() {
	case unix.S_IFDIR:
		h.Typeflag, h.Name = tar.TypeDir, at+"/"
	case unix.S_IFLNK:
		h.Typeflag = tar.TypeSymlink
		h.Linkname, err = n.Target()
	case unix.S_IFCHR:
		h.Typeflag = tar.TypeChar
	case unix.S_IFBLK:
		h.Typeflag = tar.TypeBlock
	case unix.S_IFIFO:
		h.Typeflag = tar.TypeFifo
	default:
		h.Typeflag, h.Size = tar.TypeReg, st.Size
	}
	if h.Typeflag == tar.TypeChar || h.Typeflag == tar.TypeBlock {
		h.Devmajor, h.Devminor = int64(unix.Major(st.Rdev)), int64(unix.Minor(st.Rdev))
	}
	if err != nil {
		return nil, err
	}
	names, err := n.XattrNames()
	for _, name := range names {
		value, ok, e := n.Xattr(name)
		if e != nil {
			err = e
		}
		if ok {
			h.PAXRecords[xattrRecord+escapeName.Replace(name)] = value
		}
	}
	return h, err
}

var (
	escapeName   = strings.NewReplacer("%", "%25", "=", "%3D")
	unescapeName = strings.NewReplacer("%25", "%", "%3D", "=")
)

// A part is a part of a sparse file that has data.
type part struct{ from, size int64 }

// dataParts returns the parts of a file between its holes.
func dataParts(f *os.File, size int64) (parts []part, err error) {
	fd := int(f.Fd())
	for at := int64(0); at < size; {
		from, err := unix.Seek(fd, at, unix.SEEK_DATA)
		if err == unix.ENXIO {
			break
		}
		if err != nil {
			return nil, err
		}
		to, err := unix.Seek(fd, from, unix.SEEK_HOLE)
		if err != nil {
			return nil, err
		}
		to = min(to, size)
		parts = append(parts, part{from, to - from})
		at = to
	}
	// a part at the end tells tar the size
	return append(parts, part{size, 0}), nil
}

// isWhole reports whether the parts leave no hole: the file system has compressed the file.
func isWhole(parts []part, size int64) bool {
	return len(parts) == 2 && parts[0] == part{0, size}
}

// sparse writes a file with holes in GNU tar's form 1.0, which archive/tar can only read: the
// content begins with a list of the parts.
func (a *archiver) sparse(h *tar.Header, f *os.File, parts []part) error {
	var list strings.Builder
	fmt.Fprintf(&list, "%d\n", len(parts))
	data := int64(0)
	for _, p := range parts {
		fmt.Fprintf(&list, "%d\n%d\n", p.from, p.size)
		data += p.size
	}
	list.WriteString(strings.Repeat("\x00", -list.Len()&511))
	records := map[string]string{"GNU.sparse.major": "1", "GNU.sparse.minor": "0",
		"GNU.sparse.name": h.Name, "GNU.sparse.realsize": strconv.FormatInt(h.Size, 10),
		"size":  strconv.FormatInt(int64(list.Len())+data, 10),
		"mtime": fmt.Sprintf("%d.%09d", h.ModTime.Unix(), h.ModTime.Nanosecond()),
		"uid":   strconv.Itoa(h.Uid), "gid": strconv.Itoa(h.Gid)}
	for name, value := range h.PAXRecords {
		records[name] = value
	}
	if err := a.Flush(); err != nil {
		return err
	}
	text := paxRecords(records)
	if err := a.block(rawHeader("PaxHeaders/sparse", 'x', 0o644, int64(len(text))), text); err != nil {
		return err
	}
	size := int64(list.Len()) + data
	if err := a.block(rawHeader("GNUSparseFile.0/sparse", '0', h.Mode, size), ""); err != nil {
		return err
	}
	if _, err := io.WriteString(a.raw, list.String()); err != nil {
		return err
	}
	for _, p := range parts {
		if _, err := io.Copy(a.raw, io.NewSectionReader(f, p.from, p.size)); err != nil {
			return err
		}
	}
	_, err := a.raw.Write(make([]byte, -size&511))
	return err
}

// block writes a header and a text, filled up to a full block.
func (a *archiver) block(header []byte, text string) error {
	if _, err := a.raw.Write(header); err != nil {
		return err
	}
	_, err := io.WriteString(a.raw, text+strings.Repeat("\x00", -len(text)&511))
	return err
}
