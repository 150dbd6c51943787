package network

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// link is "ip link".
func (p *ipCall) link(args []string) error {
	word, args, err := p.verb("ip link", args, "add", "set", "change", "replace", "delete",
		"show", "lst", "list", "xstats", "afstats", "property", "help")
	if err != nil {
		return err
	}
	switch word {
	case "show", "lst", "list":
		return p.showLinks(args)
	case "add":
		return p.addLink(args)
	case "set", "change":
		return p.setLink(args)
	case "delete":
		return p.deleteLink(args)
	}
	return ipLacks("'link " + word + "'")
}

// A linkRequest holds the words after "add" or "set", which may come in any order.
type linkRequest struct {
	dev, name, lower string
	hasDev           bool
	kind             string   // the word after "type"
	kindArgs         []string // the words after that
	flags, change    uint32
	address          []byte
	attrs            []byte
}

// parseLink reads words up to "type", which takes all the words that follow.
func (p *ipCall) parseLink(args []string) (*linkRequest, error) {
	r := &linkRequest{}
	for len(args) > 0 {
		word := fullLinkWord(args[0])
		given := args[0]
		args = args[1:]
		switch word {
		case "up":
			r.flags, r.change = r.flags|unix.IFF_UP, r.change|unix.IFF_UP
			continue
		case "down":
			r.flags, r.change = r.flags&^unix.IFF_UP, r.change|unix.IFF_UP
			continue
		case "nomaster":
			r.attrs = attrUint32(r.attrs, unix.IFLA_MASTER, 0)
			continue
		}
		if !linkWord(word) {
			if linkToolWord(word) {
				return nil, ipLacks("'link ... " + word + "'")
			}
			args, word = append([]string{given}, args...), "dev"
		}
		if len(args) == 0 {
			return nil, p.incomplete()
		}
		value := args[0]
		args = args[1:]
		if word == "type" {
			r.kind, r.kindArgs = value, args
			return r, nil
		}
		if err := p.linkWord(r, word, value); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (p *ipCall) incomplete() error {
	return p.fail(ipUsage, "Command line is not complete. Try option \"help\"")
}

// fullLinkWord expands an abbreviated word of "ip link". Few words may be abbreviated.
func fullLinkWord(word string) string {
	if linkWord(word) || linkToolWord(word) || word == "up" || word == "down" {
		return word
	}
	full := ipWord(word, "link", "address", "broadcast", "txqueuelen", "txqlen", "master",
		"nomaster", "numtxqueues", "numrxqueues", "type", "alias", "addrgenmode", "dynamic")
	if full == "" {
		return word
	}
	return full
}

// linkWord reports whether a word takes an argument.
func linkWord(word string) bool {
	switch word {
	case "dev", "name", "link", "address", "addr", "mtu", "netns", "master", "arp", "promisc",
		"multicast", "alias", "txqueuelen", "txqlen", "qlen", "type":
		return true
	}
	return false
}

// linkToolWord reports whether only iproute2 handles a word.
func linkToolWord(word string) bool {
	switch word {
	case "index", "broadcast", "brd", "xdp", "xdpgeneric", "xdpdrv", "xdpoffload",
		"allmulticast", "trailers", "carrier", "dynamic", "vf", "vrf", "group", "mode", "state",
		"numtxqueues", "numrxqueues", "addrgenmode", "link-netnsid", "protodown",
		"protodown_reason", "gso_max_size", "gso_max_segs", "gro_max_size", "parentdev",
		"help", "type_slave", "bridge_slave", "bond_slave", "up-", "peer":
		return true
	}
	return false
}

func (p *ipCall) linkWord(r *linkRequest, word, value string) error {
	switch word {
	case "dev":
		if r.hasDev {
			return p.fail(ipUsage,
				"Error: either \"dev\" is duplicate, or \"%s\" is a garbage.", value)
		}
		if !validIfname(value) {
			return p.wrong(value, "\"dev\" not a valid ifname")
		}
		r.dev, r.hasDev = value, true
	case "name":
		if !validIfname(value) {
			return p.wrong(value, "\"name\" not a valid ifname")
		}
		r.name = value
	case "link":
		r.lower = value
	case "address", "addr":
		return p.linkAddress(r, value)
	case "mtu", "txqueuelen", "txqlen", "qlen":
		return p.linkNumber(r, word, value)
	case "netns":
		return p.linkNetns(r, value)
	case "master":
		conn, err := p.open()
		if err != nil {
			return err
		}
		master, err := conn.link(value)
		if err != nil {
			return p.wrong(value, "Device does not exist\n")
		}
		r.attrs = attrUint32(r.attrs, unix.IFLA_MASTER, uint32(master.index))
	case "alias":
		r.attrs = attr(r.attrs, unix.IFLA_IFALIAS, []byte(value))
	case "arp":
		return p.linkSwitch(r, word, value, unix.IFF_NOARP, 0)
	case "promisc":
		return p.linkSwitch(r, word, value, 0, unix.IFF_PROMISC)
	case "multicast":
		return p.linkSwitch(r, word, value, 0, unix.IFF_MULTICAST)
	}
	return nil
}

// validIfname reports whether iproute2 accepts a name for an interface.
func validIfname(name string) bool {
	return name != "" && len(name) < unix.IFNAMSIZ && !strings.ContainsAny(name, "/ \t\n\v\f\r")
}

func (p *ipCall) linkSwitch(r *linkRequest, word, value string, off, on uint32) error {
	r.change |= off | on
	switch value {
	case "on":
		r.flags = r.flags&^off | on
	case "off":
		r.flags = r.flags&^on | off
	default:
		return p.fail(ipFailed, "Error: argument of \"%s\" must be \"on\" or \"off\", not \"%s\"",
			word, value)
	}
	return nil
}

func (p *ipCall) linkNumber(r *linkRequest, word, value string) error {
	kind := uint16(unix.IFLA_MTU)
	if word != "mtu" {
		kind, word = unix.IFLA_TXQLEN, "txqueuelen"
	}
	n, err := strconv.ParseInt(value, 0, 32)
	if err != nil {
		return p.wrong(value, "Invalid \""+word+"\" value\n")
	}
	r.attrs = attrUint32(r.attrs, kind, uint32(n))
	return nil
}

// linkNetns takes the name of a network namespace, or else the ID of a process in it.
func (p *ipCall) linkNetns(r *linkRequest, value string) error {
	fd, err := unix.Open(NetnsPath(value), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err == nil {
		// The file descriptor stays open until the request is sent. ip closes it at its end.
		p.closing = append(p.closing, fd)
		r.attrs = attrUint32(r.attrs, unix.IFLA_NET_NS_FD, uint32(fd))
		return nil
	}
	pid, err := strconv.ParseInt(value, 0, 32)
	if err != nil {
		return p.wrong(value, "Invalid \"netns\" value\n")
	}
	r.attrs = attrUint32(r.attrs, unix.IFLA_NET_NS_PID, uint32(pid))
	return nil
}

// linkAddress reads hexadecimal bytes with colons between them.
func (p *ipCall) linkAddress(r *linkRequest, value string) error {
	if strings.Contains(value, ".") {
		return ipLacks("address '" + value + "'")
	}
	var address []byte
	for part := range strings.SplitSeq(value, ":") {
		n, err := strconv.ParseUint(part, 16, 32)
		if errors.Is(err, strconv.ErrRange) || err == nil && n > 255 {
			return p.fail(ipFailed, "\"%s\" is invalid lladdr.", part)
		} else if err != nil {
			return p.fail(ipFailed, "\"%s\" is invalid lladdr.", part)
		}
		address = append(address, byte(n))
	}
	r.address = address
	r.attrs = attr(r.attrs, unix.IFLA_ADDRESS, address)
	return nil
}

func (p *ipCall) addLink(args []string) error {
	r, err := p.parseLink(args)
	if err != nil {
		return err
	}
	if r.kind == "" {
		return p.fail(ipFailed, "Not enough information: \"type\" argument is required")
	}
	info, err := p.linkInfo(r)
	if err != nil {
		return err
	}
	body := ifInfo(0, 0, r.flags, r.change)
	if r.lower != "" {
		lower, err := p.device(r.lower)
		if err != nil {
			return err
		}
		body = attrUint32(body, unix.IFLA_LINK, uint32(lower.index))
	}
	body = r.named(body)
	body = attr(append(body, r.attrs...), unix.IFLA_LINKINFO, info)
	return p.do(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, body)
}

// named adds the name of the new interface, if it is given.
func (r *linkRequest) named(body []byte) []byte {
	name := r.name
	if name == "" {
		name = r.dev
	}
	if name == "" {
		return body
	}
	return attrText(body, unix.IFLA_IFNAME, name)
}

// linkInfo returns the part of a request that depends on the link type.
func (p *ipCall) linkInfo(r *linkRequest) ([]byte, error) {
	info := attr(nil, unix.IFLA_INFO_KIND, []byte(r.kind))
	var data []byte
	var err error
	switch r.kind {
	case "veth":
		data, err = p.vethData(r.kindArgs)
	case "dummy", "ifb":
		if len(r.kindArgs) > 0 {
			err = ipLacks("'type " + r.kind + " " + r.kindArgs[0] + "'")
		}
	default:
		data, err = p.kindData(r.kind, r.kindArgs)
	}
	if len(data) > 0 {
		info = attr(info, unix.IFLA_INFO_DATA, data)
	}
	return info, err
}

// vethData returns the request for the peer, which is nested in the request for the link.
func (p *ipCall) vethData(args []string) ([]byte, error) {
	const vethInfoPeer = 1
	if len(args) == 0 {
		return nil, nil
	}
	if args[0] != "peer" {
		p.w.WriteString("Usage: ip link <options> type veth [peer <options>]\n" +
			"To get <options> type 'ip link add help'\n")
		return nil, ipFailed
	}
	peer, err := p.parseLink(args[1:])
	if err != nil {
		return nil, err
	}
	if peer.kind != "" || peer.lower != "" {
		return nil, ipLacks("type or link of a peer")
	}
	body := peer.named(ifInfo(0, 0, peer.flags, peer.change))
	return attr(nil, vethInfoPeer, append(body, peer.attrs...)), nil
}

func (p *ipCall) setLink(args []string) error {
	r, err := p.parseLink(args)
	if err != nil {
		return err
	}
	if r.lower != "" || r.kind == "veth" {
		return ipLacks("'link set ... link'")
	}
	info, err := p.changedInfo(r)
	if err != nil {
		return err
	}
	if !r.hasDev {
		return p.fail(ipUsage, "Not enough information: \"dev\" argument is required.")
	}
	l, err := p.device(r.dev)
	if err != nil {
		return err
	}
	if r.address != nil && len(l.address) > 0 && len(l.address) != len(r.address) {
		return p.fail(ipFailed, "Invalid address length %d - must be %d bytes", len(r.address),
			len(l.address))
	}
	body := ifInfo(0, l.index, r.flags, r.change)
	if r.name != "" {
		body = attrText(body, unix.IFLA_IFNAME, r.name)
	}
	return p.do(unix.RTM_NEWLINK, 0, append(append(body, r.attrs...), info...))
}

// changedInfo returns the part of a change request that depends on the type of the link, or on
// the type of its master.
func (p *ipCall) changedInfo(r *linkRequest) ([]byte, error) {
	if r.kind == "" {
		return nil, nil
	}
	part, isPart := strings.CutSuffix(r.kind, "_slave")
	if !isPart {
		info, err := p.linkInfo(r)
		return attr(nil, unix.IFLA_LINKINFO, info), err
	}
	data, err := p.kindData(r.kind, r.kindArgs)
	info := attr(nil, unix.IFLA_INFO_SLAVE_KIND, []byte(part))
	if len(data) > 0 {
		info = attr(info, unix.IFLA_INFO_SLAVE_DATA, data)
	}
	return attr(nil, unix.IFLA_LINKINFO, info), err
}

func (p *ipCall) deleteLink(args []string) error {
	r, err := p.parseLink(args)
	if err != nil {
		return err
	}
	if len(r.kindArgs) > 0 || r.lower != "" || r.name != "" || len(r.attrs) > 0 {
		return ipLacks("these words after 'link delete'")
	}
	if !r.hasDev {
		return p.fail(ipUsage, "Not enough information: \"dev\" argument is required.")
	}
	l, err := p.device(r.dev)
	if err != nil {
		return err
	}
	body := ifInfo(0, l.index, 0, 0)
	if r.kind != "" {
		body = attr(body, unix.IFLA_LINKINFO, attr(nil, unix.IFLA_INFO_KIND, []byte(r.kind)))
	}
	return p.do(unix.RTM_DELLINK, 0, body)
}

// A linkFilter selects the links to show.
type linkFilter struct {
	dev, kind string
	master    int32
	up        bool
}

func (f *linkFilter) takes(l *netLink) bool {
	return (f.dev == "" || f.dev == l.name) && (f.kind == "" || f.kind == l.info) &&
		(f.master == 0 || uint32(f.master) == l.master) && (!f.up || l.flags&unix.IFF_UP != 0)
}

// parseFilter reads the words after "show".
func (p *ipCall) parseFilter(args []string) (*linkFilter, error) {
	f := &linkFilter{}
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch word {
		case "up":
			f.up = true
			continue
		case "dev", "type", "master":
			if len(args) == 0 {
				return nil, p.incomplete()
			}
			value := args[0]
			args = args[1:]
			if word == "type" {
				if strings.HasSuffix(value, "_slave") {
					return nil, ipLacks("type '" + value + "'")
				}
				f.kind = value
				continue
			} else if word == "master" {
				conn, err := p.open()
				if err != nil {
					return nil, err
				}
				l, err := conn.link(value)
				if err != nil {
					return nil, p.wrong(value, "Device does not exist\n")
				}
				f.master = l.index
				continue
			}
			word = value
		case "nomaster", "group", "vrf", "vf", "label", "to", "scope", "dynamic", "permanent",
			"tentative", "deprecated", "dadfailed", "secondary", "primary", "home", "mngtmpaddr",
			"noprefixroute", "autojoin", "nodad", "optimistic", "temporary", "help", "proto":
			return nil, ipLacks("'show " + word + "'")
		}
		if f.dev != "" {
			return nil, p.fail(ipUsage,
				"Error: either \"dev\" is duplicate, or \"%s\" is a garbage.", word)
		}
		f.dev = word
	}
	return f, nil
}

func (p *ipCall) showLinks(args []string) error {
	f, err := p.parseFilter(args)
	if err != nil {
		return err
	}
	if p.family != 0 {
		return ipLacks("links of one family")
	}
	list, err := p.filtered(f, unix.AF_PACKET)
	if err != nil {
		return err
	}
	if err := list.knowsDetails(f); err != nil {
		return err
	}
	for i := range list.links {
		l := &list.links[i]
		if !f.takes(l) {
			continue
		}
		if p.brief {
			list.writeBrief(l)
			fmt.Fprintf(p.w, "%s %s \n", linkAddressText(l.address), list.flagsOf(l))
			continue
		}
		list.writeLink(l, true)
	}
	return nil
}

// filtered lists all links, since the listing needs their names. It fails if the selected
// device does not exist.
func (p *ipCall) filtered(f *linkFilter, family uint8) (*linkList, error) {
	conn, err := p.open()
	if err != nil {
		return nil, err
	}
	links, err := conn.links(family)
	if err != nil {
		return nil, err
	}
	list := &linkList{p: p, links: links}
	if f.dev != "" {
		for i := range links {
			if links[i].name == f.dev {
				return list, nil
			}
		}
		if l, err := conn.link(f.dev); err == nil { // f.dev may be an alternative name
			f.dev = l.name
			return list, nil
		}
		return nil, p.fail(ipFailed, "Device \"%s\" does not exist.", f.dev)
	}
	return list, nil
}
