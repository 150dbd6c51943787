package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// median is the middle one, of an even number the later of the two.
func median[T cmp.Ordered](list []T) T {
	s := slices.Sorted(slices.Values(list))
	return s[len(s)/2]
}

// quotient is 0 where there is nothing to divide by.
func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }

// short is a figure with three digits that count.
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

// times is a ratio as people read it.
func times(v float64) string {
	if v == 0 {
		return "–"
	}
	return short(v) + "×"
}
