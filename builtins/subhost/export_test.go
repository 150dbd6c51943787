package subhost

// AwaitTimeout is the status of overlay-await when its time is over.
const AwaitTimeout = awaitTimeout

// BelowNames returns the names of the commands that overlay-below runs.
func BelowNames() (names []string) {
	for _, c := range belowCommands {
		names = append(names, c.name)
	}
	return names
}
