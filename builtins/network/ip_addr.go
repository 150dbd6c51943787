package network

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// address is "ip address".
func (p *ipCall) address(args []string) error {
	word, args, err := p.verb("ip address", args, "add", "change", "chg", "replace", "delete",
		"show", "lst", "list", "flush", "save", "showdump", "restore", "help")
	if err != nil {
		return err
	}
	switch word {
	case "show", "lst", "list":
		return p.showAddresses(args)
	case "add":
		return p.changeAddress(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL, args)
	case "replace":
		return p.changeAddress(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_REPLACE, args)
	case "delete":
		return p.changeAddress(unix.RTM_DELADDR, 0, args)
	}
	return ipLacks("'address " + word + "'")
}

// An ipPrefix is an address and the length of its prefix.
type ipPrefix struct {
	family  uint8
	address []byte
	bits    int
	hasBits bool
}

// parsePrefix reads a prefix such as 10.0.0.1/24 or fd00::1. It fills a short IPv4 address with
// zeros.
func parsePrefix(s string, family uint8) (ipPrefix, bool) {
	text, length, has := strings.Cut(s, "/")
	p := ipPrefix{family: unix.AF_INET, hasBits: has}
	var ok bool
	if strings.Contains(text, ":") {
		p.family = unix.AF_INET6
		p.address, ok = parseIPv6(text)
	} else {
		p.address, ok = parseIPv4(text)
	}
	p.bits = len(p.address) * 8
	if !ok || family != 0 && family != p.family {
		return p, false
	}
	if has {
		n, ok := prefixLength(length)
		if !ok || n > p.bits {
			return p, false
		}
		p.bits = n
	}
	return p, true
}

// prefixLength reads the part after the slash: 24, 0x18 or 255.255.255.0. A netmask may also
// follow an IPv6 address.
func prefixLength(s string) (int, bool) {
	if n, err := strconv.ParseInt(s, 0, 9); err == nil && n >= 0 {
		return int(n), true
	}
	mask, ok := parseIPv4(s)
	if !ok {
		return 0, false
	}
	zeros := ^binary.BigEndian.Uint32(mask)
	return 32 - bits.Len32(zeros), zeros&(zeros+1) == 0
}

func parseIPv4(s string) ([]byte, bool) {
	address := make([]byte, 0, 4)
	for part := range strings.SplitSeq(s, ".") {
		n, err := strconv.ParseUint(part, 0, 8)
		if err != nil || len(address) == 4 {
			return nil, false
		}
		address = append(address, byte(n))
	}
	return address[:4], true
}

func parseIPv6(s string) ([]byte, bool) {
	head, tail, gap := strings.Cut(s, "::")
	front, ok := parseGroups(head)
	back, okBack := parseGroups(tail)
	n := len(front) + len(back)
	if !ok || !okBack || n > 16 || gap == (n == 16) {
		return nil, false
	}
	address := make([]byte, 16)
	copy(address, front)
	copy(address[16-len(back):], back)
	return address, true
}

