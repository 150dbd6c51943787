package builtins

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

	"overlayboot/builtins/regex"
)

var grepOptions = [...]option{
	{'E', "extended-regexp", noArg}, {'F', "fixed-strings", noArg},
	{'G', "basic-regexp", noArg}, {'q', "quiet", noArg}, {'q', "silent", noArg},
	{'v', "invert-match", noArg}, {'i', "ignore-case", noArg}, {'y', "", noArg},
	{'c', "count", noArg}, {'n', "line-number", noArg}, {'o', "only-matching", noArg},
	{'l', "files-with-matches", noArg}, {'L', "files-without-match", noArg},
	{'h', "no-filename", noArg}, {'H', "with-filename", noArg},
	{'s', "no-messages", noArg}, {'x', "line-regexp", noArg}, {'w', "word-regexp", noArg},
	{'e', "regexp", needArg}, {'f', "file", needArg}, {'m', "max-count", needArg},
	{'A', "after-context", needArg}, {'B', "before-context", needArg},
	{'C', "context", needArg}, {'r', "recursive", noArg},
	{'R', "dereference-recursive", noArg}, {'a', "text", noArg}, {'I', "", noArg},
	{'b', "byte-offset", noArg}, {'z', "null-data", noArg}, {'Z', "null", noArg},
	{'d', "directories", needArg}, {'U', "binary", noArg},
	{'0', "", noArg}, {'1', "", noArg}, {'2', "", noArg}, {'3', "", noArg}, {'4', "", noArg},
	{'5', "", noArg}, {'6', "", noArg}, {'7', "", noArg}, {'8', "", noArg}, {'9', "", noArg},
	{grepCase, "no-ignore-case", noArg}, {grepBuffered, "line-buffered", noArg},
	{grepLabel, "label", needArg}, {grepBinary, "binary-files", needArg},
	{grepColor, "color", optArg}, {grepColor, "colour", optArg},
	{grepSeparator, "group-separator", needArg}, {grepNoSeparator, "no-group-separator", noArg},
	{grepInclude, "include", needArg}, {grepExclude, "exclude", needArg},
	{grepExcludeFrom, "exclude-from", needArg}, {grepExcludeDir, "exclude-dir", needArg},
	{'!', "devices", needArg},
}

