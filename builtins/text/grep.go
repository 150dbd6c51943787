package text

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/posixre"
	"overlayboot/builtins/base/regex"
	"overlayboot/builtins/native"
)

var grepOptions = [...]native.Option{
	{Key: 'E', Long: "extended-regexp"}, {Key: 'F', Long: "fixed-strings"},
	{Key: 'G', Long: "basic-regexp"}, {Key: 'q', Long: "quiet"}, {Key: 'q', Long: "silent"},
	{Key: 'v', Long: "invert-match"}, {Key: 'i', Long: "ignore-case"}, {Key: 'y'},
	{Key: 'c', Long: "count"}, {Key: 'n', Long: "line-number"}, {Key: 'o', Long: "only-matching"},
	{Key: 'l', Long: "files-with-matches"}, {Key: 'L', Long: "files-without-match"},
	{Key: 'h', Long: "no-filename"}, {Key: 'H', Long: "with-filename"},
	{Key: 's', Long: "no-messages"}, {Key: 'x', Long: "line-regexp"}, {Key: 'w', Long: "word-regexp"},
	{Key: 'e', Long: "regexp", Arg: native.NeedArg}, {Key: 'f', Long: "file", Arg: native.NeedArg},
	{Key: 'm', Long: "max-count", Arg: native.NeedArg},
	{Key: 'A', Long: "after-context", Arg: native.NeedArg},
	{Key: 'B', Long: "before-context", Arg: native.NeedArg},
	{Key: 'C', Long: "context", Arg: native.NeedArg}, {Key: 'r', Long: "recursive"},
	{Key: 'R', Long: "dereference-recursive"}, {Key: 'a', Long: "text"}, {Key: 'I'},
	{Key: 'b', Long: "byte-offset"}, {Key: 'z', Long: "null-data"}, {Key: 'Z', Long: "null"},
	{Key: 'd', Long: "directories", Arg: native.NeedArg}, {Key: 'U', Long: "binary"},
	{Key: '0'}, {Key: '1'}, {Key: '2'}, {Key: '3'}, {Key: '4'},
	{Key: '5'}, {Key: '6'}, {Key: '7'}, {Key: '8'}, {Key: '9'},
	{Key: grepCase, Long: "no-ignore-case"}, {Key: grepBuffered, Long: "line-buffered"},
	{Key: grepLabel, Long: "label", Arg: native.NeedArg},
	{Key: grepBinary, Long: "binary-files", Arg: native.NeedArg},
	{Key: grepColor, Long: "color", Arg: native.OptArg},
	{Key: grepColor, Long: "colour", Arg: native.OptArg},
	{Key: grepSeparator, Long: "group-separator", Arg: native.NeedArg},
	{Key: grepNoSeparator, Long: "no-group-separator"},
	{Key: grepInclude, Long: "include", Arg: native.NeedArg},
	{Key: grepExclude, Long: "exclude", Arg: native.NeedArg},
	{Key: grepExcludeFrom, Long: "exclude-from", Arg: native.NeedArg},
	{Key: grepExcludeDir, Long: "exclude-dir", Arg: native.NeedArg},
	{Key: '!', Long: "devices", Arg: native.NeedArg},
}

const (
	grepCase = native.LongOnly + iota
	grepBuffered
	grepLabel
	grepBinary
	grepColor
	grepSeparator
	grepNoSeparator
	grepInclude
	grepExclude
	grepExcludeFrom
	grepExcludeDir
)

// A grep is one run of grep(1).
type grep struct {
	c      *native.Call
	out    *bufio.Writer
	locale native.Locale

	kind                                 rune // E, F or G
	chosen, conflict                     bool // a kind is given; a different kind is given too
	quiet, invert, icase, count, numbers bool
	only, silent, whole, word, buffered  bool
	offsets, nul                         bool
	list                                 rune // l, L or 0
	names                                rune // h, H, or 0 to decide by the number of files
	max                                  int  // math.MaxInt for all
	after, before                        int  // -1 if not given
	digits                               string
	recurse                              rune // r, R or 0
	skipDirs                             bool
	end                                  byte
	binary                               grepBinaryKind
	label                                string
	separator                            *string
	files, dirs                          grepGlobs
	patterns                             []string
	places                               []string // file and line of each pattern of -f
	spent                                bool     // a pattern was read from standard input
	havePattern                          bool
	re                                   grepMatcher
	matched, failed, printed             bool
}

// A grepBinaryKind says how grep treats a binary file.
type grepBinaryKind byte

const (
	binaryMessage grepBinaryKind = iota
	binaryText
	binaryNoMatch
)

