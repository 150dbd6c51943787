package mount

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// wantsLoop reports whether the source is a file that needs a loop device.
func (r *mountRequest) wantsLoop() bool {
	const other = unix.MS_BIND | unix.MS_MOVE | unix.MS_REMOUNT
	if r.flags&other != 0 || r.source == "" || virtualType(r.fstype) {
		return false
	}
	if r.loop {
		return true
	}
	var st unix.Stat_t
	if unix.Stat(r.source, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return false
	}
	return onDevice(r.fstype) && st.Size > 1024
}

// attachLoop attaches the source to a loop device if it is a file. It returns the open device,
// which frees itself when its last user closes it.
func (r *mountRequest) attachLoop() (*os.File, error) {
	if !r.wantsLoop() {
		return nil, nil
	}
	file, readOnly := r.source, r.flags&unix.MS_RDONLY != 0
	device, err := r.sameLoop(file)
	if device != nil || err != nil {
		return device, err
	}
	failed := fmt.Errorf("failed to setup loop device for %s", file)
	backing, err := os.OpenFile(file, os.O_RDWR, 0)
	if readOnly || errors.Is(err, unix.EROFS) || errors.Is(err, unix.EACCES) {
		if err == nil {
			backing.Close()
		}
		readOnly = true
		backing, err = os.Open(file)
	}
	if err != nil {
		return nil, failed
	}
	defer backing.Close()
	config := loopConfig(file, backing, readOnly, r.offset, r.sizelimit)
	if device, err = configureLoop(r.loopDevice, config); err != nil {
		return nil, failed
	}
	if readOnly {
		r.flags |= unix.MS_RDONLY
	}
	r.source = device.Name()
	return device, nil
}

// loopMajor is the major device number of the loop driver.
const loopMajor = 7

func loopConfig(name string, f *os.File, readOnly bool, offset, limit uint64) *unix.LoopConfig {
	config := &unix.LoopConfig{Fd: uint32(f.Fd())}
	config.Info.Offset, config.Info.Sizelimit = offset, limit
	config.Info.Flags = unix.LO_FLAGS_AUTOCLEAR
	if readOnly {
		config.Info.Flags |= unix.LO_FLAGS_READ_ONLY
	}
	copy(config.Info.File_name[:len(config.Info.File_name)-1], name)
	return config
}

// configureLoop sets up the wanted device, or the first free one. If another process takes that
// device first, it tries the next one.
func configureLoop(wanted string, config *unix.LoopConfig) (device *os.File, err error) {
	for range 100 {
		name := wanted
		if name == "" {
			if name = freeLoop(); name == "" {
				return nil, unix.ENODEV
			}
		}
		device, err = os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		err = unix.IoctlLoopConfigure(int(device.Fd()), config)
		if err == nil {
			return device, nil
		}
		_ = device.Close()
		if wanted != "" || !errors.Is(err, unix.EBUSY) {
			return nil, err
		}
	}
	return nil, err
}

// freeLoop returns the name of a free device. It makes the device node if nobody else does.
func freeLoop() string {
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return ""
	}
	defer control.Close()
	n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
	if err != nil {
		return ""
	}
	name := "/dev/loop" + strconv.Itoa(n)
	if !fsys.Exists(name) {
		unix.Mknod(name, unix.S_IFBLK|0o660, int(unix.Mkdev(loopMajor, uint32(n))))
	}
	return name
}

// sameLoop returns the device that already has the same part of the file, if there is one: two
// devices with one file system would destroy it. It refuses a part that overlaps the part of
// another device, for the same reason.
func (r *mountRequest) sameLoop(file string) (*os.File, error) {
	var st unix.Stat_t
	if r.loopDevice != "" || unix.Stat(file, &st) != nil {
		return nil, nil
	}
	for _, name := range usedLoops() {
		device, info := openLoop(name)
		if device == nil {
			continue
		}
		if info.Device != st.Dev || info.Inode != st.Ino {
			device.Close()
			continue
		}
		if info.Offset == r.offset && info.Sizelimit == r.sizelimit {
			r.source = name
			if info.Flags&unix.LO_FLAGS_READ_ONLY != 0 {
				r.flags |= unix.MS_RDONLY
			}
			return device, nil
		}
		device.Close()
		before := r.sizelimit != 0 && r.offset+r.sizelimit <= info.Offset
		after := info.Sizelimit != 0 && r.offset >= info.Offset+info.Sizelimit
		if !before && !after {
			return nil, fmt.Errorf("overlapping loop device exists for %s", file)
		}
	}
	return nil, nil
}

func openLoop(name string) (*os.File, *unix.LoopInfo64) {
	device, err := os.Open(name)
	if err != nil {
		return nil, nil
	}
	info, err := unix.IoctlLoopGetStatus64(int(device.Fd()))
	if err != nil {
		device.Close()
		return nil, nil
	}
	return device, info
}

// usedLoops lists the devices in use, in the order of the directory, as the tools do. Without
// sysfs it lists all devices. Like the tools it skips a device without a node in /dev.
func usedLoops() (names []string) {
	dir, used := "/sys/block", "/loop"
	if !fsys.Exists(dir) {
		dir, used = "/dev", ""
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, _ := f.Readdirnames(-1)
	for _, name := range entries {
		number, ok := strings.CutPrefix(name, "loop")
		if _, err := strconv.Atoi(number); !ok || err != nil || !fsys.Exists(dir+"/"+name+used) {
			continue
		}
		if isLoopDevice("/dev/" + name) {
			names = append(names, "/dev/"+name)
		}
	}
	return names
}

// backingFile returns the file behind a loop device that mount(8) set up, for listings. It
// returns any other name unchanged.
func backingFile(source string) string {
	name, ok := strings.CutPrefix(source, "/dev/loop")
	if !ok {
		return source
	}
	dir := "/sys/block/loop" + name + "/loop/"
	autoclear, _ := os.ReadFile(dir + "autoclear")
	file, err := os.ReadFile(dir + "backing_file")
	if err != nil || string(autoclear) != "1\n" {
		return source
	}
	return strings.TrimSuffix(string(file), "\n")
}
