package builtins

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A copyRun is one run of dd.
type copyRun struct {
	*Call
	in, out            string
	ibs, obs           int64
	count, skip, seek  int64
	hasCount, block    bool // block: bs= was given
	countBytes         bool
	skipBytes          bool
	seekBytes          bool
	fullBlock, appends bool
	conv               map[string]bool
	quiet, noTransfer  bool
	inFile, outFile    *os.File
	reader             io.Reader
	writer             io.Writer
	fullIn, partIn     int64
	fullOut, partOut   int64
	bytes              int64
	started            time.Time
}

// runDd is dd(1), without conversions of text and direct input and output.
func runDd(c *Call) int {
	d := copyRun{Call: c, ibs: 512, obs: 512, conv: map[string]bool{}}
	for _, arg := range c.Args[1:] {
		name, value, ok := strings.Cut(arg, "=")
		if !ok || !d.set(name, value) {
			return c.Unsupported("operand %s", quoteText(arg))
		}
	}
	if d.conv["excl"] && d.conv["nocreat"] || d.conv["swab"] {
		return c.Unsupported("conv=excl,nocreat")
	}
	status := d.open()
	if status == 0 {
		d.started = time.Now()
		status = d.copy()
		if err := d.finish(); err != nil {
			c.Errorf("%s: %s", err.what, Strerror(err.error))
			status = 1
		}
		d.report()
	}
	for _, f := range [...]*os.File{d.inFile, d.outFile} {
		if f != nil {
			_ = f.Close()
		}
	}
	return status
}

func (d *copyRun) set(name, value string) bool {
	number := func(to *int64, bytes *bool) bool {
		n, isBytes, ok := ddNumber(value)
		if isBytes && bytes == nil {
			isBytes = false
		}
		if bytes != nil && isBytes {
			*bytes = true
		}
		*to = n
		return ok
	}
	size := func(to *int64) bool { return number(to, nil) && *to > 0 && *to <= 1<<30 }
	switch name {
	case "if":
		d.in = value
	case "of":
		d.out = value
	case "bs":
		d.block = true
		if !size(&d.ibs) {
			return false
		}
		d.obs = d.ibs
	case "ibs":
		return !d.block && size(&d.ibs)
	case "obs":
		return !d.block && size(&d.obs)
	case "count":
		d.hasCount = true
		return number(&d.count, &d.countBytes)
	case "skip", "iseek":
		return number(&d.skip, &d.skipBytes)
	case "seek", "oseek":
		return number(&d.seek, &d.seekBytes)
	case "status":
		d.quiet, d.noTransfer = value == "none", value == "noxfer"
		return d.quiet || d.noTransfer
	case "conv":
		return d.words(value, "notrunc sync noerror fsync fdatasync sparse excl nocreat")
	case "iflag":
		return d.flags(value, "fullblock count_bytes skip_bytes")
	case "oflag":
		return d.flags(value, "append seek_bytes")
	default:
		return false
	}
	return true
}

func (d *copyRun) words(list, known string) bool {
	for w := range strings.SplitSeq(list, ",") {
		if w == "" || !strings.Contains(" "+known+" ", " "+w+" ") {
			return false
		}
		d.conv[w] = true
	}
	return true
}

func (d *copyRun) flags(list, known string) bool {
	for w := range strings.SplitSeq(list, ",") {
		if w == "" || !strings.Contains(" "+known+" ", " "+w+" ") {
			return false
		}
		switch w {
		case "fullblock":
			d.fullBlock = true
		case "count_bytes":
			d.countBytes = true
		case "skip_bytes":
			d.skipBytes = true
		case "seek_bytes":
			d.seekBytes = true
		case "append":
			d.appends = true
		}
	}
	return true
}

