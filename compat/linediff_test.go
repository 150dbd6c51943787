package compat

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestLineDiff(t *testing.T) {
	for _, row := range []struct{ a, b, want string }{
		{"", "", " "}, {"a\nb", "a\nb", " a b"}, {"a\nb\nc", "a\nc", " a-b c"},
		{"a\nc", "a\nb\nc", " a+b c"}, {"a\nb", "b\na", "-a b+a"}, {"x", "y", "-x+y"},
	} {
		var got string
		for _, e := range lineDiff(row.a, row.b) {
			got += string(e.mark) + e.text
		}
		if got != row.want {
			t.Errorf("%q %q: %q, want %q", row.a, row.b, got, row.want)
		}
	}
}

// commonLength returns the length of the longest common subsequence. It uses the full table
// that lineDiff avoids.
func commonLength(x, y []string) int {
	table := make([][]int, len(x)+1)
	for i := range table {
		table[i] = make([]int, len(y)+1)
	}
	for i := range x {
		for j := range y {
			if table[i+1][j+1] = max(table[i][j+1], table[i+1][j]); x[i] == y[j] {
				table[i+1][j+1] = table[i][j] + 1
			}
		}
	}
	return table[len(x)][len(y)]
}

// TestLineDiffIsShortest compares random texts: the edits must give both texts back, with
// the right numbers, and keep as many lines as the longest common subsequence has.
func TestLineDiffIsShortest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func() (list []string) {
		for range random.IntN(12) {
			list = append(list, string(rune('a'+random.IntN(4))))
		}
		return list
	}
	for range 5000 {
		x, y := text(), text()
		var first, second []string
		keep := 0
		for _, e := range editLines(x, y) {
			if e.mark != '+' {
				if first = append(first, e.text); e.line != len(first) {
					t.Fatalf("%q %q: %v has another number", x, y, e)
				}
			}
			if e.mark != '-' {
				if second = append(second, e.text); e.mark == '+' && e.line != len(second) {
					t.Fatalf("%q %q: %v has another number", x, y, e)
				}
			}
			if e.mark == ' ' {
				keep++
			}
		}
		if fmt.Sprint(first, second) != fmt.Sprint(x, y) || keep != commonLength(x, y) {
			t.Fatalf("%q %q: got %q %q with %d kept", x, y, first, second, keep)
		}
	}
}

// TestLineDiffIsBounded measures the memory for two different texts of 6,000 lines.
func TestLineDiffIsBounded(t *testing.T) {
	var a, b strings.Builder
	for i := range 6000 {
		fmt.Fprintln(&a, "a", i)
		fmt.Fprintln(&b, "b", i)
	}
	memory := testing.Benchmark(func(bench *testing.B) {
		bench.ReportAllocs()
		for bench.Loop() {
			lineDiff(a.String(), b.String())
		}
	}).AllocedBytesPerOp()
	if memory > 24<<20 {
		t.Errorf("%d MB for one comparison", memory>>20)
	}
	t.Logf("%d kB", memory>>10)
}
