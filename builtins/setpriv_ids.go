package builtins

import (
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// setprivIDs are the user and the groups that setpriv gives a command.
type setprivIDs struct {
	user, group       int
	groups            []uint32
	hasUser, hasGroup bool
	hasGroups, keeps  bool
}

func (c *Call) setprivIDs(lists map[rune]string) (ids setprivIDs, problem string) {
	number := func(file, name string) int {
		n, ok := c.idNumber(file, name)
		if !ok || n < 0 || n >= 1<<32-1 {
			problem = "the name '" + name + "'"
		}
		return n
	}
	kinds := 0
	for key, value := range lists {
		switch key {
		case setprivUser:
			ids.user, ids.hasUser = number(passwdFile, value), true
		case setprivGroup:
			ids.group, ids.hasGroup = number(groupFile, value), true
		case keepGroups:
			ids.keeps = true
			kinds++
		case clearGroups:
			ids.hasGroups = true
			kinds++
		case setGroups:
			ids.hasGroups = true
			kinds++
			for name := range strings.SplitSeq(value, ",") {
				ids.groups = append(ids.groups, uint32(number(groupFile, name)))
			}
		}
	}
	if kinds > 1 {
		problem = "two of --clear-groups, --keep-groups and --groups"
	}
	return ids, problem
}

// change adds the steps. As in the tool the capabilities stay for a while: the steps that
// follow need them.
func (ids setprivIDs) change(spec *proc.Spec) {
	call := func(text string, nr uintptr, args ...uintptr) {
		spec.Call(proc.Failure{Text: "setpriv: " + text, Status: 127}, proc.ChangesOther, nr, args...)
	}
	if ids.hasUser {
		header, data := ownCapSets().arguments(spec)
		id := uintptr(ids.user)
		call("keep process capabilities failed", unix.SYS_PRCTL, unix.PR_SET_KEEPCAPS, 1)
		call("setresuid failed", unix.SYS_SETRESUID, id, id, id)
		spec.Try(proc.ChangesOther, unix.SYS_CAPSET, header, data)
	}
	if ids.hasGroup {
		id := uintptr(ids.group)
		call("setresgid failed", unix.SYS_SETRESGID, id, id, id)
	}
	if ids.hasGroups && len(ids.groups) == 0 {
		call("setgroups failed", unix.SYS_SETGROUPS, 0, 0)
	} else if ids.hasGroups {
		list := append([]uint32{}, ids.groups...)
		call("setgroups failed", unix.SYS_SETGROUPS, uintptr(len(list)), proc.Pointer(spec, &list[0]))
	}
}

// forget leaves of the capabilities what an execve(2) by another user than root leaves, which
// is the ambient ones. There is none where the command is a prefix, too: that must not have
// them either.
func (ids setprivIDs) forget(spec *proc.Spec, inherit, ambient capChange) {
	if !ids.hasUser || ids.user == 0 {
		return
	}
	bits := uint64(0)
	for n := range 64 {
		is, err := unix.PrctlRetInt(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_IS_SET, uintptr(n), 0, 0)
		if err == nil && is == 1 {
			bits |= 1 << n
		}
	}
	bits = bits&^ambient.drop | ambient.add
	sets := ownCapSets()
	sets.inherit(inherit)
	for i := range sets.data {
		d := &sets.data[i]
		d.Permitted &= d.Inheritable & uint32(bits>>(32*i))
		d.Effective = d.Permitted
	}
	sets.apply(spec)
}
