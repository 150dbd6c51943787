#include "textflag.h"

#define SYS_clone3 435
#define MAX_ERRNO 4095

// func clone3(args *cloneArgs, size uintptr) (pid uintptr, errno unix.Errno)
//
// The child, which returns first, writes over the return address on the stack. It is
// therefore kept in a register meanwhile: the kernel gives the parent its own back.
TEXT ·clone3(SB), NOSPLIT|NOFRAME, $0-32
	MOVQ args+0(FP), DI
	MOVQ size+8(FP), SI
	MOVL $SYS_clone3, AX
	POPQ R13
	SYSCALL
	PUSHQ R13
	MOVQ $0, errno+24(FP)
	MOVQ AX, pid+16(FP)
	CMPQ AX, $-MAX_ERRNO
	JCS  done
	NEGQ AX
	MOVQ AX, errno+24(FP)
	MOVQ $0, pid+16(FP)
done:
	RET
