package interp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"overlayboot/interp/parse"
	"overlayboot/interp/utility"
)

// A variable is a shell variable. An unset variable may have marks.
type variable struct {
	value    string
	set      bool
	export   bool
	readonly bool
}

// A scope holds the values that the local variables of a function hide.
type scope struct {
	names []string
	saved []variable
	opts  *options // to be restored, after local -
}

// defaultPath is the PATH of a shell that was started without one, as in dash.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func (s *Shell) importEnv(env []string) {
	s.preloaded = preloads(env)
	for _, e := range env {
		name, value, ok := strings.Cut(e, "=")
		if ok && parse.IsName(name) {
			if v := s.vars.edit(name); !v.set {
				*v = variable{value: value, set: true, export: true}
			}
		}
	}
	s.store("IFS", variable{value: " \t\n", set: true, export: s.vars.get("IFS").export})
	s.store("OPTIND", variable{value: "1", set: true, export: s.vars.get("OPTIND").export})
	s.setDefault("PS4", "+ ")
	s.setPrompts()
	s.setDefault("PATH", defaultPath)
	s.setParent(unix.Getppid())
	s.initPwd()
}

// setParent sets PPID. An inherited value would name the parent of another process.
func (s *Shell) setParent(pid int) {
	v := s.vars.get("PPID")
	v.value, v.set = strconv.Itoa(pid), true
	s.store("PPID", v)
}

func (s *Shell) setDefault(name, value string) {
	if !s.vars.get(name).set {
		v := s.vars.get(name)
		v.value, v.set = value, true
		s.store(name, v)
	}
}

// initPwd takes PWD from the environment if it names the working directory.
func (s *Shell) initPwd() {
	v := s.vars.get("PWD")
	var a, b unix.Stat_t
	if strings.HasPrefix(v.value, "/") && unix.Stat(v.value, &a) == nil &&
		unix.Fstatat(s.dir, ".", &b, 0) == nil && a.Dev == b.Dev && a.Ino == b.Ino {
		s.pwd = v.value
	} else {
		s.pwd, _ = s.physicalDir()
	}
	v.value, v.set, v.export = s.pwd, true, true
	s.store("PWD", v)
}

// get returns the value of a variable.
func (s *Shell) get(name string) (string, bool) {
	if name == "LINENO" {
		return strconv.Itoa(s.line), true
	}
	v := s.vars.get(name)
	return v.value, v.set
}

// store puts a variable into the table. All changes go through store, set or remove.
func (s *Shell) store(name string, v variable) {
	old := s.vars.edit(name)
	if v.export || old.export {
		s.exports = new(exportList)
	}
	if name == "IFS" {
		s.ifsBytes = nil
	}
	*old = v
}

func (s *Shell) remove(name string) {
	if s.vars.get(name).export {
		s.exports = new(exportList)
	}
	if name == "IFS" {
		s.ifsBytes = nil
	}
	s.vars.remove(name)
}

// getOr returns the value of a variable, or a default if it is unset.
func (s *Shell) getOr(name, value string) string {
	if v, ok := s.get(name); ok {
		return v
	}
	return value
}

// set assigns to a variable. Assigning to a readonly variable ends the shell.
func (s *Shell) set(name, value string) bool {
	v := s.vars.edit(name)
	if v.readonly {
		s.fail(2, "%s: is read only", name)
		return false
	}
	if name == "OPTIND" && !s.isNumber(value) {
		return false
	}
	v.value, v.set = value, true
	if s.opt(optAllexport) {
		v.export = true
	}
	if v.export {
		s.exports = new(exportList)
	}
	s.noteSet(name)
	return true
}

// isNumber checks the value of a variable that must be a number.
func (s *Shell) isNumber(value string) bool {
	if _, err := utility.ParseInt(value); err != nil {
		s.fail(2, "%v", err)
		return false
	}
	return true
}

// noteSet acts on assignments to variables that the shell uses.
func (s *Shell) noteSet(name string) {
	switch name {
	case "IFS":
		s.ifsBytes = nil
	case "PATH":
		s.hash.clear()
	case "OPTIND":
		n, _ := utility.ParseInt(s.vars.get(name).value)
		s.getopts = utility.GetoptsState{Index: n}
	}
}

