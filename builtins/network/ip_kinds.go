package network

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A kindForm is the format of the value of an option of a link type.
type kindForm byte

const (
	formByte  kindForm = iota // 8-bit number
	form16                    // 16-bit number
	form32                    // 32-bit number
	form64                    // 64-bit number
	formOnOff                 // "on" or "off", one byte
	formState                 // state of a bridge port: a name or a number
	formMask                  // 16 bits, shown in hexadecimal
	formBits                  // a formMask that is shown a second time under another name
	formHex                   // 16 bits, which cannot be set
	formID                    // bridge ID: priority and address
	formTimer                 // in ticks, shown in seconds
	formMAC
	formProtocol // VLAN protocol
	formBool     // one bit of IFLA_BR_MULTI_BOOLOPT
	formDevice
)

// A kindOption is an option of a link type. The options of a table have the order in which ip
// shows them.
type kindOption struct {
	name string
	attr uint16
	form kindForm
	// set says that the option can be set. The other options are only shown.
	set bool
	// bit is the bit of a formBool.
	bit uint
}

// bridgeOptions returns the options of ip-link(8), "BRIDGE Type Support".
func bridgeOptions() []kindOption {
	return []kindOption{
		{"forward_delay", unix.IFLA_BR_FORWARD_DELAY, form32, true, 0},
		{"hello_time", unix.IFLA_BR_HELLO_TIME, form32, true, 0},
		{"max_age", unix.IFLA_BR_MAX_AGE, form32, true, 0},
		{"ageing_time", unix.IFLA_BR_AGEING_TIME, form32, true, 0},
		{"stp_state", unix.IFLA_BR_STP_STATE, form32, true, 0},
		{"priority", unix.IFLA_BR_PRIORITY, form16, true, 0},
		{"vlan_filtering", unix.IFLA_BR_VLAN_FILTERING, formByte, true, 0},
		{"vlan_protocol", unix.IFLA_BR_VLAN_PROTOCOL, formProtocol, true, 0},
		{"bridge_id", unix.IFLA_BR_BRIDGE_ID, formID, false, 0},
		{"designated_root", unix.IFLA_BR_ROOT_ID, formID, false, 0},
		{"root_port", unix.IFLA_BR_ROOT_PORT, form16, false, 0},
		{"root_path_cost", unix.IFLA_BR_ROOT_PATH_COST, form32, false, 0},
		{"topology_change", unix.IFLA_BR_TOPOLOGY_CHANGE, formByte, false, 0},
		{"topology_change_detected", unix.IFLA_BR_TOPOLOGY_CHANGE_DETECTED, formByte, false, 0},
		{"hello_timer", unix.IFLA_BR_HELLO_TIMER, formTimer, false, 0},
		{"tcn_timer", unix.IFLA_BR_TCN_TIMER, formTimer, false, 0},
		{"topology_change_timer", unix.IFLA_BR_TOPOLOGY_CHANGE_TIMER, formTimer, false, 0},
		{"gc_timer", unix.IFLA_BR_GC_TIMER, formTimer, false, 0},
		{"vlan_default_pvid", unix.IFLA_BR_VLAN_DEFAULT_PVID, form16, true, 0},
		{"vlan_stats_enabled", unix.IFLA_BR_VLAN_STATS_ENABLED, formByte, true, 0},
		{"vlan_stats_per_port", unix.IFLA_BR_VLAN_STATS_PER_PORT, formByte, true, 0},
		{"group_fwd_mask", unix.IFLA_BR_GROUP_FWD_MASK, formMask, true, 0},
		{"group_address", unix.IFLA_BR_GROUP_ADDR, formMAC, true, 0},
		{"mcast_snooping", unix.IFLA_BR_MCAST_SNOOPING, formByte, true, 0},
		{"no_linklocal_learn", unix.IFLA_BR_MULTI_BOOLOPT, formBool, true, 0},
		{"mcast_vlan_snooping", unix.IFLA_BR_MULTI_BOOLOPT, formBool, true, 1},
		{"mcast_router", unix.IFLA_BR_MCAST_ROUTER, formByte, true, 0},
		{"mcast_query_use_ifaddr", unix.IFLA_BR_MCAST_QUERY_USE_IFADDR, formByte, true, 0},
		{"mcast_querier", unix.IFLA_BR_MCAST_QUERIER, formByte, true, 0},
		{"mcast_hash_elasticity", unix.IFLA_BR_MCAST_HASH_ELASTICITY, form32, true, 0},
		{"mcast_hash_max", unix.IFLA_BR_MCAST_HASH_MAX, form32, true, 0},
		{"mcast_last_member_count", unix.IFLA_BR_MCAST_LAST_MEMBER_CNT, form32, true, 0},
		{"mcast_startup_query_count", unix.IFLA_BR_MCAST_STARTUP_QUERY_CNT, form32, true, 0},
		{"mcast_last_member_interval", unix.IFLA_BR_MCAST_LAST_MEMBER_INTVL, form64, true, 0},
		{"mcast_membership_interval", unix.IFLA_BR_MCAST_MEMBERSHIP_INTVL, form64, true, 0},
		{"mcast_querier_interval", unix.IFLA_BR_MCAST_QUERIER_INTVL, form64, true, 0},
		{"mcast_query_interval", unix.IFLA_BR_MCAST_QUERY_INTVL, form64, true, 0},
		{"mcast_query_response_interval", unix.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, form64, true, 0},
		{"mcast_startup_query_interval", unix.IFLA_BR_MCAST_STARTUP_QUERY_INTVL, form64, true, 0},
		{"mcast_stats_enabled", unix.IFLA_BR_MCAST_STATS_ENABLED, formByte, true, 0},
		{"mcast_igmp_version", unix.IFLA_BR_MCAST_IGMP_VERSION, formByte, true, 0},
		{"mcast_mld_version", unix.IFLA_BR_MCAST_MLD_VERSION, formByte, true, 0},
		{"nf_call_iptables", unix.IFLA_BR_NF_CALL_IPTABLES, formByte, true, 0},
		{"nf_call_ip6tables", unix.IFLA_BR_NF_CALL_IP6TABLES, formByte, true, 0},
		{"nf_call_arptables", unix.IFLA_BR_NF_CALL_ARPTABLES, formByte, true, 0},
	}
}

