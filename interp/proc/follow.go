package proc

import (
	"golang.org/x/sys/unix"
)

// follow gives the calling thread what the kernel keeps for each thread and others ask of
// a process, as renice(1), taskset(1) and ionice(1) do: these change the first thread
// alone. A child has it from the thread that makes it. What cannot be had stays as it is.
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

// ioprioWhoProcess is IOPRIO_WHO_PROCESS of ioprio_set(2), for a thread.
const ioprioWhoProcess = 1

func followIO(first int) {
	class, _, errno := unix.RawSyscall(unix.SYS_IOPRIO_GET, ioprioWhoProcess, uintptr(first), 0)
	own, _, _ := unix.RawSyscall(unix.SYS_IOPRIO_GET, ioprioWhoProcess, 0, 0)
	if errno == 0 && class != own {
		_, _, _ = unix.RawSyscall(unix.SYS_IOPRIO_SET, ioprioWhoProcess, 0, class)
	}
}
