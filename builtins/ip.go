package builtins

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// An ipCall is one invocation of ip.
type ipCall struct {
	c       *Call
	w       *bufio.Writer
	netns   int
	family  uint8
	oneline bool
	brief   bool
	details bool
	stats   bool
	conn    *nlConn
	closing []int // descriptors to close at the end
}

// An ipExit ends ip from inside its parsers: a message is out already.
type ipExit int

// Error makes ipExit an error; nobody prints it.
func (e ipExit) Error() string { return "exit" }

// ipLacks ends ip with what only iproute2 knows.
type ipLacks string

// Error names what is lacking.
func (e ipLacks) Error() string { return string(e) }

const (
	ipFailed ipExit = 1
	ipKernel ipExit = 2   // the kernel refused
	ipUsage  ipExit = 255 // the words make no sense
)

// runIP is ip(8) of iproute2: network namespaces, links, addresses, routes.
func runIP(c *Call) int {
	p := &ipCall{c: c, w: c.buffered(), netns: c.NetNS}
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
	_ = p.w.Flush() // ip does not look
	return p.status(err)
}

// status prints what is still to be said about an error.
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
		fmt.Fprintf(p.c.Stderr, "RTNETLINK answers: %s\n", Strerror(err))
	}
	return int(ipKernel)
}

// fail prints a line and ends ip.
func (p *ipCall) fail(exit ipExit, format string, args ...any) error {
	fmt.Fprintf(p.c.Stderr, format+"\n", args...)
	return exit
}

// wrong is iproute2's complaint about an argument.
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
	// In iproute2's order, which decides what an abbreviation means.
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

// ipWord finds which word is meant: the first that s is the beginning of.
func ipWord(s string, words ...string) string {
	for _, w := range words {
		if strings.HasPrefix(w, s) {
			return w
		}
	}
	return ""
}

// option takes one option of ip's own, and its argument, off args.
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
				Strerror(err))
		}
		p.closing = append(p.closing, fd)
		p.netns, args = fd, args[1:]
	default:
		return nil, ipLacks("option '" + args[0] + "'")
	}
	return args[1:], nil
}

// open returns the socket that this ip talks by.
func (p *ipCall) open() (*nlConn, error) {
	if p.conn == nil {
		conn, err := openNetlink(p.netns)
		if err != nil {
			return nil, p.fail(ipFailed, "Cannot open netlink socket: %s", Strerror(err))
		}
		p.conn = conn
	}
	return p.conn, nil
}

// device finds an interface to work on.
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

// do sends a request for which only success or refusal comes back.
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
