package scripts

import (
	"os/exec"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// limitRows are words of LIMITS, each with the text that the kernel is told; "" if the word is
// refused.
var limitRows = []struct{ word, told string }{
	{"memory.max=512M", "536870912"}, {"memory.max=1K", "1024"}, {"memory.high=2G", "2147483648"},
	{"memory.low=1T", "1099511627776"}, {"memory.min=0", "0"}, {"memory.swap.max=max", "max"},
	{"memory.max=8388607T", "9223370937343148032"}, {"memory.max=8388608T", ""},
	{"memory.max=-1", ""}, {"memory.max=010", ""}, {"memory.max=1.5G", ""}, {"memory.max=M", ""},
	{"memory.max=", ""}, {"memory.max", ""}, {"=5", ""}, {"memory.max=5=5", ""},
	{"hugetlb.2MB.max=4M", "4194304"}, {"hugetlb.1GB.rsvd.max=max", "max"}, {"hugetlb.max=4M", ""},
	{"pids.max=200", "200"}, {"pids.max=max", "max"}, {"pids.max=5K", ""},
	{"cpu.max=50%", "50000 100000"}, {"cpu.max=250%", "250000 100000"}, {"cpu.max=0%", ""},
	{"cpu.max=max", "max"}, {"cpu.max=20000,50000", "20000 50000"}, {"cpu.max=max,50000", "max 50000"},
	{"cpu.max=50", ""}, {"cpu.max=1,2,3", ""}, {"cpu.max=%", ""},
	{"cpu.weight=1", "1"}, {"cpu.weight=10000", "10000"}, {"cpu.weight=10001", ""},
	{"cpu.weight=max", ""}, {"cpu.weight.nice=-20", "-20"}, {"cpu.weight.nice=19", "19"},
	{"cpu.weight.nice=-21", ""}, {"cpu.weight.nice=20", ""}, {"cpu.idle=1", "1"}, {"cpu.idle=2", ""},
	{"cpu.uclamp.min=20%", "20"}, {"cpu.uclamp.max=max", "max"}, {"cpu.uclamp.max=101%", ""},
	{"cpuset.cpus=0-2,5", "0-2,5"}, {"cpuset.cpus=3-1", ""}, {"cpuset.mems=,1", ""},
	{"io.weight=200", "default 200"}, {"io.weight=8:16,200", "8:16 200"}, {"io.weight=x,200", ""},
	{"io.max=8:16,rbps=1M,wiops=max", "8:16 rbps=1048576 wiops=max"}, {"io.max=8:16", ""},
	{"io.max=8:16,rbps=1M,x=1", ""}, {"io.max=8:16,riops=1M", ""}, {"io.max=/dev/null,rbps=1", ""},
	{"io.latency=8:0,target=75000", "8:0 target=75000"}, {"io.latency=8:0,rbps=1", ""},
	{"memory.oom.group=1", "1"}, {"memory.zswap.writeback=0", "0"},
	{"cgroup.procs=1", ""}, {"cgroup.freeze=1", ""}, {"memory.reclaim=1G", ""},
	{"cpuset.cpus.partition=root", ""},
	{"memory.current=1", ""}, {"../x=1", ""}, {"hugetlb.2MB/../max=1", ""},
}

// TestLimits checks what becomes of each word of LIMITS, under dash.
func TestLimits(t *testing.T) {
	kit.Tools(t, "dash")
	for _, r := range limitRows {
		c := exec.Command("dash", "-c", `die() { echo "$*" >&2 ; exit 1 ; }
. ./checks ; . ./limits ; limit_of "$1" ; printf %s "$V"`, "dash", r.word)
		var stdout, stderr strings.Builder
		c.Stdout, c.Stderr = &stdout, &stderr
		err := c.Run()
		if stdout.String() != r.told || (err == nil) != (r.told != "") ||
			err != nil && !strings.HasPrefix(stderr.String(), "bad LIMITS config: ") {
			t.Errorf("%s: %q, want %q; %v %s", r.word, stdout.String(), r.told, err, stderr.String())
		}
	}
}
