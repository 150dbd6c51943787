//go:build overlayzstd

package layer

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
)

// A helper is a process of the program overlay-zstd, and the end of a pipe to it or from it.
type helper struct {
	pid  int
	pipe *os.File
	said *os.File // its messages
}

// compressor returns a writer that compresses into a file by zstd.
func compressor(to *os.File) (io.WriteCloser, error) {
	h, err := startHelper(func(theirs *os.File) []int {
		return []int{int(theirs.Fd()), int(to.Fd())}
	}, true)
	if err != nil {
		return nil, err
	}
	return helperWriter{h}, nil
}

// decompressor returns a reader of what is compressed in a file.
func decompressor(from *os.File) (io.ReadCloser, error) {
	h, err := startHelper(func(theirs *os.File) []int {
		return []int{int(from.Fd()), int(theirs.Fd())}
	}, false, "-d")
	if err != nil {
		return nil, err
	}
	return helperReader{h}, nil
}

// startHelper starts overlay-zstd with the files that a function returns for the other end of
// its pipe. writes says that our end is the one to write to.
func startHelper(files func(theirs *os.File) []int, writes bool, args ...string) (*helper, error) {
	exe, err := helperProgram()
	if err != nil {
		return nil, fmt.Errorf("cannot run overlay-zstd: %w", err)
	}
	defer unix.Close(exe)
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	if !writes {
		theirs, ours = ours, theirs
	}
	defer theirs.Close()
	said, err := proc.Memfd("overlay-zstd-messages", unix.MFD_NOEXEC_SEAL)
	if err != nil {
		ours.Close()
		return nil, err
	}
	h := &helper{pipe: ours, said: os.NewFile(uintptr(said), "messages")}
	spec := &proc.Spec{Argv: append([]string{"overlay-zstd"}, args...), Exe: exe,
		Dir: unix.AT_FDCWD, Files: append(files(theirs), said)}
	if h.pid, err = spec.Start(); err != nil {
		ours.Close()
		h.said.Close()
		return nil, fmt.Errorf("cannot run overlay-zstd: %w", err)
	}
	return h, nil
}

// helperProgram returns a descriptor of the program.
func helperProgram() (int, error) {
	z, err := gzip.NewReader(bytes.NewReader(zstdProgram))
	if err != nil {
		return -1, err
	}
	code, err := io.ReadAll(z)
	if err != nil {
		return -1, err
	}
	return proc.Executable("overlay-zstd", code)
}

// end waits until the helper has ended, and returns why it failed.
func (h *helper) end() error {
	if h.pid == 0 {
		return nil
	}
	pid := h.pid
	h.pid = 0
	defer h.said.Close()
	var status unix.WaitStatus
	for {
		if _, err := unix.Wait4(pid, &status, 0, nil); err == nil {
			break
		} else if err != unix.EINTR {
			return fmt.Errorf("overlay-zstd: %w", err)
		}
	}
	if status.Exited() && status.ExitStatus() == 0 {
		return nil
	}
	text := make([]byte, 300)
	n, _ := h.said.ReadAt(text, 0)
	said := strings.TrimSpace(string(text[:n]))
	for _, own := range []string{"write /dev/stdout: ", "read /dev/stdin: "} {
		said = strings.TrimPrefix(said, own) // our caller knows the files by other names
	}
	if said != "" {
		return errors.New(said)
	}
	return fmt.Errorf("overlay-zstd ended with status %d", proc.ExitStatus(status))
}

type helperWriter struct{ *helper }

// Write passes on what is to be compressed. Where the helper has failed, its reason is told.
func (w helperWriter) Write(p []byte) (int, error) {
	n, err := w.pipe.Write(p)
	if err != nil {
		w.pipe.Close()
		if failed := w.end(); failed != nil {
			err = failed
		}
	}
	return n, err
}

func (w helperWriter) Close() error {
	w.pipe.Close()
	return w.end()
}

type helperReader struct{ *helper }

// Read returns io.EOF only where the helper has found all to be right.
func (r helperReader) Read(p []byte) (int, error) {
	n, err := r.pipe.Read(p)
	if err == io.EOF {
		if failed := r.end(); failed != nil {
			err = failed
		}
	}
	return n, err
}

func (r helperReader) Close() error {
	r.pipe.Close() // the helper gets SIGPIPE if it has more to say
	_ = r.end()
	return nil
}
