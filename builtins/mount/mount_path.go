package mount

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// mountPath is realpath(3), relative to the directory of the calling thread. It returns a name
// of a missing file unchanged, with false.
func mountPath(name string) (string, bool) {
	real, err := fsys.Canonical{WorkDir: unix.Getwd, MaxLinks: fsys.KernelLinks}.Of(name)
	if err != nil {
		return name, false
	}
	return real, true
}

func pathIsDir(name string) bool {
	var st unix.Stat_t
	return unix.Stat(name, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}
