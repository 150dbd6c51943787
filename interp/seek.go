package interp

import (
	"bytes"
	"io"
	"slices"

	"golang.org/x/sys/unix"
)

// seekable reports whether the file is a regular one.
func (f *openFile) seekable() bool {
	return f.fileType() == unix.S_IFREG
}

// comesInPieces reports whether what reads the file to its end may wait for somebody: it
// is a FIFO, a terminal or the like.
func (f *openFile) comesInPieces() bool {
	kind := f.fileType()
	return kind != 0 && kind != unix.S_IFREG && kind != unix.S_IFDIR
}

// fileType is that of stat(2), 0 for a file in memory.
func (f *openFile) fileType() uint32 {
	if f == nil || f.inMemory() {
		return 0
	}
	kind := f.kind.Load()
	if kind == 0 {
		var st unix.Stat_t
		if unix.Fstat(f.fd, &st) != nil {
			return 0
		}
		kind = st.Mode & unix.S_IFMT
		f.kind.Store(kind)
	}
	return kind
}

// Seek sets the offset of a regular file, for commands that read ahead and give
// back what they did not use.
func (f *openFile) Seek(offset int64, whence int) (int64, error) {
	if !f.seekable() {
		return 0, unix.ESPIPE
	}
	return unix.Seek(f.fd, offset, whence)
}

func (f *openFile) inMemory() bool { return f.Descriptor() < 0 }

// Descriptor is the number of the open file, -1 for a pipe in memory.
func (f *openFile) Descriptor() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fd
}

// readLineSeek reads a line and leaves the file offset behind it.
func (f *openFile) readLineSeek() ([]byte, error) {
	var line []byte
	buf := make([]byte, 4096)
	for {
		n, err := f.Read(buf)
		if err != nil {
			return line, err
		}
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			unix.Seek(f.fd, int64(i+1-n), io.SeekCurrent)
			return append(line, buf[:i+1]...), nil
		}
		line = append(line, buf[:n]...)
	}
}

// readAll is all that follows in a file. The size that it has, in bytes, is a guess: it may
// grow, and those of /proc have none.
func (f *openFile) readAll() (string, error) {
	var st unix.Stat_t
	if fd := f.Descriptor(); fd >= 0 && unix.Fstat(fd, &st) != nil {
		st.Size = 0
	}
	text := make([]byte, 0, min(max(st.Size, 0), 1<<20)+512)
	for {
		n, err := f.Read(text[len(text):cap(text)])
		if text = text[:len(text)+n]; err == io.EOF {
			return string(text), nil
		}
		if err != nil {
			return string(text), err
		}
		if len(text) == cap(text) {
			text = slices.Grow(text, len(text))
		}
	}
}
