package mount

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// The flags of mount(2) that need a call of their own.
const (
	propagationFlags = unix.MS_SHARED | unix.MS_SLAVE | unix.MS_PRIVATE | unix.MS_UNBINDABLE
	// bindFlags are the flags that a bind mount gets by a second call, which remounts it.
	bindFlags = unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC |
		unix.MS_NOATIME | unix.MS_NODIRATIME | unix.MS_RELATIME | unix.MS_STRICTATIME |
		unix.MS_NOSYMFOLLOW
)

// mountOptions is a parsed list of options.
type mountOptions struct {
	flags uintptr
	// given lists the options in their order. When they are added to other options, each
	// overrides those.
	given       []string
	propagation []uintptr // in the given order, since each needs its own call
	data        []string  // options for the file system
	// explicitRW says that the options ask for write access explicitly.
	explicitRW        bool
	loop              bool
	loopDevice        string
	offset, sizelimit uint64
	nofail            bool
	user              []string // the options that libmount keeps, see mountinfo/utab.go
	mkdir             bool
	mkdirMode         uint32
}

// A mountOption is a row of the table of options for flags.
type mountOption struct {
	name       string
	set, unset uintptr
}

// mountFlag looks up an option that sets or clears flags of mount(2), or that means nothing to
// the kernel.
func mountFlag(name string) (set, unset uintptr, ok bool) {
	const userFlags = unix.MS_NOEXEC | unix.MS_NOSUID | unix.MS_NODEV
	for _, o := range [...]mountOption{
		{"ro", unix.MS_RDONLY, 0}, {"rw", 0, unix.MS_RDONLY},
		{"nosuid", unix.MS_NOSUID, 0}, {"suid", 0, unix.MS_NOSUID},
		{"nodev", unix.MS_NODEV, 0}, {"dev", 0, unix.MS_NODEV},
		{"noexec", unix.MS_NOEXEC, 0}, {"exec", 0, unix.MS_NOEXEC},
		{"sync", unix.MS_SYNCHRONOUS, 0}, {"async", 0, unix.MS_SYNCHRONOUS},
		{"dirsync", unix.MS_DIRSYNC, 0}, {"remount", unix.MS_REMOUNT, 0},
		{"bind", unix.MS_BIND, 0}, {"rbind", unix.MS_BIND | unix.MS_REC, 0},
		{"move", unix.MS_MOVE, 0},
		{"silent", unix.MS_SILENT, 0}, {"loud", 0, unix.MS_SILENT},
		{"mand", unix.MS_MANDLOCK, 0}, {"nomand", 0, unix.MS_MANDLOCK},
		{"iversion", unix.MS_I_VERSION, 0}, {"noiversion", 0, unix.MS_I_VERSION},
		{"noatime", unix.MS_NOATIME, 0}, {"atime", 0, unix.MS_NOATIME},
		{"nodiratime", unix.MS_NODIRATIME, 0}, {"diratime", 0, unix.MS_NODIRATIME},
		{"relatime", unix.MS_RELATIME, 0}, {"norelatime", 0, unix.MS_RELATIME},
		{"strictatime", unix.MS_STRICTATIME, 0}, {"nostrictatime", 0, unix.MS_STRICTATIME},
		{"lazytime", unix.MS_LAZYTIME, 0}, {"nolazytime", 0, unix.MS_LAZYTIME},
		{"nosymfollow", unix.MS_NOSYMFOLLOW, 0}, {"symfollow", 0, unix.MS_NOSYMFOLLOW},
		{"user", userFlags, 0}, {"users", userFlags, 0},
		{"owner", unix.MS_NOSUID | unix.MS_NODEV, 0},
		{"group", unix.MS_NOSUID | unix.MS_NODEV, 0},
		{"defaults", 0, 0}, {"auto", 0, 0}, {"noauto", 0, 0}, {"nouser", 0, 0},
		{"nousers", 0, 0}, {"noowner", 0, 0}, {"nogroup", 0, 0}, {"_netdev", 0, 0},
		{"comment", 0, 0}, {"fail", 0, 0},
	} {
		if o.name == name {
			return o.set, o.unset, true
		}
	}
	return 0, 0, false
}

func propagationFlag(name string) uintptr {
	plain, rec := strings.CutPrefix(name, "r")
	var flag uintptr
	switch plain {
	case "shared":
		flag = unix.MS_SHARED
	case "slave":
		flag = unix.MS_SLAVE
	case "private":
		flag = unix.MS_PRIVATE
	case "unbindable":
		flag = unix.MS_UNBINDABLE
	default:
		return 0
	}
	if rec {
		flag |= unix.MS_REC
	}
	return flag
}

