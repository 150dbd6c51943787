package network

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// knowsDetails fails if only iproute2 can show the details of a selected link.
func (list *linkList) knowsDetails(f *linkFilter) error {
	for i := range list.links {
		l := &list.links[i]
		if !list.p.details || !f.takes(l) {
			continue
		}
		if _, ok := list.kindText(l); !ok {
			return ipLacks("details of a link of type " + l.info)
		}
		if _, ok := list.slaveText(l); !ok {
			return ipLacks("details of a part of a link of type " + l.slaveInfo)
		}
	}
	return nil
}

// writeDetails writes the part of a link that -d adds. isLink says that the listing is one of
// links.
func (list *linkList) writeDetails(l *netLink, isLink bool) {
	w, newline := list.p.w, list.p.newline()
	for _, d := range [...]struct {
		attr   uint16
		format string
	}{
		{unix.IFLA_PROMISCUITY, " promiscuity %d "}, {unix.IFLA_ALLMULTI, " allmulti %d "},
		{unix.IFLA_MIN_MTU, "minmtu %d "}, {unix.IFLA_MAX_MTU, "maxmtu %d "},
	} {
		if a, ok := findAttr(l.more, d.attr); ok {
			fmt.Fprintf(w, d.format, a.number())
		}
	}
	if l.info != "" {
		text, _ := list.kindText(l)
		w.WriteString(newline + "    " + l.info + " " + text)
	}
	if l.slaveInfo != "" {
		text, _ := list.slaveText(l)
		w.WriteString(newline + "    " + l.slaveInfo + "_slave " + text)
	}
	if isLink {
		w.WriteString(addrGenMode(l))
	}
	for _, d := range [...]struct {
		attr   uint16
		format string
	}{
		{unix.IFLA_NUM_TX_QUEUES, "numtxqueues %d "}, {unix.IFLA_NUM_RX_QUEUES, "numrxqueues %d "},
		{unix.IFLA_GSO_MAX_SIZE, "gso_max_size %d "}, {unix.IFLA_GSO_MAX_SEGS, "gso_max_segs %d "},
		{unix.IFLA_TSO_MAX_SIZE, "tso_max_size %d "}, {unix.IFLA_TSO_MAX_SEGS, "tso_max_segs %d "},
		{unix.IFLA_GRO_MAX_SIZE, "gro_max_size %d "},
	} {
		if a, ok := findAttr(l.more, d.attr); ok {
			fmt.Fprintf(w, d.format, a.number())
		}
	}
	for _, d := range [...]struct {
		attr uint16
		name string
		hex  bool
	}{
		{unix.IFLA_PHYS_PORT_NAME, "portname", false}, {unix.IFLA_PHYS_PORT_ID, "portid", true},
		{unix.IFLA_PHYS_SWITCH_ID, "switchid", true},
		{unix.IFLA_PARENT_DEV_BUS_NAME, "parentbus", false},
		{unix.IFLA_PARENT_DEV_NAME, "parentdev", false},
	} {
		if a, ok := findAttr(l.more, d.attr); ok {
			text := a.text()
			if d.hex {
				text = fmt.Sprintf("%x", a.value)
			}
			w.WriteString(d.name + " " + text + " ")
		}
	}
}

func findAttr(list []nlAttribute, kind uint16) (nlAttribute, bool) {
	for _, a := range list {
		if a.kind == kind {
			return a, true
		}
	}
	return nlAttribute{}, false
}

// addrGenMode returns the way in which IPv6 makes addresses on a link.
func addrGenMode(l *netLink) string {
	spec, _ := findAttr(l.more, unix.IFLA_AF_SPEC)
	inet6, _ := findAttr(attributes(spec.value), unix.AF_INET6)
	mode, ok := findAttr(attributes(inet6.value), unix.IFLA_INET6_ADDR_GEN_MODE)
	names := [...]string{"eui64", "none", "stable_secret", "random"}
	switch n := mode.number(); {
	case !ok:
		return ""
	case int(n) < len(names):
		return "addrgenmode " + names[n] + " "
	default:
		return fmt.Sprintf("addrgenmode %#.2x ", n)
	}
}

// kindText formats the properties that depend on the link type. ok is false if only iproute2
// can show them.
func (list *linkList) kindText(l *netLink) (text string, ok bool) {
	data := attributes(l.infoData)
	switch l.info {
	case "bridge":
		return list.tableText(bridgeOptions(), data), true
	case "vlan":
		return list.vlanText(data), true
	case "macvlan", "macvtap":
		return macvlanText(data)
	case "ipvlan", "ipvtap":
		return ipvlanText(data), true
	}
	return "", len(data) == 0
}

func (list *linkList) slaveText(l *netLink) (text string, ok bool) {
	data := attributes(l.slaveData)
	if l.slaveInfo == "bridge" {
		return list.tableText(portOptions(), data), true
	}
	return "", l.slaveInfo == "" || len(data) == 0
}

// tableText formats the options of a table.
func (list *linkList) tableText(table []kindOption, data []nlAttribute) string {
	var b strings.Builder
	for _, o := range table {
		if a, ok := findAttr(data, o.attr); ok {
			b.WriteString(o.name + " " + list.optionText(o, a) + " ")
		}
	}
	return b.String()
}

