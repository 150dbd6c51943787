package builtins

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// logLimit is the longest message; what is longer is several.
const logLimit = 1024

func loggerOptions() []option {
	return []option{
		{'i', "", noArg}, {'I', "id", optArg}, {'f', "file", needArg}, {'e', "skip-empty", noArg},
		{'p', "priority", needArg}, {'s', "stderr", noArg}, {'t', "tag", needArg}, {'u', "socket", needArg},
		// Known to logger(1) and not to us; here so that no prefix hits another.
		{'!', "no-act", noArg}, {'!', "octet-count", noArg}, {'!', "prio-prefix", noArg}, {'!', "size", needArg},
		{'!', "server", needArg}, {'!', "port", needArg}, {'!', "tcp", noArg}, {'!', "udp", noArg},
		{'!', "rfc3164", noArg}, {'!', "rfc5424", optArg}, {'!', "sd-id", needArg}, {'!', "sd-param", needArg},
		{'!', "msgid", needArg}, {'!', "socket-errors", optArg}, {'!', "journald", optArg},
		{'!', "help", noArg}, {'!', "version", noArg},
	}
}

// A logger is one invocation of logger.
type logger struct {
	*Call
	zone              *time.Location
	socket, tag, file string
	priority          int
	id                string
	hasFile, hasTag   bool
	skip              bool // empty lines of files
	copies            bool
	fd                int // -1: nobody listens
}

// runLogger is logger(1) of util-linux for the socket of this host's log.
func runLogger(c *Call) int {
	l := &logger{Call: c, socket: "/dev/log", priority: 1<<3 | 5, fd: -1}
	operands, problem := l.parse()
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	err := l.connect()
	if errors.Is(err, unix.EPROTOTYPE) || len(l.socket) > 100 {
		return c.Unsupported("a socket of this kind")
	}
	defer unix.Close(l.fd)
	var in io.ReadCloser
	if l.hasFile {
		var openErr error
		if in, openErr = c.OpenFile(l.file, unix.O_RDONLY, 0); openErr != nil {
			c.Errorf("file %s: %s", l.file, Strerror(openErr))
			return 1
		}
		defer in.Close()
	}
	if err != nil && (l.copies || pathExists("/run/systemd/system")) {
		c.Errorf("socket %s: %s", l.socket, Strerror(err))
		return 1
	}
	l.zone = c.timeZone()
	switch {
	case len(operands) > 0:
		l.send(strings.Join(operands, " "))
	case in != nil:
		l.sendLines(in)
	default:
		l.sendLines(c.Stdin)
	}
	return 0
}

// parse reads the arguments. A problem is what is left to the system's tool, mistakes too.
func (l *logger) parse() (operands []string, problem string) {
	opts, operands, problem := l.options(loggerOptions(), permute)
	for _, o := range opts {
		switch o.key {
		case '!':
			problem = o.named()
		case 'i':
			l.id = strconv.Itoa(unix.Getpid())
		case 'I':
			if l.id = o.value; l.id == "" {
				l.id = strconv.Itoa(unix.Getpid())
			} else if n, err := strconv.Atoi(l.id); err != nil || n < 1 || l.id[0] == '+' || l.id[0] == '0' {
				problem = "id '" + o.value + "'"
			}
		case 'f':
			l.file, l.hasFile = o.value, true
		case 'e':
			l.skip = true
		case 'p':
			var ok bool
			if l.priority, ok = logPriority(o.value); !ok {
				problem = "priority '" + o.value + "'"
			}
		case 's':
			l.copies = true
		case 't':
			l.tag, l.hasTag = o.value, true
		case 'u':
			l.socket = o.value
		}
	}
	if !l.hasTag {
		name, ok := l.idName(passwdFile, unix.Geteuid())
		if !ok {
			problem = "a user without a name"
		}
		l.tag = name
	}
	if size := len(strings.Join(operands, " ")); size >= logLimit || len(operands) > 0 && (size == 0 || l.hasFile) {
		problem = "such a message"
	}
	return operands, problem
}

// logPriority is FACILITY.LEVEL or LEVEL. Messages of the kernel nobody else can send.
func logPriority(text string) (priority int, ok bool) {
	facilities := [...]string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp",
		"cron", "authpriv", "ftp", "", "", "", "", "local0", "local1", "local2", "local3", "local4",
		"local5", "local6", "local7"}
	levels := [...]string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}
	facility, level, both := strings.Cut(text, ".")
	if !both {
		facility, level = "user", text
	}
	switch level {
	case "panic":
		level = "emerg"
	case "error":
		level = "err"
	case "warn":
		level = "warning"
	}
	switch facility {
	case "security":
		facility = "auth"
	case "kern":
		facility = "user"
	}
	for f, name := range facilities {
		for n, other := range levels {
			if name != "" && name == facility && other == level {
				return f<<3 | n, true
			}
		}
	}
	return 0, false
}

func (l *logger) connect() error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err = unix.Connect(fd, &unix.SockaddrUnix{Name: l.socket}); err != nil {
		_ = unix.Close(fd)
		return err
	}
	l.fd = fd
	return nil
}

// sendLines sends each line of an input.
func (l *logger) sendLines(in io.Reader) {
	r := bufio.NewReaderSize(in, logLimit)
	for {
		line, err := r.ReadSlice('\n')
		if len(line) == 0 && err != nil {
			return
		}
		text := strings.TrimSuffix(string(line), "\n")
		if errors.Is(err, bufio.ErrBufferFull) {
			if next, _ := r.Peek(1); len(next) == 1 && next[0] == '\n' {
				_, _ = r.Discard(1)
			}
		}
		if text != "" || !l.skip {
			l.send(text)
		}
	}
}

// send sends one message. Who does not listen misses it.
func (l *logger) send(text string) {
	tag := l.tag
	if l.id != "" {
		tag += "[" + l.id + "]"
	}
	now := time.Now().In(l.zone).Format("Jan _2 15:04:05")
	message := fmt.Sprintf("<%d>%s %s: %s", l.priority, now, tag, text)
	if l.fd >= 0 {
		_ = unix.Send(l.fd, []byte(message), unix.MSG_NOSIGNAL)
	}
	if l.copies {
		fmt.Fprintln(l.Stderr, message)
	}
}
