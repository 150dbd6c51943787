package builtins

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The requests of bridges, from linux/sockios.h.
const (
	siocBrAddBr = 0x89a0
	siocBrDelBr = 0x89a1
	siocBrAddIf = 0x89a2
	siocBrDelIf = 0x89a3
)

// A bridgeCall is one invocation of brctl.
type bridgeCall struct {
	c    *Call
	sock int
}

// runBrctl is brctl(8) of bridge-utils: bridges and their ports.
func runBrctl(c *Call) int {
	if len(c.Args) < 2 {
		return c.Unsupported("no command")
	}
	command, args := c.Args[1], c.Args[2:]
	var usage string
	wanted := 2
	switch command {
	case "show":
		return c.showBridges(args)
	case "addbr":
		wanted, usage = 1, "addbr <bridge>\t\tadd bridge"
	case "delbr":
		wanted, usage = 1, "delbr <bridge>\t\tdelete bridge"
	case "addif":
		usage = "addif <bridge> <device>\tadd interface to bridge"
	case "delif":
		usage = "delif <bridge> <device>\tdelete interface from bridge"
	default:
		return c.Unsupported("command '%s'", command)
	}
	if len(args) < wanted {
		fmt.Fprintf(c.Stdout, "Incorrect number of arguments for command\nUsage: brctl %s\n", usage)
		return 1
	}
	sock, err := socketIn(c.NetNS, unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		fmt.Fprintf(c.Stderr, "can't setup bridge control: %s\n", Strerror(err))
		return 1
	}
	defer unix.Close(sock)
	b := &bridgeCall{c, sock}
	switch command {
	case "addbr":
		err = b.change(siocBrAddBr, args[0])
	case "delbr":
		err = b.change(siocBrDelBr, args[0])
	case "addif":
		err = b.ports(siocBrAddIf, args[0], args[1:])
	default:
		err = b.ports(siocBrDelIf, args[0], args[1:])
	}
	if err != nil {
		fmt.Fprintln(c.Stderr, err)
		return 1
	}
	return 0
}

// An interfaceRequest is struct ifreq with an index in it.
type interfaceRequest struct {
	name  [unix.IFNAMSIZ]byte
	index int32
	_     [20]byte
}

func newInterfaceRequest(name string) *interfaceRequest {
	r := &interfaceRequest{}
	copy(r.name[:unix.IFNAMSIZ-1], name)
	return r
}

// ioctl returns nil or the error number.
func (b *bridgeCall) ioctl(request uintptr, r *interfaceRequest) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(b.sock), request,
		uintptr(unsafe.Pointer(r)))
	if errno != 0 {
		return errno
	}
	return nil
}

// change makes or removes a bridge; the kernel takes as much of the name as
// fits.
func (b *bridgeCall) change(request uintptr, name string) error {
	err := b.ioctl(request, newInterfaceRequest(name))
	switch {
	case err == nil:
		return nil
	case request == siocBrAddBr && err == unix.EEXIST:
		return toolErrorf("device %s already exists; can't create bridge with the same name", name)
	case request == siocBrAddBr:
		return toolErrorf("add bridge failed: %s", Strerror(err))
	case err == unix.ENXIO:
		return toolErrorf("bridge %s doesn't exist; can't delete it", name)
	case err == unix.EBUSY:
		return toolErrorf("bridge %s is still up; can't delete it", name)
	}
	return toolErrorf("can't delete bridge %s: %s", name, Strerror(err))
}

// ports adds or removes ports up to the first that cannot be.
func (b *bridgeCall) ports(request uintptr, bridge string, names []string) error {
	for _, name := range names {
		port := newInterfaceRequest(name)
		if b.ioctl(unix.SIOCGIFINDEX, port) != nil {
			return toolErrorf("interface %s does not exist!", name)
		}
		r := newInterfaceRequest(bridge)
		r.index = port.index
		err := b.ioctl(request, r)
		switch {
		case err == nil:
			continue
		case err == unix.ENODEV:
			return toolErrorf("bridge %s does not exist!", bridge)
		case request == siocBrDelIf && err == unix.EINVAL:
			return toolErrorf("device %s is not a port of %s", name, bridge)
		case request == siocBrDelIf:
			return toolErrorf("can't delete %s from %s: %s", name, bridge, Strerror(err))
		case err == unix.EBUSY:
			return toolErrorf("device %s is already a member of a bridge; "+
				"can't add it to bridge %s.",
				name, bridge)
		case err == unix.ELOOP:
			return toolErrorf("device %s is a bridge device itself; "+
				"can't add a bridge device to a bridge device.", name)
		}
		return toolErrorf("can't add %s to bridge %s: %s", name, bridge, Strerror(err))
	}
	return nil
}

// showBridges lists bridges with their ports, in the kernel's order.
func (c *Call) showBridges(names []string) int {
	conn, err := openNetlink(c.NetNS)
	if err != nil {
		return c.Unsupported("netlink")
	}
	defer conn.close()
	links, err := conn.links(unix.AF_PACKET)
	if err != nil {
		return c.Unsupported("netlink")
	}
	var out strings.Builder
	status := 0
	c.sortAsSysfs(links)
	for _, name := range names {
		l, err := conn.link(name)
		if err != nil || l.info != "bridge" {
			if err == nil || !errors.Is(err, unix.ENODEV) {
				return c.Unsupported("device %s, which is no bridge", name)
			}
			fmt.Fprintf(c.Stderr, "bridge %s does not exist!\n", name)
			status = 1
			continue
		}
		writeBridge(&out, &l, links)
	}
	for i := range links {
		if len(names) == 0 && links[i].info == "bridge" {
			writeBridge(&out, &links[i], links)
		}
	}
	if out.Len() > 0 {
		fmt.Fprintf(c.Stdout, "bridge name\tbridge id\t\tSTP enabled\tinterfaces\n%s", &out)
	}
	return status
}

// sortAsSysfs puts links in the order of their names, as brctl does where it
// can read sysfs; elsewhere it takes the kernel's own order.
func (c *Call) sortAsSysfs(links []netLink) {
	if c.NetNS >= 0 || len(links) == 0 || !pathExists("/sys/class/net/"+links[len(links)-1].name) {
		return
	}
	slices.SortFunc(links, func(a, b netLink) int { return cmp.Compare(a.name, b.name) })
}

func writeBridge(out *strings.Builder, l *netLink, links []netLink) {
	const infoSTP, infoID = 5, 11
	var id [8]byte
	stp := "no"
	for _, a := range attributes(l.infoData) {
		switch a.kind {
		case infoSTP:
			if a.number() != 0 {
				stp = "yes"
			}
		case infoID:
			copy(id[:], a.value)
		}
	}
	fmt.Fprintf(out, "%s\t\t%04x.%x\t%s\t\t", l.name, binary.BigEndian.Uint16(id[:]), id[2:], stp)
	first := true
	for _, port := range links {
		if port.master == uint32(l.index) {
			if !first {
				out.WriteString("\n\t\t\t\t\t\t\t")
			}
			out.WriteString(port.name)
			first = false
		}
	}
	out.WriteByte('\n')
}
