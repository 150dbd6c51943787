package mount

import (
	"encoding/binary"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// probeFSType returns the file system type on a block device, by the magic numbers of its
// superblock. It returns "" for an unknown type.
func probeFSType(device string) string {
	var st unix.Stat_t
	if unix.Stat(device, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFBLK {
		return ""
	}
	f, err := os.Open(device)
	if err != nil {
		return ""
	}
	defer f.Close()
	// One read covers every superblock; that of btrfs, at 64 KiB, is the last.
	buf := make([]byte, 64<<10+128)
	n, _ := f.ReadAt(buf, 0)
	return superblockType(buf[:n])
}

func superblockType(b []byte) string {
	for _, m := range [...]struct {
		offset      int
		magic, name string
	}{
		{0, "hsqs", "squashfs"}, {0, "XFSB", "xfs"}, {0x10040, "_BHRfS_M", "btrfs"},
		{32769, "CD001", "iso9660"}, {1024, "\xe2\xe1\xf5\xe0", "erofs"},
		{1024, "\x10\x20\xf5\xf2", "f2fs"}, {3, "NTFS    ", "ntfs"}, {3, "EXFAT   ", "exfat"},
		{82, "FAT32   ", "vfat"}, {54, "FAT16   ", "vfat"}, {54, "FAT12   ", "vfat"},
		{54, "FAT     ", "vfat"}, {82, "MSWIN", "vfat"}, {54, "MSDOS", "vfat"},
	} {
		end := m.offset + len(m.magic)
		if len(b) >= end && string(b[m.offset:end]) == m.magic {
			return m.name
		}
	}
	return extType(b)
}

// extType distinguishes ext2, ext3 and ext4 by their features. With a journal it is not ext2;
// with a feature that ext3 lacks it is ext4.
func extType(b []byte) string {
	const (
		hasJournal   = 0x4
		ext2Incompat = 0x2 | 0x10
		ext3Incompat = ext2Incompat | 0x4
		oldROCompat  = 0x1 | 0x2 | 0x4
		journalOnly  = 0x8
	)
	if len(b) < 1024+0x68 || binary.LittleEndian.Uint16(b[1024+0x38:]) != 0xef53 {
		return ""
	}
	feature := func(at int) uint32 { return binary.LittleEndian.Uint32(b[1024+at:]) }
	compat, incompat, roCompat := feature(0x5c), feature(0x60), feature(0x64)
	switch {
	case incompat&journalOnly != 0:
		return ""
	case roCompat&^oldROCompat != 0 || incompat&^ext3Incompat != 0:
		return "ext4"
	case compat&hasJournal != 0:
		return "ext3"
	case incompat&^ext2Incompat == 0:
		return "ext2"
	}
	return "ext4"
}

// onDevice reports whether file systems of a type are on block devices. A regular file as the
// source of such a type needs a loop device.
func onDevice(fstype string) bool {
	const known = " auto ext2 ext3 ext4 squashfs xfs btrfs iso9660 erofs f2fs ntfs exfat vfat" +
		" udf hfs hfsplus minix nilfs2 romfs cramfs jfs reiserfs ufs bfs befs sysv vxfs" +
		" ocfs2 gfs2 zonefs exfs "
	return fstype == "" || strings.Contains(known, " "+fstype+" ")
}
