package utility

import (
	"errors"
	"strings"

	"overlayboot/builtins/base/number"
)

// Umask returns the new mask for the argument of umask, an octal number or a symbolic mode.
// current is the present mask.
func Umask(arg string, current uint32) (uint32, error) {
	if arg == "" {
		return current, nil
	}
	if '0' <= arg[0] && arg[0] <= '9' {
		return octalMask(arg)
	}
	allowed := ^current & 0o777
	m := modeParser{rest: arg, old: allowed, mode: allowed}
	for m.rest != "" {
		if !m.clause() {
			return current, errors.New("Illegal mode: " + arg)
		}
	}
	return ^m.mode & 0o777, nil
}

func octalMask(arg string) (mask uint32, err error) {
	for i := range len(arg) {
		if !isOctal(arg[i]) {
			return 0, number.IllegalError(arg)
		}
		mask = mask<<3 | uint32(arg[i]-'0')
	}
	return mask & 0o777, nil
}

// A modeParser parses a symbolic mode. A mode that copies the bits of u, g or o copies the bits
// that were allowed before.
type modeParser struct {
	rest      string
	old, mode uint32
	// who has the lowest bit of each selected class, and is 0 for all classes.
	who uint32
}

// clause reads an operator, with the classes before it and the comma behind it.
func (m *modeParser) clause() bool {
	for ; m.rest != "" && class(m.rest[0]) != 0; m.rest = m.rest[1:] {
		m.who |= class(m.rest[0])
	}
	if m.who == 0 {
		m.who = class('a')
	}
	if m.rest == "" || strings.IndexByte("=+-", m.rest[0]) < 0 {
		return false
	}
	op := m.rest[0]
	bits := uint32(0)
	for m.rest = m.rest[1:]; m.rest != ""; m.rest = m.rest[1:] {
		add, ok := m.permission(m.rest[0])
		if !ok {
			break
		}
		bits |= add
	}
	bits = bits & 7 * m.who
	switch op {
	case '=':
		m.mode = m.mode&^(m.who*7) | bits
	case '+':
		m.mode |= bits
	case '-':
		m.mode &^= bits
	}
	return m.separator()
}

// separator reads a comma, behind which new classes follow.
func (m *modeParser) separator() bool {
	if m.rest == "" {
		return true
	}
	if m.rest[0] == ',' {
		m.rest = m.rest[1:]
		m.who = 0
		return true
	}
	return strings.IndexByte("=+-", m.rest[0]) >= 0
}

func class(c byte) uint32 {
	switch c {
	case 'a':
		return 0o111
	case 'u':
		return 0o100
	case 'g':
		return 0o010
	case 'o':
		return 0o001
	}
	return 0
}

func (m *modeParser) permission(c byte) (bits uint32, ok bool) {
	switch c {
	case 'r':
		bits = 4
	case 'w':
		bits = 2
	case 'x':
		bits = 1
	case 'u':
		bits = m.old >> 6
	case 'g':
		bits = m.old >> 3
	case 'o':
		bits = m.old
	case 'X':
		if m.old&0o111 != 0 {
			bits = 1
		}
	case 's':
	default:
		return 0, false
	}
	return bits, true
}

// UmaskSymbolic returns the output of umask -S for a mask.
func UmaskSymbolic(mask uint32) string {
	var buf [18]byte
	out := buf[:0]
	for i, who := range []byte("ugo") {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, who, '=')
		for j, bit := range []byte("rwx") {
			if mask&(0o400>>(3*i+j)) == 0 {
				out = append(out, bit)
			}
		}
	}
	return string(out)
}
