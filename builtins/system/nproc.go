package system

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

const nprocAll = native.LongOnly

func nprocOptions() []native.Option {
	return []native.Option{
		{Key: nprocAll, Long: "all"}, {Key: nprocAll + 1, Long: "ignore", Arg: native.NeedArg},
		// Options of nproc(1) that this command lacks. They are listed so that no abbreviation
		// matches another option.
		{Key: '!', Long: "help"}, {Key: '!', Long: "version"},
	}
}

// Nproc is nproc(1): it prints the number of processors that the process may use.
func Nproc(c *native.Call) int {
	opts, operands, problem := c.Options(nprocOptions(), native.Permute)
	all, ignore := false, uint64(0)
	for _, o := range opts {
		if o.Key == '!' {
			problem = o.Named()
		}
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	for _, o := range opts {
		if o.Key == nprocAll {
			all = true
			continue
		}
		text := strings.TrimPrefix(strings.TrimLeft(o.Value, " \t\n\v\f\r"), "+")
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			c.Errorf("invalid number: %s%s", native.QuoteText(o.Value), tooMuch(err))
			return 1
		}
		ignore = n
	}
	if len(operands) > 0 {
		return c.ExtraOperand(operands[0])
	}
	n := processors(c, all)
	if ignore < n {
		n -= ignore
	} else {
		n = 1
	}
	if _, err := fmt.Fprintln(c.Stdout, n); err != nil {
		return c.WriteError(err)
	}
	return 0
}

func tooMuch(err error) string {
	if strings.HasSuffix(err.Error(), strconv.ErrRange.Error()) {
		return ": " + clib.Strerror(unix.EOVERFLOW)
	}
	return ""
}

// processors counts the installed processors, or those that the process may use.
// OMP_NUM_THREADS and OMP_THREAD_LIMIT of OpenMP also limit the latter.
func processors(c *native.Call, all bool) uint64 {
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

// threadsOf reads the first number of threads of a list, or returns 0 without one.
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

// installedProcessors counts the processors in /sys. Without /sys, it counts the online
// processors in /proc/stat.
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
			if len(line) > 3 && bytes.HasPrefix(line, []byte("cpu")) && ascii.IsDigit(line[3]) {
				n++
			}
		}
	}
	return max(n, 1)
}
