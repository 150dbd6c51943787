package awk

// part returns the part of a string of n bytes that substr selects. Like mawk, it truncates
// fractions, uses 32-bit integers, and extends the length by the missing part before the
// string.
func part(n int, from, size float64) (lo, hi int) {
	start, length := int32(toInt(from)), int32(toInt(size))
	if start < 0 {
		length -= start
	}
	if start < 1 {
		start = 1
	}
	if length <= 0 || int(start) > n {
		return 0, 0
	}
	lo = int(start) - 1
	return lo, min(lo+int(length), n)
}
