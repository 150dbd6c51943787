package builtins

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

var sedOptions = [...]option{
	{'n', "quiet", noArg}, {'n', "silent", noArg}, {'e', "expression", needArg},
	{'f', "file", needArg}, {'E', "regexp-extended", noArg}, {'r', "", noArg},
	{'i', "in-place", optArg}, {'s', "separate", noArg}, {'z', "null-data", noArg},
	{'u', "unbuffered", noArg}, {'l', "line-length", needArg}, {'b', "binary", noArg},
}

// A sedOutput is a place that lines are written to. missing says that the last
// line written had no newline, which comes before the next one.
type sedOutput struct {
	w       *bufio.Writer
	missing bool
	file    *os.File
}

// A sedLater is output that waits for the end of the cycle.
type sedLater struct {
	text string
	file string
}

// A sed is one run of the command.
type sed struct {
	c        *Call
	silent   bool
	inPlace  bool
	suffix   string
	separate bool
	unbuf    bool
	width    int
	newline  byte

	commands []sedCommand
	outputs  map[string]*sedOutput
	stdout   *sedOutput
	out      *sedOutput // stdout, or the file edited in place

	names  []string // the operands that are still to be read
	in     *bufio.Reader
	closer func()
	edit   *sedEdit
	status int

	lineNo    int
	pattern   []byte
	hold      []byte
	chomped   bool // the line read had its newline
	later     []sedLater
	lastRE    *posixRE
	replaced  bool
	quit      bool
	keepSpace bool // after D: do not read a line
}

// sedChunk says where an expression or script file starts in the whole script.
type sedChunk struct {
	start int
	file  string
}

func runSed(c *Call) int {
	s := &sed{c: c, width: 70, newline: '\n'}
	opts, operands, problem := c.options(sedOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	p := &sedParser{}
	var sources []parsedOption
	for _, o := range opts {
		switch o.key {
		case 'e', 'f':
			sources = append(sources, o)
		case 'E', 'r':
			p.extended = true
		default:
			if !s.option(o) {
				return c.Unsupported("option '-%c %s'", o.key, o.value)
			}
		}
	}
	if len(sources) == 0 {
		if len(operands) == 0 {
			return c.Unsupported("no script")
		}
		sources = []parsedOption{{key: 'e', value: operands[0]}}
		operands = operands[1:]
	}
	if status := s.script(p, sources); status != 0 {
		return status
	}
	if s.names = operands; len(operands) == 0 {
		s.names = []string{"-"}
	}
	return s.run(p.files)
}

// option applies an option other than those that make the script.
func (s *sed) option(o parsedOption) bool {
	switch o.key {
	case 'n':
		s.silent = true
	case 'i':
		s.inPlace, s.separate, s.suffix = true, true, o.value
	case 's':
		s.separate = true
	case 'z':
		s.newline = 0
	case 'u':
		s.unbuf = true
	case 'l':
		n, err := strconv.Atoi(o.value)
		s.width = n
		return err == nil && n >= 0
	}
	return true
}

// script puts the script together and parses it.
func (s *sed) script(p *sedParser, sources []parsedOption) (status int) {
	var chunks []sedChunk
	for _, o := range sources {
		text := o.value
		chunk := sedChunk{start: len(p.in)}
		if o.key == 'f' {
			b, err := s.readScript(o.value)
			if err != nil {
				s.c.Errorf("couldn't open file %s: %s", o.value, Strerror(err))
				return 4
			}
			text, chunk.file = strings.TrimSuffix(string(b), "\n"), o.value
		}
		chunks = append(chunks, chunk)
		p.in += text + "\n"
	}
	p.in = p.in[:len(p.in)-1]
	if strings.HasPrefix(p.in, "#n") { // whatever follows, in 4.9
		s.silent = true
	}
	err := p.parse()
	s.commands = p.commands
	return s.explain(err, p.in, chunks)
}

func (s *sed) readScript(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(s.c.Stdin)
	}
	f, err := s.c.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(f)
}

// explain reports a mistake in the script by the place that GNU sed names.
func (s *sed) explain(err error, script string, chunks []sedChunk) (status int) {
	var e *sedError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &e):
		return s.c.Unsupported("%v", err)
	case e.pos < 0:
		s.c.Errorf("%s", e.msg)
		return 4
	}
	n := 0
	for n+1 < len(chunks) && chunks[n+1].start <= e.pos-1 {
		n++
	}
	chunk := chunks[n]
	pos := min(e.pos, len(script)) - chunk.start
	if e.pos == 0 {
		pos = 0
	}
	if chunk.file != "" {
		line := 1 + strings.Count(script[chunk.start:chunk.start+max(pos-1, 0)], "\n")
		s.c.Errorf("file %s line %d: %s", chunk.file, line, e.msg)
		return 1
	}
	s.c.Errorf("-e expression #%d, char %d: %s", n+1, pos, e.msg)
	return 1
}

