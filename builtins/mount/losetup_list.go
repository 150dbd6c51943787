package mount

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// loopColumns are the columns of losetup's list.
var loopColumns = [...]string{"NAME", "AUTOCLEAR", "BACK-FILE", "BACK-INO", "BACK-MAJ:MIN",
	"MAJ:MIN", "OFFSET", "PARTSCAN", "RO", "SIZELIMIT", "DIO", "LOG-SEC"}

// A loopState is the known state of a loop device.
type loopState struct {
	name, sys string
	number    uint64
	info      *unix.LoopInfo64 // nil if the device cannot be asked
}

func readLoop(name string) (l loopState, ok bool) {
	st, err := fsys.StatAt(unix.AT_FDCWD, name, 0)
	if err != nil {
		return l, false
	}
	l = loopState{name: name, number: st.Rdev,
		sys: fmt.Sprintf("/sys/dev/block/%d:%d/", unix.Major(st.Rdev), unix.Minor(st.Rdev))}
	if device, info := openLoop(name); device != nil {
		_ = device.Close()
		l.info = info
	}
	return l, true
}

// attribute reads a file of sysfs. Everybody may read sysfs, only root may ask the device.
func (l loopState) attribute(name string) (value string, ok bool) {
	text, err := os.ReadFile(l.sys + name)
	return strings.TrimSuffix(string(text), "\n"), err == nil
}

// file returns the name of the file behind the device.
func (l loopState) file() string {
	if name, ok := l.attribute("loop/backing_file"); ok || l.info == nil {
		return name
	}
	name, _, _ := strings.Cut(string(l.info.File_name[:]), "\x00")
	return name
}

// parameter returns a number from sysfs or, failing that, from the device.
func (l loopState) parameter(name string, ask func(*unix.LoopInfo64) uint64) string {
	if value, ok := l.attribute("loop/" + name); ok {
		return value
	}
	if l.info == nil {
		return ""
	}
	return strconv.FormatUint(ask(l.info), 10)
}

func (l loopState) offset() string {
	return l.parameter("offset", func(i *unix.LoopInfo64) uint64 { return i.Offset })
}

func (l loopState) limit() string {
	return l.parameter("sizelimit", func(i *unix.LoopInfo64) uint64 { return i.Sizelimit })
}

func (l loopState) flag(name string, bit uint32) string {
	value := l.parameter(name, func(i *unix.LoopInfo64) uint64 {
		return uint64(native.BoolInt(i.Flags&bit != 0))
	})
	if value == "" {
		return "0"
	}
	return value
}

// column returns the text for a column of the list.
func (l loopState) column(name string) string {
	switch name {
	case "NAME":
		return l.name
	case "AUTOCLEAR":
		return l.flag("autoclear", unix.LO_FLAGS_AUTOCLEAR)
	case "BACK-FILE":
		return l.file()
	case "MAJ:MIN":
		return deviceColumn(uint64(unix.Major(l.number)), uint64(unix.Minor(l.number)))
	case "OFFSET":
		return l.offset()
	case "PARTSCAN":
		return l.flag("partscan", unix.LO_FLAGS_PARTSCAN)
	case "RO":
		value, _ := l.attribute("ro")
		return value
	case "SIZELIMIT":
		return l.limit()
	case "DIO":
		return l.flag("dio", unix.LO_FLAGS_DIRECT_IO)
	case "LOG-SEC":
		value, _ := l.attribute("queue/logical_block_size")
		return value
	}
	if l.info == nil {
		return ""
	}
	if name == "BACK-INO" {
		return strconv.FormatUint(l.info.Inode, 10)
	}
	return deviceColumn(uint64(unix.Major(l.info.Device)), uint64(unix.Minor(l.info.Device)))
}

func deviceColumn(major, minor uint64) string { return fmt.Sprintf("%8d:%-3d", major, minor) }

// listAll lists the devices in use, or only those with the given file behind them.
func (s *losetup) listAll(file string) int {
	var loops []loopState
	for _, name := range usedLoops() {
		l, ok := readLoop(name)
		if ok && (file == "" || s.isBehind(l, file)) {
			loops = append(loops, l)
		}
	}
	table := s.list || s.action == 0
	return s.print(loops, table)
}

func (s *losetup) isBehind(l loopState, file string) bool {
	if s.hasOffset && l.offset() != strconv.FormatUint(s.offset, 10) {
		return false
	}
	if s.hasOffset && s.limit != 0 && l.limit() != strconv.FormatUint(s.limit, 10) {
		return false
	}
	st, err := fsys.StatAt(unix.AT_FDCWD, file, 0)
	if err == nil && l.info != nil {
		return l.info.Device == st.Dev && l.info.Inode == st.Ino
	}
	return l.file() == file
}

// showOne shows a single device.
func (s *losetup) showOne(name string) int {
	if !isLoopDevice(name) {
		return s.fail("%s: failed to use device: %s", name, clib.Strerror(unix.ENODEV))
	}
	name = loopName(name)
	l, _ := readLoop(name)
	if !s.list && l.file() == "" {
		return s.fail("%s: %s", name, clib.Strerror(unix.ENOENT))
	}
	return s.print([]loopState{l}, s.list)
}

func (s *losetup) print(loops []loopState, table bool) int {
	text := ""
	if table && len(loops) > 0 {
		text = s.grid(loops).String()
	}
	for _, l := range loops {
		if !table {
			text += l.line()
		}
	}
	if _, err := s.Stdout.Write([]byte(text)); err != nil {
		return s.WriteError(err)
	}
	return 0
}

// line returns the device in the traditional format of -a.
func (l loopState) line() string {
	where := ""
	if l.info != nil {
		where = fmt.Sprintf("%04d]:%d", l.info.Device, l.info.Inode)
	} else {
		where = "]:"
	}
	text := l.name + ": [" + where + " (" + l.file() + ")"
	if offset := l.offset(); offset != "0" && offset != "" {
		text += ", offset " + offset
	}
	if limit := l.limit(); limit != "0" && limit != "" {
		text += ", sizelimit " + limit
	}
	return text + "\n"
}

func (s *losetup) grid(loops []loopState) *native.Grid {
	g := &native.Grid{Locale: s.Locale(), Bare: s.bare}
	if s.raw {
		g.Form = native.GridRaw
	}
	for _, column := range s.columns {
		left := column == "NAME" || column == "BACK-FILE" || strings.HasSuffix(column, "MIN")
		g.Columns = append(g.Columns, native.GridColumn{Name: column, Right: !left})
	}
	for _, l := range loops {
		var row []string
		for _, column := range s.columns {
			row = append(row, l.column(column))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}
