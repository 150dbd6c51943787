package mount

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// The keys of losetup's options that have only a long name.
const (
	losetupSizeLimit = native.LongOnly + iota
	losetupShow
	losetupRaw
	losetupAllColumns
)

func losetupOptions() []native.Option {
	return []native.Option{
		{Key: 'a', Long: "all"}, {Key: 'c', Long: "set-capacity", Arg: native.NeedArg},
		{Key: 'd', Long: "detach", Arg: native.NeedArg}, {Key: 'D', Long: "detach-all"},
		{Key: 'f', Long: "find"}, {Key: 'j', Long: "associated", Arg: native.NeedArg},
		{Key: 'l', Long: "list"}, {Key: 'n', Long: "noheadings"},
		{Key: 'o', Long: "offset", Arg: native.NeedArg},
		{Key: 'O', Long: "output", Arg: native.NeedArg}, {Key: 'P', Long: "partscan"},
		{Key: 'r', Long: "read-only"},
		{Key: 'v', Long: "verbose"}, {Key: losetupSizeLimit, Long: "sizelimit", Arg: native.NeedArg},
		{Key: losetupShow, Long: "show"},
		{Key: losetupRaw, Long: "raw"}, {Key: losetupAllColumns, Long: "output-all"},
		// losetup(8) has these options, this command does not. They are listed so that no
		// abbreviation of them is taken for another option.
		{Key: '!', Long: "nooverlap"}, {Key: '!', Long: "sector-size", Arg: native.NeedArg},
		{Key: '!', Long: "direct-io", Arg: native.OptArg},
		{Key: '!', Long: "json"}, {Key: '!', Long: "help"}, {Key: '!', Long: "version"},
	}
}

// A losetup is one invocation of losetup.
type losetup struct {
	*native.Call
	// action is the option that selects what to do, 0 for none.
	action   rune
	argument string
	operands []string

	list, bare, raw, allColumns, show, hasOffset bool
	readOnly, partitions                         bool
	offset, limit                                uint64
	columns                                      []string
}

