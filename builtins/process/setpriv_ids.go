package process

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// setprivIDs are the user and the groups that setpriv gives to a command.
type setprivIDs struct {
	user, group       int
	groups            []uint32
	hasUser, hasGroup bool
	hasGroups, keeps  bool
}

// readSetprivIDs reads the options. A refusal is an error message about a number that is no ID:
// the setpriv of Debian 12 takes it modulo 2^32, by which 4294967296 is root, and -1 as no change.
func readSetprivIDs(c *native.Call, lists map[rune]string) (
	ids setprivIDs, problem, refusal string) {
	number := func(file, name, message string) int {
		n, ok := c.NumberOfID(file, name)
		if ok && n >= 0 && n < 1<<32-1 {
			return n
		}
		problem = "the name '" + name + "'"
		digits := strings.TrimLeft(strings.TrimLeft(name, " \t\n\v\f\r"), "+-")
		if n, err := strconv.ParseUint(digits, 10, 64); ascii.IsDigits(digits) &&
			(err != nil || n >= 1<<32-1 || strings.Contains(name, "-")) {
			refusal = message + ": '" + name + "'"
		}
		return n
	}
	kinds := 0
	for key, value := range lists {
		switch key {
		case setprivUser:
			ids.user, ids.hasUser = number(native.PasswdFile, value, "failed to parse reuid"), true
		case setprivGroup:
			ids.group, ids.hasGroup = number(native.GroupFile, value, "failed to parse regid"), true
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
				n := number(native.GroupFile, name, "Invalid supplementary group id")
				ids.groups = append(ids.groups, uint32(n))
			}
		}
	}
	if kinds > 1 {
		problem = "two of --clear-groups, --keep-groups and --groups"
	}
	return ids, problem, refusal
}

// change adds the steps that set the IDs. Like setpriv(1), it keeps the capabilities until
// execve(2): the following steps need them, and a program may be one that only root reaches.
func (ids setprivIDs) change(spec *proc.Spec) {
	call := func(text string, nr uintptr, args ...uintptr) {
		spec.Call(proc.Failure{Text: "setpriv: " + text, Status: 127}, proc.ChangesUser, nr, args...)
	}
	if ids.hasUser {
		header, data := capSetsOf(spec).arguments(spec)
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
