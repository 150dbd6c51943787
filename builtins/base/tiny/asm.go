// Package tiny writes the very small programs that stay while a subhost runs: the reaper, the
// waiter, the sleeper, the copier and the dummy service. Each is a complete static ELF file of
// a few hundred bytes. So a process that waits for hours takes two pages of memory, where an
// idle Go process takes hundreds.
//
// A program is written once, as a list of the few instructions below, and encoded for amd64 or
// arm64. On other processors Go code does the same work.
package tiny

// A reg is a register of the common machine, named by its purpose.
type reg uint8

const (
	a0 reg = iota // a0 to a5 hold the arguments of a system call
	a1
	a2
	a3
	a4
	a5
	nr  // nr holds the number of the system call; it may be the same as ret
	ret // ret holds its result; it may be the same as a0 or nr
	s0  // s0 to s3 keep their values over a system call
	s1
	s2
	s3
	sp // sp is the stack as the kernel left it; only move may read it
	numRegs
)

// A cond is a condition of branch, on signed numbers.
type cond uint8

const (
	equal cond = iota
	notEqual
	less
	greaterEqual
)

// A machine encodes the instructions for one architecture.
type machine interface {
	elfMachine() uint16
	number(sysno) uint32
	set(d reg, v int64) []byte                 // d = v
	move(d, s reg) []byte                      // d = s
	add(d, s reg, v int32) []byte              // d = s + v
	index8(d, base, i reg, v int32) []byte     // d = base + 8*i + v
	bits(d, s reg, low, width uint) []byte     // d = s >> low, cut to width bits
	bit(d, n reg) []byte                       // d = 1 << n; d is not n
	load32(d, base reg, off int32) []byte      // d = *(uint32 *)(base + off)
	load64(d, base reg, off int32) []byte      // d = *(uint64 *)(base + off)
	store32(s, base reg, off int32) []byte     // *(uint32 *)(base + off) = s
	store64(s, base reg, off int32) []byte     // *(uint64 *)(base + off) = s
	compare(r reg, v int32) []byte             // for the following jumps
	jump(c cond, always bool, dist int) []byte // dist is relative to the jump itself
	address(d reg, dist int) []byte            // dist is relative to this instruction
	systemCall() []byte                        // ret = result of the system call nr
	back() []byte                              // return from a signal handler
}

// A program is machine code under construction.
type program struct {
	m      machine
	code   []byte
	labels map[string]int
	fixes  []fix
	texts  [][2]string // the label and the text of each that is still to be put into the code
}

// A fix is an instruction that refers to a label. Each has a fixed size.
type fix struct {
	at    int
	label string
	emit  func(dist int) []byte
}

func newProgram(arch string) (*program, bool) {
	switch arch {
	case "amd64":
		return &program{m: amd64{}, labels: map[string]int{}}, true
	case "arm64":
		return &program{m: arm64{}, labels: map[string]int{}}, true
	}
	return nil, false
}

func (p *program) emit(b []byte)     { p.code = append(p.code, b...) }
func (p *program) label(name string) { p.labels[name] = len(p.code) }

// refer emits an instruction; finish fills in its distance to the label.
func (p *program) refer(label string, emit func(dist int) []byte) {
	p.fixes = append(p.fixes, fix{len(p.code), label, emit})
	p.emit(emit(0))
}

func (p *program) jump(label string) {
	p.refer(label, func(d int) []byte { return p.m.jump(equal, true, d) })
}

// branch jumps if the signed number r compares with v as c says.
func (p *program) branch(r reg, c cond, v int32, label string) {
	p.emit(p.m.compare(r, v))
	p.refer(label, func(d int) []byte { return p.m.jump(c, false, d) })
}

func (p *program) address(d reg, label string) {
	p.refer(label, func(dist int) []byte { return p.m.address(d, dist) })
}

func (p *program) back()                          { p.emit(p.m.back()) }
func (p *program) set(d reg, v int64)             { p.emit(p.m.set(d, v)) }
func (p *program) move(d, s reg)                  { p.emit(p.m.move(d, s)) }
func (p *program) add(d, s reg, v int32)          { p.emit(p.m.add(d, s, v)) }
func (p *program) index8(d, b, i reg, v int32)    { p.emit(p.m.index8(d, b, i, v)) }
func (p *program) bits(d, s reg, low, width uint) { p.emit(p.m.bits(d, s, low, width)) }
func (p *program) bit(d, n reg)                   { p.emit(p.m.bit(d, n)) }
func (p *program) load32(d, base reg, off int32)  { p.emit(p.m.load32(d, base, off)) }
func (p *program) load64(d, base reg, off int32)  { p.emit(p.m.load64(d, base, off)) }
func (p *program) store32(s, base reg, off int32) { p.emit(p.m.store32(s, base, off)) }
func (p *program) store64(s, base reg, off int32) { p.emit(p.m.store64(s, base, off)) }

// call makes a system call whose arguments are in their registers.
func (p *program) call(n sysno) {
	p.set(nr, int64(p.m.number(n)))
	p.emit(p.m.systemCall())
}

// str puts a string with its final NUL into the code, under a label.
func (p *program) str(label, s string) {
	p.label(label)
	p.emit(append([]byte(s), 0))
	for len(p.code)%4 != 0 {
		p.emit([]byte{0})
	}
}

// finish adds the texts, fills in the distances and returns the ELF file.
func (p *program) finish() []byte {
	for _, t := range p.texts {
		p.str(t[0], t[1])
	}
	for _, f := range p.fixes {
		copy(p.code[f.at:], f.emit(p.labels[f.label]-f.at))
	}
	return elfFile(p.m.elfMachine(), p.code)
}

// A sysno is a system call; its number depends on the architecture.
type sysno uint8

const (
	sysRead sysno = iota
	sysWrite
	sysOpenat
	sysRtSigaction
	sysRtSigprocmask
	sysGetpid
	sysWait4
	sysKill
	sysPrctl
	sysExitGroup
	sysWaitid
	sysExecveat
	sysNanosleep
	sysRtSigreturn
	numSys
)
