// Package filemode parses and applies the file modes of chmod(1).
package filemode

import "strings"

// A modeChange is one step of a file mode as chmod(1) parses it.
type modeChange struct {
	op byte // '=', '+' or '-'
	// affected are the bits that the step may change; 0 means all that the file mode creation
	// mask allows.
	affected uint32
	value    uint32
	// mentioned are the bits that the mode names. The set-id bits of a directory change only if
	// they are named.
	mentioned uint32
	// copies takes the value from the present bits of the file: g=u.
	copies bool
	// ifExec is X: execute permission for a directory, or for a file with any execute bit.
	ifExec bool
}

// The bits of a mode.
const (
	AllModeBits = 0o7777
	SetIDBits   = 0o6000
)

// Parse parses an octal or symbolic mode.
func Parse(text string) ([]modeChange, bool) {
	if text != "" && '0' <= text[0] && text[0] <= '7' {
		value, rest, ok := cutOctal(text)
		mentioned := uint32(AllModeBits)
		if len(text) < 5 {
			mentioned = value&0o7000 | 0o777
		}
		change := modeChange{op: '=', affected: AllModeBits, value: value, mentioned: mentioned}
		return []modeChange{change}, ok && rest == ""
	}
	p := modeParser{rest: text}
	for {
		if !p.clause() {
			return nil, false
		}
		if p.rest == "" {
			return p.changes, true
		}
		if p.take(",") == 0 {
			return nil, false
		}
	}
}

// cutOctal parses an octal number of at most 07777 at the start.
func cutOctal(text string) (value uint32, rest string, ok bool) {
	for text != "" && '0' <= text[0] && text[0] <= '7' {
		if value = value*8 + uint32(text[0]-'0'); value > AllModeBits {
			return 0, text, false
		}
		text = text[1:]
	}
	return value, text, true
}

type modeParser struct {
	rest    string
	changes []modeChange
}

// take removes and returns the next byte if it is in set, else 0.
func (p *modeParser) take(set string) byte {
	if p.rest == "" || strings.IndexByte(set, p.rest[0]) < 0 {
		return 0
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return b
}

// clause parses [ugoa...]OP[PERMS][OP[PERMS]...].
func (p *modeParser) clause() bool {
	affected := uint32(0)
	for who := p.take("ugoa"); who != 0; who = p.take("ugoa") {
		switch who {
		case 'u':
			affected |= 0o4700
		case 'g':
			affected |= 0o2070
		case 'o':
			affected |= 0o1007
		default:
			affected |= AllModeBits
		}
	}
	op := p.take("=+-")
	if op == 0 {
		return false
	}
	for ; op != 0; op = p.take("=+-") {
		change := modeChange{op: op, affected: affected}
		if !p.perms(&change) {
			return false
		}
		p.changes = append(p.changes, change)
	}
	return true
}

// perms parses the part after an operator.
func (p *modeParser) perms(m *modeChange) bool {
	if p.rest != "" && '0' <= p.rest[0] && p.rest[0] <= '7' {
		value, rest, ok := cutOctal(p.rest)
		p.rest = rest
		if !ok || m.affected != 0 || rest != "" && rest[0] != ',' {
			return false
		}
		m.value, m.affected, m.mentioned = value, AllModeBits, AllModeBits
		return true
	}
	switch p.take("ugo") {
	case 'u':
		m.copies, m.value = true, 0o700
	case 'g':
		m.copies, m.value = true, 0o070
	case 'o':
		m.copies, m.value = true, 0o007
	default:
		p.letters(m)
	}
	m.mentioned = m.value
	if m.affected != 0 {
		m.mentioned &= m.affected
	}
	return true
}

func (p *modeParser) letters(m *modeChange) {
	for {
		switch p.take("rwxXst") {
		case 'r':
			m.value |= 0o444
		case 'w':
			m.value |= 0o222
		case 'x':
			m.value |= 0o111
		case 'X':
			m.ifExec = true
		case 's':
			m.value |= SetIDBits
		case 't':
			m.value |= 0o1000
		default:
			return
		}
	}
}

// Adjust applies changes to the permission bits of mode.
func Adjust(mode uint32, dir bool, mask uint32, changes []modeChange) uint32 {
	mode &= AllModeBits
	for _, m := range changes {
		kept := m.kept(dir)
		value := m.valueFor(mode, dir) & m.reach(mask) &^ kept
		switch m.op {
		case '+':
			mode |= value
		case '-':
			mode &^= value
		default:
			if m.affected != 0 {
				kept |= ^m.affected
			}
			mode = mode&kept | value
		}
	}
	return mode & AllModeBits
}

// ChangedBits returns the bits that the changes determine for a mode of 0777.
func ChangedBits(dir bool, mask uint32, changes []modeChange) (bits uint32) {
	mode := uint32(0o777)
	for i, m := range changes {
		kept := m.kept(dir)
		if m.op == '=' {
			if m.affected != 0 {
				kept |= ^m.affected
			}
			bits |= AllModeBits &^ kept
		} else {
			bits |= m.valueFor(mode, dir) & m.reach(mask) &^ kept
		}
		mode = Adjust(mode, dir, mask, changes[i:i+1])
	}
	return bits
}

// kept returns the set-id bits of a directory that the step must not change.
func (m modeChange) kept(dir bool) uint32 {
	if !dir {
		return 0
	}
	return SetIDBits &^ m.mentioned
}

// reach returns the bits that the step may change.
func (m modeChange) reach(mask uint32) uint32 {
	if m.affected == 0 {
		return ^mask
	}
	return m.affected
}

// valueFor returns the value of a step for a file with the given mode.
func (m modeChange) valueFor(mode uint32, dir bool) uint32 {
	value := m.value
	if m.copies {
		value &= mode
		for _, bits := range [...]uint32{0o444, 0o222, 0o111} {
			if value&bits != 0 {
				value |= bits
			}
		}
	}
	if m.ifExec && (dir || mode&0o111 != 0) {
		value |= 0o111
	}
	return value
}
