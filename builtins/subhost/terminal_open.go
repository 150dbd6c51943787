package subhost

import (
	"errors"
	"fmt"
	"time"

	"overlayboot/builtins/base/clib"

	"golang.org/x/sys/unix"
)

// A pseudoTerminal is the pair of sides of a pseudo-terminal (pty(7)).
type pseudoTerminal struct{ master, slave int }

// insideWithin is the time limit for a pseudo-terminal of the subhost. A program in the subhost
// may serve a file system there, and delay the answer.
const insideWithin = 2 * time.Second

// openPseudoTerminal makes a pseudo-terminal, if possible in the /dev/pts that a process sees.
// There its device has a name, and a program there gains nothing but that file. Otherwise the
// pseudo-terminal is one of the caller's.
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
		"(is devpts mounted on /dev/pts?): %s", clib.Strerror(problem))
}

// openInside makes a pseudo-terminal of the devpts that is mounted on /dev/pts below the root
// of a process. It returns nil if that is impossible. The subhost's root user may have put
// anything in the place of ptmx. So openInside follows no symbolic link and never leaves that
// root. The lookup crosses mounts by itself, so no namespace has to be entered. The file is
// opened only after a check, since to open a FIFO or another device may have effects.
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

// openMultiplexer makes a pseudo-terminal by opening a file ptmx. It opens the slave side
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

// prepare gives the new terminal the settings and the size of the caller's. If the caller's
// terminal is not the keyboard, it still processes the output itself, so output processing is
// off in the new one.
func (p *pseudoTerminal) prepare(like int, keyboard bool) error {
	mode, err := unix.IoctlGetTermios(like, unix.TCGETS)
	if err != nil {
		return errors.New("cannot read the settings of the terminal: " + clib.Strerror(err))
	}
	if !keyboard {
		mode.Oflag &^= unix.OPOST
	}
	if err := unix.IoctlSetTermios(p.slave, unix.TCSETS, mode); err != nil {
		return errors.New("cannot set up the pseudo-terminal: " + clib.Strerror(err))
	}
	p.resize(like)
	return nil
}

// resize gives the pseudo-terminal the size of another terminal. The kernel then sends SIGWINCH
// to its users.
func (p *pseudoTerminal) resize(like int) {
	if size, err := unix.IoctlGetWinsize(like, unix.TIOCGWINSZ); err == nil {
		_ = unix.IoctlSetWinsize(p.master, unix.TIOCSWINSZ, size)
	}
}
