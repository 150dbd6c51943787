package handover

import (
	"bytes"
	"compress/flate"
	"io"
)

// packed is the first byte of a text that Pack has made: no other begins so, since the
// version of the program has a length.
const packed = 0

// Pack makes a text shorter that is kept for long: a NewReader reads it as it was.
func Pack(text []byte) []byte {
	var b bytes.Buffer
	b.WriteByte(packed)
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return text
	}
	if _, err = w.Write(text); err == nil {
		err = w.Close()
	}
	if err != nil {
		return text
	}
	return b.Bytes()
}

// unpack undoes Pack.
func unpack(text []byte) ([]byte, error) {
	if len(text) == 0 || text[0] != packed {
		return text, nil
	}
	return io.ReadAll(flate.NewReader(bytes.NewReader(text[1:])))
}
