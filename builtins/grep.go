package builtins

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
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
	{'R', "dereference-recursive", noArg}, {'a', "text", noArg},
}

// A grep is one run of the command.
type grep struct {
	c   *Call
	out *bufio.Writer

	kind                                 rune // E, F or G
	quiet, invert, icase, count, numbers bool
	only, silent, whole, word, text      bool
	list                                 rune // l, L or 0
	names                                rune // h, H or 0 for by number of files
	max, after, before                   int
	recurse                              rune // r, R or 0
	patterns                             []string
	havePattern                          bool
	re, reLater                          *posixRE
	matched, failed, printed             bool
}

func runGrep(c *Call) int {
	g := &grep{c: c, out: bufio.NewWriter(c.Stdout), kind: 'G', max: -1}
	opts, operands, problem := c.options(grepOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	for _, o := range opts {
		if problem = g.option(o); problem != "" {
			return c.Unsupported("%s", problem)
		}
	}
	if status := g.patternFiles(opts); status != 0 {
		return status
	}
	if !g.havePattern {
		if len(operands) == 0 {
			return c.Unsupported("no pattern")
		}
		g.addPatterns(operands[0])
		operands = operands[1:]
	}
	if err := g.compile(); err != nil {
		if errors.Is(err, errNoRE) {
			return c.Unsupported("regular expression %q", g.patterns)
		}
		c.Errorf("%v", err)
		return 2
	}
	return g.run(operands)
}

// option applies one option; the problem is what Unsupported is told.
func (g *grep) option(o parsedOption) (problem string) {
	switch o.key {
	case 'E', 'F', 'G':
		g.kind = o.key
	case 'q':
		g.quiet = true
	case 'v':
		g.invert = true
	case 'i', 'y':
		g.icase = true
	case 'c':
		g.count = true
	case 'n':
		g.numbers = true
	case 'o':
		g.only = true
	case 'l', 'L':
		g.list = o.key
	case 'h', 'H':
		g.names = o.key
	case 's':
		g.silent = true
	case 'x':
		g.whole = true
	case 'w':
		g.word = true
	case 'a':
		g.text = true
	case 'r', 'R':
		g.recurse = o.key
	case 'e':
		g.addPatterns(o.value)
	case 'm', 'A', 'B', 'C':
		return g.number(o)
	}
	return ""
}

func (g *grep) number(o parsedOption) (problem string) {
	n, err := strconv.Atoi(o.value)
	if err != nil || n < 0 {
		return fmt.Sprintf("option '-%c %s'", o.key, o.value)
	}
	switch o.key {
	case 'm':
		g.max = n
	case 'A':
		g.after = n
	case 'B':
		g.before = n
	case 'C':
		g.after, g.before = n, n
	}
	return ""
}

func (g *grep) addPatterns(s string) {
	g.havePattern = true
	g.patterns = append(g.patterns, strings.Split(s, "\n")...)
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
			g.addPatterns(strings.TrimSuffix(string(text), "\n"))
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

// compile makes one expression of all patterns.
func (g *grep) compile() error {
	f := reFlags{extended: g.kind == 'E', icase: g.icase, grep: true}
	var parts []string
	for _, p := range g.patterns {
		if g.kind == 'F' {
			f.extended, p = false, bre(p)
		}
		text, err := translateRE(p, f)
		if err != nil {
			return err
		}
		parts = append(parts, "(?:"+text+")")
	}
	text := strings.Join(parts, "|")
	if len(parts) == 0 {
		text = `[^\x{0}-\x{10ffff}]`
	}
	var err error
	const notWord = "[^0-9A-Za-z_]"
	switch {
	case g.whole:
		g.re, err = compileGo("^(?:"+text+")$", f)
	case g.word:
		g.re, err = compileGo("(?:^|"+notWord+")((?:"+text+"))(?:$|"+notWord+")", f)
		if err == nil {
			g.reLater, err = compileGo(notWord+"((?:"+text+"))(?:$|"+notWord+")", f)
		}
	default:
		g.re, err = compileGo(text, f)
	}
	return err
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
			g.tree("", ".")
			return g.status()
		}
		operands = []string{"-"}
	}
	if g.names == 0 && (len(operands) > 1 || g.recurse != 0 && g.isDir(operands[0])) {
		g.names = 'H'
	}
	for _, name := range operands {
		if g.quiet && g.matched {
			break
		}
		if g.recurse != 0 && name != "-" && g.isDir(name) {
			g.tree(name, name)
		} else {
			g.file(name)
		}
	}
	return g.status()
}