// portOptions returns the options of ip-link(8), "Bridge Slave Support".
func portOptions() []kindOption {
	return []kindOption{
		{"state", unix.IFLA_BRPORT_STATE, formState, true, 0},
		{"priority", unix.IFLA_BRPORT_PRIORITY, form16, true, 0},
		{"cost", unix.IFLA_BRPORT_COST, form32, true, 0},
		{"hairpin", unix.IFLA_BRPORT_MODE, formOnOff, true, 0},
		{"guard", unix.IFLA_BRPORT_GUARD, formOnOff, true, 0},
		{"root_block", unix.IFLA_BRPORT_PROTECT, formOnOff, true, 0},
		{"fastleave", unix.IFLA_BRPORT_FAST_LEAVE, formOnOff, true, 0},
		{"learning", unix.IFLA_BRPORT_LEARNING, formOnOff, true, 0},
		{"flood", unix.IFLA_BRPORT_UNICAST_FLOOD, formOnOff, true, 0},
		{"port_id", unix.IFLA_BRPORT_ID, formHex, false, 0},
		{"port_no", unix.IFLA_BRPORT_NO, formHex, false, 0},
		{"designated_port", unix.IFLA_BRPORT_DESIGNATED_PORT, form16, false, 0},
		{"designated_cost", unix.IFLA_BRPORT_DESIGNATED_COST, form16, false, 0},
		{"designated_bridge", unix.IFLA_BRPORT_BRIDGE_ID, formID, false, 0},
		{"designated_root", unix.IFLA_BRPORT_ROOT_ID, formID, false, 0},
		{"hold_timer", unix.IFLA_BRPORT_HOLD_TIMER, formTimer, false, 0},
		{"message_age_timer", unix.IFLA_BRPORT_MESSAGE_AGE_TIMER, formTimer, false, 0},
		{"forward_delay_timer", unix.IFLA_BRPORT_FORWARD_DELAY_TIMER, formTimer, false, 0},
		{"topology_change_ack", unix.IFLA_BRPORT_TOPOLOGY_CHANGE_ACK, formByte, false, 0},
		{"config_pending", unix.IFLA_BRPORT_CONFIG_PENDING, formByte, false, 0},
		{"proxy_arp", unix.IFLA_BRPORT_PROXYARP, formOnOff, true, 0},
		{"proxy_arp_wifi", unix.IFLA_BRPORT_PROXYARP_WIFI, formOnOff, true, 0},
		{"mcast_router", unix.IFLA_BRPORT_MULTICAST_ROUTER, formByte, true, 0},
		{"mcast_fast_leave", unix.IFLA_BRPORT_FAST_LEAVE, formOnOff, true, 0},
		{"mcast_flood", unix.IFLA_BRPORT_MCAST_FLOOD, formOnOff, true, 0},
		{"bcast_flood", unix.IFLA_BRPORT_BCAST_FLOOD, formOnOff, true, 0},
		{"mcast_to_unicast", unix.IFLA_BRPORT_MCAST_TO_UCAST, formOnOff, true, 0},
		{"neigh_suppress", unix.IFLA_BRPORT_NEIGH_SUPPRESS, formOnOff, true, 0},
		{"group_fwd_mask", unix.IFLA_BRPORT_GROUP_FWD_MASK, formMask, true, 0},
		{"group_fwd_mask_str", unix.IFLA_BRPORT_GROUP_FWD_MASK, formBits, false, 0},
		{"vlan_tunnel", unix.IFLA_BRPORT_VLAN_TUNNEL, formOnOff, true, 0},
		{"isolated", unix.IFLA_BRPORT_ISOLATED, formOnOff, true, 0},
		{"locked", unix.IFLA_BRPORT_LOCKED, formOnOff, true, 0},
		{"backup_port", unix.IFLA_BRPORT_BACKUP_PORT, formDevice, true, 0},
	}
}

