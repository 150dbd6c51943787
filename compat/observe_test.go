package compat

import (
	"testing"

	"overlayboot/compat/sandbox"
)

// TestNamespaceUser checks that a namespace is recorded by its user: two boots may have the
// same number for different ones.
func TestNamespaceUser(t *testing.T) {
	self := sandbox.Self()
	for name, want := range map[string]string{
		self.NS("net"):      "net:[host]",
		"net:[1]":           "net:[another]",
		"on / net:[2] /run": "on / net:[another] /run",
	} {
		if got := namespace.ReplaceAllStringFunc(name, namespaceUser); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
