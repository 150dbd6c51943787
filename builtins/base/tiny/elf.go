package tiny

import "encoding/binary"

const (
	loadAddress = 0x400000
	headerSize  = 64 + 2*56 // the ELF header and two program headers
)

// Values of elf(5). Package debug/elf has them, too, but its initialisation would cost time at
// each start of the program.
const (
	elfClass64   = 2
	elfLittle    = 1
	elfVersion   = 1
	elfExec      = 2
	segmentLoad  = 1
	segmentStack = 0x6474e551
	flagExecute  = 1
	flagWrite    = 2
	flagRead     = 4
)

// elfFile wraps code into a static program. Its only segment is readable and executable, and
// holds the headers and the code. Its stack is not executable. There is no data segment, since
// a program writes only to the stack.
func elfFile(machine uint16, code []byte) []byte {
	le := binary.LittleEndian
	b := make([]byte, 0, headerSize+len(code))
	b = append(b, 0x7F, 'E', 'L', 'F', elfClass64, elfLittle, elfVersion,
		0, 0, 0, 0, 0, 0, 0, 0, 0) // e_ident
	b = le.AppendUint16(b, elfExec)                // e_type
	b = le.AppendUint16(b, machine)                // e_machine
	b = le.AppendUint32(b, elfVersion)             // e_version
	b = le.AppendUint64(b, loadAddress+headerSize) // e_entry
	b = le.AppendUint64(b, 64)                     // e_phoff
	b = le.AppendUint64(b, 0)                      // e_shoff
	b = le.AppendUint32(b, 0)                      // e_flags
	b = le.AppendUint16(b, 64)                     // e_ehsize
	b = le.AppendUint16(b, 56)                     // e_phentsize
	b = le.AppendUint16(b, 2)                      // e_phnum
	b = append(b, 0, 0, 0, 0, 0, 0)                // no sections
	size := uint64(headerSize + len(code))
	// The alignment is the largest page size of arm64.
	b = appendSegment(b, segmentLoad, flagRead|flagExecute, loadAddress, size, 0x10000)
	b = appendSegment(b, segmentStack, flagRead|flagWrite, 0, 0, 0)
	return append(b, code...)
}

// appendSegment appends a program header for the bytes from the start of the file on.
func appendSegment(b []byte, kind, flags uint32, address, size, align uint64) []byte {
	le := binary.LittleEndian
	b = le.AppendUint32(b, kind)
	b = le.AppendUint32(b, flags)
	b = le.AppendUint64(b, 0) // p_offset
	b = le.AppendUint64(b, address)
	b = le.AppendUint64(b, address)
	b = le.AppendUint64(b, size)
	b = le.AppendUint64(b, size)
	return le.AppendUint64(b, align)
}