// run opens the files of w and works through the input.
func (s *sed) run(files []string) int {
	s.stdout = &sedOutput{w: bufio.NewWriter(s.c.Stdout)}
	s.out = s.stdout
	s.outputs = map[string]*sedOutput{"/dev/stdout": {w: s.stdout.w}}
	defer s.closeAll()
	for _, name := range files {
		if err := s.openOutput(name); err != nil {
			s.c.Errorf("couldn't open file %s: %s", name, Strerror(err))
			return 4
		}
	}
	for i := range s.commands {
		if c := &s.commands[i]; c.name == 'w' || c.name == 's' && c.text != "" {
			c.file = s.outputs[c.text]
		}
	}
	for !s.quit && writable(s.stdout.w) && (s.keepSpace || s.read(false)) {
		s.keepSpace = false
		s.cycle()
		s.flushLater()
		if s.unbuf {
			_ = s.out.w.Flush()
		}
	}
	s.endFile() // of a file edited in place, q drops the rest
	return s.finish()
}

// writable says that no write has failed so far: else what remains to be read
// is of no use, and may have no end.
func writable(w *bufio.Writer) bool {
	_, err := w.Write(nil)
	return err == nil
}

func (s *sed) openOutput(name string) error {
	if s.outputs[name] != nil {
		return nil
	}
	if name == "/dev/stderr" {
		s.outputs[name] = &sedOutput{w: bufio.NewWriter(s.c.Stderr)}
		return nil
	}
	f, err := s.c.OpenFile(name, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	s.outputs[name] = &sedOutput{w: bufio.NewWriter(f), file: f}
	return nil
}

func (s *sed) closeAll() {
	for _, o := range s.outputs {
		_ = o.w.Flush() // no error counts but stdout's, which has been seen
		if o.file != nil {
			_ = o.file.Close()
		}
	}
}

func (s *sed) finish() int {
	if err := s.stdout.w.Flush(); err != nil {
		if errors.Is(err, unix.EPIPE) {
			return 141
		}
		s.c.Errorf("couldn't write 1 item to stdout: %s", Strerror(err))
		return 4
	}
	return s.status
}

// nextFile opens the next operand that can be read.
func (s *sed) nextFile() bool {
	for s.in == nil && len(s.names) > 0 {
		name := s.names[0]
		s.names = s.names[1:]
		if s.separate {
			s.lineNo = 0 // each file is counted by itself
		}
		if name == "-" && !s.inPlace {
			s.in, s.closer = bufio.NewReader(s.c.Stdin), s.giveBack
			continue
		}
		f, err := s.c.Open(name)
		if err != nil {
			s.c.Errorf("can't read %s: %s", name, Strerror(err))
			s.status = 2
			continue
		}
		if s.isDir(name) {
			_ = f.Close()
			if s.inPlace {
				s.c.Errorf("couldn't edit %s: not a regular file", name)
				s.status = 4
			} else {
				_ = s.out.w.Flush()
				s.c.Errorf("read error on %s: Is a directory", name)
				s.status, s.quit, s.names = 4, true, nil
			}
			continue
		}
		s.in, s.closer = bufio.NewReader(f), func() { _ = f.Close() }
		if s.inPlace && !s.startEdit(name) {
			s.endFile()
		}
	}
	return s.in != nil
}

// giveBack leaves what was read ahead of standard input to others, where it is
// a file.
func (s *sed) giveBack() {
	if f, ok := s.c.Stdin.(io.Seeker); ok && s.in.Buffered() > 0 {
		_, _ = f.Seek(-int64(s.in.Buffered()), io.SeekCurrent)
	}
}

func (s *sed) isDir(name string) bool {
	var st unix.Stat_t
	return unix.Fstatat(s.c.Dir, name, &st, 0) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}

func (s *sed) endFile() {
	if s.in != nil {
		s.closer()
		s.in = nil
	}
	s.endEdit()
}

// atEnd says whether the line read last is the last of the input, or of its
// file where files are separate.
func (s *sed) atEnd() bool {
	for {
		if s.in != nil {
			if _, err := s.in.Peek(1); err == nil {
				return false
			}
			if s.separate {
				return true
			}
			s.endFile()
		}
		if !s.nextFile() {
			return true
		}
	}
}

// read reads the next line, appending it to the pattern space or not.
func (s *sed) read(join bool) bool {
	for {
		if s.in == nil && !s.nextFile() {
			return false
		}
		line, err := s.in.ReadBytes(s.newline)
		if len(line) == 0 && err != nil {
			if err != io.EOF {
				s.c.Errorf("read error on %s: %s", "stdin", Strerror(err))
				s.status = 4
			}
			s.endFile()
			continue
		}
		s.lineNo++
		s.replaced = false
		s.chomped = line[len(line)-1] == s.newline
		if s.chomped {
			line = line[:len(line)-1]
		}
		if !join {
			s.pattern = s.pattern[:0]
		}
		s.pattern = append(s.pattern, line...)
		return true
	}
}

// put writes a line, without its newline where the input's last has none.
func (s *sed) put(o *sedOutput, line []byte, newline bool) {
	o.complete(s.newline)
	o.w.Write(line)
	if newline {
		o.w.WriteByte(s.newline)
	}
	o.missing = !newline
	if o != s.out || s.unbuf {
		_ = o.w.Flush() // another command may read that file at once
	}
}

// complete writes the newline that the last line lacked.
func (o *sedOutput) complete(newline byte) {
	if o.missing {
		o.w.WriteByte(newline)
		o.missing = false
	}
}

func (s *sed) printSpace() { s.put(s.out, s.pattern, s.chomped) }

// flushLater writes what a and r left for the end of the cycle.
func (s *sed) flushLater() {
	for _, l := range s.later {
		if l.file == "" {
			s.out.complete(s.newline)
			s.out.w.WriteString(l.text)
			continue
		}
		s.copyFile(l.file)
	}
	s.later = s.later[:0]
}

// copyFile writes out a file as it is; one that cannot be read is no mistake.
func (s *sed) copyFile(name string) {
	var r io.Reader = s.c.Stdin
	if name != "/dev/stdin" {
		f, err := s.c.Open(name)
		if err != nil {
			return
		}
		defer func() { _ = f.Close() }()
		r = f
	}
	text, _ := io.ReadAll(r)
	if len(text) > 0 {
		s.out.complete(s.newline)
		s.out.w.Write(text)
	}
}

// A sedEdit is a file that is edited in place: what is written goes to a new
// file, which takes its place at the end.
type sedEdit struct {
	name, temp string
	file       *os.File
}

func (s *sed) startEdit(name string) bool {
	var st unix.Stat_t
	if err := unix.Fstatat(s.c.Dir, name, &st, 0); err != nil ||
		st.Mode&unix.S_IFMT != unix.S_IFREG {
		s.c.Errorf("couldn't edit %s: not a regular file", name)
		s.status = 4
		return false
	}
	for n := os.Getpid(); ; n++ {
		temp := path.Join(path.Dir(name), "sed"+strconv.FormatInt(int64(n), 36))
		f, err := s.c.OpenFile(temp, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, 0o600)
		if errors.Is(err, unix.EEXIST) {
			continue
		}
		if err != nil {
			s.c.Errorf("couldn't open temporary file %s: %s", temp, Strerror(err))
			s.status = 4
			return false
		}
		// A normal user cannot give a file away; then it stays theirs.
		_ = unix.Fchown(int(f.Fd()), int(st.Uid), int(st.Gid))
		_ = unix.Fchmod(int(f.Fd()), st.Mode&0o7777)
		s.edit = &sedEdit{name, temp, f}
		s.out = &sedOutput{w: bufio.NewWriter(f)}
		return true
	}
}

// endEdit puts the new file in the place of the old one.
func (s *sed) endEdit() {
	e := s.edit
	if e == nil {
		return
	}
	s.flushLater()
	err := s.out.w.Flush()
	if e2 := e.file.Close(); err == nil {
		err = e2
	}
	s.edit, s.out = nil, s.stdout
	if err == nil && s.suffix != "" {
		err = unix.Renameat(s.c.Dir, e.name, s.c.Dir, backupName(e.name, s.suffix))
	}
	if err == nil {
		err = unix.Renameat(s.c.Dir, e.temp, s.c.Dir, e.name)
	}
	if err != nil {
		_ = unix.Unlinkat(s.c.Dir, e.temp, 0)
		s.c.Errorf("cannot rename %s: %s", e.temp, Strerror(err))
		s.status = 4
	}
}

// backupName puts the name for each * of the suffix, or the suffix behind it.
func backupName(name, suffix string) string {
	if !strings.Contains(suffix, "*") {
		return name + suffix
	}
	backup := strings.ReplaceAll(suffix, "*", path.Base(name))
	if strings.Contains(backup, "/") {
		return backup
	}
	return path.Join(path.Dir(name), backup)
}

// matches says whether a command's addresses select the current line.
func (s *sed) matches(c *sedCommand) bool {
	if c.a1 == nil {
		return true
	}
	if c.a2 == nil {
		return s.matchOne(c.a1)
	}
	return s.matchRange(c)
}

func (s *sed) matchOne(a *sedAddress) bool {
	switch a.kind {
	case 'n':
		return s.lineNo == a.n
	case 's':
		if a.step <= 0 {
			return s.lineNo == a.n
		}
		return s.lineNo >= a.n && (s.lineNo-a.n)%a.step == 0
	case '$':
		return s.atEnd()
	}
	return s.matchRE(a.re)
}

// matchRE matches the pattern space; nil is the expression used last.
func (s *sed) matchRE(re *posixRE) bool {
	if re = s.use(re); re == nil {
		return false
	}
	return re.match(s.pattern)
}

func (s *sed) use(re *posixRE) *posixRE {
	if re == nil {
		if s.lastRE == nil && !s.quit {
			s.c.Errorf("-e expression #1, char 0: no previous regular expression")
			s.status, s.quit = 1, true
		}
		return s.lastRE
	}
	s.lastRE = re
	return re
}

func (s *sed) matchRange(c *sedCommand) bool {
	if !c.active {
		switch {
		case c.a1.kind == 'n' && c.a1.n == 0: // 0,/re/ may end at line 1
			if c.end != 0 {
				return false
			}
			c.active, c.end = true, -1
			return s.endRange(c)
		case !s.matchOne(c.a1):
			return false
		}
		return s.startRange(c)
	}
	return s.endRange(c)
}

// startRange takes the first line of a range, and sets where it ends.
func (s *sed) startRange(c *sedCommand) bool {
	switch c.a2.kind {
	case 'n':
		c.end = c.a2.n
	case '+':
		c.end = s.lineNo + c.a2.n
	case '~':
		c.end = s.lineNo
		if c.a2.n > 0 {
			c.end = (s.lineNo + c.a2.n - 1) / c.a2.n * c.a2.n
		}
	case '$':
		c.active = !s.atEnd()
		return true
	default:
		c.active = true
		return true
	}
	c.active = c.end > s.lineNo
	return true
}

// endRange decides on a line when a range is open.
func (s *sed) endRange(c *sedCommand) bool {
	switch c.a2.kind {
	case '$':
		c.active = !s.atEnd()
	case '/':
		c.active = !s.matchRE(c.a2.re)
	default:
		c.active = s.lineNo < c.end
		// A line was read over by n or N: the range is over already.
		if s.lineNo > c.end {
			return c.a1.kind == 'n' && s.lineNo == c.a1.n
		}
	}
	return true
}

// cycle runs the script on one line.
func (s *sed) cycle() {
	for i := 0; i < len(s.commands); {
		c := &s.commands[i]
		selected := s.matches(c) != c.negate
		if s.quit {
			return // an empty expression without one before it
		}
		next := i + 1
		switch {
		case c.name == '{' && !selected:
			next = c.number
		case selected:
			jump, end := s.do(c)
			if end {
				return
			}
			if jump >= 0 {
				next = jump
			}
		}
		i = next
	}
	if !s.silent {
		s.printSpace()
	}
}

// do runs one command. jump is where to go on, -1 for the next command; end
// says that the cycle is over without printing.
func (s *sed) do(c *sedCommand) (jump int, end bool) {
	switch c.name {
	case '=':
		s.out.complete(s.newline)
		fmt.Fprintf(s.out.w, "%d\n", s.lineNo)
	case 'a':
		s.later = append(s.later, sedLater{text: c.text})
	case 'i':
		s.out.complete(s.newline)
		s.out.w.WriteString(c.text)
	case 'c':
		if c.a2 == nil || c.negate || !c.active {
			s.out.complete(s.newline)
			s.out.w.WriteString(c.text)
		}
		return -1, true
	case 'r':
		s.later = append(s.later, sedLater{file: c.text})
	case 'w':
		s.put(c.file, s.pattern, s.chomped)
	case 'p':
		s.printSpace()
	case 'P':
		line, _, _ := bytes.Cut(s.pattern, []byte{s.newline})
		s.put(s.out, line, true)
	case 'l':
		s.list(c.number)
	case 'y':
		for i, b := range s.pattern {
			s.pattern[i] = c.table[b]
		}
	case 's':
		s.substitute(c)
		return -1, s.quit
	default:
		return s.flow(c)
	}
	return -1, false
}

// flow runs the commands that move data between the spaces or change the
// order of execution.
func (s *sed) flow(c *sedCommand) (jump int, end bool) {
	switch c.name {
	case 'g':
		s.pattern = append(s.pattern[:0], s.hold...)
	case 'G':
		s.pattern = append(append(s.pattern, s.newline), s.hold...)
	case 'h':
		s.hold = append(s.hold[:0], s.pattern...)
	case 'H':
		s.hold = append(append(s.hold, s.newline), s.pattern...)
	case 'x':
		s.pattern, s.hold = s.hold, s.pattern
	case 'z':
		s.pattern = s.pattern[:0]
	case 'b':
		return c.number, false
	case 't', 'T':
		replaced := s.replaced
		if c.name == 't' || replaced {
			s.replaced = false
		}
		if replaced == (c.name == 't') {
			return c.number, false
		}
	case 'd':
		return -1, true
	case 'D':
		if i := bytes.IndexByte(s.pattern, s.newline); i >= 0 {
			s.pattern = append(s.pattern[:0], s.pattern[i+1:]...)
			s.keepSpace = true
		}
		return -1, true
	case 'n', 'N':
		return -1, s.next(c.name == 'N')
	case 'q', 'Q':
		s.quit = true
		s.status = max(c.number, s.status)
		if c.name == 'q' && !s.silent {
			s.printSpace()
		}
		return -1, true
	}
	return -1, false
}

// next reads the next line for n and N; without one, the script is over.
func (s *sed) next(join bool) (end bool) {
	if s.atEnd() && (!s.separate || len(s.names) == 0) {
		if !s.silent {
			s.printSpace()
		}
		s.quit = true
		return true
	}
	return s.nextLine(join)
}

func (s *sed) nextLine(join bool) (end bool) {
	if join {
		s.pattern = append(s.pattern, s.newline)
	} else if !s.silent {
		s.printSpace()
	}
	s.flushLater()
	return !s.read(join)
}

// substitute runs s.
func (s *sed) substitute(c *sedCommand) {
	re := s.use(c.re)
	if re == nil {
		return
	}
	first := max(c.flags.nth, 1)
	limit := first
	if c.flags.global {
		limit = -1
	}
	found := re.all(s.pattern, limit)
	if len(found) < first {
		return
	}
	var b sedBuilder
	at := 0
	for _, m := range found[first-1:] {
		b.out = append(b.out, s.pattern[at:m[0]]...)
		b.replace(c.repl, s.pattern, m)
		at = m[1]
	}
	s.pattern = append(b.out, s.pattern[at:]...)
	s.replaced = true
	if c.flags.print {
		s.printSpace()
	}
	if c.file != nil {
		s.put(c.file, s.pattern, s.chomped)
	}
}

// A sedBuilder puts replacements together; it knows the change of case.
type sedBuilder struct {
	out       []byte
	fold, one byte // U or L until E; u or l for the next character
}

func (b *sedBuilder) replace(parts []sedPart, line []byte, m []int) {
	b.fold, b.one = 0, 0
	for _, p := range parts {
		switch {
		case p.fold == 'u' || p.fold == 'l':
			b.one = p.fold
		case p.fold != 0:
			b.fold, b.one = p.fold, 0
		case p.group < 0:
			b.add(p.text)
		case m[2*p.group] >= 0:
			b.add(string(line[m[2*p.group]:m[2*p.group+1]]))
		}
	}
}

func (b *sedBuilder) add(s string) {
	for i := 0; i < len(s); i++ {
		c, how := s[i], b.fold
		if b.one != 0 {
			how, b.one = b.one, 0
		}
		switch {
		case (how == 'U' || how == 'u') && 'a' <= c && c <= 'z':
			c -= 0x20
		case (how == 'L' || how == 'l') && 'A' <= c && c <= 'Z':
			c += 0x20
		}
		b.out = append(b.out, c)
	}
}

// list prints the pattern space so that every character can be seen.
func (s *sed) list(width int) {
	if width < 0 {
		width = s.width
	}
	s.out.complete(s.newline)
	column := 0
	for _, c := range s.pattern {
		text := visible(c)
		if width > 1 && column+len(text) > width-1 {
			s.out.w.WriteString("\\\n")
			column = 0
		}
		s.out.w.WriteString(text)
		column += len(text)
	}
	s.out.w.WriteString("$\n")
}

func visible(c byte) string {
	if i := strings.IndexByte("\\\a\b\f\n\r\t\v", c); i >= 0 {
		return `\` + `\abfnrtv`[i:i+1]
	}
	if c < ' ' || c > '~' {
		return fmt.Sprintf(`\%03o`, c)
	}
	return string(rune(c))
}
