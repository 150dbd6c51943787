package builtins

import "strings"

// A modeChange is one step of a file mode as chmod(1) takes it.
type modeChange struct {
	op byte // '=', '+' or '-'
	// affected are the bits that the step may touch; 0 is all that the file
	// mode creation mask leaves.
	affected uint32
	value    uint32
	// mentioned are the bits that were asked for by name: set-id bits of a
	// directory change in no other way.
	mentioned uint32
	// copies takes the value from the bits that the file has: g=u.
	copies bool
	// ifExec is X: execution for a directory or what any may execute.
	ifExec bool
}

const (
	allModeBits = 0o7777
	setIDBits   = 0o6000
)

// parseMode reads an octal or symbolic mode.
func parseMode(text string) ([]modeChange, bool) {
	if text != "" && '0' <= text[0] && text[0] <= '7' {
		value, rest, ok := cutOctal(text)
		mentioned := uint32(allModeBits)
		if len(text) < 5 {
			mentioned = value&0o7000 | 0o777
		}
		change := modeChange{op: '=', affected: allModeBits, value: value, mentioned: mentioned}
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

// cutOctal reads an octal number of at most 07777 from the front.
func cutOctal(text string) (value uint32, rest string, ok bool) {
	for text != "" && '0' <= text[0] && text[0] <= '7' {
		if value = value*8 + uint32(text[0]-'0'); value > allModeBits {
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

// take removes and returns the next byte if it is one of set, else 0.
func (p *modeParser) take(set string) byte {
	if p.rest == "" || strings.IndexByte(set, p.rest[0]) < 0 {
		return 0
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return b
}

// clause reads [ugoa...]OP[PERMS][OP[PERMS]...].
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
			affected |= allModeBits
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

// perms reads what follows an operator.
func (p *modeParser) perms(m *modeChange) bool {
	if p.rest != "" && '0' <= p.rest[0] && p.rest[0] <= '7' {
		value, rest, ok := cutOctal(p.rest)
		p.rest = rest
		if !ok || m.affected != 0 || rest != "" && rest[0] != ',' {
			return false
		}
		m.value, m.affected, m.mentioned = value, allModeBits, allModeBits
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
			m.value |= setIDBits
		case 't':
			m.value |= 0o1000
		default:
			return
		}
	}
}

// adjustMode applies changes to the permission bits of mode.
func adjustMode(mode uint32, dir bool, mask uint32, changes []modeChange) uint32 {
	mode &= allModeBits
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
	return mode & allModeBits
}

// changedBits are the bits that changes to a mode of 0777 decide.
func changedBits(dir bool, mask uint32, changes []modeChange) (bits uint32) {
	mode := uint32(0o777)
	for i, m := range changes {
		kept := m.kept(dir)
		if m.op == '=' {
			if m.affected != 0 {
				kept |= ^m.affected
			}
			bits |= allModeBits &^ kept
		} else {
			bits |= m.valueFor(mode, dir) & m.reach(mask) &^ kept
		}
		mode = adjustMode(mode, dir, mask, changes[i:i+1])
	}
	return bits
}

// kept are the set-id bits of a directory that nobody asked to change.
func (m modeChange) kept(dir bool) uint32 {
	if !dir {
		return 0
	}
	return setIDBits &^ m.mentioned
}

// reach are the bits that the step may touch at all.
func (m modeChange) reach(mask uint32) uint32 {
	if m.affected == 0 {
		return ^mask
	}
	return m.affected
}

// valueFor is the value of a step for a file that has a mode already.
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