// unset removes a variable.
func (s *Shell) unset(name string) bool {
	if s.vars.get(name).readonly {
		s.fail(2, "%s: is read only", name)
		return false
	}
	export := s.vars.get(name).export
	s.remove(name)
	if slices.Contains(fixedNames[:], name) && export {
		s.store(name, variable{export: true})
	}
	s.noteSet(name)
	return true
}

// fixedNames lists the variables that keep their export mark when they are unset: those that
// dash itself defines. Scripts rely on that after unset PATH.
var fixedNames = [...]string{"IFS", "MAIL", "MAILPATH", "OPTIND", "PATH", "PS1", "PS2", "PS4"}

// local makes a variable local to the running function. It keeps its value.
func (s *Shell) local(name string) {
	top := &s.locals[len(s.locals)-1]
	if slices.Contains(top.names, name) {
		return
	}
	top.names = append(top.names[:len(top.names):len(top.names)], name)
	top.saved = append(top.saved[:len(top.saved):len(top.saved)], s.vars.get(name))
}

// popScopes leaves the scopes above the first n. When the shell exits, they stay: as in dash,
// the action of EXIT still sees their variables. A caller that cancels the exit pops them.
func (s *Shell) popScopes(n int) {
	for len(s.locals) > n && s.flow != flowExit {
		s.popScope()
	}
}

// popScope restores the values that local variables hid.
func (s *Shell) popScope() {
	top := s.locals[len(s.locals)-1]
	s.locals = s.locals[:len(s.locals)-1]
	if top.opts != nil {
		s.opts = *top.opts
	}
	for i := len(top.names) - 1; i >= 0; i-- {
		s.restore(top.names[i], top.saved[i])
	}
}

func (s *Shell) restore(name string, v variable) {
	if v == (variable{}) {
		s.remove(name)
	} else {
		s.store(name, v)
	}
	s.noteSet(name)
}

// An exportList caches the sorted list of exported variables as NAME=value, for a shell and its
// subshells.
type exportList struct{ list atomic.Pointer[[]string] }

// environ returns the environment of programs.
func (s *Shell) environ() []string {
	list := s.exports.list.Load()
	if list == nil {
		env := make([]string, 0, 32)
		for name, v := range s.vars.all() {
			if v.export && v.set {
				env = append(env, name+"="+v.value)
			}
		}
		slices.Sort(env)
		list = &env
		s.exports.list.Store(list)
	}
	// The caller may append to its own copy.
	return (*list)[:len(*list):len(*list)]
}

// param returns the value of a parameter that is not @ or *.
func (s *Shell) param(name string) (string, bool) {
	if c := name[0]; c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' {
		return s.get(name)
	}
	if len(name) == 1 && '1' <= name[0] && name[0] <= '9' {
		if n := int(name[0] - '0'); n <= len(s.params) {
			return s.params[n-1], true
		}
		return "", false
	}
	switch name {
	case "?":
		return strconv.Itoa(s.status), true
	case "$":
		return strconv.Itoa(s.pid), true
	case "!":
		if s.lastBg == 0 {
			return "", false
		}
		return strconv.Itoa(s.lastBg), true
	case "#":
		return strconv.Itoa(len(s.params)), true
	case "-":
		return s.flags(), true
	}
	n, err := strconv.Atoi(name)
	if err == nil && n == 0 { // 00 too
		return s.name, true
	}
	if err != nil || n < 1 || n > len(s.params) {
		return "", false
	}
	return s.params[n-1], true
}

// ifs returns the field separators.
func (s *Shell) ifs() string { return s.getOr("IFS", " \t\n") }

// fail reports an error and ends the shell with that status. An interactive shell only drops
// the command.
func (s *Shell) fail(status int, format string, args ...any) {
	s.complain(format, args...)
	s.status = status
	s.flow, s.failed = flowExit, true
}

// survive cancels the exit of the shell if an error caused it.
func (s *Shell) survive() bool {
	if s.flow != flowExit || !s.failed {
		return false
	}
	s.flow, s.failed = flowNone, false
	return true
}

// complain writes an error message as dash does: "NAME: LINE: message". The running built-in or
// dot script is named before the message.
func (s *Shell) complain(format string, args ...any) {
	if s.quiet {
		return
	}
	msg := fmt.Sprintf(format, args...)
	if s.context != "" {
		msg = s.context + ": " + msg
	}
	s.files.writer(2).Write(fmt.Appendf(nil, "%s: %d: %s\n", s.name, s.line, msg))
}
