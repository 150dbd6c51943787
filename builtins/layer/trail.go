package layer

// A trail is the path of a file. It shares the names of the directories above with other trails:
// in a deep tree the texts of all paths on the way to a file would take the square of its depth.
type trail struct {
	up   *trail // nil at the top
	name string
}

// to returns the trail of a name in the directory; that of the root is nil.
func (t *trail) to(name string) *trail { return &trail{t, name} }

// String returns the path, without a slash in front.
func (t *trail) String() string {
	size := 0
	for at := t; at != nil; at = at.up {
		size += len(at.name) + 1
	}
	if size == 0 {
		return ""
	}
	text := make([]byte, size)
	for at := t; at != nil; at = at.up {
		size -= len(at.name) + 1
		text[size] = '/'
		copy(text[size+1:], at.name)
	}
	return string(text[1:])
}
