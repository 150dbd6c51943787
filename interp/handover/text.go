// Package handover is the text in which one process of the program tells another what
// that has to go on with: everything that is written for another process, and read from
// one, is written and read here.
package handover

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// version guards against a binary that was replaced meanwhile.
const version = "overlay-sh state 3"

// ErrVersion says that a text is not from a program of this version.
var ErrVersion = errors.New("the saved state is of another version of this program")

// A Writer makes a text of values, each with its length before it. They are read in
// the order in which they were written.
type Writer struct{ buf bytes.Buffer }

// NewWriter returns a Writer whose text says of which version it is.
func NewWriter() *Writer {
	w := new(Writer)
	w.Text(version)
	return w
}

// Bytes is what has been written so far.
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

// Flag writes whether something is so.
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

// A Reader reads what a Writer has written. After an error everything that it reads is
// empty; Err is looked at once, at the end.
type Reader struct {
	text []byte
	err  error
}

// NewReader reads a text that NewWriter began; the error is ErrVersion where it did not.
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

// Err is the first error, which says that the text ended too soon.
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

// Flag reads whether something is so.
func (r *Reader) Flag() bool { return r.Number() != 0 }

// Count reads the length of a list: the number of times that something is to be read.
// It is never more than what is left can hold.
func (r *Reader) Count() int {
	n := r.Number()
	if n < 0 || n > len(r.text) {
		r.fail()
		return 0
	}
	return n
}

// Texts reads a list of texts; one that is empty is nil.
func (r *Reader) Texts() []string {
	var list []string
	for n := r.Count(); n > 0; n-- {
		list = append(list, r.Text())
	}
	return list
}