// kindData parses the options of a link type.
func (p *ipCall) kindData(kind string, args []string) ([]byte, error) {
	switch kind {
	case "bridge":
		return p.tableData(kind, bridgeOptions(), args)
	case "bridge_slave":
		return p.tableData(kind, portOptions(), args)
	case "vlan":
		return p.vlanData(args)
	case "macvlan", "macvtap":
		return p.macvlanData(kind, args)
	case "ipvlan", "ipvtap":
		return p.ipvlanData(kind, args)
	}
	return nil, ipLacks("'type " + kind + "'")
}

// tableData parses the options of a table. An option that is not in the table is left to
// iproute2, which has a usage text for it.
func (p *ipCall) tableData(kind string, table []kindOption, args []string) ([]byte, error) {
	var data []byte
	var bits, mask uint32
	for len(args) > 0 {
		o := findKindOption(table, args[0])
		if o == nil {
			return nil, ipLacks("'type " + kind + " " + args[0] + "'")
		}
		if len(args) < 2 {
			return nil, p.incomplete()
		}
		value, err := p.kindValue(kind, o, args[1])
		if err != nil {
			return nil, err
		}
		args = args[2:]
		if o.form == formBool {
			bits, mask = bits&^(1<<o.bit)|uint32(value[0])<<o.bit, mask|1<<o.bit
			continue
		}
		data = attr(data, o.attr, value)
	}
	if mask != 0 {
		both := binary.NativeEndian.AppendUint32(nil, bits)
		both = binary.NativeEndian.AppendUint32(both, mask)
		data = attr(data, unix.IFLA_BR_MULTI_BOOLOPT, both)
	}
	return data, nil
}

// findKindOption finds an option that can be set by its full name. An abbreviation, which ip
// accepts for link types but not for slaves, is left to iproute2.
func findKindOption(table []kindOption, word string) *kindOption {
	for i := range table {
		if o := &table[i]; o.set && o.name == word {
			return o
		}
	}
	return nil
}

