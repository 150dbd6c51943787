package awk

import (
	"fmt"
	"strconv"
	"strings"

	"overlayboot/builtins/base/ascii"
)

// A token is a kind of word of the language.
type token int

const (
	tEOF token = iota
	tNewline
	tNumber
	tString
	tRegex
	tName
	tFuncCall // a name directly followed by (
	tBuiltin
	tKeyword
	tOp
)

// A SyntaxError is an error in a program.
type SyntaxError struct {
	Line int
	Text string
}

// Error returns the line number and the text of the error.
func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// A lexer splits a program into words.
type lexer struct {
	src  string
	pos  int
	line int

	kind token
	text string  // of the word; a string has its escapes replaced
	num  float64 // value of a number
	// operand says that the word ends an operand, so that a / after it is a division.
	operand bool
}

const keywords = " BEGIN END function if else while for do break continue next nextfile" +
	" exit return delete in getline print printf "

const builtinNames = " length index substr split match sprintf sin cos atan2 exp log sqrt" +
	" int rand srand close system toupper tolower fflush sub gsub systime strftime mktime "

func inList(list, word string) bool { return strings.Contains(list, " "+word+" ") }

func (l *lexer) fail(format string, args ...any) {
	panic(&SyntaxError{l.line, fmt.Sprintf(format, args...)})
}

// next reads a word.
func (l *lexer) next() {
	l.blanks()
	if l.pos >= len(l.src) {
		l.set(tEOF, "", false)
		return
	}
	c := l.src[l.pos]
	switch {
	case c == '\n':
		l.pos++
		l.set(tNewline, "\n", false)
		l.line++
	case c == '"':
		l.str()
	case ascii.IsDigit(c) || c == '.' && l.pos+1 < len(l.src) && ascii.IsDigit(l.src[l.pos+1]):
		l.number()
	case isWord(c):
		l.word()
	case c == '/' && !l.operand:
		l.regex()
	default:
		l.operator()
	}
}

func (l *lexer) set(kind token, text string, operand bool) {
	l.kind, l.text, l.operand = kind, text, operand
}

// blanks skips blanks, comments and line continuations.
func (l *lexer) blanks() {
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			l.pos++
		case c == '#':
			for l.pos < len(l.src) && l.src[l.pos] != '\n' {
				l.pos++
			}
		case strings.HasPrefix(l.src[l.pos:], "\\\n"):
			l.pos += 2
			l.line++
		case strings.HasPrefix(l.src[l.pos:], "\\\r\n"):
			l.pos += 3
			l.line++
		default:
			return
		}
	}
}

// str reads a string constant.
func (l *lexer) str() {
	start := l.pos
	for l.pos++; ; l.pos++ {
		if l.pos >= len(l.src) || l.src[l.pos] == '\n' {
			l.fail("runaway string constant %s ...", head(l.src[start:l.pos]))
		}
		if l.src[l.pos] == '"' {
			break
		}
		if l.src[l.pos] == '\\' && l.pos+1 < len(l.src) {
			l.pos++
			if l.src[l.pos] == '\n' {
				l.line++
			}
		}
	}
	text := strings.ReplaceAll(l.src[start+1:l.pos], "\\\n", "")
	l.pos++
	l.set(tString, Unescape(text), true)
}

func head(s string) string {
	if len(s) > 10 {
		return s[:10]
	}
	return s
}

// Unescape replaces the escapes in a string. Unknown escapes stay as they are.
func Unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		c, n := escape(s[i+1:])
		if n == 0 {
			b.WriteByte('\\')
			continue
		}
		b.WriteByte(c)
		i += n
	}
	return b.String()
}

// escape reads the text after a backslash. n is 0 for an unknown escape.
func escape(s string) (c byte, n int) {
	if i := strings.IndexByte(`"\abfnrtv`, s[0]); i >= 0 {
		return "\"\\\a\b\f\n\r\t\v"[i], 1
	}
	if s[0] == 'x' {
		for n < 2 && n+1 < len(s) && hexValue(s[n+1]) >= 0 {
			c = c<<4 | byte(hexValue(s[n+1]))
			n++
		}
		if n == 0 {
			return 0, 0
		}
		return c, n + 1
	}
	for n < 3 && n < len(s) && '0' <= s[n] && s[n] <= '7' {
		c = c<<3 | (s[n] - '0')
		n++
	}
	return c, n
}

func hexValue(c byte) int {
	switch {
	case ascii.IsDigit(c):
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

func isWord(c byte) bool {
	return ascii.IsDigit(c) || c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func (l *lexer) number() {
	n := decimalPrefix(l.src[l.pos:])
	text := l.src[l.pos : l.pos+n]
	l.pos += n
	l.num, _ = strconv.ParseFloat(text, 64)
	l.set(tNumber, text, true)
}

func (l *lexer) word() {
	start := l.pos
	for l.pos < len(l.src) && isWord(l.src[l.pos]) {
		l.pos++
	}
	text := l.src[start:l.pos]
	switch {
	case inList(keywords, text):
		l.set(tKeyword, text, false)
	case inList(builtinNames, text):
		l.set(tBuiltin, text, false)
	case l.pos < len(l.src) && l.src[l.pos] == '(':
		l.set(tFuncCall, text, true)
	default:
		l.set(tName, text, true)
	}
}

// regex reads a regular expression between slashes. The first slash is next.
func (l *lexer) regex() {
	start, class := l.pos, -1
	var b strings.Builder
	for l.pos++; ; l.pos++ {
		if l.pos >= len(l.src) || l.src[l.pos] == '\n' {
			l.fail("runaway regular expression %s ...", head(l.src[start:l.pos]))
		}
		c := l.src[l.pos]
		switch {
		case c == '/' && class < 0:
			l.pos++
			l.set(tRegex, b.String(), true)
			return
		case c == '\\' && l.pos+1 < len(l.src):
			l.pos++
			switch l.src[l.pos] {
			case '/':
			case '\n':
				l.line++
				continue
			default:
				b.WriteByte('\\')
			}
			c = l.src[l.pos]
		case c == '[' && class < 0:
			class = l.pos
			if strings.HasPrefix(l.src[l.pos+1:], "^") {
				class++
			}
		case c == '[' && strings.HasPrefix(l.src[l.pos:], "[:"):
			if i := strings.Index(l.src[l.pos:], ":]"); i > 0 {
				b.WriteString(l.src[l.pos : l.pos+i+1])
				l.pos += i + 1
				c = ']'
			}
		case c == ']' && class >= 0 && l.pos > class+1:
			class = -1
		}
		b.WriteByte(c)
	}
}

var operators = [...]string{"&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=",
	">=", "!=", ">>"}

func (l *lexer) operator() {
	rest := l.src[l.pos:]
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			l.pos += 2
			l.set(tOp, op, op == "++" || op == "--")
			return
		}
	}
	if strings.IndexByte("+-*/%^!<>=~?:,;(){}[]$|", rest[0]) < 0 {
		l.fail("unexpected character %q", rest[0])
	}
	l.pos++
	l.set(tOp, rest[:1], rest[0] == ')' || rest[0] == ']')
}
