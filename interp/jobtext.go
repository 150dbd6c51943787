package interp

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// jobText is what jobs shows of a list: the commands of its pipeline. Without job
// control nobody is to see more of them than their number.
func (s *Shell) jobText(st *syntax.Stmt) []string {
	stages := []*syntax.Stmt{st}
	if b, ok := st.Cmd.(*syntax.BinaryCmd); ok && b.Op == syntax.Pipe && !st.Negated {
		stages = flatten(b, nil)
	}
	list := make([]string, len(stages))
	for i, stage := range stages {
		if s.jobControl {
			text, _ := print(stage)
			list[i] = strings.TrimSuffix(text, "\n")
		}
	}
	return list
}
