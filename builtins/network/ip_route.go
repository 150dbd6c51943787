package network

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// route is "ip route".
func (p *ipCall) route(args []string) error {
	word, args, err := p.verb("ip route", args, "list", "show", "lst", "get", "add", "append",
		"change", "chg", "replace", "prepend", "test", "delete", "flush", "save", "restore",
		"showdump", "help")
	if err != nil {
		return err
	}
	switch word {
	case "list", "show", "lst":
		return p.showRoutes(args)
	case "add":
		return p.changeRoute(unix.RTM_NEWROUTE, unix.NLM_F_CREATE|unix.NLM_F_EXCL, args)
	case "replace":
		return p.changeRoute(unix.RTM_NEWROUTE, unix.NLM_F_CREATE|unix.NLM_F_REPLACE, args)
	case "delete":
		return p.changeRoute(unix.RTM_DELROUTE, 0, args)
	}
	return ipLacks("'route " + word + "'")
}

// A routeRequest holds the words after "add" or "delete".
type routeRequest struct {
	to           ipPrefix
	hasTo        bool
	via, src     *ipPrefix
	dev          string
	scope        int
	metric       uint32
	hasMetric    bool
	onlink       bool
	family       uint8
	defaultRoute bool
}

func (p *ipCall) parseRoute(args []string) (*routeRequest, error) {
	r := &routeRequest{scope: -1, family: p.family}
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch word {
		case "onlink":
			r.onlink = true
			continue
		case "via", "dev", "oif", "src", "metric", "priority", "preference", "scope", "to":
			if len(args) == 0 {
				return nil, p.incomplete()
			}
			value := args[0]
			args = args[1:]
			if err := p.routeWord(r, word, value); err != nil {
				return nil, err
			}
			continue
		}
		if routeToolWord(word) {
			return nil, ipLacks("'route ... " + word + "'")
		}
		if err := p.routeWord(r, "to", word); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func routeToolWord(word string) bool {
	switch word {
	case "unicast", "local", "broadcast", "anycast", "multicast", "throw", "unreachable",
		"prohibit", "blackhole", "nat", "table", "proto", "protocol", "type", "tos", "dsfield",
		"from", "mtu", "hoplimit", "advmss", "rtt", "window", "nexthop", "nhid", "encap",
		"pref", "expires", "realms", "lock", "help", "root", "match", "exact", "cache",
		"vrf", "ttl-propagate", "initcwnd", "initrwnd", "cwnd", "ssthresh", "reordering",
		"rttvar", "rto_min", "quickack", "congctl", "features", "fastopen_no_cookie", "any",
		"weight", "as":
		return true
	}
	return false
}

func (p *ipCall) routeWord(r *routeRequest, word, value string) error {
	if word == "to" && r.hasTo {
		return p.fail(ipUsage, "Error: either \"to\" is duplicate, or \"%s\" is a garbage.", value)
	}
	var prefix ipPrefix
	if word == "via" || word == "src" || word == "to" && value != "default" && value != "all" {
		family := r.family
		var ok bool
		if prefix, ok = parsePrefix(value, family); !ok || word != "to" && prefix.hasBits {
			if word == "to" {
				return p.badPrefix("local", value)
			}
			return ipLacks("address '" + value + "'")
		}
		r.family = prefix.family
	}
	switch word {
	case "via":
		r.via = &prefix
	case "src":
		r.src = &prefix
	case "dev", "oif":
		r.dev = value
	case "scope":
		if r.scope = scopeNumber(value); r.scope < 0 {
			return ipLacks("scope '" + value + "'")
		}
	case "metric", "priority", "preference":
		n, err := strconv.ParseUint(value, 0, 32)
		if err != nil {
			return p.wrong(value, "\"metric\" value is invalid\n")
		}
		r.metric, r.hasMetric = uint32(n), true
	case "to":
		r.hasTo, r.to, r.defaultRoute = true, prefix, prefix.address == nil
	}
	return nil
}

func (p *ipCall) changeRoute(kind, flags uint16, args []string) error {
	r, err := p.parseRoute(args)
	if err != nil {
		return err
	}
	if !r.hasTo {
		return ipLacks("a route to nowhere")
	}
	if r.family == 0 {
		r.family = unix.AF_INET
	}
	var index int32
	if r.dev != "" {
		l, err := p.device(r.dev)
		if err != nil {
			return err
		}
		index = l.index
	}
	return p.do(kind, flags, r.body(kind, index))
}

// body returns the message. An IPv4 route without a gateway has link scope; a route to delete
// may have any scope.
func (r *routeRequest) body(kind uint16, index int32) []byte {
	protocol, routeType := byte(unix.RTPROT_BOOT), byte(unix.RTN_UNICAST)
	scope := byte(unix.RT_SCOPE_UNIVERSE)
	if kind == unix.RTM_DELROUTE {
		protocol, routeType, scope = 0, 0, unix.RT_SCOPE_NOWHERE
	} else if r.via == nil {
		scope = unix.RT_SCOPE_LINK
	}
	if r.scope >= 0 {
		scope = byte(r.scope)
	}
	b := []byte{r.family, byte(r.to.bits), 0, 0, unix.RT_TABLE_MAIN, protocol, scope, routeType}
	var flags uint32
	if r.onlink {
		flags = unix.RTNH_F_ONLINK
	}
	b = binary.NativeEndian.AppendUint32(b, flags)
	if !r.defaultRoute {
		b = attr(b, unix.RTA_DST, r.to.address)
	}
	if r.via != nil {
		b = attr(b, unix.RTA_GATEWAY, r.via.address)
	}
	if r.src != nil {
		b = attr(b, unix.RTA_PREFSRC, r.src.address)
	}
	if r.hasMetric {
		b = attrUint32(b, unix.RTA_PRIORITY, r.metric)
	}
	if index != 0 {
		b = attrUint32(b, unix.RTA_OIF, uint32(index))
	}
	return b
}

// A netRoute is a route as the kernel reports it.
type netRoute struct {
	family, bits, protocol, scope, kind byte
	flags, table                        uint32
	dst, gateway, src                   []byte
	oif, metric, expires                uint32
	errno                               int32
	hasMetric, hasPref                  bool
	pref                                byte
	// other says that the route has properties that only iproute2 can show.
	other bool
}

func parseRouteMessage(b []byte) (r netRoute) {
	r = netRoute{family: b[0], bits: b[1], table: uint32(b[4]), protocol: b[5], scope: b[6],
		kind: b[7], flags: binary.NativeEndian.Uint32(b[8:])}
	r.other = b[2] != 0 || b[3] != 0 // a source prefix or a type of service
	for _, a := range attributes(b[unix.SizeofRtMsg:]) {
		switch a.kind {
		case unix.RTA_DST:
			r.dst = a.value
		case unix.RTA_GATEWAY:
			r.gateway = a.value
		case unix.RTA_PREFSRC:
			r.src = a.value
		case unix.RTA_OIF:
			r.oif = a.number()
		case unix.RTA_PRIORITY:
			r.metric, r.hasMetric = a.number(), true
		case unix.RTA_TABLE:
			r.table = a.number()
		case unix.RTA_PREF:
			r.pref, r.hasPref = byte(a.number()), true
		case unix.RTA_CACHEINFO:
			if len(a.value) >= 16 {
				r.expires = binary.NativeEndian.Uint32(a.value[8:])
				r.errno = int32(binary.NativeEndian.Uint32(a.value[12:]))
			}
		default:
			r.other = true
		}
	}
	return r
}

// showRoutes lists the main table: all routes, those of one device, or the default route.
func (p *ipCall) showRoutes(args []string) error {
	f, err := p.parseRoute(args)
	if err != nil {
		return err
	}
	if f.via != nil || f.src != nil || f.scope >= 0 || f.hasMetric || f.onlink ||
		f.hasTo && !f.defaultRoute || p.oneline || p.brief {
		return ipLacks("such a list of routes")
	}
	var device netLink
	if f.dev != "" {
		if device, err = p.device(f.dev); err != nil {
			return err
		}
	}
	conn, err := p.open()
	if err != nil {
		return err
	}
	family := p.family
	if family == 0 {
		family = unix.AF_INET
	}
	header := make([]byte, unix.SizeofRtMsg)
	header[0] = family
	bodies, err := conn.do(unix.RTM_GETROUTE, unix.NLM_F_DUMP, header)
	if err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	links, err := conn.links(unix.AF_PACKET)
	if err != nil {
		return err
	}
	list := &linkList{p: p, links: links}
	var routes []netRoute
	for _, b := range bodies {
		r := parseRouteMessage(b)
		switch {
		case r.table != unix.RT_TABLE_MAIN || r.flags&unix.RTM_F_CLONED != 0,
			f.dev != "" && int32(r.oif) != device.index,
			f.defaultRoute && r.bits != 0:
			continue
		case r.other:
			return ipLacks("such a route")
		}
		routes = append(routes, r)
	}
	for i := range routes {
		p.writeRoute(&routes[i], list, f.dev != "")
	}
	return nil
}

func (p *ipCall) writeRoute(r *netRoute, list *linkList, oneDevice bool) {
	if r.kind != unix.RTN_UNICAST {
		p.w.WriteString(routeType(r.kind) + " ")
	}
	switch {
	case r.bits == 0:
		p.w.WriteString("default ")
	case int(r.bits) == len(r.dst)*8:
		p.w.WriteString(ipText(r.dst) + " ")
	default:
		fmt.Fprintf(p.w, "%s/%d ", ipText(r.dst), r.bits)
	}
	if r.gateway != nil {
		p.w.WriteString("via " + ipText(r.gateway) + " ")
	}
	if r.oif != 0 && !oneDevice {
		p.w.WriteString("dev " + list.nameOf(int32(r.oif)) + " ")
	}
	if r.protocol != unix.RTPROT_BOOT {
		p.w.WriteString("proto " + routeProtocol(r.protocol) + " ")
	}
	if r.scope != unix.RT_SCOPE_UNIVERSE {
		p.w.WriteString("scope " + scopeName(r.scope) + " ")
	}
	if r.src != nil {
		p.w.WriteString("src " + ipText(r.src) + " ")
	}
	if r.hasMetric {
		fmt.Fprintf(p.w, "metric %d ", r.metric)
	}
	for _, f := range [...]struct {
		bit  uint32
		name string
	}{
		{unix.RTNH_F_DEAD, "dead "}, {unix.RTNH_F_ONLINK, "onlink "},
		{unix.RTNH_F_PERVASIVE, "pervasive "}, {unix.RTNH_F_LINKDOWN, "linkdown "},
	} {
		if r.flags&f.bit != 0 {
			p.w.WriteString(f.name)
		}
	}
	if r.expires != 0 {
		const ticks = 100 // USER_HZ
		fmt.Fprintf(p.w, "expires %dsec ", r.expires/ticks)
	}
	if r.errno != 0 {
		fmt.Fprintf(p.w, "error %d ", r.errno)
	}
	if r.hasPref {
		p.w.WriteString("pref " + routePref(r.pref))
	}
	p.w.WriteByte('\n')
}

func routePref(pref byte) string {
	switch pref {
	case 0:
		return "medium"
	case 1:
		return "high"
	case 3:
		return "low"
	}
	return strconv.Itoa(int(pref))
}

func routeType(kind byte) string {
	names := [...]string{"none", "unicast", "local", "broadcast", "anycast", "multicast",
		"blackhole", "unreachable", "prohibit", "throw", "nat", "xresolve"}
	if int(kind) < len(names) {
		return names[kind]
	}
	return strconv.Itoa(int(kind))
}

func routeProtocol(protocol byte) string {
	switch protocol {
	case unix.RTPROT_UNSPEC:
		return "unspec"
	case unix.RTPROT_REDIRECT:
		return "redirect"
	case unix.RTPROT_KERNEL:
		return "kernel"
	case unix.RTPROT_STATIC:
		return "static"
	case unix.RTPROT_RA:
		return "ra"
	case unix.RTPROT_DHCP:
		return "dhcp"
	}
	return strconv.Itoa(int(protocol))
}
