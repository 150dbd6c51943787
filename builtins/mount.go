package builtins

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Exit statuses of mount and umount.
const (
	mountUsage    = 1
	mountSoftware = 4
	mountFail     = 32
)

// makeStateDir makes the directory in which libmount keeps what the kernel does
// not know of mounts: its tools make it whenever they change one, and who looks
// for it finds it. Where it cannot be made there is none, as with them.
func makeStateDir() { _ = unix.Mkdir("/run/mount", 0o755) }

// keepsState tells whether libmount would look for its state for this request: a
// change of propagation alone is none that it keeps.
func (r *mountRequest) keepsState() bool {
	propagates := len(r.propagation) > 0 && r.source == "" && r.flags == 0 && len(r.data) == 0
	return !r.stateless && !propagates
}

// onlyPropagates tells whether the request changes the propagation of a mount only.
func (r *mountRequest) onlyPropagates() bool {
	return r.flags&(unix.MS_BIND|unix.MS_MOVE|unix.MS_REMOUNT) == 0 &&
		len(r.propagation) > 0 && r.source == "none" && r.fstype == ""
}

// Keys of mount's options that have a long name only.
const (
	mountSource = longOnly + iota
	mountTarget
	mountMakeShared // the eight --make-* follow in the order of makeNames
)

var makeNames = [...]string{"shared", "slave", "private", "unbindable",
	"rshared", "rslave", "rprivate", "runbindable"}

// mountSpec lists the options of mount that are ours.
func mountSpec() []option {
	spec := []option{
		{'f', "fake", noArg}, {'i', "internal-only", noArg}, {'l', "show-labels", noArg},
		{'n', "no-mtab", noArg}, {'o', "options", needArg}, {'r', "read-only", noArg},
		{'s', "", noArg}, {'t', "types", needArg}, {'v', "verbose", noArg},
		{'w', "rw", noArg}, {'w', "read-write", noArg}, {'m', "mkdir", optArg},
		{'B', "bind", noArg}, {'M', "move", noArg}, {'R', "rbind", noArg},
		{mountSource, "source", needArg}, {mountTarget, "target", needArg},
		// Known to mount(8) and not to us; here so that no prefix hits another.
		{'a', "all", noArg}, {'T', "fstab", needArg}, {'O', "test-opts", needArg},
		{'!', "options-mode", needArg}, {'!', "options-source", needArg},
		{'!', "options-source-force", noArg}, {'!', "target-prefix", needArg},
		{'!', "fork", noArg}, {'!', "label", needArg},
		{'!', "namespace", needArg}, {'!', "no-canonicalize", noArg},
		{'!', "uuid", needArg}, {'!', "version", noArg},
		{'!', "help", noArg},
	}
	for i, name := range makeNames {
		spec = append(spec, option{mountMakeShared + rune(i), "make-" + name, noArg})
	}
	return spec
}

// A mountRequest is what one mount command is to do.
type mountRequest struct {
	c *Call
	mountOptions
	source, target string
	hasTarget      bool // it may be empty
	fstype         string
	verbose, fake  bool
	stateless      bool
	all            bool
	testOptions    string
	fstab          string // instead of /etc/fstab
	// problem is what of its options only the tool can do, missing that what it may fail for
	// is not there.
	problem string
	missing bool
	// changed says that an option gave something to do beyond listing.
	changed bool
	// called says that a system call was made: the messages tell it apart.
	called bool
}

