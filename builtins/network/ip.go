package network

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// An ipCall is one invocation of ip(8).
type ipCall struct {
	c       *native.Call
	w       *bufio.Writer
	netns   int
	family  uint8
	oneline bool
	brief   bool
	details bool
	stats   bool
	conn    *nlConn
	closing []int // file descriptors to close at the end
}

// An ipExit is an error that ends ip with a status. The message is already printed.
type ipExit int

// Error implements error; nobody prints its text.
func (e ipExit) Error() string { return "exit" }

// An ipLacks is an error that names a feature that only iproute2 has.
type ipLacks string

// Error returns the name of the feature.
func (e ipLacks) Error() string { return string(e) }

const (
	ipFailed ipExit = 1
	ipKernel ipExit = 2   // the kernel refused the request
	ipUsage  ipExit = 255 // the arguments are wrong
)

// IP is ip(8) of iproute2: it handles network namespaces, links, addresses, routes and
// neighbours.
func IP(c *native.Call) int {
	p := &ipCall{c: c, w: c.Buffered(), netns: c.NetNS}
	err := p.run(c.Args[1:])
	if p.conn != nil {
		p.conn.close()
	}
	for _, fd := range p.closing {
		unix.Close(fd)
	}
	var lacks ipLacks
	if errors.As(err, &lacks) {
		return c.Unsupported("%s", string(lacks))
	}
	_ = p.w.Flush() // ip(8) ignores the error too
	return p.status(err)
}

// status prints an error that is not yet printed, and returns the exit status.
func (p *ipCall) status(err error) int {
	var exit ipExit
	var refused *nlError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &refused) && refused.text != "":
		dot := "."
		if strings.HasSuffix(refused.text, ".") {
			dot = ""
		}
		fmt.Fprintf(p.c.Stderr, "Error: %s%s\n", refused.text, dot)
	default:
		fmt.Fprintf(p.c.Stderr, "RTNETLINK answers: %s\n", clib.Strerror(err))
	}
	return int(ipKernel)
}

// fail prints a line and returns the error that ends ip.
func (p *ipCall) fail(exit ipExit, format string, args ...any) error {
	fmt.Fprintf(p.c.Stderr, format+"\n", args...)
	return exit
}

// wrong prints iproute2's message about a wrong argument.
func (p *ipCall) wrong(arg, text string) error {
	return p.fail(ipUsage, "Error: argument \"%s\" is wrong: %s", arg, text)
}

func (p *ipCall) run(args []string) error {
	var err error
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if args, err = p.option(args); err != nil {
			return err
		}
	}
	if len(args) == 0 {
		return ipLacks("no object")
	}
	object, args := args[0], args[1:]
	// The order is iproute2's: it decides what an abbreviation means.
	word := ipWord(object, "address", "addrlabel", "maddress", "route", "rule", "neighbor",
		"neighbour", "ntable", "ntbl", "link", "netns")
	switch {
	case p.stats && !strings.HasPrefix(word, "neigh"):
		return ipLacks("option '-s'")
	case p.details && (p.brief || word == "route" || word == "address" && p.family != 0):
		return ipLacks("option '-d'")
	}
	switch word {
	case "neighbor", "neighbour":
		return p.neighbor(args)
	case "address":
		return p.address(args)
	case "route":
		return p.route(args)
	case "link":
		return p.link(args)
	case "netns":
		return p.namespace(args)
	}
	return ipLacks("object '" + object + "'")
}

// ipWord returns the first word that has s as a prefix.
func ipWord(s string, words ...string) string {
	for _, w := range words {
		if strings.HasPrefix(w, s) {
			return w
		}
	}
	return ""
}

// verb returns the command on an object of ip or bridge that an abbreviation means, and what
// follows. Without arguments it is "show", the default of each object. name is that of the
// object in messages, with its program.
func (p *ipCall) verb(name string, args []string, verbs ...string) (
	verb string, rest []string, err error) {
	if len(args) == 0 {
		return "show", nil, nil
	}
	if verb = ipWord(args[0], verbs...); verb == "" {
		return "", nil, p.fail(ipUsage, "Command \"%s\" is unknown, try \"%s help\".", args[0], name)
	}
	return verb, args[1:], nil
}

