package builtins

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A MountError is a failed system call on mounts, with what it was asked.
type MountError struct {
	// Op is the system call: mount, umount2, pivot_root.
	Op             string
	Source, Target string
	FSType, Data   string
	Flags          uintptr
	Err            error
}

// Error names everything that was asked: "mount tmpfs on /run, type tmpfs,
// flags MS_NOSUID|MS_NODEV: permission denied".
func (e *MountError) Error() string {
	s := e.Op
	if e.Source != "" {
		s += " " + e.Source + " on"
	}
	s += " " + e.Target
	if e.FSType != "" {
		s += ", type " + e.FSType
	}
	if e.Flags != 0 {
		s += ", flags " + mountFlagNames(e.Flags)
	}
	if e.Data != "" {
		s += ", data " + strconv.Quote(e.Data)
	}
	return s + ": " + e.Err.Error()
}

// Unwrap returns the system's error number.
func (e *MountError) Unwrap() error { return e.Err }

// A toolError is a message in the very words of a tool, which have their own
// ideas of capitals and full stops.
type toolError string

// Error returns the words.
func (e toolError) Error() string { return string(e) }

func toolErrorf(format string, args ...any) error {
	return toolError(fmt.Sprintf(format, args...))
}

// mountFlagNames spells the flags of mount(2); what has no name is in hex.
func mountFlagNames(flags uintptr) string {
	var names []string
	for _, f := range [...]struct {
		bit  uintptr
		name string
	}{
		{unix.MS_RDONLY, "MS_RDONLY"}, {unix.MS_NOSUID, "MS_NOSUID"},
		{unix.MS_NODEV, "MS_NODEV"}, {unix.MS_NOEXEC, "MS_NOEXEC"},
		{unix.MS_SYNCHRONOUS, "MS_SYNCHRONOUS"}, {unix.MS_REMOUNT, "MS_REMOUNT"},
		{unix.MS_MANDLOCK, "MS_MANDLOCK"}, {unix.MS_DIRSYNC, "MS_DIRSYNC"},
		{unix.MS_NOSYMFOLLOW, "MS_NOSYMFOLLOW"}, {unix.MS_NOATIME, "MS_NOATIME"},
		{unix.MS_NODIRATIME, "MS_NODIRATIME"}, {unix.MS_BIND, "MS_BIND"},
		{unix.MS_MOVE, "MS_MOVE"}, {unix.MS_REC, "MS_REC"}, {unix.MS_SILENT, "MS_SILENT"},
		{unix.MS_UNBINDABLE, "MS_UNBINDABLE"}, {unix.MS_PRIVATE, "MS_PRIVATE"},
		{unix.MS_SLAVE, "MS_SLAVE"}, {unix.MS_SHARED, "MS_SHARED"},
		{unix.MS_RELATIME, "MS_RELATIME"}, {unix.MS_I_VERSION, "MS_I_VERSION"},
		{unix.MS_STRICTATIME, "MS_STRICTATIME"}, {unix.MS_LAZYTIME, "MS_LAZYTIME"},
	} {
		if flags&f.bit != 0 {
			names = append(names, f.name)
			flags &^= f.bit
		}
	}
	if flags != 0 {
		names = append(names, "0x"+strconv.FormatUint(uint64(flags), 16))
	}
	return strings.Join(names, "|")
}
