package files

import (
	"bufio"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/posixre"
)

// A findParser parses the arguments of find. problem names a feature that is left to the
// system's tool, message is an error in find's words.
type findParser struct {
	*finder
	args             []string
	problem, message string
}

func (p *findParser) parse() (problem string) {
	p.options()
	for len(p.args) > 0 && !beginsExpression(p.args[0]) {
		p.roots = append(p.roots, p.next())
	}
	if len(p.roots) == 0 {
		p.roots = []string{"."}
	}
	p.zone = p.TimeZone()
	expr := findExpr(func(*findEntry) bool { return true })
	if len(p.args) > 0 {
		expr = p.list()
	}
	switch {
	case p.problem != "" || p.message != "":
		return p.problem
	case len(p.args) > 0:
		return "argument '" + p.args[0] + "'"
	}
	p.expr = expr
	if !p.acts {
		p.expr = func(e *findEntry) bool { return expr(e) && writeName(p.w, e, '\n') }
	}
	return ""
}

func writeName(w *bufio.Writer, e *findEntry, end byte) bool {
	_, _ = w.WriteString(e.path) // the buffer keeps the error
	_ = w.WriteByte(end)
	return true
}

// beginsExpression reports whether a word starts the expression and is no file name.
func beginsExpression(arg string) bool {
	return len(arg) > 1 && arg[0] == '-' || arg == "(" || arg == ")" || arg == "!" || arg == ","
}

func (p *findParser) next() string {
	arg := p.args[0]
	p.args = p.args[1:]
	return arg
}

// options parses -H, -L and -P, which come before the names.
func (p *findParser) options() {
	for len(p.args) > 0 {
		switch a := p.args[0]; a {
		case "-H", "-L", "-P":
			p.follow = a[1]
		case "--":
			p.args = p.args[1:]
			return
		default:
			return
		}
		p.args = p.args[1:]
	}
}

func (p *findParser) failed() bool { return p.problem != "" || p.message != "" }

func (p *findParser) lacks(what string) findExpr {
	if p.problem == "" {
		p.problem = what
	}
	return nil
}

// list parses expressions with commas between them.
func (p *findParser) list() findExpr {
	left := p.or()
	for !p.failed() && len(p.args) > 0 && p.args[0] == "," {
		p.next()
		a, b := left, p.or()
		left = func(e *findEntry) bool { a(e); return b(e) }
	}
	return left
}

func (p *findParser) or() findExpr {
	left := p.and()
	for !p.failed() && len(p.args) > 0 && (p.args[0] == "-o" || p.args[0] == "-or") {
		p.next()
		a, b := left, p.and()
		left = func(e *findEntry) bool { return a(e) || b(e) && !p.quit }
	}
	return left
}

func (p *findParser) and() findExpr {
	left := p.not()
	for !p.failed() && len(p.args) > 0 {
		switch p.args[0] {
		case "-o", "-or", ",", ")":
			return left
		case "-a", "-and":
			p.next()
		}
		a, b := left, p.not()
		left = func(e *findEntry) bool { return a(e) && !p.quit && b(e) }
	}
	return left
}

func (p *findParser) not() findExpr {
	if len(p.args) == 0 {
		return p.lacks("an expression without an end")
	}
	switch arg := p.next(); arg {
	case "!", "-not":
		a := p.not()
		return func(e *findEntry) bool { return !a(e) }
	case "(":
		inner := p.list()
		if !p.failed() && (len(p.args) == 0 || p.next() != ")") {
			return p.lacks("an expression without )")
		}
		return inner
	default:
		return p.primary(arg)
	}
}

// A findWord is a test, an option or an action of find.
type findWord struct {
	name string
	arg  bool
	make func(p *findParser, arg string) findExpr
}

func findTrue(*findEntry) bool { return true }

// primary parses one findWord. Words that are not listed are left to the system's tool.
func (p *findParser) primary(name string) findExpr {
	if len(name) < 2 || name[0] != '-' {
		return p.lacks("argument '" + name + "'")
	}
	for _, words := range [...]func() []findWord{findOptionWords, findNameWords, findStatusWords,
		findActionWords} {
		for _, w := range words() {
			if w.name != name[1:] {
				continue
			}
			arg := ""
			if w.arg {
				if len(p.args) == 0 {
					p.message = "missing argument to `" + name + "'"
					return nil
				}
				arg = p.next()
			}
			return w.make(p, arg)
		}
	}
	if strings.HasPrefix(name, "-newer") && len(name) == len("-newerXY") {
		if len(p.args) == 0 {
			p.message = "missing argument to `" + name + "'"
			return nil
		}
		return p.newer(name[6], name[7], p.next())
	}
	return p.lacks("argument '" + name + "'")
}

