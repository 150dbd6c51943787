package native

import (
	"os"
	"strconv"
	"strings"
)

// Sources other than the two files may know users and groups: LDAP, systemd, an extra file
// (nsswitch.conf(5)). Only the C library reaches them, so getent(1) is asked, which uses the C
// library.

const nsswitchFile = "/etc/nsswitch.conf"

// databaseOf returns the name of a passwd or group file in nsswitch.conf.
func databaseOf(file string) string {
	if file == GroupFile {
		return "group"
	}
	return "passwd"
}

// AsksElsewhere reports whether a database, passwd or group, has other sources than the file.
// The line of the database in nsswitch.conf tells.
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

// withoutActions drops the actions in brackets, such as [NOTFOUND=return].
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

// elsewhere returns the line for a name or number from a source other than the file, or "". It
// asks only once for each key.
func (c *Call) elsewhere(file, key string) string {
	database := databaseOf(file)
	if c.Getent == nil || c.Below != nil || strings.ContainsAny(key, ":\n\x00") {
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

// EntryOfID returns the fields of the user or group with that name.
func (c *Call) EntryOfID(file, name string) (fields []string, ok bool) {
	if e, ok := idEntry(c.idText(file), 0, name); ok {
		return e, true
	}
	if name == "" || strings.Trim(name, "+0123456789") == "" {
		return nil, false // a number, which no source has as a name
	}
	return idEntry([]byte(c.elsewhere(file, name)), 0, name)
}

// NumberOfID returns the number of a user or group from any source. A number stands for itself.
func (c *Call) NumberOfID(file, name string) (int, bool) {
	if e, ok := c.EntryOfID(file, name); ok {
		n, err := strconv.ParseUint(e[2], 10, 32)
		return int(n), err == nil
	}
	return lookupID(nil, name)
}

// NameOfID returns the name of the user or group with that number, from any source.
func (c *Call) NameOfID(file string, id int) (string, bool) {
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
