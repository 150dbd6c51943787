package files

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// This file holds the part of cp that copies the data of a file.

func (p *copier) copyFile(from, to string, st unix.Stat_t) {
	p.verbosely(from, to)
	in, err := p.OpenFile(from, unix.O_RDONLY, 0)
	if err != nil {
		p.fail("cannot open %s for reading: %s", native.QuoteAlways(from), clib.Strerror(err))
		return
	}
	defer in.Close()
	perm := st.Mode & 0o777
	switch {
	case p.plainMode:
		perm = 0o666
	case p.owner:
		perm &= 0o700
	}
	out, isNew, err := p.create(to, perm)
	if err != nil {
		p.fail("%s", err)
		return
	}
	defer out.Close()
	if p.reflink == "always" {
		if err := unix.IoctlFileClone(int(out.Fd()), int(in.Fd())); err != nil {
			p.fail("failed to clone %s from %s: %s", native.QuoteAlways(to), native.QuoteAlways(from),
				clib.Strerror(err))
			if isNew {
				unix.Unlinkat(p.Dir, to, 0)
			}
			return
		}
	} else {
		readErr, writeErr := p.copyData(out, in, st)
		if readErr != nil {
			p.fail("error reading %s: %s", native.QuoteAlways(from), clib.Strerror(readErr))
		}
		if writeErr != nil {
			p.fail("error writing %s: %s", native.QuoteAlways(to), clib.Strerror(writeErr))
		}
		if readErr != nil || writeErr != nil {
			return // half a file must not look like the whole one
		}
	}
	p.attributes(int(in.Fd()), int(out.Fd()), from, to, st)
	if isNew && p.owner && !p.mode && !p.plainMode {
		p.chmod(int(out.Fd()), to, st.Mode&0o777&^p.mask)
	}
}

// create opens the new file. An old file is truncated.
func (p *copier) create(to string, perm uint32) (out *os.File, isNew bool, err error) {
	out, err = p.OpenFile(to, unix.O_WRONLY|unix.O_TRUNC, 0)
	if err != nil && err != unix.ENOENT && p.force {
		if unix.Unlinkat(p.Dir, to, 0) == nil {
			err = unix.ENOENT
		}
	}
	if err == unix.ENOENT {
		flags := unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL
		isNew = true
		out, err = p.OpenFile(to, flags, perm)
		if err == unix.EEXIST && p.Getenv("POSIXLY_CORRECT") != "" {
			out, err = p.OpenFile(to, flags&^unix.O_EXCL, perm)
		}
		if err == unix.EEXIST {
			return nil, false, fsys.Error("not writing through dangling symlink " +
				p.Quoted(native.QuoteAlways(to)))
		}
		if err == unix.EISDIR && strings.HasSuffix(to, "/") {
			err = unix.ENOTDIR
		}
	}
	if err != nil {
		return nil, false, fsys.Error("cannot create regular file " + p.Quoted(native.QuoteAlways(to)) +
			": " + clib.Strerror(err))
	}
	return out, isNew, nil
}

// copyData copies the data by the rules of --reflink and --sparse.
func (p *copier) copyData(out, in *os.File, st unix.Stat_t) (readErr, writeErr error) {
	regular := fsys.Type(st) == unix.S_IFREG
	switch {
	case p.sparse == "always" && isRegular(out):
		return copyHoles(out, in)
	case p.sparse == "never" && regular:
		return fsys.CopyStream(out, in)
	case p.reflink != "never" && regular && unix.IoctlFileClone(int(out.Fd()), int(in.Fd())) == nil:
		return nil, nil
	case regular && st.Blocks < st.Size/512 && isRegular(out):
		return copyParts(out, in, st.Size)
	}
	return copyFileData(out, in)
}

// copyFileData lets the kernel copy, and falls back to reads and writes.
func copyFileData(out, in *os.File) (readErr, writeErr error) {
	for {
		n, err := unix.CopyFileRange(int(in.Fd()), nil, int(out.Fd()), nil, 1<<30, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		// A file in /proc has size 0, so this call copies nothing.
		if err != nil || n == 0 {
			return fsys.CopyStream(out, in)
		}
	}
}

func isRegular(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode().IsRegular()
}

// copyParts copies the parts of a sparse file that are no holes.
func copyParts(out, in *os.File, size int64) (readErr, writeErr error) {
	for at := int64(0); at < size; {
		data, err := unix.Seek(int(in.Fd()), at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			break // a hole up to the end
		}
		if err != nil {
			if _, err := in.Seek(at, io.SeekStart); err != nil {
				return err, nil
			}
			return fsys.CopyStream(out, in)
		}
		end, err := unix.Seek(int(in.Fd()), data, unix.SEEK_HOLE)
		if err != nil {
			return err, nil
		}
		if _, err := in.Seek(data, io.SeekStart); err != nil {
			return err, nil
		}
		if _, err := out.Seek(data, io.SeekStart); err != nil {
			return nil, err
		}
		if r, w := fsys.CopyStream(out, &io.LimitedReader{R: in, N: end - data}); r != nil || w != nil {
			return r, w
		}
		at = end
	}
	return nil, out.Truncate(size)
}

// copyHoles writes blocks of zeros as holes.
func copyHoles(out, in *os.File) (readErr, writeErr error) {
	const block = 32 << 10
	buf := make([]byte, block)
	var size int64
	for {
		n, err := io.ReadFull(in, buf)
		if n > 0 && !isZero(buf[:n]) {
			if _, err := out.WriteAt(buf[:n], size); err != nil {
				return nil, err
			}
		}
		size += int64(n)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, out.Truncate(size)
		}
		if err != nil {
			return err, nil
		}
	}
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// link makes a link instead of a copy, for -l and -s.
func (p *copier) link(from, to string, exists, followed bool) {
	p.verbosely(from, to)
	if p.symbolic && !strings.HasPrefix(from, "/") && fsys.DirPart(to) != "." {
		p.fail("%s: can make relative symbolic links only in current directory", native.QuoteName(to))
		return
	}
	make, kind := func(to string) error { return unix.Symlinkat(from, p.Dir, to) }, "symbolic"
	if p.hard {
		flags := 0
		if followed {
			flags = unix.AT_SYMLINK_FOLLOW
		}
		make, kind = func(to string) error { return unix.Linkat(p.Dir, from, p.Dir, to, flags) }, "hard"
	}
	err := make(to)
	if err == unix.EEXIST && exists && p.force {
		// The source may be reached through the old file, so that file cannot be removed first.
		other := fsys.JoinName(fsys.DirPart(to), ".cp"+strconv.Itoa(os.Getpid()))
		if err = make(other); err == nil {
			err = unix.Renameat(p.Dir, other, p.Dir, to)
			unix.Unlinkat(p.Dir, other, 0) // rename(2) keeps both names if they are one file
		}
	}
	if err != nil {
		p.fail("cannot create %s link %s to %s: %s", kind, native.QuoteAlways(to),
			native.QuoteAlways(from), clib.Strerror(err))
	}
}