func findOptionWords() []findWord {
	depth := func(to func(*finder) *int, name string) func(*findParser, string) findExpr {
		return func(p *findParser, arg string) findExpr {
			n, err := strconv.Atoi(arg)
			if err != nil || n < 0 || !ascii.IsDigit(arg[0]) {
				return p.lacks("-" + name + " " + arg)
			}
			*to(p.finder) = n
			return findTrue
		}
	}
	flag := func(set func(*finder)) func(*findParser, string) findExpr {
		return func(p *findParser, _ string) findExpr {
			set(p.finder)
			return findTrue
		}
	}
	return []findWord{
		{"maxdepth", true, depth(func(f *finder) *int { return &f.maxDepth }, "maxdepth")},
		{"mindepth", true, depth(func(f *finder) *int { return &f.minDepth }, "mindepth")},
		{"depth", false, flag(func(f *finder) { f.depthFirst, f.depth = true, true })},
		{"d", false, flag(func(f *finder) { f.depthFirst, f.depth = true, true })},
		{"xdev", false, flag(func(f *finder) { f.xdev = true })},
		{"mount", false, flag(func(f *finder) { f.xdev = true })},
		{"follow", false, flag(func(f *finder) { f.follow = 'L' })},
		{"noleaf", false, flag(func(*finder) {})},
		{"ignore_readdir_race", false, flag(func(f *finder) { f.ignoreRace = true })},
		{"noignore_readdir_race", false, flag(func(f *finder) { f.ignoreRace = false })},
		{"daystart", false, flag(func(f *finder) { f.dayStart = true })},
		{"true", false, flag(func(*finder) {})},
		{"false", false, func(*findParser, string) findExpr {
			return func(*findEntry) bool { return false }
		}},
	}
}

func findNameWords() []findWord {
	return []findWord{
		{"name", true, findPattern(false, false)}, {"iname", true, findPattern(false, true)},
		{"path", true, findPattern(true, false)}, {"wholename", true, findPattern(true, false)},
		{"ipath", true, findPattern(true, true)}, {"iwholename", true, findPattern(true, true)},
		{"lname", true, findLinkPattern(false)}, {"ilname", true, findLinkPattern(true)},
		{"regex", true, findRegex(false)}, {"iregex", true, findRegex(true)},
		{"regextype", true, func(p *findParser, arg string) findExpr {
			return p.lacks("-regextype")
		}},
	}
}

func findPattern(whole, icase bool) func(*findParser, string) findExpr {
	return func(p *findParser, arg string) findExpr {
		match, problem := p.globMatcher(arg, icase)
		if problem != "" {
			return p.lacks(problem)
		}
		if whole {
			return func(e *findEntry) bool { return match(e.path) }
		}
		return func(e *findEntry) bool { return match(fsys.LastPart(e.path)) }
	}
}

func findLinkPattern(icase bool) func(*findParser, string) findExpr {
	return func(p *findParser, arg string) findExpr {
		match, problem := p.globMatcher(arg, icase)
		if problem != "" {
			return p.lacks(problem)
		}
		return func(e *findEntry) bool {
			if e.kind != unix.S_IFLNK {
				return false
			}
			target, err := fsys.ReadlinkAt(e.dir, e.name)
			return err == nil && match(target)
		}
	}
}

