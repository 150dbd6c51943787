package builtins

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// atTerminal is what changes where a terminal shows the list.
func (l *lister) atTerminal() {
	l.format = '1'
	fd := descriptor(l.Stdout)
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

func (l *lister) setAll(opts []parsedOption) (problem string) {
	style, sorted := l.Getenv("TIME_STYLE"), false
	for _, o := range opts {
		switch o.key {
		case 't', 'S', 'U', 'X', lsSort, 'f':
			sorted = true
		case lsTimeStyle:
			style = o.value
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
		if name, foreign := l.foreignCollation("LC_TIME"); foreign && l.format == 'l' {
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

func (l *lister) set(o parsedOption) (problem string) {
	switch o.key {
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
		l.sort = byte(o.key)
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
		l.deref = byte(o.key)
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

// setShape is for options that change what a line looks like.
func (l *lister) setShape(o parsedOption) (problem string) {
	switch o.key {
	case 'l', lsFullTime:
		l.format = 'l'
	case '1':
		if l.format != 'l' {
			l.format = '1'
		}
	case 'C', 'x', 'm':
		l.format = byte(o.key)
	case 'n', 'g', 'o':
		l.format = 'l'
		l.numeric = l.numeric || o.key == 'n'
		l.noOwner = l.noOwner || o.key == 'g'
		l.noGroup = l.noGroup || o.key == 'o'
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
		return l.setWidth(o.value)
	case lsColor:
		return l.setColor(o.value)
	}
	return ""
}

func (l *lister) setWidth(text string) (problem string) {
	n, err := strconv.ParseUint(text, 0, 30)
	if err != nil && !(errors.Is(err, strconv.ErrRange) && allDigits(text)) {
		return "width '" + text + "'"
	}
	if l.width = int(n); n == 0 {
		l.width = anyWidth
	}
	return ""
}

// setColor takes what asks for no color.
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

// classify is -F where that is to be; where not, what is set stays.
func (l *lister) classify(o parsedOption) (problem string) {
	switch o.value {
	case "", "always", "yes", "force":
		l.indicator = 'F'
	case "auto", "tty", "if-tty":
		if l.terminal {
			l.indicator = 'F'
		}
	case "never", "no", "none":
	default:
		return "argument '" + o.value + "'"
	}
	return ""
}

func (l *lister) choose(to *byte, o parsedOption, words map[string]byte) (problem string) {
	value, ok := words[o.value]
	if !ok {
		return "argument '" + o.value + "'"
	}
	*to = value
	return ""
}
