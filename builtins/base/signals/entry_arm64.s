//go:build overlayentry

#include "textflag.h"
#include "raise.h"
#include "faults.h"
#include "needless.h"

#define SYS_rt_sigaction 134
#define SYS_rt_sigprocmask 135
#define SYS_write 64
#define SYS_fcntl 25
#define SYS_getuid 174
#define SYS_exit_group 94
#define F_GETFD 1
#define SYS_prlimit64 261
#define SIG_SETMASK 2
#define NSIG 64
// The size of an element of runtime.sigtable, its flags and the length of its text.
#define ELEMENT 24
#define FLAGS(n) (n*ELEMENT)
#define LENGTH(n) (n*ELEMENT+16)

TEXT overlay_entry(SB), NOSPLIT|NOFRAME, $0
	B ·entry(SB)

// func entry()
//
// The stack above SP is as the kernel made it and stays so.
TEXT ·entry(SB), NOSPLIT|NOFRAME, $0-0
	MOVD R0, R25
	MOVD RSP, R9
	MOVD R9, ·stack(SB)
	MOVD (R9), R10
	LSL  $3, R10
	ADD  $16, R10
	ADD  R10, R9 // the environment
	MOVD $GO, R11
	MOVD $HIDDEN, R12
env:
	MOVD.P 8(R9), R10
	CBZ  R10, raise
	MOVBU 0(R10), R13
	MOVBU 1(R10), R14
	ORR  R14<<8, R13
	CMPW R11, R13
	BNE  env
	MOVB R12, (R10)
	B    env

raise:
	SUB  $64, RSP
	MOVD $·raises(SB), R20
	MOVD $·found(SB), R21
	MOVD $RAISES, R22
limit:
	MOVD ZR, R0
	MOVD RESOURCE(R20), R1
	MOVD ZR, R2
	MOVD R21, R3
	MOVD $SYS_prlimit64, R8
	SVC
	MOVD 0(R21), R9
	MOVD BELOW(R20), R10
	CMP  R10, R9
	BHS  enough
	MOVD WANT(R20), R9
	MOVD 8(R21), R10
	CMP  R9, R10
	BHS  wanted
	MOVD R9, R10
wanted:
	MOVD R9, 8(RSP)
	MOVD R10, 16(RSP)
	MOVD ZR, R0
	MOVD RESOURCE(R20), R1
	ADD  $8, RSP, R2
	MOVD ZR, R3
	MOVD $SYS_prlimit64, R8
	SVC
	CBZ  R0, enough
	MOVD 8(R21), R9
	MOVD R9, 8(RSP)
	MOVD R9, 16(RSP)
	MOVD ZR, R0
	MOVD RESOURCE(R20), R1
	ADD  $8, RSP, R2
	MOVD ZR, R3
	MOVD $SYS_prlimit64, R8
	SVC
	MOVD 8(R21), R9
	MOVD FLOOR(R20), R10
	CMP  R10, R9
	BHS  enough
	MOVD RESOURCE(R20), R9
	CMP  $RLIMIT_NPROC, R9
	BNE  small
	MOVD $SYS_getuid, R8 // the limit is not for root
	SVC
	CBNZ R0, small
enough:
	ADD  $RAISE, R20
	ADD  $16, R21
	SUB  $1, R22
	CBNZ R22, limit
	ADD  $64, RSP

	MOVD $runtime·sigtable(SB), R20
	MOVWU FLAGS(1)(R20), R9
	CMPW $3, R9
	BNE  done
	MOVD LENGTH(1)(R20), R9
	CMP  $28, R9
	BNE  done
	MOVWU FLAGS(11)(R20), R9
	CMPW $0x88, R9
	BNE  done
	MOVWU FLAGS(64)(R20), R9
	CMPW $1, R9
	BNE  done

	SUB  $64, RSP
	MOVD ZR, R21 // those that are ignored
	MOVD $1, R22
	MOVD $ELEMENT, R24
ask:
	MOVD ZR, 8(RSP)
	MOVD R22, R0
	MOVD ZR, R1
	ADD  $8, RSP, R2
	MOVD $8, R3
	MOVD $SYS_rt_sigaction, R8
	SVC
	MOVD 8(RSP), R9
	CMP  $1, R9
	BNE  next
	SUB  $1, R22, R10
	MOVD $1, R9
	LSL  R10, R9
	ORR  R9, R21
next:
	MOVD $FAULTS, R9
	LSR  R22, R9
	TBNZ $0, R9, keep
	MUL  R24, R22, R9
	ADD  R20, R9
	MOVW ZR, (R9)
keep:
	ADD  $1, R22
	CMP  $NSIG, R22
	BLE  ask
	MOVD R21, ·inherited(SB)

	MOVD ZR, R21 // those of 0 to 2 that are closed
	MOVD ZR, R22
file:
	MOVD R22, R0
	MOVD $F_GETFD, R1
	MOVD $SYS_fcntl, R8
	SVC
	CMP  $0, R0
	BGE  open
	MOVD $1, R9
	LSL  R22, R9
	ORR  R9, R21
open:
	ADD  $1, R22
	CMP  $3, R22
	BLT  file
	MOVD R21, ·closed(SB)

	MOVD $-1, R9
	MOVD R9, 8(RSP)
	MOVD $SIG_SETMASK, R0
	ADD  $8, RSP, R1
	MOVD $·mask(SB), R2
	MOVD $8, R3
	MOVD $SYS_rt_sigprocmask, R8
	SVC
	MOVD $1, R9
	MOVB R9, ·entered(SB)

	MOVD $·found(SB), R21
	MOVD $·raises(SB), R20
	MOVD (FILES*16)(R21), R9
	MOVD (FILES*RAISE+BELOW)(R20), R10
	CMP  R10, R9
	BLO  lowered // it has been raised instead
	MOVD $STANDARD, R9
	MOVD R9, 8(RSP)
	MOVD (FILES*16+8)(R21), R9
	MOVD R9, 16(RSP)
	MOVD ZR, R0
	MOVD $RLIMIT_NOFILE, R1
	ADD  $8, RSP, R2
	MOVD ZR, R3
	MOVD $SYS_prlimit64, R8
	SVC
lowered:
	ADD  $64, RSP
done:
	MOVD $·needless(SB), R20
	MOVD $NEEDLESS, R22
task:
	MOVD (R20), R21
	MOVWU FUNCTIONS(R21), R9
	SUBW $1, R9
	CMPW $MOST, R9
	BHS  other
	MOVWU STATE(R21), R9
	CBNZW R9, other
	MOVD $DONE, R9
	MOVW R9, STATE(R21)
other:
	ADD  $8, R20
	SUB  $1, R22
	CBNZ R22, task
	MOVD R25, R0
	B    _rt0_arm64_linux(SB)

small:
	MOVD $2, R0
	MOVD WORDS(R20), R1
	MOVD WORDSLEN(R20), R2
	MOVD $SYS_write, R8
	SVC
	MOVD $2, R0
	MOVD $SYS_exit_group, R8
	SVC
	B    small
