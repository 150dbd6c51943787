package builtins

import (
	"encoding/binary"
	"io"
	"os"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A locale is what the C library would take from the environment, as far as it matters to
// a command.
type locale struct {
	// utf8 says that characters are those of UTF-8; otherwise each byte is one.
	utf8 bool
	// charset names a set that is neither, which only the system's tools know.
	charset string
	// plain says that the order of texts is that of their bytes.
	plain bool
	// messages are the languages for messages, the best first; none for English.
	messages []string
}

// localeDir and messagesDir are where the C library of Debian looks; messages may be in
// language packs, too.
const (
	localeDir     = "/usr/lib/locale"
	localeArchive = localeDir + "/locale-archive"
)

// longestNumbers is more than an LC_NUMERIC is long, which is some 50 bytes.
const longestNumbers = 1 << 12

// locale tells which locale setlocale(LC_ALL, "") gives: as in the C library, one category
// whose locale is not there leaves all of them at C. On a host that has no locales at all
// there is no C library to agree with, and a name that says UTF-8 is C.UTF-8. No file is
// looked at for C, POSIX and C.UTF-8.
func (c *Call) locale() locale {
	charset, _, ok := c.localeCategory("LC_CTYPE")
	_, plain, also := c.localeCategory("LC_COLLATE")
	if !ok || !also || !c.otherCategories() {
		return locale{plain: true}
	}
	l := locale{plain: plain, utf8: charset == "utf8"}
	if charset != "" && !l.utf8 {
		l.charset = charset
	}
	l.messages = c.messageLanguages()
	return l
}

// otherCategories says whether the locales of the categories that nothing here depends on
// are there.
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

// localeName is the locale of a category, by locale(7).
func (c *Call) localeName(category string) string {
	for _, name := range [...]string{"LC_ALL", category, "LANG"} {
		if v := c.Getenv(name); v != "" {
			return v
		}
	}
	return "C"
}

// localeCategory tells the character set of a category's locale, "" for bytes; plain where it
// orders by bytes; and whether it is there.
func (c *Call) localeCategory(category string) (charset string, plain, ok bool) {
	name := c.localeName(category)
	base, charset := splitLocale(name)
	switch {
	case name == "C" || name == "POSIX":
		return "", true, true
	case base == "C" && charset == "utf8":
		return charset, true, true
	case strings.Contains(name, "/"):
		return name, false, true // a file: for those who know its format
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

// splitLocale cuts a name into what is before the character set, with the modifier, and the
// set as the C library normalises it: letters and digits, in small letters, and iso before
// digits alone.
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
		case isDigit(set[i]):
			b.WriteByte(set[i])
		case isLetter(set[i]):
			b.WriteByte(set[i] | 0x20)
			digits = false
		}
	}
	if charset = b.String(); charset != "" && digits {
		charset = "iso" + charset
	}
	return base, charset
}

// localeExists looks for a locale in the folders and the archive.
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

// localeDirs are the folders with locales.
func (c *Call) localeDirs() []string {
	if p := c.Getenv("LOCPATH"); p != "" {
		return append(strings.Split(p, ":"), localeDir)
	}
	return []string{localeDir}
}

// normalLocale is a name with the character set as the C library normalises it.
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

// archived says whether the archive of locales has a name.
func archived(name string) bool {
	f, err := os.Open(localeArchive)
	if err != nil {
		return false
	}
	defer f.Close()
	return findArchived(f, name) != 0
}

// findArchived is the place of a locale in the archive, 0 for none. The head of that holds,
// in the machine's order of bytes, a number to know it by, and the place and size of a table
// of names; a row of that is a hash, and the places of the name and of the locale, 0 where
// there is none.
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

// archivedNumbers is the LC_NUMERIC of a locale in the archive: behind a count there are the
// place and the length of each category, that one the second.
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

// messageLanguages are the names that gettext(3) looks for messages with.
func (c *Call) messageLanguages() []string {
	name := c.localeName("LC_MESSAGES")
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

// translated says whether the tools of a text domain, such as coreutils, speak another
// language than English here.
func (l locale) translated(domain string) bool {
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

const (
	anyOrder   ordering = false
	plainOrder ordering = true
)

// inLocale returns the locale for a command whose messages are of the text domain; problem,
// for Unsupported, is what only the system's tool can do in it.
func (c *Call) inLocale(domain string, order ordering) (l locale, problem string) {
	l = c.locale()
	switch {
	case l.charset != "":
		return l, "character set " + l.charset
	case order == plainOrder && !l.plain:
		return l, "the order of the locale " + c.localeName("LC_COLLATE")
	case (l.translated(domain) || l.translated("libc")) && c.hasTool():
		return l, "messages in the language " + strings.Join(l.messages, ":")
	}
	return l, ""
}

// char returns the first character of b and its length, 0 for none; valid is false for a
// byte that is part of none, which counts as one.
func (l locale) char(b []byte) (r rune, size int, valid bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	if b[0] < utf8.RuneSelf {
		return rune(b[0]), 1, true
	}
	if !l.utf8 {
		return rune(b[0]), 1, false
	}
	r, size = utf8.DecodeRune(b)
	return r, size, r != utf8.RuneError || size > 1
}

// chars counts the characters of s, a byte that is part of none being one.
func (l locale) chars(s string) int {
	if l.utf8 {
		return utf8.RuneCountInString(s)
	}
	return len(s)
}

// isPrintRune is iswprint(3) of the C library: what is assigned, but for controls and the
// separators of lines and paragraphs.
func isPrintRune(r rune) bool {
	if r < utf8.RuneSelf {
		return ' ' <= r && r <= '~'
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs,
		unicode.Cf, unicode.Co)
}

// isSpaceRune is iswspace(3) of the C library: no-break spaces are none.
func isSpaceRune(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r == ' ' || '\t' <= r && r <= '\r'
	case r == 0xa0 || r == 0x2007 || r == 0x202f:
		return false
	}
	return unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp)
}
