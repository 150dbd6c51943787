//go:build overlayentry && (amd64 || arm64)

#include "textflag.h"
#include "needless.h"

// The tasks of the packages whose initialisation serves regular expressions of package
// regexp and the printer of package syntax only, neither of which this program uses: it
// takes about a tenth of a start.
DATA ·needless+0(SB)/8, $mvdan·cc∕sh∕v3∕fileutil··inittask(SB)
DATA ·needless+8(SB)/8, $regexp··inittask(SB)
DATA ·needless+16(SB)/8, $regexp∕syntax··inittask(SB)
DATA ·needless+24(SB)/8, $unicode··inittask(SB)
GLOBL ·needless(SB), RODATA, $(NEEDLESS*8)
