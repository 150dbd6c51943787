//go:build race

package builtins

// raceDetector says that the tests are built with it.
const raceDetector = true
