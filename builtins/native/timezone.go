package native

import (
	"encoding/binary"
	"os"
	"path"
	"strings"
	"time"

	"overlayboot/builtins/base/ascii"

	"golang.org/x/sys/unix"
)

const zoneDir = "/usr/share/zoneinfo"

// TimeZone returns the zone that TZ means to the C library, see tzset(3): a file, or a POSIX
// rule. time.Local does not serve, since Go reads TZ from the environment that the process
// started with.
func (c *Call) TimeZone() *time.Location {
	name, set := "", false
	for _, e := range c.Env {
		if v, ok := strings.CutPrefix(e, "TZ="); ok && !set {
			name, set = v, true
		}
	}
	if !set {
		if zone, err := zoneFile("/etc/localtime"); err == nil {
			return zone
		}
		return time.UTC
	}
	name = strings.TrimPrefix(name, ":")
	if name == "" {
		name = "Universal"
	}
	file := name
	if !path.IsAbs(name) {
		file = zoneDir + "/" + name
	}
	if zone, err := zoneFile(file); err == nil {
		return zone
	}
	return posixZone(name)
}

func zoneFile(name string) (*time.Location, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text := make([]byte, 0, 4096)
	for len(text) < 1<<20 {
		text = append(text, make([]byte, 4096)...)
		n, err := f.Read(text[len(text)-4096:])
		text = text[:len(text)-4096+n]
		if err != nil || n == 0 {
			break
		}
	}
	return time.LoadLocationFromTZData("Local", text)
}

// posixZone returns the zone of a rule such as CET-1CEST,M3.5.0,M10.5.0/3. The time package
// reads a rule only from a zone file: the rule becomes the last line of a file with a single
// transition, long ago.
func posixZone(rules string) *time.Location {
	abbreviation := zoneName(rules)
	if len(abbreviation) < 3 {
		return time.UTC
	}
	rest := strings.TrimPrefix(rules, abbreviation)
	if strings.HasPrefix(rules, "<") {
		rest = strings.TrimPrefix(rules, "<"+abbreviation+">")
	}
	if rest == "" || !ascii.IsDigit(rest[0]) && rest[0] != '-' && rest[0] != '+' {
		return time.FixedZone(abbreviation, 0)
	}
	zone, err := time.LoadLocationFromTZData("Local", zoneData(abbreviation, rules))
	if err != nil {
		return time.UTC
	}
	return zone
}

func zoneName(rules string) string {
	if rest, ok := strings.CutPrefix(rules, "<"); ok {
		name, _, _ := strings.Cut(rest, ">")
		return name
	}
	n := 0
	for n < len(rules) && ascii.IsLetter(rules[n]) {
		n++
	}
	return rules[:n]
}

// zoneData returns a file in the format of tzfile(5), version 2.
func zoneData(abbreviation, rules string) []byte {
	const onlyType, longAgo = 0, -1 << 40
	header := func(b []byte, transitions int) []byte {
		b = append(b, "TZif2"...)
		b = append(b, make([]byte, 15)...)
		for _, n := range [...]int{0, 0, 0, transitions, 1, len(abbreviation) + 1} {
			b = binary.BigEndian.AppendUint32(b, uint32(n))
		}
		return b
	}
	zone := func(b []byte) []byte {
		b = append(b, 0, 0, 0, 0, 0, 0)
		return append(append(b, abbreviation...), 0)
	}
	b := zone(header(nil, 0))
	b = header(b, 1)
	when := int64(longAgo)
	b = binary.BigEndian.AppendUint64(b, uint64(when))
	b = append(b, onlyType)
	return append(append(append(zone(b), '\n'), rules...), '\n')
}
