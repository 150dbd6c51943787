package layer

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// paxRecords returns the text of an extended header, see pax(1).
func paxRecords(records map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(records)) {
		// the length of a record counts its own digits
		rest := " " + name + "=" + records[name] + "\n"
		size := len(rest) + len(strconv.Itoa(len(rest)))
		if digits := len(strconv.Itoa(size)); digits+len(rest) != size {
			size = digits + len(rest)
		}
		b.WriteString(strconv.Itoa(size) + rest)
	}
	return b.String()
}

// rawHeader returns a header of the form ustar. Sizes that it has no room for are in a PAX
// record.
func rawHeader(name string, kind byte, mode, size int64) []byte {
	const octalLimit = 1 << 33
	if size >= octalLimit {
		size = 0
	}
	h := make([]byte, 512)
	copy(h, name)
	copy(h[100:], fmt.Sprintf("%07o\x00%07o\x00%07o\x00%011o\x00%011o\x00", mode, 0, 0, size, 0))
	copy(h[148:], "        ")
	h[156] = kind
	copy(h[257:], "ustar\x0000")
	sum := 0
	for _, ch := range h {
		sum += int(ch)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h
}