func parseGroups(s string) (b []byte, ok bool) {
	if s == "" {
		return nil, true
	}
	for part := range strings.SplitSeq(s, ":") {
		if strings.Contains(part, ".") {
			four, ok := parseIPv4(part)
			return append(b, four...), ok && strings.HasSuffix(s, part)
		}
		n, err := strconv.ParseUint(part, 16, 16)
		if err != nil {
			return nil, false
		}
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	return b, true
}

// ipText formats an address as inet_ntop(3) does. In an IPv6 address, it leaves out the longest
// run of at least two groups of zeros.
func ipText(a []byte) string {
	if len(a) == 4 {
		return fmt.Sprintf("%d.%d.%d.%d", a[0], a[1], a[2], a[3])
	}
	if len(a) != 16 {
		return "???"
	}
	var groups [8]uint16
	best, run := -1, 1
	for i := range groups {
		groups[i] = binary.BigEndian.Uint16(a[2*i:])
	}
	for i := 0; i < 8; i++ {
		n := 0
		for i+n < 8 && groups[i+n] == 0 {
			n++
		}
		if n > run {
			best, run = i, n
		}
	}
	var b strings.Builder
	for i := 0; i < 8; i++ {
		if i == best {
			b.WriteString("::")
			i += run - 1
			continue
		}
		if i > 0 && i != best+run {
			b.WriteByte(':')
		}
		b.WriteString(strconv.FormatUint(uint64(groups[i]), 16))
	}
	return b.String()
}

// changeAddress is "ip address add", "replace" and "delete".
func (p *ipCall) changeAddress(kind, flags uint16, args []string) error {
	a := &addressRequest{scope: -1}
	for len(args) > 0 {
		word := ipWord(args[0], "peer", "broadcast", "brd", "scope", "dev", "label", "local")
		flag := addressFlag(args[0])
		switch {
		case flag == unix.IFA_F_NODAD && a.local.family != unix.AF_INET6:
			return ipLacks("'address ... nodad' before an IPv6 address")
		case flag != 0:
			a.flags |= flag
			args = args[1:]
			continue
		case len(args[0]) < 2 || word == "":
			word = "local"
		case len(args) < 2:
			return p.incomplete()
		default:
			args = args[1:]
		}
		if err := p.addressWord(a, word, args[0]); err != nil {
			return err
		}
		args = args[1:]
	}
	if a.dev == "" {
		return p.fail(ipFailed, "Not enough information: \"dev\" argument is required.")
	}
	if a.local.address == nil {
		return ipLacks("no address")
	}
	l, err := p.device(a.dev)
	if err != nil {
		return err
	}
	return p.do(kind, flags, a.body(l.index, kind))
}

// addressFlag returns the flag that a word of "ip address add" sets.
func addressFlag(word string) uint32 {
	switch word {
	case "nodad":
		return unix.IFA_F_NODAD
	case "noprefixroute":
		return unix.IFA_F_NOPREFIXROUTE
	}
	return 0
}

// addressWord handles one word and its value.
func (p *ipCall) addressWord(a *addressRequest, word, value string) error {
	switch word {
	case "dev":
		a.dev = value
		return nil
	case "label":
		a.label = value
		return nil
	case "scope":
		if a.scope = scopeNumber(value); a.scope < 0 {
			return ipLacks("scope '" + value + "'")
		}
		return nil
	case "broadcast", "brd":
		if a.plus = value; value == "+" || value == "-" {
			return nil
		}
	case "local":
		if addressToolWord(value) {
			return ipLacks("'address ... " + value + "'")
		}
	}
	prefix, ok := parsePrefix(value, p.family)
	if !ok {
		return p.badPrefix(word, value)
	}
	switch word {
	case "peer":
		a.peer = &prefix
	case "local":
		if a.local.address != nil {
			return p.fail(ipUsage,
				"Error: either \"local\" is duplicate, or \"%s\" is a garbage.", value)
		}
		a.local = prefix
	default:
		a.plus, a.broadcast = "", &prefix
	}
	return nil
}

func (p *ipCall) badPrefix(word, value string) error {
	if word != "local" {
		return ipLacks("address '" + value + "'")
	}
	family := "any valid"
	switch p.family {
	case unix.AF_INET:
		family = "inet"
	case unix.AF_INET6:
		family = "inet6"
	}
	return p.fail(ipFailed, "Error: %s prefix is expected rather than \"%s\".", family, value)
}

func addressToolWord(word string) bool {
	switch word {
	case "anycast", "valid_lft", "preferred_lft", "metric", "priority", "preference", "home",
		"mngtmpaddr", "autojoin", "optimistic", "proto", "help":
		return true
	}
	return false
}

// An addressRequest holds the words after "add" or "delete".
type addressRequest struct {
	dev             string
	local           ipPrefix
	peer, broadcast *ipPrefix
	plus, label     string
	scope           int
	flags           uint32
}

// body returns the message. "brd +" sets the host bits of the broadcast address, "brd -" clears
// them.
func (a *addressRequest) body(index int32, kind uint16) []byte {
	local, remote, bits := a.local.address, a.local.address, a.local.bits
	if a.peer != nil {
		remote, bits = a.peer.address, a.peer.bits
	}
	scope := a.scope
	if scope < 0 {
		if scope = unix.RT_SCOPE_UNIVERSE; len(local) == 4 && local[0] == 127 {
			scope = unix.RT_SCOPE_HOST
		}
	}
	b := []byte{a.local.family, byte(bits), byte(a.flags), byte(scope)}
	b = binary.NativeEndian.AppendUint32(b, uint32(index))
	if a.flags > 0xff { // these flags do not fit into the byte
		b[2] = 0
		b = attr(b, unix.IFA_FLAGS, binary.NativeEndian.AppendUint32(nil, a.flags))
	}
	b = attr(b, unix.IFA_LOCAL, local)
	if kind == unix.RTM_NEWADDR || a.peer != nil || a.local.hasBits {
		b = attr(b, unix.IFA_ADDRESS, remote)
	}
	if a.label != "" {
		b = attrText(b, unix.IFA_LABEL, a.label)
	}
	if a.broadcast != nil {
		return attr(b, unix.IFA_BROADCAST, a.broadcast.address)
	}
	if a.plus != "" && len(local) == 4 && kind == unix.RTM_NEWADDR {
		hosts := uint32(uint64(1)<<(32-bits) - 1)
		n := binary.BigEndian.Uint32(local) | hosts
		if a.plus == "-" {
			n &^= hosts
		}
		b = attr(b, unix.IFA_BROADCAST, binary.BigEndian.AppendUint32(nil, n))
	}
	return b
}

func scopeNumber(s string) int {
	switch s {
	case "global", "universe":
		return unix.RT_SCOPE_UNIVERSE
	case "site":
		return unix.RT_SCOPE_SITE
	case "link":
		return unix.RT_SCOPE_LINK
	case "host":
		return unix.RT_SCOPE_HOST
	case "nowhere":
		return unix.RT_SCOPE_NOWHERE
	}
	return -1
}

func scopeName(scope uint8) string {
	switch scope {
	case unix.RT_SCOPE_UNIVERSE:
		return "global"
	case unix.RT_SCOPE_SITE:
		return "site"
	case unix.RT_SCOPE_LINK:
		return "link"
	case unix.RT_SCOPE_HOST:
		return "host"
	case unix.RT_SCOPE_NOWHERE:
		return "nowhere"
	}
	return strconv.Itoa(int(scope))
}

// A netAddress is an address as the kernel reports it.
type netAddress struct {
	family, bits, scope      uint8
	flags                    uint32
	index                    int32
	local, address           []byte
	broadcast                []byte
	label                    string
	metric, preferred, valid uint32
	hasTimes                 bool
}

func (n *nlConn) addresses(family uint8) ([]netAddress, error) {
	bodies, err := n.do(unix.RTM_GETADDR, unix.NLM_F_DUMP, []byte{family, 0, 0, 0, 0, 0, 0, 0})
	if err != nil {
		return nil, err
	}
	var list []netAddress
	for _, b := range bodies {
		if len(b) < unix.SizeofIfAddrmsg {
			continue
		}
		a := netAddress{family: b[0], bits: b[1], flags: uint32(b[2]), scope: b[3],
			index: int32(binary.NativeEndian.Uint32(b[4:]))}
		for _, t := range attributes(b[unix.SizeofIfAddrmsg:]) {
			a.take(t)
		}
		list = append(list, a)
	}
	return list, nil
}

func (a *netAddress) take(t nlAttribute) {
	const ifaRTPriority = 9
	switch t.kind {
	case unix.IFA_LOCAL:
		a.local = t.value
	case unix.IFA_ADDRESS:
		a.address = t.value
	case unix.IFA_BROADCAST:
		a.broadcast = t.value
	case unix.IFA_LABEL:
		a.label = t.text()
	case unix.IFA_FLAGS:
		a.flags = t.number()
	case ifaRTPriority:
		a.metric = t.number()
	case unix.IFA_CACHEINFO:
		if len(t.value) >= 8 {
			a.preferred = binary.NativeEndian.Uint32(t.value)
			a.valid, a.hasTimes = binary.NativeEndian.Uint32(t.value[4:]), true
		}
	}
}

// prefix formats the local address, the peer if there is one, and the prefix length.
func (a *netAddress) prefix() string {
	local := a.local
	if local == nil {
		local = a.address
	}
	s := ipText(local)
	if a.address != nil && string(a.address) != string(local) {
		s += " peer " + ipText(a.address)
	}
	return s + "/" + strconv.Itoa(int(a.bits))
}

func (p *ipCall) showAddresses(args []string) error {
	f, err := p.parseFilter(args)
	if err != nil {
		return err
	}
	list, err := p.filtered(f, p.family)
	if err != nil {
		return err
	}
	if err := list.knowsDetails(f); err != nil {
		return err
	}
	if p.family == unix.AF_INET6 { // such a listing lacks the queue length
		all, err := p.conn.links(unix.AF_PACKET)
		if err != nil {
			return err
		}
		list.completeFrom(all)
	}
	addresses, err := p.conn.addresses(p.family)
	if err != nil {
		return err
	}
	for i := range list.links {
		l := &list.links[i]
		if !f.takes(l) {
			continue
		}
		var own []netAddress
		for _, a := range addresses {
			if a.index == l.index {
				own = append(own, a)
			}
		}
		if p.family != 0 && len(own) == 0 {
			continue
		}
		p.writeAddresses(list, l, own)
	}
	return nil
}

// completeFrom adds the properties that only the listing of another family has.
func (list *linkList) completeFrom(all []netLink) {
	for _, other := range all {
		if l := list.byIndex(other.index); l != nil {
			l.txqlen, l.info = other.txqlen, other.info
		}
	}
}

func (p *ipCall) writeAddresses(list *linkList, l *netLink, own []netAddress) {
	switch {
	case p.brief:
		list.writeBrief(l)
		for i := range own {
			p.w.WriteString(own[i].prefix() + " " + own[i].metricText())
		}
		p.w.WriteByte('\n')
		return
	case !p.oneline:
		list.writeLink(l, false)
	}
	for i := range own {
		if p.oneline {
			fmt.Fprintf(p.w, "%d: %s", l.index, l.name)
		}
		p.writeAddress(&own[i])
	}
}

func (p *ipCall) writeAddress(a *netAddress) {
	family := "inet"
	if a.family == unix.AF_INET6 {
		family = "inet6"
	}
	fmt.Fprintf(p.w, "    %s %s ", family, a.prefix())
	p.w.WriteString(a.metricText())
	if a.broadcast != nil {
		fmt.Fprintf(p.w, "brd %s ", ipText(a.broadcast))
	}
	fmt.Fprintf(p.w, "scope %s %s%s", scopeName(a.scope), a.flagText(), a.label)
	if a.hasTimes {
		fmt.Fprintf(p.w, "%s       valid_lft %s preferred_lft %s", p.newline(),
			lifetime(a.valid), lifetime(a.preferred))
	}
	p.w.WriteByte('\n')
}

func (a *netAddress) metricText() string {
	if a.metric == 0 {
		return ""
	}
	return "metric " + strconv.FormatUint(uint64(a.metric), 10) + " "
}

func lifetime(seconds uint32) string {
	if seconds == 1<<32-1 {
		return "forever"
	}
	return strconv.FormatUint(uint64(seconds), 10) + "sec"
}

func (a *netAddress) flagText() string {
	var b strings.Builder
	flags := a.flags
	for _, f := range [...]struct {
		bit  uint32
		name string
	}{
		{unix.IFA_F_SECONDARY, "secondary"}, {unix.IFA_F_NODAD, "nodad"},
		{unix.IFA_F_OPTIMISTIC, "optimistic"}, {unix.IFA_F_DADFAILED, "dadfailed"},
		{unix.IFA_F_HOMEADDRESS, "home"}, {unix.IFA_F_DEPRECATED, "deprecated"},
		{unix.IFA_F_TENTATIVE, "tentative"}, {unix.IFA_F_PERMANENT, "permanent"},
		{unix.IFA_F_MANAGETEMPADDR, "mngtmpaddr"},
		{unix.IFA_F_NOPREFIXROUTE, "noprefixroute"}, {unix.IFA_F_MCAUTOJOIN, "autojoin"},
		{unix.IFA_F_STABLE_PRIVACY, "stable-privacy"},
	} {
		set := flags&f.bit != 0
		flags &^= f.bit
		name := f.name
		if f.bit == unix.IFA_F_PERMANENT {
			set, name = !set, "dynamic"
		}
		if f.bit == unix.IFA_F_SECONDARY && a.family == unix.AF_INET6 {
			name = "temporary"
		}
		if set {
			b.WriteString(name + " ")
		}
	}
	if flags != 0 {
		fmt.Fprintf(&b, "flags %02x ", flags)
	}
	return b.String()
}
