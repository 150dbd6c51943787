package builtins

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

const sysctlDir = "/proc/sys/"

func sysctlOptions() []option {
	return []option{
		{'b', "binary", noArg}, {'e', "ignore", noArg}, {'N', "names", noArg}, {'n', "values", noArg},
		{'q', "quiet", noArg}, {'w', "write", noArg}, {'o', "", noArg}, {'x', "", noArg},
		{'p', "load", optArg}, {'f', "", optArg}, {sysctlSystem, "system", noArg},
		{'a', "all", noArg}, {'A', "", noArg}, {'X', "", noArg}, {'r', "pattern", needArg},
		// Known to sysctl(8) and not to us; here so that no prefix hits another.
		{'!', "deprecated", noArg}, {'!', "dry-run", noArg}, {'!', "help", noArg}, {'!', "version", noArg},
	}
}

// A sysctl is one invocation of sysctl.
type sysctl struct {
	*Call
	w                                           *bufio.Writer
	binary, ignore, names, values, quiet, write bool
	status                                      int

	loads, all bool
	setting    bool // a parameter is being set
	files      []string
	// pattern is what the names shown match; nil for all.
	pattern *posixRE
}

// sysctlSystem is the key of --system.
const sysctlSystem = longOnly + 1

// runSysctl is sysctl(8) of procps for single parameters of the kernel, and their settings.
func runSysctl(c *Call) int {
	opts, operands, problem := c.options(sysctlOptions(), permute)
	s := &sysctl{Call: c, w: bufio.NewWriter(c.Stdout)}
	for _, o := range opts {
		if problem == "" && o.key == sysctlSystem { // what follows it the tool does not see
			return s.system()
		}
		problem = s.option(o, problem)
	}
	switch {
	case problem != "":
	case s.loads && !s.all && s.pattern == nil:
		return s.load(append(s.files, operands...))
	case s.loads:
		problem = "-p together with -a or -r"
	case s.all:
		s.showAll("")
		return c.flush(s.w, 0)
	case len(operands) == 0 && len(opts) > 0:
		c.Errorf("no variables specified")
		fmt.Fprintf(c.Stderr, "Try `%s --help' for more information.\n", c.Name())
		return 1
	case len(operands) == 0:
		problem = "no parameter"
	}
	return s.each(operands, problem)
}

// option takes an option. problem is that of one before it, if any.
func (s *sysctl) option(o parsedOption, problem string) string {
	switch o.key {
	case '!':
		return o.named()
	case 'b':
		s.binary, s.values = true, true
	case 'e':
		s.ignore = true
	case 'N':
		s.names = true
	case 'n':
		s.values = true
	case 'q':
		s.quiet = true
	case 'w':
		s.write = true
	case 'a', 'A', 'X':
		s.all = true
	case 'r':
		return s.match(o.value)
	case 'p', 'f':
		s.loads = true
		if o.value != "" {
			s.files = append(s.files, o.value)
		}
	}
	return problem
}

// each shows or sets the parameters of the operands.
func (s *sysctl) each(operands []string, problem string) int {
	for _, text := range operands {
		if problem == "" {
			problem = s.lacks(text)
		}
	}
	if problem != "" {
		return s.Unsupported("%s", problem)
	}
	for _, text := range operands {
		if key, value, ok := strings.Cut(text, "="); ok {
			s.set(strings.Trim(key, " \t"), strings.Trim(value, " \t\n"))
		} else {
			s.show(text)
		}
	}
	return s.flush(s.w, s.status)
}

// match takes a pattern for names.
func (s *sysctl) match(pattern string) (problem string) {
	re, err := compileRE(pattern, reFlags{extended: true, posix: true, utf8: s.locale().utf8})
	if err != nil {
		return "pattern '" + pattern + "'"
	}
	s.pattern = re
	return ""
}

// showAll shows what is below a directory, in the order of the kernel.
func (s *sysctl) showAll(dir string) {
	f, err := openDirAt(unix.AT_FDCWD, sysctlDir+dir, 0)
	if err != nil {
		s.complain("unable to open directory \"%s\"", sysctlDir+dir+"/")
		return
	}
	names, _ := f.Readdirnames(-1)
	_ = f.Close()
	for _, name := range names {
		file := path.Join(dir, name)
		st, err := statAt(unix.AT_FDCWD, sysctlDir+file, 0)
		switch {
		case err != nil:
		case fileType(st) == unix.S_IFDIR:
			status := s.status // of mistakes further down the tool says nothing
			s.showAll(file)
			s.status = status
		case name != "base_reachable_time" && name != "retrans_time": // these have successors
			s.show(file)
		}
	}
}

