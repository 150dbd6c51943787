// Package mount holds the commands about mounts and block devices (mount, umount, findmnt,
// losetup …), each as a function over a native.Call. What they print is what the tools of
// util-linux print.
package mount
