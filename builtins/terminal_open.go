package builtins

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// A pseudoTerminal is the two sides of one (pty(7)).
type pseudoTerminal struct{ master, slave int }

// insideWithin is how long the subhost may take to give one: what is mounted in it may be
// answered by a program there.
const insideWithin = 2 * time.Second

// openPseudoTerminal makes a pseudo-terminal, where possible in the /dev/pts that a
// process sees: its device has a name there, and no other way out of there than the
// file. Else it is one of the caller's.
func openPseudoTerminal(pid string) (*pseudoTerminal, error) {
	if pid != "" {
		inside := make(chan *pseudoTerminal, 1)
		go func() { inside <- openInside(pid) }()
		select {
		case p := <-inside:
			if p != nil {
				return p, nil
			}
		case <-time.After(insideWithin):
		}
	}
	var problem error
	for _, name := range [...]string{"/dev/pts/ptmx", "/dev/ptmx"} {
		p, err := openMultiplexer(name)
		if err == nil {
			return p, nil
		}
		problem = err
	}
	return nil, fmt.Errorf("no pseudo-terminal to be had, and the command must not get yours "+
		"(is devpts mounted on /dev/pts?): %s", Strerror(problem))
}

// openInside makes a pseudo-terminal of the devpts that is mounted on /dev/pts in the root
// of a process; nil: not possible. Whoever is root there may have put anything in its
// place. So no link is followed, nothing above that root is reached (which crosses to
// other mounts by itself: no namespace needs to be entered), and the file is not opened
// before it is known to be what it should be: a FIFO or another device does nothing.
func openInside(pid string) *pseudoTerminal {
	root, err := unix.Open("/proc/"+pid+"/root", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(root)
	fd, err := unix.Openat2(root, "dev/pts/ptmx", &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_CLOEXEC | unix.O_NOFOLLOW,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	})
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	if !isMultiplexer(fd) {
		return nil
	}
	p, _ := openMultiplexer(fmt.Sprintf("/proc/self/fd/%d", fd))
	return p
}

// isMultiplexer reports whether a descriptor is for the file ptmx of a devpts.
func isMultiplexer(fd int) bool {
	var fs unix.Statfs_t
	var st unix.Stat_t
	return unix.Fstatfs(fd, &fs) == nil && int64(fs.Type) == unix.DEVPTS_SUPER_MAGIC &&
		unix.Fstat(fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFCHR &&
		uint64(st.Rdev) == unix.Mkdev(5, 2)
}

// openMultiplexer makes a pseudo-terminal by opening a file ptmx. Its slave side is opened
// without a name (ioctl_tty(2), Linux 4.13).
func openMultiplexer(name string) (*pseudoTerminal, error) {
	master, err := unix.Open(name, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	slave, err := openPeer(master)
	if err != nil {
		unix.Close(master)
		return nil, err
	}
	return &pseudoTerminal{master, slave}, nil
}

func openPeer(master int) (slave int, err error) {
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		return -1, err
	}
	fd, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(master), unix.TIOCGPTPEER,
		unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

// prepare gives the new terminal the settings and the size of the caller's. Where that
// goes on to process what is shown, since it is not the keyboard's, this one does not.
func (p *pseudoTerminal) prepare(like int, keyboard bool) error {
	mode, err := unix.IoctlGetTermios(like, unix.TCGETS)
	if err != nil {
		return errors.New("cannot read the settings of the terminal: " + Strerror(err))
	}
	if !keyboard {
		mode.Oflag &^= unix.OPOST
	}
	if err := unix.IoctlSetTermios(p.slave, unix.TCSETS, mode); err != nil {
		return errors.New("cannot set up the pseudo-terminal: " + Strerror(err))
	}
	p.resize(like)
	return nil
}

// resize gives it the size of another terminal; who uses it is told (SIGWINCH).
func (p *pseudoTerminal) resize(like int) {
	if size, err := unix.IoctlGetWinsize(like, unix.TIOCGWINSZ); err == nil {
		_ = unix.IoctlSetWinsize(p.master, unix.TIOCSWINSZ, size)
	}
}
