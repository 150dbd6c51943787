package builtins

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const nprocAll = longOnly

func nprocOptions() []option {
	return []option{
		{nprocAll, "all", noArg}, {nprocAll + 1, "ignore", needArg},
		// Known to nproc(1) and not to us; here so that no prefix hits another.
		{'!', "help", noArg}, {'!', "version", noArg},
	}
}

// runNproc is nproc(1): the number of processors that the process may use.
func runNproc(c *Call) int {
	opts, operands, problem := c.options(nprocOptions(), permute)
	all, ignore := false, uint64(0)
	for _, o := range opts {
		if o.key == '!' {
			problem = o.named()
		}
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	for _, o := range opts {
		if o.key == nprocAll {
			all = true
			continue
		}
		text := strings.TrimPrefix(strings.TrimLeft(o.value, " \t\n\v\f\r"), "+")
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			c.Errorf("invalid number: %s%s", quoteText(o.value), tooMuch(err))
			return 1
		}
		ignore = n
	}
	if len(operands) > 0 {
		return c.extraOperand(operands[0])
	}
	n := c.processors(all)
	if ignore < n {
		n -= ignore
	} else {
		n = 1
	}
	if _, err := fmt.Fprintln(c.Stdout, n); err != nil {
		return c.writeError(err)
	}
	return 0
}

func tooMuch(err error) string {
	if strings.HasSuffix(err.Error(), strconv.ErrRange.Error()) {
		return ": " + Strerror(unix.EOVERFLOW)
	}
	return ""
}

// processors counts them: those there are, or those that the process may use, as OMP_NUM_THREADS
// and OMP_THREAD_LIMIT of OpenMP say, too.
func (c *Call) processors(all bool) uint64 {
	if all {
		return installedProcessors()
	}
	limit := uint64(math.MaxUint64)
	if n := threadsOf(c.Getenv("OMP_THREAD_LIMIT")); n > 0 {
		limit = n
	}
	if n := threadsOf(c.Getenv("OMP_NUM_THREADS")); n > 0 {
		return min(n, limit)
	}
	var set unix.CPUSet
	n := uint64(1)
	if unix.SchedGetaffinity(0, &set) == nil {
		n = uint64(max(set.Count(), 1))
	}
	return min(n, limit)
}

// threadsOf reads a number of threads, the first of a list; 0: there is none.
func threadsOf(text string) uint64 {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	digits := text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
	rest := strings.TrimLeft(text[len(digits):], " \t\n\v\f\r")
	if digits == "" || rest != "" && rest[0] != ',' {
		return 0
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return math.MaxUint64
	}
	return n
}

// installedProcessors counts those in /sys, or where that is not mounted those in use.
func installedProcessors() uint64 {
	n := uint64(0)
	if list, err := os.ReadDir("/sys/devices/system/cpu"); err == nil {
		for _, e := range list {
			number, ok := strings.CutPrefix(e.Name(), "cpu")
			if _, err := strconv.ParseUint(number, 10, 32); ok && err == nil {
				n++
			}
		}
	}
	if n == 0 {
		text, _ := os.ReadFile("/proc/stat")
		for line := range bytes.Lines(text) {
			if len(line) > 3 && bytes.HasPrefix(line, []byte("cpu")) && isDigit(line[3]) {
				n++
			}
		}
	}
	return max(n, 1)
}
