package handover

import (
	"bytes"
	"compress/lzw"
	"errors"
	"io"
)

// packed is the first byte of a text that Pack has made: no other begins so, since the
// version of the program has a length.
const packed = 0

// Pack makes a text shorter that is kept for long: a NewReader reads it as it was.
func Pack(text []byte) []byte {
	var b bytes.Buffer
	b.WriteByte(packed)
	// Other packages for this make tables whenever the program starts.
	w := lzw.NewWriter(&b, lzw.LSB, 8)
	_, err := w.Write(text)
	if err = errors.Join(err, w.Close()); err != nil {
		return text
	}
	return b.Bytes()
}

// unpack undoes Pack.
func unpack(text []byte) ([]byte, error) {
	if len(text) == 0 || text[0] != packed {
		return text, nil
	}
	return io.ReadAll(lzw.NewReader(bytes.NewReader(text[1:]), lzw.LSB, 8))
}
