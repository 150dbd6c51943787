package network

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A linkList holds all links, so that a link can be shown with the names of others.
type linkList struct {
	p     *ipCall
	links []netLink
}

func (list *linkList) byIndex(index int32) *netLink {
	for i := range list.links {
		if list.links[i].index == index {
			return &list.links[i]
		}
	}
	return nil
}

func (list *linkList) nameOf(index int32) string {
	if l := list.byIndex(index); l != nil {
		return l.name
	}
	return "if" + strconv.Itoa(int(index))
}

// fullName returns the name of a link, "@" and the name of its lower link or its peer.
func (list *linkList) fullName(l *netLink) string {
	switch {
	case !l.hasPeer:
		return l.name
	case l.peer == 0:
		return l.name + "@NONE"
	case l.hasPeerNS:
		return l.name + "@if" + strconv.Itoa(int(l.peer))
	}
	return l.name + "@" + list.nameOf(l.peer)
}

// flagsOf spells out the flags, with M-DOWN if the lower link is down.
func (list *linkList) flagsOf(l *netLink) string {
	var names []string
	flags := l.flags
	if flags&unix.IFF_UP != 0 && flags&unix.IFF_RUNNING == 0 {
		names = append(names, "NO-CARRIER")
	}
	flags &^= unix.IFF_RUNNING
	for _, f := range [...]struct {
		bit  uint32
		name string
	}{
		{unix.IFF_LOOPBACK, "LOOPBACK"}, {unix.IFF_BROADCAST, "BROADCAST"},
		{unix.IFF_POINTOPOINT, "POINTOPOINT"}, {unix.IFF_MULTICAST, "MULTICAST"},
		{unix.IFF_NOARP, "NOARP"}, {unix.IFF_ALLMULTI, "ALLMULTI"},
		{unix.IFF_PROMISC, "PROMISC"}, {unix.IFF_MASTER, "MASTER"}, {unix.IFF_SLAVE, "SLAVE"},
		{unix.IFF_DEBUG, "DEBUG"}, {unix.IFF_DYNAMIC, "DYNAMIC"},
		{unix.IFF_AUTOMEDIA, "AUTOMEDIA"}, {unix.IFF_PORTSEL, "PORTSEL"},
		{unix.IFF_NOTRAILERS, "NOTRAILERS"}, {unix.IFF_UP, "UP"},
		{unix.IFF_LOWER_UP, "LOWER_UP"}, {unix.IFF_DORMANT, "DORMANT"}, {unix.IFF_ECHO, "ECHO"},
	} {
		if flags&f.bit != 0 {
			names = append(names, f.name)
			flags &^= f.bit
		}
	}
	if flags != 0 {
		names = append(names, strconv.FormatUint(uint64(flags), 16))
	}
	if l.hasPeer && !l.hasPeerNS && l.peer != 0 {
		if lower := list.byIndex(l.peer); lower != nil && lower.flags&unix.IFF_UP == 0 {
			names = append(names, "M-DOWN")
		}
	}
	return "<" + strings.Join(names, ",") + ">"
}

// writeLink writes the first lines about a link. Some listings lack the mode, or the second
// line with the hardware address.
func (list *linkList) writeLink(l *netLink, isLink bool) {
	w, newline := list.p.w, list.p.newline()
	fmt.Fprintf(w, "%d: %s: %s mtu %d ", l.index, list.fullName(l), list.flagsOf(l), l.mtu)
	if l.qdisc != "" {
		fmt.Fprintf(w, "qdisc %s ", l.qdisc)
	}
	if l.master != 0 {
		fmt.Fprintf(w, "master %s ", list.nameOf(int32(l.master)))
	}
	if l.hasState {
		fmt.Fprintf(w, "state %s ", operState(l.state))
	}
	if isLink && l.hasMode {
		mode := "DEFAULT"
		if l.mode == 1 {
			mode = "DORMANT"
		}
		fmt.Fprintf(w, "mode %s ", mode)
	}
	if l.hasGroup {
		fmt.Fprintf(w, "group %s ", groupName(l.group))
	}
	if l.txqlen != 0 {
		fmt.Fprintf(w, "qlen %d", l.txqlen)
	}
	if list.p.family == 0 {
		list.writeSecond(l)
	}
	list.writePeer(l)
	if list.p.details {
		list.writeDetails(l, isLink)
	}
	if isLink && l.alias != "" {
		w.WriteString(newline + "    alias " + l.alias)
	}
	for _, name := range l.altNames {
		w.WriteString(newline + "    altname " + name)
	}
	w.WriteByte('\n')
}

