// Package builtins holds the table of all native commands: the functions in the rooms below
// it (text, files, mount, network, process, namespace, system, subhost, admin), by their names.
package builtins
