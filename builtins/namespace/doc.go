// Package namespace holds the prefix commands that start a program in other namespaces or
// below another root: chroot, nsenter, switch_root and unshare. Each edits a proc.Spec.
package namespace
