package process

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// capabilityNames are the names of capabilities(7) as setpriv(1) accepts them, indexed by
// number.
var capabilityNames = [...]string{
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
	"setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw",
	"ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct",
	"sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod",
	"lease", "audit_write", "audit_control", "setfcap", "mac_override", "mac_admin", "syslog",
	"wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore",
}

const (
	boundingSet = native.LongOnly + iota
	inheritable
	ambient
	noNewPrivs
	setprivUser
	setprivGroup
	clearGroups
	keepGroups
	setGroups
)

func setprivOptions() []native.Option {
	rest := []string{"list-caps", "ruid", "euid", "rgid", "egid", "reset-env", "init-groups",
		"securebits", "pdeathsig", "selinux-label", "apparmor-profile", "help", "version", "dump"}
	spec := []native.Option{
		{Key: boundingSet, Long: "bounding-set", Arg: native.NeedArg},
		{Key: inheritable, Long: "inh-caps", Arg: native.NeedArg},
		{Key: ambient, Long: "ambient-caps", Arg: native.NeedArg},
		{Key: setprivUser, Long: "reuid", Arg: native.NeedArg},
		{Key: setprivGroup, Long: "regid", Arg: native.NeedArg}, {Key: clearGroups, Long: "clear-groups"},
		{Key: keepGroups, Long: "keep-groups"}, {Key: setGroups, Long: "groups", Arg: native.NeedArg},
		{Key: noNewPrivs, Long: "no-new-privs"}, {Key: noNewPrivs, Long: "nnp"},
	}
	// options that this command lacks, listed so that no abbreviation matches another option
	for _, name := range rest {
		spec = append(spec, native.Option{Key: '!', Long: name})
	}
	return spec
}

// A capChange is the effect of a list of capabilities on a set, one bit for each capability.
type capChange struct{ add, drop uint64 }

// Setpriv is setpriv(1) for capabilities, users and groups: it runs a command with reduced
// privileges.
//
// If the tool of Debian 12 may not change the bounding set, it ends with status 0 and keeps all
// capabilities. Setpriv reports that error and fails.
func Setpriv(c *native.Call, spec *proc.Spec) (int, bool) {
	opts, args, problem := native.ParseOptions(c.Args[1:], setprivOptions(), native.OperandsLast)
	lists := map[rune]string{}
	for _, o := range opts {
		if o.Key == '!' {
			return c.Unsupported("%s", o.Named()), true
		}
		if _, twice := lists[o.Key]; twice && o.Key > noNewPrivs {
			return c.Unsupported("%s twice", o.Named()), true
		} else if twice {
			name := map[rune]string{boundingSet: "bounding-set", inheritable: "inh-caps",
				ambient: "ambient-caps", noNewPrivs: "no-new-privs"}[o.Key]
			c.Errorf("duplicate --%s option", name)
			return 1, true
		}
		lists[o.Key] = o.Value
	}
	switch {
	case problem != "":
		return c.Unsupported("%s", problem), true
	case len(args) == 0:
		c.Errorf("No program specified")
		return 1, true
	}
	ids, problem, refusal := readSetprivIDs(c, lists)
	switch {
	case refusal != "":
		c.Errorf("%s", refusal)
		return 1, true
	case problem != "":
		return c.Unsupported("%s", problem), true
	}
	if ids.hasGroup && !ids.hasGroups && !ids.keeps {
		c.Errorf("--[re]gid requires --keep-groups, --clear-groups, --init-groups, or --groups")
		return 1, true
	}
	if _, given := lists[noNewPrivs]; given {
		const text = "setpriv: disallow granting new privileges failed"
		spec.Call(proc.Failure{Text: text, Status: 1}, proc.ChangesOther,
			unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1)
	}
	ids.change(spec)
	changes, ok := changeCapabilities(c, spec, lists)
	if !ok {
		return 1, true
	}
	if dropped := changes[boundingSet]; dropped.drop != 0 {
		spec.Between(func(s *proc.Spec) { dropUnbound(s, dropped, changes[inheritable]) })
	}
	spec.Argv = args
	spec.Blame = proc.Blame{Text: "setpriv: failed to execute %s: %s", Lost: 1}
	return 0, false
}

// changeCapabilities adds the steps for each set, in the order of setpriv(1).
func changeCapabilities(c *native.Call, spec *proc.Spec, lists map[rune]string) (
	changes map[rune]capChange, ok bool) {
	changes = map[rune]capChange{}
	for _, set := range [...]struct {
		key   rune
		steps func(*proc.Spec, capChange)
	}{
		{boundingSet, dropBounding}, {inheritable, changeInheritable}, {ambient, changeAmbient},
	} {
		list, given := lists[set.key]
		if !given {
			continue
		}
		change, ok := capabilities(c, list)
		if !ok {
			return nil, false
		}
		changes[set.key] = change
		set.steps(spec, change)
	}
	return changes, true
}

