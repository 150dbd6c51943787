package admin

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
)

// Control sequences of a terminal.
const (
	clearScreen = "\x1b[H\x1b[2J"
	clearLine   = "\x1b[K"
	clearBelow  = "\x1b[J"
	goHome      = "\x1b[H"
)

// watchSignals end --watch. INT is the usual way; after the others the process still ends by
// the signal, but with the terminal as it was.
var watchSignals = [...]unix.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT}

// A watcher shows the list again and again.
type watcher struct {
	*lister
	keyboard     int // the terminal that is standard input, or -1
	mode         *unix.Termios
	timer, event int
	watched      uint64 // a set of signals
}

// watch is --watch.
func (l *lister) watch() int {
	if width, _ := terminalSize(l.c); width == 0 {
		return misused(l.c, listUsage, "--watch needs a terminal as standard output")
	}
	w := &watcher{lister: l, keyboard: -1}
	if err := w.begin(); err != nil {
		l.c.Errorf("cannot watch: %s", clib.Strerror(err))
		return 1
	}
	for _, sig := range watchSignals {
		if n := int(sig); signals.Inherited()&signals.Bit(n) == 0 {
			signals.Catch(n)
			w.watched |= signals.Bit(n)
		}
	}
	defer w.end()
	fmt.Fprint(l.c.Stdout, clearScreen)
	for {
		status := w.draw()
		signals.Await(w.event, func() bool { return signals.Pending()&w.watched != 0 })
		if set := signals.Pending() & w.watched; set != 0 {
			signals.Clear(set)
			return w.endBy(set, status)
		}
		if w.isQuit() {
			return status
		}
	}
}

// begin sets up the timer and the keyboard.
func (w *watcher) begin() (err error) {
	if w.event, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if w.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC); err != nil {
		return err
	}
	every := unix.NsecToTimespec(int64(w.every))
	if err = unix.TimerfdSettime(w.timer, 0,
		&unix.ItimerSpec{Interval: every, Value: every}, nil); err != nil {
		return err
	}
	fds := []int{w.timer}
	fd := native.FD(w.c.Stdin)
	if mode, err := unix.IoctlGetTermios(fd, unix.TCGETS); err == nil {
		w.keyboard, w.mode = fd, mode
		fds = append(fds, fd)
		single := *mode
		single.Lflag &^= unix.ICANON | unix.ECHO
		single.Cc[unix.VMIN], single.Cc[unix.VTIME] = 0, 0
		single.Cc[unix.VSUSP] = 0 // a stopped process would leave the terminal like this
		defer signals.Hold(int(unix.SIGTTOU))()
		_ = unix.IoctlSetTermios(fd, unix.TCSETS, &single)
	}
	for _, fd := range fds {
		e := unix.EpollEvent{Fd: int32(fd), Events: unix.EPOLLIN}
		if err = unix.EpollCtl(w.event, unix.EPOLL_CTL_ADD, fd, &e); err != nil {
			return err
		}
	}
	return nil
}

// end gives the terminal back.
func (w *watcher) end() {
	if w.mode != nil {
		defer signals.Hold(int(unix.SIGTTOU))()
		_ = unix.IoctlSetTermios(w.keyboard, unix.TCSETS, w.mode)
	}
	unix.Close(w.timer)
	unix.Close(w.event)
}

// endBy ends by one of the signals in a set.
func (w *watcher) endBy(set uint64, status int) int {
	for _, sig := range watchSignals[1:] {
		if set&signals.Bit(int(sig)) != 0 {
			w.end()
			signals.Die(int(sig))
		}
	}
	return status
}

// draw shows the list, as far as it fits on the screen, and returns its status.
func (w *watcher) draw() int {
	width, height := terminalSize(w.c)
	w.said = nil
	text, status := w.once(max(1, width))
	now := time.Now().In(w.c.TimeZone())
	head := fmt.Sprintf("%s  every %s, q ends", now.Format("15:04:05"), w.every)
	lines := strings.Split(strings.TrimSuffix(w.pen.cut(head, width, false)+"\n"+text, "\n"), "\n")
	for i, message := range w.said {
		lines = slices.Insert(lines, i+1, w.pen.cut("! "+message, width, false))
	}
	if more := len(lines) - height + 1; height > 2 && more > 1 {
		lines = append(lines[:height-2], w.pen.cut(fmt.Sprintf("and %d lines more", more), width, false))
	}
	fmt.Fprint(w.c.Stdout, goHome+strings.Join(lines, clearLine+"\n")+clearLine+"\n"+clearBelow)
	return status
}

// isQuit reads what has been typed, and reports whether it says to end. A timer that has come
// does not.
func (w *watcher) isQuit() bool {
	list := []unix.PollFd{{Fd: int32(w.timer), Events: unix.POLLIN},
		{Fd: int32(w.keyboard), Events: unix.POLLIN}}
	_, _ = unix.Poll(list, 0)
	if list[0].Revents != 0 {
		var count [8]byte
		_, _ = unix.Read(w.timer, count[:])
	}
	if w.keyboard < 0 || list[1].Revents == 0 {
		return false
	}
	var typed [64]byte
	n, err := unix.Read(w.keyboard, typed[:])
	if n <= 0 { // the terminal is gone
		return err != unix.EINTR && err != unix.EAGAIN
	}
	return bytes.IndexByte(typed[:n], 'q') >= 0
}
