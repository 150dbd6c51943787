package process

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
)

// A process holds the properties of a process that /proc shows, see proc(5).
type process struct {
	pid, ppid, pgid, sid int
	comm                 string
	State                byte
	tty, foreground      int
	ticks, start         uint64 // in units of 1/userHZ second
	nice, threads        int
	uid, euid            int
	locked               bool
	// command is the command line with blanks between the words. If the command line is empty,
	// it is the name in brackets, with a mark if the process has ended.
	command string
}

// userHZ is the number of ticks a second in /proc. It is a constant of the kernel's interface.
const userHZ = 100

// procParts says which files of a process are read besides stat. Each costs as much again, and
// there may be thousands of processes.
type procParts uint8

const (
	withStatus  procParts = 1 << iota // uid, euid, locked
	withCommand                       // command
)

// processes lists all processes in the order of their numbers.
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
	var r ProcReader
	for _, pid := range pids {
		if p, ok := r.Process(pid, parts); ok {
			list = append(list, p)
		}
	}
	return list
}

// A ProcReader reads files of /proc into one buffer.
type ProcReader struct{ buf []byte }

// Process reads the properties of one process. ok is false if the process has ended.
func (r *ProcReader) Process(pid int, parts procParts) (p process, ok bool) {
	dir := "/proc/" + strconv.Itoa(pid) + "/"
	stat, err := r.File(dir + "stat")
	if err != nil {
		return p, false
	}
	// The name stands in parentheses and may hold parentheses itself.
	open, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return p, false
	}
	f := strings.Fields(string(stat[end+1:]))
	if len(f) < 20 {
		return p, false
	}
	number := func(i int) int { n, _ := strconv.Atoi(f[i]); return n }
	p = process{pid: pid, comm: string(stat[open+1 : end]), State: f[0][0], ppid: number(1),
		pgid: number(2), sid: number(3), tty: number(4), foreground: number(5),
		ticks: uint64(number(11) + number(12)), nice: number(16), threads: number(17),
		start: uint64(number(19))}
	if parts&withStatus != 0 {
		status, err := r.File(dir + "status")
		if err != nil {
			return p, false
		}
		p.readStatus(string(status))
	}
	return p, parts&withCommand == 0 || p.readCommand(r)
}

// readCommand reads the command line. It returns false if the process has ended.
func (p *process) readCommand(r *ProcReader) bool {
	line, err := r.File("/proc/" + strconv.Itoa(p.pid) + "/cmdline")
	if err != nil {
		return false
	}
	p.command = commandLine(line, p.comm)
	if len(line) == 0 && p.State == 'Z' {
		p.command += " <defunct>"
	}
	return true
}

// File reads a file. The result is valid until the next call. It avoids os.File, which would
// ask for each file whether it can be polled.
func (r *ProcReader) File(name string) ([]byte, error) {
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
		if n < len(free) { // a read of /proc fills the buffer unless the file ends
			return r.buf, nil
		}
		if len(r.buf) >= procFileLimit {
			return r.buf, nil
		}
		r.buf = slices.Grow(r.buf, len(r.buf))
	}
}

// procFileLimit is how much of a file is read, about. A process can give itself arguments of any
// size, and so could exhaust the memory of whoever looks at it; exec gives it 6 MiB at most.
const procFileLimit = 8 << 20

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

// printable replaces each control character by a dot, to protect a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '.'
		}
		return r
	}, s)
}

// userName returns the name of a user, or the number if the user has no name.
func userName(c *native.Call, uid int) string {
	if name, ok := c.NameOfID(native.PasswdFile, uid); ok {
		return name
	}
	return strconv.Itoa(uid)
}

// userNumber returns the number of a user that is given by name or number.
func userNumber(c *native.Call, s string) (int, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, true
	}
	return c.NumberOfID(native.PasswdFile, s)
}

// ttyName returns the name of the terminal with a device number, "?" for none.
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