// runMount is mount(8): it lists mounts, or makes or changes one.
func runMount(c *Call) int {
	opts, operands, problem := c.options(mountSpec(), permute)
	r := &mountRequest{c: c}
	for _, o := range opts {
		if problem == "" {
			problem = r.option(o)
		}
	}
	if problem == "" && c.getuid() != 0 && (len(operands) > 0 || r.changed) {
		problem = "mounting by a user" // fstab's "user" needs the set-uid tool
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if r.all {
		if len(operands) > 0 || r.source != "" || r.hasTarget || c.below != nil || c.getuid() != 0 ||
			r.flags&unix.MS_MOVE != 0 {
			return c.Unsupported("option '-a' with others")
		}
		return c.inDirFor([]string{r.fstabPath()}, r.mountAll)
	}
	for i, name := range operands {
		switch {
		case i == 0 && r.source == "" && (len(operands) > 1 || r.hasTarget):
			r.source = name
		case !r.hasTarget:
			r.target, r.hasTarget = name, true
		default:
			return c.badUsage()
		}
	}
	if r.source == "" && !r.hasTarget {
		if r.changed {
			return c.badUsage()
		}
		return c.listMounts(r.fstype)
	}
	if !r.hasTarget {
		return c.Unsupported("a source only")
	}
	if problem := r.notBelow(); c.below != nil && problem != "" {
		return c.Unsupported("%s", problem)
	}
	names := append(r.paths(), r.target, r.fstabPath())
	return c.inDirFor(names, r.run)
}

func (c *Call) getuid() int { return unix.Geteuid() }

func (c *Call) badUsage() int {
	c.Errorf("bad usage")
	fmt.Fprintf(c.Stderr, "Try '%s --help' for more information.\n", c.Name())
	return mountUsage
}

// option takes one option in; what is not ours comes back as problem.
func (r *mountRequest) option(o parsedOption) (problem string) {
	switch o.key {
	case 't':
		r.fstype = o.value
	case 'v':
		r.verbose = true
	case 'n':
		r.stateless = true
	case 'l', 'i', 's':
	case 'a':
		r.all = true
	case 'O':
		r.testOptions = o.value
	case 'T':
		if pathIsDir(o.value) {
			return "a directory for fstab"
		}
		r.fstab = o.value
	case 'f':
		r.fake = true
	case mountSource:
		r.source = o.value
	case mountTarget:
		r.target, r.hasTarget = o.value, true
	case 'o':
		r.changed = true
		return r.add(o.value)
	default:
		r.changed = true
		return r.flagOption(o)
	}
	return ""
}

func (r *mountRequest) flagOption(o parsedOption) (problem string) {
	switch o.key {
	case 'r':
		return r.add("ro")
	case 'w':
		return r.add("rw")
	case 'B':
		return r.add("bind")
	case 'R':
		return r.add("rbind")
	case 'M':
		r.flags |= unix.MS_MOVE
	case 'm':
		if o.has {
			return r.add("X-mount.mkdir=" + o.value)
		}
		return r.add("X-mount.mkdir")
	default:
		i := int(o.key - mountMakeShared)
		if i < 0 || i >= len(makeNames) {
			return o.named()
		}
		return r.add(makeNames[i])
	}
	return ""
}

// paths are the names in the request that may lead to a file.
func (r *mountRequest) paths() []string {
	var names []string
	if r.source != "" && (!virtualType(r.fstype) || r.flags&unix.MS_BIND != 0) {
		names = append(names, r.source)
	}
	for _, o := range r.data {
		if key, value, ok := strings.Cut(o, "="); ok && strings.HasSuffix(key, "dir") {
			names = append(names, strings.Split(value, ":")...)
		}
	}
	return names
}

// virtualType tells the file systems whose source is but a name.
func virtualType(fstype string) bool {
	switch fstype {
	case "tmpfs", "proc", "sysfs", "devpts", "devtmpfs", "overlay", "cgroup", "cgroup2",
		"mqueue", "debugfs", "tracefs", "securityfs", "ramfs", "hugetlbfs", "binfmt_misc",
		"bpf", "pstore", "configfs", "fusectl", "autofs", "efivarfs", "rpc_pipefs":
		return true
	}
	return false
}

// run does what was asked, with the calling thread in the right directory.
func (r *mountRequest) run() int {
	keeps := r.keepsState() && r.c.below == nil
	if status, ok := r.prepare(); !ok {
		return status
	}
	if keeps {
		makeStateDir()
	}
	if r.mkdir {
		if err := os.MkdirAll(r.target, os.FileMode(r.mkdirMode)); err != nil {
			r.c.Errorf("%s: %s.", r.target, "failed to create target directory")
			return mountFail
		}
	}
	shown := r.target
	r.target, _ = mountPath(r.target)
	if r.source != "" && !virtualType(r.fstype) || r.flags&unix.MS_BIND != 0 {
		r.source, _ = mountPath(r.source)
	}
	loop, err := r.attachLoop()
	if err != nil {
		r.c.Errorf("%s: %s.", shown, err)
		return mountFail
	}
	if loop != nil {
		r.user = slices.DeleteFunc(r.user, func(o string) bool { return o == "loop" })
		// The device frees itself with its last user: this, or the mount.
		defer loop.Close()
	}
	if r.fake {
		r.keepOptions()
		return r.success()
	}
	if err := r.mount(); err != nil {
		return r.report(err)
	}
	r.keepOptions()
	return r.success()
}

// prepare completes a request that names one thing only, from the present
// mounts or from fstab, and refuses what only mount(8) can look up.
func (r *mountRequest) prepare() (status int, ok bool) {
	c := r.c
	if tag, _, ok := strings.Cut(r.source, "="); ok && isTag(tag) {
		return c.Unsupported("source %s=", tag), false
	}
	if r.hasHelper() {
		return c.Unsupported("file system type '%s'", r.fstype), false
	}
	if r.source != "" {
		return 0, true
	}
	target, _ := mountPath(r.target)
	switch {
	case r.flags&unix.MS_REMOUNT != 0:
		return r.prepareRemount(target)
	case r.flags&(unix.MS_BIND|unix.MS_MOVE) == 0 && len(r.propagation) > 0:
		r.source = "none"
		return 0, true
	}
	return r.prepareFstab(target)
}

func isTag(name string) bool {
	switch name {
	case "LABEL", "UUID", "PARTLABEL", "PARTUUID", "ID":
		return true
	}
	return false
}

// hasHelper tells a type with a mount.TYPE program, which mount(8) would run.
func (r *mountRequest) hasHelper() bool {
	if r.fstype == "" || virtualType(r.fstype) || strings.ContainsAny(r.fstype, ",/") {
		return false
	}
	return unix.Access("/sbin/mount."+r.fstype, unix.X_OK) == nil
}

// prepareRemount starts from the options in /etc/fstab, or else those that the mount has
// now: "remount,ro" changes one thing. With bind it is only the mount that changes, which then is read-only
// where the file system is.
func (r *mountRequest) prepareRemount(target string) (status int, ok bool) {
	if found, problem := r.fromFstab(target); found || problem != "" {
		if problem != "" {
			return r.c.Unsupported("%s", problem), false
		}
		return 0, true
	}
	table, err := r.c.mountTable()
	if err != nil {
		return 0, true
	}
	e, found := mountAt(table, target)
	for i := len(table) - 1; i >= 0 && !found; i-- {
		if e = table[i]; e.source == r.target {
			target, found = e.target, true
		}
	}
	if !found {
		r.source = "none"
		return 0, true
	}
	var now mountOptions
	now.add(e.options())
	r.source, r.target, r.fstype = e.source, target, e.fstype
	both := now.under(r.mountOptions)
	r.flags = both.flags
	if len(r.user) > 0 {
		r.user = both.user
	}
	r.data = append(now.data, r.data...)
	return 0, true
}

// prepareFstab looks the target, or else the source, up in /etc/fstab.
func (r *mountRequest) prepareFstab(target string) (status int, ok bool) {
	if _, _, err := readFstab(r.fstab); r.fstab != "" && err != nil {
		r.c.Errorf("%s: failed to parse", r.fstab)
		return mountUsage, false
	}
	found, problem := r.fromFstab(target)
	switch {
	case problem != "":
		return r.c.Unsupported("%s", problem), false
	case found:
		return 0, true
	case r.flags&(unix.MS_BIND|unix.MS_MOVE) != 0:
		return r.c.Unsupported("one operand"), false
	}
	r.c.Errorf("%s: can't find in /etc/fstab.", r.target)
	return mountUsage, false
}

// fromFstab completes a request by the line of /etc/fstab that has the target, or else the
// source. The options of the command line come after those there.
func (r *mountRequest) fromFstab(target string) (found bool, problem string) {
	entries, bad, _ := readFstab(r.fstabPath())
	defer func() {
		if problem == "" {
			r.badFstab(bad)
		}
	}()
	for _, e := range entries {
		source, dir := e.source, strings.TrimRight(e.target, "/")
		if dir == "" {
			dir = e.target
		}
		if dir != target && dir != r.target && source != r.target {
			continue
		}
		var m mountOptions
		problem := m.add(e.options)
		if tag, _, ok := strings.Cut(source, "="); ok && isTag(tag) {
			problem = "source " + tag + "="
		}
		if problem != "" {
			return false, problem
		}
		both := m.under(r.mountOptions)
		m.flags, m.user = both.flags, both.user
		m.data = append(m.data, r.data...)
		m.propagation = append(m.propagation, r.propagation...)
		r.mountOptions = m
		r.source, r.target, r.fstype = source, dir, e.fstype
		return true, ""
	}
	return false, ""
}

// mount makes the system calls, in the order of mount(8): the mount itself,
// propagation, and the flags of a bind mount.
func (r *mountRequest) mount() error {
	if !r.onlyPropagates() {
		if err := r.mountFirst(); err != nil {
			return err
		}
	}
	for _, flag := range r.propagation {
		if err := r.call("none", "", flag, ""); err != nil {
			return err
		}
	}
	if r.flags&unix.MS_BIND != 0 && r.flags&unix.MS_REMOUNT == 0 &&
		r.flags&bindFlags&^unix.MS_STRICTATIME != 0 {
		flags := r.flags&(bindFlags|unix.MS_REC) | unix.MS_REMOUNT | unix.MS_BIND
		return r.call("none", "", flags, "")
	}
	return nil
}

// mount is mount(2), from the calling thread's directory.
func (c *Call) mount(source, target, fstype string, flags uintptr, data string) error {
	if c.below != nil {
		return c.below.mount(source, target, fstype, flags, data)
	}
	return unix.Mount(source, target, fstype, flags, data)
}

// notBelow says what of a request is not done below a root that somebody else fills: what
// reads a file system or a table from there, or has the kernel look up a name.
func (r *mountRequest) notBelow() (problem string) {
	const other = unix.MS_BIND | unix.MS_MOVE | unix.MS_REMOUNT
	switch {
	case r.mkdir:
		return "option X-mount.mkdir"
	case r.loop:
		return "option loop"
	case r.source == "" && r.flags&unix.MS_REMOUNT == 0 && len(r.propagation) == 0:
		return "a target only"
	case r.source != "" && r.flags&other == 0 && (!virtualType(r.fstype) || r.fstype == "overlay"):
		return "file system type '" + r.fstype + "'"
	}
	return ""
}

func (r *mountRequest) call(source, fstype string, flags uintptr, data string) error {
	r.called = true
	err := r.c.mount(source, r.target, fstype, flags, data)
	if err == nil {
		return nil
	}
	return &MountError{"mount", source, r.target, fstype, data, flags, err}
}

// mountFirst mounts by the type given, by the one found on the device, or by
// trying one type after another.
func (r *mountRequest) mountFirst() error {
	if r.flags&(unix.MS_BIND|unix.MS_MOVE|unix.MS_REMOUNT) != 0 {
		return r.call(r.source, r.fstype, r.flags, strings.Join(r.data, ","))
	}
	types := strings.Split(r.fstype, ",")
	if r.fstype == "" || r.fstype == "auto" {
		types = nil
		if found := probeFSType(r.source); found != "" {
			types = []string{found}
		}
	}
	flags := r.flags
	switch {
	case len(types) == 0:
		types, flags = kernelTypes(nil), flags|unix.MS_SILENT
	case strings.HasPrefix(types[0], "no"):
		if len(types) > 1 || types[0] != "none" {
			types[0] = types[0][2:]
			types, flags = kernelTypes(types), flags|unix.MS_SILENT
		}
	case len(types) > 1:
		flags |= unix.MS_SILENT
	}
	err := errors.New("no filesystem type specified")
	for _, fstype := range types {
		r.fstype = fstype
		err = r.mountType(fstype, flags)
		if err == nil || !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENODEV) {
			break
		}
	}
	return err
}

