package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// median returns the middle element; of an even number, the upper of the two.
func median[T cmp.Ordered](list []T) T {
	s := slices.Sorted(slices.Values(list))
	return s[len(s)/2]
}

// quotient returns a/b, or 0 if b is 0.
func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }

// short returns a figure with three significant digits.
func short(v float64) string {
	switch a := math.Abs(v); {
	case v == 0:
		return "0"
	case a < 0.995:
		return fmt.Sprintf("%.3f", v)
	case a < 9.995:
		return fmt.Sprintf("%.2f", v)
	case a < 99.95:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// times returns a ratio for people.
func times(v float64) string {
	if v == 0 {
		return "–"
	}
	return short(v) + "×"
}
