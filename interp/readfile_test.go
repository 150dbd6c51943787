package interp

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// lineTexts holds texts, and how many lines of each are read.
var lineTexts = []struct {
	text  string
	lines int
}{
	{"", 1}, {"\n", 1}, {"no newline", 1}, {"a\nb\n", 1}, {"a\nb\nc", 2}, {"a\n\n\nb", 3},
	{strings.Repeat("x", 4095) + "\nrest", 1}, {strings.Repeat("x", 4096) + "\nrest", 1},
	{strings.Repeat("x", 4097) + "\nrest", 1}, {strings.Repeat("x", 20000) + "\nrest\n", 1},
	{strings.Repeat("line\n", 3000), 2000},
}

// TestReadLine checks that the text behind a line stays in the file or pipe for the next
// reader, which may be another process.
func TestReadLine(t *testing.T) {
	for _, row := range lineTexts {
		ends := strings.SplitAfter(row.text, "\n")
		n := min(row.lines, len(ends))
		want, left := strings.Join(ends[:n], ""), strings.Join(ends[n:], "")

		name := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(name, []byte(row.text), 0o644); err != nil {
			t.Fatal(err)
		}
		fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		check := func(kind string, fd int, readLine func(f *openFile) ([]byte, error)) {
			f := newFile(fd)
			var got strings.Builder
			for range row.lines {
				line, err := readLine(f)
				got.Write(line)
				if err != nil {
					break
				}
			}
			rest, err := f.readAll()
			if got.String() != want || rest != left || err != nil {
				t.Errorf("%s, %d lines of %.20q: got %d bytes and %d left, want %d and %d, %v",
					kind, row.lines, row.text, got.Len(), len(rest), len(want), len(left), err)
			}
			f.release()
		}
		check("file", fd, (*openFile).readLineSeek)

		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = io.WriteString(w, row.text) // the reader's checks cover an error
			w.Close()
		}()
		fd, err = unix.FcntlInt(r.Fd(), unix.F_DUPFD_CLOEXEC, firstFile)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		check("pipe", fd, func(f *openFile) ([]byte, error) {
			return f.readLinePipe(nil)
		})
	}
}
