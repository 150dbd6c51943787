package builtins

import (
	"encoding/binary"
	"os"
	"path"
	"strings"

	"overlayboot/interp/proc"
)

// What a locale has of its own, and natives have not: words, decimal points, and letters
// whose other case is another one than everywhere else. The system's tool then runs, if
// there is one; without it there is no C library to agree with.

// hasTool reports whether the system has the tool that the command stands in for.
func (c *Call) hasTool() bool { return c.HasTool == nil || c.HasTool() }

// spokenElsewhere says why only the system's tool has the right words, numbers or letters.
// Commands that depend on the locale in other ways, too, look for themselves.
func (command Command) spokenElsewhere(c *Call) (problem string) {
	if c.Embedded || c.inPlainLocale() {
		return ""
	}
	if command.Messages != "" {
		_, problem = c.inLocale(command.Messages, anyOrder)
	}
	if problem == "" && command.Depends&(numbers|thousands) != 0 {
		problem = c.foreignNumbers(command.Depends&thousands != 0)
	}
	if problem == "" && command.Depends&letters != 0 {
		problem = c.foreignLetters()
	}
	if problem != "" && !c.hasTool() {
		return ""
	}
	return problem
}

// inPlainLocale says for certain, and at once, that no locale of a country is chosen.
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

// PerformPrefix is Prefix for a shell. What only the system's tool can say it says.
func (command Command) PerformPrefix(c *Call, spec *proc.Spec) (status int, done bool) {
	if problem := command.spokenElsewhere(c); problem != "" && !c.runsOwn() {
		return c.Unsupported("%s", problem), true
	}
	return command.Prefix(c, spec)
}

// runsOwn reports whether a prefix command may lead to one that is only here, which the
// system's tools do not find.
func (c *Call) runsOwn() bool {
	for _, arg := range c.Args[1:] {
		name := path.Base(arg)
		if _, ok := Lookup(name); ok && strings.HasPrefix(name, "overlay-") {
			return true
		}
	}
	return false
}

// Text domains of gettext(3).
const (
	coreutils = "coreutils"
	findutils = "findutils"
	utilLinux = "util-linux"
	procps    = "procps-ng"
	libc      = "libc"
)

// onLocale says on what of a locale, beside its words, a command depends.
type onLocale uint8

const (
	// numbers: it reads or writes such with a decimal point.
	numbers onLocale = 1 << iota
	// thousands: these may be marked in its numbers, too.
	thousands
	// letters: it knows the other case of one.
	letters
)

// foreignLetters names the locale where i has another capital letter than I: Turkish and
// those that the C library has copy it.
func (c *Call) foreignLetters() string {
	name := c.localeName("LC_CTYPE")
	language, _, _ := strings.Cut(name, "_")
	switch language {
	case "tr", "az", "crh", "ku", "tt":
		if c.localeExists(name) {
			return "the letters of " + name
		}
	}
	return ""
}

// foreignNumbers names the locale of numbers where its decimal point is no point; or where
// thousands count, which also English has, where they may be marked.
func (c *Call) foreignNumbers(thousands bool) string {
	name := c.localeName("LC_NUMERIC")
	base, _ := splitLocale(name)
	if base == "C" || name == "POSIX" || !c.localeExists(name) {
		return ""
	}
	if thousands || c.decimalPoint(name) != "." {
		return "the numbers of " + name
	}
	return ""
}

// decimalPoint is the first text in the LC_NUMERIC of a locale, "" where that cannot be
// read. Its file is a number to know it by, how many texts there are, and the place of each.
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

// localeData is the LC_NUMERIC of a locale, from the first place that has it.
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