// kindValue parses the value of an option.
func (p *ipCall) kindValue(kind string, o *kindOption, text string) ([]byte, error) {
	bits := 0
	switch o.form {
	case formByte:
		bits = 8
	case form16, formMask:
		bits = 16
	case form32:
		bits = 32
	case form64:
		bits = 64
	case formBool:
		bits = 8
	case formOnOff:
		if text != "on" && text != "off" {
			return nil, p.fail(ipFailed,
				"Error: argument of \"%s\" must be one of \"off\", \"on\", not \"%s\"", o.name, text)
		}
		return []byte{byte(len("off") - len(text))}, nil
	case formMAC:
		return p.hardwareAddress(text)
	case formProtocol:
		return p.vlanProtocol(text, "invalid "+o.name)
	case formDevice:
		conn, err := p.open()
		if err != nil {
			return nil, err
		}
		l, err := conn.link(text)
		if err != nil {
			return nil, p.wrong(text, "Device does not exist\n")
		}
		return binary.NativeEndian.AppendUint32(nil, uint32(l.index)), nil
	case formState:
		bits = 8
	}
	n, err := strconv.ParseUint(text, 0, bits)
	switch {
	case err != nil && (o.form == formState || kind == "bridge_slave" &&
		(o.name == "priority" || o.name == "cost")):
		return nil, p.wrong(text, o.name+" is invalid")
	case err != nil:
		return nil, p.wrong(text, "invalid "+o.name)
	case o.form == formBool:
		return []byte{byte(min(n, 1))}, nil
	}
	return binary.NativeEndian.AppendUint64(nil, n)[:bits/8], nil
}

// hardwareAddress reads hexadecimal bytes with colons between them.
func (p *ipCall) hardwareAddress(text string) ([]byte, error) {
	r := &linkRequest{}
	err := p.linkAddress(r, text)
	return r.address, err
}

func (p *ipCall) vlanProtocol(text, complaint string) ([]byte, error) {
	switch strings.ToLower(text) {
	case "802.1q":
		return binary.BigEndian.AppendUint16(nil, unix.ETH_P_8021Q), nil
	case "802.1ad":
		return binary.BigEndian.AppendUint16(nil, unix.ETH_P_8021AD), nil
	case "", "0", "loop", "pup", "ip", "arp", "ipv6", "all":
		return nil, ipLacks("protocol '" + text + "'")
	}
	if n, err := strconv.ParseUint(text, 0, 16); err == nil {
		return nil, ipLacks(fmt.Sprintf("protocol '%#x'", n))
	}
	return nil, p.wrong(text, complaint)
}

// vlanFlags returns the flags of a VLAN and the options that set them.
func vlanFlags() []struct{ option, shown string } {
	return []struct{ option, shown string }{
		{"reorder_hdr", "REORDER_HDR"}, {"gvrp", "GVRP"}, {"loose_binding", "LOOSE_BINDING"},
		{"mvrp", "MVRP"}, {"bridge_binding", "BRIDGE_BINDING"},
	}
}

func (p *ipCall) vlanData(args []string) ([]byte, error) {
	var data []byte
	var flags, mask uint32
	for len(args) > 0 {
		word := ipWord(args[0], "protocol", "id", "reorder_hdr", "gvrp", "mvrp", "loose_binding",
			"bridge_binding", "ingress-qos-map", "egress-qos-map")
		if word == "" {
			return nil, ipLacks("'type vlan " + args[0] + "'")
		}
		if args = args[1:]; len(args) == 0 {
			return nil, p.incomplete()
		}
		var err error
		switch word {
		case "id":
			var id uint64
			if id, err = strconv.ParseUint(args[0], 0, 16); err != nil {
				return nil, p.wrong(args[0], "id is invalid")
			}
			data = attrUint16(data, unix.IFLA_VLAN_ID, uint16(id))
		case "protocol":
			var protocol []byte
			protocol, err = p.vlanProtocol(args[0], "protocol is invalid")
			data = attr(data, unix.IFLA_VLAN_PROTOCOL, protocol)
		case "ingress-qos-map", "egress-qos-map":
			var maps []byte
			maps, args, err = p.qosMap(word, args)
			data = append(data, maps...)
			if err == nil {
				continue
			}
		default:
			err = p.vlanFlag(word, args[0], &flags, &mask)
		}
		if err != nil {
			return nil, err
		}
		args = args[1:]
	}
	if mask != 0 {
		both := binary.NativeEndian.AppendUint32(nil, flags)
		data = attr(data, unix.IFLA_VLAN_FLAGS, binary.NativeEndian.AppendUint32(both, mask))
	}
	return data, nil
}

