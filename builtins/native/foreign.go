package native

import (
	"encoding/binary"
	"os"
	"path"
	"strings"
)

// A locale may have messages, a decimal point and case rules that natives do not know. The
// system's tool then runs, if there is one. Without that tool the host has no C library to
// agree with.

// ToolExists reports whether the system has the tool that the command stands in for.
func (c *Call) ToolExists() bool { return c.HasTool == nil || c.HasTool() }

// SpokenElsewhere explains why only the system's tool has the right messages, numbers or
// letters; it returns "" if the native has them. A command that depends on the locale in
// another way checks that itself.
func (command Command) SpokenElsewhere(c *Call) (problem string) {
	if c.Embedded || c.inPlainLocale() {
		return ""
	}
	if command.Messages != "" {
		_, problem = c.InLocale(command.Messages, AnyOrder)
	}
	if problem == "" && command.Depends&(Numbers|Thousands) != 0 {
		problem = c.foreignNumbers(command.Depends&Thousands != 0)
	}
	if problem == "" && command.Depends&Letters != 0 {
		problem = c.foreignLetters()
	}
	if problem != "" && !c.ToolExists() {
		return ""
	}
	return problem
}

// inPlainLocale reports whether the environment surely selects no locale of a country. It looks
// at no file.
func (c *Call) inPlainLocale() bool {
	for _, e := range c.Env {
		if !strings.HasPrefix(e, "LANG") && !strings.HasPrefix(e, "LC_") {
			continue
		}
		switch name, value, _ := strings.Cut(e, "="); value {
		case "", "C", "POSIX":
		case "C.UTF-8", "C.utf8":
			if name == "LANGUAGE" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// The text domains of gettext(3) in which the tools' messages are translated.
const (
	Coreutils = "coreutils"
	Findutils = "findutils"
	UtilLinux = "util-linux"
	Procps    = "procps-ng"
	Libc      = "libc"
)

// onLocale tells on which parts of a locale, apart from its messages, a command depends.
type onLocale uint8

const (
	// Numbers is for a command that reads or writes numbers with a decimal point.
	Numbers onLocale = 1 << iota
	// Thousands is for a command whose numbers may also have thousands separators.
	Thousands
	// Letters is for a command that converts or ignores the case of letters.
	Letters
)

// foreignLetters names the locale if its capital of i is not I. Turkish is such a locale, and
// the C library has others that copy it.
func (c *Call) foreignLetters() string {
	name := c.LocaleName("LC_CTYPE")
	language, _, _ := strings.Cut(name, "_")
	switch language {
	case "tr", "az", "crh", "ku", "tt":
		if c.localeExists(name) {
			return "the letters of " + name
		}
	}
	return ""
}

// foreignNumbers names the locale of numbers if its decimal point is not ".". With thousands it
// names every locale but C and POSIX, since English, too, has thousands separators.
func (c *Call) foreignNumbers(thousands bool) string {
	name := c.LocaleName("LC_NUMERIC")
	base, _ := splitLocale(name)
	if base == "C" || name == "POSIX" || !c.localeExists(name) {
		return ""
	}
	if thousands || c.decimalPoint(name) != "." {
		return "the numbers of " + name
	}
	return ""
}

// decimalPoint returns the first text of a locale's LC_NUMERIC file, "" if that cannot be read.
// The file starts with a magic number, the number of texts, and the offset of each text.
func (c *Call) decimalPoint(name string) string {
	data := c.localeData(name)
	const places = 8
	word := binary.NativeEndian.Uint32
	if len(data) < places+4 || int(word(data[places:])) >= len(data) {
		return ""
	}
	point, _, _ := strings.Cut(string(data[word(data[places:]):]), "\x00")
	return point
}

// localeData returns the LC_NUMERIC file of a locale, from the first place that has one.
func (c *Call) localeData(name string) []byte {
	for _, dir := range c.localeDirs() {
		for _, n := range [...]string{name, normalLocale(name)} {
			data, err := os.ReadFile(path.Join(dir, n, "LC_NUMERIC"))
			if err == nil && len(data) < longestNumbers {
				return data
			}
		}
	}
	return archivedNumbers(normalLocale(name))
}
