// Package scripts holds the boot scripts inside the binary, so that a host with
// nothing but the binary can boot a subhost, and the files that go with them.
package scripts

import _ "embed" // the scripts, as strings: they cost nothing at start

// Dir is the directory that the embedded scripts appear in. Nothing of them is
// on disk there; $0 of an embedded overlay-boot is Dir + "/overlay-boot".
const Dir = "/var/lib/overlay-boot"

//go:embed functions
var functions string

//go:embed overlay-boot
var overlayBoot string

//go:embed overlay-diskfile
var overlayDiskfile string

//go:embed overlay-go
var overlayGo string

//go:embed overlay-init
var overlayInit string

//go:embed overlay-postmount
var overlayPostmount string

//go:embed overlay-premount
var overlayPremount string

//go:embed overlay-share
var overlayShare string

//go:embed overlay-stop
var overlayStop string

// Names returns the names of the scripts, sorted.
func Names() []string {
	return []string{"functions", "overlay-boot", "overlay-diskfile", "overlay-go",
		"overlay-init", "overlay-postmount", "overlay-premount", "overlay-share",
		"overlay-stop"}
}

// Text returns the text of the script with that name, and whether there is one.
func Text(name string) (text string, ok bool) {
	switch name {
	case "functions":
		return functions, true
	case "overlay-boot":
		return overlayBoot, true
	case "overlay-diskfile":
		return overlayDiskfile, true
	case "overlay-go":
		return overlayGo, true
	case "overlay-init":
		return overlayInit, true
	case "overlay-postmount":
		return overlayPostmount, true
	case "overlay-premount":
		return overlayPremount, true
	case "overlay-share":
		return overlayShare, true
	case "overlay-stop":
		return overlayStop, true
	}
	return "", false
}
