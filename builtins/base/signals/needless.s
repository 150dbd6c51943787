//go:build overlayentry && (amd64 || arm64)

#include "textflag.h"
#include "needless.h"

// The tasks of the packages whose initialisation serves regular expressions of package
// regexp and the printer of package syntax only, neither of which this program uses: it
// takes about a tenth of a start. snapref reads the format of snappy, which nothing here does;
// zstd is initialised by InitZstd, where it is used.
DATA ·needless+0(SB)/8, $mvdan·cc∕sh∕v3∕fileutil··inittask(SB)
DATA ·needless+8(SB)/8, $regexp··inittask(SB)
DATA ·needless+16(SB)/8, $regexp∕syntax··inittask(SB)
DATA ·needless+24(SB)/8, $unicode··inittask(SB)
DATA ·needless+32(SB)/8, $github·com∕klauspost∕compress∕internal∕snapref··inittask(SB)
DATA ·needless+40(SB)/8, $github·com∕klauspost∕compress∕zstd··inittask(SB)
GLOBL ·needless(SB), RODATA, $(NEEDLESS*8)

DATA ·zstdTask+0(SB)/8, $github·com∕klauspost∕compress∕zstd··inittask(SB)
GLOBL ·zstdTask(SB), NOPTR, $8