// lacks is what of an operand only the system's tool knows, and mistakes.
func (s *sysctl) lacks(text string) string {
	key, _, sets := strings.Cut(text, "=")
	key = strings.Trim(key, " \t")
	file, _ := sysctlNames(key)
	switch {
	case strings.Trim(key, "./") == "", path.Clean(sysctlDir+file) != sysctlDir+file,
		strings.ContainsAny(key, "*?[ \t\n"), strings.ContainsAny(key[:1], "-./"):
		return "parameter '" + key + "'"
	case s.write && !sets:
		return "a parameter without value"
	}
	st, err := statAt(s.Dir, sysctlDir+file, 0)
	switch {
	case !sets:
	case s.pattern != nil:
		return "to set what matches a pattern"
	case err == nil && fileType(st) == unix.S_IFDIR:
		return "to set a directory"
	}
	return ""
}

// sysctlNames are the file of a parameter and its name with dots. Which of . and / separates
// the parts is what comes first; the other is part of a name then.
func sysctlNames(key string) (file, name string) {
	swap := strings.NewReplacer(".", "/", "/", ".")
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '/' {
		return key, swap.Replace(key)
	}
	return swap.Replace(key), key
}

// stat finds a parameter, or says that there is none.
func (s *sysctl) find(key string) (file, name string, st unix.Stat_t, ok bool) {
	file, name = sysctlNames(key)
	file = sysctlDir + file
	st, err := s.stat(file)
	if err != nil && !s.ignore {
		s.complain("cannot stat %s: %s", file, Strerror(err))
	}
	return file, name, st, err == nil
}

func (s *sysctl) complain(format string, args ...any) {
	_ = s.w.Flush()
	s.Errorf(format, args...)
	s.failed()
}

// failed counts the parameters that cannot be read, as exit(3) cuts the number; those that
// cannot be set are one more bit of it.
func (s *sysctl) failed() {
	if s.setting {
		s.status |= 1
	} else {
		s.status = (s.status + 1) & 0xff
	}
}

// show prints a parameter, each line of it with the name.
func (s *sysctl) show(key string) {
	file, name, st, ok := s.find(key)
	switch {
	case !ok:
		return
	case fileType(st) == unix.S_IFDIR:
		s.showAll(strings.TrimPrefix(file, sysctlDir))
		return
	case st.Mode&0o444 == 0, s.pattern != nil && !s.pattern.match([]byte(name)): // or it can be written only
		return
	case s.names:
		s.w.WriteString(name + "\n")
		return
	}
	f, err := s.OpenFile(file, unix.O_RDONLY, 0)
	var text []byte
	if err == nil {
		text, err = io.ReadAll(f)
		_ = f.Close()
	}
	switch {
	case os.IsPermission(err):
		s.complain("permission denied on key '%s'", name)
		return
	case errors.Is(err, unix.EIO): // it has no value yet
		s.failed()
		return
	case err != nil:
		s.complain("reading key \"%s\": %s", name, Strerror(err))
		return
	case len(text) == 0:
		return
	}
	for line := range strings.Lines(string(text)) {
		s.print(name, strings.TrimSuffix(line, "\n"))
	}
}

func (s *sysctl) print(name, value string) {
	if !s.values && !s.names {
		value = name + " = " + value
	}
	s.w.WriteString(value)
	if !s.binary || s.names {
		s.w.WriteByte('\n')
	}
}

// set gives a parameter a value. One that nobody can set is no failure of the tool.
func (s *sysctl) set(key, value string) {
	s.setting = true
	defer func() { s.setting = false }()
	file, name, st, ok := s.find(key)
	switch {
	case !ok:
		return
	case st.Mode&unix.S_IWUSR == 0:
		before := s.status
		s.complain("setting key \"%s\": %s", name, Strerror(unix.EINVAL))
		s.status = before
		return
	}
	f, err := s.OpenFile(file, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, 0o666)
	if err == nil {
		_, err = f.WriteString(value + "\n")
		_ = f.Close()
	}
	switch {
	case os.IsPermission(err):
		s.complain("permission denied on key \"%s\"", name)
	case err != nil:
		s.complain("setting key \"%s\": %s", name, Strerror(err))
	case !s.quiet:
		s.print(name, value)
	}
}
