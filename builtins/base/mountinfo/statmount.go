package mountinfo

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fewMounts is the limit for queries of single mounts. With more mounts it is cheaper to read
// the list of all.
const fewMounts = 64

// A mountQuery is the kernel's struct mnt_id_req for listmount(2) and statmount(2), which exist
// since Linux 6.8. Its mount id is the unique one, which no later mount gets.
type mountQuery struct {
	size, spare uint32
	mount       uint64
	param       uint64
}

func newMountQuery(mount, param uint64) *mountQuery {
	return &mountQuery{size: uint32(unsafe.Sizeof(mountQuery{})), mount: mount, param: param}
}

// mountsHere lists the mount whose root is the current directory of the calling thread, and all
// mounts below it. ok is false if the directory is not the root of a mount, if the kernel has
// no such call, or if there are many mounts.
func mountsHere() (mounts []uint64, ok bool) {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, ".", 0, unix.STATX_MNT_ID_UNIQUE, &st)
	if err != nil || st.Mask&unix.STATX_MNT_ID_UNIQUE == 0 ||
		st.Attributes&unix.STATX_ATTR_MOUNT_ROOT == 0 {
		return nil, false
	}
	mounts = make([]uint64, fewMounts+1)
	mounts[0] = st.Mnt_id
	n, _, errno := unix.Syscall6(unix.SYS_LISTMOUNT,
		uintptr(unsafe.Pointer(newMountQuery(st.Mnt_id, 0))),
		uintptr(unsafe.Pointer(&mounts[1])), fewMounts, 0, 0, 0)
	if errno != 0 || n >= fewMounts {
		return nil, false
	}
	return mounts[:1+n], true
}

// Constants of struct statmount: the flag that requests the file system type, the position of
// the offset of its text, and the start of the texts.
const (
	statmountType   = 0x20
	statmountTypeAt = 36
	statmountTexts  = 512
)

// mountType returns the file system type of a mount.
func mountType(mount uint64) (fstype string, ok bool) {
	var buf [statmountTexts + 256]byte
	_, _, errno := unix.Syscall6(unix.SYS_STATMOUNT,
		uintptr(unsafe.Pointer(newMountQuery(mount, statmountType))),
		uintptr(unsafe.Pointer(&buf)), uintptr(len(buf)), 0, 0, 0)
	mask := binary.NativeEndian.Uint64(buf[8:])
	if errno != 0 || mask&statmountType == 0 {
		return "", false
	}
	text := buf[statmountTexts:]
	if at := binary.NativeEndian.Uint32(buf[statmountTypeAt:]); int(at) < len(text) {
		fstype, _, ok := bytes.Cut(text[at:], []byte{0})
		return string(fstype), ok
	}
	return "", false
}

// ShowsNoKernelFiles reports whether surely no kernel file system is mounted at or below the
// current directory.
func ShowsNoKernelFiles() bool {
	mounts, ok := mountsHere()
	return ok && !slices.ContainsFunc(mounts, func(mount uint64) bool {
		fstype, known := mountType(mount)
		return !known || KernelFiles(fstype)
	})
}
