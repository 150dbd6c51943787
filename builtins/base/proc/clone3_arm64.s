#include "textflag.h"

#define SYS_clone3 435
#define MAX_ERRNO 4095

// func clone3(args *cloneArgs, size uintptr) (pid uintptr, errno unix.Errno)
//
// The return address stays in its register: nothing of the parent's is on the stack.
TEXT ·clone3(SB), NOSPLIT|NOFRAME, $0-32
	MOVD args+0(FP), R0
	MOVD size+8(FP), R1
	MOVD $SYS_clone3, R8
	SVC
	MOVD R0, pid+16(FP)
	MOVD ZR, errno+24(FP)
	CMN  $MAX_ERRNO, R0
	BCC  done
	NEG  R0, R0
	MOVD R0, errno+24(FP)
	MOVD ZR, pid+16(FP)
done:
	RET
