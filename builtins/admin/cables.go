package admin

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/network"
)

// addCables sets the cables of a subhost: those that are there while it runs, or those that
// its configuration asks for.
func (s *survey) addCables(h *subhost) {
	if h.init == 0 {
		h.cables = s.configuredCables(h)
		return
	}
	inside, err := network.SurveyOf(h.init)
	if err != nil && !hasVanished(err) {
		s.problem("cannot list the interfaces of %s: %v", h.name, err)
	}
	for _, name := range s.hostEnds(h) {
		c := cable{host: name}
		link := s.link(name)
		if link == nil {
			h.cables = append(h.cables, c)
			continue
		}
		s.describe(&c, link)
		for i := range inside {
			if end := &inside[i]; end.Away && end.Index == link.Link && end.Link == link.Index {
				c.inside, c.mac, c.addresses = end.Name, end.MAC, end.Addresses
			}
		}
		h.cables = append(h.cables, c)
		for i := range s.links {
			if v := &s.links[i]; v.Kind == "vlan" && !v.Away && v.Link == link.Index {
				c := cable{host: v.Name, vlan: strconv.Itoa(v.VLAN)}
				s.describe(&c, v)
				h.cables = append(h.cables, c)
			}
		}
	}
}

// hasVanished reports whether an error says that a process, or a file of it, is not there any
// more: a subhost may stop at any time.
func hasVanished(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH)
}

// configuredCables returns the cables that a configuration asks for; a boot that died may have
// left them.
func (s *survey) configuredCables(h *subhost) (list []cable) {
	names := strings.Fields(h.record["MADE"])
	if h.parsed != nil {
		words, _ := h.parsed.Cables(h.name)
		addresses := h.parsed.Addresses()
		for _, w := range words {
			c := cable{host: w.Host, bridge: w.Bridge, vlan: w.VLAN, mac: w.MAC}
			if w.VLAN == "" {
				c.inside = "eth" + strings.TrimPrefix(w.Host, h.name) // that it will have
				if len(addresses) > 0 {
					c.addresses, addresses = configuredAddresses(addresses[0].Text), addresses[1:]
				}
			}
			if link := s.link(w.Host); link != nil && (link.Kind == "veth" || link.Kind == "vlan") {
				c.exists, c.up, c.onHost = true, link.Up, link.Addresses
			}
			names = slices.DeleteFunc(names, func(name string) bool { return name == w.Host })
			list = append(list, c)
		}
	}
	for _, name := range names { // made by a configuration that has changed since
		if link := s.link(name); link != nil {
			c := cable{host: name}
			s.describe(&c, link)
			list = append(list, c)
		}
	}
	return list
}

// configuredAddresses returns the addresses of a line of ADDRESS, without the gateways.
func configuredAddresses(line string) (list []network.InterfaceAddress) {
	isGateway := false
	for word := range strings.FieldsSeq(line) {
		if strings.Contains(word, "/") && !isGateway {
			list = append(list, network.InterfaceAddress{Text: word, Local: isLocal(word)})
		}
		isGateway = word == "via"
	}
	return list
}

// isLocal reports whether an address counts on its link or host only, as the kernel will say.
func isLocal(address string) bool {
	address = strings.ToLower(address)
	if strings.HasPrefix(address, "127.") || strings.HasPrefix(address, "::1/") {
		return true
	}
	return strings.HasPrefix(address, "fe") && strings.IndexByte(address, ':') == 4 &&
		strings.IndexByte("89ab", address[2]) >= 0
}

// describe sets what the end on the host says.
func (s *survey) describe(c *cable, link *network.Interface) {
	c.exists, c.up, c.onHost = true, link.Up, link.Addresses
	for i := range s.links {
		if m := &s.links[i]; m.Index == link.Master && link.Master != 0 {
			c.bridge = m.Name
		}
	}
}

// link returns the interface of the host with a name, or nil.
func (s *survey) link(name string) *network.Interface {
	for i := range s.links {
		if s.links[i].Name == name {
			return &s.links[i]
		}
	}
	return nil
}

// hostEnds returns the names of the cables of a subhost that runs: those in the record; without
// one, the pairs that are called NAME0, NAME1 and so on.
func (s *survey) hostEnds(h *subhost) (names []string) {
	if h.record != nil {
		return strings.Fields(h.record["MADE"])
	}
	for n := 0; ; n++ {
		name := fmt.Sprint(h.name, n)
		link := s.link(name)
		if link == nil {
			return names
		}
		if link.Kind == "veth" && link.Away {
			names = append(names, name)
		}
	}
}
