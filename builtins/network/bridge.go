package network

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
)

// A bridgeTool is one invocation of bridge(8). It uses the socket and the messages of ipCall.
type bridgeTool struct {
	*ipCall
	compress bool
}

// Bridge is bridge(8) of iproute2: it handles bridge ports, their VLANs and addresses.
func Bridge(c *native.Call) int {
	p := &bridgeTool{ipCall: &ipCall{c: c, w: bufio.NewWriter(c.Stdout), netns: c.NetNS}}
	err := p.runBridge(c.Args[1:])
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
	_ = p.w.Flush() // bridge(8) ignores the error too
	if status := p.status(err); status != int(ipKernel) {
		return status
	}
	return int(ipUsage)
}

func (p *bridgeTool) runBridge(args []string) error {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		opt := strings.TrimPrefix(args[0][1:], "-")
		switch {
		case opt != "" && strings.HasPrefix("statistics", opt) || opt == "stats":
			p.stats = true
		case opt != "" && strings.HasPrefix("details", opt):
			p.details = true
		case opt != "" && strings.HasPrefix("oneline", opt):
			p.oneline = true
		case len(opt) > 2 && strings.HasPrefix("compressvlans", opt):
			p.compress = true
		case opt == "n" || opt == "netns":
			rest, err := p.option(args)
			if err != nil {
				return err
			}
			args = rest
			continue
		default:
			return ipLacks("option '" + args[0] + "'")
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return ipLacks("no object")
	}
	switch ipWord(args[0], "link", "fdb", "mdb", "vlan", "vni", "monitor") {
	case "link":
		return p.bridgeLink(args[1:])
	case "fdb":
		return p.fdb(args[1:])
	case "vlan":
		return p.bridgeVlan(args[1:])
	}
	return ipLacks("object '" + args[0] + "'")
}

// only reads pairs such as "dev NAME": words that take a value, each at most once.
func (p *bridgeTool) only(args []string, words ...string) (map[string]string, error) {
	values := map[string]string{}
	for len(args) > 0 {
		word := args[0]
		if indexOf(words, word) < 0 {
			return nil, ipLacks("'... " + word + "'")
		}
		if len(args) < 2 {
			return nil, p.incomplete()
		}
		if _, twice := values[word]; twice {
			return nil, ipLacks("'" + word + "' twice")
		}
		values[word] = args[1]
		args = args[2:]
	}
	return values, nil
}

// bridgeLink is "bridge link".
func (p *bridgeTool) bridgeLink(args []string) error {
	word, args, err := p.verb("bridge link", args, "set", "show", "lst", "list", "help")
	if err != nil {
		return err
	}
	if word == "set" {
		return p.setPort(args)
	}
	if word == "help" || p.stats {
		return ipLacks("'link " + word + "'")
	}
	values, err := p.only(args, "dev")
	if err != nil {
		return err
	}
	list, ports, err := p.ports(values["dev"], 0)
	if err != nil {
		return err
	}
	for i := range ports {
		p.writePort(&ports[i], list)
	}
	return nil
}

// setPort is "bridge link set".
func (p *bridgeTool) setPort(args []string) error {
	dev := ""
	var rest []string
	for i := 0; i+1 < len(args); i += 2 {
		switch {
		case args[i] == "dev":
			dev = args[i+1]
		case args[i] == "group_fwd_mask", strings.HasPrefix(args[i], "proxy"), args[i] == "backup_port",
			args[i] == "mcast_fast_leave", findKindOption(portOptions(), args[i]) == nil:
			return ipLacks("'link set ... " + args[i] + "'")
		case args[i] == "state":
			// "bridge link show" prints the same names.
			state := args[i+1]
			for n := range uint32(5) {
				if strings.EqualFold(portState(n), state) {
					state = strconv.Itoa(int(n))
				}
			}
			rest = append(rest, "state", state)
		default:
			rest = append(rest, args[i], args[i+1])
		}
	}
	if len(args)%2 != 0 {
		return ipLacks("'link set ... " + args[len(args)-1] + "'")
	}
	if dev == "" {
		return p.fail(ipUsage, "Device is a required argument.")
	}
	data, err := p.tableData("bridge_slave", portOptions(), rest)
	if err != nil {
		return bridgeRefused(err)
	}
	conn, err := p.open()
	if err != nil {
		return err
	}
	l, err := conn.link(dev)
	if err != nil {
		return p.fail(ipUsage, "Cannot find bridge device \"%s\"", dev)
	}
	body := ifInfo(unix.AF_BRIDGE, l.index, 0, 0)
	return p.do(unix.RTM_SETLINK, 0, attr(body, unix.IFLA_PROTINFO|unix.NLA_F_NESTED, data))
}

