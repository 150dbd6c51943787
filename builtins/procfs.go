package builtins

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A process is what /proc tells about one, see proc(5).
type process struct {
	pid, ppid, pgid, sid int
	comm                 string
	state                byte
	tty, foreground      int
	ticks, start         uint64 // in units of 1/userHZ second
	nice, threads        int
	uid, euid            int
	locked               bool
	// command is the command line, its words between blanks, or the name in
	// brackets where there is none.
	command string
}

// userHZ is the unit of times in /proc; it is part of the system's interface.
const userHZ = 100

// procParts says which files of a process are to be read besides stat: each
// costs as much again, and there may be thousands of processes.
type procParts uint8

const (
	withStatus  procParts = 1 << iota // uid, euid, locked
	withCommand                       // command
)

// processes lists all processes, in the order of their numbers.
func processes(parts procParts) []process {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	list := make([]process, 0, len(pids))
	var r procReader
	for _, pid := range pids {
		if p, ok := r.process(pid, parts); ok {
			list = append(list, p)
		}
	}
	return list
}

// A procReader reads files of /proc, all into the same memory.
type procReader struct{ buf []byte }

// process reads about one; it may have gone meanwhile.
func (r *procReader) process(pid int, parts procParts) (p process, ok bool) {
	dir := "/proc/" + strconv.Itoa(pid) + "/"
	stat, err := r.file(dir + "stat")
	if err != nil {
		return p, false
	}
	// The name is in parentheses and may hold some itself.
	open, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return p, false
	}
	f := strings.Fields(string(stat[end+1:]))
	if len(f) < 20 {
		return p, false
	}
	number := func(i int) int { n, _ := strconv.Atoi(f[i]); return n }
	p = process{pid: pid, comm: string(stat[open+1 : end]), state: f[0][0], ppid: number(1),
		pgid: number(2), sid: number(3), tty: number(4), foreground: number(5),
		ticks: uint64(number(11) + number(12)), nice: number(16), threads: number(17),
		start: uint64(number(19))}
	if parts&withStatus != 0 {
		status, err := r.file(dir + "status")
		if err != nil {
			return p, false
		}
		p.readStatus(string(status))
	}
	return p, parts&withCommand == 0 || p.readCommand(r)
}

// readCommand reads the command line; false when the process has gone.
func (p *process) readCommand(r *procReader) bool {
	line, err := r.file("/proc/" + strconv.Itoa(p.pid) + "/cmdline")
	if err != nil {
		return false
	}
	p.command = commandLine(line, p.comm)
	return true
}

// file reads a file; what it returns is good until the next one. It does without
// os.File, which would ask about each whether it can be polled.
func (r *procReader) file(name string) ([]byte, error) {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	r.buf = slices.Grow(r.buf[:0], 4096)
	for {
		free := r.buf[len(r.buf):cap(r.buf)]
		n, err := unix.Read(fd, free)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return nil, err
		}
		r.buf = r.buf[:len(r.buf)+n]
		if n < len(free) { // such a file gives all that there is room for
			return r.buf, nil
		}
		r.buf = slices.Grow(r.buf, len(r.buf))
	}
}

func (p *process) readStatus(status string) {
	for line := range strings.Lines(status) {
		key, value, _ := strings.Cut(line, ":")
		f := strings.Fields(value)
		switch {
		case key == "Uid" && len(f) > 1:
			p.uid, _ = strconv.Atoi(f[0])
			p.euid, _ = strconv.Atoi(f[1])
		case key == "VmLck" && len(f) > 0:
			p.locked = f[0] != "0"
		}
	}
}

func commandLine(line []byte, comm string) string {
	for len(line) > 0 && line[len(line)-1] == 0 {
		line = line[:len(line)-1]
	}
	if len(line) == 0 {
		return "[" + printable(comm) + "]"
	}
	return printable(strings.NewReplacer("\x00", " ", "\n", " ").Replace(string(line)))
}

// printable puts a dot for what would upset a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '.'
		}
		return r
	}, s)
}

// userName is the name of a user, or its number.
func (c *Call) userName(uid int) string {
	if name, ok := c.idName(passwdFile, uid); ok {
		return name
	}
	return strconv.Itoa(uid)
}

// userNumber is the number of a user given by name or number.
func (c *Call) userNumber(s string) (int, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, true
	}
	return c.idNumber(passwdFile, s)
}

// ttyName is the name of a terminal by its device number, "?" for none.
func ttyName(device int) string {
	major, minor := unix.Major(uint64(device)), unix.Minor(uint64(device))
	const (
		consoles, serialMinor = 4, 64
		ptyFirst, ptyLast     = 136, 143
	)
	switch {
	case major == consoles && minor < serialMinor:
		return "tty" + strconv.Itoa(int(minor))
	case major == consoles:
		return "ttyS" + strconv.Itoa(int(minor)-serialMinor)
	case major >= ptyFirst && major <= ptyLast:
		return "pts/" + strconv.Itoa(int(minor)+int(major-ptyFirst)*256)
	}
	return "?"
}

// signalNames are the names without SIG, by number.
var signalNames = [...]string{1: "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE",
	"KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP",
	"TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL", "PWR",
	"SYS"}

// signalNumber reads a number or a name, with SIG or without, in any case.
func signalNumber(s string) (int, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, n >= 0
	}
	name := strings.TrimPrefix(strings.ToUpper(s), "SIG")
	switch name {
	case "CLD":
		name = "CHLD"
	case "IO":
		name = "POLL"
	case "IOT":
		name = "ABRT"
	case "":
		return 0, false
	}
	n := slices.Index(signalNames[:], name)
	return n, n > 0
}
