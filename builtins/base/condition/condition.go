// Package condition evaluates the arguments of test and [ (POSIX XCU, test). The shell has
// these as built-in utilities, overlay-below as commands. The messages are those of dash
// 0.5.12.
package condition

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/number"
)

// An Env gives test access to the things that it examines besides its arguments.
type Env interface {
	// DirFD returns the descriptor of the directory for relative names.
	DirFD() int
	// IsScript reports whether a path names a boot script that is in no file system. Such a
	// script counts as a regular file that can be read and executed.
	IsScript(path string) bool
	// OSFile returns the process's descriptor for number n of the shell.
	OSFile(n int) (osfd int, ok bool)
	// Path returns the name by which this process finds a file that the shell has open, such as
	// /dev/fd/3. It returns other names unchanged.
	Path(path string) string
}

// Test evaluates the arguments of test or [; args[0] is that name. The status is 0 for true, 1
// for false, and 2 with an error.
//
// The rules for up to four arguments are those of the standard. As in dash, the second of two !
// is a string if three or more words follow the first.
func Test(args []string, env Env) (status int, err error) {
	t := tester{name: args[0], env: env, args: args[1:]}
	if strings.HasPrefix(t.name, "[") {
		last := len(args) - 1
		if last == 0 || args[last] == "" || args[last][0] != ']' {
			return 2, errors.New(t.name + ": missing ]")
		}
		t.args = args[1:last]
	}
	value := t.evaluate()
	switch {
	case t.err != nil:
		return 2, t.err
	case value:
		return 0, nil
	}
	return 1, nil
}

// A tester parses and evaluates in one pass. It never short-circuits, and keeps the first
// error.
type tester struct {
	name string
	env  Env
	args []string
	at   int
	err  error
}

// evaluate applies the rules for few arguments, then the grammar.
func (t *tester) evaluate() bool {
	negated := false
	for len(t.args) == 3 || len(t.args) == 4 {
		first, last := t.args[0], t.args[len(t.args)-1]
		if len(t.args) == 3 && kindOf(t.args[1]) == binaryOp {
			break
		}
		if first == "(" && last == ")" {
			t.args = t.args[1 : len(t.args)-1]
		} else if first == "!" {
			negated, t.args = !negated, t.args[1:]
		} else {
			break
		}
	}
	if len(t.args) == 0 {
		return negated
	}
	literal := len(t.args) == 3 && kindOf(t.args[1]) == binaryOp
	value := t.or(literal)
	if t.at+1 < len(t.args) {
		word := t.args[t.at]
		if word != "" {
			word += ": "
		}
		t.fail(word + "unexpected operator")
	}
	return value != negated
}

func (t *tester) fail(problem string) {
	if t.err == nil {
		t.err = errors.New(t.name + ": " + problem)
	}
}

// The kinds of words in the grammar.
const (
	operand = iota
	unaryOp
	binaryOp
	andOp
	orOp
	notOp
	openParen
	closeParen
	end
)

// kindOf returns the kind of a word by itself.
func kindOf(word string) int {
	switch word {
	case "=", "!=", "<", ">",
		"-eq", "-ne", "-gt", "-ge", "-lt", "-le", "-nt", "-ot", "-ef":
		return binaryOp
	case "!":
		return notOp
	case "(":
		return openParen
	case ")":
		return closeParen
	case "-a":
		return andOp
	case "-o":
		return orOp
	}
	if len(word) == 2 && word[0] == '-' && strings.IndexByte("rwxefdcbpugksSzntOGLh", word[1]) >= 0 {
		return unaryOp
	}
	return operand
}

// kind returns the kind of the word at i in its context. The last word, or one before a binary
// operator, is not a unary operator.
func (t *tester) kind(i int) int {
	if i >= len(t.args) {
		return end
	}
	kind := kindOf(t.args[i])
	switch {
	case kind == unaryOp && i+1 == len(t.args),
		kind == unaryOp && i+2 < len(t.args) && kindOf(t.args[i+1]) == binaryOp,
		kind == openParen && i+1 == len(t.args):
		return operand
	}
	return kind
}

// Each of the following functions leaves t.at at the last word that it used.

// or parses a -o b; literal says that the first word is an operand.
func (t *tester) or(literal bool) bool {
	value := false
	for t.err == nil {
		value = t.and(literal) || value
		if t.kind(t.at+1) != orOp {
			break
		}
		t.at += 2
		literal = false
	}
	return value
}

func (t *tester) and(literal bool) bool {
	value := true
	for t.err == nil {
		value = t.not(literal) && value
		if t.kind(t.at+1) != andOp {
			break
		}
		t.at += 2
		literal = false
	}
	return value
}