// bridgeRefused turns status 1 of ip into the status of bridge(8), which is -EINVAL.
func bridgeRefused(err error) error {
	if errors.Is(err, ipFailed) {
		return ipExit(0x100 - unix.EINVAL)
	}
	return err
}

// ports lists the ports of bridges: all of them, or the port with a name. mask selects the
// extended information.
func (p *bridgeTool) ports(dev string, mask uint32) (*linkList, []netLink, error) {
	conn, err := p.open()
	if err != nil {
		return nil, nil, err
	}
	var index int32
	if dev != "" {
		l, err := conn.link(dev)
		if err != nil {
			return nil, nil, p.fail(ipUsage, "Cannot find device \"%s\"", dev)
		}
		index = l.index
	}
	links, err := conn.links(unix.AF_PACKET)
	if err != nil {
		return nil, nil, err
	}
	body := ifInfo(unix.AF_BRIDGE, 0, 0, 0)
	if mask != 0 {
		body = attrUint32(body, unix.IFLA_EXT_MASK, mask)
	}
	bodies, err := conn.do(unix.RTM_GETLINK, unix.NLM_F_DUMP, body)
	if err != nil {
		return nil, nil, err
	}
	var ports []netLink
	for _, b := range bodies {
		if len(b) < unix.SizeofIfInfomsg || b[0] != unix.AF_BRIDGE {
			continue
		}
		if l := parseLink(b); index == 0 || l.index == index {
			ports = append(ports, l)
		}
	}
	return &linkList{p: p.ipCall, links: links}, ports, nil
}

func (p *bridgeTool) writePort(l *netLink, list *linkList) {
	fmt.Fprintf(p.w, "%d: %s: %s mtu %d ", l.index, list.fullName(l), list.flagsOf(l), l.mtu)
	if l.master != 0 {
		p.w.WriteString("master " + list.nameOf(int32(l.master)) + " ")
	}
	info, ok := findAttr(l.more, unix.IFLA_PROTINFO)
	data := attributes(info.value)
	if ok {
		p.writeOptions(list, data, "state", "priority", "cost")
		if p.details {
			p.w.WriteString(p.newline() + "    ")
			p.writeOptions(list, data, "hairpin", "guard", "root_block", "fastleave", "learning",
				"flood", "mcast_flood", "bcast_flood", "mcast_router", "mcast_to_unicast",
				"neigh_suppress", "vlan_tunnel", "isolated", "locked", "backup_port")
		}
	}
	p.w.WriteByte('\n')
}

func (p *bridgeTool) writeOptions(list *linkList, data []nlAttribute, names ...string) {
	for _, name := range names {
		o := findKindOption(portOptions(), name)
		if a, ok := findAttr(data, o.attr); ok {
			p.w.WriteString(name + " " + list.optionText(*o, a) + " ")
		}
	}
}

// Attributes and flags from linux/if_bridge.h.
const (
	bridgeFlags    = 0 // IFLA_BRIDGE_FLAGS
	bridgeVlanInfo = 2 // IFLA_BRIDGE_VLAN_INFO

	vlanPVID     = 1 << 1
	vlanUntagged = 1 << 2
	vlanBegin    = 1 << 3
	vlanEnd      = 1 << 4
)

// bridgeVlan is "bridge vlan".
func (p *bridgeTool) bridgeVlan(args []string) error {
	word, args, err := p.verb("bridge vlan", args, "add", "delete", "show", "lst", "list",
		"tunnelshow", "set", "global", "help")
	if err != nil {
		return err
	}
	switch word {
	case "add":
		return p.changeVlan(unix.RTM_SETLINK, args)
	case "delete":
		return p.changeVlan(unix.RTM_DELLINK, args)
	case "show", "lst", "list":
		return p.showVlans(args)
	}
	return ipLacks("'vlan " + word + "'")
}

// A vlanRequest holds the words after "add" or "del".
type vlanRequest struct {
	dev         string
	first, last int
	ranged      bool
	flags, self uint16
}

func (p *bridgeTool) vlanWords(args []string) (*vlanRequest, error) {
	r := &vlanRequest{first: -1}
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch word {
		case "self":
			r.self |= 2
		case "master":
			r.self |= 1
		case "pvid":
			r.flags |= vlanPVID
		case "untagged":
			r.flags |= vlanUntagged
		case "dev", "vid":
			if len(args) == 0 {
				return nil, p.incomplete()
			}
			if word == "dev" {
				r.dev = args[0]
			} else if err := p.vlanIDs(r, args[0]); err != nil {
				return nil, err
			}
			args = args[1:]
		default:
			return nil, ipLacks("'vlan ... " + word + "'")
		}
	}
	return r, nil
}

