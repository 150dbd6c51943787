//go:build !race

package kit

// Race reports whether the tests are built with the race detector, which makes the start of
// a process very slow.
const Race = false
