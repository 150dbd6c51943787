/*
 * spawn N FILE NAME ARGUMENT...: starts a program N times, one after the other, and prints
 * how many nanoseconds that took.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	long long begin = now();
	int i, status, n = argc > 3 ? atoi(argv[1]) : 0;
	pid_t pid;

	for (i = 0; i < n; i++) {
		if (posix_spawn(&pid, argv[2], 0, 0, argv + 3, environ) ||
		    waitpid(pid, &status, 0) < 0 || status) {
			fprintf(stderr, "spawn: %s failed\n", argv[2]);
			return 1;
		}
	}
	printf("%lld\n", now() - begin);
	return 0;
}
