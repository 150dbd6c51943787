package builtins

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A psColumn is a column of ps: its name in -o, header, width, side.
type psColumn struct {
	name, header string
	width        int
	right        bool
	text         func(*ps, *process) string
}

// A ps is one run of ps.
type ps struct {
	c           *Call
	columns     []psColumn
	noHeader    bool
	every       bool // all processes
	pids, ppids []int
	selected    bool
	full, bsd   bool
	now         time.Time
	boot        time.Time
	own         process
	pidWidth    int
}

// runPs is ps(1), as far as its forms -e, -f, -o, -p and --ppid go.
func runPs(c *Call) int {
	p := &ps{c: c, now: time.Now(), pidWidth: pidWidth()}
	for args := c.Args[1:]; len(args) > 0; {
		var problem string
		if args, problem = p.argument(args); problem != "" {
			return c.Unsupported("%s", problem)
		}
	}
	if len(p.columns) == 0 {
		p.defaultColumns()
	} else if p.full {
		return c.Unsupported("-f with -o")
	}
	var uptime unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &uptime); err != nil {
		return c.Unsupported("the clock")
	}
	p.boot = p.now.Add(-time.Duration(uptime.Nano()))
	p.own, _ = new(procReader).process(os.Getpid(), withStatus|withCommand)
	return p.print(p.choose())
}

// pidWidth is the room for the highest process number.
func pidWidth() int {
	text, _ := os.ReadFile("/proc/sys/kernel/pid_max")
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 5
	}
	return max(5, len(strconv.Itoa(n-1)))
}

// argument takes one argument, and perhaps the next one as its value.
func (p *ps) argument(args []string) (rest []string, problem string) {
	arg, rest := args[0], args[1:]
	if name, ok := strings.CutPrefix(arg, "--"); ok {
		name, value, has := strings.Cut(name, "=")
		if !has && name != "no-headers" && name != "no-heading" {
			if len(rest) == 0 {
				return nil, "option '" + arg + "'"
			}
			value, rest = rest[0], rest[1:]
		}
		return rest, p.long(name, value)
	}
	if n, err := strconv.Atoi(arg); err == nil && n > 0 {
		p.bsd = true
		return rest, p.list(&p.pids, arg)
	}
	letters, dashed := strings.CutPrefix(arg, "-")
	for i := range len(letters) {
		switch letter := letters[i]; letter {
		case 'h':
			p.noHeader = true
		case 'e', 'A', 'f':
			if !dashed {
				return nil, "option '" + arg + "'"
			}
			p.every = p.every || letter != 'f'
			p.full = p.full || letter == 'f'
		case 'o', 'p':
			value := letters[i+1:]
			if value == "" {
				if len(rest) == 0 {
					return nil, "option '" + arg + "' without its argument"
				}
				value, rest = rest[0], rest[1:]
			}
			if letter == 'o' {
				return rest, p.format(value)
			}
			return rest, p.list(&p.pids, value)
		default:
			return nil, "option '" + arg + "'"
		}
	}
	return rest, ""
}

func (p *ps) long(name, value string) (problem string) {
	switch name {
	case "ppid":
		return p.list(&p.ppids, value)
	case "pid":
		return p.list(&p.pids, value)
	case "no-headers", "no-heading":
		p.noHeader = true
	case "format":
		return p.format(value)
	default:
		return "option '--" + name + "'"
	}
	return ""
}

// list reads numbers between commas or blanks.
func (p *ps) list(into *[]int, value string) (problem string) {
	p.selected = true
	words := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
	for _, word := range words {
		n, err := strconv.Atoi(word)
		if err != nil || n <= 0 {
			return "list '" + value + "'"
		}
		*into = append(*into, n)
	}
	if len(words) == 0 {
		return "list '" + value + "'"
	}
	return ""
}

