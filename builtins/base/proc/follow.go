package proc

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// follow gives the calling thread the niceness, processors and I/O priority of the first
// thread. The kernel keeps these for each thread, and renice(1), taskset(1) and ionice(1)
// change only the first one. A child inherits them from the thread that makes it. A setting
// that cannot be read or set stays as it is.
func follow() {
	first := unix.Getpid()
	if unix.Gettid() == first {
		return
	}
	if nice, err := unix.Getpriority(unix.PRIO_PROCESS, first); err == nil {
		own, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
		if err == nil && own != nice {
			_ = unix.Setpriority(unix.PRIO_PROCESS, 0, 20-nice) // the kernel returns 20-nice
		}
	}
	var cpus, mine unix.CPUSet
	if unix.SchedGetaffinity(first, &cpus) == nil && unix.SchedGetaffinity(0, &mine) == nil &&
		cpus != mine {
		_ = unix.SchedSetaffinity(0, &cpus)
	}
	followIO(first)
}

// ioprioWhoProcess is IOPRIO_WHO_PROCESS of ioprio_set(2), which means a thread.
const ioprioWhoProcess = 1

func followIO(first int) {
	class, _, errno := unix.RawSyscall(unix.SYS_IOPRIO_GET, ioprioWhoProcess, uintptr(first), 0)
	own, _, _ := unix.RawSyscall(unix.SYS_IOPRIO_GET, ioprioWhoProcess, 0, 0)
	if errno == 0 && class != own {
		_, _, _ = unix.RawSyscall(unix.SYS_IOPRIO_SET, ioprioWhoProcess, 0, class)
	}
}

// followName gives the calling thread the name of the first thread, which is the name of the
// process. A process that stays without executing a program keeps the name of its thread.
func followName() {
	if unix.Gettid() == unix.Getpid() {
		return
	}
	if name, err := os.ReadFile("/proc/self/comm"); err == nil {
		_ = nameThread(strings.TrimSuffix(string(name), "\n"))
	}
}