func (t *tester) not(literal bool) bool {
	negated := false
	for !literal && t.kind(t.at) == notOp {
		negated = !negated
		if t.kind(t.at+1) == end {
			return negated
		}
		t.at++
	}
	return t.primary(literal) != negated
}

func (t *tester) primary(literal bool) bool {
	kind := t.kind(t.at)
	switch {
	case literal:
	case kind == end:
		return false
	case kind == openParen:
		return t.parenthesis()
	case kind == unaryOp:
		t.at++
		return t.unary(t.args[t.at-1][1], t.args[t.at])
	}
	if t.kind(t.at+1) != binaryOp {
		return t.args[t.at] != ""
	}
	left, op := t.args[t.at], t.args[t.at+1]
	if t.at+2 >= len(t.args) {
		t.fail(op + ": argument expected")
		return false
	}
	t.at += 2
	return t.binary(left, op, t.args[t.at])
}

func (t *tester) parenthesis() bool {
	t.at++
	if t.kind(t.at) == closeParen {
		return false
	}
	value := t.or(false)
	t.at++
	if t.kind(t.at) != closeParen {
		t.fail("closing paren expected")
	}
	return value
}

func (t *tester) binary(left, op, right string) bool {
	switch op {
	case "=":
		return left == right
	case "!=":
		return left != right
	case "<":
		return left < right
	case ">":
		return left > right
	case "-nt", "-ot", "-ef":
		return t.files(left, op, right)
	}
	a, b := t.integer(left), t.integer(right)
	switch op {
	case "-eq":
		return a == b
	case "-ne":
		return a != b
	case "-gt":
		return a > b
	case "-ge":
		return a >= b
	case "-lt":
		return a < b
	}
	return a <= b
}

func (t *tester) integer(word string) int64 {
	value, err := number.Parse(word, 10)
	if err != nil {
		t.fail(err.Error())
	}
	return value
}

// files compares two files: by time of modification, or whether they are the same.
func (t *tester) files(left, op, right string) bool {
	var a, b unix.Stat_t
	if t.stat(left, &a, 0) != nil || t.stat(right, &b, 0) != nil {
		return false
	}
	switch op {
	case "-nt":
		return a.Mtim.Nano() > b.Mtim.Nano()
	case "-ot":
		return a.Mtim.Nano() < b.Mtim.Nano()
	}
	return a.Dev == b.Dev && a.Ino == b.Ino
}

func (t *tester) stat(path string, st *unix.Stat_t, flags int) error {
	return unix.Fstatat(t.env.DirFD(), t.env.Path(path), st, flags)
}

func (t *tester) unary(op byte, word string) bool {
	switch op {
	case 'z':
		return word == ""
	case 'n':
		return word != ""
	case 't':
		return t.terminal(int(int32(t.integer(word))))
	}
	if t.env.IsScript(word) {
		return strings.IndexByte("efrxs", op) >= 0
	}
	switch op {
	case 'r':
		return t.access(word, unix.R_OK)
	case 'w':
		return t.access(word, unix.W_OK)
	case 'x':
		return t.access(word, unix.X_OK)
	}
	return t.file(op, word)
}

// access checks with the effective ids, as open(2) does.
func (t *tester) access(path string, mode uint32) bool {
	return unix.Faccessat(t.env.DirFD(), t.env.Path(path), mode, unix.AT_EACCESS) == nil
}

func (t *tester) terminal(fd int) bool {
	if t.err != nil {
		return false
	}
	osfd, ok := t.env.OSFile(fd)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(osfd, unix.TCGETS)
	return err == nil
}

func (t *tester) file(op byte, path string) bool {
	var st unix.Stat_t
	flags := 0
	if op == 'h' || op == 'L' {
		flags = unix.AT_SYMLINK_NOFOLLOW
	}
	if t.stat(path, &st, flags) != nil {
		return false
	}
	kind := st.Mode & unix.S_IFMT
	switch op {
	case 'f':
		return kind == unix.S_IFREG
	case 'd':
		return kind == unix.S_IFDIR
	case 'c':
		return kind == unix.S_IFCHR
	case 'b':
		return kind == unix.S_IFBLK
	case 'p':
		return kind == unix.S_IFIFO
	case 'S':
		return kind == unix.S_IFSOCK
	case 'h', 'L':
		return kind == unix.S_IFLNK
	case 's':
		return st.Size > 0
	case 'u':
		return st.Mode&unix.S_ISUID != 0
	case 'g':
		return st.Mode&unix.S_ISGID != 0
	case 'k':
		return st.Mode&unix.S_ISVTX != 0
	case 'O':
		return int(st.Uid) == unix.Geteuid()
	case 'G':
		return int(st.Gid) == unix.Getegid()
	}
	return true // -e
}
