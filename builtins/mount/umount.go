package mount

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/mountinfo"
	"overlayboot/builtins/native"
)

// umountFake is the key of --fake, which has no letter.
const umountFake = native.LongOnly

func umountSpec() []native.Option {
	return []native.Option{
		{Key: 'd', Long: "detach-loop"}, {Key: 'f', Long: "force"}, {Key: 'i', Long: "internal-only"},
		{Key: 'l', Long: "lazy"}, {Key: 'n', Long: "no-mtab"}, {Key: 'q', Long: "quiet"},
		{Key: 'R', Long: "recursive"}, {Key: 't', Long: "types", Arg: native.NeedArg},
		{Key: 'v', Long: "verbose"},
		// umount(8) has the options with the key '!', this command does not. They are listed so
		// that no abbreviation of them is taken for another option.
		{Key: 'a', Long: "all"}, {Key: 'A', Long: "all-targets"}, {Key: umountFake, Long: "fake"},
		{Key: '!', Long: "namespace", Arg: native.NeedArg}, {Key: '!', Long: "no-canonicalize"},
		{Key: '!', Long: "read-only"}, {Key: 'O', Long: "test-opts", Arg: native.NeedArg},
		{Key: '!', Long: "version"}, {Key: '!', Long: "help"},
	}
}

// An umountRequest is one invocation of umount, with its options.
type umountRequest struct {
	c                         *native.Call
	flags                     int
	recursive, quiet, verbose bool
	detach                    bool
	stateless, fake           bool
	every, targets            bool
	types, options            string
}

func (r *umountRequest) makeStateDir() {
	if !r.stateless && r.c.Below == nil {
		makeStateDir()
	}
}

// Umount is umount(8): it unmounts mounts, each named by its directory or by its source.
func Umount(c *native.Call) int {
	opts, operands, problem := c.Options(umountSpec(), native.Permute)
	r := &umountRequest{c: c}
	for _, o := range opts {
		problem = cmp.Or(problem, r.option(o))
	}
	if problem == "" && getuid(c) != 0 && (len(operands) > 0 || r.every) {
		problem = "unmounting by a user" // fstab's "user" needs the set-uid tool
	}
	if r.detach && c.Below != nil {
		problem = "option '-d'"
	}
	switch {
	case problem != "":
		return c.Unsupported("%s", problem)
	case r.every && len(operands) == 0 && !r.targets && !r.recursive:
		return r.everything()
	case r.every:
		return c.Unsupported("option '-a' with others")
	case len(operands) == 0:
		return badUsage(c)
	}
	if table, err := c.MountTable(); err == nil && c.Below == nil {
		for _, name := range operands {
			if e, ok := findMount(table, name); ok && e.User != "" && needsHelper(e) {
				return c.Unsupported("a mount with a helper")
			}
		}
	}
	return c.InOwnDirectory(operands, func() int {
		status := 0
		for _, name := range operands {
			if r.targets {
				status += r.allTargets(name)
			} else if r.recursive {
				status += r.all(name)
			} else {
				status += r.one(name)
			}
		}
		return min(status, 255)
	})
}

// option handles one option. It returns a problem for one that this command does not have.
func (r *umountRequest) option(o native.GivenOption) (problem string) {
	switch o.Key {
	case 'f':
		r.flags |= unix.MNT_FORCE
	case 'l':
		r.flags |= unix.MNT_DETACH
	case 'R':
		r.recursive = true
	case 'n':
		r.stateless = true
	case 'q':
		r.quiet = true
	case 'v':
		r.verbose = true
	case 'd':
		r.detach = true
	case 'a':
		r.every = true
	case 'A':
		r.targets = true
	case umountFake:
		r.fake = true
	case 't':
		r.types = o.Value
	case 'O':
		r.options = o.Value
	case '!':
		return o.Named()
	}
	return ""
}

