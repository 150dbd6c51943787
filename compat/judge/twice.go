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
	want, got, same = decide(script, dash, ours)
	if slow := Slower(script, 8); !same && slow != script {
		return decide(slow, dash, ours)
	}
	return want, got, same
}

// decide runs ours once, and dash until it does the same, or has not in some runs: alone,
// and then in crowds, since which of two processes is faster depends on what else runs.
func decide[R comparable](script string, dash, ours func(script string) R) (want, got R, same bool) {
	want, got = dash(script), ours(script)
	for n := 0; n < 5 && !same; n++ {
		same = want == got || dash(script) == got
	}
	for n := 0; n < 6 && !same; n++ {
		same = slices.Contains(crowd(script, dash), got)
	}
	return want, got, same
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
