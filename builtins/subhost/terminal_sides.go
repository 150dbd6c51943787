package subhost

import (
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/signals"
)

// A keyboard is the terminal on standard input. A nil keyboard does nothing.
type keyboard struct {
	fd            int
	isRaw         bool
	before, after unix.Termios // its settings originally, and while it is raw
}

// raw makes the terminal pass on every character, as cfmakeraw(3) does. In the background this
// stops the process until it is in the foreground.
func (k *keyboard) raw() {
	if k == nil {
		return
	}
	mode, err := unix.IoctlGetTermios(k.fd, unix.TCGETS)
	if err != nil || k.isRaw && *mode == k.after {
		return
	}
	k.before = *mode
	mode.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR |
		unix.IGNCR | unix.ICRNL | unix.IXON
	mode.Oflag &^= unix.OPOST
	mode.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	mode.Cflag = mode.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(k.fd, unix.TCSETS, mode); err != nil {
		return
	}
	if mode, err = unix.IoctlGetTermios(k.fd, unix.TCGETS); err == nil {
		k.isRaw, k.after = true, *mode
	}
}

// restore restores the settings of the terminal. If they are no longer those that raw made,
// another process uses the terminal now: the shell whose job this was.
func (k *keyboard) restore() {
	if k == nil || !k.isRaw {
		return
	}
	defer signals.Hold(int(unix.SIGTTOU))()
	k.isRaw = false
	if mode, err := unix.IoctlGetTermios(k.fd, unix.TCGETS); err == nil && *mode == k.after {
		_ = unix.IoctlSetTermios(k.fd, unix.TCSETS, &k.before)
	}
}

// An output copies the output of a pseudo-terminal to another terminal.
type output struct {
	from, to int
	// news is an eventfd that announces a change of isLost or isDone. stop is an eventfd that
	// tells copy to end after it has shown all output.
	news, stop int
	isLost     atomic.Bool // the terminal is gone
	isDone     atomic.Bool
	isBusy     atomic.Bool // some output is read and not yet shown
	told       bool
}

func newOutput(from, to int) (o *output, err error) {
	o = &output{from: from, to: to}
	for _, fd := range [...]*int{&o.news, &o.stop} {
		if *fd, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
			return nil, os.NewSyscallError("eventfd", err)
		}
	}
	return o, nil
}

// tell makes an eventfd readable.
func tell(fd int) { _, _ = unix.Write(fd, []byte{1, 1, 1, 1, 1, 1, 1, 0}) }

// finish reports whether all output is shown. Its first call tells copy to end at that point.
func (o *output) finish() bool {
	if !o.told {
		o.told = true
		tell(o.stop)
	}
	return o.isDone.Load()
}

// lost clears news, and reports whether the terminal is gone.
func (o *output) lost() bool {
	var count [8]byte
	_, _ = unix.Read(o.news, count[:])
	return o.isLost.Load()
}

// restLimit is more than the kernel buffers of a terminal's output. It bounds the copying at
// the end, since background processes may go on writing.
const restLimit = 1 << 20

// copy copies until stop tells it to end.
func (o *output) copy() {
	defer tell(o.news)
	defer o.isDone.Store(true)
	buf := make([]byte, 64<<10)
	stopping := false
	for rest := restLimit; rest > 0; {
		list := [...]unix.PollFd{
			{Fd: int32(o.from), Events: unix.POLLIN}, {Fd: int32(o.stop), Events: unix.POLLIN},
		}
		_, err := unix.Poll(list[:], -1)
		if err != nil {
			continue
		}
		stopping = stopping || list[1].Revents != 0
		o.isBusy.Store(true)
		n := o.read(buf)
		if n == 0 && stopping {
			return
		}
		o.show(buf[:n])
		o.isBusy.Store(false)
		if stopping {
			rest -= n
		}
	}
}

// settle waits, for a fifth of a second at most, until all output is shown.
func (o *output) settle() {
	for range 200 {
		list := [...]unix.PollFd{{Fd: int32(o.from), Events: unix.POLLIN}}
		if n, _ := unix.Poll(list[:], 0); n == 0 && !o.isBusy.Load() {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// read reads all available output, which comes in pieces.
func (o *output) read(buf []byte) (n int) {
	for n < len(buf) {
		m, err := unix.Read(o.from, buf[n:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || m <= 0 {
			break
		}
		n += m
	}
	return n
}

// show writes to the terminal. If the terminal is gone or open only for reading, show discards
// the output, so that the command does not block.
func (o *output) show(p []byte) {
	for len(p) > 0 && o.to >= 0 {
		n, err := unix.Write(o.to, p)
		switch err {
		case nil:
			p = p[n:]
		case unix.EINTR:
		case unix.EAGAIN: // another process has made the terminal non-blocking
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(o.to), Events: unix.POLLOUT}}, -1)
		case unix.EBADF:
			o.to = -1
		default:
			o.to = -1
			o.isLost.Store(true)
			tell(o.news)
		}
	}
}
