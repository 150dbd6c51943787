package builtins

import (
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const sysctlConf = "/etc/sysctl.conf"

// A sysctlSetting is a line of a file of sysctl.
type sysctlSetting struct{ key, value string }

// load is -p: the settings of files, which are all read before the first is made.
func (s *sysctl) load(files []string) int {
	if len(files) == 0 {
		files = []string{sysctlConf}
	}
	settings, mistakes, problem := s.readFiles(files)
	if problem != "" {
		return s.Unsupported("%s", problem)
	}
	for _, text := range mistakes {
		s.Errorf("%s", text)
	}
	return s.make(settings)
}

// system is --system: the settings of the system's directories, and then /etc/sysctl.conf.
func (s *sysctl) system() int {
	files := s.systemFiles()
	settings, mistakes, problem := s.readFiles(files)
	if problem != "" {
		return s.Unsupported("%s", problem)
	}
	for _, name := range files {
		if !s.quiet {
			s.w.WriteString("* Applying " + name + " ...\n")
		}
	}
	if len(mistakes) > 0 {
		_ = s.w.Flush()
	}
	for _, text := range mistakes {
		s.Errorf("%s", text)
	}
	s.ignore = true
	return s.make(settings)
}

func (s *sysctl) make(settings []sysctlSetting) int {
	for _, x := range settings {
		s.set(x.key, x.value)
	}
	return s.flush(s.w, s.status)
}

// systemFiles are those that --system reads. Of files of one name the first counts.
func (s *sysctl) systemFiles() (files []string) {
	seen := map[string]string{}
	var names []string
	for _, dir := range [...]string{"/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d",
		"/usr/lib/sysctl.d", "/lib/sysctl.d"} {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			name := e.Name()
			if strings.HasSuffix(name, ".conf") && seen[name] == "" {
				seen[name] = path.Join(dir, name)
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	for _, name := range names {
		files = append(files, seen[name])
	}
	return append(files, sysctlConf)
}

// readFiles reads files that are plain; what only the system's tool does with them is a
// problem, and nothing has been done then.
func (s *sysctl) readFiles(files []string) (settings []sysctlSetting, mistakes []string, problem string) {
	for _, name := range files {
		st, err := statAt(s.Dir, name, 0)
		if err != nil || fileType(st) != unix.S_IFREG || strings.ContainsAny(name, "*?[\\~{") {
			return nil, nil, "file '" + name + "'"
		}
		f, err := s.OpenFile(name, unix.O_RDONLY, 0)
		if err != nil {
			return nil, nil, "file '" + name + "'"
		}
		text, err := io.ReadAll(f)
		_ = f.Close()
		if err != nil {
			return nil, nil, "file '" + name + "'"
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			line = strings.Trim(line, " \t\r\n")
			if line == "" || line[0] == '#' || line[0] == ';' {
				continue
			}
			key, value, ok := strings.Cut(line, "=")
			if !ok && line[0] != '-' {
				mistakes = append(mistakes, name+"("+strconv.Itoa(n)+"): invalid syntax, continuing...")
				continue
			}
			x := sysctlSetting{strings.Trim(key, " \t"), strings.Trim(value, " \t")}
			if problem = s.lacks(x.key + "=" + x.value); problem != "" { // -KEY and patterns too
				return nil, nil, problem
			}
			settings = append(settings, x)
		}
	}
	return settings, mistakes, ""
}