// ddNumber reads a number with a unit: c, w, b, K, KB, KiB and so on; B means bytes.
func ddNumber(text string) (n int64, bytes, ok bool) {
	if text == "" || !isDigit(text[0]) || strings.Contains(text, "x") {
		return 0, false, false
	}
	switch last := text[len(text)-1]; last {
	case 'c', 'w', 'b':
		n, err := strconv.ParseInt(text[:len(text)-1], 10, 40)
		return n * map[byte]int64{'c': 1, 'w': 2, 'b': 512}[last], false, err == nil
	case 'B':
		if isDigit(text[max(len(text)-2, 0)]) {
			n, err := strconv.ParseInt(text[:len(text)-1], 10, 62)
			return n, true, err == nil
		}
		bytes = true
	}
	n, ok = parseByteCount(text)
	return n, bytes, ok
}

func (d *copyRun) open() int {
	d.reader, d.writer = d.Stdin, d.Stdout
	if d.in != "" {
		f, err := d.OpenFile(d.in, unix.O_RDONLY, 0)
		if err != nil {
			d.Errorf("failed to open %s: %s", quoteAlways(d.in), Strerror(err))
			return 1
		}
		d.inFile, d.reader = f, f
	}
	if d.out == "" {
		return d.place()
	}
	flags := unix.O_WRONLY
	if !d.conv["nocreat"] {
		flags |= unix.O_CREAT
	}
	if d.conv["excl"] {
		flags |= unix.O_EXCL
	}
	if d.appends {
		flags |= unix.O_APPEND
	}
	if !d.conv["notrunc"] && d.seek == 0 {
		flags |= unix.O_TRUNC
	}
	f, err := d.OpenFile(d.out, flags, 0o666)
	if err != nil {
		d.Errorf("failed to open %s: %s", quoteAlways(d.out), Strerror(err))
		return 1
	}
	d.outFile, d.writer = f, f
	return d.place()
}

// place skips in the input and seeks in the output.
func (d *copyRun) place() int {
	if d.outFile != nil && d.seek > 0 {
		at := d.seek
		if !d.seekBytes {
			at *= d.obs
		}
		if !d.conv["notrunc"] {
			if err := unix.Ftruncate(int(d.outFile.Fd()), at); err != nil && err != unix.EINVAL {
				d.Errorf("failed to truncate to %d bytes in output file %s: %s", at,
					quoteAlways(d.out), Strerror(err))
				return 1
			}
		}
		if _, err := d.outFile.Seek(at, io.SeekStart); err != nil {
			d.Errorf("%s: cannot seek: %s", quoteAlways(d.out), Strerror(pathErrno(err)))
			return 1
		}
	}
	if d.skip == 0 {
		return 0
	}
	n := d.skip
	if !d.skipBytes {
		n *= d.ibs
	}
	if d.inFile != nil {
		if st, err := d.inFile.Stat(); err == nil && st.Mode().IsRegular() {
			if n > st.Size() {
				d.Errorf("%s: cannot skip to specified offset", quoteName(d.in))
				n = st.Size()
			}
			_, _ = d.inFile.Seek(n, io.SeekStart)
			return 0
		}
	}
	got, _ := io.CopyN(io.Discard, d.reader, n)
	if got < n {
		d.Errorf("%s: cannot skip to specified offset", quoteName(d.inName()))
	}
	return 0
}

func (d *copyRun) inName() string {
	if d.in == "" {
		return "standard input"
	}
	return d.in
}

func (d *copyRun) outName() string {
	if d.out == "" {
		return "standard output"
	}
	return d.out
}

func (d *copyRun) copy() int {
	buf := make([]byte, d.ibs)
	var pending []byte
	left := int64(-1)
	if d.hasCount && d.countBytes {
		left = d.count
	}
	for n := int64(0); !d.hasCount || d.countBytes || n < d.count; n++ {
		want := d.ibs
		if left >= 0 {
			want = min(want, left)
		}
		if want == 0 {
			break
		}
		got, err := d.read(buf[:want])
		if err != nil && err != io.EOF {
			d.Errorf("error reading %s: %s", quoteAlways(d.inName()), Strerror(pathErrno(err)))
			_ = d.write(pending)
			return 1
		}
		if got == 0 {
			break
		}
		left -= int64(got)
		if got == len(buf) {
			d.fullIn++
		} else {
			d.partIn++
			if d.conv["sync"] {
				clear(buf[got:])
				got = len(buf)
			}
		}
		if d.block {
			if status := d.writeTold(buf[:got]); status != 0 {
				return status
			}
			continue
		}
		pending = append(pending, buf[:got]...)
		for int64(len(pending)) >= d.obs {
			if status := d.writeTold(pending[:d.obs]); status != 0 {
				return status
			}
			pending = pending[d.obs:]
		}
	}
	return d.writeTold(pending)
}

