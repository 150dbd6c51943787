package builtins

import "golang.org/x/sys/unix"

// namespace is a kind of namespace as nsenter and unshare name it.
type namespace struct {
	flag   int
	file   string // below /proc/PID
	long   string
	letter byte
}

// namespaces are in the order in which nsenter(1) enters them: the network
// before the mounts, since /run/netns may not be seen from inside.
var namespaces = [...]namespace{
	{unix.CLONE_NEWUSER, "ns/user", "user", 'U'},
	{unix.CLONE_NEWCGROUP, "ns/cgroup", "cgroup", 'C'},
	{unix.CLONE_NEWIPC, "ns/ipc", "ipc", 'i'},
	{unix.CLONE_NEWUTS, "ns/uts", "uts", 'u'},
	{unix.CLONE_NEWNET, "ns/net", "net", 'n'},
	{unix.CLONE_NEWPID, "ns/pid", "pid", 'p'},
	{unix.CLONE_NEWNS, "ns/mnt", "mount", 'm'},
	{unix.CLONE_NEWTIME, "ns/time", "time", 'T'},
}

func namespaceByLetter(c byte) *namespace {
	for i := range namespaces {
		if namespaces[i].letter == c {
			return &namespaces[i]
		}
	}
	return nil
}

func namespaceByName(name string) *namespace {
	for i := range namespaces {
		if namespaces[i].long == name {
			return &namespaces[i]
		}
	}
	return nil
}
