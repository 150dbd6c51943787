package network

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// ioctl requests for bridges, from linux/sockios.h.
const (
	siocBrAddBr = 0x89a0
	siocBrDelBr = 0x89a1
	siocBrAddIf = 0x89a2
	siocBrDelIf = 0x89a3
)

// A bridgeCall is one invocation of brctl(8).
type bridgeCall struct {
	c    *native.Call
	sock int
}

// Brctl is brctl(8) of bridge-utils: it changes and shows bridges and their ports.
func Brctl(c *native.Call) int {
	if len(c.Args) < 2 {
		return c.Unsupported("no command")
	}
	command, args := c.Args[1], c.Args[2:]
	var usage string
	wanted := 2
	switch command {
	case "show":
		return showBridges(c, args)
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
		fmt.Fprintf(c.Stderr, "can't setup bridge control: %s\n", clib.Strerror(err))
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

// An interfaceRequest is a struct ifreq that holds an interface index.
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

// ioctl makes a request. It returns nil or the error number.
func (b *bridgeCall) ioctl(request uintptr, r *interfaceRequest) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(b.sock), request,
		uintptr(unsafe.Pointer(r)))
	if errno != 0 {
		return errno
	}
	return nil
}

// change makes or deletes a bridge. The kernel takes as much of the name as fits.
func (b *bridgeCall) change(request uintptr, name string) error {
	err := b.ioctl(request, newInterfaceRequest(name))
	switch {
	case err == nil:
		return nil
	case request == siocBrAddBr && err == unix.EEXIST:
		return native.ToolErrorf("device %s already exists; can't create bridge with the same name", name)
	case request == siocBrAddBr:
		return native.ToolErrorf("add bridge failed: %s", clib.Strerror(err))
	case err == unix.ENXIO:
		return native.ToolErrorf("bridge %s doesn't exist; can't delete it", name)
	case err == unix.EBUSY:
		return native.ToolErrorf("bridge %s is still up; can't delete it", name)
	}
	return native.ToolErrorf("can't delete bridge %s: %s", name, clib.Strerror(err))
}

// ports adds or removes ports. It stops at the first failure.
func (b *bridgeCall) ports(request uintptr, bridge string, names []string) error {
	for _, name := range names {
		port := newInterfaceRequest(name)
		if b.ioctl(unix.SIOCGIFINDEX, port) != nil {
			return native.ToolErrorf("interface %s does not exist!", name)
		}
		r := newInterfaceRequest(bridge)
		r.index = port.index
		err := b.ioctl(request, r)
		switch {
		case err == nil:
			continue
		case err == unix.ENODEV:
			return native.ToolErrorf("bridge %s does not exist!", bridge)
		case request == siocBrDelIf && err == unix.EINVAL:
			return native.ToolErrorf("device %s is not a port of %s", name, bridge)
		case request == siocBrDelIf:
			return native.ToolErrorf("can't delete %s from %s: %s", name, bridge, clib.Strerror(err))
		case err == unix.EBUSY:
			return native.ToolErrorf("device %s is already a member of a bridge; "+
				"can't add it to bridge %s.",
				name, bridge)
		case err == unix.ELOOP:
			return native.ToolErrorf("device %s is a bridge device itself; "+
				"can't add a bridge device to a bridge device.", name)
		}
		return native.ToolErrorf("can't add %s to bridge %s: %s", name, bridge, clib.Strerror(err))
	}
	return nil
}

// showBridges lists bridges with their ports, in the order of sortAsSysfs.
func showBridges(c *native.Call, names []string) int {
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
	sortAsSysfs(c, links)
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

// sortAsSysfs sorts links by name, as brctl(8) does if it can read sysfs. Otherwise links keep
// the kernel's order.
func sortAsSysfs(c *native.Call, links []netLink) {
	if c.NetNS >= 0 || len(links) == 0 || !fsys.Exists("/sys/class/net/"+links[len(links)-1].name) {
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
