package proc

import (
	"errors"
	"path"
	"runtime"

	"overlayboot/builtins/base/tiny"
)

// WaiterProgram returns a descriptor of a tiny program that waits for a child, and ends as the
// Keeper says. ps shows it under the name in Argv[0]. A pid of -1 means its only child. The
// result is -1 if this processor has no such program, or if only files on a disk can be
// executed.
func WaiterProgram(k Keeper, pid int) (int, error) {
	name := k.Argv[0]
	code, ok := tiny.Waiter(runtime.GOARCH, tiny.WaiterParams{
		Pid: pid, Comm: path.Base(name), Exits: k.Exits, Base: k.Base,
		Tells: k.Tells,
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
