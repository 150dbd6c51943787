// Package posixre compiles POSIX regular expressions in the dialects of the commands, and runs
// them.
package posixre

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/regex"
)

// Flags select the dialect of a POSIX regular expression. Without Grep, Expr and Posix it is
// that of sed.
type Flags struct {
	Extended   bool // an ERE, else a BRE
	IgnoreCase bool
	Lines      bool // newlines are line ends (M of sed)
	ZeroLines  bool // NULs are line ends (M of sed with -z)
	Grep       bool // newlines separate alternatives; a lone ) is literal
	Expr       bool
	Posix      bool // as regcomp(3)
	UTF8       bool // characters are those of UTF-8, else bytes
	Strict     bool // only the syntax of POSIX (--posix of sed)
	Posixly    bool // a lone ) is literal in an ERE of sed (POSIXLY_CORRECT)
	AnyBracket bool // [:space:] is not an error (POSIXLY_CORRECT)
	escapes    bool // \n, \t and the like mean control characters (sed)
}

// flags returns the corresponding flags of package regex.
func (f Flags) flags() (all regex.Flags) {
	for _, x := range [...]struct {
		set  bool
		flag regex.Flags
	}{
		{f.Extended, regex.Extended}, {f.IgnoreCase, regex.IgnoreCase}, {f.Lines, regex.Newline},
		{f.Grep, regex.Grep}, {f.Expr, regex.Expr}, {f.UTF8, regex.UTF8},
		{f.escapes, regex.Escapes}, {f.Strict, regex.Strict}, {f.ZeroLines, regex.ZeroLines},
		{f.Posixly, regex.LonelyParen}, {f.AnyBracket, regex.AnyBracket},
		{!f.Grep && !f.Expr && !f.Posix, regex.Sed},
	} {
		if x.set {
			all |= x.flag
		}
	}
	return all
}

// An Error is the C library's text for an invalid expression.
type Error string

// Error returns the text.
func (e Error) Error() string { return string(e) }

// ErrNone marks expressions that only the real tools support.
var ErrNone = errors.New("regular expression")

// An RE is a compiled POSIX regular expression.
type RE struct {
	RE     *regex.Regexp
	UTF8   bool
	Groups int
	// Address says that sed has used the expression only as an address so far. sed's library
	// then checks again whether its groups suffice for a replacement.
	Address bool
	// found and room back the last result of All, and are reused.
	found [][]int
	room  []int
}

// Compile compiles a BRE or an ERE. The error has the C library's text.
func Compile(pattern string, f Flags) (*RE, error) {
	return CompileAny([]string{pattern}, f, 0)
}

// CompileAny compiles an expression that matches where any of the patterns does. where is
// regex.Word, regex.Line or both, for -w and -x of grep.
func CompileAny(patterns []string, f Flags, where regex.Flags) (*RE, error) {
	re, err := regex.CompileAny(patterns, f.flags()|where)
	var mistake regex.Error
	if errors.As(err, &mistake) {
		return nil, Error(mistake)
	}
	if err != nil {
		return nil, err
	}
	return &RE{RE: re, UTF8: f.UTF8, Groups: re.NumGroups()}, nil
}

// Match reports whether b has a match.
func (p *RE) Match(b []byte) bool {
	return p.RE.Match(b)
}

// All returns up to n matches (all if n < 0), each as pairs of offsets. An empty match directly
// after another match does not count. The result is valid until the next call.
func (p *RE) All(b []byte, n int) [][]int {
	found, room := p.found[:0], p.room[:0]
	size := 2 * (p.Groups + 1)
	for at, last := 0, -1; at <= len(b) && len(found) != n; {
		// When room has to grow, the earlier matches stay in the old array.
		room = slices.Grow(room, size)
		loc := room[len(room) : len(room)+size]
		if !p.RE.Find(b, at, false, loc) {
			break
		}
		if at = loc[1]; loc[0] == loc[1] {
			at += p.width(b[at:])
			if loc[0] == last {
				continue
			}
		}
		last = loc[1]
		found, room = append(found, loc), room[:len(room)+size]
	}
	p.found, p.room = found, room
	return found
}

// width returns the length of the first character, 1 if there is none.
func (p *RE) width(b []byte) int {
	if !p.UTF8 || len(b) == 0 {
		return 1
	}
	_, n := utf8.DecodeRune(b)
	return n
}

// Collates reports whether an expression depends on the order of texts in a locale. That is so
// for equivalence classes, collating symbols, and ranges of other characters than digits. For
// instance, [a-z] also has é and ß, and in no language does [!-~] have all of the ASCII
// characters in that range.
func Collates(expression string) bool {
	for {
		_, rest, found := strings.Cut(expression, "[")
		if !found {
			return false
		}
		n := max(BracketEnd(rest), 0)
		if in := rest[:n]; strings.Contains(in, "[=") || strings.Contains(in, "[.") || hasRange(in) {
			return true
		}
		expression = rest[n:]
	}
}

// hasRange reports whether a bracket expression has a range of other characters than digits. in
// is its text after the [, up to and including the ].
func hasRange(in string) bool {
	for i := 1; i < len(in)-2; i++ {
		if in[i] == '-' && !(ascii.IsDigit(in[i-1]) && ascii.IsDigit(in[i+1])) &&
			!(i == 1 && in[0] == '^') {
			return true
		}
	}
	return false
}

// BracketEnd returns the length of a bracket expression after its [, -1 if it has no end.
func BracketEnd(s string) int {
	i := 0
	if strings.HasPrefix(s, "^") {
		i++
	}
	for first := true; i < len(s); first = false {
		switch {
		case s[i] == ']' && !first:
			return i + 1
		case s[i] == '[' && i+1 < len(s) && strings.IndexByte(":.=", s[i+1]) >= 0:
			end := strings.Index(s[i+2:], s[i+1:i+2]+"]")
			if end < 0 {
				return -1
			}
			i += end + 3
		}
		i++
	}
	return -1
}
