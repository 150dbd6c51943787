// Package system holds the commands that tell about the host and its users, or set something
// there (date, hostname, id, sysctl, uname …), each as a function over a native.Call.
package system
