/*
 * via: becomes the program that $BENCH_CALL names, with arguments after blanks. So they are
 * in nobody's command line but the program's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	char *words[20], *call = getenv("BENCH_CALL");
	int n = 0;

	if (!call)
		return 2;
	call = strdup(call);
	unsetenv("BENCH_CALL");
	for (call = strtok(call, " "); call && n < 19; call = strtok(0, " "))
		words[n++] = call;
	words[n] = 0;
	execv(words[0], words);
	perror(words[0]);
	return 127;
}