// one unmounts the mount with that name. It reads the table of mounts only if the system call
// does not suffice, or if the output needs the table.
func (r *umountRequest) one(name string) int {
	r.makeStateDir()
	target, found := mountPath(name)
	var e mountinfo.Entry
	if r.verbose || r.detach {
		if table, err := r.c.MountTable(); err == nil {
			if e, found = findMount(table, name); found {
				target = e.Target
			}
		}
	}
	err := unix.EINVAL
	if found {
		err = r.call(target)
	}
	if err == unix.EINVAL || !found { // name may be a source
		target = name
		table, _ := r.c.MountTable()
		if e, found = findMount(table, name); found {
			target = e.Target
		}
		err = r.call(target)
	}
	if err != 0 {
		return r.report(target, err)
	}
	r.done(target, e)
	return 0
}

// needsHelper reports whether a helper program made the mount and has to unmount it.
func needsHelper(e mountinfo.Entry) bool {
	for o := range strings.SplitSeq(e.User, ",") {
		if helper, ok := strings.CutPrefix(o, "uhelper="); ok {
			return unix.Access("/sbin/umount."+helper, unix.X_OK) == nil
		}
	}
	return false
}

func (r *umountRequest) call(target string) unix.Errno {
	var errno unix.Errno
	if r.fake {
		return 0
	}
	if r.c.Below != nil {
		errors.As(r.c.Below.Unmount(target, r.flags), &errno)
	} else {
		errors.As(unix.Unmount(target, r.flags), &errno)
	}
	return errno
}

// mounted returns the mount at name, or reports that there is none.
func (r *umountRequest) mounted(name string) (
	table []mountinfo.Entry, e mountinfo.Entry, status int) {
	table, err := r.c.MountTable()
	if err != nil {
		r.c.Errorf("failed to parse /proc/self/mountinfo: %s", clib.Strerror(err))
		return nil, mountinfo.Entry{}, mountSoftware
	}
	e, found := findMount(table, name)
	if !found {
		text := "not mounted"
		if !fsys.Exists(name) {
			text = "not found"
		}
		if !r.quiet {
			r.c.Errorf("%s: %s", name, text)
		}
		return nil, mountinfo.Entry{}, mountUsage
	}
	return table, e, 0
}

// all unmounts a mount, after all mounts below it.
func (r *umountRequest) all(name string) int {
	table, e, status := r.mounted(name)
	if status != 0 {
		return status
	}
	r.makeStateDir()
	return r.tree(table, e)
}

// everything unmounts all mounts, latest first, except those that a system needs.
func (r *umountRequest) everything() int {
	table, err := r.c.MountTable()
	if err != nil {
		r.c.Errorf("failed to parse /proc/self/mountinfo: %s", clib.Strerror(err))
		return mountSoftware
	}
	status := 0
	for i := len(table) - 1; i >= 0; i-- {
		e := table[i]
		switch {
		case neverOfAll(e.FSType), !typeMatches(e.FSType, r.types),
			!optionsMatch(e.Options(), r.options):
			if r.verbose {
				fmt.Fprintf(r.c.Stdout, "%-25s: ignored\n", e.Target)
			}
			continue
		}
		r.makeStateDir()
		if errno := r.call(e.Target); errno != 0 {
			status |= r.report(e.Target, errno)
			continue
		}
		r.done(e.Target, e)
		if r.verbose {
			fmt.Fprintf(r.c.Stdout, "%-25s: successfully unmounted\n", e.Target)
		}
	}
	return status
}

// neverOfAll reports whether -a skips a file system type.
func neverOfAll(fstype string) bool {
	switch fstype {
	case "proc", "devfs", "devpts", "sysfs", "rpc_pipefs", "nfsd", "selinuxfs":
		return true
	}
	return false
}

// optionsMatch reports whether options match the pattern of -O: each option of the pattern is
// present, or with "no" before it is absent.
func optionsMatch(options, pattern string) bool {
	have := splitOptions(options)
	for _, want := range splitOptions(pattern) {
		plus := strings.HasPrefix(want, "+")
		want = strings.TrimPrefix(want, "+")
		name, negated := strings.CutPrefix(want, "no")
		if plus || !negated {
			name, negated = want, false
		}
		if hasMountOption(have, name) == negated {
			return false
		}
	}
	return true
}