func (list *linkList) optionText(o kindOption, a nlAttribute) string {
	n := uint64(a.number())
	if len(a.value) >= 8 {
		n = binary.NativeEndian.Uint64(a.value)
	}
	switch o.form {
	case formOnOff:
		return [...]string{"off", "on"}[min(n, 1)]
	case formState:
		return portState(uint32(n))
	case formMask:
		if n == 0 {
			return "0"
		}
		return fmt.Sprintf("%#x", n)
	case formHex, formBits:
		return fmt.Sprintf("%#x", n)
	case formID:
		return bridgeID(a.value)
	case formTimer:
		const ticks = 100 // USER_HZ
		return fmt.Sprintf("%4d.%02d", n/ticks, n%ticks)
	case formMAC:
		return linkAddressText(a.value)
	case formProtocol:
		return vlanProtocolText(a.value)
	case formBool:
		return strconv.FormatUint(uint64(a.number())>>o.bit&1, 10)
	case formDevice:
		return list.nameOf(int32(n))
	}
	return strconv.FormatUint(n, 10)
}

func portState(n uint32) string {
	names := [...]string{"disabled", "listening", "learning", "forwarding", "blocking"}
	if int(n) < len(names) {
		return names[n]
	}
	return fmt.Sprintf("state (%d)", n)
}

// bridgeID formats the priority and the bytes of the address, without leading zeros in those
// bytes.
func bridgeID(id []byte) string {
	if len(id) < 8 {
		return ""
	}
	s := fmt.Sprintf("%02x%02x.", id[0], id[1])
	for i, c := range id[2:8] {
		if i > 0 {
			s += ":"
		}
		s += strconv.FormatUint(uint64(c), 16)
	}
	return s
}

func vlanProtocolText(value []byte) string {
	if len(value) < 2 {
		return ""
	}
	switch n := binary.BigEndian.Uint16(value); n {
	case unix.ETH_P_8021Q:
		return "802.1Q"
	case unix.ETH_P_8021AD:
		return "802.1ad"
	default:
		return fmt.Sprintf("[%d]", n)
	}
}

func (list *linkList) vlanText(data []nlAttribute) string {
	var b strings.Builder
	if a, ok := findAttr(data, unix.IFLA_VLAN_PROTOCOL); ok {
		b.WriteString("protocol " + vlanProtocolText(a.value) + " ")
	}
	if a, ok := findAttr(data, unix.IFLA_VLAN_ID); ok {
		fmt.Fprintf(&b, "id %d ", a.number())
	}
	if a, ok := findAttr(data, unix.IFLA_VLAN_FLAGS); ok {
		var names []string
		rest := a.number()
		for i, f := range vlanFlags() {
			if rest&(1<<i) != 0 {
				names = append(names, f.shown)
			}
			rest &^= 1 << i
		}
		if rest != 0 {
			names = append(names, strconv.FormatUint(uint64(rest), 16))
		}
		b.WriteString("<" + strings.Join(names, ",") + "> ")
	}
	for _, m := range [...]struct {
		attr uint16
		name string
	}{{unix.IFLA_VLAN_INGRESS_QOS, "ingress"}, {unix.IFLA_VLAN_EGRESS_QOS, "egress"}} {
		a, ok := findAttr(data, m.attr)
		if !ok {
			continue
		}
		b.WriteString(list.p.newline() + "      " + m.name + "-qos-map { ")
		for _, q := range attributes(a.value) {
			if len(q.value) >= 8 {
				fmt.Fprintf(&b, "%d:%d ", binary.NativeEndian.Uint32(q.value),
					binary.NativeEndian.Uint32(q.value[4:]))
			}
		}
		b.WriteString("} ")
	}
	return b.String()
}

func macvlanText(data []nlAttribute) (text string, ok bool) {
	var b strings.Builder
	mode, _ := findAttr(data, unix.IFLA_MACVLAN_MODE)
	name := "unknown"
	for i, m := range macvlanModes() {
		if mode.number() == 1<<i {
			name = m
		}
	}
	b.WriteString("mode " + name + " ")
	flags, _ := findAttr(data, unix.IFLA_MACVLAN_FLAGS)
	if flags.number()&1 != 0 {
		b.WriteString("nopromisc ")
	}
	if flags.number()&2 != 0 {
		b.WriteString("nodst ")
	}
	if a, ok := findAttr(data, unix.IFLA_MACVLAN_BC_QUEUE_LEN); ok {
		fmt.Fprintf(&b, "bcqueuelen %d ", a.number())
	}
	if a, ok := findAttr(data, unix.IFLA_MACVLAN_BC_QUEUE_LEN_USED); ok {
		fmt.Fprintf(&b, "usedbcqueuelen %d ", a.number())
	}
	count, _ := findAttr(data, unix.IFLA_MACVLAN_MACADDR_COUNT)
	return b.String(), count.number() == 0
}

func ipvlanText(data []nlAttribute) string {
	mode, _ := findAttr(data, unix.IFLA_IPVLAN_MODE)
	modes := [...]string{"l2", "l3", "l3s"}
	name := "unknown"
	if n := int(mode.number()); n < len(modes) {
		name = modes[n]
	}
	text := " mode " + name + " "
	if flags, ok := findAttr(data, unix.IFLA_IPVLAN_FLAGS); ok {
		switch n := flags.number(); {
		case n&1 != 0:
			text += "private "
		case n&2 != 0:
			text += "vepa "
		default:
			text += "bridge "
		}
	}
	return text
}
