package awk

import (
	"os"
	"strings"

	"overlayboot/builtins/base/ascii"
)

// A getlineExpr is one of the forms of getline.
type getlineExpr struct {
	source expr // the file for '<', the command for '|', nil for the main input
	from   byte
	target lvalue // nil for $0
}

func (e *getlineExpr) eval(m *machine) value {
	var target lvalue
	if e.source == nil {
		line, ok := m.mainRecord()
		if ok {
			m.got(e.target, line)
		}
		return truth(ok)
	}
	name := m.str(e.source.eval(m))
	if e.target != nil {
		target = m.pin(e.target)
	}
	s := m.inputNamed(name, e.from)
	if s == nil {
		return num(-1)
	}
	s.in.by(m.rs())
	line, ok := s.in.next()
	if !ok {
		if s.in.err != nil {
			m.fail("read error (" + m.ErrorText(s.in.err) + ")")
		}
		return num(0)
	}
	m.got(target, line)
	return num(1)
}

func (m *machine) got(target lvalue, line string) {
	if target == nil {
		m.setRecord(line)
		return
	}
	target.assign(m, value{s: line, k: maybe})
}

func (m *machine) count(i int) { m.vars[i].value = num(m.vars[i].value.num() + 1) }

// inputNamed finds or opens an input of getline. It returns nil if the file cannot be opened.
func (m *machine) inputNamed(name string, from byte) *stream {
	kind := byte('<')
	if from == '|' {
		kind = 'c'
	}
	if s := m.streams[streamKey(kind, name)]; s != nil {
		return s
	}
	var s *stream
	switch {
	case kind == 'c':
		s = m.openInput(name)
	case name == "-" || name == "/dev/stdin":
		s = &stream{name: name, in: newRecords(m.Stdin, 4096, m.rs())}
	default:
		f, err := m.Open(name, os.O_RDONLY, 0)
		if err != nil {
			return nil
		}
		s = &stream{name: name, in: newRecords(f, 32<<10, m.rs()), file: f}
	}
	s.listed = len(m.streams)
	m.streams[streamKey(kind, name)] = s
	return s
}

// mainRecord returns the next record of the operands' files.
func (m *machine) mainRecord() (string, bool) {
	for !m.main {
		if m.input == nil && !m.openNext() {
			break
		}
		line, ok := m.input.next()
		if ok {
			m.count(vNR)
			m.count(vFNR)
			return line, true
		}
		if m.input.err != nil {
			m.fail("read error (" + m.ErrorText(m.input.err) + ")")
		}
		m.skipFile()
	}
	m.main = true
	return "", false
}

// skipFile ends the current input file.
func (m *machine) skipFile() {
	if s := m.streams["main"]; s != nil {
		_ = s.file.Close()
		delete(m.streams, "main")
	}
	m.input = nil
}

// openNext opens the next operand that is a file. It makes the assignments in front of that
// operand.
func (m *machine) openNext() bool {
	argv := m.vars[vARGV].array
	for m.nextArg < toInt(m.vars[vARGC].num()) {
		v := argv.find(key{number: m.nextArg, isNumber: true})
		m.nextArg++
		if v == nil || m.str(v.value) == "" {
			continue
		}
		operand := m.str(v.value)
		if isAssignment(operand) {
			m.assignment(operand)
			continue
		}
		m.used = true
		m.openMain(operand)
		return true
	}
	if m.used {
		return false
	}
	m.used = true
	m.openMain("-")
	return true
}

func (m *machine) openMain(name string) {
	m.vars[vFILENAME].value = value{s: name, k: maybe}
	m.vars[vFNR].value = num(0)
	if name == "-" || name == "/dev/stdin" {
		m.input = newRecords(m.Stdin, 4096, m.rs())
		return
	}
	f, err := m.Open(name, os.O_RDONLY, 0)
	if err != nil {
		m.fail("cannot open " + name + " (" + m.ErrorText(err) + ")")
	}
	m.streams["main"] = &stream{name: name, file: f}
	m.input = newRecords(f, 32<<10, m.rs())
}

// isAssignment reports whether an operand is NAME=VALUE.
func isAssignment(s string) bool {
	name, _, ok := strings.Cut(s, "=")
	return ok && IsName(name)
}

// IsName reports whether s is a valid variable name.
func IsName(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) {
			return false
		}
	}
	return s != "" && !ascii.IsDigit(s[0])
}
