package faults

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// launchVar names the variable with the names of the calls to watch.
	launchVar = "OVERLAY_FAULTS_LAUNCH"
	// launchFile is the descriptor of the socket to the watcher.
	launchFile = 3
)

// Launch must be the first call in the program. If [Injector.Start] started the process,
// Launch installs the filter, executes the command to be watched, and does not return.
func Launch() {
	names := os.Getenv(launchVar)
	if names == "" {
		return
	}
	err := launch(strings.Split(names, ","), os.Args[1:])
	fmt.Fprintln(os.Stderr, "faults:", err)
	os.Exit(125)
}

func launch(names, argv []string) error {
	runtime.LockOSThread() // a filter belongs to a thread, and exec keeps that of its caller
	os.Unsetenv(launchVar)
	unix.CloseOnExec(launchFile)
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return err
	}
	var watched []call
	for _, name := range names {
		if c, ok := callNamed(name); ok {
			watched = append(watched, c)
		}
	}
	listener, err := watch(watched)
	if err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	rights := unix.UnixRights(listener)
	if err := unix.Sendmsg(launchFile, []byte{0}, rights, nil, 0); err != nil {
		return err
	}
	return syscall.Exec(path, argv, os.Environ())
}

// watch makes the kernel ask before each of these calls by this thread, the programs that
// it executes, or its descendants. See seccomp(2) and seccomp_unotify(2).
func watch(watched []call) (int, error) {
	program := filter(watched)
	fprog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	// A signal does not restart a call that has been counted.
	const flags = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER |
		unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags,
		uintptr(unsafe.Pointer(&fprog)))
	runtime.KeepAlive(program)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

// filter returns a BPF program: the kernel asks about the watched calls and allows all
// others.
func filter(watched []call) []unix.SockFilter {
	const (
		load   = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equal  = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		ret    = unix.BPF_RET | unix.BPF_K
		nr     = 0 // offsets in struct seccomp_data
		arch   = 4
		skip   = 1
		goesOn = unix.SECCOMP_RET_ALLOW
	)
	program := []unix.SockFilter{
		{Code: load, K: arch},
		{Code: equal, K: auditArch, Jt: skip},
		{Code: ret, K: goesOn},
		{Code: load, K: nr},
	}
	for _, c := range watched {
		program = append(program,
			unix.SockFilter{Code: equal, K: uint32(c.nr), Jf: skip},
			unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_USER_NOTIF})
	}
	return append(program, unix.SockFilter{Code: ret, K: goesOn})
}

// start runs a command through launch, and returns the listener.
func start(cmd *exec.Cmd, names []string) (int, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "watcher"), os.NewFile(uintptr(pair[1]), "watched")
	defer ours.Close()
	defer theirs.Close()
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, launchVar+"="+strings.Join(names, ","))
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Args = append([]string{"launch"}, cmd.Args...)
	cmd.Path = "/proc/self/exe"
	if err := cmd.Start(); err != nil {
		return -1, err
	}
	theirs.Close()
	fd, err := receive(ours)
	if err != nil {
		_ = cmd.Process.Kill()
		return -1, errors.Join(err, cmd.Wait())
	}
	return fd, nil
}

// errNoListener means that the kernel, or what confines this process, does not allow such
// filters.
var errNoListener = errors.New("no listener came: seccomp(2) with notifications is not to be had")

// receive receives one descriptor from a socket.
func receive(f *os.File) (int, error) {
	conn, err := net.FileConn(f)
	if err != nil {
		return -1, err
	}
	defer conn.Close()
	room := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := conn.(*net.UnixConn).ReadMsgUnix(make([]byte, 1), room)
	if err != nil || n == 0 {
		return -1, errors.Join(errNoListener, err)
	}
	messages, err := unix.ParseSocketControlMessage(room[:n])
	if err != nil || len(messages) != 1 {
		return -1, errors.Join(errNoListener, err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return -1, errors.Join(errNoListener, err)
	}
	unix.CloseOnExec(fds[0])
	return fds[0], nil
}