func (g *grep) status() int {
	if err := g.out.Flush(); err != nil {
		if errors.Is(err, unix.EPIPE) {
			return 141
		}
		g.c.Errorf("write error: %s", Strerror(err))
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
func (g *grep) tree(prefix, dir string) {
	f, err := g.c.OpenFile(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		g.complain(dir, err)
		return
	}
	entries, err := f.ReadDir(-1)
	_ = f.Close()
	if err != nil {
		g.complain(dir, err)
	}
	for _, e := range entries {
		name := e.Name()
		if prefix != "" {
			name = strings.TrimRight(prefix, "/") + "/" + name
		}
		link := e.Type()&os.ModeSymlink != 0
		switch {
		case e.IsDir() || link && g.recurse == 'R' && g.isDir(name):
			g.tree(name, name)
		case e.Type().IsRegular() || link && g.recurse == 'R':
			g.file(name)
		}
	}
}

func (g *grep) complain(name string, err error) {
	g.failed = true
	if !g.silent {
		_ = g.out.Flush()
		g.c.Errorf("%s: %s", name, Strerror(err))
	}
}

// file searches one operand.
func (g *grep) file(name string) {
	r, closer, err := g.open(name)
	if err != nil {
		g.complain(name, err)
		return
	}
	defer closer()
	s := &grepFile{grep: g, in: bufio.NewReaderSize(r, 32<<10), name: name, lastShown: 0}
	if name == "-" {
		s.name = "(standard input)"
	}
	if g.prints() && g.c.isStdout(r) {
		g.complain(s.name, errInputIsAlsoOutput)
		return
	}
	if err := s.search(); err != nil {
		if errors.Is(err, unix.EISDIR) {
			g.failed = true
			if !g.silent {
				_ = g.out.Flush()
				g.c.Errorf("%s: Is a directory", name)
			}
			return
		}
		g.complain(name, err)
	}
}

const errInputIsAlsoOutput fileError = "input file is also the output"

// prints reports whether lines are written while files are still to be read.
func (g *grep) prints() bool {
	return !g.quiet && g.list == 0 && !g.count && (g.max < 0 || g.max > 1)
}

// A grepFile is the search of one file.
type grepFile struct {
	*grep
	in        *bufio.Reader
	name      string
	line      int
	count     int // selected lines
	lastShown int
	pending   int // lines of context still to show
	queue     [][]byte
	binary    bool
}

func (s *grepFile) search() error {
	quietly := s.quiet || s.list != 0
	for s.max != s.count && writable(s.out) {
		line, err := s.in.ReadBytes('\n')
		if s.line == 0 && !s.text { // one buffer tells text from binary
			ahead, _ := s.in.Peek(s.in.Buffered())
			s.binary = bytes.IndexByte(line, 0) >= 0 || bytes.IndexByte(ahead, 0) >= 0
		}
		if len(line) == 0 {
			if err == io.EOF {
				break
			}
			return err
		}
		s.line++
		line = bytes.TrimSuffix(line, []byte{'\n'})
		if s.selected(line) {
			s.count++
			s.matched = s.matched || s.list != 'L'
			if quietly || s.binary && !s.grep.count {
				break
			}
			s.show(line)
		} else {
			s.context(line)
		}
	}
	s.trailing()
	return s.summary()
}

// trailing shows the context behind the last line that -m allows.
func (s *grepFile) trailing() {
	for s.max > 0 && s.max == s.count && s.pending > 0 {
		line, _ := s.in.ReadBytes('\n')
		if len(line) == 0 {
			return
		}
		s.line++
		s.context(bytes.TrimSuffix(line, []byte{'\n'}))
	}
}

// summary prints what comes once for each file.
func (s *grepFile) summary() error {
	switch {
	case s.quiet:
	case s.list == 'l' && s.count > 0, s.list == 'L' && s.count == 0:
		fmt.Fprintln(s.out, s.name)
	case s.list != 0:
	case s.grep.count:
		if s.names == 'H' {
			fmt.Fprintf(s.out, "%s:", s.name)
		}
		fmt.Fprintln(s.out, s.count)
	case s.binary && s.count > 0:
		_ = s.out.Flush()
		fmt.Fprintf(s.c.Stderr, "%s: %s: binary file matches\n", s.c.Name(), s.name)
	}
	if s.list == 'L' && s.count == 0 {
		s.matched = true
	}
	return nil
}

func (s *grepFile) selected(line []byte) bool {
	return s.re.match(line) != s.invert
}

// prefix writes the file's name and the line's number.
func (s *grepFile) prefix(number int, mark byte) {
	if s.names == 'H' {
		s.out.WriteString(s.name)
		s.out.WriteByte(mark)
	}
	if s.numbers {
		s.out.WriteString(strconv.Itoa(number))
		s.out.WriteByte(mark)
	}
}

// separate writes -- between groups of lines that are not neighbours.
func (s *grepFile) separate(number int) {
	if s.after+s.before > 0 && s.printed && s.lastShown+1 != number {
		s.out.WriteString("--\n")
	}
	s.printed, s.lastShown = true, number
}

func (s *grepFile) put(line []byte, number int, mark byte) {
	s.separate(number)
	s.prefix(number, mark)
	s.out.Write(line)
	s.out.WriteByte('\n')
}

// show prints a selected line with the context before it.
func (s *grepFile) show(line []byte) {
	if s.grep.count {
		return
	}
	s.pending = s.after
	if s.only {
		s.queue = nil
		if s.invert {
			return
		}
		s.separate(s.line)
		for _, m := range s.matches(line) {
			s.prefix(s.line, ':')
			s.out.Write(line[m[0]:m[1]])
			s.out.WriteByte('\n')
		}
		return
	}
	for i, l := range s.queue {
		s.put(l, s.line-len(s.queue)+i, '-')
	}
	s.queue = nil
	s.put(line, s.line, ':')
}

// context shows or keeps a line that is not selected.
func (s *grepFile) context(line []byte) {
	switch {
	case s.grep.count || s.quiet || s.list != 0 || s.binary:
	case s.pending > 0:
		s.pending--
		if !s.only {
			s.put(line, s.line, '-')
		}
	case s.before > 0:
		if len(s.queue) == s.before {
			s.queue = s.queue[1:]
		}
		s.queue = append(s.queue, line)
	}
}

// matches returns what -o prints: the matches that are not empty.
func (s *grepFile) matches(line []byte) [][]int {
	var found [][]int
	if !s.word || s.whole {
		for _, m := range s.re.all(line, -1) {
			if m[0] < m[1] {
				found = append(found, m[:2])
			}
		}
		return found
	}
	// A word's neighbours belong to the expression: go on with the one behind
	// the last word.
	for re, at := s.re, 0; at <= len(line); re = s.reLater {
		m := re.all(line[at:], 1)
		if len(m) == 0 {
			break
		}
		from, to := at+m[0][2], at+m[0][3]
		if from < to {
			found = append(found, []int{from, to})
			at = to
		} else {
			at = to + 1
		}
	}
	return found
}