// vlanIDs reads one VLAN ID, or two with a hyphen between them.
func (p *bridgeTool) vlanIDs(r *vlanRequest, text string) error {
	first, last, ranged := strings.Cut(text, "-")
	r.first, r.ranged = leadingNumber(first), ranged
	if r.first >= 4096 {
		return p.fail(ipUsage, "Invalid VLAN ID \"%s\"", text)
	}
	if !ranged {
		return nil
	}
	switch r.last = leadingNumber(last); {
	case r.last >= 4096:
		return p.fail(ipUsage, "Invalid VLAN range \"%s\"", text)
	case r.first >= r.last:
		return p.fail(ipUsage, "Invalid VLAN range \"%s\"", text)
	}
	return nil
}

// leadingNumber is atoi(3): it returns the number at the start of a text, or 0.
func leadingNumber(s string) int {
	end := 0
	for end < len(s) && end < 9 && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(s[:end])
	return n
}

func (p *bridgeTool) changeVlan(kind uint16, args []string) error {
	r, err := p.vlanWords(args)
	if err != nil {
		return err
	}
	if r.dev == "" || r.first < 0 {
		return p.fail(ipUsage, "Device and VLAN ID are required arguments.")
	}
	conn, err := p.open()
	if err != nil {
		return err
	}
	l, err := conn.link(r.dev)
	if err != nil {
		return p.fail(ipUsage, "Cannot find bridge device \"%s\"", r.dev)
	}
	if r.ranged && r.flags&vlanPVID != 0 {
		return p.fail(ipUsage, "pvid cannot be configured for a vlan range")
	}
	var spec []byte
	if r.self != 0 {
		spec = attrUint16(spec, bridgeFlags, r.self)
	}
	add := func(flags uint16, id int) {
		info := binary.NativeEndian.AppendUint16(nil, r.flags|flags)
		spec = attr(spec, bridgeVlanInfo, binary.NativeEndian.AppendUint16(info, uint16(id)))
	}
	if r.ranged {
		add(vlanBegin, r.first)
		add(vlanEnd, r.last)
	} else {
		add(0, r.first)
	}
	return p.do(kind, 0, attr(ifInfo(unix.AF_BRIDGE, l.index, 0, 0), unix.IFLA_AF_SPEC, spec))
}

func (p *bridgeTool) showVlans(args []string) error {
	if p.details || p.stats {
		return ipLacks("details and statistics of VLANs")
	}
	values, err := p.only(args, "dev", "vid")
	if err != nil {
		return err
	}
	only := -1
	if text, ok := values["vid"]; ok {
		n, err := strconv.ParseUint(text, 0, 16)
		if err != nil || n >= 4096 {
			return ipLacks("VLAN '" + text + "'")
		}
		only = int(n)
	}
	const vlans, compressed = 2, 4 // RTEXT_FILTER_BRVLAN
	mask := uint32(vlans)
	if p.compress {
		mask = compressed
	}
	_, ports, err := p.ports(values["dev"], mask)
	if err != nil {
		return err
	}
	p.w.WriteString("port              vlan-id  \n")
	for i := range ports {
		p.writeVlans(&ports[i], only)
	}
	return nil
}

// writeVlans lists the VLANs of a port; only selects one VLAN, and -1 selects all. The kernel
// sends a range as two entries.
func (p *bridgeTool) writeVlans(l *netLink, only int) {
	spec, _ := findAttr(l.more, unix.IFLA_AF_SPEC)
	name, first := l.name, 0
	for _, a := range attributes(spec.value) {
		if a.kind != bridgeVlanInfo || len(a.value) < 4 {
			continue
		}
		flags := binary.NativeEndian.Uint16(a.value)
		last := int(binary.NativeEndian.Uint16(a.value[2:]))
		if flags&vlanBegin != 0 {
			first = last
			continue
		}
		if flags&vlanEnd == 0 {
			first = last
		}
		if only >= 0 && (only < first || only > last) {
			continue
		}
		fmt.Fprintf(p.w, "%-17s %d", name, first)
		if name = ""; last > first {
			fmt.Fprintf(p.w, "-%d", last)
		}
		if flags&vlanPVID != 0 {
			p.w.WriteString(" PVID")
		}
		if flags&vlanUntagged != 0 {
			p.w.WriteString(" Egress Untagged")
		}
		p.w.WriteString(p.newline())
	}
}
