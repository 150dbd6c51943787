// The table needless: how many tasks there are. A task, runtime.initTask, begins with its
// state, 0 at first and 2 when it is done, and the number of its functions, both 32 bits;
// one of another form than this Go version's is left alone.
#define NEEDLESS 4
#define STATE 0
#define FUNCTIONS 4
#define DONE 2
#define MOST 8
