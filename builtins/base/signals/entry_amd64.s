//go:build overlayentry

#include "textflag.h"
#include "raise.h"

#define SYS_rt_sigaction 13
#define SYS_rt_sigprocmask 14
#define SYS_write 1
#define SYS_fcntl 72
#define SYS_getuid 102
#define SYS_exit_group 231
#define F_GETFD 1
#define SYS_prlimit64 302
#define SIG_SETMASK 2
#define NSIG 64
#include "faults.h"
#include "needless.h"
// The size of an element of runtime.sigtable, its flags and the length of its text.
#define ELEMENT 24
#define FLAGS(n) (n*ELEMENT)
#define LENGTH(n) (n*ELEMENT+16)

TEXT overlay_entry(SB), NOSPLIT|NOFRAME, $0
	JMP ·entry(SB)

// func entry()
//
// The stack above SP is as the kernel made it and stays so.
TEXT ·entry(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ DX, R15
	MOVQ SP, ·stack(SB)
	MOVQ 0(SP), AX
	LEAQ 16(SP)(AX*8), BX // the environment
env:
	MOVQ (BX), SI
	ADDQ $8, BX
	TESTQ SI, SI
	JEQ  raise
	CMPW (SI), $GO
	JNE  env
	MOVB $HIDDEN, (SI)
	JMP  env

raise:
	SUBQ $64, SP
	LEAQ ·raises(SB), R13
	LEAQ ·found(SB), R14
	MOVQ $RAISES, R12
limit:
	XORQ DI, DI
	MOVQ RESOURCE(R13), SI
	XORQ DX, DX
	MOVQ R14, R10
	MOVQ $SYS_prlimit64, AX
	SYSCALL
	MOVQ 0(R14), AX
	CMPQ AX, BELOW(R13)
	JCC  enough
	MOVQ WANT(R13), AX
	MOVQ 8(R14), CX
	CMPQ CX, AX
	JCC  wanted
	MOVQ AX, CX
wanted:
	MOVQ AX, 0(SP)
	MOVQ CX, 8(SP)
	XORQ DI, DI
	MOVQ RESOURCE(R13), SI
	MOVQ SP, DX
	XORQ R10, R10
	MOVQ $SYS_prlimit64, AX
	SYSCALL
	TESTQ AX, AX
	JEQ  enough
	MOVQ 8(R14), AX
	MOVQ AX, 0(SP)
	MOVQ AX, 8(SP)
	XORQ DI, DI
	MOVQ RESOURCE(R13), SI
	MOVQ SP, DX
	XORQ R10, R10
	MOVQ $SYS_prlimit64, AX
	SYSCALL
	MOVQ 8(R14), AX
	CMPQ AX, FLOOR(R13)
	JCC  enough
	CMPQ RESOURCE(R13), $RLIMIT_NPROC
	JNE  small
	MOVQ $SYS_getuid, AX // the limit is not for root
	SYSCALL
	TESTQ AX, AX
	JNE  small
enough:
	ADDQ $RAISE, R13
	ADDQ $16, R14
	DECQ R12
	JNE  limit
	ADDQ $64, SP

	LEAQ runtime·sigtable(SB), R13
	CMPL FLAGS(1)(R13), $3
	JNE  done
	CMPQ LENGTH(1)(R13), $28
	JNE  done
	CMPL FLAGS(11)(R13), $0x88
	JNE  done
	CMPL FLAGS(64)(R13), $1
	JNE  done

	SUBQ $64, SP
	XORQ R14, R14 // those that are ignored
	MOVQ $1, R12
ask:
	MOVQ $0, 0(SP)
	MOVQ R12, DI
	XORQ SI, SI
	MOVQ SP, DX
	MOVQ $8, R10
	MOVQ $SYS_rt_sigaction, AX
	SYSCALL
	CMPQ 0(SP), $1
	JNE  next
	LEAQ -1(R12), CX
	BTSQ CX, R14
next:
	MOVQ $FAULTS, AX
	BTQ  R12, AX
	JCS  keep
	IMUL3Q $ELEMENT, R12, AX
	MOVL $0, (R13)(AX*1)
keep:
	INCQ R12
	CMPQ R12, $NSIG
	JLE  ask
	MOVQ R14, ·inherited(SB)

	XORQ R14, R14 // those of 0 to 2 that are closed
	XORQ R12, R12
file:
	MOVQ R12, DI
	MOVQ $F_GETFD, SI
	MOVQ $SYS_fcntl, AX
	SYSCALL
	TESTQ AX, AX
	JGE  open
	BTSQ R12, R14
open:
	INCQ R12
	CMPQ R12, $3
	JLT  file
	MOVQ R14, ·closed(SB)

	MOVQ $-1, AX
	MOVQ AX, 0(SP)
	MOVQ $SIG_SETMASK, DI
	MOVQ SP, SI
	LEAQ ·mask(SB), DX
	MOVQ $8, R10
	MOVQ $SYS_rt_sigprocmask, AX
	SYSCALL
	MOVB $1, ·entered(SB)

	LEAQ ·found(SB), R14
	LEAQ ·raises(SB), R13
	MOVQ (FILES*16)(R14), AX
	CMPQ AX, (FILES*RAISE+BELOW)(R13)
	JCS  lowered // it has been raised instead
	MOVQ $STANDARD, AX
	MOVQ AX, 0(SP)
	MOVQ (FILES*16+8)(R14), AX
	MOVQ AX, 8(SP)
	XORQ DI, DI
	MOVQ $RLIMIT_NOFILE, SI
	MOVQ SP, DX
	XORQ R10, R10
	MOVQ $SYS_prlimit64, AX
	SYSCALL
lowered:
	ADDQ $64, SP
done:
	LEAQ ·needless(SB), R13
	MOVQ $NEEDLESS, R12
task:
	MOVQ (R13), R14
	MOVL FUNCTIONS(R14), AX
	DECL AX
	CMPL AX, $MOST
	JCC  other
	CMPL STATE(R14), $0
	JNE  other
	MOVL $DONE, STATE(R14)
other:
	ADDQ $8, R13
	DECQ R12
	JNE  task
	MOVQ R15, DX
	JMP  _rt0_amd64_linux(SB)

small:
	MOVQ $2, DI
	MOVQ WORDS(R13), SI
	MOVQ WORDSLEN(R13), DX
	MOVQ $SYS_write, AX
	SYSCALL
	MOVQ $2, DI
	MOVQ $SYS_exit_group, AX
	SYSCALL
	JMP  small