// format adds columns: "pid,comm=NAME,user=" has a header of its own for one
// and none for another.
func (p *ps) format(value string) (problem string) {
	separates := func(r rune) bool { return r == ',' || r == ' ' }
	for word := range strings.FieldsFuncSeq(value, separates) {
		name, header, has := strings.Cut(word, "=")
		column, ok := p.column(name)
		if !ok {
			return "column '" + word + "'"
		}
		if has {
			column.header = header
			column.width = max(column.width, len(header))
		}
		p.columns = append(p.columns, column)
	}
	return ""
}

func (p *ps) column(name string) (psColumn, bool) {
	number := func(get func(*process) int) func(*ps, *process) string {
		return func(_ *ps, q *process) string { return strconv.Itoa(get(q)) }
	}
	command := func(_ *ps, q *process) string { return q.command }
	comm := func(_ *ps, q *process) string { return q.name() }
	euser := func(p *ps, q *process) string { return p.c.userName(q.euid) }
	tty := func(_ *ps, q *process) string { return ttyName(q.tty) }
	euid := number(func(q *process) int { return q.euid })
	state := func(_ *ps, q *process) string { return string(q.state) }
	for _, c := range [...]psColumn{
		{"pid", "PID", p.pidWidth, true, number(func(q *process) int { return q.pid })},
		{"ppid", "PPID", p.pidWidth, true, number(func(q *process) int { return q.ppid })},
		{"pgid", "PGID", p.pidWidth, true, number(func(q *process) int { return q.pgid })},
		{"sid", "SID", p.pidWidth, true, number(func(q *process) int { return q.sid })},
		{"cmd", "CMD", 27, false, command}, {"args", "COMMAND", 27, false, command},
		{"command", "COMMAND", 27, false, command},
		{"comm", "COMMAND", 15, false, comm}, {"ucmd", "CMD", 15, false, comm},
		{"user", "USER", 8, false, euser}, {"euser", "EUSER", 8, false, euser},
		{"uid", "UID", 5, true, euid}, {"euid", "EUID", 5, true, euid},
		{"ruid", "RUID", 5, true, number(func(q *process) int { return q.uid })},
		{"tty", "TT", 8, false, tty}, {"tt", "TT", 8, false, tty},
		{"tname", "TTY", 8, false, tty},
		{"stat", "STAT", 4, false, (*ps).stat},
		{"state", "S", 1, false, state}, {"s", "S", 1, false, state},
		{"time", "TIME", 8, true, (*ps).cpuTime}, {"cputime", "TIME", 8, true, (*ps).cpuTime},
		{"etime", "ELAPSED", 11, true, (*ps).elapsed},
		{"etimes", "ELAPSED", 7, true, (*ps).elapsedSeconds},
		{"nlwp", "NLWP", 4, true, number(func(q *process) int { return q.threads })},
		{"ni", "NI", 3, true, number(func(q *process) int { return q.nice })},
		{"stime", "STIME", 5, false, (*ps).started},
		{"c", "C", 2, true, (*ps).usage},
		// The next ones have no such names outside of the ready-made forms.
		{"-uid", "UID", 8, false, euser}, {"-comm", "CMD", 15, false, comm},
		{"-tty", "TTY", 8, false, tty}, {"-time", "TIME", 6, true, (*ps).bsdTime},
	} {
		if c.name == name && c.text != nil {
			return c, true
		}
	}
	return psColumn{}, false
}

// defaultColumns are those of ps without -o.
func (p *ps) defaultColumns() {
	names := "pid -tty time -comm"
	switch {
	case p.full && p.bsd:
		names = "-uid pid ppid c stime -tty stat -time cmd"
	case p.full:
		names = "-uid pid ppid c stime -tty time cmd"
	case p.bsd:
		names = "pid -tty stat -time args"
	}
	for _, name := range strings.Fields(names) {
		column, _ := p.column(name)
		p.columns = append(p.columns, column)
	}
}

