module overlayboot

go 1.26.0

// A shell has no use for as many threads as a group of processes may use at once: what
// the runtime does to find that out takes a twentieth of its start, and two open files.
godebug (
	containermaxprocs=0
	updatemaxprocs=0
)

require (
	github.com/google/go-cmp v0.7.0
	github.com/vishvananda/netlink v1.3.1
	github.com/vishvananda/netns v0.0.5
	golang.org/x/sys v0.49.0
	mvdan.cc/sh/v3 v3.14.1
)

require golang.org/x/tools v0.52.0 // indirect
