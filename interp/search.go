package interp

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// systemDirs are the directories whose tools the native commands stand in for.
var systemDirs = [...]string{"/usr/sbin", "/usr/bin", "/sbin", "/bin"}

func isSystemDir(dir string) bool {
	for _, d := range systemDirs {
		if d == dir {
			return true
		}
	}
	return false
}

// systemTool finds the system's own tool by its name. This program under that name does not
// count: it would look for the tool again without end.
func (p *Process) systemTool(name string) (string, bool) {
	for _, dir := range systemDirs {
		file := dir + "/" + name
		var st unix.Stat_t
		if isExecutable(unix.AT_FDCWD, file) && unix.Stat(file, &st) == nil && !p.isProgram(&st) {
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

// find resolves the program name of a Spec. For another root or other mounts it cannot examine
// the file system. There natives come first, and then execve tries each directory of PATH.
func (s *Shell) find(spec *proc.Spec, in searchPath) program {
	name := spec.Argv[0]
	if s.role == aCommand && name == s.process.Argv[0] && s.process.Origin == handover.Unseen {
		s.process.Origin = handover.Judged
		if p := s.findNow(name, in); p.kind != notFound {
			return p
		}
	}
	if s.role == aCommand && name == s.process.Argv[0] {
		// This process was started for the command, and a link of that name leads to this
		// program again.
		if c, ok := s.process.native(path.Base(name)); ok {
			return program{kind: nativeCommand, command: c, path: name}
		}
	}
	k := s.seekerFor(spec.Env)
	if spec.Changed()&(proc.ChangesRoot|proc.ChangesMounts) != 0 {
		return s.findElsewhere(k, spec, name)
	}
	if spec.Changed()&proc.ChangesDir != 0 && namesRelative([]string{name}, spec.Env) {
		return s.findInOther(k, spec, name, in)
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
	known := p.kind == nativeCommand && (k.always || p.path != name)
	if known || !p.anew && (p.kind == external || p.kind == script) {
		s.hash.set(name, p.path)
	}
	return p
}

// findNow does the work of find in a process that has reached the root and mounts of the
// command.
func (s *Shell) findNow(name string, in searchPath) program {
	k := seeker{never: preloads(s.environ())}
	if strings.Contains(name, "/") {
		return s.findPath(k, name)
	}
	return s.search(k, name, in)
}

// A searchPath is a value of PATH. An unset PATH finds nothing.
type searchPath struct {
	dirs string
	set  bool
}

// searchPath returns the PATH in which the shell searches commands.
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

// findElsewhere does the work of find for a root or mounts that this process does not see.
func (s *Shell) findElsewhere(k seeker, spec *proc.Spec, name string) program {
	dir, base := path.Split(name)
	if !k.never && (dir == "" || isSystemDir(path.Clean(dir))) {
		if c, ok := s.process.native(base); ok {
			spec.Unseen = !k.always && !c.IsShell
			return program{kind: nativeCommand, command: c}
		}
	}
	if text, ok := s.process.script(name); ok {
		return program{kind: script, path: name, text: text, known: true}
	}
	if dir != "" || name == "" { // execve finds no file of an empty name
		return program{kind: external, path: name}
	}
	spec.Paths = append(spec.Paths, candidates(name, spec.Env)...)
	return program{kind: external}
}

// findInOther does the work of find for another current directory, on which it depends what the
// name leads to.
func (s *Shell) findInOther(k seeker, spec *proc.Spec, name string, in searchPath) program {
	if !strings.Contains(name, "/") {
		if p := s.search(k, name, in); p.kind == nativeCommand {
			return p
		}
	}
	spec.Paths = candidates(name, spec.Env)
	return program{kind: external}
}

// search looks up a name in PATH. The scripts of this program do that once for each native.
func (s *Shell) search(k seeker, name string, in searchPath) program {
	if !k.always {
		return s.searchFiles(k, name, in)
	}
	p, ok := s.process.searched.get(in, name)
	if !ok {
		p = s.searchFiles(k, name, in)
		s.process.searched.put(in, name, p)
	}
	return p
}

// searchFiles looks up a name in PATH. The first file there decides whether a native stands in
// for it (standin.go). Without a file, the native stands in.
func (s *Shell) searchFiles(k seeker, name string, in searchPath) program {
	c, isNative := s.process.native(name)
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
	if file, ok := s.process.scriptFor(name); ok {
		p := s.findPath(k, file)
		p.anew = s.process.startsAnew(name)
		return p
	}
	return fallback
}

// isOwnLink reports whether a file is this binary under another name, so that the script of
// that name can run here instead. Scripts that boot and enter subhosts are re-executed, with no
// state of this process.
func (s *Shell) isOwnLink(file string) bool {
	name := path.Base(file)
	if _, ok := s.process.scriptFor(name); !ok || s.process.startsAnew(name) {
		return false
	}
	var a, b unix.Stat_t
	return unix.Fstatat(s.dir, file, &a, 0) == nil && unix.Fstat(s.process.Exe, &b) == nil &&
		a.Dev == b.Dev && a.Ino == b.Ino
}

// findPath resolves one file name.
func (s *Shell) findPath(k seeker, name string) program {
	if text, ok := s.process.script(s.absolute(name)); ok {
		return program{kind: script, path: name, text: text, known: true}
	}
	dir, base := path.Split(name)
	inSystem := isSystemDir(path.Clean(dir))
	if inSystem || dir == "" {
		if c, ok := s.process.native(base); ok {
			return s.findNative(k, c, name, inSystem)
		}
	}
	return s.findFile(name)
}

// findNative resolves a name of a native: in a system directory, or without a directory, if
// none has it.
func (s *Shell) findNative(k seeker, c native.Command, name string, inSystem bool) program {
	if inSystem {
		p := s.findSystem(k, c, name)
		if p.kind != notFound || isThere(name) {
			return p
		}
		if _, other := s.process.systemTool(c.Name); other {
			return p
		}
	}
	return s.bare(k, c, name)
}

// findSystem resolves a file of a system directory that has the name of a native.
func (s *Shell) findSystem(k seeker, c native.Command, name string) program {
	switch s.judgeFile(k, c, path.Clean(name)) {
	case standsIn:
		return program{kind: nativeCommand, path: name, command: c}
	case absent:
		return program{kind: notFound}
	}
	return s.findFile(name)
}

// findFile resolves a file for which no native stands in.
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

// isShellScript reports whether a file is a script for sh, by its first line or as a text
// without one. It returns the option in that line.
func (s *Shell) isShellScript(name string) (options []string, ok bool) {
	if !s.process.nativeSh() {
		return nil, false
	}
	head := s.head(name)
	words, hashbang := InterpreterLine(head)
	switch {
	case !hashbang:
		return nil, head != "" && !isBinary(head)
	case len(words) == 0 || !IsShell(words[0]):
		return nil, false
	}
	return words[1:], true
}

// interpreterLength is how much of a program the kernel looks at to find its interpreter.
const interpreterLength = 255

// InterpreterLine returns what the kernel makes of the beginning of a program with "#!": the
// interpreter, and its argument if there is one; see execve(2). It reports false for a program
// without "#!".
func InterpreterLine(head string) (words []string, ok bool) {
	rest, ok := strings.CutPrefix(head[:min(len(head), interpreterLength)], "#!")
	if !ok {
		return nil, false
	}
	rest, _, whole := strings.Cut(rest, "\n")
	if whole {
		rest = strings.TrimRight(rest, " \t")
	} else if len(head) < interpreterLength {
		rest += "\x00" // as in the kernel's buffer
	}
	rest = strings.TrimLeft(rest, " \t")
	end := strings.IndexAny(rest, " \t\x00")
	switch {
	case rest == "" || end == 0 || !whole && end < 0:
		return nil, true // without an interpreter, or with one whose name goes on
	case end < 0:
		return []string{rest}, true
	}
	words = []string{rest[:end]}
	if argument := strings.TrimLeft(rest[end:], " \t"); rest[end] != 0 && argument != "" {
		argument, _, _ = strings.Cut(argument, "\x00")
		words = append(words, argument)
	}
	return words, true
}

// IsShell reports whether this shell runs the scripts of an interpreter.
func IsShell(interpreter string) bool {
	switch interpreter {
	case "/bin/sh", "/usr/bin/sh", "/bin/dash", "/usr/bin/dash", "/usr/sbin/overlay-sh":
		return true
	}
	return false
}

// absolute returns the absolute, cleaned name of a file.
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
