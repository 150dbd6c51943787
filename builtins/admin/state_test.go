package admin

import (
	"testing"

	"overlayboot/builtins/base/site"
)

// TestJudge checks the state that a record and the processes of the host mean.
func TestJudge(t *testing.T) {
	const starting1 = "STATE=starting\nBOOTER=10 1\n"
	const run = "SUPERVISOR=20 2\nUNSHARE=30 3\nINIT=40 4\n"
	procs := func(pids ...int) map[int]*proc {
		table := map[int]*proc{}
		for _, pid := range pids {
			table[pid] = &proc{pid: pid, start: uint64(pid / 10), state: 'S'}
		}
		return table
	}
	all := []int{10, 20, 30, 40}
	for _, row := range []struct {
		record string
		pids   []int
		want   state
	}{
		{starting1, all, starting}, {starting1 + run, []int{20, 30, 40}, starting},
		{starting1, []int{20}, broken}, {starting1, []int{30}, broken},
		{run + "STATE=running\n", all, running},
		{run + "STATE=running\n", []int{20}, stopping}, // it takes all down
		{run + "STATE=running\n", []int{30, 40}, broken}, {run + "STATE=running\n", nil, broken},
		{run + "STATE=running\nREADY=waiting\n", all, waiting},
		{run + "STATE=running\nREADY=waiting\nREADY=yes\n", all, running},
		{run + "STATE=restarting\n", []int{20}, restarting}, {run + "STATE=restarting\n", nil, broken},
		{"STATE=restarting\nBOOTER=10 1\n", []int{10}, restarting},
		{"SUPERVISOR=20 7\nUNSHARE=30 7\nSTATE=running\n", all, broken}, // others by now
	} {
		s := &survey{procs: &procTable{byPid: procs(row.pids...)}}
		h := &subhost{name: "no such/name", record: site.ParseRecord(row.record)}
		if s.judge(h); h.state != row.want {
			t.Errorf("%q and %v: %s, want %s", row.record, row.pids, h.state, row.want)
		}
		if (len(h.broken) > 0) != (h.state == broken) {
			t.Errorf("%q: %q", row.record, h.broken)
		}
		if h.state == restarting && h.supervisor == 0 {
			t.Errorf("%q: a supervisor lives", row.record)
		}
	}
}
