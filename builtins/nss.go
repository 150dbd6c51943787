package builtins

import (
	"os"
	"strconv"
	"strings"
)

// User and group names that the two files do not know may be known elsewhere: in LDAP, to
// systemd, in a file of their own (nsswitch.conf(5)). Only the C library reaches these
// places. It is asked by getent(1), which is where the C library is.

const nsswitchFile = "/etc/nsswitch.conf"

// databaseOf is the name of a passwd or group file in nsswitch.conf.
func databaseOf(file string) string {
	if file == groupFile {
		return "group"
	}
	return "passwd"
}

// AsksElsewhere reports whether the users or groups of a host are in more places than the
// file, by the line of the database, passwd or group, in nsswitch.conf.
func AsksElsewhere(database string) bool {
	text, _ := os.ReadFile(nsswitchFile)
	return asksElsewhere(string(text), database)
}

func asksElsewhere(text, database string) bool {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		name, services, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) != database {
			continue
		}
		for service := range strings.FieldsSeq(withoutActions(services)) {
			if service != "files" && service != "compat" {
				return true
			}
		}
	}
	return false
}

// withoutActions drops what is in brackets, such as [NOTFOUND=return].
func withoutActions(services string) string {
	for {
		before, rest, ok := strings.Cut(services, "[")
		_, after, closed := strings.Cut(rest, "]")
		if !ok || !closed {
			return before
		}
		services = before + " " + after
	}
}

// elsewhere returns the line that another place than the file has for a name or number, or
// nothing. It is asked once for each.
func (c *Call) elsewhere(file, key string) string {
	database := databaseOf(file)
	if c.Getent == nil || c.below != nil || strings.ContainsAny(key, ":\n\x00") {
		return ""
	}
	line, known := c.found[database+":"+key]
	if known {
		return line
	}
	if AsksElsewhere(database) {
		line, _, _ = strings.Cut(c.Getent(database, key), "\n")
	}
	if c.found == nil {
		c.found = map[string]string{}
	}
	c.found[database+":"+key] = line
	return line
}

// idOf returns the fields of the user or group of that name.
func (c *Call) idOf(file, name string) (fields []string, ok bool) {
	if e, ok := idEntry(c.idText(file), 0, name); ok {
		return e, true
	}
	if name == "" || strings.Trim(name, "+0123456789") == "" {
		return nil, false // a number, which is no name anywhere
	}
	return idEntry([]byte(c.elsewhere(file, name)), 0, name)
}

// idNumber finds the number of a user or group, wherever it is known; a number stands for
// itself.
func (c *Call) idNumber(file, name string) (int, bool) {
	if e, ok := c.idOf(file, name); ok {
		n, err := strconv.ParseUint(e[2], 10, 32)
		return int(n), err == nil
	}
	return lookupID(nil, name)
}

// idName is the name of the user or group with that number, wherever it is known.
func (c *Call) idName(file string, id int) (string, bool) {
	number := strconv.Itoa(id)
	for _, text := range [...]func() []byte{
		func() []byte { return c.idText(file) },
		func() []byte { return []byte(c.elsewhere(file, number)) },
	} {
		if e, ok := idEntry(text(), 2, number); ok {
			return e[0], true
		}
	}
	return "", false
}
