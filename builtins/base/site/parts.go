package site

import (
	"path/filepath"
	"strconv"
	"strings"
)

// A Cable is a word of CABLES.
type Cable struct {
	// Host is the name of the interface on the host.
	Host string
	// Bridge is the bridge that it is a port of, "" for none.
	Bridge string
	// MAC is the hardware address inside, "" for any.
	MAC string
	// VLAN is the tag of a VLAN on the cable before, "" for a cable.
	VLAN string
}

// Cables returns the words of CABLES for a subhost with a name, as setup_veth_cables in the
// scripts reads them. ok is false if they are the output of a command.
func (c *Config) Cables(name string) (list []Cable, ok bool) {
	v, _ := c.Value("CABLES")
	if v.IsCommand() {
		return nil, false
	}
	n := 0
	for word := range strings.FieldsSeq(v.Text) {
		bridge, mac, cut := strings.Cut(word, "=")
		if !cut {
			mac = word // as ${C#*=}
		}
		if tag, isVLAN := strings.CutPrefix(mac, "."); isVLAN {
			list = append(list, Cable{Host: name + strconv.Itoa(n-1) + mac, Bridge: bridge, VLAN: tag})
			continue
		}
		list = append(list, Cable{Host: name + strconv.Itoa(n), Bridge: bridge, MAC: mac})
		n++
	}
	return list, true
}

// A Share is a value of SHARE.
type Share struct {
	// From is the path on the host, To that inside.
	From, To string
	ReadOnly bool
}

// ParseShare reads PATH, PATH:OTHER, PATH:OTHER:ro or PATH::ro, as share_parts in the scripts
// does. A relative path on the host starts at base.
func ParseShare(text, base string) (s Share) {
	path, to, cut := strings.Cut(text, ":")
	if rest, ok := strings.CutSuffix(to, ":ro"); ok {
		to, s.ReadOnly = rest, true
	}
	s.From = path
	if !filepath.IsAbs(path) {
		s.From = filepath.Join(base, path)
	}
	if s.To = to; !cut || s.ReadOnly && to == "" {
		s.To = s.From
	}
	s.To = filepath.Clean("/" + s.To)
	return s
}