// Grep is grep(1) of GNU grep.
func Grep(c *native.Call) int {
	noLines := "--"
	g := &grep{c: c, out: c.Buffered(), kind: 'G', max: math.MaxInt, after: -1,
		before: -1, end: '\n', label: "(standard input)", separator: &noLines}
	opts, operands, problem := c.Options(grepOptions[:], native.Permute)
	if problem == "" {
		g.locale, problem = c.InLocale("grep", native.AnyOrder)
	}
	for i := 0; i < len(opts) && problem == ""; i++ {
		problem = g.option(opts[i])
	}
	if problem == "" {
		problem = g.context(c.Args)
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if g.conflict {
		c.Errorf("conflicting matchers specified")
		return 2
	}
	if status := g.patternFiles(opts); status != 0 {
		return status
	}
	if !g.havePattern {
		if len(operands) == 0 {
			return c.Unsupported("no pattern")
		}
		g.addPatterns(operands[0], "")
		operands = operands[1:]
	}
	if g.selectsNothing() && g.list != 'L' {
		return 1
	}
	if problem := g.collates(); problem != "" {
		return c.Unsupported("%s", problem)
	}
	if err := g.compile(); err != nil {
		g.explain(err)
		return 2
	}
	return g.run(operands)
}

// selectsNothing reports whether no file needs to be opened.
func (g *grep) selectsNothing() bool {
	all := len(g.patterns) == 1 && g.patterns[0] == "" && !g.whole && !g.word
	return g.max == 0 || g.invert && all || !g.invert && len(g.patterns) == 0
}

// grepSwitch returns the variable that an option without an argument sets.
func (g *grep) grepSwitch(key rune) *bool {
	switch key {
	case 'q':
		return &g.quiet
	case 'v':
		return &g.invert
	case 'i', 'y':
		return &g.icase
	case 'c':
		return &g.count
	case 'n':
		return &g.numbers
	case 'o':
		return &g.only
	case 's':
		return &g.silent
	case 'x':
		return &g.whole
	case 'w':
		return &g.word
	case 'b':
		return &g.offsets
	case 'Z':
		return &g.nul
	case grepBuffered:
		return &g.buffered
	}
	return nil
}

// option handles one option. problem is the argument for Unsupported.
func (g *grep) option(o native.GivenOption) (problem string) {
	if on := g.grepSwitch(o.Key); on != nil {
		*on = true
		return ""
	}
	switch o.Key {
	case 'E', 'F', 'G':
		g.conflict = g.conflict || g.chosen && g.kind != o.Key
		g.kind, g.chosen = o.Key, true
	case grepCase:
		g.icase = false
	case 'l', 'L':
		g.list = o.Key
	case 'h', 'H':
		g.names = o.Key
	case 'a':
		g.binary = binaryText
	case 'I':
		g.binary = binaryNoMatch
	case 'z':
		g.end = 0
	case 'r', 'R':
		g.recurse, g.skipDirs = o.Key, false
	case 'e':
		g.addPatterns(o.Value, "")
	case 'm', 'A', 'B', 'C':
		return g.number(o)
	case grepLabel:
		g.label = o.Value
	case grepSeparator:
		g.separator = &o.Value
	case grepNoSeparator:
		g.separator = nil
	case grepBinary, grepColor, 'd':
		return g.word1(o)
	case grepInclude, grepExclude, grepExcludeDir:
		g.exclude(o)
	case grepExcludeFrom:
		return "option '--exclude-from'"
	}
	if ascii.IsDigit(byte(o.Key)) && o.Key < native.LongOnly {
		g.digits += string(o.Key)
	}
	return ""
}

// word1 handles an option with a fixed set of words.
func (g *grep) word1(o native.GivenOption) (problem string) {
	switch {
	case o.Key == grepBinary && o.Value == "binary":
		g.binary = binaryMessage
	case o.Key == grepBinary && o.Value == "text":
		g.binary = binaryText
	case o.Key == grepBinary && o.Value == "without-match":
		g.binary = binaryNoMatch
	case o.Key == 'd' && o.Value == "read":
		g.recurse, g.skipDirs = 0, false
	case o.Key == 'd' && o.Value == "skip":
		g.recurse, g.skipDirs = 0, true
	case o.Key == 'd' && o.Value == "recurse":
		g.recurse, g.skipDirs = 'r', false
	case o.Key == grepColor && (o.Value == "never" || o.Value == "no" || o.Value == "none"):
	case o.Key == grepColor && (o.Value == "auto" || o.Value == "tty" || o.Value == "if-tty" ||
		!o.Has) && !isTerminal(g.c.Stdout):
	default:
		return fmt.Sprintf("option with the value '%s'", o.Value)
	}
	return ""
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	if t, ok := stream.(interface{ IsTerminal() bool }); ok {
		return t.IsTerminal()
	}
	fd := native.FD(stream)
	if fd < 0 {
		return false
	}
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

func (g *grep) number(o native.GivenOption) (problem string) {
	digits := strings.TrimPrefix(o.Value, "-")
	n, err := strconv.Atoi(o.Value)
	if errors.Is(err, strconv.ErrRange) && ascii.IsDigits(digits) {
		err = nil // use the largest or smallest number
	}
	if err != nil || n < 0 && o.Key != 'm' {
		return fmt.Sprintf("option '-%c %s'", o.Key, o.Value)
	}
	switch o.Key {
	case 'm':
		if g.max = n; n < 0 {
			g.max = math.MaxInt
		}
	case 'A':
		g.after = n
	case 'B':
		g.before = n
	case 'C':
		g.digits = o.Value
	}
	return ""
}

// context applies -C and -NUM, which count only if -A and -B are not given. The options give
// the digits of -NUM one by one, but they must be in one argument.
func (g *grep) context(args []string) (problem string) {
	if g.digits == "" {
		return ""
	}
	together := func(arg string) bool { return strings.Contains(arg, g.digits) }
	n, err := strconv.Atoi(g.digits)
	if err != nil || !slices.ContainsFunc(args, together) {
		return "context " + g.digits
	}
	if g.after < 0 {
		g.after = n
	}
	if g.before < 0 {
		g.before = n
	}
	return ""
}

// addPatterns adds the lines of s as patterns. file is the file that they come from, or "".
func (g *grep) addPatterns(s, file string) {
	g.havePattern = true
	for i, line := range strings.Split(s, "\n") {
		place := ""
		if file != "" {
			place = fmt.Sprintf("%s:%d: ", file, i+1)
		}
		g.patterns, g.places = append(g.patterns, line), append(g.places, place)
	}
}

// patternFiles reads the files of -f. It runs after all options are known to be supported,
// since reading may use up standard input.
func (g *grep) patternFiles(opts []native.GivenOption) (status int) {
	for _, o := range opts {
		if o.Key != 'f' {
			continue
		}
		g.havePattern = true
		r, closer, err := g.open(o.Value)
		var text []byte
		if err == nil {
			text, err = io.ReadAll(r)
			closer()
		}
		if err != nil {
			g.c.Errorf("%s: %s", o.Value, clib.Strerror(err))
			return 2
		}
		if len(text) > 0 {
			g.spent = g.spent || o.Value == "-"
			g.addPatterns(strings.TrimSuffix(string(text), "\n"), o.Value)
		}
	}
	return 0
}

// open opens an operand. "-" is standard input.
func (g *grep) open(name string) (io.Reader, func(), error) {
	if name == "-" {
		return g.c.Stdin, func() {}, nil
	}
	f, err := g.c.Open(name)
	if err != nil {
		return nil, nil, err
	}
	return f, func() { _ = f.Close() }, nil
}

// A grepMatcher finds the matches of any of the patterns.
type grepMatcher interface {
	// Match reports whether a line matches.
	Match(line []byte) bool
	// index returns the start and the end of the first matching line, or -1.
	index(text []byte) (from, to int)
	// err returns an error if a match was given up.
	err() error
	// find finds the leftmost longest match from position from on.
	find(line []byte, from int) (start, end int, ok bool)
}

// collates names a pattern that depends on the collation order of the locale, which only the
// system's tool knows. Patterns from standard input are gone from there, so they are not handed
// over.
func (g *grep) collates() (problem string) {
	if g.locale.Plain || g.kind == 'F' || g.spent {
		return ""
	}
	for _, p := range g.patterns {
		if posixre.Collates(p) {
			return fmt.Sprintf("the order of the locale in the expression %q", p)
		}
	}
	return ""
}

func (g *grep) flags() posixre.Flags {
	return posixre.Flags{Extended: g.kind == 'E', IgnoreCase: g.icase, Grep: true, UTF8: g.locale.UTF8}
}

// explain reports the error in each pattern. It reports equal patterns once.
func (g *grep) explain(all error) {
	told := map[string]bool{}
	for i, p := range g.patterns {
		if told[p] {
			continue
		}
		told[p] = true
		if _, err := posixre.CompileAny([]string{p}, g.flags(), 0); err != nil {
			g.c.Errorf("%s%v", g.places[i], err)
			all = nil
		}
	}
	if all != nil {
		g.c.Errorf("%v", all)
	}
}

// compile compiles all patterns into one expression.
func (g *grep) compile() error {
	f := g.flags()
	patterns := g.patterns
	if g.kind == 'F' {
		patterns = make([]string, len(g.patterns))
		for i, p := range g.patterns {
			patterns[i] = bre(p)
		}
	}
	var where regex.Flags
	if g.whole {
		where |= regex.Line
	}
	if g.word {
		where |= regex.Word
	}
	re, err := posixre.CompileAny(patterns, f, where)
	if err != nil {
		return err
	}
	g.re = posixMatcher{re}
	for _, w := range re.RE.Warnings() {
		g.c.Errorf("warning: %s", w)
	}
	return nil
}

// A posixMatcher is a grepMatcher that uses a posixre.RE.
type posixMatcher struct{ *posixre.RE }

func (m posixMatcher) index(text []byte) (from, to int) { return m.RE.RE.IndexLine(text) }

func (m posixMatcher) err() error { return m.RE.RE.Err() }

func (m posixMatcher) find(line []byte, from int) (start, end int, ok bool) {
	var loc [2]int
	ok = m.RE.RE.Find(line, from, false, loc[:])
	return loc[0], loc[1], ok
}

// bre quotes a fixed string as a basic regular expression.
func bre(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(`\.[*^$`, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// run searches the operands and returns the exit status.
func (g *grep) run(operands []string) int {
	if len(operands) == 0 {
		if g.recurse != 0 {
			if g.names == 0 {
				g.names = 'H'
			}
			g.tree("", ".", nil)
			return g.status()
		}
		operands = []string{"-"}
	}
	if g.names == 0 && (len(operands) > 1 || g.recurse != 0 && g.isDir(operands[0])) {
		g.names = 'H'
	}
	for _, name := range operands {
		if g.quiet && g.matched || !writable(g.out) {
			break
		}
		dir := name != "-" && g.isDir(name)
		switch {
		case dir && (g.skipDirs || g.dirs.skip(name, true)):
		case g.recurse != 0 && dir:
			g.tree(name, name, nil)
		default:
			g.file(name)
		}
	}
	return g.status()
}

func (g *grep) status() int {
	if err := g.out.Flush(); err != nil {
		g.c.Errorf("write error: %s", clib.Strerror(err))
		return 2
	}
	if err := g.re.err(); err != nil {
		g.c.Errorf("%v", err)
		return 2
	}
	switch {
	case g.failed && !(g.quiet && g.matched):
		return 2
	case g.matched:
		return 0
	}
	return 1
}

func (g *grep) isDir(name string) bool {
	var st unix.Stat_t
	return unix.Fstatat(g.c.Dir, name, &st, 0) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}

// tree searches all files below a directory, in the order of the directory. prefix is the name
// of the directory in messages.
func (g *grep) tree(prefix, dir string, above []unix.Stat_t) {
	f, err := g.c.OpenFile(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	var st unix.Stat_t
	if err == nil {
		err = fsys.Retry(func() error { return unix.Fstat(int(f.Fd()), &st) })
	}
	if err != nil {
		g.complain(dir, err)
		return
	}
	entries, err := f.ReadDir(-1)
	_ = f.Close()
	if err != nil {
		g.complain(dir, err)
	}
	if slices.ContainsFunc(above, func(a unix.Stat_t) bool { return fsys.SameFile(a, st) }) {
		if !g.silent {
			_ = g.out.Flush()
			g.c.Errorf("%s: warning: recursive directory loop", dir)
		}
		return
	}
	above = append(above[:len(above):len(above)], st)
	for _, e := range entries {
		if g.quiet && g.matched || !writable(g.out) {
			return
		}
		g.entry(prefix, e, above)
	}
}

func (g *grep) entry(prefix string, e os.DirEntry, above []unix.Stat_t) {
	name := e.Name()
	if prefix != "" {
		name = strings.TrimRight(prefix, "/") + "/" + name
		if strings.Trim(prefix, "/") == "" {
			name = prefix + e.Name()
		}
	}
	link := e.Type()&os.ModeSymlink != 0
	switch {
	case e.IsDir() || link && g.recurse == 'R' && g.isDir(name):
		if !g.dirs.skip(e.Name(), false) {
			g.tree(name, name, above)
		}
	case e.Type().IsRegular() || link && g.recurse == 'R' && !g.isDevice(name):
		if !g.files.skip(e.Name(), false) {
			g.search(name)
		}
	}
}

func (g *grep) isDevice(name string) bool {
	st, err := g.c.Stat(name)
	return err == nil && fsys.Type(st) != unix.S_IFREG && fsys.Type(st) != unix.S_IFDIR
}

func (g *grep) complain(name string, err error) {
	g.failed = true
	if !g.silent {
		_ = g.out.Flush()
		g.c.Errorf("%s: %s", name, clib.Strerror(err))
	}
}
