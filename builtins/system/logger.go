package system

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// logLimit is the maximum length of a message. A longer line is split into several messages.
const logLimit = 1024

func loggerOptions() []native.Option {
	return []native.Option{
		{Key: 'i'}, {Key: 'I', Long: "id", Arg: native.OptArg},
		{Key: 'f', Long: "file", Arg: native.NeedArg}, {Key: 'e', Long: "skip-empty"},
		{Key: 'p', Long: "priority", Arg: native.NeedArg}, {Key: 's', Long: "stderr"},
		{Key: 't', Long: "tag", Arg: native.NeedArg}, {Key: 'u', Long: "socket", Arg: native.NeedArg},
		// Options of logger(1) that this command lacks. They are listed so that no abbreviation
		// matches another option.
		{Key: '!', Long: "no-act"}, {Key: '!', Long: "octet-count"}, {Key: '!', Long: "prio-prefix"},
		{Key: '!', Long: "size", Arg: native.NeedArg},
		{Key: '!', Long: "server", Arg: native.NeedArg}, {Key: '!', Long: "port", Arg: native.NeedArg},
		{Key: '!', Long: "tcp"}, {Key: '!', Long: "udp"},
		{Key: '!', Long: "rfc3164"}, {Key: '!', Long: "rfc5424", Arg: native.OptArg},
		{Key: '!', Long: "sd-id", Arg: native.NeedArg}, {Key: '!', Long: "sd-param", Arg: native.NeedArg},
		{Key: '!', Long: "msgid", Arg: native.NeedArg},
		{Key: '!', Long: "socket-errors", Arg: native.OptArg},
		{Key: '!', Long: "journald", Arg: native.OptArg},
		{Key: '!', Long: "help"}, {Key: '!', Long: "version"},
	}
}

// A logger is one invocation of logger(1).
type logger struct {
	*native.Call
	zone              *time.Location
	socket, tag, file string
	priority          int
	id                string
	hasFile, hasTag   bool
	skip              bool // -e: skip empty lines of files
	copies            bool
	fd                int // socket, -1 if nobody listens
}

// Logger is logger(1) of util-linux. It sends to the log socket of this host.
func Logger(c *native.Call) int {
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
			c.Errorf("file %s: %s", l.file, clib.Strerror(openErr))
			return 1
		}
		defer in.Close()
	}
	if err != nil && (l.copies || fsys.Exists("/run/systemd/system")) {
		c.Errorf("socket %s: %s", l.socket, clib.Strerror(err))
		return 1
	}
	l.zone = c.TimeZone()
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

// parse reads the arguments. problem names what is left to the system's tool, which includes
// errors.
func (l *logger) parse() (operands []string, problem string) {
	opts, operands, problem := l.Options(loggerOptions(), native.Permute)
	for _, o := range opts {
		switch o.Key {
		case '!':
			problem = o.Named()
		case 'i':
			l.id = strconv.Itoa(unix.Getpid())
		case 'I':
			if l.id = o.Value; l.id == "" {
				l.id = strconv.Itoa(unix.Getpid())
			} else if n, err := strconv.Atoi(l.id); err != nil || n < 1 || l.id[0] == '+' || l.id[0] == '0' {
				problem = "id '" + o.Value + "'"
			}
		case 'f':
			l.file, l.hasFile = o.Value, true
		case 'e':
			l.skip = true
		case 'p':
			var ok bool
			if l.priority, ok = logPriority(o.Value); !ok {
				problem = "priority '" + o.Value + "'"
			}
		case 's':
			l.copies = true
		case 't':
			l.tag, l.hasTag = o.Value, true
		case 'u':
			l.socket = o.Value
		}
	}
	if !l.hasTag {
		name, ok := l.NameOfID(native.PasswdFile, unix.Geteuid())
		if !ok {
			problem = "a user without a name"
		}
		l.tag = name
	}
	if size := len(strings.Join(operands, " ")); size >= logLimit ||
		len(operands) > 0 && (size == 0 || l.hasFile) {
		problem = "such a message"
	}
	return operands, problem
}

// logPriority reads FACILITY.LEVEL or LEVEL. Only the kernel can send messages of the facility
// kern, so kern means user.
func logPriority(text string) (priority int, ok bool) {
	facilities := [...]string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news",
		"uucp", "cron", "authpriv", "ftp", "", "", "", "", "local0", "local1", "local2", "local3",
		"local4", "local5", "local6", "local7"}
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

// sendLines sends each line of an input as a message.
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

// send sends one message. Without a listener the message is lost.
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
