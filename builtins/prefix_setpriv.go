package builtins

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// capabilityNames are the names of capabilities(7) as setpriv(1) takes them, by number.
var capabilityNames = [...]string{
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
	"setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw",
	"ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct",
	"sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod",
	"lease", "audit_write", "audit_control", "setfcap", "mac_override", "mac_admin", "syslog",
	"wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore",
}

const (
	boundingSet = longOnly + iota
	inheritable
	ambient
	noNewPrivs
	setprivUser
	setprivGroup
	clearGroups
	keepGroups
	setGroups
)

func setprivOptions() []option {
	rest := []string{"list-caps", "ruid", "euid", "rgid", "egid", "reset-env", "init-groups", "securebits", "pdeathsig",
		"selinux-label", "apparmor-profile", "help", "version", "dump"}
	spec := []option{
		{boundingSet, "bounding-set", needArg}, {inheritable, "inh-caps", needArg},
		{ambient, "ambient-caps", needArg},
		{setprivUser, "reuid", needArg}, {setprivGroup, "regid", needArg}, {clearGroups, "clear-groups", noArg},
		{keepGroups, "keep-groups", noArg}, {setGroups, "groups", needArg},
		{noNewPrivs, "no-new-privs", noArg}, {noNewPrivs, "nnp", noArg},
	}
	for _, name := range rest { // known to setpriv(1) and not to us, so that no prefix hits another
		spec = append(spec, option{'!', name, noArg})
	}
	return spec
}

// A capChange is what a list of capabilities does to a set: one bit for each.
type capChange struct{ add, drop uint64 }

// prefixSetpriv is setpriv(1) for capabilities: the command runs with fewer of them.
//
// Where the tool of Debian 12 ends with status 0 and all capabilities, since it may not
// change the bounding set, this one says so and fails.
func prefixSetpriv(c *Call, spec *proc.Spec) (int, bool) {
	opts, args, problem := parseOptions(c.Args[1:], setprivOptions(), operandsLast)
	lists := map[rune]string{}
	for _, o := range opts {
		if o.key == '!' {
			return c.Unsupported("%s", o.named()), true
		}
		if _, twice := lists[o.key]; twice && o.key > noNewPrivs {
			return c.Unsupported("%s twice", o.named()), true
		} else if twice {
			name := map[rune]string{boundingSet: "bounding-set", inheritable: "inh-caps",
				ambient: "ambient-caps", noNewPrivs: "no-new-privs"}[o.key]
			c.Errorf("duplicate --%s option", name)
			return 1, true
		}
		lists[o.key] = o.value
	}
	switch {
	case problem != "":
		return c.Unsupported("%s", problem), true
	case len(args) == 0:
		c.Errorf("No program specified")
		return 1, true
	}
	ids, problem := c.setprivIDs(lists)
	if problem != "" {
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
	if !c.changeCapabilities(spec, lists) {
		return 1, true
	}
	var inherit, raise capChange
	if list, given := lists[inheritable]; given {
		inherit, _ = c.capabilities(list)
	}
	if list, given := lists[ambient]; given {
		raise, _ = c.capabilities(list)
	}
	ids.forget(spec, inherit, raise)
	spec.Argv = args
	spec.BlameLost = 1
	spec.Blame = "setpriv: failed to execute %s: %s"
	return 0, false
}

// changeCapabilities adds the steps for each of the sets, in the order of the tool.
func (c *Call) changeCapabilities(spec *proc.Spec, lists map[rune]string) bool {
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
		change, ok := c.capabilities(list)
		if !ok {
			return false
		}
		set.steps(spec, change)
	}
	return true
}

// capabilities reads a list of +NAME and -NAME, the last of which counts.
func (c *Call) capabilities(list string) (change capChange, ok bool) {
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

// capabilityNumber is the number of a name in any case, or of cap_N; -1: there is none.
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

// lastCapability is the highest number that the kernel knows.
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

// dropBounding drops what is still in the bounding set: of what is not, the kernel need
// not know the number, and it takes no right. Where it does not say, the drop has to do.
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

// capSets are the three sets of capabilities that capget(2) and capset(2) know.
type capSets struct {
	header unix.CapUserHeader
	data   [2]unix.CapUserData // 32 capabilities each
}

// ownCapSets are those of this process.
func ownCapSets() *capSets {
	s := &capSets{header: unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}}
	_ = unix.Capget(&s.header, &s.data[0]) // fails for a wrong version only; then capset does too
	return s
}

// inherit changes the inheritable set.
func (s *capSets) inherit(change capChange) {
	for i := range s.data {
		add, drop := uint32(change.add>>(32*i)), uint32(change.drop>>(32*i))
		s.data[i].Inheritable = s.data[i].Inheritable&^drop | add
	}
}

// arguments are those of capset(2).
func (s *capSets) arguments(spec *proc.Spec) (header, data uintptr) {
	return proc.Pointer(spec, &s.header), proc.Pointer(spec, &s.data)
}

// apply adds the step that gives the program these.
func (s *capSets) apply(spec *proc.Spec) {
	header, data := s.arguments(spec)
	spec.Call(proc.Failure{Text: "setpriv: apply capabilities", Status: 127}, proc.ChangesOther,
		unix.SYS_CAPSET, header, data)
}

// changeInheritable adds the step that changes one of the sets.
func changeInheritable(spec *proc.Spec, change capChange) {
	sets := ownCapSets()
	sets.inherit(change)
	sets.apply(spec)
}

// changeAmbient is as quiet as the tool where a capability cannot be raised.
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
