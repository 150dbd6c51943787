package builtins

import "testing"

func TestNproc(t *testing.T) {
	var rows []row
	for _, argv := range []string{"nproc", "nproc --all", "nproc --ignore=x", "nproc --ignore=", "nproc --ignore=-1",
		"nproc --ignore=99999999999999999999999", "nproc --ignore=1x", "nproc --ignore=1k", "nproc x", "nproc --ignore=+1",
		"nproc --ig 99", "nproc --all --ignore=1", "whoami", "whoami x", "whoami --", "nproc -- x"} {
		rows = append(rows, row{argv: argv})
	}
	for _, text := range []string{"5", "5,3", "0", "5 ", " 5", "5x", "", "99999999999999999999999", "-1", "+3", ",5", "5 ,x"} {
		for _, argv := range []string{"nproc", "nproc --all"} {
			rows = append(rows, row{argv: argv, env: []string{"OMP_NUM_THREADS=" + text}},
				row{argv: argv, env: []string{"OMP_THREAD_LIMIT=" + text}},
				row{argv: argv, env: []string{"OMP_NUM_THREADS=3", "OMP_THREAD_LIMIT=" + text}})
		}
	}
	rows = append(rows, row{argv: "nproc -x", lacks: true}, row{argv: "whoami -x", lacks: true}, row{argv: "nproc --help", lacks: true})
	judge(t, rows)
}
