package files

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var truncateOptions = [...]native.Option{
	{Key: 's', Long: "size", Arg: native.NeedArg}, {Key: 'c', Long: "no-create"},
	{Key: 'r', Long: "reference", Arg: native.NeedArg}, {Key: 'o', Long: "io-blocks"},
}

// A sizeChange is the argument of truncate -s: how the new size depends on the old one.
type sizeChange struct {
	op     byte // 0, + - < > / %
	number int64
}

// Truncate is truncate(1).
func Truncate(c *native.Call) int {
	opts, names, problem := c.Options(truncateOptions[:], native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	var size sizeChange
	reference, hasSize, noCreate := "", false, false
	for _, o := range opts {
		switch o.Key {
		case 'c':
			noCreate = true
		case 'r':
			reference = o.Value
		case 'o':
			return c.Unsupported("option '-o'")
		case 's':
			var ok bool
			if size, ok = parseSizeChange(o.Value); !ok {
				return c.Unsupported("size %s", native.QuoteText(o.Value))
			}
			if (size.op == '/' || size.op == '%') && size.number == 0 {
				c.Errorf("division by zero")
				return 1
			}
			hasSize = true
		}
	}
	switch {
	case !hasSize && reference == "":
		return c.UsageError(1, "you must specify either %s or %s", native.QuoteText("--size"),
			native.QuoteText("--reference"))
	case hasSize && reference != "" && size.op == 0:
		return c.UsageError(1, "you must specify a relative %s with %s", native.QuoteText("--size"),
			native.QuoteText("--reference"))
	case len(names) == 0:
		return c.UsageError(1, "missing file operand")
	}
	base := int64(-1)
	if reference != "" {
		st, err := c.Stat(reference)
		if err != nil {
			c.Errorf("cannot stat %s: %s", native.QuoteAlways(reference), clib.Strerror(err))
			return 1
		}
		base = st.Size
	}
	status := 0
	for _, name := range names {
		if !truncate(c, name, size, base, hasSize, noCreate) {
			status = 1
		}
	}
	return status
}

// parseSizeChange reads [OP]NUMBER[UNIT].
func parseSizeChange(text string) (s sizeChange, ok bool) {
	text = strings.TrimLeft(text, " \t")
	if text != "" && strings.IndexByte("<>/%", text[0]) >= 0 {
		s.op, text = text[0], strings.TrimLeft(text[1:], " \t")
	}
	if text != "" && (text[0] == '+' || text[0] == '-') {
		if s.op != 0 {
			return s, false
		}
		s.op, text = text[0], text[1:]
	}
	s.number, ok = parseByteCount(text)
	if s.op == '-' {
		s.op, s.number = '+', -s.number
	}
	return s, ok
}

// parseByteCount reads a number with a unit. K and KiB mean 1024, KB means 1000.
func parseByteCount(text string) (int64, bool) {
	n := 0
	for n < len(text) && ascii.IsDigit(text[n]) {
		n++
	}
	number, err := strconv.ParseInt(text[:n], 10, 64)
	if err != nil {
		return 0, false
	}
	unit := text[n:]
	if unit == "" {
		return number, true
	}
	power := strings.IndexByte("KMGTPE", unit[0]) + 1
	if unit[0] == 'k' {
		power = 1
	}
	base := int64(1024)
	switch unit[1:] {
	case "", "iB":
	case "B":
		base = 1000
	default:
		power = 0
	}
	if power == 0 {
		return 0, false
	}
	for range power {
		if number > math.MaxInt64/base {
			return 0, false
		}
		number *= base
	}
	return number, true
}

func truncate(c *native.Call, name string, size sizeChange, base int64,
	hasSize, noCreate bool) bool {
	flags := unix.O_WRONLY | unix.O_NONBLOCK
	if !noCreate {
		flags |= unix.O_CREAT
	}
	f, err := c.OpenFile(name, flags, 0o666)
	if err != nil {
		if noCreate && err == unix.ENOENT {
			return true
		}
		c.Errorf("cannot open %s for writing: %s", native.QuoteAlways(name), clib.Strerror(err))
		return false
	}
	defer func() { _ = f.Close() }()
	if base < 0 && size.op != 0 {
		st, err := fsys.StatAt(int(f.Fd()), "", unix.AT_EMPTY_PATH)
		if err != nil {
			c.Errorf("cannot fstat %s: %s", native.QuoteAlways(name), clib.Strerror(err))
			return false
		}
		base = st.Size
	}
	want := base
	if hasSize {
		if want = size.apply(base); size.op == '+' && size.number > 0 && want < base {
			c.Errorf("overflow extending size of file %s", native.QuoteAlways(name))
			return false
		}
	}
	if err := unix.Ftruncate(int(f.Fd()), want); err != nil {
		c.Errorf("failed to truncate %s at %d bytes: %s", native.QuoteAlways(name), want,
			clib.Strerror(err))
		return false
	}
	return true
}

func (s sizeChange) apply(base int64) int64 {
	switch s.op {
	case '+':
		if s.number > 0 {
			return base + s.number
		}
		return max(base+s.number, 0)
	case '<':
		return min(base, s.number)
	case '>':
		return max(base, s.number)
	case '/':
		return base / s.number * s.number
	case '%':
		return (base + s.number - 1) / s.number * s.number
	}
	return s.number
}
