// Package files holds the commands about files and directories (cp, find, ls, mkdir …), each
// as a function over a native.Call. What they print is what the tools of GNU print.
package files
