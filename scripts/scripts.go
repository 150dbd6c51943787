// Package scripts embeds the boot scripts, so that a host with nothing but the binary can
// boot a subhost.
package scripts

import (
	"embed"
	"strings"
	"unsafe"
)

// Dir is the directory in which the embedded scripts appear. No file of it is on disk; $0
// of an embedded overlay-boot is Dir + "/overlay-boot".
const Dir = "/var/lib/overlay-boot"

// files has the scripts that are called and the ones that these read.
//
//go:embed overlay-* functions checks limits look network plan ready report restart root run several
var files embed.FS

// Names returns the names of the scripts, sorted.
func Names() []string {
	list, _ := files.ReadDir(".")
	names := make([]string, len(list))
	for i, file := range list {
		names[i] = file.Name()
	}
	return names
}

// Text returns the text of the script with a name, and whether there is one.
func Text(name string) (text string, ok bool) {
	bytes, err := files.ReadFile(name)
	// ReadFile already returns a copy; a second copy would slow down a boot.
	return unsafe.String(unsafe.SliceData(bytes), len(bytes)), err == nil
}

// Has reports whether there is a script with a name.
func Has(name string) bool {
	file, err := files.Open(name)
	if err != nil {
		return false
	}
	file.Close()
	return name != "."
}

// IsCalled reports whether a script with this text is executable, and called by its name.
// The other scripts are read by these.
func IsCalled(text string) bool { return strings.HasPrefix(text, "#!") }
