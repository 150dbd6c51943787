package builtins

// NetnsPath x
func NetnsPath(n string) string { return "/run/netns/" + n }