// choose lists the processes asked for; without a choice, those of the same
// user on the same terminal.
func (p *ps) choose() []process {
	return slices.DeleteFunc(processes(withStatus|withCommand), func(q process) bool {
		switch {
		case p.every:
			return false
		case p.selected:
			return !slices.Contains(p.pids, q.pid) && !slices.Contains(p.ppids, q.ppid)
		}
		return q.tty != p.own.tty || q.euid != p.own.euid
	})
}

func (p *ps) print(list []process) int {
	w := p.c.buffered()
	header := false
	for _, column := range p.columns {
		header = header || column.header != ""
	}
	if header && !p.noHeader {
		p.line(w, func(column psColumn) string { return column.header })
	}
	for i := range list {
		p.line(w, func(column psColumn) string { return column.text(p, &list[i]) })
	}
	_ = w.Flush() // see Command.Perform
	if len(list) == 0 {
		return 1
	}
	return 0
}

// line writes one line; the last column is neither filled up nor cut.
func (p *ps) line(w *bufio.Writer, text func(psColumn) string) {
	for i, column := range p.columns {
		s, last := text(column), i == len(p.columns)-1
		fill := strings.Repeat(" ", max(0, column.width-len(s)))
		switch {
		case column.right:
			s = fill + s
		case !last:
			s = (s + fill)[:column.width]
		}
		w.WriteString(s)
		if !last {
			w.WriteByte(' ')
		}
	}
	w.WriteByte('\n')
}

func (q *process) name() string {
	if q.state == 'Z' {
		return q.comm + " <defunct>"
	}
	return printable(q.comm)
}

// stat is the state and what is special about the process.
func (p *ps) stat(q *process) string {
	s := string(q.state)
	switch {
	case q.nice < 0:
		s += "<"
	case q.nice > 0:
		s += "N"
	}
	if q.locked {
		s += "L"
	}
	if q.sid == q.pid {
		s += "s"
	}
	if q.threads > 1 {
		s += "l"
	}
	if q.foreground == q.pgid {
		s += "+"
	}
	return s
}

// cpuTime is the time on processors: [days-]hours:minutes:seconds.
func (p *ps) cpuTime(q *process) string {
	s := q.ticks / userHZ
	text := fmt.Sprintf("%02d:%02d:%02d", s/3600%24, s/60%60, s%60)
	if days := s / 86400; days > 0 {
		text = fmt.Sprintf("%d-%s", days, text)
	}
	return text
}

func (p *ps) bsdTime(q *process) string {
	s := q.ticks / userHZ
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// age is how long ago the process started, in whole seconds.
func (p *ps) age(q *process) int64 {
	since := p.now.Sub(p.boot) - time.Duration(q.start)*(time.Second/userHZ)
	return max(0, int64(since/time.Second))
}

func (p *ps) elapsedSeconds(q *process) string { return strconv.FormatInt(p.age(q), 10) }

// elapsed is [[days-]hours:]minutes:seconds.
func (p *ps) elapsed(q *process) string {
	s := p.age(q)
	text := fmt.Sprintf("%02d:%02d", s/60%60, s%60)
	switch {
	case s >= 86400:
		return fmt.Sprintf("%d-%02d:%s", s/86400, s/3600%24, text)
	case s >= 3600:
		return fmt.Sprintf("%02d:%s", s/3600, text)
	}
	return text
}

// started is the time of day, or the date when that was another day.
func (p *ps) started(q *process) string {
	at := p.boot.Add(time.Duration(q.start) * (time.Second / userHZ))
	now := p.now
	if p.c.Getenv("TZ") == "UTC" {
		at, now = at.UTC(), now.UTC()
	}
	switch {
	case at.Year() != now.Year():
		return at.Format(" 2006")
	case at.YearDay() != now.YearDay():
		return at.Format("Jan02")
	}
	return at.Format("15:04")
}

// usage is the share of the process's life that it was on a processor.
func (p *ps) usage(q *process) string {
	age := p.age(q)
	if age == 0 {
		return "0"
	}
	return strconv.FormatUint(min(99, q.ticks*100/userHZ/uint64(age)), 10)
}
