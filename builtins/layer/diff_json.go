package layer

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
)

// A jsonReport prints an array with an object for each change, each on a line of its own.
// scripts/schema/overlay-diff.json describes it.
type jsonReport struct {
	out  *bufio.Writer
	some bool
}

func (r *jsonReport) below() bool { return false }

func (r *jsonReport) change(c *Change) error {
	words := map[Kind]string{Added: "added", Changed: "changed", Removed: "removed"}
	var b strings.Builder
	b.WriteString(",\n")
	if !r.some {
		b.Reset()
		b.WriteString("[\n")
	}
	r.some = true
	fmt.Fprintf(&b, `{"change":"%s"`, words[c.Kind])
	writeText(&b, "path", "/"+c.Path)
	if c.Kind == Changed {
		fmt.Fprintf(&b, `,"what":["%s"]`, strings.Join(c.What.Words(), `","`))
	}
	writeFile(&b, "", c.New)
	writeFile(&b, "old_", c.Old)
	b.WriteByte('}')
	_, err := r.out.WriteString(b.String())
	return err
}

func (r *jsonReport) end() error {
	text := "\n]\n"
	if !r.some {
		text = "[]\n"
	}
	_, err := r.out.WriteString(text)
	return err
}

// writeFile writes what is known of a file, with a prefix for the names of the fields.
func writeFile(b *strings.Builder, prefix string, n *Node) {
	if n == nil {
		return
	}
	fmt.Fprintf(b, `,"%stype":"%s","%smode":"%04o","%suid":%d,"%sgid":%d,"%ssize":%d`,
		prefix, typeWord(n), prefix, n.Stat.Mode&0o7777, prefix, n.Stat.Uid, prefix, n.Stat.Gid,
		prefix, size(n))
	if n.Type() == unix.S_IFLNK {
		if target, err := n.Target(); err == nil {
			writeText(b, prefix+"target", target)
		}
	}
}

// typeWord names the type of a file.
func typeWord(n *Node) string {
	switch n.Type() {
	case unix.S_IFDIR:
		return "directory"
	case unix.S_IFLNK:
		return "link"
	case unix.S_IFCHR:
		return "character_device"
	case unix.S_IFBLK:
		return "block_device"
	case unix.S_IFIFO:
		return "pipe"
	case unix.S_IFSOCK:
		return "socket"
	}
	return "file"
}

// writeText writes a field with a text. JSON has no bytes: for a text that is no UTF-8 there is
// a second field with the bytes in base64, and the first has U+FFFD in their place.
func writeText(b *strings.Builder, name, text string) {
	fmt.Fprintf(b, `,"%s":`, name)
	b.WriteString(native.JSONString(text))
	if !utf8.ValidString(text) {
		fmt.Fprintf(b, `,"%s_base64":"%s"`, name, base64.StdEncoding.EncodeToString([]byte(text)))
	}
}
