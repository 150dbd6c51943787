package mount

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"strings"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// sectorSize is the unit of START and SECTORS.
const sectorSize = 512

// A partition is a row of a partition table, in sectors.
type partition struct {
	number         int
	start, sectors uint64
}

// Partx is partx(8) as far as it shows the partitions of a disk or an image: partx -g -r -o
// COLUMNS [-n NUMBER] FILE.
func Partx(c *native.Call) int {
	var o partx
	file, problem := o.parse(c)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	f, err := c.OpenFile(file, 0, 0)
	if err != nil {
		c.Errorf("stat of %s failed: %s", file, clib.Strerror(err))
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
		if o.number == 0 || p.number == o.number {
			w.WriteString(p.row(o.columns) + "\n")
		}
	}
	if w.Flush() != nil {
		return 1
	}
	return 0
}

func partxOptions() []native.Option {
	spec := []native.Option{
		{Key: 'g', Long: "noheadings"}, {Key: 'r', Long: "raw"},
		{Key: 'o', Long: "output", Arg: native.NeedArg}, {Key: 'n', Long: "nr", Arg: native.NeedArg},
	}
	const rest = "add bytes delete update help list list-types output-all pairs show " +
		"sector-size type version verbose"
	for name := range strings.FieldsSeq(rest) {
		spec = append(spec, native.Option{Key: '!', Long: name})
	}
	return spec
}

// A partx is one run of partx(8).
type partx struct {
	noHeadings, raw bool
	columns         []string
	number          int // 0 for all
}

// parse parses the options, of which -g, -r and -o are required.
func (p *partx) parse(c *native.Call) (file, problem string) {
	opts, operands, problem := c.Options(partxOptions(), native.Permute)
	for _, o := range opts {
		if problem == "" {
			problem = p.option(o)
		}
	}
	for _, name := range p.columns {
		if problem == "" && (partition{}).column(name) == "" {
			problem = "column '" + name + "'"
		}
	}
	switch {
	case problem != "":
		return "", problem
	case !p.noHeadings || !p.raw || len(p.columns) == 0 || len(operands) != 1:
		return "", "this form of partx"
	}
	return operands[0], ""
}

// option handles one option. problem names what this command lacks.
func (p *partx) option(o native.GivenOption) (problem string) {
	switch o.Key {
	case 'g':
		p.noHeadings = true
	case 'r':
		p.raw = true
	case 'o':
		p.columns = strings.Split(o.Value, ",")
	case 'n':
		n, err := strconv.Atoi(o.Value)
		if err != nil || n < 1 {
			return "range '" + o.Value + "'"
		}
		p.number = n
	}
	return ""
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

// readPartitions reads a GPT, or an MBR with its logical partitions.
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

// entry returns one of the four entries of a boot record.
func entry(record []byte, i int) []byte { return record[446+16*i : 462+16*i] }

func mbrEntry(record []byte, i int) (kind byte, start, size uint64) {
	e := entry(record, i)
	number := binary.LittleEndian.Uint32
	return e[4], uint64(number(e[8:])), uint64(number(e[12:]))
}

func isExtended(kind byte) bool { return kind == 0x05 || kind == 0x0F || kind == 0x85 }

// maxLogical limits the chain of logical partitions, which may form a loop.
const maxLogical = 128

// readLogical follows the chain of boot records in an extended partition. The first logical
// partition has the number 5.
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

// readGPT reads a GUID partition table (UEFI specification, 5.3).
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
