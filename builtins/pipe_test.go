package builtins_test

import (
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/builtins/native"
)

// endless is an input without an end.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = "y\n"[i%2]
	}
	return len(b) &^ 1, nil
}

// TestBrokenPipe checks that filters end, without a message, when nobody reads their output.
func TestBrokenPipe(t *testing.T) {
	for _, argv := range [][]string{{"sed", "s/y/x/"}, {"grep", "y"}, {"awk", "{ print }"}} {
		t.Run(argv[0], func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			_ = r.Close()
			defer func() { _ = w.Close() }()
			command, _ := builtins.Lookup(argv[0])
			var in io.Reader = endless{}
			var errs counter
			status, _ := command.Perform(&native.Call{Args: argv, Dir: unix.AT_FDCWD, NetNS: -1,
				Stdin: in, Stdout: w, Stderr: &errs})
			if status != 141 || errs != 0 {
				t.Errorf("status %d, %d messages", status, errs)
			}
		})
	}
}

// A counter counts the writes to it.
type counter int

func (f *counter) Write(b []byte) (int, error) {
	*f++
	return len(b), nil
}
