package interp

import (
	"bytes"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// systemDirs are the directories whose tools the native commands stand for.
var systemDirs = [...]string{"/usr/sbin", "/usr/bin", "/sbin", "/bin"}

func isSystemDir(dir string) bool {
	for _, d := range systemDirs {
		if d == dir {
			return true
		}
	}
	return false
}

// systemTool finds the system's own tool of that name.
func systemTool(name string) (string, bool) {
	for _, dir := range systemDirs {
		if isExecutable(unix.AT_FDCWD, dir+"/"+name) {
			return dir + "/" + name, true
		}
	}
	return "", false
}

func isExecutable(dir int, name string) bool {
	var st unix.Stat_t
	return unix.Fstatat(dir, name, &st, 0) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG &&
		unix.Faccessat(dir, name, unix.X_OK, unix.AT_EACCESS) == nil
}

func isDirectory(dir int, name string) bool {
	var st unix.Stat_t
	return unix.Fstatat(dir, name, &st, 0) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}

// find finds what the program name of a Spec stands for. With another root or
// other mounts the file system cannot be asked: natives first, then each
// directory of PATH is tried by execve itself.
func (s *Shell) find(spec *proc.Spec, in searchPath) program {
	name := spec.Argv[0]
	if s.role == aCommand && name == s.host.Argv[0] {
		// This process is there for it, wherever a link of that name is: what is found
		// there is this program again.
		if c, ok := s.host.native(path.Base(name)); ok {
			return program{kind: native, command: c, path: name}
		}
	}
	if spec.Changed()&(proc.ChangesRoot|proc.ChangesMounts) != 0 {
		return s.findElsewhere(spec, name)
	}
	if strings.Contains(name, "/") {
		return s.findPath(name)
	}
	if in != s.searchPath() {
		return s.search(name, in)
	}
	if known, ok := s.hash.get(name); ok {
		if p := s.findPath(known); p.kind != notFound {
			return p
		}
	}
	p := s.search(name, in)
	if !p.anew && (p.kind == native || p.kind == external || p.kind == script) {
		s.hash.set(name, p.path)
	}
	return p
}

// A searchPath is a value of PATH; where it is not set, nothing is found.
type searchPath struct {
	dirs string
	set  bool
}

// searchPath is the PATH by which a command is looked for.
func (s *Shell) searchPath() searchPath {
	dirs, set := s.get("PATH")
	return searchPath{dirs, set}
}

func lookupEnv(env []string, name string) string {
	for _, e := range env {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return defaultPath
}

// findElsewhere is find for a place that this process does not see.
func (s *Shell) findElsewhere(spec *proc.Spec, name string) program {
	dir, base := path.Split(name)
	if dir == "" || isSystemDir(path.Clean(dir)) {
		if c, ok := s.host.native(base); ok {
			return program{kind: native, command: c}
		}
	}
	if text, ok := s.host.script(name); ok {
		return program{kind: script, path: name, text: text}
	}
	if dir != "" {
		return program{kind: external, path: name}
	}
	for d := range strings.SplitSeq(lookupEnv(spec.Env, "PATH"), ":") {
		spec.Paths = append(spec.Paths, path.Join(d, name))
	}
	return program{kind: external}
}

// search looks a name up in PATH. What the system's directories hold, or
// nothing, is ours where we have it; what stands before them is the user's.
func (s *Shell) search(name string, in searchPath) program {
	c, isNative := s.host.native(name)
	var fallback program
	for dir := range strings.SplitSeq(in.dirs, ":") {
		if !in.set {
			break
		}
		if isNative && isSystemDir(dir) {
			return program{kind: native, path: dir + "/" + name, command: c}
		}
		file := dir + "/" + name
		if dir == "" {
			file = "./" + name
		}
		p := s.findPath(file)
		switch p.kind {
		case notFound:
		case denied:
			fallback = p
		default:
			if !s.isOwnLink(p.path) {
				return p
			}
		}
	}
	if isNative {
		return program{kind: native, path: name, command: c}
	}
	if file, ok := s.host.scriptFor(name); ok {
		p := s.findPath(file)
		p.anew = s.host.startsAnew(name)
		return p
	}
	return fallback
}

// isOwnLink reports whether a file is our own binary under another name, so
// that the script of that name can be run here instead. What boots and enters
// subhosts begins anew, with nothing of this process.
func (s *Shell) isOwnLink(file string) bool {
	name := path.Base(file)
	if _, ok := s.host.scriptFor(name); !ok || s.host.startsAnew(name) {
		return false
	}
	var a, b unix.Stat_t
	return unix.Fstatat(s.dir, file, &a, 0) == nil && unix.Fstat(s.host.Exe, &b) == nil &&
		a.Dev == b.Dev && a.Ino == b.Ino
}

// findPath looks at one file name.
func (s *Shell) findPath(name string) program {
	if text, ok := s.host.script(s.absolute(name)); ok {
		return program{kind: script, path: name, text: text}
	}
	dir, base := path.Split(name)
	if isSystemDir(path.Clean(dir)) {
		if c, ok := s.host.native(base); ok {
			return program{kind: native, path: name, command: c}
		}
	} else if dir == "" {
		if c, ok := s.host.native(base); ok {
			return program{kind: native, path: name, command: c}
		}
	}
	var st unix.Stat_t
	if unix.Fstatat(s.dir, name, &st, 0) != nil {
		return program{kind: notFound}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG || !isExecutable(s.dir, name) {
		return program{kind: denied, path: name}
	}
	if options, ok := s.isShellScript(name); ok {
		return program{kind: script, path: name, options: options}
	}
	return program{kind: external, path: name}
}

// isShellScript reports whether a file is for sh: by its first line, or as a
// text without one. It returns the options of that line.
func (s *Shell) isShellScript(name string) (options []string, ok bool) {
	if !s.host.nativeSh() {
		return nil, false
	}
	fd, err := unix.Openat(s.dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, false
	}
	defer unix.Close(fd)
	buf := make([]byte, 256)
	n, err := unix.Read(fd, buf)
	if err != nil {
		return nil, false
	}
	line, _, _ := bytes.Cut(buf[:n], []byte("\n"))
	rest, hashbang := bytes.CutPrefix(line, []byte("#!"))
	if !hashbang {
		return nil, n > 0 && bytes.IndexByte(line, 0) < 0
	}
	words := strings.Fields(string(rest))
	if len(words) == 0 || len(words) > 2 {
		return nil, false
	}
	switch words[0] {
	case "/bin/sh", "/usr/bin/sh", "/bin/dash", "/usr/bin/dash", "/usr/sbin/overlay-sh":
		return words[1:], true
	}
	return nil, false
}

// absolute returns a file's absolute, cleaned name.
func (s *Shell) absolute(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(s.pwd, name)
}

func isRegular(dir int, name string) bool {
	var st unix.Stat_t
	return unix.Fstatat(dir, name, &st, 0) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG
}
