package interp

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/interp/handover"
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

// systemTool finds the system's own tool of that name. This program under that name is
// none: it would look for the tool again, for ever.
func (h *Host) systemTool(name string) (string, bool) {
	for _, dir := range systemDirs {
		file := dir + "/" + name
		var st unix.Stat_t
		if isExecutable(unix.AT_FDCWD, file) && unix.Stat(file, &st) == nil && !h.isProgram(&st) {
			return file, true
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
	if s.role == aCommand && name == s.host.Argv[0] && s.host.Origin == handover.Unseen {
		s.host.Origin = handover.Judged
		if p := s.findNow(name, in); p.kind != notFound {
			return p
		}
	}
	if s.role == aCommand && name == s.host.Argv[0] {
		// This process is there for it, wherever a link of that name is: what is found
		// there is this program again.
		if c, ok := s.host.native(path.Base(name)); ok {
			return program{kind: native, command: c, path: name}
		}
	}
	k := s.seekerFor(spec.Env)
	if spec.Changed()&(proc.ChangesRoot|proc.ChangesMounts) != 0 {
		return s.findElsewhere(k, spec, name)
	}
	if strings.Contains(name, "/") {
		return s.findPath(k, name)
	}
	if in != s.searchPath() {
		return s.search(k, name, in)
	}
	if known, ok := s.hash.get(name); ok {
		if p := s.findPath(k, known); p.kind != notFound {
			return p
		}
	}
	p := s.search(k, name, in)
	known := p.kind == native && (k.always || p.path != name)
	if known || !p.anew && (p.kind == external || p.kind == script) {
		s.hash.set(name, p.path)
	}
	return p
}

// findNow is find where this process has come to the root and the mounts that the command
// is for.
func (s *Shell) findNow(name string, in searchPath) program {
	k := seeker{never: preloads(s.environ())}
	if strings.Contains(name, "/") {
		return s.findPath(k, name)
	}
	return s.search(k, name, in)
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
func (s *Shell) findElsewhere(k seeker, spec *proc.Spec, name string) program {
	dir, base := path.Split(name)
	if !k.never && (dir == "" || isSystemDir(path.Clean(dir))) {
		if c, ok := s.host.native(base); ok {
			spec.Unseen = !k.always && !c.IsShell
			return program{kind: native, command: c}
		}
	}
	if text, ok := s.host.script(name); ok {
		return program{kind: script, path: name, text: text, known: true}
	}
	if dir != "" {
		return program{kind: external, path: name}
	}
	for d := range strings.SplitSeq(lookupEnv(spec.Env, "PATH"), ":") {
		spec.Paths = append(spec.Paths, path.Join(d, name))
	}
	return program{kind: external}
}

// search looks a name up in PATH; the scripts of this program do so once for a native.
func (s *Shell) search(k seeker, name string, in searchPath) program {
	if !k.always {
		return s.searchFiles(k, name, in)
	}
	p, ok := s.host.searched.get(in, name)
	if !ok {
		p = s.searchFiles(k, name, in)
		s.host.searched.put(in, name, p)
	}
	return p
}

// searchFiles looks a name up in PATH. The first file there decides whether a native stands
// in for it (standin.go); where there is none it does.
func (s *Shell) searchFiles(k seeker, name string, in searchPath) program {
	c, isNative := s.host.native(name)
	var fallback program
	for dir := range strings.SplitSeq(in.dirs, ":") {
		if !in.set {
			break
		}
		file := dir + "/" + name
		if dir == "" {
			file = "./" + name
		}
		p := program{}
		if isNative && isSystemDir(dir) {
			p = s.findSystem(k, c, file)
		} else {
			p = s.findPath(k, file)
		}
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
	if isNative && fallback.kind == notFound {
		return s.bare(k, c, name)
	}
	if file, ok := s.host.scriptFor(name); ok {
		p := s.findPath(k, file)
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
func (s *Shell) findPath(k seeker, name string) program {
	if text, ok := s.host.script(s.absolute(name)); ok {
		return program{kind: script, path: name, text: text, known: true}
	}
	dir, base := path.Split(name)
	inSystem := isSystemDir(path.Clean(dir))
	if inSystem || dir == "" {
		if c, ok := s.host.native(base); ok {
			return s.findNative(k, c, name, inSystem)
		}
	}
	return s.findFile(name)
}

// findNative looks at a name of a native with a system directory before it, or with none
// where it is known that it is in none.
func (s *Shell) findNative(k seeker, c builtins.Command, name string, inSystem bool) program {
	if inSystem {
		p := s.findSystem(k, c, name)
		if p.kind != notFound || isThere(name) {
			return p
		}
		if _, other := s.host.systemTool(c.Name); other {
			return p
		}
	}
	return s.bare(k, c, name)
}

// findSystem looks at a file of a system directory that has the name of a native.
func (s *Shell) findSystem(k seeker, c builtins.Command, name string) program {
	switch s.judgeFile(k, c, path.Clean(name)) {
	case standsIn:
		return program{kind: native, path: name, command: c}
	case absent:
		return program{kind: notFound}
	}
	return s.findFile(name)
}

// findFile looks at a file that is what it is.
func (s *Shell) findFile(name string) program {
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
	line, _, _ := strings.Cut(string(buf[:n]), "\n")
	words, hashbang := InterpreterLine(line)
	switch {
	case !hashbang:
		return nil, n > 0 && strings.IndexByte(line, 0) < 0
	case len(words) == 0 || len(words) > 2 || !IsShell(words[0]):
		return nil, false
	}
	return words[1:], true
}

// InterpreterLine splits the first line of a program into the words behind "#!", see
// execve(2); it reports whether there is one.
func InterpreterLine(line string) (words []string, ok bool) {
	rest, ok := strings.CutPrefix(line, "#!")
	if !ok {
		return nil, false
	}
	return strings.Fields(rest), true
}

// IsShell tells whether scripts for that interpreter are for this shell.
func IsShell(interpreter string) bool {
	switch interpreter {
	case "/bin/sh", "/usr/bin/sh", "/bin/dash", "/usr/bin/dash", "/usr/sbin/overlay-sh":
		return true
	}
	return false
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
