package native

import (
	"os"

	"overlayboot/builtins/base/mountinfo"
)

// MountTable returns the mounts that the caller sees, oldest first.
func (c *Call) MountTable() ([]mountinfo.Entry, error) {
	if c.Below != nil {
		return c.Below.mountTable()
	}
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	table := mountinfo.Parse(text)
	mountinfo.AddUserOptions(table)
	return table, nil
}
