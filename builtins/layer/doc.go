// Package layer holds the commands about what a subhost has changed: overlay-diff shows it,
// overlay-reset takes it back. Walk is their common core: it compares the root that an upper
// directory and a lower one make together with the lower one alone, by the rules of the kernel
// (Documentation/filesystems/overlayfs.rst), without mounting anything.
package layer
