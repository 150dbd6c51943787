//go:build overlayentry && (amd64 || arm64)

package signals

import (
	"sync"
	"unsafe"
)

// zstdTask is the initialisation of the package zstd, which the entry marks as done.
// needless.s sets it.
var zstdTask unsafe.Pointer

// runInit runs an initialisation that has not been done.
//
//go:linkname runInit runtime.doInit1
func runInit(task unsafe.Pointer)

var zstdOnce sync.Once

// InitZstd initialises the package zstd of github.com/klauspost/compress. Its tables would take
// a seventh of each start; only a backup needs them.
func InitZstd() {
	zstdOnce.Do(func() {
		const done = 2 // as in needless.h
		if state := (*uint32)(zstdTask); entered && *state == done {
			*state = 0
			runInit(zstdTask)
		}
	})
}
