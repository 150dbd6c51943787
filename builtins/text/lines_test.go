package text_test

import (
	"testing"

	"overlayboot/compat/judge"
)

// TestLines compares seq, tac and paste with GNU's.
func TestLines(t *testing.T) {
	const setup = `printf '1\n2\n3\n' >a; printf 'x\ny' >b; printf a:b::c: >c; printf xabyab >abs
		: >e; mkdir d`
	var rows []judge.Row
	for _, argv := range []string{
		"seq", "seq 5", "seq 0", "seq 3 5", "seq 5 3", "seq 5 -1 3", "seq 1 2 10", "seq -3",
		"seq -3 3", "seq -1 -1 -3", "seq -w 8 11", "seq -w -5 5", "seq -w 1 10.25",
		"seq 0.1 0.1 0.35", "seq 1.0 3", "seq 1 1.25", "seq -s , 3", "seq -s '' 3", "seq -s, 5 3",
		"seq -f %g 3", "seq -f 'a%03gb' 8 11", "seq -f %e 2", "seq -f %+g 2", "seq 1 0 5",
		"seq 1 2 3 4", "seq 99998 100001", "seq 1000000 1000001", "seq -f %g 999999 1000001",
		"seq 10000000 10000002", "seq -w 010 12", "seq +1 3", "seq 007 010", "seq -0 1",
		"seq -- -1 1", "seq 1.10 2", "seq -w 1 -1 -10", "seq --equal-width 9 10",
		"seq --separator=: 3",
		"tac a", "tac b", "tac a b", "tac nope a", "tac d", "tac -s : c", "tac -bs : c", "tac -b a",
		"tac -s '' a", "tac -s ab abs", "tac e",
		"paste a b", "paste -d: a b", "paste -d ',;' a b c", "paste -s a b", "paste -sd, a",
		"paste -sd '\\n,' a", "paste -d '\\0' a b", "paste -d '' a b", "paste -d '\\' a b",
		"paste nope a", "paste a nope", "paste -s nope a", "paste d", "paste e a", "paste -s e",
		"paste -s e a", "paste -d '\\t\\\\' a b c", "paste a a a",
	} {
		rows = append(rows, judge.Row{Setup: setup, Argv: argv})
	}
	for _, argv := range []string{
		"seq 1e3", "seq inf", "seq 0x10", "seq -f %d 2", "tac -r", "paste -x",
	} {
		rows = append(rows, judge.Row{Argv: argv, Lacks: true})
	}
	ours.Rows(t, rows)
}