// mountType mounts as one type; what cannot be written to is mounted read-only
// unless write access was asked for by name.
func (r *mountRequest) mountType(fstype string, flags uintptr) error {
	data := strings.Join(r.data, ",")
	err := r.call(r.source, fstype, flags, data)
	if flags&unix.MS_RDONLY != 0 || r.explicitRW ||
		!errors.Is(err, unix.EROFS) && !errors.Is(err, unix.EACCES) {
		return err
	}
	if r.call(r.source, fstype, flags|unix.MS_RDONLY, data) != nil {
		return err
	}
	r.c.Errorf("%s: WARNING: source write-protected, mounted read-only.", r.target)
	return nil
}

// kernelTypes lists what the kernel mounts from devices, without some types.
func kernelTypes(without []string) (types []string) {
	text, _ := os.ReadFile("/etc/filesystems")
	kernel, _ := os.ReadFile("/proc/filesystems")
next:
	for line := range strings.Lines(string(text) + "\n" + string(kernel)) {
		f := strings.Fields(line)
		if len(f) != 1 || f[0] == "*" || strings.HasPrefix(f[0], "#") {
			continue
		}
		for _, no := range without {
			if f[0] == strings.TrimPrefix(no, "no") {
				continue next
			}
		}
		types = append(types, f[0])
	}
	return types
}

