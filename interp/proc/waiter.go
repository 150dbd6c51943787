package proc

import (
	"errors"
	"path"
	"runtime"

	"overlayboot/builtins/tiny"
)

// WaiterProgram returns a descriptor of a tiny program that waits for a child, its only
// one where pid is -1, and ends as that does, shown by ps under name; -1 where this
// processor has none, or nothing can be executed that is not on a disk.
func WaiterProgram(name string, pid int) (int, error) {
	code, ok := tiny.Waiter(runtime.GOARCH, tiny.WaiterParams{
		Pid: pid, Comm: path.Base(name),
	})
	if !ok {
		return -1, nil
	}
	fd, err := Executable(path.Base(name), code)
	if errors.Is(err, ErrNotExecutable) {
		return -1, nil
	}
	return fd, err
}
