package proc

import (
	"errors"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Memfd makes an unnamed file in memory (memfd_create(2)). purpose tells the kernel's setting
// vm.memfd_noexec whether the file will be executed: MFD_EXEC or MFD_NOEXEC_SEAL. Linux before
// 6.3 has no such flags.
func Memfd(name string, purpose int) (int, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|purpose)
	if errors.Is(err, unix.EINVAL) {
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	}
	return fd, os.NewSyscallError("memfd_create", err)
}

// StateFile returns a descriptor of an unnamed file with a saved shell, positioned at its
// start.
func StateFile(content []byte) (int, error) {
	fd, err := Memfd("overlay-sh-state", unix.MFD_NOEXEC_SEAL)
	if err != nil {
		return -1, err
	}
	if err = fill(fd, content); err != nil {
		return -1, err
	}
	if _, err = unix.Seek(fd, 0, io.SeekStart); err != nil {
		unix.Close(fd)
		return -1, os.NewSyscallError("lseek", err)
	}
	return raise(fd)
}

// ErrNotExecutable says that this system can execute no file that this program makes.
var ErrNotExecutable = errors.New("there is no place for a program")

// Executable returns a descriptor of an unnamed file with that content, for execution.
//
// If files in memory must not be executed (vm.memfd_noexec=2), the file is in a file system of
// its own that is mounted nowhere. A process that may not make one uses a file without a name
// in an ordinary directory.
func Executable(name string, content []byte) (int, error) {
	fd, err := Memfd(name, unix.MFD_EXEC)
	switch {
	case err == nil:
		if err = fill(fd, content); err != nil {
			return -1, err
		}
		return raise(fd)
	case !errors.Is(err, unix.EACCES):
		return -1, err
	}
	if fd, err = mountedNowhere(name, content); err != nil {
		fd, err = inDirectory(content)
	}
	if err != nil {
		return -1, err
	}
	return raise(fd)
}

// fill writes a whole file, and closes it if that fails.
func fill(fd int, content []byte) error {
	for len(content) > 0 {
		n, err := unix.Write(fd, content)
		switch {
		case err == unix.EINTR:
		case err != nil:
			unix.Close(fd)
			return os.NewSyscallError("write", err)
		default:
			content = content[n:]
		}
	}
	return nil
}

// mountedNowhere puts a program into a tmpfs that ends with its last process (fsmount(2)). It
// opens the file again, since a file that is open for writing cannot be executed.
func mountedNowhere(name string, content []byte) (int, error) {
	fs, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, err
	}
	defer unix.Close(fs)
	if err = unix.FsconfigSetString(fs, "mode", "700"); err == nil {
		err = unix.FsconfigCreate(fs)
	}
	if err != nil {
		return -1, err
	}
	dir, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV)
	if err != nil {
		return -1, err
	}
	defer unix.Close(dir)
	const create = unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_CLOEXEC
	fd, err := unix.Openat(dir, name, create, 0o500)
	if err != nil {
		return -1, err
	}
	if err = fill(fd, content); err != nil {
		return -1, err
	}
	unix.Close(fd)
	return unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
}

// directories may hold a file without a name for a moment.
var directories = [...]string{"/run", "/dev/shm", "/tmp", "/var/tmp", "/"}

func inDirectory(content []byte) (int, error) {
	for _, dir := range directories {
		var fs unix.Statfs_t
		if unix.Statfs(dir, &fs) != nil || fs.Flags&unix.ST_NOEXEC != 0 {
			continue
		}
		fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_WRONLY|unix.O_CLOEXEC, 0o500)
		if err != nil || fill(fd, content) != nil {
			continue
		}
		again, err := unix.Open("/proc/self/fd/"+strconv.Itoa(fd), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		unix.Close(fd)
		if err == nil {
			return again, nil
		}
	}
	return -1, ErrNotExecutable
}
