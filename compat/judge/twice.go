package judge

import (
	"regexp"
	"strconv"
)

// Same compares what dash and ours do with a script. Where they differ, dash is asked
// again, as it does not always do the same itself: the death of a process that comes
// between two of its commands is not told as one that it waits for is. Ours is run
// again only where the script leaves time for something with sleep, which may have been
// too short on a busy machine: both are given eight times as long then.
func Same[R comparable](script string, dash, ours func(script string) R) (want, got R, same bool) {
	want, got = dash(script), ours(script)
	if want == got || sometimes(script, dash, got) {
		return want, got, true
	}
	slow := Slower(script, 8)
	if slow == script {
		return want, got, false
	}
	want, got = dash(slow), ours(slow)
	return want, got, want == got || sometimes(slow, dash, got)
}

// sometimes tells whether dash does so in one of some runs.
func sometimes[R comparable](script string, dash func(string) R, what R) bool {
	for range 5 {
		if dash(script) == what {
			return true
		}
	}
	return false
}

var sleeps = regexp.MustCompile(`\bsleep (\d*\.?\d+)`)

// Slower makes the sleeps of a script so many times as long; those of three seconds and
// more are not meant to end.
func Slower(script string, times float64) string {
	return sleeps.ReplaceAllStringFunc(script, func(text string) string {
		seconds, err := strconv.ParseFloat(text[len("sleep "):], 64)
		if err != nil || seconds >= 3 {
			return text
		}
		return "sleep " + strconv.FormatFloat(seconds*times, 'f', -1, 64)
	})
}
