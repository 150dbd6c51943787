package files_test

import (
	"testing"

	"overlayboot/compat/judge"
)

func TestMv(t *testing.T) {
	rows := []judge.Row{{Argv: "mv"}, {Argv: "mv -i a b", Lacks: true}}
	for _, args := range []string{"a", "a n", "a b", "a b t", "-v a n", "-n a b", "d t", "d a",
		"-T a t", "-t t a b", "-t no a", "a no/x", "a n/", "d n/", "nope n", "d d/e", "a a", "la n",
		"a la", "d/f d/h", "dang n", "a dang", "ld t", "-fT d t", "-f b a", "d/ n", "a b no",
		"a b b", "-T a b c", "-T d d/e", "-tt -T a", "t/a ."} {
		rows = append(rows, judge.Row{Setup: treeSetup, Argv: "mv " + args})
	}
	ours.Rows(t, rows)
}
