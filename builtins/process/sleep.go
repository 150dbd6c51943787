package process

import (
	"math"
	"strings"
	"time"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// Sleep is sleep(1).
func Sleep(c *native.Call) int {
	_, args, problem := c.Options(nil, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if len(args) == 0 {
		return c.UsageError(1, "missing operand")
	}
	seconds, bad := 0.0, false
	for _, arg := range args {
		s, ok := parseInterval(arg)
		if !ok {
			c.Errorf("invalid time interval %s", native.QuoteText(arg))
			bad = true
		}
		seconds += s
	}
	if bad {
		return c.NodeHint(false, "")
	}
	if seconds > math.MaxInt64/2e9 {
		select {}
	}
	time.Sleep(time.Duration(math.Ceil(seconds * 1e9)))
	return 0
}

// parseInterval reads a number of seconds, or of another unit given by its letter.
func parseInterval(arg string) (seconds float64, ok bool) {
	n, rest, ok := clib.Strtod(arg)
	unit := 1.0
	if rest != "" {
		i := strings.IndexByte("smhd", rest[0])
		if i < 0 || len(rest) > 1 {
			return 0, false
		}
		unit = [...]float64{1, 60, 3600, 86400}[i]
	}
	return n * unit, ok && n >= 0
}
