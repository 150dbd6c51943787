//go:build dozy

package interp

import "time"

// shortest is zero: with the tag dozy, all tests run on shells that become dormant whenever
// they can.
const shortest = time.Duration(0)
