package system

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/posixre"
	"overlayboot/builtins/native"
)

const sysctlDir = "/proc/sys/"

func sysctlOptions() []native.Option {
	return []native.Option{
		{Key: 'b', Long: "binary"}, {Key: 'e', Long: "ignore"}, {Key: 'N', Long: "names"},
		{Key: 'n', Long: "values"},
		{Key: 'q', Long: "quiet"}, {Key: 'w', Long: "write"}, {Key: 'o'}, {Key: 'x'},
		{Key: 'p', Long: "load", Arg: native.OptArg}, {Key: 'f', Arg: native.OptArg},
		{Key: sysctlSystem, Long: "system"},
		{Key: 'a', Long: "all"}, {Key: 'A'}, {Key: 'X'}, {Key: 'r', Long: "pattern", Arg: native.NeedArg},
		// Options of sysctl(8) that this command lacks. They are listed so that no abbreviation
		// matches another option.
		{Key: '!', Long: "deprecated"}, {Key: '!', Long: "dry-run"}, {Key: '!', Long: "help"},
		{Key: '!', Long: "version"},
	}
}

// A sysctl is one invocation of sysctl(8).
type sysctl struct {
	*native.Call
	w                                           *bufio.Writer
	binary, ignore, names, values, quiet, write bool
	status                                      int

	loads, all bool
	setting    bool // a parameter is being set
	files      []string
	// pattern selects the names to show; nil selects all.
	pattern *posixre.RE
}

// sysctlSystem is the key of --system.
const sysctlSystem = native.LongOnly + 1

// Sysctl is sysctl(8) of procps: it shows and sets parameters of the kernel.
func Sysctl(c *native.Call) int {
	opts, operands, problem := c.Options(sysctlOptions(), native.Permute)
	s := &sysctl{Call: c, w: bufio.NewWriter(c.Stdout)}
	for _, o := range opts {
		if problem == "" && o.Key == sysctlSystem { // sysctl(8) ignores the arguments after it
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
		return c.Flush(s.w, 0)
	case len(operands) == 0 && len(opts) > 0:
		c.Errorf("no variables specified")
		fmt.Fprintf(c.Stderr, "Try `%s --help' for more information.\n", c.Name())
		return 1
	case len(operands) == 0:
		problem = "no parameter"
	}
	return s.each(operands, problem)
}

// option handles one option. problem is that of an earlier option, if any.
func (s *sysctl) option(o native.GivenOption, problem string) string {
	switch o.Key {
	case '!':
		return o.Named()
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
		return s.match(o.Value)
	case 'p', 'f':
		s.loads = true
		if o.Value != "" {
			s.files = append(s.files, o.Value)
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
	return s.Flush(s.w, s.status)
}

// match sets the pattern for names.
func (s *sysctl) match(pattern string) (problem string) {
	re, err := posixre.Compile(pattern, posixre.Flags{Extended: true, Posix: true,
		UTF8: s.Locale().UTF8})
	if err != nil {
		return "pattern '" + pattern + "'"
	}
	s.pattern = re
	return ""
}

// showAll shows the parameters below a directory, in the order of the kernel.
func (s *sysctl) showAll(dir string) {
	f, err := fsys.OpenDirAt(unix.AT_FDCWD, sysctlDir+dir, 0)
	if err != nil {
		s.complain("unable to open directory \"%s\"", sysctlDir+dir+"/")
		return
	}
	names, _ := f.Readdirnames(-1)
	_ = f.Close()
	for _, name := range names {
		file := path.Join(dir, name)
		st, err := fsys.StatAt(unix.AT_FDCWD, sysctlDir+file, 0)
		switch {
		case err != nil:
		case fsys.Type(st) == unix.S_IFDIR:
			status := s.status // errors further down do not count
			s.showAll(file)
			s.status = status
		// these two are deprecated
		case name != "base_reachable_time" && name != "retrans_time":
			s.show(file)
		}
	}
}

// lacks names the part of an operand that is left to the system's tool, which includes errors.
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
	st, err := fsys.StatAt(s.Dir, sysctlDir+file, 0)
	switch {
	case !sets:
	case s.pattern != nil:
		return "to set what matches a pattern"
	case err == nil && fsys.Type(st) == unix.S_IFDIR:
		return "to set a directory"
	}
	return ""
}

// sysctlNames returns the file of a parameter and its dotted name. The first dot or slash of
// the key is the separator; the other character is then part of a name.
func sysctlNames(key string) (file, name string) {
	swap := strings.NewReplacer(".", "/", "/", ".")
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '/' {
		return key, swap.Replace(key)
	}
	return swap.Replace(key), key
}

// find finds a parameter, or reports that it is missing.
func (s *sysctl) find(key string) (file, name string, st unix.Stat_t, ok bool) {
	file, name = sysctlNames(key)
	file = sysctlDir + file
	st, err := s.Stat(file)
	if err != nil && !s.ignore {
		s.complain("cannot stat %s: %s", file, clib.Strerror(err))
	}
	return file, name, st, err == nil
}

func (s *sysctl) complain(format string, args ...any) {
	_ = s.w.Flush()
	s.Errorf(format, args...)
	s.failed()
}

// failed counts a parameter that cannot be read; the status is that number, as exit(3)
// truncates it. A parameter that cannot be set only sets bit 0.
func (s *sysctl) failed() {
	if s.setting {
		s.status |= 1
	} else {
		s.status = (s.status + 1) & 0xff
	}
}

// show prints a parameter. Each of its lines gets the name.
func (s *sysctl) show(key string) {
	file, name, st, ok := s.find(key)
	switch {
	case !ok:
		return
	case fsys.Type(st) == unix.S_IFDIR:
		s.showAll(strings.TrimPrefix(file, sysctlDir))
		return
	// a parameter may be write-only
	case st.Mode&0o444 == 0, s.pattern != nil && !s.pattern.Match([]byte(name)):
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
	case errors.Is(err, unix.EIO): // the parameter has no value yet
		s.failed()
		return
	case err != nil:
		s.complain("reading key \"%s\": %s", name, clib.Strerror(err))
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

// set sets a parameter. If no one can write the parameter, set reports that without changing
// the status.
func (s *sysctl) set(key, value string) {
	s.setting = true
	defer func() { s.setting = false }()
	file, name, st, ok := s.find(key)
	switch {
	case !ok:
		return
	case st.Mode&unix.S_IWUSR == 0:
		before := s.status
		s.complain("setting key \"%s\": %s", name, clib.Strerror(unix.EINVAL))
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
		s.complain("setting key \"%s\": %s", name, clib.Strerror(err))
	case !s.quiet:
		s.print(name, value)
	}
}
