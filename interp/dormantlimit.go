//go:build !dozy

package interp

import "time"

// shortest is how long a shell waits before it is dormant: to be so, and back, takes some
// milliseconds.
const shortest = 250 * time.Millisecond
