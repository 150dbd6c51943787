package handover

import (
	"bytes"
	"compress/lzw"
	"errors"
	"io"
)

// packed is the first byte of a text that Pack has made. No other text begins with 0, since the
// first byte is the length of the version.
const packed = 0

// Pack compresses a text that is kept for long. NewReader reads it like the original.
func Pack(text []byte) []byte {
	var b bytes.Buffer
	b.WriteByte(packed)
	// Other packages for compression make tables whenever the program starts.
	w := lzw.NewWriter(&b, lzw.LSB, 8)
	_, err := w.Write(text)
	if err = errors.Join(err, w.Close()); err != nil {
		return text
	}
	return b.Bytes()
}

// unpack reverses Pack.
func unpack(text []byte) ([]byte, error) {
	if len(text) == 0 || text[0] != packed {
		return text, nil
	}
	return io.ReadAll(lzw.NewReader(bytes.NewReader(text[1:]), lzw.LSB, 8))
}