// writeSecond starts the second line with the hardware address.
func (list *linkList) writeSecond(l *netLink) {
	w := list.p.w
	w.WriteString(list.p.newline() + "    link/" + linkType(l.kind) + " " +
		linkAddressText(l.address))
	if l.hasBroadcast {
		word := " brd "
		if l.flags&unix.IFF_POINTOPOINT != 0 {
			word = " peer "
		}
		w.WriteString(word + linkAddressText(l.broadcast))
	}
}

// writePeer appends the network namespace of the other end of a link, and the protodown state.
func (list *linkList) writePeer(l *netLink) {
	w := list.p.w
	if l.hasPeerNS {
		if name := list.netnsName(l.peerNS); name != "" {
			w.WriteString(" link-netns " + name)
		} else if l.peerNS < 0 {
			w.WriteString(" link-netnsid unknown")
		} else {
			fmt.Fprintf(w, " link-netnsid %d", l.peerNS)
		}
	}
	if l.protoDown {
		w.WriteString(" protodown on ")
	}
}

func (list *linkList) netnsName(id int32) string {
	for _, name := range netnsNames() {
		if id >= 0 && list.p.conn.netnsID(name) == id {
			return name
		}
	}
	return ""
}

// writeBrief writes the first two columns of a brief listing.
func (list *linkList) writeBrief(l *netLink) {
	fmt.Fprintf(list.p.w, "%-16s %-14s ", list.fullName(l), operState(l.state))
}

// newline returns the separator of the lines of an entry. With -o it is a backslash.
func (p *ipCall) newline() string {
	if p.oneline {
		return `\`
	}
	return "\n"
}

func operState(state uint8) string {
	states := [...]string{"UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING",
		"DORMANT", "UP"}
	if int(state) < len(states) {
		return states[state]
	}
	return fmt.Sprintf("%#x", state)
}

func linkType(kind uint16) string {
	switch kind {
	case unix.ARPHRD_ETHER:
		return "ether"
	case unix.ARPHRD_LOOPBACK:
		return "loopback"
	case unix.ARPHRD_TUNNEL:
		return "ipip"
	case unix.ARPHRD_TUNNEL6:
		return "tunnel6"
	case unix.ARPHRD_SIT:
		return "sit"
	case unix.ARPHRD_IPGRE:
		return "gre"
	case unix.ARPHRD_IP6GRE:
		return "gre6"
	case unix.ARPHRD_PPP:
		return "ppp"
	case unix.ARPHRD_INFINIBAND:
		return "infiniband"
	case unix.ARPHRD_NONE:
		return "none"
	}
	return fmt.Sprintf("[%d]", kind)
}

func linkAddressText(address []byte) string {
	var b strings.Builder
	for i, n := range address {
		if i > 0 {
			b.WriteByte(':')
		}
		fmt.Fprintf(&b, "%02x", n)
	}
	return b.String()
}

// groupName returns the name of a group of links in iproute2's own table.
func groupName(group uint32) string {
	if group == 0 {
		return "default"
	}
	text, _ := os.ReadFile("/etc/iproute2/group")
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 2 && f[0] == strconv.Itoa(int(group)) {
			return f[1]
		}
	}
	return strconv.Itoa(int(group))
}
