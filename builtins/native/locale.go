package native

import (
	"encoding/binary"
	"io"
	"os"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"overlayboot/builtins/base/ascii"
)

// A Locale holds the settings that the C library would take from the environment, as far as
// they matter to a command.
type Locale struct {
	// UTF8 says that characters are encoded in UTF-8; otherwise each byte is a character.
	UTF8 bool
	// charset names any other character set, which only the system's tools know.
	charset string
	// Plain says that texts are ordered by their bytes.
	Plain bool
	// messages lists the languages for messages, best first. It is empty for English.
	messages []string
}

// The C library of Debian looks for locales in these places.
const (
	localeDir     = "/usr/lib/locale"
	localeArchive = localeDir + "/locale-archive"
)

// longestNumbers is an upper limit for the size of an LC_NUMERIC file, which has some 50 bytes.
const longestNumbers = 1 << 12

// Locale returns the locale that setlocale(LC_ALL, "") selects. As in the C library, one
// category whose locale is missing leaves all categories at C. A host without any locales has
// no C library to agree with: a name with UTF-8 then means C.UTF-8. For C, POSIX and C.UTF-8 it
// looks at no file.
func (c *Call) Locale() Locale {
	charset, _, ok := c.localeCategory("LC_CTYPE")
	_, plain, also := c.localeCategory("LC_COLLATE")
	if !ok || !also || !c.otherCategories() {
		return Locale{Plain: true}
	}
	l := Locale{Plain: plain, UTF8: charset == "utf8"}
	if charset != "" && !l.UTF8 {
		l.charset = charset
	}
	l.messages = c.messageLanguages()
	return l
}

// otherCategories reports whether the locales exist for the categories on which no native
// depends.
func (c *Call) otherCategories() bool {
	for _, name := range [...]string{"LC_NUMERIC", "LC_TIME", "LC_MONETARY", "LC_MESSAGES",
		"LC_PAPER", "LC_NAME", "LC_ADDRESS", "LC_TELEPHONE", "LC_MEASUREMENT",
		"LC_IDENTIFICATION"} {
		if _, _, ok := c.localeCategory(name); !ok {
			return false
		}
	}
	return true
}

// LocaleName returns the locale name of a category, by locale(7).
func (c *Call) LocaleName(category string) string {
	for _, name := range [...]string{"LC_ALL", category, "LANG"} {
		if v := c.Getenv(name); v != "" {
			return v
		}
	}
	return "C"
}

// localeCategory returns the character set of a category's locale, "" for bytes. plain says
// that the locale orders by bytes, and ok that it exists.
func (c *Call) localeCategory(category string) (charset string, plain, ok bool) {
	name := c.LocaleName(category)
	base, charset := splitLocale(name)
	switch {
	case name == "C" || name == "POSIX":
		return "", true, true
	case base == "C" && charset == "utf8":
		return charset, true, true
	case strings.Contains(name, "/"):
		return name, false, true // a file, in a format that only the C library knows
	case c.localeExists(name):
		if charset == "" {
			charset = name
		}
		return charset, false, true
	case charset == "utf8" && !noEntry(localeDir):
		return "", true, false
	}
	return charset, true, charset == "utf8"
}

func noEntry(name string) bool {
	_, err := os.Stat(name)
	return os.IsNotExist(err)
}

// splitLocale cuts a name into the base (with the modifier, without the character set) and the
// character set. It normalises the set as the C library does: only letters and digits, in lower
// case, with "iso" before a set of digits alone.
func splitLocale(name string) (base, charset string) {
	base, modifier, modified := strings.Cut(name, "@")
	base, set, _ := strings.Cut(base, ".")
	if modified {
		base += "@" + modifier
	}
	var b strings.Builder
	digits := true
	for i := 0; i < len(set); i++ {
		switch {
		case ascii.IsDigit(set[i]):
			b.WriteByte(set[i])
		case ascii.IsLetter(set[i]):
			b.WriteByte(set[i] | 0x20)
			digits = false
		}
	}
	if charset = b.String(); charset != "" && digits {
		charset = "iso" + charset
	}
	return base, charset
}

// localeExists looks for a locale in the archive and in the directories.
func (c *Call) localeExists(name string) (ok bool) {
	if c.lastLocale == name && name != "" {
		return true
	}
	defer func() {
		if ok {
			c.lastLocale = name
		}
	}()
	normal := normalLocale(name)
	if c.Getenv("LOCPATH") == "" && archived(normal) {
		return true
	}
	for _, dir := range c.localeDirs() {
		for _, n := range [...]string{name, normal} {
			if !noEntry(path.Join(dir, n, "LC_CTYPE")) {
				return true
			}
		}
	}
	return false
}

// localeDirs returns the directories that hold locales.
func (c *Call) localeDirs() []string {
	if p := c.Getenv("LOCPATH"); p != "" {
		return append(strings.Split(p, ":"), localeDir)
	}
	return []string{localeDir}
}

// normalLocale returns the name with its character set normalised as the C library does.
func normalLocale(name string) string {
	base, charset := splitLocale(name)
	if charset == "" {
		return base
	}
	lang, modifier, modified := strings.Cut(base, "@")
	if modified {
		return lang + "." + charset + "@" + modifier
	}
	return lang + "." + charset
}