// Losetup is losetup(8): it attaches files to loop devices, and lists these devices.
func Losetup(c *native.Call) int {
	opts, operands, problem := c.Options(losetupOptions(), native.Permute)
	s := &losetup{Call: c, operands: operands}
	for _, o := range opts {
		if problem == "" {
			problem = s.option(o)
		}
	}
	if s.columns == nil && s.allColumns {
		s.columns = slices.Clone(loopColumns[:])
	} else if s.columns == nil {
		s.columns = strings.Split("NAME,SIZELIMIT,OFFSET,AUTOCLEAR,RO,BACK-FILE,DIO,LOG-SEC", ",")
	}
	for i, column := range s.columns {
		s.columns[i] = strings.ToUpper(column)
		if !slices.Contains(loopColumns[:], s.columns[i]) && problem == "" {
			problem = "column '" + column + "'"
		}
	}
	if setup := s.limit != 0 || s.partitions || s.readOnly || s.show; problem == "" && setup &&
		(strings.ContainsRune("acdDj", s.action) || s.action == 0 && len(operands) < 2) {
		problem = "an option of new devices with -" + string(s.action)
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	return c.InOwnDirectory(append(operands, s.argument), s.run)
}

func (s *losetup) option(o native.GivenOption) (problem string) {
	ok := true
	switch o.Key {
	case 'a', 'c', 'd', 'D', 'f', 'j':
		if s.action != 0 && s.action != o.Key {
			problem = "options -" + string(s.action) + " and -" + string(o.Key) + " together"
		}
		s.action, s.argument = o.Key, o.Value
	case 'l':
		s.list = true
	case 'n':
		s.bare = true
	case 'O':
		s.list, s.columns = true, strings.Split(o.Value, ",")
	case losetupAllColumns:
		s.allColumns = true
	case losetupRaw:
		s.raw = true
	case 'o':
		s.offset, ok = parseSize(o.Value)
		s.hasOffset = true
	case losetupSizeLimit:
		s.limit, ok = parseSize(o.Value)
	case 'P':
		s.partitions = true
	case 'r':
		s.readOnly = true
	case losetupShow:
		s.show = true
	case '!':
		problem = o.Named()
	}
	if !ok {
		problem = "number '" + o.Value + "'"
	}
	if s.list && strings.ContainsRune("cdDf", s.action) {
		problem = "a list and option -" + string(s.action) + " together"
	}
	return problem
}

func (s *losetup) run() int {
	switch s.action {
	case 'a':
		return s.listAll("")
	case 'j':
		return s.listAll(s.argument)
	case 'c', 'd':
		return s.change(append([]string{s.argument}, s.operands...))
	case 'D':
		return s.detachAll()
	case 'f':
		return s.find()
	}
	switch {
	case len(s.operands) == 0 && (s.list || s.raw || len(s.Args) == 1):
		return s.listAll("")
	case len(s.operands) == 0:
		return s.fail("no loop device specified")
	case len(s.operands) == 1:
		return s.showOne(s.operands[0])
	}
	return s.create(loopName(s.operands[0]), s.operands[1])
}

// loopName returns the name of a device; a relative name is below /dev.
func loopName(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return "/dev/" + name
}

func (s *losetup) fail(format string, args ...any) int {
	s.Errorf(format, args...)
	return 1
}

// find is -f: it prints the first free device, or attaches the given file to it.
func (s *losetup) find() int {
	switch len(s.operands) {
	case 0:
		if name := freeLoop(); name != "" {
			return s.say(name)
		}
		return s.fail("cannot find an unused loop device: %s", clib.Strerror(unix.ENODEV))
	case 1:
		return s.create("", s.operands[0])
	}
	return s.fail("unexpected arguments")
}

func (s *losetup) say(name string) int {
	if _, err := fmt.Fprintln(s.Stdout, name); err != nil {
		return s.WriteError(err)
	}
	return 0
}

// create attaches a file to a device, or to the first free one.
func (s *losetup) create(device, file string) int {
	name, err := s.attach(device, file)
	switch {
	case errors.Is(err, errNoLoop):
		return s.fail("%s", clib.Strerror(err))
	case err != nil:
		if f, bad := os.OpenFile(device, os.O_RDWR, 0); bad == nil {
			_ = f.Close()
		} else if device != "" {
			file, err = device, bad // the tool reports the device if both are wrong
		}
		return s.fail("%s: failed to set up loop device: %s", file, clib.Strerror(err))
	}
	s.warn(file)
	if s.show {
		return s.say(name)
	}
	return 0
}

var errNoLoop = errors.New("cannot find an unused loop device")

func (s *losetup) attach(device, file string) (name string, err error) {
	if device == "" && freeLoop() == "" {
		return "", errNoLoop
	}
	full, err := s.Canonical(file, fsys.NoneMissing, false)
	if err != nil {
		return "", err
	}
	readOnly := s.readOnly
	mode := os.O_RDWR
	if readOnly {
		mode = os.O_RDONLY
	}
	backing, err := os.OpenFile(full, mode, 0)
	if !readOnly && (errors.Is(err, unix.EROFS) || errors.Is(err, unix.EACCES)) {
		readOnly = true
		backing, err = os.Open(full)
	}
	if err != nil {
		return "", err
	}
	defer backing.Close()
	config := loopConfig(full, backing, readOnly, s.offset, s.limit)
	config.Info.Flags &^= unix.LO_FLAGS_AUTOCLEAR
	if s.partitions {
		config.Info.Flags |= unix.LO_FLAGS_PARTSCAN
	}
	opened, err := configureLoop(device, config)
	if err != nil {
		return "", err
	}
	defer opened.Close()
	return opened.Name(), nil
}

// warn warns about a file whose end does not fit a sector, or that is smaller than a sector.
// The device does not show that part.
func (s *losetup) warn(file string) {
	size := s.limit
	if size == 0 {
		st, err := fsys.StatAt(unix.AT_FDCWD, file, 0)
		if err != nil || fsys.Type(st) != unix.S_IFREG {
			return
		}
		size = uint64(st.Size)
		if s.offset > size {
			return
		}
		size -= s.offset
	}
	switch {
	case size < sectorSize:
		s.Errorf("%s: Warning: file is smaller than 512 bytes; the loop device may be useless "+
			"or invisible for system tools.", file)
	case size%sectorSize != 0:
		s.Errorf("%s: Warning: file does not fit into a 512-byte sector; the end of the file will "+
			"be ignored.", file)
	}
}

// change is -c and -d. As in the tool, the first operand must be a loop device. A later operand
// that is not a device repeats the request for the device before it.
func (s *losetup) change(devices []string) (status int) {
	request, what := uint(unix.LOOP_CLR_FD), "detach failed"
	if s.action == 'c' {
		request, what, devices = unix.LOOP_SET_CAPACITY, "set capacity failed", devices[:1]
	}
	device := ""
	for _, name := range devices {
		if isLoopDevice(name) {
			device = loopName(name)
		} else {
			status = s.fail("%s: failed to use device: %s", name, clib.Strerror(unix.ENODEV))
		}
		if device == "" {
			return status
		}
		if err := askLoop(device, request); err != nil {
			status = s.fail("%s: %s: %s", device, what, clib.Strerror(err))
		}
	}
	return status
}

func (s *losetup) detachAll() (status int) {
	for _, name := range usedLoops() {
		if err := askLoop(name, unix.LOOP_CLR_FD); err != nil {
			status = s.fail("%s: detach failed: %s", name, clib.Strerror(err))
		}
	}
	return status
}

func askLoop(name string, request uint) error {
	mode := os.O_RDONLY
	if request == unix.LOOP_SET_CAPACITY {
		mode = os.O_RDWR
	}
	device, err := os.OpenFile(name, mode, 0)
	if err != nil {
		return err
	}
	defer device.Close()
	return unix.IoctlSetInt(int(device.Fd()), request, 0)
}

// isLoopDevice recognises a loop device by its device number.
func isLoopDevice(name string) bool {
	st, err := fsys.StatAt(unix.AT_FDCWD, name, 0)
	return err == nil && fsys.Type(st) == unix.S_IFBLK && unix.Major(st.Rdev) == loopMajor
}
