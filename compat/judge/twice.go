package judge

import (
	"regexp"
	"slices"
	"strconv"
	"sync"
)

// Same compares the results of a script with dash and with ours. If they differ, dash runs
// again, since dash itself is not always consistent: it reports the death of a process
// between two of its commands otherwise than that of one that it waits for. Ours runs again
// only if the script waits with sleep, which may have been too short on a busy machine.
// Both then sleep eight times as long.
func Same[R comparable](script string, dash, ours func(script string) R) (want, got R, same bool) {
	return judged(script, dash, ours, func(script string) (want, got R) {
		return dash(script), ours(script)
	})
}

// SameBeside is Same for scripts that share nothing, such as a folder. The two start at the
// same time, which takes half as long.
func SameBeside[R comparable](script string, dash, ours func(script string) R) (want, got R,
	same bool) {
	return judged(script, dash, ours, func(script string) (want, got R) {
		return Beside(func() R { return dash(script) }, func() R { return ours(script) })
	})
}

// Beside runs both at the same time.
func Beside[R any](dash, ours func() R) (want, got R) {
	var both sync.WaitGroup
	both.Go(func() { want = dash() })
	got = ours()
	both.Wait()
	return want, got
}

// judged is Same with the first run of both by another function.
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

// repeats runs dash until its result is that of ours, up to a limit: alone first, and then
// in crowds, since which of two processes is faster depends on what else runs.
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

// Slower multiplies the sleeps of a script. Sleeps of three seconds or more stay, since
// they are not meant to end.
func Slower(script string, times float64) string {
	return sleeps.ReplaceAllStringFunc(script, func(text string) string {
		seconds, err := strconv.ParseFloat(text[len("sleep "):], 64)
		if err != nil || seconds >= 3 {
			return text
		}
		return "sleep " + strconv.FormatFloat(seconds*times, 'f', -1, 64)
	})
}
