package text

import (
	"bytes"
	"errors"
	"io"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
)

// tailBlock is how much of a file is looked at in one step from its end.
const tailBlock = 64 << 10

// copyEnd shows the last lines or bytes of one input. Of a regular file it reads only these; of
// anything else it holds as much in memory as it may have to show.
func (t *tailRun) copyEnd(in io.Reader) error {
	file, start, size := longFile(in)
	if file == nil {
		return t.copyEndOfStream(in)
	}
	at := max(start, size-int64(t.count))
	if !t.bytes {
		var err error
		if at, err = t.lastLines(file, start, size); err != nil {
			return err
		}
	}
	if _, err := file.Seek(at, io.SeekStart); err != nil {
		return err
	}
	return t.copyAfter(in, 0)
}

// longFile returns an input that is a regular file with more than one block to read, the place
// where it is to be read from, and its size. Otherwise file is nil.
func longFile(in io.Reader) (file io.ReadSeeker, start, size int64) {
	file, seeks := in.(io.ReadSeeker)
	var st unix.Stat_t
	if !seeks || unix.Fstat(native.FD(in), &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, 0, 0
	}
	start, err := file.Seek(0, io.SeekCurrent)
	if err != nil || st.Size-start <= tailBlock {
		return nil, 0, 0
	}
	return file, start, st.Size
}

// lastLines returns where the last lines begin of a file that is read from start to size.
func (t *tailRun) lastLines(file io.ReadSeeker, start, size int64) (int64, error) {
	if t.count == 0 {
		return size, nil
	}
	buf := make([]byte, tailBlock)
	left := t.count
	for at := size; at > start; {
		text := buf[:min(tailBlock, at-start)]
		at -= int64(len(text))
		if _, err := file.Seek(at, io.SeekStart); err != nil {
			return 0, err
		}
		n, err := io.ReadFull(file, text)
		if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, err // other than that the file has become shorter
		}
		text = text[:n]
		if at+int64(n) == size {
			text = bytes.TrimSuffix(text, []byte{t.end})
		}
		for i := len(text); ; left-- {
			if i = bytes.LastIndexByte(text[:i], t.end); i < 0 {
				break
			}
			if left == 1 {
				return at + int64(i) + 1, nil
			}
		}
	}
	return start, nil
}

// copyEndOfStream does the work of copyEnd for an input that has to be read from its start.
func (t *tailRun) copyEndOfStream(in io.Reader) error {
	buf := make([]byte, 32<<10)
	var text []byte
	for limit := tailBlock; ; {
		n, err := in.Read(buf)
		text = append(text, buf[:n]...)
		if err != nil {
			if err == io.EOF {
				t.out.Write(t.cut(text))
				err = nil
			}
			return err
		}
		if len(text) > limit {
			text = append(text[:0], t.cut(text)...)
			limit = max(tailBlock, 2*len(text))
		}
	}
}
