package mount

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/mountinfo"
	"overlayboot/builtins/native"
)

// The exit statuses of mount and umount.
const (
	mountUsage    = 1
	mountSoftware = 4
	MountFail     = 32
)

// makeStateDir makes the directory in which libmount keeps what the kernel does not know of
// mounts. The tools of libmount make it whenever they change a mount, so that other programs
// find it. A failure is ignored, as in those tools.
func makeStateDir() { _ = unix.Mkdir("/run/mount", 0o755) }

// keepsState reports whether libmount would use its state directory for this request. It does
// not for a mere change of propagation.
func (r *mountRequest) keepsState() bool {
	propagates := len(r.propagation) > 0 && r.source == "" && r.flags == 0 && len(r.data) == 0
	return !r.stateless && !propagates
}

// onlyPropagates reports whether the request changes only the propagation of a mount.
func (r *mountRequest) onlyPropagates() bool {
	return r.flags&(unix.MS_BIND|unix.MS_MOVE|unix.MS_REMOUNT) == 0 &&
		len(r.propagation) > 0 && r.source == "none" && r.fstype == ""
}

// The keys of mount's options that have only a long name.
const (
	mountSource = native.LongOnly + iota
	mountTarget
	mountMakeShared // the eight --make-* follow in the order of makeNames
)

var makeNames = [...]string{"shared", "slave", "private", "unbindable",
	"rshared", "rslave", "rprivate", "runbindable"}

// mountSpec lists the options of this command.
func mountSpec() []native.Option {
	spec := []native.Option{
		{Key: 'f', Long: "fake"}, {Key: 'i', Long: "internal-only"}, {Key: 'l', Long: "show-labels"},
		{Key: 'n', Long: "no-mtab"}, {Key: 'o', Long: "options", Arg: native.NeedArg},
		{Key: 'r', Long: "read-only"},
		{Key: 's'}, {Key: 't', Long: "types", Arg: native.NeedArg}, {Key: 'v', Long: "verbose"},
		{Key: 'w', Long: "rw"}, {Key: 'w', Long: "read-write"},
		{Key: 'm', Long: "mkdir", Arg: native.OptArg},
		{Key: 'B', Long: "bind"}, {Key: 'M', Long: "move"}, {Key: 'R', Long: "rbind"},
		{Key: mountSource, Long: "source", Arg: native.NeedArg},
		{Key: mountTarget, Long: "target", Arg: native.NeedArg},
		// mount(8) has the options with the key '!', this command does not. They are listed so
		// that no abbreviation of them is taken for another option.
		{Key: 'a', Long: "all"}, {Key: 'T', Long: "fstab", Arg: native.NeedArg},
		{Key: 'O', Long: "test-opts", Arg: native.NeedArg},
		{Key: '!', Long: "options-mode", Arg: native.NeedArg},
		{Key: '!', Long: "options-source", Arg: native.NeedArg},
		{Key: '!', Long: "options-source-force"}, {Key: '!', Long: "target-prefix", Arg: native.NeedArg},
		{Key: '!', Long: "fork"}, {Key: '!', Long: "label", Arg: native.NeedArg},
		{Key: '!', Long: "namespace", Arg: native.NeedArg}, {Key: '!', Long: "no-canonicalize"},
		{Key: '!', Long: "uuid", Arg: native.NeedArg}, {Key: '!', Long: "version"},
		{Key: '!', Long: "help"},
	}
	for i, name := range makeNames {
		spec = append(spec, native.Option{Key: mountMakeShared + rune(i), Long: "make-" + name})
	}
	return spec
}

// A mountRequest is one invocation of mount.
type mountRequest struct {
	c *native.Call
	mountOptions
	source, target string
	hasTarget      bool // target is given, though it may be empty
	nameless       bool // source is the word none, since there is none, and no name of a file
	fstype         string
	verbose, fake  bool
	stateless      bool
	all            bool
	testOptions    string
	fstab          string // the operand of -T, in place of /etc/fstab
	// problem names an option of the request that only the tool can handle. missing says that
	// the source of a nofail request does not exist.
	problem string
	missing bool
	// changed says that an option asks for more than a list of mounts.
	changed bool
	// called says that mount(2) was called, on which the messages depend.
	called bool
}

