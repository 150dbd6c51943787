package tiny

import "encoding/binary"

// amd64 encodes for x86-64. Every operation is 64 bits wide (prefix REX.W), unless a 32-bit
// operation, which zeroes the upper half, has the same effect.
type amd64 struct{}

var amd64Regs = [numRegs]byte{
	a0: 7, a1: 6, a2: 2, a3: 10, a4: 8, a5: 9, // rdi rsi rdx r10 r8 r9
	nr: 0, ret: 0, // rax
	s0: 3, s1: 5, s2: 14, s3: 15, // rbx rbp r14 r15
	sp: 4, // rsp
}

var amd64Sys = [numSys]uint32{
	sysRead: 0, sysWrite: 1, sysOpenat: 257, sysRtSigaction: 13, sysRtSigprocmask: 14,
	sysGetpid: 39, sysWait4: 61, sysKill: 62, sysPrctl: 157,
	sysExitGroup: 231, sysWaitid: 247, sysExecveat: 322,
	sysNanosleep: 35, sysRtSigreturn: 15,
}

func (amd64) elfMachine() uint16    { return 62 } // EM_X86_64
func (amd64) number(n sysno) uint32 { return amd64Sys[n] }

// rex returns the prefix for a 64-bit operation on ModRM fields r and b.
func rex(r, b byte) byte { return 0x48 | r>>3<<2 | b>>3 }

func le32(v int32) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

// rr encodes "op rm, r" for two registers.
func rr(op byte, r, rm reg) []byte {
	x, y := amd64Regs[r], amd64Regs[rm]
	return []byte{rex(x, y), op, 0xC0 | x&7<<3 | y&7}
}

// mem encodes "op r, [base+off]" with a 32-bit offset. base is never rsp or r12, whose numbers
// have another meaning there.
func mem(op byte, r, base reg, off int32) []byte {
	x, y := amd64Regs[r], amd64Regs[base]
	return append([]byte{rex(x, y), op, 0x80 | x&7<<3 | y&7}, le32(off)...)
}

// ext encodes "op rm", where the ModRM field r is part of the opcode.
func ext(op, sub byte, rm reg) []byte {
	y := amd64Regs[rm]
	return []byte{rex(0, y), op, 0xC0 | sub<<3 | y&7}
}

func (amd64) set(d reg, v int64) []byte {
	y := amd64Regs[d]
	if int64(int32(v)) == v { // mov r64, imm32 sign-extended
		return append(ext(0xC7, 0, d), le32(int32(v))...)
	}
	b := []byte{rex(0, y), 0xB8 | y&7} // mov r64, imm64
	return binary.LittleEndian.AppendUint64(b, uint64(v))
}

func (amd64) move(d, s reg) []byte { return rr(0x89, s, d) } // mov d, s

func (amd64) add(d, s reg, v int32) []byte { return mem(0x8D, d, s, v) } // lea d, [s+v]

func (amd64) index8(d, base, i reg, v int32) []byte { // lea d, [base+8*i+v]
	x, y, z := amd64Regs[d], amd64Regs[base], amd64Regs[i]
	b := []byte{rex(x, y) | z>>3<<1, 0x8D, 0x84 | x&7<<3, 3<<6 | z&7<<3 | y&7}
	return append(b, le32(v)...)
}

func (m amd64) bits(d, s reg, low, width uint) []byte {
	b := append(m.move(d, s), append(ext(0xC1, 5, d), byte(low))...)  // shr d, low
	return append(append(b, ext(0x81, 4, d)...), le32(1<<width-1)...) // and d, mask
}

func (m amd64) bit(d, n reg) []byte {
	y, x := amd64Regs[d], amd64Regs[n]
	return append(m.set(d, 0), rex(x, y), 0x0F, 0xAB, 0xC0|x&7<<3|y&7) // bts d, n
}

func (amd64) load32(d, base reg, off int32) []byte { // mov d32, [base+off]
	b := mem(0x8B, d, base, off)
	b[0] &^= 8 // without REX.W: 32 bits, the upper half becomes zero
	return b
}

func (amd64) load64(d, base reg, off int32) []byte { return mem(0x8B, d, base, off) }

func (amd64) store32(s, base reg, off int32) []byte { // mov [base+off], s32
	b := mem(0x89, s, base, off)
	b[0] &^= 8
	return b
}

func (amd64) store64(s, base reg, off int32) []byte { return mem(0x89, s, base, off) }

func (amd64) compare(r reg, v int32) []byte { // cmp r, imm32
	return append(ext(0x81, 7, r), le32(v)...)
}

func (amd64) jump(c cond, always bool, dist int) []byte {
	if always {
		return append([]byte{0xE9}, le32(int32(dist-5))...) // jmp, relative to its end
	}
	op := [...]byte{equal: 0x84, notEqual: 0x85, less: 0x8C, greaterEqual: 0x8D}[c]
	return append([]byte{0x0F, op}, le32(int32(dist-6))...) // jcc, relative to its end
}

func (amd64) address(d reg, dist int) []byte { // lea d, [rip+dist-7]
	x := amd64Regs[d]
	return append([]byte{rex(x, 0), 0x8D, 0x05 | x&7<<3}, le32(int32(dist-7))...)
}

func (amd64) systemCall() []byte { return []byte{0x0F, 0x05} } // syscall

func (amd64) back() []byte { return []byte{0xC3} } // ret
