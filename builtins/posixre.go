package builtins

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"overlayboot/builtins/regex"
)

// reFlags say how a POSIX regular expression is read. Without grep, expr and
// posix, it is as sed does.
type reFlags struct {
	extended   bool // ERE, else BRE
	icase      bool
	lines      bool // newlines are line ends (M of sed)
	zeroLines  bool // and NULs are (M of sed with -z)
	grep       bool // newlines separate alternatives; a lone ) is itself
	expr       bool
	posix      bool // as regcomp(3)
	utf8       bool // characters are those of UTF-8, else bytes
	strict     bool // only what POSIX knows (--posix of sed)
	posixly    bool // a lone ) is itself in an ERE of sed (POSIXLY_CORRECT)
	anyBracket bool // [:space:] is no mistake (POSIXLY_CORRECT)
	escapes    bool // \n, \t and the like mean control characters (sed)
}

// flags gives what the package regex knows by other names.
func (f reFlags) flags() (all regex.Flags) {
	for _, x := range [...]struct {
		set  bool
		flag regex.Flags
	}{
		{f.extended, regex.Extended}, {f.icase, regex.IgnoreCase}, {f.lines, regex.Newline},
		{f.grep, regex.Grep}, {f.expr, regex.Expr}, {f.utf8, regex.UTF8},
		{f.escapes, regex.Escapes}, {f.strict, regex.Strict}, {f.zeroLines, regex.ZeroLines}, {f.posixly, regex.LonelyParen}, {f.anyBracket, regex.AnyBracket},
		{!f.grep && !f.expr && !f.posix, regex.Sed},
	} {
		if x.set {
			all |= x.flag
		}
	}
	return all
}

// A reError is the C library's text for what is wrong with an expression.
type reError string

func (e reError) Error() string { return string(e) }

// errNoRE marks expressions that only the real tools know.
var errNoRE = errors.New("regular expression")

// A posixRE is a compiled POSIX regular expression.
type posixRE struct {
	re     *regex.Regexp
	utf8   bool
	groups int
	// address says that sed has used it only for an address so far: sed's library then
	// looks again whether its groups suffice for a replacement.
	address bool
	// found and room are what all returned last.
	found [][]int
	room  []int
}

// compileRE compiles a BRE or ERE. The error is the C library's text for it.
func compileRE(pattern string, f reFlags) (*posixRE, error) {
	return compileAnyRE([]string{pattern}, f, 0)
}

// compileAnyRE compiles what any of the patterns matches; where is regex.Word,
// regex.Line or both, as -w and -x of grep say.
func compileAnyRE(patterns []string, f reFlags, where regex.Flags) (*posixRE, error) {
	re, err := regex.CompileAny(patterns, f.flags()|where)
	var mistake regex.Error
	if errors.As(err, &mistake) {
		return nil, reError(mistake)
	}
	if err != nil {
		return nil, err
	}
	return &posixRE{re: re, utf8: f.utf8, groups: re.NumGroups()}, nil
}

func (p *posixRE) match(b []byte) bool {
	return p.re.Match(b)
}

// all returns up to n matches (all if n < 0), each as pairs of offsets. An
// empty one just behind another does not count. They are good until the next call.
func (p *posixRE) all(b []byte, n int) [][]int {
	found, room := p.found[:0], p.room[:0]
	size := 2 * (p.groups + 1)
	for at, last := 0, -1; at <= len(b) && len(found) != n; {
		// what is found stays where it is, when the room has to grow
		room = slices.Grow(room, size)
		loc := room[len(room) : len(room)+size]
		if !p.re.Find(b, at, false, loc) {
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

// width is the length of the first character, 1 if there is none.
func (p *posixRE) width(b []byte) int {
	if !p.utf8 || len(b) == 0 {
		return 1
	}
	_, n := utf8.DecodeRune(b)
	return n
}

// collates says whether an expression has what depends on the order of texts in a locale:
// classes of equals, collating symbols, ranges but those of digits. In [a-z] there are é and
// ß, too, and in no language all that is between ! and ~ in ASCII.
func collates(expression string) bool {
	for {
		_, rest, found := strings.Cut(expression, "[")
		if !found {
			return false
		}
		n := max(bracketEnd(rest), 0)
		if in := rest[:n]; strings.Contains(in, "[=") || strings.Contains(in, "[.") || hasRange(in) {
			return true
		}
		expression = rest[n:]
	}
}

// hasRange reports whether there is a range in the text of a bracket, behind the [ of it
// and with the ] at its end, which is of other characters than digits.
func hasRange(in string) bool {
	for i := 1; i < len(in)-2; i++ {
		if in[i] == '-' && !(isDigit(in[i-1]) && isDigit(in[i+1])) && !(i == 1 && in[0] == '^') {
			return true
		}
	}
	return false
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// inClass tells whether an ASCII character is in a class of POSIX.
func inClass(name string, c byte) bool { return regex.InClass(name, c) }