func (p *ipCall) vlanFlag(word, value string, flags, mask *uint32) error {
	if value != "on" && value != "off" {
		return p.fail(ipFailed, "Error: argument of \"%s\" must be \"on\" or \"off\", not \"%s\"",
			word, value)
	}
	for i, f := range vlanFlags() {
		if f.option == word {
			*mask |= 1 << i
			if *flags &^= 1 << i; value == "on" {
				*flags |= 1 << i
			}
		}
	}
	return nil
}

// qosMap reads FROM:TO as often as it is given.
func (p *ipCall) qosMap(word string, args []string) (data []byte, rest []string, err error) {
	kind := uint16(unix.IFLA_VLAN_INGRESS_QOS)
	if word == "egress-qos-map" {
		kind = unix.IFLA_VLAN_EGRESS_QOS
	}
	for n := 0; n < len(args); n++ {
		left, right, ok := strings.Cut(args[n], ":")
		if !ok {
			return attr(nil, kind, data), args[n:], nil
		}
		from, errFrom := strconv.ParseUint(left, 0, 32)
		to, errTo := strconv.ParseUint(right, 0, 32)
		if errFrom != nil || errTo != nil {
			return nil, nil, p.wrong(left, "invalid "+word)
		}
		both := binary.NativeEndian.AppendUint32(nil, uint32(from))
		data = attr(data, unix.IFLA_VLAN_QOS_MAPPING,
			binary.NativeEndian.AppendUint32(both, uint32(to)))
	}
	return attr(nil, kind, data), nil, nil
}

// macvlanModes returns the modes of ip-link(8). Each mode is a bit.
func macvlanModes() []string {
	return []string{"private", "vepa", "bridge", "passthru", "source"}
}

func (p *ipCall) macvlanData(kind string, args []string) ([]byte, error) {
	var data []byte
	mode, nopromisc := -1, false
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch {
		case word == "nopromisc":
			nopromisc = true
			continue
		case word != "mode" && word != "bcqueuelen":
			return nil, ipLacks("'type " + kind + " " + word + "'")
		case len(args) == 0:
			return nil, p.incomplete()
		case word == "bcqueuelen":
			n, err := strconv.ParseUint(args[0], 0, 32)
			if err != nil {
				return nil, p.fail(ipFailed, "Error: argument of \"bcqueuelen\" must be a positive "+
					"integer [0-4294967295], not \"%s\"", args[0])
			}
			data = attrUint32(data, unix.IFLA_MACVLAN_BC_QUEUE_LEN, uint32(n))
		default:
			mode = indexOf(macvlanModes(), args[0])
			if mode < 0 {
				return nil, p.fail(ipFailed, "Error: argument of \"mode\" must be \"private\", "+
					"\"vepa\", \"bridge\", \"passthru\" or \"source\", not \"%s\"", args[0])
			}
			data = attrUint32(data, unix.IFLA_MACVLAN_MODE, 1<<mode)
		}
		args = args[1:]
	}
	if nopromisc && mode != 3 {
		return nil, ipLacks("'nopromisc' in this mode")
	} else if nopromisc {
		data = attrUint16(data, unix.IFLA_MACVLAN_FLAGS, 1)
	}
	return data, nil
}

// indexOf returns the index of a word, or -1 if it is missing.
func indexOf(words []string, word string) int {
	for i, w := range words {
		if w == word {
			return i
		}
	}
	return -1
}

func (p *ipCall) ipvlanData(kind string, args []string) ([]byte, error) {
	var data []byte
	var flags uint16
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch word {
		case "mode":
			if len(args) == 0 {
				return nil, p.incomplete()
			}
			mode := indexOf([]string{"l2", "l3", "l3s"}, args[0])
			if mode < 0 {
				return nil, p.fail(ipFailed, "Error: argument of \"mode\" must be either "+
					"\"l2\", \"l3\" or \"l3s\"")
			}
			data = attrUint16(data, unix.IFLA_IPVLAN_MODE, uint16(mode))
			args = args[1:]
		case "private":
			flags |= 1
		case "vepa":
			flags |= 2
		case "bridge":
			flags = 0
		default:
			return nil, ipLacks("'type " + kind + " " + word + "'")
		}
	}
	return attrUint16(data, unix.IFLA_IPVLAN_FLAGS, flags), nil
}