// findRegex accepts a regular expression only if it means the same in Emacs syntax, which is
// find's default, and in POSIX basic syntax. The operators + and ? are converted.
func findRegex(icase bool) func(*findParser, string) findExpr {
	return func(p *findParser, arg string) findExpr {
		l := p.Locale()
		if !l.Plain && posixre.Collates(arg) && p.ToolExists() {
			return p.lacks("the order of the locale in the expression " + arg)
		}
		re, err := posixre.Compile("^\\("+emacsToBasic(arg)+"\\)$",
			posixre.Flags{IgnoreCase: icase, UTF8: l.UTF8})
		if err != nil || strings.Contains(arg, `\{`) || strings.Contains(arg, `[\`) ||
			strings.Contains(arg, "[:") {
			return p.lacks("-regex " + arg)
		}
		return func(e *findEntry) bool { return re.Match([]byte(e.path)) }
	}
}

// emacsToBasic converts the operators + and ? to those of GNU's basic syntax.
func emacsToBasic(re string) string {
	var b strings.Builder
	for i := 0; i < len(re); i++ {
		switch c := re[i]; {
		case c == '\\' && i+1 < len(re):
			i++
			if re[i] == '+' || re[i] == '?' {
				b.WriteByte(re[i])
				continue
			}
			b.WriteString(re[i-1 : i+1])
		case c == '[':
			end := i + 1
			for end < len(re) && (re[end] != ']' || end == i+1 || end == i+2 && re[i+1] == '^') {
				end++
			}
			end = min(end, len(re)-1)
			b.WriteString(re[i : end+1])
			i = end
		case (c == '+' || c == '?') && i > 0:
			b.WriteString(`\` + string(c))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func findActionWords() []findWord {
	line := func(p *findParser, w *bufio.Writer, e *findEntry) bool { return writeName(w, e, '\n') }
	zero := func(p *findParser, w *bufio.Writer, e *findEntry) bool { return writeName(w, e, 0) }
	long := func(p *findParser, w *bufio.Writer, e *findEntry) bool { return p.ls(w, e) }
	return []findWord{
		{"print", false, findAction(line)}, {"fprint", true, findFileAction(line)},
		{"print0", false, findAction(zero)}, {"fprint0", true, findFileAction(zero)},
		{"ls", false, findAction(long)}, {"fls", true, findFileAction(long)},
		{"quit", false, findAction(func(p *findParser, _ *bufio.Writer, _ *findEntry) bool {
			p.quit = true
			return true
		})},
		{"delete", false, func(p *findParser, _ string) findExpr {
			p.depthFirst, p.acts, p.deletes = true, true, true
			return p.remove
		}},
		{"prune", false, func(p *findParser, _ string) findExpr {
			p.prunes = true
			return func(e *findEntry) bool { e.prune = true; return true }
		}},
		{"printf", true, func(p *findParser, arg string) findExpr {
			p.acts = true
			return p.printf(&findOutput{w: p.w}, arg)
		}},
		{"fprintf", true, func(p *findParser, name string) findExpr {
			p.acts = true
			if len(p.args) == 0 {
				p.message = "missing argument to `-fprintf'"
				return nil
			}
			return p.printf(p.output(name), p.next())
		}},
		{"exec", false, func(p *findParser, _ string) findExpr { return p.exec("-exec") }},
		{"execdir", false, func(p *findParser, _ string) findExpr { return p.exec("-execdir") }},
	}
}

// A findWriter is an action that writes something about an entry.
type findWriter func(p *findParser, w *bufio.Writer, e *findEntry) bool

func findAction(do findWriter) func(*findParser, string) findExpr {
	return func(p *findParser, _ string) findExpr {
		p.acts = true
		return func(e *findEntry) bool { return do(p, p.w, e) }
	}
}

func findFileAction(do findWriter) func(*findParser, string) findExpr {
	return func(p *findParser, name string) findExpr {
		p.acts = true
		out := p.output(name)
		return func(e *findEntry) bool { return do(p, out.w, e) }
	}
}

// exec parses COMMAND... ; or COMMAND... {} +.
func (p *findParser) exec(word string) findExpr {
	p.acts = true
	if p.RunIn == nil {
		return p.lacks(word)
	}
	there := word == "-execdir"
	var argv []string
	for {
		if len(p.args) == 0 {
			p.message = "missing argument to `" + word + "'"
			return nil
		}
		arg := p.next()
		if arg == ";" {
			break
		}
		if arg == "+" && len(argv) > 0 && argv[len(argv)-1] == "{}" {
			return p.batch(argv[:len(argv)-1], there)
		}
		argv = append(argv, arg)
	}
	switch {
	case len(argv) == 0:
		return p.lacks(word + " without a command")
	case !there:
		return func(e *findEntry) bool { return p.run(p.Dir, replaceBraces(argv, e.path)) == 0 }
	}
	if p.message = p.insecurePath(); p.message != "" {
		return nil
	}
	return func(e *findEntry) bool { return p.runThere(e, argv) == 0 }
}

