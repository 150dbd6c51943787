package interp

import (
	"bytes"
	"io"

	"golang.org/x/sys/unix"
)

// seekable reports whether the file is a regular one.
func (f *openFile) seekable() bool {
	if f == nil || f.inMemory() {
		return false
	}
	var st unix.Stat_t
	return unix.Fstat(f.fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG
}

func (f *openFile) inMemory() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fd < 0
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
