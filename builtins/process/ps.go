package process

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
)

// A psColumn is a column of ps: its name in -o, its header, its width and its alignment.
type psColumn struct {
	name, header string
	width        int
	right        bool
	text         func(*ps, *process) string
}

// A ps is one run of ps(1).
type ps struct {
	c           *native.Call
	columns     []psColumn
	noHeader    bool
	every       bool // all processes
	pids, ppids []int
	selected    bool
	full        bool
	bsd         bool // the defaults of BSD: as columns, and as a selection
	now         time.Time
	boot        time.Time
	own         process
	pidWidth    int
}

// psOptions are those of the letters with a dash, and those of the letters without one. The
// two have little in common: f without a dash draws a tree.
func psOptions() []native.Option {
	spec := []native.Option{
		{Key: 'e'}, {Key: 'A'}, {Key: 'f'}, {Key: 'h'},
		{Key: 'o', Long: "format", Arg: native.NeedArg}, {Key: 'p', Long: "pid", Arg: native.NeedArg},
		{Key: psParent, Long: "ppid", Arg: native.NeedArg},
		{Key: native.Bare + 'h'}, {Key: native.Bare + 'o', Arg: native.NeedArg},
		{Key: native.Bare + 'p', Arg: native.NeedArg},
	}
	for _, name := range [...]string{"no-headers", "no-heading", "no-header", "no-headings",
		"noheader", "noheaders", "noheading", "noheadings"} {
		spec = append(spec, native.Option{Key: psNoHeader, Long: name})
	}
	return spec
}

const (
	psParent = native.LongOnly + iota
	psNoHeader
)

// Ps is ps(1), limited to the forms with -e, -f, -o, -p and --ppid.
func Ps(c *native.Call) int {
	p := &ps{c: c, now: time.Now(), pidWidth: pidWidth()}
	if problem := p.arguments(); problem != "" {
		return c.Unsupported("%s", problem)
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
	p.own, _ = new(ProcReader).Process(os.Getpid(), withStatus|withCommand)
	return p.print(p.choose())
}

// pidWidth returns the width of the highest process ID.
func pidWidth() int {
	text, _ := os.ReadFile("/proc/sys/kernel/pid_max")
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 5
	}
	return max(5, len(strconv.Itoa(n-1)))
}

// arguments reads the options and operands. problem names what this command lacks.
func (p *ps) arguments() (problem string) {
	opts, operands, problem := native.ParseOptions(p.c.Args[1:], psOptions(), native.BareWords)
	dashedH := false
	for _, o := range opts {
		if problem == "" {
			problem = p.option(o)
		}
		dashedH = dashedH || o.Key == 'h'
	}
	for _, pid := range operands {
		_, err := strconv.Atoi(pid)
		if problem == "" && err != nil {
			problem = "argument '" + pid + "'"
		}
		if p.bsd = true; problem == "" {
			problem = p.list(&p.pids, pid)
		}
	}
	// With -h the tool takes all letters for those without a dash, where -e and -f are others.
	if problem == "" && dashedH && (p.every || p.full) {
		problem = "option '-h' with -e, -A or -f"
	}
	return problem
}

// option handles one option. problem names what this command lacks.
func (p *ps) option(o native.GivenOption) (problem string) {
	p.bsd = p.bsd || o.Key >= native.Bare || o.Key == 'h'
	switch o.Key {
	case 'h', native.Bare + 'h', psNoHeader:
		p.noHeader = true
	case 'e', 'A':
		p.every = true
	case 'f':
		p.full = true
	case 'o', native.Bare + 'o':
		return p.format(o.Value)
	case 'p', native.Bare + 'p':
		return p.list(&p.pids, o.Value)
	case psParent:
		return p.list(&p.ppids, o.Value)
	}
	return ""
}

// list reads numbers that commas or blanks separate.
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

// format adds columns. "pid,comm=NAME,user=" gives comm a header of its own and user an empty
// one.
func (p *ps) format(value string) (problem string) {
	separates := func(r rune) bool { return r == ',' || r == ' ' }
	if strings.Trim(value, ", ") == "" {
		return "format '" + value + "'"
	}
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
	comm := func(_ *ps, q *process) string { return printable(q.comm) }
	euser := func(p *ps, q *process) string { return userName(p.c, q.euid) }
	tty := func(_ *ps, q *process) string { return ttyName(q.tty) }
	euid := number(func(q *process) int { return q.euid })
	state := func(_ *ps, q *process) string { return string(q.State) }
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
		// Only the ready-made forms use the next columns; -o knows no such names.
		{"-uid", "UID", 8, false, euser}, {"-comm", "CMD", 15, false, comm},
		{"-tty", "TTY", 8, false, tty}, {"-time", "TIME", 6, true, (*ps).bsdTime},
	} {
		if c.name == name && c.text != nil {
			return c, true
		}
	}
	return psColumn{}, false
}

// defaultColumns sets the columns of ps without -o.
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

// choose lists the selected processes. Without a selection, it lists those of the same user on
// the same terminal, or on any terminal by the defaults of BSD.
func (p *ps) choose() []process {
	return slices.DeleteFunc(processes(withStatus|withCommand), func(q process) bool {
		switch {
		case p.every:
			return false
		case p.selected:
			return !slices.Contains(p.pids, q.pid) && !slices.Contains(p.ppids, q.ppid)
		}
		elsewhere := q.tty != p.own.tty
		if p.bsd {
			elsewhere = q.tty == 0
		}
		return elsewhere || q.euid != p.own.euid
	})
}

func (p *ps) print(list []process) int {
	w := p.c.Buffered()
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
	_ = w.Flush() // Command.Perform reports the error
	if len(list) == 0 {
		return 1
	}
	return 0
}

// line writes one line. It neither pads nor cuts the last column.
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

// stat returns the state, followed by a letter for each special property.
func (p *ps) stat(q *process) string {
	s := string(q.State)
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

// cpuTime returns the processor time as [days-]hours:minutes:seconds.
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

// age returns the time since the process started, in whole seconds.
func (p *ps) age(q *process) int64 {
	since := p.now.Sub(p.boot) - time.Duration(q.start)*(time.Second/userHZ)
	return max(0, int64(since/time.Second))
}

func (p *ps) elapsedSeconds(q *process) string { return strconv.FormatInt(p.age(q), 10) }

// elapsed returns the age as [[days-]hours:]minutes:seconds.
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

// started returns the start time: the time of day if it was today, otherwise the date.
func (p *ps) started(q *process) string {
	at, now := p.startOf(q), p.now
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

// startOf returns when a process started, in whole seconds: as ps(1) does, the second in which
// the machine started and the whole seconds since then.
func (p *ps) startOf(q *process) time.Time {
	text, _ := os.ReadFile("/proc/stat")
	_, after, _ := strings.Cut(string(text), "\nbtime ")
	line, _, _ := strings.Cut(after, "\n")
	boot, err := strconv.ParseInt(line, 10, 64)
	if err != nil {
		boot = p.boot.Unix()
	}
	return time.Unix(boot+int64(q.start/userHZ), 0)
}

// usage returns the percentage of its life that the process spent on a processor.
func (p *ps) usage(q *process) string {
	age := p.age(q)
	if age == 0 {
		return "0"
	}
	return strconv.FormatUint(min(99, q.ticks*100/userHZ/uint64(age)), 10)
}
