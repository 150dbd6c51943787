package proc

import (
	"path"
	"runtime"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/tiny"
)

// waiterProgram returns a descriptor of a tiny program that waits for its only
// child and ends as that does, shown by ps under name; -1 where this processor
// has none.
func waiterProgram(name string) (int, error) {
	code, ok := tiny.Waiter(runtime.GOARCH, tiny.WaiterParams{
		Pid: -1, StateFD: -1, ExeFD: -1, Comm: path.Base(name),
	})
	if !ok {
		return -1, nil
	}
	return Memfd(path.Base(name), code)
}

// Memfd returns a descriptor of an unnamed file with that content, for
// execution.
func Memfd(name string, content []byte) (int, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return -1, err
	}
	for len(content) > 0 {
		n, err := unix.Write(fd, content)
		if err != nil {
			unix.Close(fd)
			return -1, err
		}
		content = content[n:]
	}
	return raise(fd)
}
