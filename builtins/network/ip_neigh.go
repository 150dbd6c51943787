package network

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// neighbor is "ip neighbor", see ip-neighbour(8).
func (p *ipCall) neighbor(args []string) error {
	word, args, err := p.verb("ip neigh", args, "add", "change", "chg", "replace", "delete",
		"get", "show", "lst", "list", "flush", "help")
	if err != nil {
		return err
	}
	switch word {
	case "add":
		return p.changeNeighbor(unix.RTM_NEWNEIGH, unix.NLM_F_CREATE|unix.NLM_F_EXCL, args)
	case "change", "chg":
		return p.changeNeighbor(unix.RTM_NEWNEIGH, unix.NLM_F_REPLACE, args)
	case "replace":
		return p.changeNeighbor(unix.RTM_NEWNEIGH, unix.NLM_F_CREATE|unix.NLM_F_REPLACE, args)
	case "delete":
		return p.changeNeighbor(unix.RTM_DELNEIGH, 0, args)
	case "show", "lst", "list":
		return p.showNeighbors(args)
	case "flush":
		return p.flushNeighbors(args)
	}
	return ipLacks("'neigh " + word + "'")
}

// neighborStates returns the states of a neighbour. Each state is a bit.
func neighborStates() []string {
	return []string{"incomplete", "reachable", "stale", "delay", "probe", "failed", "noarp",
		"permanent"}
}

// neighborState reads the name or the number of a state.
func neighborState(s string) (state uint16, ok bool) {
	if s == "none" {
		return 0, true
	}
	if i := indexOf(neighborStates(), s); i >= 0 {
		return 1 << i, true
	}
	n, err := strconv.ParseUint(s, 0, 8)
	return uint16(n), err == nil
}

// neighborHeader returns a struct ndmsg.
func neighborHeader(family uint8, index int32, state uint16, flags, kind byte) []byte {
	b := []byte{family, 0, 0, 0}
	b = binary.NativeEndian.AppendUint32(b, uint32(index))
	b = binary.NativeEndian.AppendUint16(b, state)
	return append(b, flags, kind)
}

// A neighborRequest holds the words after "add", "change", "replace" or "delete".
type neighborRequest struct {
	to      *ipPrefix
	dev     string
	address []byte
	state   uint16
	flags   byte
}

