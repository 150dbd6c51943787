package files

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
)

// A copyRun is one run of dd(1).
type copyRun struct {
	*native.Call
	in, out            *string // nil: standard input or output
	ibs, obs           int64
	count, skip, seek  int64
	hasCount, block    bool // block: bs= is given
	countBytes         bool
	skipBytes          bool
	seekBytes          bool
	fullBlock, appends bool
	conv               map[string]bool
	quiet, noTransfer  bool
	progress           bool
	inFlags, outFlags  int // flags for open(2)
	inFile, outFile    *os.File
	reader             io.Reader
	writer             io.Writer
	fullIn, partIn     int64
	fullOut, partOut   int64
	bytes              int64
	started            time.Time
	shown              time.Time // time of the last progress line
	// caught are the signals that ask for a report, if dd has a process of its own.
	caught uint64
	// mute says that a write to standard error failed.
	mute bool
}

// Dd is dd(1) without text conversions, except for lcase and ucase, and without direct I/O.
func Dd(c *native.Call) int {
	d := copyRun{Call: c, ibs: 512, obs: 512, conv: map[string]bool{}}
	operands := c.Args[1:]
	if len(operands) > 0 && operands[0] == "--" {
		operands = operands[1:]
	}
	for _, arg := range operands {
		name, value, ok := strings.Cut(arg, "=")
		if !ok || !d.set(name, value) {
			return c.Unsupported("operand %s", native.QuoteText(arg))
		}
	}
	if d.conv["excl"] && d.conv["nocreat"] || d.conv["lcase"] && d.conv["ucase"] {
		return c.Unsupported("conv=excl,nocreat")
	}
	if d.in == nil && d.inFlags != 0 || d.out == nil && d.outFlags != 0 {
		return c.Unsupported("flags without a file")
	}
	if c.Own {
		d.catch()
	}
	status := d.open()
	if status == 0 {
		d.started = time.Now()
		d.shown = d.started
		status = d.copy()
		if err := d.finish(); err != nil {
			c.Errorf("%s: %s", err.what, clib.Strerror(err.error))
			status = 1
		}
		if d.shown != d.started {
			d.tell("\n")
		}
		if d.closesBadly() {
			return 1
		}
		d.report()
		if d.mute {
			status = 1
		}
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
		d.in = &value
	case "of":
		d.out = &value
	case "bs":
		d.block = true
		if !size(&d.ibs) {
			return false
		}
		d.obs = d.ibs
	case "ibs":
		return size(d.unlessBlock(&d.ibs))
	case "obs":
		return size(d.unlessBlock(&d.obs))
	case "count":
		d.hasCount = true
		return number(&d.count, &d.countBytes)
	case "skip", "iseek":
		return number(&d.skip, &d.skipBytes)
	case "seek", "oseek":
		return number(&d.seek, &d.seekBytes)
	case "status":
		d.quiet, d.noTransfer, d.progress = value == "none", value == "noxfer", value == "progress"
		return d.quiet || d.noTransfer || d.progress
	case "conv":
		return d.words(value, "notrunc sync noerror fsync fdatasync sparse excl nocreat lcase ucase")
	case "iflag":
		return d.flags(value, "fullblock count_bytes skip_bytes", &d.inFlags)
	case "oflag":
		return d.flags(value, "append seek_bytes", &d.outFlags)
	default:
		return false
	}
	return true
}

