package interp

import (
	"bytes"
	"io"
	"slices"

	"golang.org/x/sys/unix"
)

// seekable reports whether the file is a regular file.
func (f *openFile) seekable() bool {
	return f.fileType() == unix.S_IFREG
}

// comesInPieces reports whether a reader may have to wait for a writer, as with a FIFO or a
// terminal.
func (f *openFile) comesInPieces() bool {
	kind := f.fileType()
	return kind != 0 && kind != unix.S_IFREG && kind != unix.S_IFDIR
}

// fileType returns the file type as stat(2) does, and 0 for a file in memory.
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

// Seek sets the offset of a regular file. Commands that read ahead return the unused text by
// it.
func (f *openFile) Seek(offset int64, whence int) (int64, error) {
	if !f.seekable() {
		return 0, unix.ESPIPE
	}
	return unix.Seek(f.fd, offset, whence)
}

func (f *openFile) inMemory() bool { return f.Descriptor() < 0 }

// Descriptor returns the file descriptor of the open file, -1 for a file in memory.
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

// readAll returns the rest of a file. The size of the file, in bytes, is only a guess: the file
// may grow, and files of /proc have the size 0.
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
