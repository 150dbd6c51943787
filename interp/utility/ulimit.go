package utility

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"
)

// A Limit is a row of the table of ulimit.
type Limit struct {
	// Name is the text before the value in the output of ulimit -a.
	Name string
	// Option is the option letter, Resource the number for getrlimit(2).
	Option   byte
	Resource int
	// Unit is the number of bytes or other items in one unit of the output.
	Unit uint64
}

// Limits are the resources in the order of ulimit -a. Without a letter, ulimit means f.
var Limits = [...]Limit{
	{"time(seconds)", 't', unix.RLIMIT_CPU, 1},
	{"file(blocks)", 'f', unix.RLIMIT_FSIZE, 512},
	{"data(kbytes)", 'd', unix.RLIMIT_DATA, 1024},
	{"stack(kbytes)", 's', unix.RLIMIT_STACK, 1024},
	{"coredump(blocks)", 'c', unix.RLIMIT_CORE, 512},
	{"memory(kbytes)", 'm', unix.RLIMIT_RSS, 1024},
	{"locked memory(kbytes)", 'l', unix.RLIMIT_MEMLOCK, 1024},
	{"process", 'p', unix.RLIMIT_NPROC, 1},
	{"nofiles", 'n', unix.RLIMIT_NOFILE, 1},
	{"vmemory(kbytes)", 'v', unix.RLIMIT_AS, 1024},
	{"locks", 'w', unix.RLIMIT_LOCKS, 1},
	{"rtprio", 'r', unix.RLIMIT_RTPRIO, 1},
}

// FindLimit returns the row of an option letter, or nil.
func FindLimit(option byte) *Limit {
	for i := range Limits {
		if Limits[i].Option == option {
			return &Limits[i]
		}
	}
	return nil
}

// Format returns the value of a limit as ulimit prints it, in units. As in dash, the largest
// values become negative.
func (l *Limit) Format(value uint64) string {
	if value == unix.RLIM_INFINITY {
		return "unlimited"
	}
	return strconv.FormatInt(int64(value/l.Unit), 10)
}

// Line returns the line of ulimit -a, without the newline.
func (l *Limit) Line(value uint64) string {
	const column = 20
	line := l.Name
	for len(line) < column {
		line += " "
	}
	return line + " " + l.Format(value)
}

// Parse parses the new limit of ulimit. As in dash, a number that is too large wraps around.
func (l *Limit) Parse(arg string) (uint64, error) {
	if arg == "unlimited" {
		return unix.RLIM_INFINITY, nil
	}
	var value uint64
	for i := range len(arg) {
		if arg[i] < '0' || arg[i] > '9' {
			return 0, errors.New("bad number")
		}
		value = value*10 + uint64(arg[i]-'0')
	}
	return value * l.Unit, nil
}
