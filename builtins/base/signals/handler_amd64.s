#include "textflag.h"

#define SYS_write 1
#define SYS_rt_sigaction 13
#define SYS_rt_sigreturn 15
#define SYS_getpid 39
#define SYS_gettid 186
#define SYS_tgkill 234
#define SI_TKILL -6

#define FAULT 1
#define OWN 2
#define PREEMPT 4

// siginfo_t
#define si_code 8
#define si_pid 16

// handler is called by the kernel with the number of a signal in DI and a siginfo_t in
// SI. It must do nothing that needs the Go runtime, and touches no Go stack.
TEXT ·handler(SB), NOSPLIT|NOFRAME, $0
	MOVL    si_code(SI), R8
	MOVL    si_pid(SI), R9
	LEAQ    ·rules(SB), R10
	MOVBLZX (R10)(DI*1), R11

	TESTL $FAULT, R11
	JZ    own
	CMPL  R8, $0
	JLE   own
	MOVQ  ·faultHandler(SB), AX
	JMP   AX

own:
	TESTL $OWN, R11
	JZ    preempt
	CMPL  R9, ·self(SB)
	JNE   preempt
	CMPL  ·deliberate(SB), $0
	JEQ   done

preempt:
	TESTL $PREEMPT, R11
	JZ    note
	CMPL  R8, $SI_TKILL
	JNE   note
	CMPL  R9, ·self(SB)
	JEQ   done

note:
	LEAQ  ·wanted(SB), R10
	MOVQ  (R10)(DI*8), AX
	TESTQ AX, AX
	JZ    default
	LOCK
	ORQ   AX, ·pending(SB)
	CMPL  ·polling(SB), $0
	JEQ   done
	MOVQ  $1, -16(SP) // in the red zone
	MOVL  ·wakeFD(SB), DI
	LEAQ  -16(SP), SI
	MOVQ  $8, DX
	MOVQ  $SYS_write, AX
	SYSCALL
done:
	RET

// The default action is taken when this handler has returned.
default:
	MOVQ  $0, -32(SP) // an action, all zero
	MOVQ  $0, -24(SP)
	MOVQ  $0, -16(SP)
	MOVQ  $0, -8(SP)
	MOVQ  DI, R12
	LEAQ  -32(SP), SI
	XORQ  DX, DX
	MOVQ  $8, R10
	MOVQ  $SYS_rt_sigaction, AX
	SYSCALL
	MOVQ  $SYS_getpid, AX
	SYSCALL
	MOVQ  AX, R13
	MOVQ  $SYS_gettid, AX
	SYSCALL
	MOVQ  R13, DI
	MOVQ  AX, SI
	MOVQ  R12, DX
	MOVQ  $SYS_tgkill, AX
	SYSCALL
	RET

TEXT ·restorer(SB), NOSPLIT|NOFRAME, $0
	MOVQ $SYS_rt_sigreturn, AX
	SYSCALL
	INT  $3

// func handlerPC() uintptr
TEXT ·handlerPC(SB), NOSPLIT, $0-8
	LEAQ ·handler(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// func restorerPC() uintptr
TEXT ·restorerPC(SB), NOSPLIT, $0-8
	LEAQ ·restorer(SB), AX
	MOVQ AX, ret+0(FP)
	RET
