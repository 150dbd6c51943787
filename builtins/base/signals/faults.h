// The faults that the runtime turns into a panic or a trace: ILL, TRAP, BUS, FPE and
// SEGV, as bits of their numbers.
#define FAULTS ((1<<4) | (1<<5) | (1<<7) | (1<<8) | (1<<11))
