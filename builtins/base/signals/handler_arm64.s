#include "textflag.h"

#define SYS_write 64
#define SYS_tgkill 131
#define SYS_rt_sigaction 134
#define SYS_rt_sigreturn 139
#define SYS_getpid 172
#define SYS_gettid 178
#define SI_TKILL -6

#define FAULT 0
#define OWN 1
#define PREEMPT 2

// siginfo_t
#define si_code 8
#define si_pid 16

// handler is called by the kernel with the number of a signal in R0 and a siginfo_t in
// R1. It must do nothing that needs the Go runtime, and touches no Go stack.
TEXT ·handler(SB), NOSPLIT|NOFRAME, $0
	MOVW  si_code(R1), R9
	MOVW  si_pid(R1), R10
	MOVW  ·self(SB), R13
	MOVD  $·rules(SB), R11
	MOVBU (R11)(R0), R12

	TBZ  $FAULT, R12, own
	CMPW $0, R9
	BLE  own
	MOVD ·faultHandler(SB), R9
	B    (R9)

own:
	TBZ  $OWN, R12, preempt
	CMPW R13, R10
	BNE  preempt
	MOVW ·deliberate(SB), R11
	CBZW R11, done

preempt:
	TBZ  $PREEMPT, R12, note
	CMNW $6, R9 // SI_TKILL
	BNE  note
	CMPW R13, R10
	BEQ  done

note:
	MOVD $·wanted(SB), R11
	LSL  $3, R0, R13
	ADD  R13, R11
	MOVD (R11), R13
	CBZ  R13, default
	MOVD $·pending(SB), R11
again:
	LDAXR (R11), R14
	ORR   R13, R14
	STLXR R14, (R11), R15
	CBNZ  R15, again
	DMB   $0xB // ISH: the bit is seen by who has set polling
	MOVW  ·polling(SB), R11
	CBZW  R11, done
	SUB   $16, RSP
	MOVD  $1, R11
	MOVD  R11, 8(RSP)
	MOVW  ·wakeFD(SB), R0
	ADD   $8, RSP, R1
	MOVD  $8, R2
	MOVD  $SYS_write, R8
	SVC
	ADD   $16, RSP
done:
	RET

// The default action is taken when this handler has returned.
default:
	MOVD R0, R19
	SUB  $48, RSP
	MOVD ZR, 8(RSP)
	MOVD ZR, 16(RSP)
	MOVD ZR, 24(RSP)
	MOVD ZR, 32(RSP)
	ADD  $8, RSP, R1
	MOVD ZR, R2
	MOVD $8, R3
	MOVD $SYS_rt_sigaction, R8
	SVC
	ADD  $48, RSP
	MOVD $SYS_getpid, R8
	SVC
	MOVD R0, R20
	MOVD $SYS_gettid, R8
	SVC
	MOVD R0, R1
	MOVD R20, R0
	MOVD R19, R2
	MOVD $SYS_tgkill, R8
	SVC
	RET

TEXT ·restorer(SB), NOSPLIT|NOFRAME, $0
	MOVD $SYS_rt_sigreturn, R8
	SVC
	BRK

// func handlerPC() uintptr
TEXT ·handlerPC(SB), NOSPLIT, $0-8
	MOVD $·handler(SB), R0
	MOVD R0, ret+0(FP)
	RET

// func restorerPC() uintptr
TEXT ·restorerPC(SB), NOSPLIT, $0-8
	MOVD $·restorer(SB), R0
	MOVD R0, ret+0(FP)
	RET
