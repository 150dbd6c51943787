/*
 * crowd N: makes N processes that sleep, says so by a line, and sleeps. They end with it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 0;

	for (; n > 0; n--) {
		switch (fork()) {
		case -1:
			perror("crowd");
			return 1;
		case 0:
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			return 0;
		}
	}
	puts("all");
	fflush(stdout);
	pause();
	return 0;
}
