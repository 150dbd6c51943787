package network

import (
	"encoding/binary"
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// This file implements as much of rtnetlink(7) as ip and brctl need. The usual libraries for it
// import package net, whose initialization every process would pay for.

// An nlConn is a netlink socket. It belongs to the network namespace in which it was made.
type nlConn struct {
	fd  int
	seq uint32
	buf []byte
}

// An nlError is a refusal by the kernel. text is the kernel's own explanation, if there is one.
type nlError struct {
	errno unix.Errno
	text  string
}

// Error returns the kernel's explanation, or else the text of the error number.
func (e *nlError) Error() string {
	if e.text != "" {
		return e.text
	}
	return clib.ErrnoText(e.errno)
}

// Unwrap returns the error number.
func (e *nlError) Unwrap() error { return e.errno }

// openNetlink opens a netlink socket in the network namespace with the file descriptor netns,
// or in that of the process if netns is -1.
func openNetlink(netns int) (*nlConn, error) {
	fd, err := socketIn(netns, unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_CAP_ACK, 1)
	return &nlConn{fd: fd}, nil
}

// socketIn makes a socket in another network namespace. It uses a thread that enters the
// namespace and ends afterwards.
func socketIn(netns, family, kind, protocol int) (fd int, err error) {
	open := func() { fd, err = unix.Socket(family, kind|unix.SOCK_CLOEXEC, protocol) }
	if netns < 0 {
		open()
		return fd, err
	}
	native.OnThread(func() {
		if err = unix.Setns(netns, unix.CLONE_NEWNET); err == nil {
			open()
		}
	})
	return fd, err
}

func (n *nlConn) close() { unix.Close(n.fd) }

// do sends one message and returns the bodies of the answers.
func (n *nlConn) do(kind, flags uint16, body []byte) ([][]byte, error) {
	n.seq++
	msg := make([]byte, unix.NLMSG_HDRLEN, unix.NLMSG_HDRLEN+len(body))
	binary.NativeEndian.PutUint32(msg, uint32(unix.NLMSG_HDRLEN+len(body)))
	binary.NativeEndian.PutUint16(msg[4:], kind)
	if flags&unix.NLM_F_DUMP != unix.NLM_F_DUMP && kind != unix.RTM_GETLINK {
		flags |= unix.NLM_F_ACK
	}
	binary.NativeEndian.PutUint16(msg[6:], flags|unix.NLM_F_REQUEST)
	binary.NativeEndian.PutUint32(msg[8:], n.seq)
	msg = append(msg, body...)
	kernel := &unix.SockaddrNetlink{Family: unix.AF_NETLINK}
	if err := unix.Sendto(n.fd, msg, 0, kernel); err != nil {
		return nil, err
	}
	return n.answers()
}

// answers reads up to the end of a dump, an acknowledgement or a refusal.
func (n *nlConn) answers() (bodies [][]byte, err error) {
	if n.buf == nil {
		n.buf = make([]byte, 64<<10) // the kernel sends at most 32 KiB
	}
	for {
		size, _, err := unix.Recvfrom(n.fd, n.buf, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		} else if err != nil {
			return nil, err
		}
		more := false
		for b := n.buf[:size]; len(b) >= unix.NLMSG_HDRLEN; {
			length := int(binary.NativeEndian.Uint32(b))
			if length < unix.NLMSG_HDRLEN || length > len(b) {
				return nil, unix.EBADMSG
			}
			kind, flags := binary.NativeEndian.Uint16(b[4:]), binary.NativeEndian.Uint16(b[6:])
			body := b[unix.NLMSG_HDRLEN:length]
			mine := binary.NativeEndian.Uint32(b[8:]) == n.seq
			b = b[min(align4(length), len(b)):]
			switch {
			case !mine:
				more = true
			case kind == unix.NLMSG_DONE:
				return bodies, nil
			case kind == unix.NLMSG_ERROR:
				return bodies, refusal(body, flags)
			default:
				bodies = append(bodies, append([]byte(nil), body...))
				more = flags&unix.NLM_F_MULTI != 0 || kind != unix.RTM_NEWLINK
			}
		}
		if !more {
			return bodies, nil
		}
	}
}

// refusal converts an error message to an error. Error number 0 means success.
func refusal(body []byte, flags uint16) error {
	errno := -int32(binary.NativeEndian.Uint32(body))
	if errno == 0 {
		return nil
	}
	e := &nlError{errno: unix.Errno(errno)}
	if flags&unix.NLM_F_ACK_TLVS != 0 {
		skip := 4 + unix.NLMSG_HDRLEN // the request, capped to its header
		if flags&unix.NLM_F_CAPPED == 0 {
			skip = 4 + align4(int(binary.NativeEndian.Uint32(body[4:])))
		}
		if skip <= len(body) {
			for _, a := range attributes(body[skip:]) {
				if a.kind == unix.NLMSGERR_ATTR_MSG {
					e.text = a.text()
				}
			}
		}
	}
	return e
}

// nlaTypeMask removes the flags "nested" and "byte order" from a type.
const nlaTypeMask = 0x3fff

// An nlAttribute is a netlink attribute: a type and a value.
type nlAttribute struct {
	kind  uint16
	value []byte
}

func (a nlAttribute) text() string { return strings.TrimRight(string(a.value), "\x00") }

func (a nlAttribute) number() uint32 {
	switch {
	case len(a.value) >= 4:
		return binary.NativeEndian.Uint32(a.value)
	case len(a.value) >= 2:
		return uint32(binary.NativeEndian.Uint16(a.value))
	case len(a.value) == 1:
		return uint32(a.value[0])
	}
	return 0
}

// attributes splits a sequence of attributes.
func attributes(b []byte) (list []nlAttribute) {
	for len(b) >= 4 {
		length := int(binary.NativeEndian.Uint16(b))
		if length < 4 || length > len(b) {
			break
		}
		kind := binary.NativeEndian.Uint16(b[2:]) & nlaTypeMask
		list = append(list, nlAttribute{kind, b[4:length]})
		b = b[min(align4(length), len(b)):]
	}
	return list
}

func align4(n int) int { return (n + 3) &^ 3 }

// attr appends an attribute.
func attr(b []byte, kind uint16, value []byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(4+len(value)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = append(b, value...)
	return append(b, make([]byte, align4(len(value))-len(value))...)
}

func attrText(b []byte, kind uint16, s string) []byte {
	return attr(b, kind, append([]byte(s), 0))
}

func attrUint16(b []byte, kind uint16, n uint16) []byte {
	return attr(b, kind, binary.NativeEndian.AppendUint16(nil, n))
}

func attrUint32(b []byte, kind uint16, n uint32) []byte {
	return attr(b, kind, binary.NativeEndian.AppendUint32(nil, n))
}

// ifInfo returns the header of messages about links.
func ifInfo(family uint8, index int32, flags, change uint32) []byte {
	b := []byte{family, 0, 0, 0}
	b = binary.NativeEndian.AppendUint32(b, uint32(index))
	b = binary.NativeEndian.AppendUint32(b, flags)
	return binary.NativeEndian.AppendUint32(b, change)
}

// A netLink is a network interface as the kernel reports it.
type netLink struct {
	index                   int32
	kind                    uint16 // an ARPHRD_ constant
	flags                   uint32
	name, qdisc, info       string
	infoData                []byte
	alias                   string
	altNames                []string
	mtu, txqlen             uint32
	master                  uint32
	peer, peerNS            int32
	hasPeer, hasPeerNS      bool
	state, mode             uint8
	hasState, hasMode       bool
	group                   uint32
	hasGroup, hasTxqlen     bool
	address, broadcast      []byte
	protoDown, hasBroadcast bool
	slaveInfo               string
	slaveData               []byte
	more                    []nlAttribute // all attributes, for a detailed listing
}

// links lists the network interfaces as one address family sees them.
func (n *nlConn) links(family uint8) ([]netLink, error) {
	const filterVF = 1 // the mask that iproute2 sends
	body := attrUint32(ifInfo(family, 0, 0, 0), unix.IFLA_EXT_MASK, filterVF)
	bodies, err := n.do(unix.RTM_GETLINK, unix.NLM_F_DUMP, body)
	if err != nil {
		return nil, err
	}
	var list []netLink
	for _, b := range bodies {
		if len(b) >= unix.SizeofIfInfomsg {
			list = append(list, parseLink(b))
		}
	}
	return list, nil
}

// link finds an interface by name.
func (n *nlConn) link(name string) (netLink, error) {
	kind := uint16(unix.IFLA_IFNAME)
	if len(name) >= unix.IFNAMSIZ {
		kind = unix.IFLA_ALT_IFNAME
	}
	bodies, err := n.do(unix.RTM_GETLINK, 0, attrText(ifInfo(0, 0, 0, 0), kind, name))
	if err != nil {
		return netLink{}, err
	}
	if len(bodies) == 0 {
		return netLink{}, unix.ENODEV
	}
	return parseLink(bodies[0]), nil
}

func parseLink(b []byte) netLink {
	l := netLink{
		kind:  binary.NativeEndian.Uint16(b[2:]),
		index: int32(binary.NativeEndian.Uint32(b[4:])),
		flags: binary.NativeEndian.Uint32(b[8:]),
	}
	l.more = attributes(b[unix.SizeofIfInfomsg:])
	for _, a := range l.more {
		l.take(a)
	}
	return l
}

func (l *netLink) take(a nlAttribute) {
	switch a.kind {
	case unix.IFLA_IFNAME:
		l.name = a.text()
	case unix.IFLA_MTU:
		l.mtu = a.number()
	case unix.IFLA_QDISC:
		l.qdisc = a.text()
	case unix.IFLA_MASTER:
		l.master = a.number()
	case unix.IFLA_LINK:
		l.peer, l.hasPeer = int32(a.number()), true
	case unix.IFLA_LINK_NETNSID:
		l.peerNS, l.hasPeerNS = int32(a.number()), true
	case unix.IFLA_OPERSTATE:
		l.state, l.hasState = uint8(a.number()), true
	case unix.IFLA_LINKMODE:
		l.mode, l.hasMode = uint8(a.number()), true
	case unix.IFLA_GROUP:
		l.group, l.hasGroup = a.number(), true
	case unix.IFLA_TXQLEN:
		l.txqlen, l.hasTxqlen = a.number(), true
	case unix.IFLA_ADDRESS:
		l.address = a.value
	case unix.IFLA_BROADCAST:
		l.broadcast, l.hasBroadcast = a.value, true
	case unix.IFLA_IFALIAS:
		l.alias = a.text()
	case unix.IFLA_PROTO_DOWN:
		l.protoDown = a.number() != 0
	case unix.IFLA_LINKINFO:
		for _, i := range attributes(a.value) {
			switch i.kind {
			case unix.IFLA_INFO_KIND:
				l.info = i.text()
			case unix.IFLA_INFO_DATA:
				l.infoData = i.value
			case unix.IFLA_INFO_SLAVE_KIND:
				l.slaveInfo = i.text()
			case unix.IFLA_INFO_SLAVE_DATA:
				l.slaveData = i.value
			}
		}
	case unix.IFLA_PROP_LIST:
		for _, i := range attributes(a.value) {
			l.altNames = append(l.altNames, i.text())
		}
	}
}
