package admin

import (
	"time"

	"overlayboot/builtins/base/site"
	"overlayboot/builtins/network"
)

// A state is what a subhost does.
type state string

// The states of a subhost.
const (
	stopped    state = "stopped"
	starting   state = "starting"
	waiting    state = "waiting" // it runs, and READY has not succeeded yet
	running    state = "running"
	restarting state = "restarting"
	stopping   state = "stopping"
	broken     state = "broken"
)

// A subhost is what there is to know of one.
type subhost struct {
	name  string
	state state
	// broken says what is wrong, and what is left.
	broken []string
	// config is the path of its configuration, "" if nobody knows.
	config string
	// configured says that the configuration is one of those that start with the host.
	configured bool
	// isOriginal says that the original has booted it.
	isOriginal bool

	record           site.Record // nil without one
	parsed           *site.Config
	supervisor, init int // process numbers, 0 for none
	since            time.Time
	processes        []*proc
	memory, cpu      measure
	cables           []cable
	shares           []site.Share
	// hasLost says that it has no supervisor any more, so that nobody takes it down.
	hasLost bool
}

// A measure is a number, and what it was read from.
type measure struct {
	value  float64
	source string // "" if there is no number
}

// The sources of measures.
const (
	fromGroup     = "group"
	fromRSS       = "rss"
	fromProcesses = "processes"
)

// A cable is a cable of a subhost, or a VLAN on one.
type cable struct {
	host, inside string // the names of its ends; that inside may be unknown
	bridge       string
	vlan         string // the tag, "" for a cable
	mac          string // of the end inside
	exists, up   bool   // the end on the host
	addresses    []network.InterfaceAddress
	onHost       []network.InterfaceAddress
}

// isUp reports whether there is something of a subhost that runs.
func (h *subhost) isUp() bool { return h.state != stopped }

// global returns the addresses that count beyond the link.
func global(list []network.InterfaceAddress) (texts []string) {
	for _, a := range list {
		if !a.Local {
			texts = append(texts, a.Text)
		}
	}
	return texts
}
