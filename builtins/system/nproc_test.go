package system_test

import (
	"testing"

	"overlayboot/compat/judge"
)

func TestNproc(t *testing.T) {
	var rows []judge.Row
	for _, argv := range []string{"nproc", "nproc --all", "nproc --ignore=x", "nproc --ignore=",
		"nproc --ignore=-1",
		"nproc --ignore=99999999999999999999999", "nproc --ignore=1x", "nproc --ignore=1k",
		"nproc x", "nproc --ignore=+1",
		"nproc --ig 99", "nproc --all --ignore=1", "whoami", "whoami x", "whoami --", "nproc -- x"} {
		rows = append(rows, judge.Row{Argv: argv})
	}
	for _, text := range []string{"5", "5,3", "0", "5 ", " 5", "5x", "",
		"99999999999999999999999", "-1", "+3", ",5", "5 ,x"} {
		for _, argv := range []string{"nproc", "nproc --all"} {
			rows = append(rows, judge.Row{Argv: argv, Env: []string{"OMP_NUM_THREADS=" + text}},
				judge.Row{Argv: argv, Env: []string{"OMP_THREAD_LIMIT=" + text}},
				judge.Row{Argv: argv, Env: []string{"OMP_NUM_THREADS=3", "OMP_THREAD_LIMIT=" + text}})
		}
	}
	rows = append(rows, judge.Row{Argv: "nproc -x", Lacks: true},
		judge.Row{Argv: "whoami -x", Lacks: true}, judge.Row{Argv: "nproc --help", Lacks: true})
	ours.Rows(t, rows)
}
