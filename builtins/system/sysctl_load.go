package system

import (
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

const sysctlConf = "/etc/sysctl.conf"

// A sysctlSetting is a line of a settings file.
type sysctlSetting struct{ key, value string }

// load is -p: it makes the settings of files. All files are read before the first setting is
// made.
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

// system is --system: it makes the settings of the system's directories and of
// /etc/sysctl.conf.
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
	return s.Flush(s.w, s.status)
}

// systemFiles lists the files that --system reads. Of several files with one name, the first
// counts.
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

// readFiles reads simple files. problem names a feature that is left to the system's tool;
// nothing is done then.
func (s *sysctl) readFiles(files []string) (
	settings []sysctlSetting, mistakes []string, problem string) {
	for _, name := range files {
		st, err := fsys.StatAt(s.Dir, name, 0)
		if err != nil || fsys.Type(st) != unix.S_IFREG || strings.ContainsAny(name, "*?[\\~{") {
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
			// covers -KEY and patterns too
			if problem = s.lacks(x.key + "=" + x.value); problem != "" {
				return nil, nil, problem
			}
			settings = append(settings, x)
		}
	}
	return settings, mistakes, ""
}
