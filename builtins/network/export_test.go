package network

// PrefixText parses an address and formats it again.
func PrefixText(s string) (text string, ok bool) {
	p, ok := parsePrefix(s, 0)
	return ipText(p.address), ok
}
