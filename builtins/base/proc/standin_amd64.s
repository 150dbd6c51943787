#include "textflag.h"

#define SYS_clone3 435
#define MAX_ERRNO 4095

// func cloneServer(args *cloneArgs, size uintptr, server func(*exchange), x *exchange) (
//	pid uintptr, errno unix.Errno)
//
// The child finds nothing on its stack: what it needs is in registers. It calls the server
// as Go does (abi-internal.md of the Go compiler) and not by a name, which would be that of
// a wrapper that the race detector looks into.
TEXT ·cloneServer(SB), NOSPLIT|NOFRAME, $0-48
	MOVQ args+0(FP), DI
	MOVQ size+8(FP), SI
	MOVQ server+16(FP), R13
	MOVQ x+24(FP), R12
	MOVL $SYS_clone3, AX
	SYSCALL
	TESTQ AX, AX
	JEQ  child
	MOVQ $0, errno+40(FP)
	MOVQ AX, pid+32(FP)
	CMPQ AX, $-MAX_ERRNO
	JCS  done
	NEGQ AX
	MOVQ AX, errno+40(FP)
	MOVQ $0, pid+32(FP)
done:
	RET
child:
	SUBQ $32, SP // what is called may put its arguments there
	XORL BP, BP
	XORPS X15, X15
	MOVQ R12, AX
	MOVQ R13, DX
	MOVQ (DX), CX
	CALL CX
	INT  $3
