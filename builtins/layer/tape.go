package layer

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// blockSize is the size of the blocks of an archive.
const blockSize = 512

// A tape is what archive/tar reads a backup from. Archive/tar does not tell where a sparse file
// has its holes, and reads them as zeros, which may take years. So the tape keeps what was read
// for the header, with the list of parts, and gives the data of the parts itself.
type tape struct {
	in    io.Reader
	keeps bool
	kept  []byte
	owed  int64 // bytes that were taken from the tape, and for which archive/tar will ask
	ended bool  // there is no more
}

// Read is the reading of archive/tar.
func (t *tape) Read(p []byte) (int, error) {
	if t.owed > 0 {
		n := int(min(t.owed, int64(len(p))))
		clear(p[:n])
		t.owed -= int64(n)
		return n, nil
	}
	n, err := t.in.Read(p)
	if n > 0 && err == io.EOF {
		err = nil // the next call tells it
	}
	if t.keeps {
		t.kept = append(t.kept, p[:n]...)
	}
	t.ended = t.ended || err == io.EOF
	if err != nil && err != io.EOF {
		err = readError{err}
	}
	return n, err
}

// end makes sure that archive/tar has stopped at the mark of the end, behind which there is
// nothing: it takes the end of the file for one, too.
func (t *tape) end(empty bool) error {
	switch {
	case empty:
		return unfit("it has no files, so it was not made by overlay-reset")
	case t.ended:
		return readError{io.ErrUnexpectedEOF}
	}
	block := make([]byte, 32<<10)
	for {
		n, err := t.Read(block)
		if len(bytes.Trim(block[:n], "\x00")) > 0 {
			return unfit("something is behind its end")
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// parts returns the parts of a file that have data; it is nil for one without holes.
func (t *tape) parts(h *tar.Header) ([]part, error) {
	if h.PAXRecords["GNU.sparse.major"] == "" {
		return nil, nil
	}
	wrong := unfit("the list of its holes is wrong")
	text := t.kept[len(t.kept)%blockSize:] // the rest fills the block of the file before
	for len(text) > blockSize && text[156] == 'x' {
		size, err := strconv.ParseUint(strings.Trim(string(text[124:136]), " \x00"), 8, 32)
		blocks := (int(size) + blockSize - 1) / blockSize * blockSize
		if err != nil || blockSize+blocks > len(text) {
			return nil, wrong
		}
		text = text[blockSize+blocks:]
	}
	if len(text) < blockSize {
		return nil, wrong
	}
	text = text[blockSize:]
	list := strings.Split(string(text), "\n")
	count, err := strconv.Atoi(list[0])
	if err != nil || count < 0 || 2*count+2 > len(list) {
		return nil, wrong
	}
	parts, data := make([]part, count), int64(0)
	for i := range parts {
		from, err := strconv.ParseInt(list[1+2*i], 10, 64)
		size, err2 := strconv.ParseInt(list[2+2*i], 10, 64)
		if err != nil || err2 != nil || from < 0 || size < 0 || size > h.Size-from {
			return nil, wrong
		}
		parts[i] = part{from, size}
		data += size
	}
	if h.PAXRecords["size"] != strconv.FormatInt(int64(len(text))+data, 10) {
		return nil, wrong
	}
	return parts, nil
}

// A content is that of a file in a backup. It can be copied once; then it is empty.
type content struct {
	*tape
	plain io.Reader // of a file without holes
	parts []part    // of one with holes
	done  bool
}

// copy writes the content to the writers that a function returns for positions in the file.
func (c *content) copy(to func(at int64) io.Writer) error {
	if c.done {
		return nil
	}
	c.done = true
	if c.parts == nil {
		_, err := io.Copy(to(0), marked{c.plain})
		return err
	}
	data := int64(0)
	for _, p := range c.parts {
		if _, err := io.CopyN(to(p.from), c.tape, p.size); err == io.EOF {
			return readError{io.ErrUnexpectedEOF}
		} else if err != nil {
			return err
		}
		data += p.size
	}
	c.owed = data
	return nil
}

// marked marks the errors of a reader.
type marked struct{ io.Reader }

// Read reads.
func (m marked) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	var already readError
	if err != nil && err != io.EOF && !errors.As(err, &already) {
		err = readError{err}
	}
	return n, err
}

// both returns two errors in one line; either may be nil.
func both(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return errors.New(a.Error() + "; " + b.Error())
}
