package judge

import (
	"regexp"
	"slices"
	"strconv"
	"sync"
)

// Same compares what dash and ours do with a script. Where they differ, dash is asked
// again, as it does not always do the same itself: the death of a process that comes
// between two of its commands is not told as one that it waits for is. Ours is run
// again only where the script leaves time for something with sleep, which may have been
// too short on a busy machine: both are given eight times as long then.
func Same[R comparable](script string, dash, ours func(script string) R) (want, got R, same bool) {
	return judged(script, dash, ours, func(script string) (want, got R) {
		return dash(script), ours(script)
	})
}

// SameBeside is Same for scripts that share nothing, such as a folder: the two begin at
// the same time, which takes half as long.
func SameBeside[R comparable](script string, dash, ours func(script string) R) (want, got R,
	same bool) {
	return judged(script, dash, ours, func(script string) (want, got R) {
		return Beside(func() R { return dash(script) }, func() R { return ours(script) })
	})
}

// Beside has both answer at the same time.
func Beside[R any](dash, ours func() R) (want, got R) {
	var both sync.WaitGroup
	both.Go(func() { want = dash() })
	got = ours()
	both.Wait()
	return want, got
}

// judged is Same with another way to run both for the first time.
func judged[R comparable](script string, dash, ours func(script string) R,
	both func(script string) (want, got R)) (want, got R, same bool) {
	once := func(script string) bool {
		want, got = both(script)
		return want == got || repeats(script, dash, got)
	}
	same = once(script)
	if slow := Slower(script, 8); !same && slow != script {
		same = once(slow)
	}
	return want, got, same
}

// repeats has dash run until it does what ours did, or has not in some runs: alone, and
// then in crowds, since which of two processes is faster depends on what else runs.
func repeats[R comparable](script string, dash func(script string) R, got R) (same bool) {
	for n := 0; n < 5 && !same; n++ {
		same = dash(script) == got
	}
	for n := 0; n < 6 && !same; n++ {
		same = slices.Contains(crowd(script, dash), got)
	}
	return same
}

// crowd runs a script eight times at once.
func crowd[R comparable](script string, shell func(script string) R) []R {
	answers := make([]R, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = shell(script) })
	}
	all.Wait()
	return answers
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
