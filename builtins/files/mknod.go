package files

import (
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/filemode"
	"overlayboot/builtins/native"
)

var nodeOptions = []native.Option{{Key: 'm', Long: "mode", Arg: native.NeedArg}}

// Mknod is mknod(1).
func Mknod(c *native.Call) int {
	n, args, status := nodeMode(c)
	if status != 0 {
		return status
	}
	want := 4
	if len(args) > 1 && args[1] != "" && args[1][0] == 'p' || len(args) == 1 {
		want = 2
	}
	switch {
	case len(args) == 0:
		return c.UsageError(1, "missing operand")
	case len(args) < want:
		c.Errorf("missing operand after %s", native.QuoteText(args[len(args)-1]))
		return c.NodeHint(len(args) == 2,
			"Special files require major and minor device numbers.")
	case len(args) > want:
		c.Errorf("extra operand %s", native.QuoteText(args[want]))
		return c.NodeHint(want == 2 && len(args) == 4,
			"Fifos do not have major and minor device numbers.")
	}
	return n.mknod(args)
}

func (n *newNode) mknod(args []string) int {
	kind, dev := uint32(unix.S_IFIFO), 0
	switch args[1][:min(1, len(args[1]))] {
	case "b":
		kind = unix.S_IFBLK
	case "c", "u":
		kind = unix.S_IFCHR
	case "p":
	default:
		return n.UsageError(1, "invalid device type %s", native.QuoteText(args[1]))
	}
	if kind != unix.S_IFIFO {
		major, err := strconv.ParseUint(args[2], 0, 32)
		if err != nil {
			n.Errorf("invalid major device number %s", native.QuoteText(args[2]))
			return 1
		}
		minor, err := strconv.ParseUint(args[3], 0, 32)
		if err != nil {
			n.Errorf("invalid minor device number %s", native.QuoteText(args[3]))
			return 1
		}
		dev = int(unix.Mkdev(uint32(major), uint32(minor)))
	}
	if err := n.make(args[0], kind, dev); err != nil {
		n.Errorf("%s: %s", native.QuoteName(args[0]), clib.Strerror(err))
		return 1
	}
	return 0
}

// A newNode makes fifos and devices with the mode of -m.
type newNode struct {
	*native.Call
	mode    uint32
	hasMode bool
}

// nodeMode parses the options of mknod and mkfifo. A status other than 0 ends the command.
func nodeMode(c *native.Call) (n *newNode, args []string, status int) {
	opts, args, problem := c.Options(nodeOptions, native.Permute)
	if problem != "" {
		return nil, nil, c.Unsupported("%s", problem)
	}
	n = &newNode{Call: c, mode: 0o666}
	for _, o := range opts {
		changes, ok := filemode.Parse(o.Value)
		if !ok {
			c.Errorf("invalid mode")
			return nil, nil, 1
		}
		n.hasMode, n.mode = true, filemode.Adjust(0o666, false, c.Umask(), changes)
		if n.mode&^0o777 != 0 {
			c.Errorf("mode must specify only file permission bits")
			return nil, nil, 1
		}
	}
	return n, args, 0
}

func (n *newNode) make(name string, kind uint32, dev int) error {
	err := unix.Mknodat(n.Dir, name, kind|n.mode, dev)
	if err == nil && n.hasMode {
		err = unix.Fchmodat(n.Dir, name, n.mode, 0)
	}
	return err
}