func (p *findParser) batch(argv []string, there bool) findExpr {
	for _, a := range argv {
		if strings.Contains(a, "{}") {
			return p.lacks("-exec with several {}")
		}
	}
	if len(argv) == 0 {
		return p.lacks("-exec {} +")
	}
	x := &findExec{argv: argv, there: there, dir: p.Dir}
	if there {
		if p.message = p.insecurePath(); p.message != "" {
			return nil
		}
		x.dir = -1
	}
	p.batches = append(p.batches, x)
	return func(e *findEntry) bool {
		x.add(p.finder, e)
		return true
	}
}

// globMatcher returns fnmatch(3) without flags, except that case may be ignored. The text names
// a feature that is left to the system's tool.
func (p *findParser) globMatcher(pattern string, icase bool) (func(string) bool, string) {
	l := p.Locale()
	ordered := strings.ContainsAny(pattern, "-=.") && strings.Contains(pattern, "[")
	classes := strings.Contains(pattern, "[:")
	if (!l.Plain && ordered || l.UTF8 && classes) && p.ToolExists() {
		return nil, "the pattern " + pattern + " in the locale " + p.LocaleName("LC_COLLATE")
	}
	narrow, runes := []byte(lowerIf(icase, ascii.Lower, pattern)), []rune(nil)
	if l.UTF8 && utf8.ValidString(pattern) {
		runes = []rune(lowerIf(icase, lower, pattern))
	}
	return func(name string) bool {
		// The C library matches bytes if the characters do not match.
		return runes != nil && !ascii.IsASCII(name) && utf8.ValidString(name) &&
			globMatch(runes, []rune(lowerIf(icase, lower, name))) ||
			globMatch(narrow, []byte(lowerIf(icase, ascii.Lower, name)))
	}, ""
}

func lowerIf(icase bool, lower func(string) string, s string) string {
	if icase {
		return lower(s)
	}
	return s
}

func lower(s string) string { return strings.Map(unicode.ToLower, s) }

// globMatch matches bytes or characters. Backtracking to the last star is enough.
func globMatch[T byte | rune](pattern, name []T) bool {
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			star, mark = p, n
			p++
			continue
		}
		if width, ok := globOne(pattern[p:], name[n]); ok {
			p += width
			n++
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, n = star+1, mark
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// globOne matches c with the start of a pattern, which is width elements long.
func globOne[T byte | rune](pattern []T, c T) (width int, ok bool) {
	if len(pattern) == 0 {
		return 0, false
	}
	switch pattern[0] {
	case '?':
		return 1, true
	case '\\':
		if len(pattern) < 2 {
			return 0, false
		}
		return 2, pattern[1] == c
	case '[':
		if width, ok, set := globSet(pattern, c); set {
			return width, ok
		}
	}
	return 1, pattern[0] == c
}

// globSet matches a bracket expression. set is false if the pattern is none.
func globSet[T byte | rune](pattern []T, c T) (width int, ok, set bool) {
	i, not := 1, false
	if i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^') {
		i, not = i+1, true
	}
	for first := true; ; first = false {
		if i >= len(pattern) {
			return 0, false, false
		}
		if pattern[i] == ']' && !first {
			return i + 1, ok != not, true
		}
		if name, closed := globClass(pattern[i:]); closed {
			ok = ok || c < utf8.RuneSelf && ascii.InClass(name, byte(c))
			i += len(name) + 4
			continue
		}
		if pattern[i] == '\\' && i+1 < len(pattern) {
			i++
		}
		low, high := pattern[i], pattern[i]
		if i++; i+1 < len(pattern) && pattern[i] == '-' && pattern[i+1] != ']' {
			if i++; pattern[i] == '\\' && i+1 < len(pattern) {
				i++
			}
			high = pattern[i]
			i++
		}
		ok = ok || low <= c && c <= high
	}
}

// globClass returns the name of the character class at the start of a text, such as [:alpha:].
func globClass[T byte | rune](text []T) (name string, closed bool) {
	if len(text) < 2 || text[0] != '[' || text[1] != ':' {
		return "", false
	}
	for i := 2; i+1 < len(text); i++ {
		if text[i] == ':' && text[i+1] == ']' {
			return name, true
		}
		name += string(rune(text[i] & 0x7f))
	}
	return "", false
}

// findDirOf returns the directory part of a name, as %h does.
func findDirOf(name string) string {
	if i := strings.LastIndexByte(strings.TrimRight(name, "/"), '/'); i > 0 {
		return name[:i]
	} else if i == 0 {
		return ""
	}
	if strings.HasPrefix(name, "/") {
		return path.Dir(name)
	}
	return "."
}
