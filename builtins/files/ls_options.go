package files

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/native"
)

// atTerminal sets the defaults, which differ if the output is a terminal.
func (l *lister) atTerminal() {
	l.format = '1'
	fd := native.FD(l.Stdout)
	if fd < 0 {
		return
	}
	if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
		return
	}
	l.format, l.quote, l.hideControl, l.terminal = 'C', true, true, true
	if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil && size.Col > 0 {
		l.width = int(size.Col)
	}
	if n, err := strconv.Atoi(l.Getenv("COLUMNS")); err == nil && n > 0 {
		l.width = n
	}
}

func (l *lister) setAll(opts []native.GivenOption) (problem string) {
	style, sorted := l.Getenv("TIME_STYLE"), false
	for _, o := range opts {
		switch o.Key {
		case 't', 'S', 'U', 'X', lsSort, 'f':
			sorted = true
		case lsTimeStyle:
			style = o.Value
		case lsFullTime:
			style = "full-iso"
		}
		if problem := l.set(o); problem != "" {
			return problem
		}
	}
	if !sorted && (l.time == 'c' || l.time == 'a') && l.format != 'l' {
		l.sort = 't'
	}
	return l.setTimeStyle(style)
}

func (l *lister) setTimeStyle(style string) (problem string) {
	style = strings.TrimPrefix(style, "posix-")
	if style == "" || style == "locale" || style[0] == '+' {
		if name, foreign := l.ForeignCollation("LC_TIME"); foreign && l.format == 'l' {
			return "the dates of " + name
		}
	}
	switch {
	case style == "" || style == "locale":
		l.old, l.recent = "%b %e  %Y", "%b %e %H:%M"
	case style == "long-iso":
		l.old, l.recent = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M"
	case style == "full-iso":
		l.old = "%Y-%m-%d %H:%M:%S.%N %z"
		l.recent = l.old
	case style == "iso":
		l.old, l.recent = "%Y-%m-%d ", "%m-%d %H:%M"
	case style[0] == '+':
		old, recent, two := strings.Cut(style[1:], "\n")
		if l.old, l.recent = old, recent; !two {
			l.recent = old
		}
		if strings.Contains(recent, "\n") {
			return "time style " + style
		}
	default:
		return "time style '" + style + "'"
	}
	return ""
}

func (l *lister) set(o native.GivenOption) (problem string) {
	switch o.Key {
	case 'a':
		l.all = true
	case 'A':
		l.all, l.almostAll = false, true
	case 'd':
		l.dirs = true
	case 'R':
		l.recurse = true
	case 'r':
		l.reverse = true
	case 'i':
		l.inode = true
	case 's':
		l.blocks = true
	case 't', 'S', 'U', 'X':
		l.sort = byte(o.Key)
	case 'f':
		l.all, l.sort = true, 'U'
		if l.format == 'l' {
			l.format = '1'
			if l.terminal {
				l.format = 'C'
			}
		}
	case 'c':
		l.time = 'c'
	case 'u':
		l.time = 'a'
	case 'L', 'H':
		l.deref = byte(o.Key)
	case lsDerefDirs:
		l.deref = 'D'
	case lsDirsFirst:
		l.dirsFirst = true
	case 'B':
		l.noBackups = true
	case 'k':
	case lsAuthor:
		l.author = true
	default:
		return l.setShape(o)
	}
	return ""
}

// setShape handles the options that change the form of a line.
func (l *lister) setShape(o native.GivenOption) (problem string) {
	switch o.Key {
	case 'l', lsFullTime:
		l.format = 'l'
	case '1':
		if l.format != 'l' {
			l.format = '1'
		}
	case 'C', 'x', 'm':
		l.format = byte(o.Key)
	case 'n', 'g', 'o':
		l.format = 'l'
		l.numeric = l.numeric || o.Key == 'n'
		l.noOwner = l.noOwner || o.Key == 'g'
		l.noGroup = l.noGroup || o.Key == 'o'
	case 'G':
		l.noGroup = true
	case 'h':
		l.human = 1024
	case lsSI:
		l.human = 1000
	case 'F':
		l.indicator = 'F'
	case lsClassify:
		return l.classify(o)
	case lsFileType:
		l.indicator = 'f'
	case 'p':
		l.indicator = '/'
	case lsIndicator:
		return l.choose(&l.indicator, o, map[string]byte{"none": 0, "slash": '/',
			"file-type": 'f', "classify": 'F'})
	case 'N':
		l.quote = false
	case 'q':
		l.hideControl = true
	case lsSort:
		return l.choose(&l.sort, o, map[string]byte{"none": 'U', "time": 't', "size": 'S',
			"extension": 'X', "name": 'n'})
	case lsTime:
		return l.choose(&l.time, o, map[string]byte{"atime": 'a', "access": 'a', "use": 'a',
			"ctime": 'c', "status": 'c'})
	case lsFormat:
		return l.choose(&l.format, o, map[string]byte{"long": 'l', "verbose": 'l',
			"single-column": '1', "vertical": 'C', "commas": 'm', "across": 'x',
			"horizontal": 'x'})
	case 'w':
		return l.setWidth(o.Value)
	case lsColor:
		return l.setColor(o.Value)
	}
	return ""
}

func (l *lister) setWidth(text string) (problem string) {
	n, err := strconv.ParseUint(text, 0, 30)
	if err != nil && !(errors.Is(err, strconv.ErrRange) && ascii.OnlyDigits(text)) {
		return "width '" + text + "'"
	}
	if l.width = int(n); n == 0 {
		l.width = anyWidth
	}
	return ""
}

// setColor accepts the values that mean no color.
func (l *lister) setColor(when string) (problem string) {
	switch when {
	case "never", "no", "none":
		return ""
	case "auto", "tty", "if-tty":
		if !l.terminal {
			return ""
		}
	}
	return "option '--color'"
}

// classify handles --classify. "never" leaves an earlier setting as it is.
func (l *lister) classify(o native.GivenOption) (problem string) {
	switch o.Value {
	case "", "always", "yes", "force":
		l.indicator = 'F'
	case "auto", "tty", "if-tty":
		if l.terminal {
			l.indicator = 'F'
		}
	case "never", "no", "none":
	default:
		return "argument '" + o.Value + "'"
	}
	return ""
}

func (l *lister) choose(to *byte, o native.GivenOption, words map[string]byte) (problem string) {
	value, ok := words[o.Value]
	if !ok {
		return "argument '" + o.Value + "'"
	}
	*to = value
	return ""
}
