package network

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// fdb is "bridge fdb": it handles the addresses that a bridge or another link knows.
func (p *bridgeTool) fdb(args []string) error {
	word, args, err := p.verb("bridge fdb", args, "add", "append", "replace", "delete", "get", "show",
		"lst", "list", "flush", "help")
	if err != nil {
		return err
	}
	switch word {
	case "add":
		return p.changeFDB(unix.RTM_NEWNEIGH, unix.NLM_F_CREATE|unix.NLM_F_EXCL, args)
	case "append":
		return p.changeFDB(unix.RTM_NEWNEIGH, unix.NLM_F_CREATE|unix.NLM_F_APPEND, args)
	case "replace":
		return p.changeFDB(unix.RTM_NEWNEIGH, unix.NLM_F_CREATE|unix.NLM_F_REPLACE, args)
	case "delete":
		return p.changeFDB(unix.RTM_DELNEIGH, 0, args)
	case "show", "lst", "list":
		return p.showFDB(args)
	}
	return ipLacks("'fdb " + word + "'")
}

// ntfSticky is NTF_STICKY, the flag of an address that stays at its port.
const ntfSticky = 0x40

// An fdbRequest holds the words after "add" or "del".
type fdbRequest struct {
	dev     string
	address string
	flags   byte
	state   uint16
	vlan    int
}

