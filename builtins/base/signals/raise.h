// The table raises: how many there are, and where the parts of one stand.
#define RAISES 5
#define RESOURCE 0
#define BELOW 8
#define WANT 16
#define FLOOR 24
#define WORDS 32
#define WORDSLEN 40
#define RAISE 48
#define RLIMIT_NPROC 6
#define RLIMIT_NOFILE 7
// Where in raises and found the limit on open files stands, which the entry lowers to
// the number of standard files.
#define FILES 3
#define STANDARD 3
// "GO", as which the names begin that the runtime reads from the environment, and what
// stands there instead of G meanwhile.
#define GO 0x4f47
#define HIDDEN 7