// hasMountOption looks for an option by its name, or by name and value.
func hasMountOption(have []string, want string) bool {
	for _, o := range have {
		name, _, _ := strings.Cut(o, "=")
		if o == want || name == want {
			return true
		}
	}
	return false
}

// allTargets unmounts a file system from every place where it is mounted.
func (r *umountRequest) allTargets(name string) int {
	table, e, status := r.mounted(name)
	if status != 0 {
		return status
	}
	r.makeStateDir()
	for i := len(table) - 1; i >= 0 && status == 0; i-- {
		other := table[i]
		if other.Device != e.Device {
			continue
		}
		if r.recursive {
			now, _ := r.c.MountTable()
			if _, still := mountinfo.At(now, other.Target); still {
				status = r.tree(now, other)
			}
			continue
		}
		if errno := r.call(other.Target); errno != 0 {
			status = r.report(other.Target, errno)
			continue
		}
		r.done(other.Target, other)
	}
	return status
}

// tree unmounts a mount after its children, latest child first. It stops at the first failure.
func (r *umountRequest) tree(table []mountinfo.Entry, top mountinfo.Entry) int {
	var children []mountinfo.Entry
	for _, e := range table {
		if e.Parent == top.ID && e.ID != top.ID {
			children = append(children, e)
		}
	}
	slices.SortFunc(children, func(a, b mountinfo.Entry) int { return cmp.Compare(b.ID, a.ID) })
	for _, e := range children {
		if status := r.tree(table, e); status != 0 {
			return status
		}
	}
	if err := r.call(top.Target); err != 0 {
		return r.report(top.Target, err)
	}
	r.done(top.Target, top)
	return 0
}

func (r *umountRequest) done(target string, e mountinfo.Entry) {
	if r.detach && len(e.Source) > 9 && e.Source[:9] == "/dev/loop" {
		if device, err := os.Open(e.Source); err == nil {
			unix.IoctlSetInt(int(device.Fd()), unix.LOOP_CLR_FD, 0)
			device.Close()
		}
	}
	if !r.stateless && r.c.Below == nil {
		forgetMount(target)
	}
	if r.verbose && !r.every {
		if !r.recursive && !r.targets {
			target += " (" + e.Source + ")"
		}
		r.c.Errorf("%s unmounted", target)
	}
}

// findMount returns the latest mount at name. Failing that, it returns the latest mount whose
// source is name, the device with that path, or the file behind a loop device.
func findMount(table []mountinfo.Entry, name string) (mountinfo.Entry, bool) {
	path, _ := mountPath(name)
	if e, ok := mountinfo.At(table, path); ok {
		return e, true
	}
	for i := len(table) - 1; i >= 0; i-- {
		e := table[i]
		if e.Source == name || e.Source == path {
			return e, true
		}
	}
	for i := len(table) - 1; i >= 0; i-- {
		if e := table[i]; backingFile(e.Source) == path && e.Source != path {
			return e, true
		}
	}
	return mountinfo.Entry{}, false
}

func (r *umountRequest) report(target string, errno unix.Errno) int {
	text := "umount(2) system call failed: " + clib.ErrnoText(errno)
	switch errno {
	case unix.ENXIO:
		text = "invalid block device"
	case unix.EINVAL:
		if text = "not mounted"; r.quiet {
			return MountFail
		}
	case unix.EIO:
		text = "can't write superblock"
	case unix.EBUSY:
		text = "target is busy"
	case unix.ENOENT:
		text = "no mount point specified"
	case unix.EPERM:
		text = "must be superuser to unmount"
	case unix.EACCES:
		text = "block devices not permitted on filesystem"
	}
	r.c.Errorf("%s: %s.", target, text)
	return MountFail
}
