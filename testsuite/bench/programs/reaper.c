/*
 * The pid 1 of a measured subhost. The first thing that it does is to note the time, in
 * /.running, by the clock that the bench reads, too: nobody has to look whether it runs.
 * Then it collects processes until there are none, or with a second argument for ever.
 *
 *     gcc -O2 -static -nostdlib -ffreestanding reaper.c
 */
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>

#ifdef __x86_64__
static long call(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	__asm__ volatile("syscall" : "+a"(nr) : "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return nr;
}
__asm__(".globl _start\n_start: mov %rsp,%rdi\n and $-16,%rsp\n call begin\n");
#else
static long call(long nr, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}
__asm__(".globl _start\n_start: mov x0,sp\n bl begin\n");
#endif

/* The kernel puts argc where the stack begins. */
__attribute__((noreturn, used)) void begin(const long *argc)
{
	struct timespec now;
	long fd, ended;

	call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0);
	fd = call(SYS_openat, AT_FDCWD, (long)"/.running", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	call(SYS_write, fd, (long)&now, sizeof now, 0);
	call(SYS_close, fd, 0, 0, 0);
	do {
		ended = call(SYS_wait4, -1, 0, 0, 0);
		if (ended < 0 && *argc > 2)
			call(SYS_ppoll, 0, 0, 0, 0);
	} while (ended > 0 || *argc > 2);
	for (;;)
		call(SYS_exit_group, 0, 0, 0, 0);
}
