package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// facts returns a table about the machine and the programs that are compared.
func facts() string {
	t := table{{"", "here"}}
	t.row("date", time.Now().UTC().Format("2006-01-02 15:04 UTC"))
	t.row("processor", fmt.Sprintf("%s, %d cores", field("/proc/cpuinfo", "model name", ":"),
		runtime.NumCPU()))
	t.row("memory", field("/proc/meminfo", "MemTotal", ":"))
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		t.row("kernel", unix.ByteSliceToString(u.Sysname[:])+" "+
			unix.ByteSliceToString(u.Release[:])+" "+unix.ByteSliceToString(u.Machine[:]))
	}
	t.row("system", strings.Trim(field("/etc/os-release", "PRETTY_NAME", "="), `"`))
	t.row("Go", runtime.Version())
	t.row("this project", firstLine("git", "describe", "--always", "--dirty"))
	t.row("dash", firstLine("dpkg-query", "-W", "-f", "${Version}", "dash"))
	for _, argv := range [...][]string{{"gcc", "-dumpfullversion"}, {"bwrap", "--version"},
		{"crun", "--version"}, {"lxc-start", "--version"}, {"strace", "--version"}} {
		t.row(argv[0], firstLine(argv[0], argv[1:]...))
	}
	t.row("load before", loadAverage())
	return t.String() + "\n"
}

func loadAverage() string {
	text, _ := os.ReadFile("/proc/loadavg")
	f := strings.Fields(string(text))
	if len(f) == 0 {
		return "–"
	}
	return f[0]
}

// field returns the value of the first line of a file whose key is name.
func field(file, name, separator string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, separator); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "–"
}

// firstLine returns the first line of a command's output, or a dash if there is none.
func firstLine(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	line, _, _ := strings.Cut(string(out), "\n")
	if err != nil || line == "" {
		return "–"
	}
	return line
}
