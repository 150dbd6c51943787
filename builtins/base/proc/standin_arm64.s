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
	MOVD args+0(FP), R0
	MOVD size+8(FP), R1
	MOVD server+16(FP), R20
	MOVD x+24(FP), R19
	MOVD $SYS_clone3, R8
	SVC
	CBZ  R0, child
	MOVD R0, pid+32(FP)
	MOVD ZR, errno+40(FP)
	CMN  $MAX_ERRNO, R0
	BCC  done
	NEG  R0, R0
	MOVD R0, errno+40(FP)
	MOVD ZR, pid+32(FP)
done:
	RET
child:
	SUB  $32, RSP // what is called may put its arguments there
	MOVD ZR, R29
	MOVD R19, R0
	MOVD R20, R26
	MOVD (R26), R1
	CALL (R1)
	BRK
