package builtins

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// backups are what -b, --backup and -S of coreutils ask for: what becomes of a file in
// whose place another comes.
type backups struct {
	kind    byte // 0 for none, 's'imple, 'n'umbered, 'e'xisting: numbered where there are such
	asked   bool
	control string
	suffix  string
}

// backups are those that the environment asks for, which an option has to call.
func (c *Call) backups() backups {
	return backups{control: c.Getenv("VERSION_CONTROL"), suffix: c.Getenv("SIMPLE_BACKUP_SUFFIX")}
}

func (b *backups) set(o parsedOption) {
	b.asked = true
	switch {
	case o.key == 'S':
		b.suffix = o.value
	case o.value != "":
		b.control = o.value
	}
}

// choose looks at the word for the kind; one that is not known is for the tool.
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
		return "backup type " + quoteText(b.control).String()
	}
	b.kind = kind
	return ""
}

// name is that of the next backup of a file.
func (b *backups) name(c *Call, file string) string {
	last := 0
	if b.kind != 's' {
		last = c.lastBackup(file)
	}
	if last == 0 && b.kind != 'n' {
		return file + b.suffix
	}
	return file + ".~" + strconv.Itoa(last+1) + "~"
}

// lastBackup is the number of the last numbered backup of a file, 0 for none.
func (c *Call) lastBackup(file string) (last int) {
	fd, err := unix.Openat(c.Dir, dirPart(file), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	d := os.NewFile(uintptr(fd), file)
	defer func() { _ = d.Close() }()
	names, _ := d.Readdirnames(-1)
	for _, name := range names {
		text, ok := strings.CutPrefix(name, lastPart(file)+".~")
		text, closed := strings.CutSuffix(text, "~")
		if n, err := strconv.Atoi(text); ok && closed && err == nil && text[0] != '0' {
			last = max(last, n)
		}
	}
	return last
}