// neighborWords reads the words of a change request.
func (p *ipCall) neighborWords(args []string) (*neighborRequest, error) {
	r := &neighborRequest{state: unix.NUD_PERMANENT}
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch word {
		case "router":
			r.flags |= unix.NTF_ROUTER
			continue
		case "use":
			r.flags |= unix.NTF_USE
			continue
		case "extern_learn":
			r.flags |= unix.NTF_EXT_LEARNED
			continue
		case "managed", "protocol", "help":
			return nil, ipLacks("'neigh ... " + word + "'")
		case "lladdr", "nud", "proxy", "dev", "to":
			if len(args) == 0 {
				return nil, p.incomplete()
			}
			if err := p.neighborWord(r, word, args[0]); err != nil {
				return nil, err
			}
			args = args[1:]
			continue
		}
		if err := p.neighborWord(r, "to", word); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (p *ipCall) neighborWord(r *neighborRequest, word, value string) (err error) {
	switch word {
	case "dev":
		r.dev = value
	case "lladdr":
		r.address, err = p.hardwareAddress(value)
	case "nud":
		var ok bool
		if r.state, ok = neighborState(value); !ok {
			return p.wrong(value, "nud state is bad")
		}
	default:
		if word == "proxy" {
			r.flags |= unix.NTF_PROXY
		}
		if r.to != nil {
			return p.fail(ipUsage, "Error: either \"to\" is duplicate, or \"%s\" is a garbage.", value)
		}
		prefix, ok := parsePrefix(value, p.family)
		if !ok || prefix.hasBits {
			return p.fail(ipFailed, "Error: %s address is expected rather than \"%s\".",
				p.familyName(), value)
		}
		r.to = &prefix
	}
	return err
}

// familyName returns the family of -4 or -6 for messages.
func (p *ipCall) familyName() string {
	switch p.family {
	case unix.AF_INET:
		return "inet"
	case unix.AF_INET6:
		return "inet6"
	}
	return "any valid"
}

func (p *ipCall) changeNeighbor(kind, flags uint16, args []string) error {
	r, err := p.neighborWords(args)
	if err != nil {
		return err
	}
	if r.dev == "" || r.to == nil {
		return p.fail(ipUsage, "Device and destination are required arguments.")
	}
	l, err := p.device(r.dev)
	if err != nil {
		return err
	}
	body := neighborHeader(r.to.family, l.index, r.state, r.flags, 0)
	body = attr(body, unix.NDA_DST, r.to.address)
	if r.address != nil {
		body = attr(body, unix.NDA_LLADDR, r.address)
	}
	return p.do(kind, flags, body)
}

// A neighborFilter selects the neighbours to show or flush.
type neighborFilter struct {
	to     *ipPrefix
	index  int32
	state  uint16
	any    bool // "none" is among the states
	given  bool
	unused bool
	proxy  bool
}

// neighborFilter reads the words after "show" and "flush".
func (p *ipCall) neighborFilter(args []string, normal uint16) (*neighborFilter, error) {
	f := &neighborFilter{state: normal}
	for len(args) > 0 {
		word, value := args[0], ""
		args = args[1:]
		switch word {
		case "unused":
			f.unused = true
			continue
		case "proxy":
			f.proxy = true
			continue
		case "nomaster", "master", "vrf", "protocol", "help":
			return nil, ipLacks("'neigh show " + word + "'")
		case "dev", "to", "nud":
			if len(args) == 0 {
				return nil, p.incomplete()
			}
			value, args = args[0], args[1:]
		default:
			word, value = "to", word
		}
		if err := p.neighborFilterWord(f, word, value); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (p *ipCall) neighborFilterWord(f *neighborFilter, word, value string) error {
	switch word {
	case "dev":
		l, err := p.device(value)
		if f.index = l.index; err != nil {
			return err
		}
	case "nud":
		if !f.given {
			f.given, f.state = true, 0
		}
		state, ok := neighborState(value)
		if value == "all" {
			f.state, f.any = 0xff, true
		} else if !ok {
			return p.wrong(value, "nud state is bad")
		} else if f.state |= state; state == 0 {
			f.any = true
		}
	default:
		if value == "all" || value == "any" || value == "default" {
			return nil
		}
		prefix, ok := parsePrefix(value, p.family)
		if !ok {
			return p.fail(ipFailed, "Error: %s prefix is expected rather than \"%s\".",
				p.familyName(), value)
		}
		f.to, p.family = &prefix, prefix.family
	}
	return nil
}

// A netNeighbor is a neighbour, or an entry of the forwarding table of a bridge, as the kernel
// reports it.
type netNeighbor struct {
	header      []byte
	family      uint8
	index       int32
	state       uint16
	flags       byte
	dst, lladdr []byte
	times       []uint32 // confirmed, used, updated, references
	probes      uint32
	hasProbes   bool
	protocol    byte
	master      uint32
	vlan        uint32
	others      bool // it has properties that only iproute2 can show
}

const sizeofNdMsg = 12

func parseNeighbor(b []byte) netNeighbor {
	n := netNeighbor{header: b[:sizeofNdMsg], family: b[0],
		index: int32(binary.NativeEndian.Uint32(b[4:])),
		state: binary.NativeEndian.Uint16(b[8:]), flags: b[10]}
	const protocol, flagsExt = 12, 15
	for _, a := range attributes(b[sizeofNdMsg:]) {
		switch a.kind {
		case unix.NDA_DST:
			n.dst = a.value
		case unix.NDA_LLADDR:
			n.lladdr = a.value
		case unix.NDA_CACHEINFO:
			for v := a.value; len(v) >= 4; v = v[4:] {
				n.times = append(n.times, binary.NativeEndian.Uint32(v))
			}
		case unix.NDA_PROBES:
			n.probes, n.hasProbes = a.number(), true
		case unix.NDA_MASTER:
			n.master = a.number()
		case unix.NDA_VLAN:
			n.vlan = a.number()
		case protocol:
			n.protocol = byte(a.number())
		case flagsExt:
			n.others = n.others || a.number() != 0
		default:
			n.others = true
		}
	}
	return n
}

// neighbors lists the neighbours that a filter selects.
func (p *ipCall) neighbors(f *neighborFilter) ([]netNeighbor, error) {
	conn, err := p.open()
	if err != nil {
		return nil, err
	}
	var flags byte
	if f.proxy {
		flags = unix.NTF_PROXY
	}
	bodies, err := conn.do(unix.RTM_GETNEIGH, unix.NLM_F_DUMP,
		neighborHeader(p.family, 0, 0, flags, 0))
	if err != nil {
		return nil, err
	}
	var list []netNeighbor
	for _, b := range bodies {
		if len(b) < sizeofNdMsg {
			continue
		}
		if n := parseNeighbor(b); f.takes(&n, p.family) {
			list = append(list, n)
		}
	}
	return list, nil
}

func (f *neighborFilter) takes(n *netNeighbor, family uint8) bool {
	switch {
	case family != 0 && n.family != family, n.family != unix.AF_INET && n.family != unix.AF_INET6,
		f.index != 0 && n.index != f.index:
		return false
	case f.state&n.state == 0 && n.flags&(unix.NTF_PROXY|unix.NTF_EXT_LEARNED) == 0 &&
		(n.state != 0 || !f.any):
		return false
	case f.to != nil && !samePrefix(n.dst, f.to.address, f.to.bits):
		return false
	case f.unused && len(n.times) > 3 && n.times[3] != 0:
		return false
	}
	return true
}

// samePrefix reports whether the first bits of two addresses are equal.
func samePrefix(a, b []byte, bits int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		mask := byte(0xff << (8 - min(8, max(0, bits-8*i))))
		if (a[i]^b[i])&mask != 0 {
			return false
		}
	}
	return true
}

func (p *ipCall) showNeighbors(args []string) error {
	const noARP = unix.NUD_NOARP
	f, err := p.neighborFilter(args, 0xff&^noARP)
	if err != nil {
		return err
	}
	neighbors, err := p.neighbors(f)
	if err != nil {
		return err
	}
	links, err := p.conn.links(unix.AF_PACKET)
	if err != nil {
		return err
	}
	list := &linkList{p: p, links: links}
	for i := range neighbors {
		if neighbors[i].others {
			return ipLacks("such a neighbour")
		}
	}
	for i := range neighbors {
		p.writeNeighbor(&neighbors[i], list, f)
	}
	return nil
}

func (p *ipCall) writeNeighbor(n *netNeighbor, list *linkList, f *neighborFilter) {
	dev := ""
	if f.index == 0 {
		dev = list.nameOf(n.index)
	}
	address := ""
	if n.lladdr != nil {
		address = linkAddressText(n.lladdr)
	}
	if p.brief {
		fmt.Fprintf(p.w, "%-39s ", ipText(n.dst))
		if f.index == 0 {
			fmt.Fprintf(p.w, "%-16s ", dev)
		}
		p.w.WriteString(address + "\n")
		return
	}
	p.w.WriteString(ipText(n.dst) + " ")
	if dev != "" {
		p.w.WriteString("dev " + dev + " ")
	}
	if n.lladdr != nil {
		p.w.WriteString("lladdr " + address + " ")
	}
	for _, name := range flagNames(n.flags) {
		p.w.WriteString(name + " ")
	}
	if p.stats {
		p.writeNeighborTimes(n)
	}
	for i, name := range neighborStates() {
		if n.state&(1<<i) != 0 {
			p.w.WriteString(strings.ToUpper(name) + " ")
		}
	}
	if n.protocol != 0 {
		p.w.WriteString("proto " + routeProtocol(n.protocol) + " ")
	}
	p.w.WriteByte('\n')
}

// flagNames returns the names of the neighbour flags that ip shows.
func flagNames(flags byte) (names []string) {
	for _, f := range [...]struct {
		bit  byte
		name string
	}{
		{unix.NTF_ROUTER, "router"}, {unix.NTF_PROXY, "proxy"},
		{unix.NTF_EXT_LEARNED, "extern_learn"}, {unix.NTF_OFFLOADED, "offload"},
	} {
		if flags&f.bit != 0 {
			names = append(names, f.name)
		}
	}
	return names
}

func (p *ipCall) writeNeighborTimes(n *netNeighbor) {
	const ticks = 100 // USER_HZ
	if len(n.times) > 3 {
		if n.times[3] != 0 {
			fmt.Fprintf(p.w, " ref %d ", n.times[3])
		}
		fmt.Fprintf(p.w, " used %d/%d/%d", n.times[1]/ticks, n.times[0]/ticks, n.times[2]/ticks)
	}
	if n.hasProbes {
		fmt.Fprintf(p.w, "probes %d ", n.probes)
	}
}

// flushNeighbors removes the neighbours that a listing would show, except for permanent ones.
func (p *ipCall) flushNeighbors(args []string) error {
	if len(args) == 0 {
		return p.fail(ipFailed, "Flush requires arguments.")
	}
	if p.stats {
		return ipLacks("option '-s'")
	}
	const normal = 0xff &^ (unix.NUD_PERMANENT | unix.NUD_NOARP)
	f, err := p.neighborFilter(args, normal)
	if err != nil {
		return err
	}
	const rounds = 10 // the table may fill again meanwhile
	for range rounds {
		list, err := p.neighbors(f)
		if err != nil || len(list) == 0 {
			return err
		}
		for i := range list {
			n := &list[i]
			body := attr(append([]byte(nil), n.header...), unix.NDA_DST, n.dst)
			// An entry that has gone, or that cannot be removed, is left to the next round.
			_ = p.do(unix.RTM_DELNEIGH, 0, body)
		}
	}
	return nil
}