// unlessBlock returns where ibs= or obs= stores its value. bs= takes precedence wherever it
// stands.
func (d *copyRun) unlessBlock(to *int64) *int64 {
	if d.block {
		return new(int64)
	}
	return to
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

func (d *copyRun) flags(list, known string, open *int) bool {
	for w := range strings.SplitSeq(list, ",") {
		if flag := ddOpenFlag(w); flag != 0 {
			*open |= flag
			continue
		}
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

// ddOpenFlag returns the flag of open(2) that a word stands for. O_DIRECT is missing: it needs
// aligned memory, which nothing guarantees here.
func ddOpenFlag(word string) int {
	switch word {
	case "directory":
		return unix.O_DIRECTORY
	case "dsync":
		return unix.O_DSYNC
	case "sync":
		return unix.O_SYNC
	case "nonblock":
		return unix.O_NONBLOCK
	case "noatime":
		return unix.O_NOATIME
	case "noctty":
		return unix.O_NOCTTY
	case "nofollow":
		return unix.O_NOFOLLOW
	}
	return 0
}

// ddNumber reads a number with a unit: c, w, b, K, KB, KiB and so on. B means bytes.
func ddNumber(text string) (n int64, bytes, ok bool) {
	if text == "" || !ascii.IsDigit(text[0]) || strings.Contains(text, "x") {
		return 0, false, false
	}
	switch last := text[len(text)-1]; last {
	case 'c', 'w', 'b':
		n, err := strconv.ParseInt(text[:len(text)-1], 10, 40)
		return n * map[byte]int64{'c': 1, 'w': 2, 'b': 512}[last], false, err == nil
	case 'B':
		if ascii.IsDigit(text[max(len(text)-2, 0)]) {
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
	if d.in != nil {
		f, err := d.OpenFile(*d.in, unix.O_RDONLY|d.inFlags, 0)
		if err != nil {
			d.Errorf("failed to open %s: %s", native.QuoteAlways(*d.in), clib.Strerror(err))
			return 1
		}
		d.inFile, d.reader = f, f
	}
	if d.out == nil {
		if fd := native.FD(d.Stdout); d.appends && fd >= 0 {
			if now, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err == nil {
				_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETFL, now|unix.O_APPEND)
			}
		}
		return d.place()
	}
	flags := unix.O_WRONLY | d.outFlags
	if !d.conv["nocreat"] {
		flags |= unix.O_CREAT
	}
	if d.conv["excl"] {
		flags |= unix.O_EXCL
	}
	if d.appends {
		flags |= unix.O_APPEND
	}
	if !d.conv["notrunc"] && d.seekBlocks() == 0 {
		flags |= unix.O_TRUNC
	}
	f, err := d.OpenFile(*d.out, flags, 0o666)
	if err != nil {
		d.Errorf("failed to open %s: %s", native.QuoteAlways(*d.out), clib.Strerror(err))
		return 1
	}
	d.outFile, d.writer = f, f
	return d.place()
}

// outFD returns the file descriptor of the output, or -1.
func (d *copyRun) outFD() int {
	if d.outFile != nil {
		return int(d.outFile.Fd())
	}
	return native.FD(d.Stdout)
}

// seekBlocks returns the number of whole blocks in seek=. If it is 0, the output is truncated
// as without seek=.
func (d *copyRun) seekBlocks() int64 {
	if d.seekBytes {
		return d.seek / d.obs
	}
	return d.seek
}

// place skips input and seeks in the output.
func (d *copyRun) place() int {
	if d.seek > 0 {
		if status := d.placeOutput(); status != 0 {
			return status
		}
	}
	if d.skip == 0 {
		return 0
	}
	n := d.skip
	if !d.skipBytes {
		n *= d.ibs
	}
	fd := native.FD(d.reader)
	if st, err := fsys.StatAt(fd, "", unix.AT_EMPTY_PATH); err == nil && fd >= 0 &&
		fsys.Type(st) == unix.S_IFREG {
		if at, err := unix.Seek(fd, 0, io.SeekCurrent); err == nil {
			if n > st.Size-at {
				d.skipsTooFar()
				n = max(st.Size-at, 0)
			}
			_, _ = unix.Seek(fd, n, io.SeekCurrent)
			return 0
		}
	}
	if got, _ := io.CopyN(io.Discard, d.reader, n); got < n {
		d.skipsTooFar()
	}
	return 0
}

func (d *copyRun) skipsTooFar() {
	if !d.quiet {
		d.Errorf("%s: cannot skip to specified offset", native.QuoteName(d.inName()))
	}
}

func (d *copyRun) placeOutput() int {
	at := d.seek
	if !d.seekBytes {
		at *= d.obs
	}
	fd := d.outFD()
	if d.outFile != nil && !d.conv["notrunc"] && d.seekBlocks() > 0 {
		if err := unix.Ftruncate(fd, at); err != nil && err != unix.EINVAL {
			d.Errorf("failed to truncate to %d bytes in output file %s: %s", at,
				native.QuoteAlways(*d.out), clib.Strerror(err))
			return 1
		}
	}
	err := error(unix.ESPIPE)
	if fd >= 0 {
		_, err = unix.Seek(fd, at, io.SeekCurrent)
	}
	if err != nil {
		d.Errorf("%s: cannot seek: %s", native.QuoteAlways(d.outName()), clib.Strerror(err))
		return 1
	}
	return 0
}

func (d *copyRun) inName() string {
	if d.in == nil {
		return "standard input"
	}
	return *d.in
}

func (d *copyRun) outName() string {
	if d.out == nil {
		return "standard output"
	}
	return *d.out
}

func (d *copyRun) copy() (status int) {
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
		d.tellOn()
		got, err := d.read(buf[:want])
		failed := err != nil && err != io.EOF
		if failed {
			d.Errorf("error reading %s: %s", native.QuoteAlways(d.inName()), clib.Strerror(fsys.Errno(err)))
			if !d.conv["noerror"] {
				_ = d.write(pending)
				return 1
			}
			status = 1
			d.report()
			d.passBad(int64(len(buf) - got))
			if got == 0 && !d.conv["sync"] {
				continue
			}
		}
		if got == 0 && !failed {
			break
		}
		left -= int64(got)
		got = d.countIn(buf, got)
		d.changeCase(buf[:got])
		if d.block {
			if status := d.writeTold(buf[:got], "error writing"); status != 0 {
				return status
			}
			continue
		}
		pending = append(pending, buf[:got]...)
		for int64(len(pending)) >= d.obs {
			if status := d.writeTold(pending[:d.obs], "writing to"); status != 0 {
				return status
			}
			pending = pending[d.obs:]
		}
	}
	return max(status, d.writeTold(pending, "error writing"))
}

// countIn counts a block that was read. With conv=sync, it pads a short block.
func (d *copyRun) countIn(buf []byte, got int) (n int) {
	if got == len(buf) {
		d.fullIn++
		return got
	}
	d.partIn++
	if d.conv["sync"] {
		clear(buf[got:])
		return len(buf)
	}
	return got
}

// passBad seeks past a part of the input that cannot be read.
func (d *copyRun) passBad(n int64) {
	if fd := native.FD(d.reader); fd >= 0 {
		_, _ = unix.Seek(fd, n, io.SeekCurrent)
	}
}

func (d *copyRun) changeCase(b []byte) {
	switch {
	case d.conv["lcase"]:
		for i, c := range b {
			if 'A' <= c && c <= 'Z' {
				b[i] = c | 0x20
			}
		}
	case d.conv["ucase"]:
		for i, c := range b {
			if 'a' <= c && c <= 'z' {
				b[i] = c &^ 0x20
			}
		}
	}
}

// catch catches SIGUSR1, which asks for a report even if it was ignored, and SIGINT, which ends
// dd after a report.
func (d *copyRun) catch() {
	for _, n := range [...]int{int(unix.SIGUSR1), int(unix.SIGINT)} {
		if bit := signals.Bit(n); n == int(unix.SIGUSR1) || signals.Inherited()&bit == 0 {
			signals.Catch(n)
			d.caught |= bit
		}
	}
}

// tellOn reports during the copy: if a signal asks for it, and every second for
// status=progress.
func (d *copyRun) tellOn() {
	if came := signals.Pending() & d.caught; came != 0 {
		signals.Clear(came)
		d.report()
		if came&signals.Bit(int(unix.SIGINT)) != 0 {
			signals.Die(int(unix.SIGINT))
		}
	}
	if d.progress && time.Since(d.shown) >= time.Second {
		d.shown = time.Now()
		d.tell("\r" + d.transfer(fmt.Sprintf("%.0f", time.Since(d.started).Seconds())))
	}
}

// tell writes to standard error and remembers a failure.
func (d *copyRun) tell(text string) {
	if _, err := io.WriteString(d.Stderr, text); err != nil {
		d.mute = true
	}
}

// read reads one block, or a full block if fullblock is set.
func (d *copyRun) read(b []byte) (n int, err error) {
	d.await()
	if d.fullBlock {
		n, err = io.ReadFull(d.reader, b)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return n, err
	}
	return d.reader.Read(b)
}

// await waits for input. Meanwhile it reports if a signal asks for it.
func (d *copyRun) await() {
	fd := native.FD(d.reader)
	if d.caught == 0 || fd < 0 {
		return
	}
	for !signals.Await(fd, func() bool { return signals.Pending()&d.caught != 0 }) {
		d.tellOn()
	}
}

// closesBadly reports a standard output that is closed already. dd notices that before its
// final report.
func (d *copyRun) closesBadly() bool {
	if d.out != nil {
		return false
	}
	_, err := d.Stdout.Write(nil)
	if !errors.Is(err, unix.EBADF) {
		return false
	}
	d.Errorf("closing output file %s: %s", native.QuoteAlways("standard output"), clib.Strerror(err))
	return true
}

// writeTold writes a block, and reports a failure with the words in what: dd has other words
// for the rest at the end.
func (d *copyRun) writeTold(b []byte, what string) int {
	if len(b) == 0 {
		return 0
	}
	err := d.write(b)
	switch {
	case err == nil:
		return 0
	case d.out != nil && errors.Is(err, unix.EPIPE):
		return 128 + int(unix.SIGPIPE)
	}
	d.Errorf("%s %s: %s", what, native.QuoteAlways(d.outName()), clib.Strerror(fsys.Errno(err)))
	return 1
}

func (d *copyRun) write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	n, err := 0, error(nil)
	if d.conv["sparse"] && d.outFD() >= 0 && isZero(b) {
		if _, err := unix.Seek(d.outFD(), int64(len(b)), io.SeekCurrent); err == nil {
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

type ddError struct {
	what string
	error
}

// finish extends a sparse file to its size and syncs the output if that is requested.
func (d *copyRun) finish() *ddError {
	fd := d.outFD()
	if fd < 0 {
		return nil
	}
	if d.conv["sparse"] {
		if at, err := unix.Seek(fd, 0, io.SeekCurrent); err == nil {
			st, err := fsys.StatAt(fd, "", unix.AT_EMPTY_PATH)
			if err == nil && fsys.Type(st) == unix.S_IFREG && st.Size < at {
				_ = unix.Ftruncate(fd, at)
			}
		}
	}
	if d.conv["fdatasync"] {
		if err := unix.Fdatasync(fd); err != nil {
			return &ddError{"fdatasync failed for " + d.Quoted(native.QuoteAlways(d.outName())), err}
		}
	}
	if d.conv["fsync"] {
		if err := unix.Fsync(fd); err != nil {
			return &ddError{"fsync failed for " + d.Quoted(native.QuoteAlways(d.outName())), err}
		}
	}
	return nil
}

// report writes the statistics.
func (d *copyRun) report() {
	if d.quiet {
		return
	}
	text := fmt.Sprintf("%d+%d records in\n%d+%d records out\n", d.fullIn, d.partIn, d.fullOut,
		d.partOut)
	if !d.noTransfer {
		text += d.transfer(formatG(d.seconds())) + "\n"
	}
	d.tell(text)
}

func (d *copyRun) seconds() float64 { return max(time.Since(d.started).Seconds(), 1e-9) }

// transfer returns how much was copied, in what time and at what speed.
func (d *copyRun) transfer(seconds string) string {
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
	speed := "0.0 kB"
	if d.bytes > 0 {
		speed = ddUnit(float64(d.bytes)/d.seconds(), 1000)
	}
	return fmt.Sprintf("%d %s%s copied, %s s, %s/s", d.bytes, word, size, seconds, speed)
}

// ddUnit formats a rounded size with its unit.
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
