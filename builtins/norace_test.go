//go:build !race

package builtins

const raceDetector = false
