// Overlay-zstd compresses standard input to standard output by zstd, or with the argument -d
// decompresses it. Overlay-boot contains it as a file, and runs it for overlay-reset: the
// library would take 32 MB of address space in every process, and its initialisation a part of
// each start.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

func main() {
	work := compress
	if len(os.Args) > 1 && os.Args[1] == "-d" {
		work = decompress
	}
	if err := work(os.Stdout, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func compress(to io.Writer, from io.Reader) error {
	w, err := zstd.NewWriter(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, from); err != nil {
		return err
	}
	return w.Close()
}

func decompress(to io.Writer, from io.Reader) error {
	r, err := zstd.NewReader(from)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(to, r)
	return err
}
