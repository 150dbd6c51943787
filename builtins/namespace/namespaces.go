package namespace

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
)

// A namespace is a type of namespace, with its names in nsenter and unshare.
type namespace struct {
	flag   int
	file   string // below /proc/PID
	long   string
	letter rune
}

// namespaces are in the order in which nsenter(1) enters them. The network namespace comes
// before the mount namespace, since /run/netns may be invisible from inside. The user namespace
// is left to the system's tools.
var namespaces = [...]namespace{
	{unix.CLONE_NEWCGROUP, "ns/cgroup", "cgroup", 'C'},
	{unix.CLONE_NEWIPC, "ns/ipc", "ipc", 'i'},
	{unix.CLONE_NEWUTS, "ns/uts", "uts", 'u'},
	{unix.CLONE_NEWNET, "ns/net", "net", 'n'},
	{unix.CLONE_NEWPID, "ns/pid", "pid", 'p'},
	{unix.CLONE_NEWNS, "ns/mnt", "mount", 'm'},
	{unix.CLONE_NEWTIME, "ns/time", "time", 'T'},
}

// namespaceByLetter returns the index of a namespace, or -1.
func namespaceByLetter(letter rune) int {
	return slices.IndexFunc(namespaces[:], func(ns namespace) bool { return ns.letter == letter })
}

// tableRows returns the options for the namespaces, which take a file as arg says, and options
// that only the system's tool has.
func tableRows(arg native.ArgKind, rest string) (rows []native.Option) {
	for _, ns := range namespaces {
		rows = append(rows, native.Option{Key: ns.letter, Long: ns.long, Arg: arg})
	}
	for name := range strings.FieldsSeq(rest) {
		rows = append(rows, native.Option{Key: '!', Long: name})
	}
	return rows
}
