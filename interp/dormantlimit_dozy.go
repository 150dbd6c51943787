//go:build dozy

package interp

import "time"

// shortest is no time: the tests run all that they know with shells that are dormant
// whenever they can be.
const shortest = time.Duration(0)
