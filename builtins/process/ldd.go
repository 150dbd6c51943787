package process

import (
	"encoding/binary"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// Ldd is ldd(1) for one program: the ELF loader of the program lists its libraries. The
// system's ldd is a script that starts the loader in six processes. It still handles every
// other case.
func Ldd(c *native.Call, spec *proc.Spec) (int, bool) {
	if len(c.Args) > 1 && strings.HasPrefix(c.Args[1], "-") {
		return c.Unsupported("option '%s'", c.Args[1]), true
	}
	if len(c.Args) != 2 {
		return c.Unsupported("anything but one program"), true
	}
	if slices.ContainsFunc(c.Env, func(e string) bool { return strings.HasPrefix(e, "LD_") }) {
		return c.Unsupported("variables for the loader"), true
	}
	file := c.Args[1]
	if !strings.Contains(file, "/") {
		file = "./" + file
	}
	loader := loaderOf(c, file)
	if loader == "" || loader != standardLoader(runtime.GOARCH) {
		return c.Unsupported("a file that is no dynamic executable of this machine"), true
	}
	spec.Env = slices.Clone(spec.Env)
	for _, v := range [...]string{"LD_TRACE_LOADED_OBJECTS=1", "LD_WARN=", "LD_BIND_NOW=",
		"LD_LIBRARY_VERSION=", "LD_VERBOSE="} {
		spec.Env = setVar(spec.Env, v)
	}
	spec.Argv = []string{loader, file}
	return 0, false
}

// standardLoader returns the loader that ldd runs on Debian for an architecture, as the ABI
// names it.
func standardLoader(arch string) string {
	switch arch {
	case "amd64":
		return "/lib64/ld-linux-x86-64.so.2"
	case "arm64":
		return "/lib/ld-linux-aarch64.so.1"
	}
	return ""
}

// loaderOf returns the program interpreter named by a 64-bit ELF executable (elf(5),
// PT_INTERP), or "".
func loaderOf(c *native.Call, file string) string {
	if unix.Faccessat(c.Dir, file, unix.R_OK|unix.X_OK, unix.AT_EACCESS) != nil {
		return ""
	}
	f, err := c.OpenFile(file, unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return ""
	}
	defer f.Close()
	head := make([]byte, 4096)
	n, _ := f.ReadAt(head, 0)
	return elfInterpreter(head[:n])
}

// elfInterpreter finds the program interpreter in the first bytes of a file, where linkers put
// it. It returns "" if those bytes do not hold it.
func elfInterpreter(head []byte) string {
	const (
		class64, littleEndian = 2, 1
		headerSize, entrySize = 64, 56
		ptInterp              = 3
	)
	if len(head) < headerSize || string(head[:4]) != "\x7fELF" ||
		head[4] != class64 || head[5] != littleEndian {
		return ""
	}
	le := binary.LittleEndian
	at, count := le.Uint64(head[32:]), int(le.Uint16(head[56:]))
	for range count {
		if at > uint64(len(head)-entrySize) {
			return ""
		}
		entry := head[at : at+entrySize]
		if le.Uint32(entry) == ptInterp {
			from, size := le.Uint64(entry[8:]), le.Uint64(entry[32:])
			if from > uint64(len(head)) || size > uint64(len(head))-from {
				return ""
			}
			return strings.TrimRight(string(head[from:from+size]), "\x00")
		}
		at += entrySize
	}
	return ""
}