// add adds a list of options; a later option overrides an earlier one. It returns a problem for
// an option that only mount(8) can handle.
func (m *mountOptions) add(list string) (problem string) {
	for _, o := range splitOptions(list) {
		m.given = append(m.given, o)
		name, value, has := strings.Cut(o, "=")
		if problem := m.addOne(o, name, value, has); problem != "" {
			return problem
		}
	}
	return ""
}

// under returns m with the options of over added after its own.
func (m mountOptions) under(over mountOptions) mountOptions {
	m.add(strings.Join(over.given, ","))
	m.flags |= over.flags & unix.MS_MOVE // mount -M sets it without an entry in given
	return m
}

func (m *mountOptions) addOne(o, name, value string, has bool) (problem string) {
	if libmountKeeps(name, has) {
		m.user = append(m.user, o)
	} else if name == "nouser" {
		m.user = slices.DeleteFunc(m.user, func(o string) bool { return o == "user" })
	}
	set, unset, ok := mountFlag(name)
	if ok && (!has || name == "user" || name == "comment") {
		m.flags = m.flags&^unset | set
		m.explicitRW = m.explicitRW && name != "ro" || name == "rw"
		return ""
	}
	if flag := propagationFlag(name); flag != 0 && !has {
		m.propagation = append(m.propagation, flag)
		return ""
	}
	switch {
	case name == "loop":
		m.loop, m.loopDevice = true, value
	case name == "offset" && has:
		return m.size(&m.offset, o, value)
	case name == "sizelimit" && has:
		return m.size(&m.sizelimit, o, value)
	case name == "nofail":
		m.nofail = true
	case name == "X-mount.mkdir" || name == "x-mount.mkdir":
		mode, err := strconv.ParseUint(strings.Trim(value, `"`), 8, 12)
		if m.mkdir, m.mkdirMode = true, uint32(mode); !has {
			m.mkdirMode = 0o755
		} else if err != nil {
			return "option '" + o + "'"
		}
	case mountToolOnly(name, value):
		return "mount option '" + o + "'"
	case strings.HasPrefix(name, "x-"), name == "uhelper" && has:
	default:
		m.data = append(m.data, o)
	}
	return ""
}

// libmountKeeps reports whether libmount records an option in its own table.
func libmountKeeps(name string, has bool) bool {
	switch name {
	case "user", "_netdev", "loop":
		return !has
	case "uhelper":
		return has
	}
	return strings.HasPrefix(name, "x-")
}

// mountToolOnly reports whether only mount(8) can carry out an option.
func mountToolOnly(name, value string) bool {
	switch name {
	case "helper", "encryption", "context", "fscontext", "defcontext",
		"rootcontext":
		return true
	case "uid", "gid": // mount(8) looks up names
		_, err := strconv.ParseUint(value, 10, 32)
		return err != nil
	}
	return strings.HasPrefix(name, "X-") || strings.HasPrefix(name, "verity.")
}

func (m *mountOptions) size(into *uint64, o, value string) (problem string) {
	n, ok := parseSize(value)
	if !ok {
		return "mount option '" + o + "'"
	}
	*into, m.loop = n, true
	return ""
}

// parseSize parses 4096, 0x1000, 4K, 4KiB and 4KB (4000).
func parseSize(s string) (uint64, bool) {
	i := strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("0123456789abcdefABCDEFxX", r)
	})
	unit := uint64(1)
	if !strings.HasPrefix(s, "0x") {
		i = strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	}
	if i > 0 {
		suffix := s[i:]
		power := strings.IndexByte("KMGTPE", suffix[0]&^0x20) + 1
		base := uint64(1024)
		switch suffix[1:] {
		case "B":
			base = 1000
		case "", "iB":
		default:
			return 0, false
		}
		if power == 0 {
			return 0, false
		}
		for range power {
			unit *= base
		}
		s = s[:i]
	}
	n, err := strconv.ParseUint(s, 0, 64)
	return n * unit, err == nil
}

// splitOptions splits a list at commas outside double quotes, and drops empty options.
func splitOptions(list string) (options []string) {
	quoted, start := false, 0
	for i := 0; i <= len(list); i++ {
		if i < len(list) && list[i] == '"' {
			quoted = !quoted
		}
		if i == len(list) || list[i] == ',' && !quoted {
			if i > start {
				options = append(options, list[start:i])
			}
			start = i + 1
		}
	}
	return options
}