// read reads a block, a whole one where that is asked for.
func (d *copyRun) read(b []byte) (n int, err error) {
	if d.fullBlock {
		n, err = io.ReadFull(d.reader, b)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return n, err
	}
	return d.reader.Read(b)
}

func (d *copyRun) writeTold(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	err := d.write(b)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, unix.EPIPE):
		return 128 + int(unix.SIGPIPE)
	}
	what := "writing to"
	if d.block {
		what = "error writing"
	}
	d.Errorf("%s %s: %s", what, quoteAlways(d.outName()), Strerror(pathErrno(err)))
	return 1
}

func (d *copyRun) write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	n, err := 0, error(nil)
	if d.conv["sparse"] && d.outFile != nil && allZero(b) {
		if _, err := d.outFile.Seek(int64(len(b)), io.SeekCurrent); err == nil {
			n = len(b)
		}
	}
	if n == 0 {
		n, err = d.writer.Write(b)
	}
	d.bytes += int64(n)
	if int64(n) == d.obs {
		d.fullOut++
	} else if n > 0 {
		d.partOut++
	}
	return err
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

type ddError struct {
	what string
	error
}

// finish makes the end of a sparse file, and waits for the disk where that is asked for.
func (d *copyRun) finish() *ddError {
	if d.outFile == nil {
		return nil
	}
	fd := int(d.outFile.Fd())
	if d.conv["sparse"] {
		if at, err := d.outFile.Seek(0, io.SeekCurrent); err == nil {
			if st, err := d.outFile.Stat(); err == nil && st.Mode().IsRegular() && st.Size() < at {
				_ = unix.Ftruncate(fd, at)
			}
		}
	}
	if d.conv["fdatasync"] {
		if err := unix.Fdatasync(fd); err != nil {
			return &ddError{"fdatasync failed for " + d.quoted(quoteAlways(d.out)), err}
		}
	}
	if d.conv["fsync"] {
		if err := unix.Fsync(fd); err != nil {
			return &ddError{"fsync failed for " + d.quoted(quoteAlways(d.out)), err}
		}
	}
	return nil
}

// report writes what was copied.
func (d *copyRun) report() {
	if d.quiet {
		return
	}
	fmt.Fprintf(d.Stderr, "%d+%d records in\n%d+%d records out\n", d.fullIn, d.partIn, d.fullOut,
		d.partOut)
	if d.noTransfer {
		return
	}
	seconds := max(time.Since(d.started).Seconds(), 1e-9)
	word := "bytes"
	if d.bytes == 1 {
		word = "byte"
	}
	size := ""
	if d.bytes >= 1000 {
		size = fmt.Sprintf(" (%s", ddUnit(float64(d.bytes), 1000))
		if d.bytes >= 1024 {
			size += ", " + ddUnit(float64(d.bytes), 1024)
		}
		size += ")"
	}
	fmt.Fprintf(d.Stderr, "%d %s%s copied, %s s, %s/s\n", d.bytes, word, size, formatG(seconds),
		ddUnit(float64(d.bytes)/seconds, 1000))
}

// ddUnit is a size with its unit, rounded.
func ddUnit(n, base float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	if base == 1024 {
		units = []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	}
	i := 0
	for n >= base && i < len(units)-1 {
		n, i = n/base, i+1
	}
	if i > 0 && n < 9.95 {
		return strconv.FormatFloat(n, 'f', 1, 64) + " " + units[i]
	}
	return strconv.FormatFloat(n, 'f', 0, 64) + " " + units[i]
}
