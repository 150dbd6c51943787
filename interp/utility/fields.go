package utility

import "strings"

// DefaultIFS is the initial value of IFS. Its bytes are white space.
const DefaultIFS = " \t\n"

// ReadFields splits a line for read into at most n fields, the last of which takes the rest of
// the line. Variables without a field are set to "". Bytes at the ascending positions in quoted
// followed a backslash, which was removed, and separate nothing.
//
// As in dash, such a byte does not end the white space that is cut off the last field: read x
// makes "a" of `a \b`.
func ReadFields(line string, quoted []int, ifs string, n int) []string {
	s := splitter{line: line, ifs: ifs, left: n, cut: -1}
	from := 0
	for _, at := range quoted {
		s.region(from, at)
		from = at + 1
	}
	if from < len(line) {
		s.region(from, len(line))
	}
	rest := line
	if s.cut >= 0 {
		rest = line[:s.cut]
	}
	if s.start < len(rest) {
		s.fields = append(s.fields, rest[s.start:])
	}
	return s.fields
}

type splitter struct {
	line, ifs string
	fields    []string
	// start is the beginning of the current field, left the number of fields still wanted.
	start, left int
	// cut is the beginning of the text that the last field may lose, -1 for none.
	cut int
	// spaces says that white space of IFS precedes. A delimiter joins it.
	spaces bool
}

// region looks for delimiters in a part of the line.
func (s *splitter) region(from, to int) {
	s.spaces = false
	for i := from; i < to; i++ {
		c := s.line[i]
		delimiter := strings.IndexByte(s.ifs, c) >= 0
		space := delimiter && strings.IndexByte(DefaultIFS, c) >= 0
		if s.left == 0 {
			s.last(i, delimiter, space)
			continue
		}
		if s.spaces {
			s.start = i
			if delimiter {
				s.start = i + 1
			}
			if space {
				continue
			}
			delimiter = false
		}
		s.spaces = false
		if delimiter {
			s.delimit(i, space)
		}
	}
}

// last examines a byte of the last field.
func (s *splitter) last(i int, delimiter, space bool) {
	if space {
		if s.cut < 0 {
			s.cut = i
		}
		return
	}
	if !delimiter || !s.spaces {
		s.cut = -1
	}
	s.spaces = false
}

// delimit ends a field at a delimiter.
func (s *splitter) delimit(i int, space bool) {
	if i == s.start && space {
		s.start = i + 1
		return
	}
	s.spaces = space
	if s.left--; s.left == 0 {
		s.cut = i
		return
	}
	s.fields = append(s.fields, s.line[s.start:i])
	s.start = i + 1
}
