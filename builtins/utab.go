package builtins

import (
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// What libmount keeps of mounts that the kernel does not know: options for its own tools.
const (
	utabDir  = "/run/mount"
	utabFile = utabDir + "/utab"
	utabLock = utabDir + "/utab.lock"
)

// A utabEntry is a line of /run/mount/utab: names and values.
type utabEntry struct {
	source, target, root, bind, attributes, options string
}

func readUtab() (entries []utabEntry) {
	text, _ := os.ReadFile(utabFile)
	for line := range strings.Lines(string(text)) {
		var e utabEntry
		for word := range strings.FieldsSeq(line) {
			name, value, _ := strings.Cut(word, "=")
			switch value = unmangle(value); name {
			case "SRC":
				e.source = value
			case "TARGET":
				e.target = value
			case "ROOT":
				e.root = value
			case "BINDSRC":
				e.bind = value
			case "OPTS":
				e.options = value
			case "ATTRS":
				e.attributes = value
			}
		}
		if e.target != "" {
			entries = append(entries, e)
		}
	}
	return entries
}

func (e utabEntry) line() string {
	var words []string
	for _, w := range [...]struct{ name, value string }{
		{"SRC", e.source}, {"TARGET", e.target}, {"ROOT", e.root}, {"BINDSRC", e.bind},
		{"ATTRS", e.attributes}, {"OPTS", e.options},
	} {
		if w.value != "" {
			words = append(words, w.name+"="+mangle(w.value))
		}
	}
	return strings.Join(words, " ") + "\n"
}

// mangle writes blanks and backslashes as /proc/self/mountinfo does.
func mangle(s string) string {
	return strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`).Replace(s)
}

// changeUtab rewrites the file, under the lock of libmount; where that cannot be done,
// nothing is kept, as with libmount. Without a file there is only something to add.
func changeUtab(adds bool, change func([]utabEntry) []utabEntry) {
	if !adds && !pathExists(utabFile) {
		return
	}
	flags := unix.O_CREAT | unix.O_RDWR | unix.O_CLOEXEC
	lock, err := unix.Open(utabLock, flags, 0o644)
	if err != nil {
		return
	}
	defer unix.Close(lock)
	if retry(func() error { return unix.Flock(lock, unix.LOCK_EX) }) != nil {
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

// keepOptions notes the options of a mount that only libmount's tools know.
func (r *mountRequest) keepOptions() {
	switch {
	case r.stateless || r.c.below != nil:
		return
	case r.flags&unix.MS_MOVE != 0:
		changeUtab(true, func(entries []utabEntry) []utabEntry {
			for i := range entries {
				if entries[i].target == r.source {
					entries[i].target = r.target
				}
			}
			return entries
		})
		return
	case len(r.user) == 0 || r.onlyPropagates():
		return
	}
	entry := utabEntry{source: r.source, target: r.target, root: "/",
		options: strings.Join(r.user, ",")}
	table, _ := r.c.mountTable()
	if e, ok := mountAt(table, r.target); ok && !r.fake {
		entry.source, entry.root = e.source, e.root
	}
	if r.flags&unix.MS_BIND != 0 && r.flags&unix.MS_REMOUNT == 0 {
		entry.bind = r.source
	}
	changeUtab(true, func(entries []utabEntry) []utabEntry {
		if r.flags&unix.MS_REMOUNT != 0 {
			for i := range entries {
				if entries[i].target == entry.target {
					entries[i].options = entry.options
					return entries
				}
			}
		}
		return append(entries, entry)
	})
}

// forgetMount takes an unmounted target out.
func forgetMount(target string) {
	changeUtab(false, func(entries []utabEntry) []utabEntry {
		for i := len(entries) - 1; i >= 0; i-- {
			if entries[i].target == target {
				return slices.Delete(entries, i, i+1)
			}
		}
		return entries
	})
}

// addUserOptions gives the mounts the options that libmount knows of.
func addUserOptions(table []mountEntry) {
	for _, u := range readUtab() {
		for i := len(table) - 1; i >= 0; i-- {
			e := &table[i]
			if e.target == u.target && e.source == u.source && (u.root == "" || e.root == u.root) {
				e.user = u.options
				break
			}
		}
	}
}
