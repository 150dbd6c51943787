package tiny

import "encoding/binary"

// arm64 encodes for AArch64, where every instruction is one little-endian word.
type arm64 struct{}

var arm64Regs = [numRegs]uint32{
	a0: 0, a1: 1, a2: 2, a3: 3, a4: 4, a5: 5,
	nr: 8, ret: 0,
	s0: 19, s1: 20, s2: 21, s3: 22,
	sp: 31, // the stack pointer in add and ldr, but zero in orr
}

var arm64Sys = [numSys]uint32{
	sysRead: 63, sysWrite: 64, sysOpenat: 56, sysRtSigaction: 134, sysRtSigprocmask: 135,
	sysGetpid: 172, sysWait4: 260, sysKill: 129, sysPrctl: 167,
	sysExitGroup: 94, sysWaitid: 95, sysExecveat: 281,
	sysNanosleep: 101, sysRtSigreturn: 139,
}

func (arm64) elfMachine() uint16    { return 183 } // EM_AARCH64
func (arm64) number(n sysno) uint32 { return arm64Sys[n] }

func words(w ...uint32) []byte {
	var b []byte
	for _, v := range w {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// dn puts the numbers of the result and of the first operand into their fields.
func dn(d, n reg) uint32 { return arm64Regs[n]<<5 | arm64Regs[d] }

// set fills d 16 bits at a time, starting from zero, or from all ones if v is negative.
func (arm64) set(d reg, v int64) []byte {
	first, fill := uint32(0xD2800000), uint16(0) // movz
	if v < 0 {
		first, fill = 0x92800000, 0xFFFF // movn
	}
	w := []uint32{}
	for hw := uint32(0); hw < 4; hw++ {
		part := uint16(v >> (16 * hw))
		switch {
		case hw == 0:
			w = append(w, first|uint32(part^fill)<<5|arm64Regs[d])
		case part != fill:
			w = append(w, 0xF2800000|hw<<21|uint32(part)<<5|arm64Regs[d]) // movk
		}
	}
	return words(w...)
}

func (arm64) move(d, s reg) []byte { return words(0x91000000 | dn(d, s)) } // add d, s, #0

func (arm64) add(d, s reg, v int32) []byte {
	if v < 0 {
		return words(0xD1000000 | uint32(-v)<<10 | dn(d, s)) // sub d, s, #-v
	}
	return words(0x91000000 | uint32(v)<<10 | dn(d, s)) // add d, s, #v
}

func (m arm64) index8(d, base, i reg, v int32) []byte { // add d, base, i, lsl #3
	return append(words(0x8B000000|arm64Regs[i]<<16|3<<10|dn(d, base)), m.add(d, d, v)...)
}

func (arm64) bits(d, s reg, low, width uint) []byte { // ubfx d, s, #low, #width
	return words(0xD3400000 | uint32(low)<<16 | uint32(low+width-1)<<10 | dn(d, s))
}

func (m arm64) bit(d, n reg) []byte { // mov d, #1; lsl d, d, n
	return append(m.set(d, 1), words(0x9AC02000|arm64Regs[n]<<16|dn(d, d))...)
}

// near encodes a load or store with an offset in -256..255.
func near(op uint32, r, base reg, off int32) []byte {
	return words(op | uint32(off)&0x1FF<<12 | dn(r, base))
}

func (arm64) load32(d, b reg, off int32) []byte  { return near(0xB8400000, d, b, off) } // ldur w
func (arm64) load64(d, b reg, off int32) []byte  { return near(0xF8400000, d, b, off) } // ldur x
func (arm64) store32(s, b reg, off int32) []byte { return near(0xB8000000, s, b, off) } // stur w
func (arm64) store64(s, b reg, off int32) []byte { return near(0xF8000000, s, b, off) } // stur x

func (arm64) compare(r reg, v int32) []byte {
	if v < 0 {
		return words(0xB100001F | uint32(-v)<<10 | arm64Regs[r]<<5) // cmn r, #-v
	}
	return words(0xF100001F | uint32(v)<<10 | arm64Regs[r]<<5) // cmp r, #v
}

func (arm64) jump(c cond, always bool, dist int) []byte {
	if always {
		return words(0x14000000 | uint32(dist/4)&0x3FFFFFF) // b
	}
	code := [...]uint32{equal: 0, notEqual: 1, less: 11, greaterEqual: 10}[c]
	return words(0x54000000 | uint32(dist/4)&0x7FFFF<<5 | code) // b.cond
}

func (arm64) address(d reg, dist int) []byte { // adr d, label
	v := uint32(dist)
	return words(0x10000000 | v&3<<29 | v>>2&0x7FFFF<<5 | arm64Regs[d])
}

func (arm64) systemCall() []byte { return words(0xD4000001) } // svc #0

func (arm64) back() []byte { return words(0xD65F03C0) } // ret