// success prints what -v promises.
func (r *mountRequest) success() int {
	if !r.verbose {
		return 0
	}
	verb := "mounted"
	switch {
	case r.flags&unix.MS_MOVE != 0:
		verb = "moved"
	case r.flags&unix.MS_BIND != 0:
		verb = "bound"
	}
	var text string
	if verb != "mounted" || len(r.propagation) == 0 || r.source != "none" {
		where := "on"
		if verb == "moved" {
			where = "to"
		}
		text = fmt.Sprintf("%s: %s %s %s %s.\n", r.c.Name(), r.source, verb, where, r.target)
	}
	if verb == "mounted" && len(r.propagation) > 0 {
		text += fmt.Sprintf("%s: %s propagation flags changed.\n", r.c.Name(), r.target)
	}
	fmt.Fprint(r.c.Stdout, text)
	return 0
}

// listMounts prints the mounts, all or those of some types.
func (c *Call) listMounts(types string) int {
	table, err := c.mountTable()
	if err != nil {
		c.Errorf("failed to read mtab: %s", Strerror(err))
		return mountFail
	}
	w := c.buffered()
	for _, e := range table {
		if !typeMatches(e.fstype, types) {
			continue
		}
		fmt.Fprintf(w, "%s on %s type %s (%s)\n", backingFile(e.source),
			withoutControls(e.target), e.fstype, e.options())
	}
	_ = w.Flush() // see Command.Perform
	return 0
}

// withoutControls has ? for what would spoil a list.
func withoutControls(name string) string {
	shown := []byte(name)
	for i, b := range shown {
		if b < ' ' || b == 0x7f {
			shown[i] = '?'
		}
	}
	return string(shown)
}

// typeMatches tells whether a type is in a list such as "ext4,tmpfs" or
// "noproc,sysfs", where "no" holds for the whole list.
func typeMatches(fstype, list string) bool {
	if list == "" {
		return true
	}
	rest, negated := strings.CutPrefix(list, "no")
	for t := range strings.SplitSeq(rest, ",") {
		if name, no := strings.CutPrefix(t, "no"); t == fstype || no && name == fstype {
			return !negated && !no
		}
	}
	return negated
}
