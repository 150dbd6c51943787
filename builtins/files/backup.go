package files

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// backups holds the backup options of coreutils: -b, --backup and -S. They say what happens to
// a file that is replaced.
type backups struct {
	// 0 for none, 's'imple, 'n'umbered, 'e'xisting: numbered if there are numbered backups
	kind    byte
	asked   bool
	control string
	suffix  string
}

// askedBackups returns the settings of the environment, which take effect only with an option.
func askedBackups(c *native.Call) backups {
	return backups{control: c.Getenv("VERSION_CONTROL"), suffix: c.Getenv("SIMPLE_BACKUP_SUFFIX")}
}

func (b *backups) set(o native.GivenOption) {
	b.asked = true
	switch {
	case o.Key == 'S':
		b.suffix = o.Value
	case o.Value != "":
		b.control = o.Value
	}
}

// choose translates the word for the kind. An unknown word is left to the system's tool.
func (b *backups) choose() (problem string) {
	if !b.asked {
		return ""
	}
	if b.suffix == "" || strings.Contains(b.suffix, "/") {
		b.suffix = "~"
	}
	kind, ok := map[string]byte{"none": 0, "off": 0, "numbered": 'n', "t": 'n', "": 'e',
		"existing": 'e', "nil": 'e', "simple": 's', "never": 's'}[b.control]
	if !ok {
		return "backup type " + native.QuoteText(b.control).String()
	}
	b.kind = kind
	return ""
}

// name returns the name of the next backup of a file.
func (b *backups) name(c *native.Call, file string) string {
	last := 0
	if b.kind != 's' {
		last = lastBackup(c, file)
	}
	if last == 0 && b.kind != 'n' {
		return file + b.suffix
	}
	return file + ".~" + strconv.Itoa(last+1) + "~"
}

// lastBackup returns the number of the last numbered backup of a file, or 0.
func lastBackup(c *native.Call, file string) (last int) {
	fd, err := unix.Openat(c.Dir, fsys.DirPart(file), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	d := os.NewFile(uintptr(fd), file)
	defer func() { _ = d.Close() }()
	names, _ := d.Readdirnames(-1)
	for _, name := range names {
		text, ok := strings.CutPrefix(name, fsys.LastPart(file)+".~")
		text, closed := strings.CutSuffix(text, "~")
		if n, err := strconv.Atoi(text); ok && closed && err == nil && text[0] != '0' {
			last = max(last, n)
		}
	}
	return last
}
