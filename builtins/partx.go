package builtins

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"strings"
)

// sectorSize is the unit of START and SECTORS.
const sectorSize = 512

// partition is a row of a partition table, in sectors.
type partition struct {
	number         int
	start, sectors uint64
}

// runPartx is partx(8) as far as it shows the partitions of a disk or an image:
// partx -g -r -o COLUMNS [-n NUMBER] FILE.
func runPartx(c *Call) int {
	columns, number, file, lacks := partxOptions(c.Args[1:])
	if lacks != "" {
		return c.Unsupported("%s", lacks)
	}
	f, err := c.OpenFile(file, 0, 0)
	if err != nil {
		c.Errorf("stat of %s failed: %s", file, Strerror(err))
		return 1
	}
	defer f.Close()
	list, err := readPartitions(f)
	if err != nil {
		c.Errorf("%s: failed to read partition table", file)
		return 1
	}
	w := bufio.NewWriter(c.Stdout)
	for _, p := range list {
		if number == 0 || p.number == number {
			w.WriteString(p.row(columns) + "\n")
		}
	}
	if w.Flush() != nil {
		return 1
	}
	return 0
}

// partxOptions reads the arguments; -g and -r must be there.
func partxOptions(args []string) (columns []string, number int, file, lacks string) {
	noHeadings, raw := false, false
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch {
		case args[0] == "-g":
			noHeadings = true
		case args[0] == "-r":
			raw = true
		case args[0] == "-o" && len(args) > 1:
			columns, args = strings.Split(args[1], ","), args[1:]
		case args[0] == "-n" && len(args) > 1:
			n, err := strconv.Atoi(args[1])
			if err != nil || n < 1 {
				return nil, 0, "", "range '" + args[1] + "'"
			}
			number, args = n, args[1:]
		default:
			return nil, 0, "", "option '" + args[0] + "'"
		}
		args = args[1:]
	}
	for _, name := range columns {
		if (partition{}).column(name) == "" {
			return nil, 0, "", "column '" + name + "'"
		}
	}
	if !noHeadings || !raw || len(columns) == 0 || len(args) != 1 {
		return nil, 0, "", "this form of partx"
	}
	return columns, number, args[0], ""
}

func (p partition) row(columns []string) string {
	values := make([]string, len(columns))
	for i, name := range columns {
		values[i] = p.column(name)
	}
	return strings.Join(values, " ")
}

func (p partition) column(name string) string {
	switch strings.ToUpper(name) {
	case "NR":
		return strconv.Itoa(p.number)
	case "START":
		return strconv.FormatUint(p.start, 10)
	case "END":
		return strconv.FormatUint(p.start+p.sectors-1, 10)
	case "SECTORS":
		return strconv.FormatUint(p.sectors, 10)
	}
	return ""
}

var errNoTable = errors.New("no partition table")

// readPartitions reads a GPT or, with logical partitions, an MBR.
func readPartitions(r io.ReaderAt) ([]partition, error) {
	mbr, err := readSector(r, 0)
	if err != nil {
		return nil, err
	}
	if mbr[510] != 0x55 || mbr[511] != 0xAA {
		return nil, errNoTable
	}
	const protective = 0xEE
	for i := range 4 {
		if entry(mbr, i)[4] == protective {
			return readGPT(r)
		}
	}
	var list, logical []partition
	for i := range 4 {
		kind, start, size := mbrEntry(mbr, i)
		if kind == 0 || size == 0 {
			continue
		}
		list = append(list, partition{i + 1, start, size})
		if isExtended(kind) {
			logical = append(logical, readLogical(r, start)...)
		}
	}
	return append(list, logical...), nil
}

func readSector(r io.ReaderAt, n uint64) ([]byte, error) {
	buf := make([]byte, sectorSize)
	_, err := r.ReadAt(buf, int64(n*sectorSize))
	return buf, err
}

// entry is one of the four entries of a boot record.
func entry(record []byte, i int) []byte { return record[446+16*i : 462+16*i] }

func mbrEntry(record []byte, i int) (kind byte, start, size uint64) {
	e := entry(record, i)
	number := binary.LittleEndian.Uint32
	return e[4], uint64(number(e[8:])), uint64(number(e[12:]))
}

func isExtended(kind byte) bool { return kind == 0x05 || kind == 0x0F || kind == 0x85 }

// maxLogical bounds the chain of logical partitions, which may be a circle.
const maxLogical = 128

// readLogical follows the chain of boot records in an extended partition; the
// first logical partition has the number 5.
func readLogical(r io.ReaderAt, first uint64) (list []partition) {
	at := first
	for len(list) < maxLogical {
		record, err := readSector(r, at)
		if err != nil || record[510] != 0x55 || record[511] != 0xAA {
			return list
		}
		next := uint64(0)
		for i := range 4 {
			kind, start, size := mbrEntry(record, i)
			switch {
			case size == 0:
			case isExtended(kind):
				next = first + start
			default:
				list = append(list, partition{5 + len(list), at + start, size})
			}
		}
		if next == 0 {
			return list
		}
		at = next
	}
	return list
}

// readGPT reads the table of a GUID partition table (UEFI specification, 5.3).
func readGPT(r io.ReaderAt) ([]partition, error) {
	head, err := readSector(r, 1)
	if err != nil {
		return nil, err
	}
	if string(head[:8]) != "EFI PART" {
		return nil, errNoTable
	}
	table := binary.LittleEndian.Uint64(head[72:])
	count := binary.LittleEndian.Uint32(head[80:])
	size := binary.LittleEndian.Uint32(head[84:])
	if size < 128 || size > 4096 || count > 1024 {
		return nil, errNoTable
	}
	var list []partition
	buf := make([]byte, size)
	for i := range int64(count) {
		if _, err := r.ReadAt(buf, int64(table*sectorSize)+i*int64(size)); err != nil {
			return nil, err
		}
		first := binary.LittleEndian.Uint64(buf[32:])
		last := binary.LittleEndian.Uint64(buf[40:])
		if used := [16]byte(buf[:16]) != [16]byte{}; used && last >= first {
			list = append(list, partition{int(i) + 1, first, last - first + 1})
		}
	}
	return list, nil
}
