package tiny

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
)

const (
	loadAddress = 0x400000
	headerSize  = 64 + 2*56 // the ELF header and two program headers
)

// elfFile wraps code into a static program: one segment, readable and
// executable, that holds the headers and the code, and a stack that is not
// executable. There is no data segment; what a program writes is on the stack.
func elfFile(machine uint16, code []byte) []byte {
	size := uint64(headerSize + len(code))
	head := elf.Header64{
		Ident: [16]byte{0x7F, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB),
			byte(elf.EV_CURRENT)},
		Type: uint16(elf.ET_EXEC), Machine: machine, Version: uint32(elf.EV_CURRENT),
		Entry: loadAddress + headerSize, Phoff: 64,
		Ehsize: 64, Phentsize: 56, Phnum: 2,
	}
	segments := [2]elf.Prog64{
		{
			Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X),
			Vaddr: loadAddress, Paddr: loadAddress, Filesz: size, Memsz: size,
			Align: 0x10000, // the largest page of arm64
		},
		{Type: uint32(elf.PT_GNU_STACK), Flags: uint32(elf.PF_R | elf.PF_W)},
	}
	var b bytes.Buffer
	// Writing fixed-size values to a buffer cannot fail.
	_ = binary.Write(&b, binary.LittleEndian, head)
	_ = binary.Write(&b, binary.LittleEndian, segments)
	b.Write(code)
	return b.Bytes()
}
