// Package handover is the format in which one process of this program passes its state to
// another. All such texts are written and read here.
package handover

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// version protects against a binary that was replaced in the meantime.
const version = "overlay-sh state 3"

// ErrVersion says that a text comes from another version of this program.
var ErrVersion = errors.New("the saved state is of another version of this program")

// A Writer makes a text of values, each text with its length before it. A Reader must read them
// in the order in which they were written.
type Writer struct{ buf bytes.Buffer }

// NewWriter returns a Writer whose text begins with the version.
func NewWriter() *Writer {
	w := new(Writer)
	w.Text(version)
	return w
}

// Bytes returns the text so far.
func (w *Writer) Bytes() []byte { return w.buf.Bytes() }

// Text writes a text of any bytes.
func (w *Writer) Text(s string) {
	w.buf.Write(binary.AppendUvarint(w.buf.AvailableBuffer(), uint64(len(s))))
	w.buf.WriteString(s)
}

// Number writes a number.
func (w *Writer) Number(n int) {
	w.buf.Write(binary.AppendVarint(w.buf.AvailableBuffer(), int64(n)))
}

// Flag writes a boolean.
func (w *Writer) Flag(on bool) {
	n := 0
	if on {
		n = 1
	}
	w.Number(n)
}

// Texts writes a list of texts.
func (w *Writer) Texts(list []string) {
	w.Number(len(list))
	for _, s := range list {
		w.Text(s)
	}
}

// A Reader reads the text of a Writer. After an error all values are empty, so it suffices to
// check Err once, at the end.
type Reader struct {
	text []byte
	err  error
}

// NewReader returns a Reader for a text of a Writer. The error is ErrVersion if the text begins
// with another version.
func NewReader(text []byte) (*Reader, error) {
	text, err := unpack(text)
	if err != nil {
		return nil, err
	}
	r := &Reader{text: text}
	if r.Text() != version {
		return nil, ErrVersion
	}
	return r, nil
}

// Err returns the error of a text that ended too early, or nil.
func (r *Reader) Err() error { return r.err }

func (r *Reader) fail() {
	r.text, r.err = nil, io.ErrUnexpectedEOF
}

// Text reads a text.
func (r *Reader) Text() string {
	size, n := binary.Uvarint(r.text)
	if n <= 0 || size > uint64(len(r.text)-n) {
		r.fail()
		return ""
	}
	s := string(r.text[n : n+int(size)])
	r.text = r.text[n+int(size):]
	return s
}

// Number reads a number.
func (r *Reader) Number() int {
	v, n := binary.Varint(r.text)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.text = r.text[n:]
	return int(v)
}

// Flag reads a boolean.
func (r *Reader) Flag() bool { return r.Number() != 0 }

// Count reads the length of a list. The length never exceeds the number of remaining bytes.
func (r *Reader) Count() int {
	n := r.Number()
	if n < 0 || n > len(r.text) {
		r.fail()
		return 0
	}
	return n
}

// Texts reads a list of texts; an empty list is nil.
func (r *Reader) Texts() []string {
	var list []string
	for n := r.Count(); n > 0; n-- {
		list = append(list, r.Text())
	}
	return list
}