// archived reports whether the locale archive has a locale of that name.
func archived(name string) bool {
	f, err := os.Open(localeArchive)
	if err != nil {
		return false
	}
	defer f.Close()
	return findArchived(f, name) != 0
}

// findArchived returns the offset of a locale in the archive, 0 if there is none. The archive
// is in the machine's byte order. Its head holds a magic number, and the offset and size of a
// table of names. A row of the table holds a hash, the offset of the name, and the offset of
// the locale, which is 0 in an unused row.
func findArchived(f *os.File, name string) (place int64) {
	const magic, row, longest = 0xde020109, 12, 1 << 20
	var head [20]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return 0
	}
	word := binary.NativeEndian.Uint32
	size := int64(word(head[16:])) * row
	if word(head[:]) != magic || size > longest {
		return 0
	}
	table := make([]byte, size)
	if _, err := f.ReadAt(table, int64(word(head[8:]))); err != nil {
		return 0
	}
	found := make([]byte, len(name)+1)
	for ; len(table) >= row; table = table[row:] {
		if word(table[8:]) == 0 {
			continue
		}
		_, err := f.ReadAt(found, int64(word(table[4:])))
		if err == nil && string(found) == name+"\x00" {
			return int64(word(table[8:]))
		}
	}
	return 0
}

// archivedNumbers returns the LC_NUMERIC of a locale in the archive. The locale's record is a
// count, then the offset and length of each category; LC_NUMERIC is the second category.
func archivedNumbers(name string) []byte {
	f, err := os.Open(localeArchive)
	if err != nil {
		return nil
	}
	defer f.Close()
	const category = 1
	var entry [8]byte
	place := findArchived(f, name)
	if place == 0 {
		return nil
	}
	if _, err := f.ReadAt(entry[:], place+4+category*int64(len(entry))); err != nil {
		return nil
	}
	word := binary.NativeEndian.Uint32
	data := make([]byte, min(word(entry[4:]), longestNumbers))
	if _, err := f.ReadAt(data, int64(word(entry[:]))); err != nil {
		return nil
	}
	return data
}

// messageLanguages lists the language names for which gettext(3) looks up messages.
func (c *Call) messageLanguages() []string {
	name := c.LocaleName("LC_MESSAGES")
	if name == "C" || name == "POSIX" {
		return nil
	}
	if list := c.Getenv("LANGUAGE"); list != "" {
		return strings.Split(list, ":")
	}
	if base, _ := splitLocale(name); base == "C" {
		return nil
	}
	return []string{name}
}

// translated reports whether the tools of a text domain, such as coreutils, have messages in
// another language than English here.
func (l Locale) translated(domain string) bool {
	for _, name := range l.messages {
		if name == "C" || name == "POSIX" {
			return false
		}
		base, _ := splitLocale(name)
		lang, modifier, modified := strings.Cut(base, "@")
		short, _, _ := strings.Cut(lang, "_")
		for _, n := range [...]string{name, base, lang, short, short + "@" + modifier} {
			if n == "" || !modified && strings.HasSuffix(n, "@") {
				continue
			}
			for _, dir := range [...]string{"/usr/share/locale", "/usr/share/locale-langpack"} {
				if !noEntry(path.Join(dir, n, "LC_MESSAGES", domain+".mo")) {
					return true
				}
			}
		}
		if short == "en" {
			return false
		}
	}
	return false
}

// An ordering says whether a command depends on the order of texts.
type ordering bool

// The values of ordering.
const (
	AnyOrder   ordering = false
	PlainOrder ordering = true
)

// InLocale returns the locale for a command whose messages are in the text domain. problem,
// meant for Unsupported, names what only the system's tool can do in that locale.
func (c *Call) InLocale(domain string, order ordering) (l Locale, problem string) {
	l = c.Locale()
	switch {
	case l.charset != "":
		return l, "character set " + l.charset
	case order == PlainOrder && !l.Plain:
		return l, "the order of the locale " + c.LocaleName("LC_COLLATE")
	case (l.translated(domain) || l.translated("libc")) && c.ToolExists():
		return l, "messages in the language " + strings.Join(l.messages, ":")
	}
	return l, ""
}

// Char returns the first character of b and its length, 0 if b is empty. A byte that is not
// part of a character counts as a character of its own, with valid false.
func (l Locale) Char(b []byte) (r rune, size int, valid bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	if b[0] < utf8.RuneSelf {
		return rune(b[0]), 1, true
	}
	if !l.UTF8 {
		return rune(b[0]), 1, false
	}
	r, size = utf8.DecodeRune(b)
	return r, size, r != utf8.RuneError || size > 1
}

// Chars counts the characters of s. A byte that is not part of a character counts as one.
func (l Locale) Chars(s string) int {
	if l.UTF8 {
		return utf8.RuneCountInString(s)
	}
	return len(s)
}

// IsPrintRune is iswprint(3) of the C library: every assigned character, except controls and
// the separators of lines and paragraphs.
func IsPrintRune(r rune) bool {
	if r < utf8.RuneSelf {
		return ' ' <= r && r <= '~'
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs,
		unicode.Cf, unicode.Co)
}

// IsSpaceRune is iswspace(3) of the C library, for which no-break spaces are not spaces.
func IsSpaceRune(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r == ' ' || '\t' <= r && r <= '\r'
	case r == 0xa0 || r == 0x2007 || r == 0x202f:
		return false
	}
	return unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp)
}
