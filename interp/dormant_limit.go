//go:build !dozy

package interp

import "time"

// shortest is the time that a shell waits before it becomes dormant. To become dormant and to
// wake take some milliseconds.
const shortest = 250 * time.Millisecond