// capabilities reads a list of +NAME and -NAME. The last mention of a name counts.
func capabilities(c *native.Call, list string) (change capChange, ok bool) {
	for item := range strings.SplitSeq(list, ",") {
		if item == "" || item[0] != '+' && item[0] != '-' {
			c.Errorf("bad capability string")
			return change, false
		}
		bits := uint64(1)<<(lastCapability()+1) - 1
		if name := item[1:]; name != "all" {
			n := capabilityNumber(name)
			if n < 0 {
				c.Errorf("unknown capability \"%s\"", name)
				return change, false
			}
			bits = 1 << n
		}
		if item[0] == '+' {
			change = capChange{change.add | bits, change.drop &^ bits}
		} else {
			change = capChange{change.add &^ bits, change.drop | bits}
		}
	}
	return change, true
}

// capabilityNumber returns the number of a name in any case, or of cap_N, or -1 for an unknown
// name.
func capabilityNumber(name string) int {
	for n, known := range capabilityNames {
		if strings.EqualFold(name, known) {
			return n
		}
	}
	digits, ok := strings.CutPrefix(name, "cap_")
	if !ok {
		return -1
	}
	end := 0
	for end < len(digits) && digits[end] >= '0' && digits[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(digits[:end])
	if err != nil || n > lastCapability() {
		return -1
	}
	return n
}

// lastCapability returns the highest capability that the kernel knows.
func lastCapability() int {
	n := len(capabilityNames) - 1
	for ; n > 0 && !knownCapability(n); n-- {
	}
	for ; n < 62 && knownCapability(n+1); n++ {
	}
	return n
}

func knownCapability(n int) bool {
	_, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(n), 0, 0, 0)
	return err == nil
}

// dropBounding drops the capabilities that are still in the bounding set. For one that is not
// in the set, the kernel need not know the number, and no privilege is needed. If the kernel
// does not tell whether a capability is in the set, the drop is tried.
func dropBounding(spec *proc.Spec, change capChange) {
	f := proc.Failure{Text: "setpriv: apply bounding set", Status: 127}
	for n := range 64 {
		if change.drop>>n&1 == 0 {
			continue
		}
		has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(n), 0, 0, 0)
		if has == 1 || err != nil && !errors.Is(err, unix.EINVAL) {
			spec.Call(f, proc.ChangesOther, unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, uintptr(n))
		}
	}
}

// A capSets holds the three capability sets of capget(2) and capset(2).
type capSets struct {
	header unix.CapUserHeader
	data   [2]unix.CapUserData // 32 capabilities each
}

// ownCapSets returns the capability sets of this process.
func ownCapSets() *capSets {
	s := &capSets{header: unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}}
	// fails only for a wrong version, for which capset(2) fails too
	_ = unix.Capget(&s.header, &s.data[0])
	return s
}

// dropUnbound adds the step that takes from root the capabilities that are not in the bounding
// set, as an execve(2) does.
func dropUnbound(spec *proc.Spec, dropped, inherited capChange) {
	sets := ownCapSets()
	sets.inherit(inherited)
	for i := range sets.data {
		d := &sets.data[i]
		d.Permitted &= d.Inheritable | ^uint32(dropped.drop>>(32*i))
		d.Effective = d.Permitted
	}
	sets.apply(spec)
}

// inherit changes the inheritable set.
func (s *capSets) inherit(change capChange) {
	for i := range s.data {
		add, drop := uint32(change.add>>(32*i)), uint32(change.drop>>(32*i))
		s.data[i].Inheritable = s.data[i].Inheritable&^drop | add
	}
}

// arguments returns the arguments of capset(2).
func (s *capSets) arguments(spec *proc.Spec) (header, data uintptr) {
	return proc.Pointer(spec, &s.header), proc.Pointer(spec, &s.data)
}

// apply adds the step that gives the program these sets.
func (s *capSets) apply(spec *proc.Spec) {
	header, data := s.arguments(spec)
	spec.Call(proc.Failure{Text: "setpriv: apply capabilities", Status: 127}, proc.ChangesOther,
		unix.SYS_CAPSET, header, data)
}

// changeInheritable adds the step that changes the inheritable set.
func changeInheritable(spec *proc.Spec, change capChange) {
	sets := ownCapSets()
	sets.inherit(change)
	sets.apply(spec)
}

// changeAmbient adds the steps that change the ambient set. Like setpriv(1), it ignores a
// capability that cannot be raised.
func changeAmbient(spec *proc.Spec, change capChange) {
	for n := range 64 {
		how := uintptr(unix.PR_CAP_AMBIENT_RAISE)
		switch {
		case change.drop>>n&1 != 0:
			how = unix.PR_CAP_AMBIENT_LOWER
		case change.add>>n&1 == 0:
			continue
		}
		spec.Try(proc.ChangesOther, unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, how, uintptr(n), 0, 0)
	}
}
