//go:build !overlayentry || !(amd64 || arm64)

package signals

// InitZstd does nothing: without an entry of its own, the program initialises each package.
func InitZstd() {}