// Mount is mount(8): it lists mounts, makes one or changes one.
func Mount(c *native.Call) int {
	opts, operands, problem := c.Options(mountSpec(), native.Permute)
	r := &mountRequest{c: c}
	for _, o := range opts {
		if problem == "" {
			problem = r.option(o)
		}
	}
	if problem == "" && getuid(c) != 0 && (len(operands) > 0 || r.changed) {
		problem = "mounting by a user" // fstab's "user" needs the set-uid tool
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if r.all {
		if len(operands) > 0 || r.source != "" || r.hasTarget || c.Below != nil || getuid(c) != 0 ||
			r.flags&unix.MS_MOVE != 0 {
			return c.Unsupported("option '-a' with others")
		}
		return c.InOwnDirectory([]string{r.fstabPath()}, r.mountAll)
	}
	for i, name := range operands {
		switch {
		case i == 0 && r.source == "" && (len(operands) > 1 || r.hasTarget):
			r.source = name
		case !r.hasTarget:
			r.target, r.hasTarget = name, true
		default:
			return badUsage(c)
		}
	}
	if r.source == "" && !r.hasTarget {
		if r.changed {
			return badUsage(c)
		}
		return listMounts(c, r.fstype)
	}
	if !r.hasTarget {
		return c.Unsupported("a source only")
	}
	if problem := r.notBelow(); c.Below != nil && problem != "" {
		return c.Unsupported("%s", problem)
	}
	names := append(r.paths(), r.target, r.fstabPath())
	return c.InOwnDirectory(names, r.run)
}

func getuid(c *native.Call) int { return unix.Geteuid() }

func badUsage(c *native.Call) int {
	c.Errorf("bad usage")
	fmt.Fprintf(c.Stderr, "Try '%s --help' for more information.\n", c.Name())
	return mountUsage
}

// option handles one option. It returns a problem for one that this command does not have.
func (r *mountRequest) option(o native.GivenOption) (problem string) {
	switch o.Key {
	case 't':
		r.fstype = o.Value
	case 'v':
		r.verbose = true
	case 'n':
		r.stateless = true
	case 'l', 'i', 's':
	case 'a':
		r.all = true
	case 'O':
		r.testOptions = o.Value
	case 'T':
		if pathIsDir(o.Value) {
			return "a directory for fstab"
		}
		r.fstab = o.Value
	case 'f':
		r.fake = true
	case mountSource:
		r.source = o.Value
	case mountTarget:
		r.target, r.hasTarget = o.Value, true
	case 'o':
		r.changed = true
		return r.add(o.Value)
	default:
		r.changed = true
		return r.flagOption(o)
	}
	return ""
}

func (r *mountRequest) flagOption(o native.GivenOption) (problem string) {
	switch o.Key {
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
		if o.Has {
			return r.add("X-mount.mkdir=" + o.Value)
		}
		return r.add("X-mount.mkdir")
	default:
		i := int(o.Key - mountMakeShared)
		if i < 0 || i >= len(makeNames) {
			return o.Named()
		}
		return r.add(makeNames[i])
	}
	return ""
}

// paths returns the names in the request that may denote files.
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

// virtualType reports whether the source of a file system type is a mere name.
func virtualType(fstype string) bool {
	switch fstype {
	case "tmpfs", "proc", "sysfs", "devpts", "devtmpfs", "overlay", "cgroup", "cgroup2",
		"mqueue", "debugfs", "tracefs", "securityfs", "ramfs", "hugetlbfs", "binfmt_misc",
		"bpf", "pstore", "configfs", "fusectl", "autofs", "efivarfs", "rpc_pipefs":
		return true
	}
	return false
}

// run carries out the request. The calling thread is in the right directory.
func (r *mountRequest) run() int {
	keeps := r.keepsState() && r.c.Below == nil
	if status, ok := r.prepare(); !ok {
		return status
	}
	if keeps {
		makeStateDir()
	}
	if r.mkdir {
		if err := os.MkdirAll(r.target, os.FileMode(r.mkdirMode)); err != nil {
			r.c.Errorf("%s: %s.", r.target, "failed to create target directory")
			return MountFail
		}
	}
	shown := r.target
	r.target, _ = mountPath(r.target)
	if !r.nameless && !virtualType(r.fstype) {
		r.source, _ = mountPath(r.source)
	}
	loop, err := r.attachLoop()
	if err != nil {
		r.c.Errorf("%s: %s.", shown, err)
		return MountFail
	}
	if loop != nil {
		r.user = slices.DeleteFunc(r.user, func(o string) bool { return o == "loop" })
		// The device frees itself when its last user is gone: this process or the mount.
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

// prepare completes a request with only one operand, from the present mounts or from fstab. It
// leaves to the tool what only mount(8) can look up.
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
		r.source, r.nameless = "none", true
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

// hasHelper reports whether mount(8) would run a program mount.TYPE for the type.
func (r *mountRequest) hasHelper() bool {
	if r.fstype == "" || virtualType(r.fstype) || strings.ContainsAny(r.fstype, ",/") {
		return false
	}
	return unix.Access("/sbin/mount."+r.fstype, unix.X_OK) == nil
}

// prepareRemount starts from the options in /etc/fstab, or else from the present options of the
// mount: "remount,ro" changes only one option. With bind only the mount changes; it then
// becomes read-only if the file system is.
func (r *mountRequest) prepareRemount(target string) (status int, ok bool) {
	if found, problem := r.fromFstab(target); found || problem != "" {
		if problem != "" {
			return r.c.Unsupported("%s", problem), false
		}
		return 0, true
	}
	table, err := r.c.MountTable()
	if err != nil {
		return 0, true
	}
	e, found := mountinfo.At(table, target)
	isSource := !pathIsDir(r.target)
	for i := len(table) - 1; i >= 0 && isSource && !found; i-- {
		if e = table[i]; e.Source == r.target {
			target, found = e.Target, true
		}
	}
	if !found {
		r.source, r.nameless = "none", true
		return 0, true
	}
	var now mountOptions
	now.add(e.Options())
	r.source, r.target, r.fstype = e.Source, target, e.FSType
	both := now.under(r.mountOptions)
	r.flags = both.flags
	if len(r.user) > 0 {
		r.user = both.user
	}
	r.data = append(now.data, r.data...)
	return 0, true
}

// prepareFstab looks up the target in /etc/fstab, or else the source.
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

// fromFstab completes a request from the line of /etc/fstab with the target, or else the
// source. The options of the command line come after those of the line.
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

// mount makes the system calls in the order of mount(8): the mount itself, its propagation, the
// flags of a bind mount.
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

// mount is mount(2), relative to the directory of the calling thread.
func mount(c *native.Call, source, target, fstype string, flags uintptr, data string) error {
	if c.Below != nil {
		return c.Below.Mount(source, target, fstype, flags, data)
	}
	return unix.Mount(source, target, fstype, flags, data)
}

// notBelow names a part of the request that is not done below a hostile root: one that reads a
// file system or a table from there, or that makes the kernel look up a name.
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
	err := mount(r.c, source, r.target, fstype, flags, data)
	if err == nil {
		return nil
	}
	return &callError{r.target, flags, err}
}

// mountFirst mounts with the given type, with the type probed on the device, or with one type
// after another.
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

// mountType mounts with one type. It mounts a write-protected source read-only, unless the
// request asks for write access explicitly.
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

// kernelTypes lists the types that the kernel mounts from devices, without the given ones.
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

// success prints the message of -v.
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
func listMounts(c *native.Call, types string) int {
	table, err := c.MountTable()
	if err != nil {
		c.Errorf("failed to read mtab: %s", clib.Strerror(err))
		return MountFail
	}
	w := c.Buffered()
	for _, e := range table {
		if !typeMatches(e.FSType, types) {
			continue
		}
		fmt.Fprintf(w, "%s on %s type %s (%s)\n", backingFile(e.Source),
			withoutControls(e.Target), e.FSType, e.Options())
	}
	_ = w.Flush() // Command.Perform handles an error
	return 0
}

// withoutControls replaces control characters by ?, since they would spoil a list.
func withoutControls(name string) string {
	shown := []byte(name)
	for i, b := range shown {
		if b < ' ' || b == 0x7f {
			shown[i] = '?'
		}
	}
	return string(shown)
}

// typeMatches reports whether a type is in a list such as "ext4,tmpfs" or "noproc,sysfs". A
// "no" at the start applies to the whole list.
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
