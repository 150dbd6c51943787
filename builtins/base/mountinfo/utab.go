package mountinfo

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// The files where libmount keeps the options of mounts that the kernel does not know, for its
// own tools.
const (
	utabDir  = "/run/mount"
	utabFile = utabDir + "/utab"
	utabLock = utabDir + "/utab.lock"
)

// A UserEntry is a line of /run/mount/utab, a list of NAME=value pairs.
type UserEntry struct {
	Source, Target, Root, Bind, attributes, Options string
}

func readUtab() (entries []UserEntry) {
	text, _ := os.ReadFile(utabFile)
	for line := range strings.Lines(string(text)) {
		var e UserEntry
		for word := range strings.FieldsSeq(line) {
			name, value, _ := strings.Cut(word, "=")
			switch value = Unmangle(value); name {
			case "SRC":
				e.Source = value
			case "TARGET":
				e.Target = value
			case "ROOT":
				e.Root = value
			case "BINDSRC":
				e.Bind = value
			case "OPTS":
				e.Options = value
			case "ATTRS":
				e.attributes = value
			}
		}
		if e.Target != "" {
			entries = append(entries, e)
		}
	}
	return entries
}

func (e UserEntry) line() string {
	var words []string
	for _, w := range [...]struct{ name, value string }{
		{"SRC", e.Source}, {"TARGET", e.Target}, {"ROOT", e.Root}, {"BINDSRC", e.Bind},
		{"ATTRS", e.attributes}, {"OPTS", e.Options},
	} {
		if w.value != "" {
			words = append(words, w.name+"="+mangle(w.value))
		}
	}
	return strings.Join(words, " ") + "\n"
}

// mangle encodes blanks and backslashes as in /proc/self/mountinfo.
func mangle(s string) string {
	return strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`).Replace(s)
}

// ChangeUtab rewrites the file under libmount's lock. If that fails, the options are lost, as
// with libmount. If there is no file, only an addition does anything.
func ChangeUtab(adds bool, change func([]UserEntry) []UserEntry) {
	if !adds && !fsys.Exists(utabFile) {
		return
	}
	flags := unix.O_CREAT | unix.O_RDWR | unix.O_CLOEXEC
	lock, err := unix.Open(utabLock, flags, 0o644)
	if err != nil {
		return
	}
	defer unix.Close(lock)
	if fsys.Retry(func() error { return unix.Flock(lock, unix.LOCK_EX) }) != nil {
		return
	}
	var text strings.Builder
	for _, e := range change(readUtab()) {
		text.WriteString(e.line())
	}
	file, err := os.CreateTemp(utabDir, "utab.")
	if err != nil {
		return
	}
	defer file.Close()
	_, err = file.WriteString(text.String())
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err == nil {
		err = os.Rename(file.Name(), utabFile)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
}

// AddUserOptions adds to the mounts the options that libmount keeps.
func AddUserOptions(table []Entry) {
	for _, u := range readUtab() {
		for i := len(table) - 1; i >= 0; i-- {
			e := &table[i]
			if e.Target == u.Target && e.Source == u.Source && (u.Root == "" || e.Root == u.Root) {
				e.User = u.Options
				break
			}
		}
	}
}
