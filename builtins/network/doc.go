// Package network holds the commands about links, addresses, routes and bridges (ip, bridge,
// brctl), each as a function over a native.Call, on netlink(7). What they print is what
// iproute2 and bridge-utils print.
package network
