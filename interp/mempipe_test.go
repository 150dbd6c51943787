package interp

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// letters returns n bytes in which no two neighbours are equal.
func letters(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + i%23)
	}
	return b
}

func TestMemPipe(t *testing.T) {
	want := letters(5 * pipeSize)
	// The pipe moves into the kernel after the reader got `at` bytes, and never for -1.
	for _, at := range []int{-1, 0, 1, 1000, pipeSize, 2*pipeSize + 1} {
		r, w := newMemPipe()
		go func() {
			for rest := want; len(rest) > 0; {
				n, err := w.Write(rest[:min(7000, len(rest))])
				if err != nil {
					t.Error(err)
				}
				rest = rest[n:]
			}
			w.release()
		}()
		var got bytes.Buffer
		if at >= 0 {
			io.CopyN(&got, r, int64(at))
			if _, err := r.osFD(); err != nil {
				t.Fatal(err)
			}
		}
		io.Copy(&got, r)
		r.release()
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("inKernel after %d: got %d bytes of %d", at, got.Len(), len(want))
		}
	}
}

func TestMemPipeFills(t *testing.T) {
	r, w := newMemPipe()
	defer r.release()
	done := make(chan struct{})
	go func() {
		w.Write(letters(pipeSize))
		w.Write(letters(1))
		close(done)
	}()
	select {
	case <-done:
		t.Error("a full pipe takes more")
	case <-time.After(20 * time.Millisecond):
	}
	io.CopyN(io.Discard, r, pipeSize)
	<-done
	w.release()
}

func TestMemPipeWithoutReader(t *testing.T) {
	for _, inKernel := range []bool{false, true} {
		r, w := newMemPipe()
		if inKernel {
			if _, err := w.osFD(); err != nil {
				t.Fatal(err)
			}
		}
		r.release()
		if _, err := w.Write([]byte("x")); !errors.Is(err, unix.EPIPE) {
			t.Errorf("inKernel %v: got %v", inKernel, err)
		}
		w.release()
	}
}
