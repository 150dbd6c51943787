package main

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/builtins/base/handover"
)

// firstInherited is the first descriptor after the standard files.
const firstInherited = 3

// runsEmbedded reports whether this process begins to run an embedded script, or one that
// replaces it in overrideDir; name is the base name of argv[0]. Descriptors that the caller
// has open beside the standard files would stay open in every process of a subhost, and be
// a way out of it. A process that resumes a script keeps the descriptors of that script.
// Scripts given by --scripts do as their author wants.
func runsEmbedded(name string, argv []string, note handover.Note) bool {
	if !isScriptTool(name) && (note.Exe >= 0 || isShell(name) || isCommand(name) ||
		strings.HasPrefix(argv[0], "-")) {
		return false
	}
	if note.State >= 0 || note.Scripts != "" || os.Getenv("OVERLAY_SCRIPTS") != "" {
		return false
	}
	for _, arg := range argv[1:] {
		if arg == "--" || !strings.HasPrefix(arg, "--") {
			break
		}
		if option, _, _ := strings.Cut(arg, "="); option == "--scripts" {
			return false
		}
	}
	return true
}

func isCommand(name string) bool {
	_, ok := builtins.Lookup(name)
	return ok
}

// closeInherited closes all descriptors from first on, except those in but; -1 in but
// stands for none. It uses close_range(2), Linux 5.9, or else closes one by one.
func closeInherited(first int, but ...int) {
	const last = ^uint(0) >> 32
	slices.Sort(but)
	var err error
	from := first
	for _, kept := range but {
		if kept > from && err == nil {
			err = unix.CloseRange(uint(from), uint(kept-1), 0)
		}
		from = max(from, kept+1)
	}
	if err == nil {
		err = unix.CloseRange(uint(from), last, 0)
	}
	if err == nil {
		return
	}
	for _, fd := range openFiles() {
		if fd >= first && !slices.Contains(but, fd) {
			unix.Close(fd)
		}
	}
}

// openFiles lists the open descriptors of this process. Without /proc it lists every
// possible number. It avoids package os, whose own descriptors would be in the list.
func openFiles() (list []int) {
	if dir, err := unix.Open("/proc/self/fd", unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err == nil {
		defer unix.Close(dir)
		for _, name := range entriesOf(dir) {
			if fd, err := strconv.Atoi(name); err == nil {
				list = append(list, fd)
			}
		}
		return list
	}
	var r unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &r)
	for fd := range int(min(r.Cur, 1<<16)) {
		list = append(list, fd)
	}
	return list
}

// entriesOf lists the names in an open directory.
func entriesOf(dir int) (names []string) {
	buf := make([]byte, 16<<10)
	for {
		n, err := unix.ReadDirent(dir, buf)
		if n <= 0 || err != nil {
			return names
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
}
