package network

import (
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// An Interface is what the survey of a network namespace says about one of its interfaces.
type Interface struct {
	Index int
	Name  string
	// Kind is the type of a virtual interface, such as "bridge", "veth" or "vlan".
	Kind string
	// Up says that it is set up.
	Up bool
	// MAC is the hardware address, "" for none.
	MAC string
	// Master is the index of the bridge that it is a port of, or 0.
	Master int
	// Link is the index of the other end of a veth pair, or of the carrier of a VLAN. Away says
	// that this one is in another network namespace.
	Link int
	Away bool
	// VLAN is the tag of a VLAN, or 0.
	VLAN      int
	Addresses []InterfaceAddress
}

// An InterfaceAddress is an address of an interface.
type InterfaceAddress struct {
	// Text is the address with the length of its prefix, such as 10.0.0.1/24.
	Text string
	// Local says that it counts on its link or host only.
	Local bool
}

// Survey returns the interfaces of a network namespace, with their addresses, in the order of
// their indices. netns is a descriptor of the namespace, or -1 for that of the process.
func Survey(netns int) ([]Interface, error) {
	n, err := openNetlink(netns)
	if err != nil {
		return nil, err
	}
	defer n.close()
	links, err := n.links(unix.AF_UNSPEC)
	if err != nil {
		return nil, err
	}
	list := make([]Interface, 0, len(links))
	for i := range links {
		list = append(list, links[i].surveyed())
	}
	addresses, err := n.addresses(unix.AF_UNSPEC)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b Interface) int { return a.Index - b.Index })
	for i := range addresses {
		addSurveyed(list, &addresses[i])
	}
	return list, nil
}

// surveyed returns what a survey says about a link.
func (l *netLink) surveyed() Interface {
	const vlanID = 1 // IFLA_VLAN_ID
	i := Interface{Index: int(l.index), Name: l.name, Kind: l.info, Up: l.flags&unix.IFF_UP != 0,
		Master: int(l.master), Link: int(l.peer), Away: l.hasPeerNS}
	if len(l.address) > 0 {
		i.MAC = linkAddressText(l.address)
	}
	if l.info == "vlan" {
		if a, ok := findAttr(attributes(l.infoData), vlanID); ok {
			i.VLAN = int(a.number())
		}
	}
	return i
}

// addSurveyed adds an address to its interface.
func addSurveyed(list []Interface, a *netAddress) {
	at, ok := slices.BinarySearchFunc(list, int(a.index),
		func(i Interface, n int) int { return i.Index - n })
	local := a.local
	if local == nil {
		local = a.address
	}
	if ok && local != nil {
		list[at].Addresses = append(list[at].Addresses, InterfaceAddress{
			Text: ipText(local) + "/" + strconv.Itoa(int(a.bits)), Local: a.scope >= unix.RT_SCOPE_LINK})
	}
}

// SurveyOf is Survey for the network namespace of a process.
func SurveyOf(pid int) ([]Interface, error) {
	fd, err := unix.Open(fmt.Sprintf("/proc/%d/ns/net", pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return Survey(fd)
}