// option handles the first global option and its argument, and returns the rest.
func (p *ipCall) option(args []string) ([]string, error) {
	opt := args[0][1:]
	opt = strings.TrimPrefix(opt, "-")
	switch {
	case opt == "":
		return nil, ipLacks("option '" + args[0] + "'")
	case opt == "4":
		p.family = unix.AF_INET
	case opt == "6":
		p.family = unix.AF_INET6
	case opt == "o" || opt == "oneline":
		p.oneline = true
	case opt == "br" || opt == "brief":
		p.brief = true
	case opt == "d" || opt == "details":
		p.details = true
	case opt == "s" || opt == "stats" || opt == "statistics":
		p.stats = true
	case opt == "n" || opt == "netns":
		if len(args) < 2 {
			return nil, ipLacks("option '-n' without its argument")
		}
		fd, err := unix.Open(NetnsPath(args[1]), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return nil, p.fail(ipUsage, "Cannot open network namespace \"%s\": %s", args[1],
				clib.Strerror(err))
		}
		p.closing = append(p.closing, fd)
		p.netns, args = fd, args[1:]
	default:
		return nil, ipLacks("option '" + args[0] + "'")
	}
	return args[1:], nil
}

// open returns the netlink socket of this ip. The first call opens it.
func (p *ipCall) open() (*nlConn, error) {
	if p.conn == nil {
		conn, err := openNetlink(p.netns)
		if err != nil {
			return nil, p.fail(ipFailed, "Cannot open netlink socket: %s", clib.Strerror(err))
		}
		p.conn = conn
	}
	return p.conn, nil
}

// device finds the interface with a name, or reports that it is missing.
func (p *ipCall) device(name string) (netLink, error) {
	conn, err := p.open()
	if err != nil {
		return netLink{}, err
	}
	l, err := conn.link(name)
	if err != nil {
		return l, p.fail(ipFailed, "Cannot find device \"%s\"", name)
	}
	return l, nil
}

// do sends a request whose answer is only success or refusal.
func (p *ipCall) do(kind, flags uint16, body []byte) error {
	conn, err := p.open()
	if err != nil {
		return err
	}
	_, err = conn.do(kind, flags, body)
	return err
}

// namespace is "ip netns".
func (p *ipCall) namespace(args []string) error {
	word := "list"
	if len(args) > 0 {
		word = ipWord(args[0], "list", "show", "lst", "list-id", "help", "add", "set", "delete",
			"identify", "pids", "exec", "monitor", "attach")
		args = args[1:]
	}
	switch word {
	case "list", "show", "lst":
		if len(args) > 0 {
			return ipLacks("words after 'list'")
		}
		return p.listNamespaces()
	case "add", "delete":
		if len(args) == 0 {
			return p.fail(ipFailed, "No netns name specified")
		}
		name := args[0]
		if !validNetns(name) {
			return p.fail(ipUsage, "Invalid netns name \"%s\"", name)
		}
		change := NetnsAdd
		if word == "delete" {
			change = NetnsDelete
		}
		if err := change(name); err != nil {
			return p.fail(ipFailed, "%s", err)
		}
		return nil
	}
	return ipLacks("'netns " + word + "'")
}

func validNetns(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) <= unix.NAME_MAX &&
		!strings.Contains(name, "/")
}

func (p *ipCall) listNamespaces() error {
	conn, err := p.open()
	if err != nil {
		return err
	}
	for _, name := range netnsNames() {
		p.w.WriteString(name)
		if id := conn.netnsID(name); id >= 0 {
			fmt.Fprintf(p.w, " (id: %d)", id)
		}
		p.w.WriteByte('\n')
	}
	return nil
}
