package files

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var mktempOptions = [...]native.Option{
	{Key: 'd', Long: "directory"}, {Key: 'u', Long: "dry-run"}, {Key: 'q', Long: "quiet"},
	{Key: 'p', Arg: native.NeedArg}, {Key: native.LongOnly, Long: "tmpdir", Arg: native.OptArg},
	{Key: native.LongOnly + 1, Long: "suffix", Arg: native.NeedArg}, {Key: 't'},
}

type tempMaker struct {
	*native.Call
	directory, dry, quiet, inTemp, old bool
	dir                                string
	suffix                             string
	hasSuffix                          bool
}

// Mktemp is mktemp(1).
func Mktemp(c *native.Call) int {
	opts, args, problem := c.Options(mktempOptions[:], native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	m := tempMaker{Call: c}
	for _, o := range opts {
		switch o.Key {
		case 'd':
			m.directory = true
		case 'u':
			m.dry = true
		case 'q':
			m.quiet = true
		case 'p', native.LongOnly:
			m.inTemp, m.dir = true, o.Value
		case native.LongOnly + 1:
			m.suffix, m.hasSuffix = o.Value, true
		case 't':
			m.inTemp, m.old = true, true
		}
	}
	if len(args) > 1 {
		return c.UsageError(1, "too many templates")
	}
	template := "tmp.XXXXXXXXXX"
	if len(args) == 0 {
		m.inTemp = true
	} else {
		template = args[0]
	}
	return m.make(template)
}

func (m *tempMaker) make(template string) int {
	end := strings.LastIndexByte(template, 'X') + 1
	if m.hasSuffix {
		if end != len(template) || end == 0 {
			m.Errorf("with --suffix, template %s must end in X", native.QuoteText(template))
			return 1
		}
	} else {
		m.suffix, template = template[end:], template[:end]
	}
	if strings.Contains(m.suffix, "/") {
		m.Errorf("invalid suffix %s, contains directory separator", native.QuoteText(m.suffix))
		return 1
	}
	n := len(template) - len(strings.TrimRight(template, "X"))
	if n < 3 {
		m.Errorf("too few X's in template %s", native.QuoteText(template+m.suffix))
		return 1
	}
	if m.inTemp {
		if problem := m.place(template); problem != "" {
			m.Errorf("%s", problem)
			return 1
		}
		template = findJoin(m.dir, template)
	}
	return m.create(template[:len(template)-n], n)
}

// place sets the directory of the new name.
func (m *tempMaker) place(template string) (problem string) {
	whole := template + m.suffix
	if m.old {
		if strings.Contains(template, "/") {
			return "invalid template, " + m.Quoted(native.QuoteText(whole)) +
				", contains directory separator"
		}
		if dir := m.Getenv("TMPDIR"); dir != "" {
			m.dir = dir
		}
	} else {
		if m.dir == "" {
			m.dir = m.Getenv("TMPDIR")
		}
		if strings.HasPrefix(template, "/") {
			return "invalid template, " + m.Quoted(native.QuoteText(whole)) +
				"; with --tmpdir, it may not be absolute"
		}
	}
	if m.dir == "" {
		m.dir = "/tmp"
	}
	return ""
}

// create tries names until one is free.
func (m *tempMaker) create(prefix string, n int) int {
	var err error
	for range 1000 {
		name := prefix + fsys.RandomName(n) + m.suffix
		switch {
		case m.dry:
			if _, err = m.Lstat(name); err == unix.ENOENT {
				err = nil
			} else if err == nil {
				err = unix.EEXIST
			}
		case m.directory:
			err = unix.Mkdirat(m.Dir, name, 0o700)
		default:
			err = m.createFile(name)
		}
		if err == unix.EEXIST {
			continue
		}
		if err == nil {
			return m.tell(name)
		}
		break
	}
	if !m.quiet {
		what := "file"
		if m.directory {
			what = "directory"
		}
		template := prefix + strings.Repeat("X", n) + m.suffix
		m.Errorf("failed to create %s via template %s: %s", what, native.QuoteText(template),
			clib.Strerror(err))
	}
	return 1
}

func (m *tempMaker) createFile(name string) error {
	f, err := m.OpenFile(name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// tell prints the name. If that fails, it removes the file, whose name nobody knows.
func (m *tempMaker) tell(name string) int {
	if _, err := fmt.Fprintf(m.Stdout, "%s\n", name); err != nil {
		if !m.dry {
			flags := 0
			if m.directory {
				flags = unix.AT_REMOVEDIR
			}
			_ = unix.Unlinkat(m.Dir, name, flags)
		}
		if m.quiet {
			return 1
		}
		return m.WriteError(err)
	}
	return 0
}
