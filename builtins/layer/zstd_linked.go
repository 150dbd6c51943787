//go:build !overlayzstd

package layer

import (
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

// compressor returns a writer that compresses into a file by zstd.
func compressor(to *os.File) (io.WriteCloser, error) { return zstd.NewWriter(to) }

// decompressor returns a reader of what is compressed in a file.
func decompressor(from *os.File) (io.ReadCloser, error) {
	z, err := zstd.NewReader(from)
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}
