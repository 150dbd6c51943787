package awk

// part is where substr cuts a string of n bytes. mawk cuts off fractions, makes a length
// longer by what is missing before the string, and reckons with 32 bits.
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
