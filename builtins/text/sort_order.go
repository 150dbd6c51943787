package text

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"os"
	"slices"
)

// A sortEntry represents a line during the sort. If ranks differ, they are in the order of the
// lines. If ranks are equal, the first keys and then the other keys decide.
type sortEntry struct {
	rank, next uint64
	second     uint64 // rank of the second key, if there is one
	n          int    // number of the line
}

// A sortOrder holds the lines of all files and the position of the first key in each.
type sortOrder struct {
	*sorter
	lines   [][]byte
	keys    []keySpan
	first   sortKey
	entries []sortEntry
	// seconds are the entries of the second key, if there is one.
	seconds []sortEntry
}

type keySpan struct{ lo, hi int32 }

// add splits a text into lines.
func (o *sortOrder) add(text []byte) {
	count := bytes.Count(text, []byte{o.end}) + 1
	o.lines, o.entries = slices.Grow(o.lines, count), slices.Grow(o.entries, count)
	switch keys := len(o.sorter.keys); {
	case keys > 1:
		o.seconds = slices.Grow(o.seconds, count)
		fallthrough
	case keys > 0:
		o.keys = slices.Grow(o.keys, count)
	}
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte{o.end})
		o.addLine(line)
		text = rest
	}
}

func (o *sortOrder) addLine(line []byte) {
	key, rank := line, uint64(0)
	if len(o.sorter.keys) > 0 {
		lo, hi := o.first.span(line, o.tab)
		o.keys = append(o.keys, keySpan{int32(lo), int32(hi)})
		key = line[lo:hi]
	}
	if len(o.sorter.keys) > 1 {
		second := &o.sorter.keys[1]
		by := second.entry(second.cut(line, o.tab), len(o.lines))
		o.seconds = append(o.seconds, by)
		rank = by.rank
	}
	e := o.first.entry(key, len(o.lines))
	e.second = rank
	o.entries = append(o.entries, e)
	o.lines = append(o.lines, line)
}

// apart is the number of lines that is worth a thread of its own.
const apart = 1 << 15

// sort sorts entries. It sorts the halves of a large slice in parallel.
func (o *sortOrder) sort(entries []sortEntry) {
	if len(entries) < 2*apart {
		slices.SortFunc(entries, o.compare)
		return
	}
	half := len(entries) / 2
	left, right := slices.Clone(entries[:half]), entries[half:]
	done := make(chan struct{})
	go func() {
		slices.SortFunc(left, o.compare)
		close(done)
	}()
	slices.SortFunc(right, o.compare)
	<-done
	for i := 0; len(left) > 0; i++ { // the rest of right is in its place
		if len(right) > 0 && o.compare(right[0], left[0]) < 0 {
			entries[i], right = right[0], right[1:]
		} else {
			entries[i], left = left[0], left[1:]
		}
	}
}

// compare compares two lines completely. Equal lines keep their order.
func (o *sortOrder) compare(x, y sortEntry) int {
	if x.rank != y.rank { // the same result as compareKeys, and the most frequent case
		return cmp.Compare(x.rank, y.rank)
	}
	d := o.compareKeys(x, y)
	if d == 0 && !o.unique && !o.stable {
		if d = bytes.Compare(o.lines[x.n], o.lines[y.n]); o.global.reverse {
			d = -d
		}
	}
	if d == 0 {
		d = x.n - y.n
	}
	return d
}

// compareRanks compares two keys by their entries. decided reports whether the entries hold the
// whole keys.
func (k *sortKey) compareRanks(x, y sortEntry) (d int, decided bool) {
	switch {
	case x.rank != y.rank:
		return cmp.Compare(x.rank, y.rank), true
	case x.next != y.next:
		return cmp.Compare(x.next, y.next), true
	}
	return 0, k.isWhole(x)
}

func (o *sortOrder) compareKeys(x, y sortEntry) int {
	d, whole := o.first.compareRanks(x, y)
	if d != 0 || whole && len(o.sorter.keys) < 2 {
		return d
	}
	if whole && x.second != y.second {
		return cmp.Compare(x.second, y.second)
	}
	a, b := o.lines[x.n], o.lines[y.n]
	if len(o.sorter.keys) == 0 {
		return bytes.Compare(a, b)
	}
	if !whole {
		i, j := o.keys[x.n], o.keys[y.n]
		if d := o.first.compare(a[i.lo:i.hi], b[j.lo:j.hi]); d != 0 {
			return d
		}
	}
	for i := range o.sorter.keys[1:] {
		k := &o.sorter.keys[i+1]
		if i == 0 {
			if d, decided := k.compareRanks(o.seconds[x.n], o.seconds[y.n]); d != 0 {
				return d
			} else if decided {
				continue
			}
		}
		if d := k.compare(k.cut(a, o.tab), k.cut(b, o.tab)); d != 0 {
			return d
		}
	}
	return 0
}

// entry returns the entry of a line with that key. For a text it holds the first 15 bytes and
// the length, which is all of a short text.
func (k *sortKey) entry(key []byte, n int) sortEntry {
	e := sortEntry{n: n}
	if k.numeric {
		e.rank = rankOfNumber(key)
	} else {
		var front [16]byte
		copy(front[:], key)
		if k.fold {
			for i, c := range front {
				front[i] = upper(c)
			}
		}
		front[15] = byte(min(len(key), longKey))
		e.rank, e.next = binary.BigEndian.Uint64(front[:]), binary.BigEndian.Uint64(front[8:])
	}
	if k.reverse {
		e.rank, e.next = ^e.rank, ^e.next
	}
	return e
}

// longKey is the length from which an entry does not hold the whole key.
const longKey = 16

// zeroRank is the rank of zero. largestRank is the distance from it of a number with more than
// 18 digits.
const (
	zeroRank    = 1 << 63
	largestRank = 1<<62 + 1
)

// rankOfNumber returns a rank whose distance from zeroRank is twice the integer part, plus one
// for a fraction.
func rankOfNumber(s []byte) uint64 {
	n := parseSortNumber(s)
	size := uint64(largestRank)
	if len(n.whole) <= 18 {
		size = 0
		for _, c := range n.whole {
			size = size*10 + uint64(c-'0')
		}
		size *= 2
		if len(n.fraction) > 0 {
			size++
		}
	}
	if n.sign < 0 {
		return zeroRank - size
	}
	return zeroRank + size
}

// isWhole reports whether an entry holds the whole key.
func (k *sortKey) isWhole(e sortEntry) bool {
	if k.reverse {
		e.rank, e.next = ^e.rank, ^e.next
	}
	if k.numeric {
		return e.rank&1 == 0
	}
	return e.next&0xff < longKey
}

// readWhole reads a whole file. It allocates memory by the size of the file.
func readWhole(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	if f, ok := r.(interface{ Stat() (os.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			b.Grow(int(min(info.Size(), 1<<30)) + bytes.MinRead)
		}
	}
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}
