package site

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// sizeLimit is the size of the largest file that is read here. Real ones have some hundred bytes.
const sizeLimit = 1 << 20

// readFile reads a regular file. Anything else could keep the reader waiting, or never end.
func readFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case st.IsDir():
		return nil, &os.PathError{Op: "read", Path: path, Err: unix.EISDIR}
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, sizeLimit+1))
	if err == nil && len(text) > sizeLimit {
		err = fmt.Errorf("%s is larger than 1 MiB", path)
	}
	return text, err
}