func (p *bridgeTool) fdbWords(args []string) (*fdbRequest, error) {
	r := &fdbRequest{state: unix.NUD_NOARP, vlan: -1}
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch word {
		case "self":
			r.flags |= unix.NTF_SELF
		case "master":
			r.flags |= unix.NTF_MASTER
		case "router":
			r.flags |= unix.NTF_ROUTER
		case "use":
			r.flags |= unix.NTF_USE
		case "extern_learn":
			r.flags |= unix.NTF_EXT_LEARNED
		case "sticky":
			r.flags |= ntfSticky
		case "local", "permanent":
			r.state |= unix.NUD_PERMANENT
		case "temp", "static":
			r.state |= unix.NUD_REACHABLE
		case "dynamic":
			r.state = r.state&^unix.NUD_NOARP | unix.NUD_REACHABLE
		case "dst", "nhid", "port", "vni", "via", "src_vni", "help":
			return nil, ipLacks("'fdb ... " + word + "'")
		case "dev", "vlan", "to":
			if len(args) == 0 {
				return nil, p.incomplete()
			}
			if err := p.fdbWord(r, word, args[0]); err != nil {
				return nil, err
			}
			args = args[1:]
		default:
			if err := p.fdbWord(r, "to", word); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

func (p *bridgeTool) fdbWord(r *fdbRequest, word, value string) error {
	switch word {
	case "dev":
		r.dev = value
	case "vlan":
		n, err := strconv.ParseUint(value, 0, 16)
		if err != nil || r.vlan >= 0 {
			return ipLacks("'vlan " + value + "'")
		}
		r.vlan = int(n)
	default:
		if r.address != "" {
			return p.fail(ipUsage, "Error: either \"to\" is duplicate, or \"%s\" is a garbage.", value)
		}
		r.address = value
	}
	return nil
}

func (p *bridgeTool) changeFDB(kind, flags uint16, args []string) error {
	r, err := p.fdbWords(args)
	if err != nil {
		return err
	}
	if r.dev == "" || r.address == "" {
		return p.fail(ipUsage, "Device and address are required arguments.")
	}
	if r.flags&(unix.NTF_SELF|unix.NTF_MASTER) == 0 {
		r.flags |= unix.NTF_SELF
	}
	if r.state&(unix.NUD_PERMANENT|unix.NUD_REACHABLE) == 0 {
		r.state |= unix.NUD_PERMANENT
	}
	address, ok := sixBytes(r.address)
	if !ok {
		return p.fail(ipUsage, "Invalid mac address %s", r.address)
	}
	conn, err := p.open()
	if err != nil {
		return err
	}
	l, err := conn.link(r.dev)
	if err != nil {
		return p.fail(ipUsage, "Cannot find device \"%s\"", r.dev)
	}
	body := neighborHeader(unix.AF_BRIDGE, l.index, r.state, r.flags, 0)
	body = attr(body, unix.NDA_LLADDR, address)
	if r.vlan >= 0 {
		body = attrUint16(body, unix.NDA_VLAN, uint16(r.vlan))
	}
	return p.do(kind, flags, body)
}

// sixBytes reads an Ethernet address as sscanf(3) does. It reads six hexadecimal numbers with
// colons between them, keeps the low 8 bits of each, and ignores what follows.
func sixBytes(s string) (address []byte, ok bool) {
	for i := range 6 {
		if i > 0 {
			if s, ok = strings.CutPrefix(s, ":"); !ok {
				return nil, false
			}
		}
		digits := len(s) - len(strings.TrimLeft(s, "0123456789abcdefABCDEF"))
		n, err := strconv.ParseUint(s[:digits], 16, 64)
		if err != nil {
			return nil, false
		}
		address, s = append(address, byte(n)), s[digits:]
	}
	return address, true
}

func (p *bridgeTool) showFDB(args []string) error {
	dynamic := len(args) > 0 && args[len(args)-1] == "dynamic"
	if dynamic {
		args = args[:len(args)-1]
	}
	values, err := p.only(args, "br", "brport", "dev", "vlan")
	if err != nil {
		return err
	}
	vlan := -1
	if text, ok := values["vlan"]; ok {
		n, err := strconv.ParseUint(text, 10, 12)
		if err != nil {
			return ipLacks("'vlan " + text + "'")
		}
		vlan = int(n)
	}
	dev := values["brport"]
	if dev == "" {
		dev = values["dev"]
	}
	conn, err := p.open()
	if err != nil {
		return err
	}
	index, err := p.fdbDevice(dev, "Cannot find device")
	if err != nil {
		return err
	}
	bridge, err := p.fdbDevice(values["br"], "Cannot find bridge device")
	if err != nil {
		return err
	}
	body := ifInfo(unix.AF_BRIDGE, index, 0, 0)
	if bridge != 0 {
		body = attrUint32(body, unix.IFLA_MASTER, uint32(bridge))
	}
	bodies, err := conn.do(unix.RTM_GETNEIGH, unix.NLM_F_DUMP, body)
	if err != nil {
		return err
	}
	return p.listFDB(bodies, index, vlan, dynamic)
}

// fdbDevice returns the index of a device, or 0 without a name.
func (p *bridgeTool) fdbDevice(name, complaint string) (int32, error) {
	if name == "" {
		return 0, nil
	}
	l, err := p.conn.link(name)
	if err != nil {
		return 0, p.fail(ipUsage, complaint+" \"%s\"", name)
	}
	return l.index, nil
}

func (p *bridgeTool) listFDB(bodies [][]byte, index int32, vlan int, dynamic bool) error {
	links, err := p.conn.links(unix.AF_PACKET)
	if err != nil {
		return err
	}
	list := &linkList{p: p.ipCall, links: links}
	var entries []netNeighbor
	for _, b := range bodies {
		if len(b) < sizeofNdMsg {
			continue
		}
		n := parseNeighbor(b)
		switch {
		case n.family != unix.AF_BRIDGE, index != 0 && n.index != index,
			vlan >= 0 && int(n.vlan) != vlan, dynamic && n.state&unix.NUD_PERMANENT != 0:
			continue
		case n.others || n.dst != nil || n.protocol != 0:
			return ipLacks("such an entry")
		}
		entries = append(entries, n)
	}
	for i := range entries {
		p.writeFDB(&entries[i], list, index != 0)
	}
	return nil
}

func (p *bridgeTool) writeFDB(n *netNeighbor, list *linkList, oneDevice bool) {
	const ticks = 100 // USER_HZ
	p.w.WriteString(linkAddressText(n.lladdr) + " ")
	if !oneDevice {
		p.w.WriteString("dev " + list.nameOf(n.index) + " ")
	}
	if n.vlan != 0 {
		fmt.Fprintf(p.w, "vlan %d ", n.vlan)
	}
	if p.stats && len(n.times) > 2 {
		fmt.Fprintf(p.w, "used %d/%d ", n.times[1]/ticks, n.times[2]/ticks)
	}
	for _, f := range [...]struct {
		bit  byte
		name string
	}{
		{unix.NTF_SELF, "self "}, {unix.NTF_ROUTER, "router "}, {unix.NTF_EXT_LEARNED, "extern_learn "},
		{unix.NTF_OFFLOADED, "offload "}, {ntfSticky, "sticky "},
	} {
		if n.flags&f.bit != 0 {
			p.w.WriteString(f.name)
		}
	}
	if n.master != 0 {
		p.w.WriteString("master " + list.nameOf(int32(n.master)) + " ")
	}
	p.w.WriteString(fdbState(n.state) + "\n")
}

func fdbState(state uint16) string {
	switch {
	case state&unix.NUD_PERMANENT != 0:
		return "permanent"
	case state&unix.NUD_NOARP != 0:
		return "static"
	case state&unix.NUD_STALE != 0:
		return "stale"
	case state&unix.NUD_REACHABLE != 0:
		return ""
	}
	return fmt.Sprintf("state=%#x", state)
}