const (
	grepCase = longOnly + iota
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

// A grep is one run of the command.
type grep struct {
	c      *Call
	out    *bufio.Writer
	locale locale

	kind                                 rune // E, F or G
	chosen, conflict                     bool // a kind is given; another one, too
	quiet, invert, icase, count, numbers bool
	only, silent, whole, word, buffered  bool
	offsets, nul                         bool
	list                                 rune // l, L or 0
	names                                rune // h, H or 0 for by number of files
	max                                  int  // math.MaxInt for all
	after, before                        int  // -1 where not given
	digits                               string
	recurse                              rune // r, R or 0
	skipDirs                             bool
	end                                  byte
	binary                               grepBinaryKind
	label                                string
	separator                            *string
	files, dirs                          grepGlobs
	patterns                             []string
	places                               []string // of the patterns of -f: file and line
	spent                                bool     // a pattern was read from standard input
	havePattern                          bool
	re                                   grepMatcher
	matched, failed, printed             bool
}

// A grepBinaryKind is what a file that is no text is taken for.
type grepBinaryKind byte

const (
	binaryMessage grepBinaryKind = iota
	binaryText
	binaryNoMatch
)

func runGrep(c *Call) int {
	noLines := "--"
	g := &grep{c: c, out: c.buffered(), kind: 'G', max: math.MaxInt, after: -1,
		before: -1, end: '\n', label: "(standard input)", separator: &noLines}
	opts, operands, problem := c.options(grepOptions[:], permute)
	if problem == "" {
		g.locale, problem = c.inLocale("grep", anyOrder)
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

// selectsNothing says what no file needs to be opened for.
func (g *grep) selectsNothing() bool {
	all := len(g.patterns) == 1 && g.patterns[0] == "" && !g.whole && !g.word
	return g.max == 0 || g.invert && all || !g.invert && len(g.patterns) == 0
}

// grepSwitch is what an option without argument switches on.
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

// option applies one option; the problem is what Unsupported is told.
func (g *grep) option(o parsedOption) (problem string) {
	if on := g.grepSwitch(o.key); on != nil {
		*on = true
		return ""
	}
	switch o.key {
	case 'E', 'F', 'G':
		g.conflict = g.conflict || g.chosen && g.kind != o.key
		g.kind, g.chosen = o.key, true
	case grepCase:
		g.icase = false
	case 'l', 'L':
		g.list = o.key
	case 'h', 'H':
		g.names = o.key
	case 'a':
		g.binary = binaryText
	case 'I':
		g.binary = binaryNoMatch
	case 'z':
		g.end = 0
	case 'r', 'R':
		g.recurse, g.skipDirs = o.key, false
	case 'e':
		g.addPatterns(o.value, "")
	case 'm', 'A', 'B', 'C':
		return g.number(o)
	case grepLabel:
		g.label = o.value
	case grepSeparator:
		g.separator = &o.value
	case grepNoSeparator:
		g.separator = nil
	case grepBinary, grepColor, 'd':
		return g.word1(o)
	case grepInclude, grepExclude, grepExcludeDir:
		g.exclude(o)
	case grepExcludeFrom:
		return "option '--exclude-from'"
	}
	if isDigit(byte(o.key)) && o.key < longOnly {
		g.digits += string(o.key)
	}
	return ""
}

// word1 applies an option that takes one of some words.
func (g *grep) word1(o parsedOption) (problem string) {
	switch {
	case o.key == grepBinary && o.value == "binary":
		g.binary = binaryMessage
	case o.key == grepBinary && o.value == "text":
		g.binary = binaryText
	case o.key == grepBinary && o.value == "without-match":
		g.binary = binaryNoMatch
	case o.key == 'd' && o.value == "read":
		g.recurse, g.skipDirs = 0, false
	case o.key == 'd' && o.value == "skip":
		g.recurse, g.skipDirs = 0, true
	case o.key == 'd' && o.value == "recurse":
		g.recurse, g.skipDirs = 'r', false
	case o.key == grepColor && (o.value == "never" || o.value == "no" || o.value == "none"):
	case o.key == grepColor && (o.value == "auto" || o.value == "tty" || o.value == "if-tty" ||
		!o.has) && !isTerminal(g.c.Stdout):
	default:
		return fmt.Sprintf("option with the value '%s'", o.value)
	}
	return ""
}

// isTerminal says whether a stream is a terminal.
func isTerminal(stream any) bool {
	if t, ok := stream.(interface{ IsTerminal() bool }); ok {
		return t.IsTerminal()
	}
	fd := descriptor(stream)
	if fd < 0 {
		return false
	}
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

func (g *grep) number(o parsedOption) (problem string) {
	digits := strings.TrimPrefix(o.value, "-")
	n, err := strconv.Atoi(o.value)
	if errors.Is(err, strconv.ErrRange) && isDigits(digits) {
		err = nil // the largest, or the smallest
	}
	if err != nil || n < 0 && o.key != 'm' {
		return fmt.Sprintf("option '-%c %s'", o.key, o.value)
	}
	switch o.key {
	case 'm':
		if g.max = n; n < 0 {
			g.max = math.MaxInt
		}
	case 'A':
		g.after = n
	case 'B':
		g.before = n
	case 'C':
		g.digits = o.value
	}
	return ""
}

// context applies -C and -NUM, which count only where -A and -B say nothing. The digits of
// -NUM come one by one: they must be of one argument.
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

// addPatterns adds the lines of s; file is where they are from, or "".
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

// patternFiles reads the files of -f. They are read after all options are
// known to be ours, since reading may use up standard input.
func (g *grep) patternFiles(opts []parsedOption) (status int) {
	for _, o := range opts {
		if o.key != 'f' {
			continue
		}
		g.havePattern = true
		r, closer, err := g.open(o.value)
		var text []byte
		if err == nil {
			text, err = io.ReadAll(r)
			closer()
		}
		if err != nil {
			g.c.Errorf("%s: %s", o.value, Strerror(err))
			return 2
		}
		if len(text) > 0 {
			g.spent = g.spent || o.value == "-"
			g.addPatterns(strings.TrimSuffix(string(text), "\n"), o.value)
		}
	}
	return 0
}

// open opens an operand: "-" is standard input.
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

// A grepMatcher finds what one of the patterns matches.
type grepMatcher interface {
	match(line []byte) bool
	// index returns where the first line that matches begins and ends, or -1.
	index(text []byte) (from, to int)
	// err tells of a match that was given up.
	err() error
	// find looks for the leftmost, longest match from on.
	find(line []byte, from int) (start, end int, ok bool)
}

// collates tells of a pattern that depends on the order of texts in a locale, which only
// the system's tool knows. One that came from standard input is there no more.
func (g *grep) collates() (problem string) {
	if g.locale.plain || g.kind == 'F' || g.spent {
		return ""
	}
	for _, p := range g.patterns {
		if collates(p) {
			return fmt.Sprintf("the order of the locale in the expression %q", p)
		}
	}
	return ""
}

func (g *grep) flags() reFlags {
	return reFlags{extended: g.kind == 'E', icase: g.icase, grep: true, utf8: g.locale.utf8}
}

// explain tells what is wrong with each of the patterns, once where some are the same.
func (g *grep) explain(all error) {
	told := map[string]bool{}
	for i, p := range g.patterns {
		if told[p] {
			continue
		}
		told[p] = true
		if _, err := compileAnyRE([]string{p}, g.flags(), 0); err != nil {
			g.c.Errorf("%s%v", g.places[i], err)
			all = nil
		}
	}
	if all != nil {
		g.c.Errorf("%v", all)
	}
}

// compile makes one expression of all patterns.
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
	re, err := compileAnyRE(patterns, f, where)
	if err != nil {
		return err
	}
	g.re = posixMatcher{re}
	for _, w := range re.re.Warnings() {
		g.c.Errorf("warning: %s", w)
	}
	return nil
}

// A posixMatcher does it with a posixRE.
type posixMatcher struct{ *posixRE }

func (m posixMatcher) index(text []byte) (from, to int) { return m.re.IndexLine(text) }

func (m posixMatcher) err() error { return m.re.Err() }

func (m posixMatcher) find(line []byte, from int) (start, end int, ok bool) {
	var loc [2]int
	ok = m.re.Find(line, from, false, loc[:])
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
		g.c.Errorf("write error: %s", Strerror(err))
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

// tree searches all files below a directory, which is shown as prefix. The
// order is the directory's.
func (g *grep) tree(prefix, dir string, above []unix.Stat_t) {
	f, err := g.c.OpenFile(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	var st unix.Stat_t
	if err == nil {
		err = retry(func() error { return unix.Fstat(int(f.Fd()), &st) })
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
	if slices.ContainsFunc(above, func(a unix.Stat_t) bool { return sameFile(a, st) }) {
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
	st, err := g.c.stat(name)
	return err == nil && fileType(st) != unix.S_IFREG && fileType(st) != unix.S_IFDIR
}

func (g *grep) complain(name string, err error) {
	g.failed = true
	if !g.silent {
		_ = g.out.Flush()
		g.c.Errorf("%s: %s", name, Strerror(err))
	}
}
