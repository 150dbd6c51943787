package layer

import (
	"archive/tar"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// An extractor makes the files of an archive below a directory. It follows no link, and takes no
// name that leads elsewhere.
type extractor struct {
	root *dir
	r    *resetter
	// open are the directories of the last entry, with what is to be set when they are complete.
	open []opened
	contents
}

type opened struct {
	name string
	dir  *dir
	head *tar.Header
}

// entry makes the file of an entry.
func (e *extractor) entry(h *tar.Header, c *content) error {
	if err := e.note(h); err != nil {
		return err
	}
	name := strings.TrimSuffix(h.Name, "/")
	if name == "." {
		return setStatus(e.root, ".", h)
	}
	parts := strings.Split(name, "/")
	d, err := e.enter(parts[:len(parts)-1])
	if err != nil {
		return err
	}
	last := parts[len(parts)-1]
	if err := e.make(d, last, h, c); err != nil {
		return err
	}
	if h.Typeflag == tar.TypeReg {
		if err := e.fill(d, last, h); err != nil {
			return err
		}
	}
	if h.Typeflag != tar.TypeDir {
		if h.Typeflag == tar.TypeLink {
			return nil
		}
		return setStatus(d, last, h)
	}
	sub, err := d.open(last)
	if err != nil {
		return err
	}
	e.open = append(e.open, opened{strings.Clone(last), sub, withoutPath(h)})
	return nil
}

// withoutPath returns what setStatus needs of a header. The path would be kept for each directory
// above a deep file.
func withoutPath(h *tar.Header) *tar.Header {
	status := &tar.Header{Typeflag: h.Typeflag, Mode: h.Mode, Uid: h.Uid, Gid: h.Gid,
		ModTime: h.ModTime, PAXRecords: map[string]string{}}
	for record, value := range h.PAXRecords {
		if strings.HasPrefix(record, xattrRecord) {
			status.PAXRecords[strings.Clone(record)] = strings.Clone(value)
		}
	}
	return status
}

// enter returns the directory of a path. An archive has each directory before what is in it, so
// it is open.
func (e *extractor) enter(parts []string) (*dir, error) {
	same := 0
	for same < len(parts) && same < len(e.open) && e.open[same].name == parts[same] {
		same++
	}
	if err := e.finish(same); err != nil {
		return nil, err
	}
	d := e.root
	if same > 0 {
		d = e.open[same-1].dir
	}
	for _, name := range parts[same:] {
		sub, err := d.open(name)
		if err != nil {
			return nil, err
		}
		e.open = append(e.open, opened{name: strings.Clone(name), dir: sub})
		d = sub
	}
	return d, nil
}

// finish closes all open directories but some, and sets their status: files that are made in
// them change their times.
func (e *extractor) finish(keep int) error {
	for len(e.open) > keep {
		o := e.open[len(e.open)-1]
		e.open = e.open[:len(e.open)-1]
		o.dir.close()
		parent := e.root
		if len(e.open) > 0 {
			parent = e.open[len(e.open)-1].dir
		}
		if o.head != nil {
			if err := setStatus(parent, o.name, o.head); err != nil {
				return err
			}
		}
	}
	return nil
}

// make makes the file itself.
func (e *extractor) make(d *dir, name string, h *tar.Header, c *content) error {
	device := int(unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor)))
	switch h.Typeflag {
	case tar.TypeDir:
		return unix.Mkdirat(d.fd(), name, 0o700)
	case tar.TypeSymlink:
		return unix.Symlinkat(h.Linkname, d.fd(), name)
	case tar.TypeChar:
		return unix.Mknodat(d.fd(), name, unix.S_IFCHR|0o600, device)
	case tar.TypeBlock:
		return unix.Mknodat(d.fd(), name, unix.S_IFBLK|0o600, device)
	case tar.TypeFifo:
		return unix.Mknodat(d.fd(), name, unix.S_IFIFO|0o600, 0)
	case tar.TypeLink:
		return e.link(d, name, h.Linkname)
	case tar.TypeReg:
		return writeContent(d, name, c, h.Size)
	}
	return unfit("a backup has no files of this kind")
}

// link makes another name of an extracted file.
func (e *extractor) link(d *dir, name, target string) error {
	parts := strings.Split(target, "/")
	if slices.ContainsFunc(parts, func(p string) bool { return p == "" || p == "." || p == ".." }) {
		return unfit("the link leads elsewhere")
	}
	from := e.root
	defer func() {
		if from != e.root {
			from.close()
		}
	}()
	for _, p := range parts[:len(parts)-1] {
		sub, err := openDir(from.fd(), p)
		if err != nil {
			return err
		}
		if from != e.root {
			from.close()
		}
		from = sub
	}
	return unix.Linkat(from.fd(), parts[len(parts)-1], d.fd(), name, 0)
}

// writeContent writes a regular file. It has holes only where that in the backup has: what was
// allocated may have to be, for example for swap.
func writeContent(d *dir, name string, c *content, size int64) error {
	fd, err := unix.Openat(d.fd(), name,
		unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), name)
	err = c.copy(func(at int64) io.Writer { return io.NewOffsetWriter(f, at) })
	if err == nil {
		err = f.Truncate(size)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return fsys.Errno(err)
}

// fill gives a file whose content is that of a file elsewhere in the lower tree that content. The
// two may have been names of one file; if the other is still there, the kernel takes them for one
// and shows only the first.
func (e *extractor) fill(d *dir, name string, h *tar.Header) error {
	mark := xattrRecord + string(e.r.Format)
	_, isMetacopy := h.PAXRecords[mark+"metacopy"]
	origin, isElsewhere := strings.CutPrefix(h.PAXRecords[mark+"redirect"], "/")
	if !isMetacopy || !isElsewhere {
		return nil
	}
	parent, base, err := e.r.descend(strings.Split(origin, "/"))
	if err != nil || parent == nil {
		return err
	}
	if parent != e.r.Lower.root {
		defer parent.close()
	}
	n, err := e.r.lower(parent, base)
	if err != nil || !n.isFile() || n.Stat.Size != h.Size {
		return err
	}
	from, err := n.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	fd, err := unix.Openat(d.fd(), name, unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	to := os.NewFile(uintptr(fd), name)
	defer to.Close()
	if _, err := io.Copy(to, from); err != nil {
		return fsys.Errno(err)
	}
	for _, gone := range []string{"metacopy", "redirect", "origin"} {
		delete(h.PAXRecords, mark+gone)
	}
	return nil
}

// setStatus sets owner, mode, extended attributes and time of a file. The attributes come
// behind the owner, since a change of that takes capabilities away.
func setStatus(d *dir, name string, h *tar.Header) error {
	if err := unix.Fchownat(d.fd(), name, h.Uid, h.Gid, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	n, err := d.lookup(name)
	if err != nil || n == nil {
		return err
	}
	if h.Typeflag != tar.TypeSymlink {
		// no other process is in the trash, so the file is no link
		if err := unix.Fchmodat(d.fd(), name, uint32(h.Mode&0o7777), 0); err != nil {
			return err
		}
	}
	for record, value := range h.PAXRecords {
		if escaped, ok := strings.CutPrefix(record, xattrRecord); ok {
			attr := unescapeName.Replace(escaped)
			if err := unix.Lsetxattr(n.path(), attr, []byte(value), 0); err != nil {
				return err
			}
		}
	}
	times := []unix.Timespec{unix.NsecToTimespec(h.ModTime.UnixNano()),
		unix.NsecToTimespec(h.ModTime.UnixNano())}
	return unix.UtimesNanoAt(d.fd(), name, times, unix.AT_SYMLINK_NOFOLLOW)
}
