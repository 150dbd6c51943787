package compat

import (
	"fmt"
	"slices"
	"strings"
)

// An edit is a line in the difference of two texts: ' ' marks a line in both, '-' one in
// the first only, '+' one in the second only.
type edit struct {
	mark rune
	line int
	text string
}

// MarshalText returns the line as a report prints it.
func (e edit) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%c %d: %s", e.mark, e.line, e.text), nil
}

// editLimit bounds the search for the shortest difference, whose memory grows with the
// square of the number of edits. Texts that differ in more lines are shown as one removed
// and one added block.
const editLimit = 1000

// lineDiff compares two texts line by line.
func lineDiff(a, b string) []edit { return editLines(lines(a), lines(b)) }

func lines(text string) []string { return strings.Split(text, "\n") }

// editLines returns the shortest list of edits that turns x into y. It keeps the common
// beginning and end; Myers' greedy search finds the edits between them.
func editLines(x, y []string) []edit {
	head := 0
	for head < len(x) && head < len(y) && x[head] == y[head] {
		head++
	}
	tail := 0
	for tail < len(x)-head && tail < len(y)-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	list := kept(x, 0, head)
	list = append(list, middle(x[head:len(x)-tail], y[head:len(y)-tail], head)...)
	return append(list, kept(x, len(x)-tail, len(x))...)
}

// kept returns the lines of a range, which both texts have.
func kept(x []string, from, to int) (list []edit) {
	for i := from; i < to; i++ {
		list = append(list, edit{' ', i + 1, x[i]})
	}
	return list
}

// middle computes for each number of edits how far that many lead on each diagonal (the
// line of x less the line of y), until the end of both texts is reached.
func middle(x, y []string, from int) []edit {
	limit := min(len(x)+len(y), editLimit)
	reach := make([]int, 2*limit+3) // indexed by diagonal, from -limit-1 on
	var steps [][]int
	for d := 0; d <= limit; d++ {
		for k := -d; k <= d; k += 2 {
			i := reach[limit+1+k-1] + 1
			if down := reach[limit+1+k+1]; k == -d || k != d && down >= i {
				i = down
			}
			for i < len(x) && i-k < len(y) && i-k >= 0 && x[i] == y[i-k] {
				i++
			}
			reach[limit+1+k] = i
			if i >= len(x) && i-k >= len(y) {
				return walkBack(x, y, from, steps)
			}
		}
		steps = append(steps, slices.Clone(reach[limit+1-d:limit+2+d]))
	}
	return replaced(x, y, from)
}

// walkBack follows the search from the end of both texts to their beginning. In each step,
// the reach of diagonal k is at index k plus the step's number.
func walkBack(x, y []string, from int, steps [][]int) []edit {
	var list []edit
	i, j := len(x), len(y)
	keep := func(to int) {
		for ; i > to && i > 0 && j > 0 && x[i-1] == y[j-1]; i, j = i-1, j-1 {
			list = append(list, edit{' ', from + i, x[i-1]})
		}
	}
	for d := len(steps); d > 0; d-- {
		k, last := i-j, steps[d-1]
		at := func(k int) int {
			if k < 1-d || k > d-1 {
				return -1
			}
			return last[k+d-1]
		}
		if del, add := at(k-1)+1, at(k+1); k != -d && (k == d || add < del) {
			keep(del)
			list = append(list, edit{'-', from + i, x[i-1]})
			i--
		} else {
			keep(add)
			list = append(list, edit{'+', from + j, y[j-1]})
			j--
		}
	}
	keep(0)
	slices.Reverse(list)
	return list
}

// replaced removes every line of x and adds every line of y.
func replaced(x, y []string, from int) (list []edit) {
	for i, line := range x {
		list = append(list, edit{'-', from + i + 1, line})
	}
	for j, line := range y {
		list = append(list, edit{'+', from + j + 1, line})
	}
	return list
}
